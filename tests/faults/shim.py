"""The service on a disk that fails when told to: see shim.c, which make builds."""

import errno
import mmap
import os
import struct
import subprocess
import tempfile

import harness

KINDS = {"database": 1, "log": 2, "index": 4, "blob": 8, "upload": 16, "export": 32, "cache": 64,
         "spool": 128, "other": 256, "child": 512}
CALLS = {"write": 1, "sync": 2, "truncate": 4, "open": 8, "rename": 16, "unlink": 32, "folder": 64}
MODES = {"off": 0, "fail": 1, "short": 2, "kill before": 3, "kill after": 4, "kill torn": 5,
         "lose": 6, "slow": 7}
FIELDS = ("mode", "error", "kinds", "calls", "first", "times", "seen", "injected")

# All that a full or a dying disk can refuse.
STORAGE = tuple(k for k in KINDS if k != "child")
ALL = tuple(CALLS)


def library():
    """The preloaded library beside the program, or of the checkout; None when it is not built."""
    for build in (os.path.dirname(os.path.abspath(harness.PROGRAM)),
                  os.path.join(harness.ROOT, "build")):
        path = os.path.join(build, "tests", "faults", "shim.so")
        if os.path.exists(path):
            return path
    return None


class Disk:
    """The control that the service maps. One for the life of a Service, over its restarts."""

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(prefix="plumbline-shim-")
        self.file.write(bytes(8 * len(FIELDS)))
        self.file.flush()
        self.map = mmap.mmap(self.file.fileno(), 0)
        self.total = 0

    def put(self, **values):
        for name, value in values.items():
            struct.pack_into("q", self.map, 8 * FIELDS.index(name), value)

    def get(self, name):
        return struct.unpack_from("q", self.map, 8 * FIELDS.index(name))[0]

    def fail(self, error=errno.ENOSPC, mode="fail", kinds=STORAGE, calls=("write",), first=1,
             times=0):
        """From now on: the calls that match, from the first-th on, `times` of them (0: all)."""
        self.mend()
        self.put(error=error, kinds=sum(KINDS[k] for k in kinds),
                 calls=sum(CALLS[c] for c in calls), first=first, times=times, seen=0, injected=0)
        self.put(mode=MODES[mode])

    def watch(self, kinds=STORAGE, calls=("write",)):
        """Counts calls that match, lets them pass."""
        self.fail(kinds=kinds, calls=calls, first=2 ** 60)

    def mend(self):
        """All is well again; how many calls suffered since fail()."""
        self.put(mode=0)
        injected = self.get("injected")
        self.total += injected
        self.put(injected=0)
        return injected


class FaultyService(harness.Service):
    """A service whose disk is self.disk."""

    def __init__(self, *flags):
        super().__init__(*flags)
        self.disk = Disk()
        os.makedirs(self.data, mode=0o700)
        self.environment = {**os.environ, "LD_PRELOAD": library(),
                            "FAULT_CONTROL": self.disk.file.name,
                            "FAULT_ROOT": os.path.realpath(self.data),
                            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") +
                            ":verify_asan_link_order=0"}

    def start(self):
        self.spawn(self.environment)

    def wait_death(self, seconds=30):
        """Until it has killed itself; whether it did."""
        try:
            self.process.wait(seconds)
            died = True
        except subprocess.TimeoutExpired:
            died = False
        self.kill()
        return died
