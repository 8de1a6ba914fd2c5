#!/usr/bin/env python3
"""The unit's command under a service manager that the test plays: READY, STATUS, WATCHDOG, STOPPING."""
import os
import re
import resource
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import harness
from harness import Skip, wait

DEPLOY = os.path.join(harness.ROOT, "samples", "deploy")


def unit():
    """The unit's lines by key, in order."""
    out = {}
    with open(os.path.join(DEPLOY, "plumbline.service")) as f:
        for line in f:
            m = re.match(r"(\w+)=(.*)$", line)
            if m:
                out.setdefault(m[1], []).append(m[2].strip())
    return out


class Managed:
    """ExecStart with the unit's environment, on a free port and a folder of its own."""

    def __init__(self, watchdog_us=0, data=None, **more):
        self.folder = tempfile.mkdtemp(prefix="plumbline-manager-")
        self.data = data or os.path.join(self.folder, "state", "plumbline")
        os.makedirs(os.path.dirname(self.data), exist_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = os.path.join(self.folder, "notify")
        self.socket.bind(path)
        self.heard, self.started = [], time.monotonic()
        env = {**os.environ, "NOTIFY_SOCKET": path}
        for line in unit()["Environment"]:
            name, _, value = line.partition("=")
            env[name] = value.replace("%S", os.path.dirname(self.data)) \
                .replace(":8080", ":0")
        env["PLUMBLINE_DATA"] = self.data
        if watchdog_us:
            env["WATCHDOG_USEC"] = str(watchdog_us)
        command = shlex.split(unit()["ExecStart"][0])
        assert command[0] == "/usr/local/bin/plumbline", command
        self.log = open(os.path.join(self.folder, "log"), "w+")
        self.p = subprocess.Popen([harness.PLUMBLINE, *command[1:]], env=env, text=True,
                                  stdout=subprocess.PIPE, stderr=self.log, **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.p.kill()
        self.p.wait()
        self.p.stdout.close()
        self.socket.close()
        self.log.close()
        shutil.rmtree(self.folder)

    def hear(self, seconds):
        """What comes in that time, as (when, line)."""
        end, got = time.monotonic() + seconds, []
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                text = self.socket.recv(4096).decode()
            except TimeoutError:
                break
            got += [(time.monotonic() - self.started, l) for l in text.split("\n")]
        self.heard += got
        return got

    def hear_until(self, line, seconds=20):
        end = time.monotonic() + seconds
        while not any(l == line for _, l in self.heard):
            assert time.monotonic() < end, f"no {line} in {self.heard}"
            self.hear(0.05)

    def count(self, line):
        return sum(l == line for _, l in self.heard)

    def ready(self):
        self.hear_until("READY=1")
        self.url = self.p.stdout.readline().split()[-1]

    def stop(self):
        self.p.terminate()
        status = self.p.wait(15)
        self.hear(0.1)
        return status

    def stderr(self):
        self.log.flush()
        with open(self.log.name) as f:
            return f.read()


def status_of(url):
    try:
        return urllib.request.urlopen(url, timeout=30).status
    except urllib.error.HTTPError as e:
        return e.code


def test_from_start_to_stop():
    with Managed(watchdog_us=1000000) as m:
        m.ready()
        assert status_of(m.url + "/readyz") == 200
        first = [l for _, l in m.heard]
        assert first[0].startswith("STATUS=") and first.index("READY=1") > 0, first
        m.heard.clear()
        m.hear(3.2)
        beats = [t for t, l in m.heard if l == "WATCHDOG=1"]
        assert 5 <= len(beats) <= 8, m.heard
        assert max(b - a for a, b in zip(beats, beats[1:])) < 0.9, beats
        assert m.count("READY=1") == 0, "READY comes once"
        assert any(l == "STATUS=serving 0 jobs, 0 tasks held" for _, l in m.heard) or \
            "STATUS=serving 0 jobs, 0 tasks held" in first, (first, m.heard)
        assert m.stop() == 0
        assert [l for _, l in m.heard].count("STOPPING=1") == 1, m.heard
        assert m.p.stdout.read() is not None


def test_without_a_watchdog_there_are_no_beats():
    with Managed() as m:
        m.ready()
        m.hear(1)
        assert m.count("WATCHDOG=1") == 0 and m.stop() == 0


def test_a_writer_that_hangs_is_not_hidden():
    """Somebody else holds the database: no piece comes back, so no beat goes out, until it does."""
    with Managed(watchdog_us=800000) as m:
        m.ready()
        m.hear(1)
        assert m.count("WATCHDOG=1") >= 2
        db = sqlite3.connect(os.path.join(m.data, "plumbline.db"), isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        m.hear(0.6)
        during = m.hear(2)
        assert not [l for _, l in during if l == "WATCHDOG=1"], during
        assert "watchdog: the writer does not answer" in m.stderr()
        assert status_of(m.url + "/healthz") == 200  # the pool is as alive as it was
        db.execute("ROLLBACK")
        db.close()
        m.heard.clear()
        m.hear(2)
        assert m.count("WATCHDOG=1") >= 2, m.heard
        assert m.stop() == 0


def test_a_full_disk_is_no_hang():
    with Managed(watchdog_us=800000, restore_signals=False,
                 preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN)) as m:
        m.ready()
        old = resource.prlimit(m.p.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        codes = {status_of(m.url + "/readyz") for _ in range(3)}
        m.heard.clear()
        m.hear(3)
        beats = m.count("WATCHDOG=1")
        resource.prlimit(m.p.pid, resource.RLIMIT_FSIZE, old)
        assert codes <= {503, 507} and codes, codes
        assert beats >= 5, m.heard
        wait(lambda: status_of(m.url + "/readyz") == 200, 10)
        assert m.stop() == 0


def test_a_signal_while_it_starts_ends_it_at_once():
    with Managed() as made:
        made.ready()
        assert made.stop() == 0
        db = sqlite3.connect(os.path.join(made.data, "plumbline.db"), isolation_level=None)
        db.execute("BEGIN IMMEDIATE")  # the start waits for this
        with Managed(data=made.data) as m:
            m.hear(0.5)
            assert m.count("READY=1") == 0
            started = time.monotonic()
            assert m.stop() == 0 and time.monotonic() - started < 5
            assert m.count("STOPPING=1") == 1, m.heard
        db.close()


def test_the_unit_is_sound():
    u = unit()
    assert u["Type"] == ["notify"] and int(u["WatchdogSec"][0]) >= 10
    assert u["DynamicUser"] == ["yes"] and u["StateDirectory"] == ["plumbline"]
    if not shutil.which("systemd-analyze"):
        raise Skip("no systemd-analyze here")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "plumbline.service")
        with open(os.path.join(DEPLOY, "plumbline.service")) as f, open(path, "w") as out:
            out.write(f.read().replace("/usr/local/bin/plumbline", harness.PLUMBLINE))
        p = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True)
        assert p.returncode == 0 and "plumbline.service" not in p.stderr, p.stderr
        p = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20",
                            path], capture_output=True, text=True)
        assert p.returncode == 0, p.stdout[-500:]


def test_it_installs():
    make = shutil.which("make")
    if not make:
        raise Skip("no make here")
    with tempfile.TemporaryDirectory() as folder:
        build = os.path.dirname(harness.PLUMBLINE)
        p = subprocess.run([make, "-s", "install-files", f"BUILD={build}", f"DESTDIR={folder}",
                            "PREFIX=/opt/plumbline"], cwd=harness.ROOT, capture_output=True,
                           text=True)
        assert p.returncode == 0, p.stderr
        there = {os.path.relpath(os.path.join(at, f), folder)
                 for at, _, files in os.walk(folder) for f in files}
        for name in ("bin/plumbline", "lib/systemd/system/plumbline.service",
                     "share/doc/plumbline/README.md", "share/doc/plumbline/deploy/alerts.yml"):
            assert "opt/plumbline/" + name in there, there
        with open(folder + "/opt/plumbline/lib/systemd/system/plumbline.service") as f:
            assert "ExecStart=/opt/plumbline/bin/plumbline serve\n" in f.read()
        assert subprocess.run([folder + "/opt/plumbline/bin/plumbline", "version"],
                              capture_output=True).returncode == 0


if __name__ == "__main__":
    sys.exit(harness.run(globals()))
