#!/usr/bin/env python3
"""A write, an fsync, a rename … that fails at each step of a session of work: the client hears of it
in words or gets its reply later, nothing acknowledged is lost, nothing half is seen, and the service
goes on by itself when the disk does."""

import errno
import json
import os
import random
import struct
import time
import zlib

from checks import check_sound
from harness import (GONE, SOAK, count, equal, finish, make_texts, number, ok, say, wait_until)
from shim import ALL, STORAGE, FaultyService

SEED = int(os.environ.get("SEED", "20260607"))
LINES = 12
SESSIONS = 400 if SOAK else 28

# What the disk says, by which calls, how long: once, or until it is mended.
FAULTS = [
    ("ENOSPC", errno.ENOSPC, "fail", ("write",), STORAGE),
    ("ENOSPC", errno.ENOSPC, "short", ("write",), STORAGE),
    ("EIO", errno.EIO, "fail", ("write",), STORAGE),
    ("EIO", errno.EIO, "fail", ("sync",), STORAGE),
    ("EDQUOT", errno.EDQUOT, "fail", ("write", "open", "folder"), STORAGE),
    ("EROFS", errno.EROFS, "fail", ALL, STORAGE),
    ("EIO", errno.EIO, "fail", ("rename", "open", "truncate", "unlink"), STORAGE),
    ("ENOSPC", errno.ENOSPC, "fail", ("write", "open"), ("blob", "upload", "export", "cache")),
]
CODES = {"storage.full": 507, "storage.read_only": 503, "storage.failed": 503}


