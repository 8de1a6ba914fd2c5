#!/usr/bin/env python3
"""kill -9 of the service, of its children, and of both at once while people work: nothing
acknowledged is lost, nothing is there twice, nothing is stuck, and every total agrees with a full
count. Rounds of twelve kills, each with two new jobs in the same data folder, until there were KILLS
of them."""

import os
import random
import signal
import threading
import time

from checks import check_answers, check_sound
from harness import (KILLS, SANITIZED, SOAK_MINUTES, Annotator, Service, count, equal, finish,
                     make_texts, number, ok, say, wait_until)

SEED = int(os.environ.get("SEED", "20260607"))
ROUND = 12    # kills
PEOPLE = 6
LINES = 2400  # of each job
VOTES = 2     # answers an item of the plain job


class ChildKiller(threading.Thread):
    """Kills every second child, so that a round that is tried again can succeed."""

    def __init__(self, service, seed):
        super().__init__(daemon=True)
        self.service, self.rng = service, random.Random(seed)
        self.over = threading.Event()
        self.killed, self.seen = 0, set()

    def run(self):
        while not self.over.is_set():
            for pid in self.service.children():
                if pid in self.seen:
                    continue
                self.seen.add(pid)
                if len(self.seen) % 2:
                    time.sleep(self.rng.uniform(0, 0.03))
                    self.killed += kill(pid)
            time.sleep(0.002)


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
        return True
    except ProcessLookupError:
        return False


def states(client, jobs):
    return [client.get(f"/jobs/{job}")["state"] for job in jobs]


class Tally:
    serve = both = children = answers = repeated = machine = 0


def kill_service(service, rng):
    """Alone, or with its children at the same moment."""
    children = wait_until(service.children, 1.5, 0.001) if rng.random() < 0.4 else []
    for pid in children:
        kill(pid)
    service.kill()
    service.start()
    Tally.both += bool(children)
    Tally.serve += not children


def play(service, lead, tokens, rng, kills):
    lines, labels = make_texts(LINES, rng.random())
    name = f"{Tally.serve + Tally.both}"
    plain = lead.new_job(f"plain-{name}", lines, annotators_per_item=VOTES, open_items=300)
    steered = lead.new_job(f"steered-{name}", lines, auto_label={"enabled": True, "target": 0.9})
    people = [Annotator(service, token, f"{job}-{n}", job, labels)
              for job, half in ((plain, tokens[:3]), (steered, tokens[3:]))
              for n, token in enumerate(half)]
    for person in people:
        # So that rounds, which are killed and run again, are not outrun by people.
        person.pause = (0.04 if SANITIZED else 0.018) if person.job == steered else 0
    children = ChildKiller(service, rng.random())
    for thread in [children, *people]:
        thread.start()
    for _ in range(kills):
        time.sleep(rng.uniform(0.05, 0.9))
        kill_service(service, rng)
    wait_until(lambda: states(lead, (plain, steered)) == ["completed"] * 2, 60, 0.2)
    equal(states(lead, (plain, steered)), ["completed"] * 2, "both jobs finish")
    for thread in [children, *people]:
        thread.over.set()
    for person in people:
        person.join(15)
    Tally.children += children.killed
    equal([a.refused for a in people if a.refused], [], "no answer was refused")
    for job in (plain, steered):
        mine = [a for a in people if a.job == job]
        Tally.answers += check_answers(service, number(job), mine)
        Tally.repeated += sum(a.retried for a in mine)
    check_sound(service, (plain, steered))
    Tally.machine += lead.get(f"/jobs/{steered}")["counts"]["machine"]


def main():
    say(f"seed {SEED}")
    rng = random.Random(SEED)
    end = time.monotonic() + 60 * SOAK_MINUTES
    with Service("--undo-seconds", "1") as service:
        lead = service.client(service.token("lead", "lead"))
        tokens = [service.token(f"person-{n}", "annotator") for n in range(PEOPLE)]
        while Tally.serve + Tally.both < KILLS and time.monotonic() < end:
            play(service, lead, tokens, rng, min(ROUND, KILLS - Tally.serve - Tally.both))
    ok(Tally.children > 0, "at least one child was killed alone")
    ok(Tally.machine > 0, "the machine labelled its part", f"{Tally.machine} items")
    count("kills of the service alone survived", Tally.serve)
    count("kills of the service and its children survived", Tally.both)
    count("kills of children alone survived", Tally.children)
    count("answers checked after kills", Tally.answers)
    count("calls repeated after kills", Tally.repeated)
    finish()


if __name__ == "__main__":
    main()
