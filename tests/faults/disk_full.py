#!/usr/bin/env python3
"""A disk that is really full, under load: writes are refused in words, reading goes on, the service
says that it is not ready and why, and goes on by itself when there is space again."""

import os
import re
import resource
import subprocess
import time

from checks import check_answers, check_sound
from harness import (Annotator, Service, count, equal, finish, make_texts, number, ok,
                     skip, wait_until)

LINES = 4000
PEOPLE = 4
SMALL, LARGE = "60m", "200m"
FULL_S = 2


class Tmpfs(Service):
    """A service whose data folder is a small file system of its own."""

    def __enter__(self):
        os.makedirs(self.data, mode=0o700)
        self.mounted = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SMALL},mode=0700", "none", self.data],
            stderr=subprocess.DEVNULL).returncode == 0
        return super().__enter__() if self.mounted else self

    def resize(self, size):
        subprocess.run(["mount", "-o", f"remount,size={size}", self.data], check=True)

    def __exit__(self, *why):
        self.kill()
        subprocess.run(["umount", "-l", self.data], stderr=subprocess.DEVNULL)
        super().__exit__(*why)


def fill(path):
    """Takes all the space there is, and what is freed meanwhile."""
    with open(path, "ab", buffering=0) as ballast:
        for size in (1 << 20, 1 << 16, 4096):
            while True:
                try:
                    ballast.write(bytes(size))
                except OSError:
                    break


def refused(service, lead, job):
    """Every kind of write is refused alike; what only reads goes on."""
    calls = {"an answer's kind of write": ("PATCH", f"/jobs/{job}", {"instructions": "x"}, {}),
             "an upload": ("POST", f"/jobs/{job}/items", b'{"source":"' + b"x" * 200000 + b'"}\n',
                           {"Content-Type": "application/x-ndjson"}),
             "an export": ("POST", f"/jobs/{job}/exports", {"format": "manifest"}, {}),
             "a job": ("POST", "/jobs", {"name": "more", "type": "text-classification",
                                         "labels": [{"name": "a"}, {"name": "b"}]}, {})}
    for what, (method, path, body, headers) in calls.items():
        status, reply = lead.call(method, path, body, headers)
        ok(status == 507 and reply["code"] == "storage.full" and reply["id"] and
           "disk is full" in reply["message"], f"{what} gets 507 in words", f"{status} {reply}")
    status, reply = service.probe("/readyz")
    ok(status == 507 and "Since" in reply["message"] and "full" in reply["message"],
       "/readyz says so", f"{status} {reply}")
    equal(service.probe("/healthz")[0], 200, "/healthz is as ever")
    reads = ("/jobs", f"/jobs/{job}", f"/jobs/{job}/items", f"/jobs/{job}/dashboard", "/me")
    equal([lead.call("GET", path)[0] for path in reads], [200] * len(reads), "reading goes on")


def under_load(service, fill_it, free_it):
    """The disk fills while people work, stays full, and is freed."""
    lead = service.client(service.token("lead", "lead"))
    lines, labels = make_texts(LINES, 4)
    job = lead.new_job("full", lines)
    people = [Annotator(service, service.token(f"p{n}", "annotator"), f"p{n}", job, labels)
              for n in range(PEOPLE)]
    for p in people:
        p.start()
    time.sleep(0.5)
    begun = time.monotonic()
    end = begun + FULL_S
    while time.monotonic() < end:
        fill_it()
        time.sleep(0.05)
    before = sum(len(p.acknowledged) for p in people)
    refused(service, lead, job)
    retried = sum(p.retried for p in people)
    free_it()
    freed = time.monotonic()
    ok(wait_until(lambda: service.probe("/readyz")[0] == 200, 10, 0.02), "ready again by itself",
       f"{time.monotonic() - freed:.2f} s after there was space")
    kinds = {}
    for second, text in service.complaints():
        kind = (second, re.sub(r"\d+", "#", text))
        kinds[kind] = kinds.get(kind, 0) + 1
    often = {k: n for k, n in kinds.items() if n > 1}
    equal(often, {}, f"no failure is logged twice a second, while {retried} calls were repeated")
    ok(wait_until(lambda: lead.get(f"/jobs/{job}")["state"] == "completed", 60, 0.1),
       "and the job is finished", f"{before} answers before, {LINES} in all")
    time.sleep(0.2)
    for p in people:
        p.over.set()
    for p in people:
        p.join(15)
    count("answers checked after storage faults", check_answers(service, number(job), people))
    check_sound(service, [job])
    return lead


def import_waits(service, lead):
    """An import goes on where it was when there is space again."""
    lines, _ = make_texts(120000, 5)
    service.resize(LARGE)
    job = lead.new_job("large", lines, wait=False, start=False)
    wait_until(lambda: lead.get(f"/jobs/{job}/imports")["imports"][0]["lines"] > 0, 10, 0.005)
    ballast = os.path.join(service.data, "ballast")
    full = wait_until(lambda: fill(ballast) or service.probe("/readyz")[0] == 507, 10)
    ok(full, "the disk fills while an import runs")
    time.sleep(1.5)
    view = lead.get(f"/jobs/{job}/imports")["imports"][0]
    ok(view["state"] == "running" and 0 < view["lines"] < 120000, "it waits", str(view))
    os.unlink(ballast)
    ok(wait_until(lambda: not lead.importing(job), 60), "there is more space: it goes on")
    view = lead.get(f"/jobs/{job}/imports")["imports"][0]
    equal([view[k] for k in ("state", "lines", "added", "duplicates", "failed")],
          ["done", 120000, 120000, 0, 0], "and has every line, once")
    check_sound(service, [job], finished=False)


def on_a_tmpfs():
    with Tmpfs("--undo-seconds", "1") as service:
        if not service.mounted:
            skip("a small file system is filled", "mounting one needs root")
            return
        ballast = os.path.join(service.data, "ballast")
        lead = under_load(service, lambda: fill(ballast), lambda: os.unlink(ballast))
        import_waits(service, lead)
        took, status = service.stop()
        equal(status, 0, "it ends in good order")
        equal(os.path.exists(os.path.join(service.data, "plumbline.db-wal")), False,
              "with all of its log copied back")


def under_a_limit():
    """The same without being root: no file may grow beyond what the database has now."""
    with Service("--undo-seconds", "1") as service:
        def limit():
            size = os.path.getsize(os.path.join(service.data, "plumbline.db-wal"))
            resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE,
                             (min(size, 1 << 16), resource.RLIM_INFINITY))

        def lift():
            resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE,
                             (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

        under_load(service, limit, lift)


def main():
    on_a_tmpfs()
    under_a_limit()
    finish()


if __name__ == "__main__":
    main()
