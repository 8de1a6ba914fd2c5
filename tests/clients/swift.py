#!/usr/bin/env python3
"""A server that speaks S3 and checks every signature: OpenStack Swift with s3api, from Debian's
packages, on free ports of 127.0.0.1. As a module:

    import swift
    reason = swift.missing()             # None, or why it cannot be started here
    server = swift.start(directory)      # .endpoint .access_key .secret .region .environment .stop()

As a program `swift.py [DIR]` it prints what a shell needs and serves until it is interrupted.
"""
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

DAEMONS = ("account", "container", "object", "proxy")
ACCESS_KEY, SECRET, REGION = "test:tester", "testing", "us-east-1"
OTHER_KEY, OTHER_SECRET = "test:other", "otherkey"  # known, with no right to anything

SWIFT_CONF = """[swift-hash]
swift_hash_path_prefix = test
swift_hash_path_suffix = test
[swift-constraints]
max_header_size = 16384
[storage-policy:0]
name = default
default = yes
"""

STORAGE_CONF = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = {workers}
user = {user}
swift_dir = {etc}
devices = {srv}
mount_check = false
disable_fallocate = true
log_udp_host = 127.0.0.1
log_udp_port = 9
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""

PROXY_CONF = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = {workers}
user = {user}
swift_dir = {etc}
{cors}
log_udp_host = 127.0.0.1
log_udp_port = 9
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats bulk s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{memcached}
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = {region}
storage_domain = s3.localhost
{preflight}
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
user_test_other = otherkey
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


def missing():
    """None where all of it is installed, else the reason to skip."""
    programs = ["memcached", "swift-ring-builder"] + [f"swift-{d}-server" for d in DAEMONS]
    lost = [p for p in programs if not shutil.which(p, path=search_path())]
    return f"{', '.join(lost)} not installed" if lost else None


def search_path():
    return os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin:/sbin:/bin"


def free_ports(n):
    """Below those that outgoing connections get: they stay free until the daemons take them."""
    ports = []
    while len(ports) < n:
        port = random.randrange(15000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports


def listens(port):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
        return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


class Server:
    def __init__(self, directory, region, cors, workers):
        self.dir = pathlib.Path(directory).resolve()
        self.region, self.access_key, self.secret = region, ACCESS_KEY, SECRET
        self.processes = []
        account, container, objects, self.port, self.memcached = free_ports(5)
        self.ports = {"account": account, "container": container, "object": objects,
                      "proxy": self.port}
        self.endpoint = f"http://127.0.0.1:{self.port}"
        # libcurl finds *.localhost here without asking anybody: for buckets in the host's name
        self.virtual_endpoint = f"http://s3.localhost:{self.port}"
        self.environment = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
                            "AWS_DEFAULT_REGION": region, "AWS_ENDPOINT_URL_S3": self.endpoint}
        self.configure(cors, workers)

    def configure(self, cors, workers):
        etc, srv = self.dir / "etc", self.dir / "srv"
        for d in (etc, srv / "d1", self.dir / "log"):
            d.mkdir(parents=True, exist_ok=True)
        (etc / "swift.conf").write_text(SWIFT_CONF)
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        common = {"user": user, "etc": etc, "srv": srv, "workers": workers}
        for name in DAEMONS[:3]:
            port = self.ports[name]
            (etc / f"{name}-server.conf").write_text(
                STORAGE_CONF.format(name=name, port=port, **common))
            for words in (["create", "4", "1", "0"], ["add", f"r1z1-127.0.0.1:{port}/d1", "1"],
                          ["rebalance"]):
                done = subprocess.run(["swift-ring-builder", f"{name}.builder", *words], cwd=etc,
                                      capture_output=True, text=True, env=self.clean())
                if done.returncode not in (0, 1):  # 1: a warning
                    raise RuntimeError(f"swift-ring-builder {name} {words}: {done.stdout}{done.stderr}")
        (etc / "proxy-server.conf").write_text(PROXY_CONF.format(
            port=self.port, memcached=self.memcached, region=self.region,
            cors="cors_allow_origin = *" if cors else "",
            preflight="cors_preflight_allow_origin = *" if cors else "", **common))

    def clean(self):
        """Without what only our own programs need, such as a preloaded clock."""
        environment = {k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "FAKETIME")}
        environment["PATH"] = search_path()
        return environment

    def run(self, name, words):
        log = open(self.dir / "log" / name, "ab")
        self.processes.append(subprocess.Popen(words, stdout=log, stderr=log, env=self.clean(),
                                               stdin=subprocess.DEVNULL, start_new_session=True))
        log.close()

    def start(self):
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        self.run("memcached", ["memcached", "-u", user, "-l", "127.0.0.1", "-p", str(self.memcached)])
        for name in DAEMONS:
            self.run(name, [f"swift-{name}-server", str(self.dir / "etc" / f"{name}-server.conf")])
        until = time.monotonic() + 60
        waiting = list(self.ports.values())
        while waiting:
            waiting = [p for p in waiting if not listens(p)]
            dead = [p.args[0] for p in self.processes if p.poll() is not None]
            if dead or time.monotonic() > until:
                logs = "".join(f"\n{f.name}: {f.read_text(errors='replace')[-2000:]}"
                               for f in sorted((self.dir / "log").iterdir()))
                self.stop()
                raise RuntimeError(f"Swift does not start: {dead or waiting}{logs}")
            time.sleep(0.05 if waiting else 0)
        return self

    def pause(self):
        """It answers nobody until go_on: connections are taken, requests are not."""
        for p in self.processes:
            os.killpg(p.pid, signal.SIGSTOP)

    def go_on(self):
        for p in self.processes:
            os.killpg(p.pid, signal.SIGCONT)

    def stop(self):
        alive = [p for p in self.processes if p.poll() is None]
        for p in alive:
            try:
                os.killpg(p.pid, signal.SIGCONT)
                os.killpg(p.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        for p in alive:
            try:
                p.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)
                p.wait()
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def start(directory, region=REGION, cors=True, workers=1):
    """Everything of it lies in `directory`, which the caller removes after stop()."""
    for again in (True, True, False):
        try:
            return Server(directory, region, cors, workers).start()
        except RuntimeError:  # a port was taken by somebody else in between
            if not again:
                raise
            shutil.rmtree(directory, ignore_errors=True)


def main():
    reason = missing()
    if reason:
        sys.exit(f"swift.py: {reason}")
    own = None if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="plumbline-swift-")
    server = start(own or sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    for name, value in server.environment.items():
        print(f"export {name}={value}")
    sys.stdout.flush()
    try:
        signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()
        if own:
            shutil.rmtree(own, ignore_errors=True)


if __name__ == "__main__":
    main()
