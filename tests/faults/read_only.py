#!/usr/bin/env python3
"""A data folder that cannot be written to: `serve` says so and does not start; one that becomes so
while it runs refuses writes in words, goes on reading, and recovers."""

import errno
import os
import shutil
import subprocess
import tempfile

from checks import check_sound
from harness import PROGRAM, equal, finish, make_texts, ok, skip, wait_until
from shim import ALL, FaultyService


def serve_fails(data, name, environment=None, want="cannot"):
    p = subprocess.run([PROGRAM, "serve", "--data", data, "--listen", "127.0.0.1:0"],
                       capture_output=True, text=True, timeout=30, env=environment)
    said = [line for line in p.stderr.splitlines() if line]
    ok(p.returncode == 1 and said and want in said[-1] and said[-1].rstrip().endswith("."), name,
       f"{p.returncode}: {said[-1:]}")


def at_the_start(service):
    """By a mount (root), by its mode (not root), and by the shim."""
    service.stop()
    if os.geteuid() == 0:
        place = tempfile.mkdtemp(prefix="plumbline-ro-")
        mounted = subprocess.run(["mount", "--bind", service.data, place],
                                 stderr=subprocess.DEVNULL).returncode == 0
        if mounted:
            subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)
            serve_fails(place, "serve refuses a folder on a read-only file system in a sentence")
            serve_fails(os.path.join(place, "new"), "and a new folder in one")
            subprocess.run(["umount", place], check=True)
        else:
            skip("serve refuses a read-only file system", "mounting is not allowed here")
        os.rmdir(place)
    else:
        os.chmod(service.data, 0o500)
        serve_fails(service.data, "serve refuses a folder it may not write in a sentence")
        os.chmod(service.data, 0o700)
        skip("serve refuses a read-only file system", "mounting one needs root")
    for first in (1, 2, 4, 8):
        service.disk.fail(errno.EROFS, calls=ALL, first=first)
        serve_fails(service.data, f"serve refuses when call {first} of its start says read-only",
                    service.environment, want="")
    service.disk.mend()
    empty = tempfile.mkdtemp(prefix="plumbline-not-")
    with open(os.path.join(empty, "file"), "w") as file:
        file.write("x")
    serve_fails(os.path.join(empty, "file"), "serve refuses a data folder that is a file")
    shutil.rmtree(empty)
    service.start()


def while_it_runs(service, lead, job):
    service.disk.fail(errno.EROFS, calls=ALL)
    calls = {"settings": ("PATCH", f"/jobs/{job}", {"instructions": "x"}, {}),
             "an upload": ("POST", f"/jobs/{job}/items", b'{"source":"x"}\n',
                           {"Content-Type": "application/x-ndjson"}),
             "an export": ("POST", f"/jobs/{job}/exports", {"format": "manifest"}, {})}
    for what, (method, path, body, headers) in calls.items():
        status, reply = lead.call(method, path, body, headers)
        ok(status == 503 and reply["code"] == "storage.read_only" and reply["id"],
           f"{what}: 503 storage.read_only", f"{status} {reply}")
    status, reply = service.probe("/readyz")
    ok(status == 503 and "Since" in reply["message"], "/readyz says so", f"{status} {reply}")
    equal([lead.call("GET", p)[0] for p in ("/jobs", f"/jobs/{job}/items", "/me")], [200] * 3,
          "reading goes on")
    service.disk.mend()
    ok(wait_until(lambda: service.probe("/readyz")[0] == 200, 5), "it recovers by itself")
    equal(lead.call("PATCH", f"/jobs/{job}", {"instructions": "y"})[0], 200, "and writes again")


def main():
    with FaultyService("--undo-seconds", "0") as service:
        lead = service.client(service.token("lead", "lead"))
        job = lead.new_job("read", make_texts(20, 1)[0])
        at_the_start(service)
        while_it_runs(service, lead, job)
        check_sound(service, [job], finished=False)
    finish()


if __name__ == "__main__":
    main()
