#!/usr/bin/env python3
"""An fsync that fails, and takes what was written with it, as a dying disk's does: nothing is
acknowledged on the strength of it, not even by a later fsync that succeeds."""

import errno
import os
import random
import threading
import time

from checks import check_answers, check_sound
from harness import (SOAK, Annotator, count, equal, finish, make_texts, number, ok, say, wait_until)
from shim import FaultyService

SEED = int(os.environ.get("SEED", "20260607"))
ROUNDS = 60 if SOAK else 6
PEOPLE = 4
LINES = 20000


class Readers(threading.Thread):
    """Whoever reads must never see what was not committed: an answer that is seen stays."""

    def __init__(self, service, job, wrong):
        super().__init__(daemon=True)
        self.service, self.job = service, job
        self.over, self.highest, self.wrong = threading.Event(), 0, wrong

    def run(self):
        db = self.service.database()
        while not self.over.is_set():
            seen = db.execute("SELECT count(*) FROM answer WHERE job = ?", (self.job,)).fetchone()[0]
            if seen < self.highest:
                self.wrong.append((self.highest, seen))
            self.highest = max(seen, self.highest)
            time.sleep(0.002)
        db.close()


def main():
    say(f"seed {SEED}")
    rng = random.Random(SEED)
    with FaultyService("--undo-seconds", "1") as service:
        lead = service.client(service.token("lead", "lead"))
        tokens = [service.token(f"person-{n}", "annotator") for n in range(PEOPLE)]
        lines, labels = make_texts(LINES, SEED)
        job = lead.new_job("syncs", lines, open_items=1000)
        people = [Annotator(service, t, f"p{n}", job, labels) for n, t in enumerate(tokens)]
        wrong = []
        readers = Readers(service, number(job), wrong)
        for thread in [readers, *people]:
            thread.start()
        failed = 0
        for n in range(ROUNDS):
            kinds = (("log",), ("log", "database"), ("database",))[n % 3]
            service.disk.fail(errno.EIO, "lose" if kinds == ("log",) else "fail", kinds, ("sync",),
                              rng.randint(1, 2 if n % 3 == 2 else 20), rng.choice((1, 5, 25)))
            time.sleep(rng.uniform(0.2, 0.6))
            if n % 3 == 2:  # the log itself is well: commits go on while checkpoints fail
                equal(service.probe("/readyz")[0], 200, "a failed checkpoint stops no commit")
            failed += service.disk.mend()
            if n % 2:
                readers.over.set()
                readers.join()
                service.kill()
                service.start()
                readers = Readers(service, number(job), wrong)
                readers.highest = sum(len(ids) for p in people for ids in p.acknowledged.values())
                readers.start()
            ok(wait_until(lambda: service.probe("/readyz")[0] == 200, 5), "it is ready again")
        time.sleep(0.5)  # what was in doubt is sent again
        for thread in [readers, *people]:
            thread.over.set()
        for thread in [readers, *people]:
            thread.join(15)
        ok(failed >= ROUNDS / 2, "fsyncs failed", f"{failed} of them")
        equal(wrong, [], "nothing that was seen once is gone")
        equal([p.refused for p in people if p.refused], [], "no answer was refused for good")
        answers = check_answers(service, number(job), people)
        check_sound(service, [job], finished=False)
        count("faults injected", failed)
        count("answers checked after storage faults", answers)
    finish()


if __name__ == "__main__":
    main()
