#!/usr/bin/env python3
"""kill -9 of the service and of its children while people work: nothing acknowledged is lost,
nothing is there twice, nothing is stuck, and every total agrees with a full count."""

import os
import random
import signal
import threading
import time

from harness import (Annotator, Service, brute_force, equal, finish, make_texts, number, ok,
                     say, wait_until)

SEED = int(os.environ.get("SEED", "20260607"))
KILLS = 12
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
                    try:
                        os.kill(pid, signal.SIGKILL)
                        self.killed += 1
                    except ProcessLookupError:
                        pass
            time.sleep(0.002)


def check_answers(service, job, annotators):
    db = service.database()
    stored = {}
    for row in db.execute("SELECT id, item, person, status FROM answer WHERE job = ?", (job,)):
        stored.setdefault(row["item"], []).append(row)
    acknowledged = {}
    for a in annotators:
        for item, ids in a.acknowledged.items():
            acknowledged.setdefault(number(item), []).extend(number(i) for i in ids)
    lost = [i for item, ids in acknowledged.items() for i in ids
            if i not in {r["id"] for r in stored.get(item, [])}]
    equal(lost, [], f"job {job}: every acknowledged answer is there")
    extra = [r["id"] for item, rows in stored.items() for r in rows
             if r["id"] not in acknowledged.get(item, [])]
    equal(extra, [], f"job {job}: no answer is there that its sender does not know of")
    twice = db.execute("SELECT item, person, count(*) FROM answer WHERE job = ?"
                       " GROUP BY item, person HAVING count(*) > 1", (job,)).fetchall()
    equal([tuple(r) for r in twice], [], f"job {job}: nobody's answer is there twice")
    db.close()
    return sum(len(ids) for ids in acknowledged.values())


def states(client, jobs):
    return [client.get(f"/jobs/{job}")["state"] for job in jobs]


def main():
    say(f"seed {SEED}")
    rng = random.Random(SEED)
    lines, labels = make_texts(LINES, SEED)
    with Service("--undo-seconds", "1") as service:
        lead = service.client(service.token("lead", "lead"))
        tokens = [service.token(f"person-{n}", "annotator") for n in range(PEOPLE)]
        plain = lead.new_job("plain", lines, annotators_per_item=VOTES, open_items=300)
        steered = lead.new_job("steered", lines, auto_label={"enabled": True, "target": 0.9})
        people = [Annotator(service, token, f"{job}-{n}", job, labels)
                  for job, half in ((plain, tokens[:3]), (steered, tokens[3:]))
                  for n, token in enumerate(half)]
        children = ChildKiller(service, SEED)
        for thread in [children, *people]:
            thread.start()
        for _ in range(KILLS):
            time.sleep(rng.uniform(0.15, 0.9))
            service.kill()
            service.start()
        wait_until(lambda: states(lead, (plain, steered)) == ["completed"] * 2, 45, 0.2)
        equal(states(lead, (plain, steered)), ["completed"] * 2, "both jobs finish")
        for thread in [children, *people]:
            thread.over.set()
        for person in people:
            person.join(15)
        ok(children.killed > 0, "at least one child was killed", f"{children.killed} killed")
        equal([a.refused for a in people if a.refused], [], "no answer was refused")
        for job in (plain, steered):
            mine = [a for a in people if a.job == job]
            total = check_answers(service, number(job), mine)
            say(f"{job}: {total} answers, {sum(a.retried for a in mine)} repeated calls")
            db = service.database()
            equal(brute_force(db, number(job)), [], f"{job}: totals agree with a full count")
            stuck = db.execute("SELECT state, count(*) FROM item WHERE id >> 32 = ? AND state < 3"
                               " GROUP BY state", (number(job),)).fetchall()
            equal([tuple(r) for r in stuck], [], f"{job}: no item is stuck")
            equal(db.execute("PRAGMA integrity_check").fetchone()[0], "ok", f"{job}: database sound")
            db.close()
        counts = lead.get(f"/jobs/{steered}")["counts"]
        ok(counts["machine"] > 0, "the machine labelled its part", f"{counts}")
    finish()


if __name__ == "__main__":
    main()