def picture(n):
    """A PNG of 8 x 8, another for every n."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + bytes((n + x * y) % 256 for x in range(24)) for y in range(8))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Session:
    """Calls that are repeated until they succeed; the refusals on the way are looked at."""

    def __init__(self, service, lead, person, database_fails):
        self.service, self.lead, self.person = service, lead, person
        self.database_fails = database_fails  # each commit, that is
        self.wrong, self.refusals, self.outages = [], 0, 0

    def refused(self, what, status, reply):
        self.refusals += 1
        good = isinstance(reply, dict) and CODES.get(reply.get("code")) == status and \
            reply.get("id") and reply.get("message", "").endswith(".")
        if not good:
            self.wrong.append(f"{what}: {status} {reply}")
        if self.service.disk.get("times") == 0:
            self.outage(what)

    def outage(self, what):
        """It lasts: is that told, do reads go on, does mending the disk mend everything?"""
        self.outages += 1
        if self.lead.call("GET", "/me")[0] != 200 or self.service.probe("/healthz")[0] != 200:
            self.wrong.append(f"{what}: reading does not go on")
        status, reply = self.service.probe("/readyz")
        if self.database_fails and (CODES.get(reply.get("code")) != status or
                                    "Since" not in reply["message"]):
            self.wrong.append(f"{what}: /readyz says {status} {reply}")
        self.service.disk.mend()
        if not wait_until(lambda: self.service.probe("/readyz")[0] == 200, 5):
            self.wrong.append(f"{what}: not ready after the disk is mended")

    def call(self, client, method, path, body=None, headers=None, want=(200, 201, 202, 204)):
        """A keyed or harmless call. A conflict behind a refusal means that the first one stood."""
        end = time.monotonic() + 15
        tries = 0
        while time.monotonic() < end:
            try:
                status, reply = client.call(method, path, body, headers)
            except GONE as gone:
                self.wrong.append(f"{method} {path}: {gone!r}")
                return None
            tries += 1
            if status in want:
                return reply
            if status not in (503, 507):
                self.wrong.append(f"{method} {path}: {status} {reply}")
                return None
            self.refused(f"{method} {path}", status, reply)
            time.sleep(0.01)
        self.wrong.append(f"{method} {path}: no success in time, {tries} tries")
        return None

    def until(self, what, ready):
        if wait_until(ready, 1.5, 0.02):
            return
        if self.service.disk.get("mode") and self.service.disk.get("times") == 0:
            self.outage(what)  # only work behind the scenes meets it
        if not wait_until(ready, 15, 0.02):
            self.wrong.append(f"{what}: does not come to pass")

    # ---- the work ----

    def texts(self, name, lines):
        lead, person = self.lead, self.person
        job = self.call(lead, "POST", "/jobs",
                        {"name": name, "type": "text-classification",
                         "labels": [{"name": "sports"}, {"name": "science"}]})["id"]
        self.call(lead, "POST", f"/jobs/{job}/items", ("\n".join(lines) + "\n").encode(),
                  {"Content-Type": "application/x-ndjson"})
        self.until("import", lambda: not lead.importing(job))
        self.call(lead, "PATCH", f"/jobs/{job}", {"instructions": "Choose."})
        self.call(lead, "POST", f"/jobs/{job}/start")
        self.until("opening", lambda: lead.get(f"/jobs/{job}")["counts"]["open"] == LINES)
        acknowledged = {}
        for n in range(LINES):
            task = None
            while task is None:
                held = person.get(f"/jobs/{job}/next")["tasks"]
                task = (held or self.call(person, "POST", f"/jobs/{job}/leases", {})["tasks"]
                        or [None])[0]
            if n == 0:
                self.call(person, "POST", f"/jobs/{job}/skips",
                          {"lease": task["lease"], "reason": "unclear"}, want=(201, 409))
                continue
            answer = self.answer(job, task, f"{name}-{n}")
            if n == 1:
                undone = self.call(person, "DELETE", f"/answers/{answer['id']}", want=(200, 409))
                if "task" in undone:  # else it was merged already
                    answer = self.answer(job, task, f"{name}-{n}-again")
            if not answer:
                raise RuntimeError(self.wrong)
            acknowledged[answer["item"]] = answer["id"]
        self.until("the end", lambda: lead.get(f"/jobs/{job}")["state"] == "completed")
        return job, acknowledged

    def answer(self, job, task, key):
        return self.call(self.person, "POST", f"/jobs/{job}/answers",
                         {"lease": task["lease"], "answer": {"label": "sports"},
                          "elapsed_ms": 10}, {"Idempotency-Key": key})

    def pictures(self, name, seed):
        job = self.call(self.lead, "POST", "/jobs",
                        {"name": name, "type": "image-classification",
                         "labels": [{"name": "sports"}, {"name": "science"}]})["id"]
        for n in range(2):
            self.call(self.lead, "POST", f"/jobs/{job}/files?name={n}.png", picture(seed + n),
                      {"Content-Type": "image/png"})
        items = self.lead.get(f"/jobs/{job}/items")["items"]
        for item in items:
            status, body = self.lead.call("GET", f"/items/{item['id']}/media")
            if status != 200 or not body.startswith(b"\x89PNG") or not body.endswith(b"\xaeB`\x82"):
                self.wrong.append(f"{item['id']}: not the picture: {status} {len(body)}")
        if len(items) != 2:
            self.wrong.append(f"{len(items)} pictures instead of 2")
        return job

    def export(self, job):
        """One that fails says so, and can be made again."""
        for _ in range(5):
            made = self.call(self.lead, "POST", f"/jobs/{job}/exports", {"format": "manifest"})
            path = f"/exports/{made['id']}"
            self.until("export", lambda: self.lead.get(path)["state"] != "running")
            view = self.lead.get(path)
            if view["state"] == "done":
                body = self.call(self.lead, "GET", path + "/download")
                if body.count(b"\n") != LINES:
                    self.wrong.append(f"the export has {body.count(10)} lines")
                return
            self.refusals += 1
            if not view.get("message", "").endswith("."):
                self.wrong.append(f"a failed export does not say why: {view}")
            if self.service.disk.get("mode") and self.service.disk.get("times") == 0:
                self.outage("export")
        self.wrong.append("no export succeeds")


def play(service, lead, person, n, fault, first, times):
    name, error, mode, calls, kinds = fault
    session = Session(service, lead, person,
                      "log" in kinds and ("write" in calls or "sync" in calls))
    lines, _ = make_texts(LINES, n)
    before = service.disk.total
    service.disk.fail(error, mode, kinds, calls, first, times)
    job, acknowledged = session.texts(f"texts-{n}", lines)
    pictures = session.pictures(f"pictures-{n}", 7 * n)
    session.export(job)
    service.disk.mend()
    injected = service.disk.total - before
    db = service.database()
    stored = {f"item_{r['item']}": f"ans_{r['id']}" for r in db.execute(
        "SELECT item, id FROM answer WHERE job = ? AND status = 0", (number(job),))}
    lines_there = db.execute("SELECT count(*), max(id & 0xffffffff) + 1 FROM item WHERE id >> 32 = ?",
                             (number(job),)).fetchone()
    db.close()
    if stored != acknowledged:
        session.wrong.append(f"answers: acknowledged {acknowledged}, stored {stored}")
    if tuple(lines_there) != (LINES, LINES):
        session.wrong.append(f"items: {tuple(lines_there)}")
    what = f"{name} by {mode} of {'/'.join(calls)}, number {first}" + \
        (f", {times} times" if times else " and after")
    equal(session.wrong, [], what)
    return job, pictures, injected, session


def main():
    say(f"seed {SEED}")
    rng = random.Random(SEED)
    with FaultyService("--undo-seconds", "0") as service:
        lead = service.client(service.token("lead", "lead"))
        person = service.client(service.token("person", "annotator"))
        jobs, injected, refusals, outages, answers = [], 0, 0, 0, 0
        steps = []
        for n, fault in enumerate(FAULTS):  # how many such calls does a session have?
            play(service, lead, person, n - 100, fault, 2 ** 60, 1)
            steps.append(max(1, service.disk.get("seen")))
        say(f"matching calls in a session: {steps}")
        for n in range(SESSIONS):
            fault = FAULTS[n % len(FAULTS)]
            first = rng.randint(1, steps[n % len(FAULTS)])
            job, pictures, hit, session = play(service, lead, person, n, fault, first,
                                               rng.choice((0, 1, 3)))
            jobs += [job]
            injected, refusals = injected + hit, refusals + session.refusals
            outages += session.outages
            answers += LINES - 1
        ok(injected > SESSIONS / 2, "the disk refused what it was told to", f"{injected} calls")
        ok(refusals > SESSIONS / 4, "and clients heard of it", f"{refusals} refusals")
        check_sound(service, jobs)
        said = [second for second, text in service.complaints() if "commit failed" in text]
        equal(sorted(set(said)), sorted(said), "a failing commit is logged once a second")
        took, status = service.stop()
        equal(status, 0, "it ends in good order")
        service.start()
        left = [f for room in ("blobs/new", "uploads", "exports")
                for f in os.listdir(os.path.join(service.data, room)) if "exp_" not in f]
        equal(left, [], "nothing half-written is left in the data folder")
        count("faults injected", injected)
        count("refusals that said why", refusals)
        count("answers checked after storage faults", answers)
    finish()


if __name__ == "__main__":
    main()
