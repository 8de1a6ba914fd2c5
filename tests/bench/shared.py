"""shared.py - our floor against the shared one, where that is at hand: a yardstick of our own must not
be a shorter one. Same load generator, a million items each (the shared one has no other number), the
same kind of requests; theirs answers 40 bytes less, ours has no priorities."""

import os
import shutil
import socket
import subprocess

import tools


class Shared(tools.Floor):
    kind = "shared"

    def __init__(self, built, folder):
        source = os.path.join(tools.SHARED, "bench", "floor")
        self.built, self.folder = built, os.path.join(folder, "shared")
        shutil.copytree(source, self.folder)
        tools.program("make", "-s", "-C", self.folder, "e2e")
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]

    def __enter__(self):
        db = os.path.join(self.folder, "e2e.db")
        self.process = subprocess.Popen([os.path.join(self.folder, "e2e"), str(self.port), "poll4",
                                         "FULL", db], env={**os.environ, "BGCK": "1"},
                                        stderr=subprocess.DEVNULL)

        def there():
            with socket.socket() as s:
                return s.connect_ex(("127.0.0.1", self.port)) == 0

        if not tools.harness.wait_until(there, 60):
            raise RuntimeError("the shared floor did not start")
        return self


def there():
    return os.path.exists(os.path.join(tools.SHARED, "bench", "floor", "e2e.c"))


def compare(results, built, folder, people, floor):
    with Shared(built, folder) as shared:
        rounds = [(floor.load(people), shared.load(people)) for _ in range(max(3, tools.ROUNDS))]
    for phase in ("next", "lease", "submit"):
        ours, theirs = ([r[i][phase]["per_second"] for r in rounds] for i in (0, 1))
        results.rounds(f"floor.{phase}", "requests/s of our floor; yardstick: the shared one", ours,
                       theirs)
