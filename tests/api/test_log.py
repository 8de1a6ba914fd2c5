#!/usr/bin/env python3
"""The log of a running service: one line a request, nothing secret, nothing forged."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import harness
import prometheus
from harness import Client, wait

server = harness.Server()
admin = server.person("admin", "admin")
lead = server.person("lead", "lead")
FIELD = re.compile(r'([a-z_]+)=("(?:\\.|[^"\\])*"|[^ "=]+)(?: |\Z)')


def fields(line):
    """A line of logfmt as a dict; the whole line must be fields."""
    out, at = {}, 0
    while at < len(line):
        m = FIELD.match(line, at)
        assert m, f"no logfmt: {line!r} at {line[at:]!r}"
        assert m[1] not in out, f"{m[1]} twice in {line!r}"
        out[m[1]] = json.loads(m[2]) if m[2].startswith('"') else m[2]
        at = m.end()
    return out


def lines():
    time.sleep(0.05)  # the log gathers for 10 ms
    return [fields(l) for l in server.stderr().splitlines()]


def line_of(id):
    found = wait(lambda: [l for l in lines() if l.get("id") == id and "status" in l], 5)
    assert len(found) == 1, found
    return found[0]


def raw(request):
    """Sends bytes as they are; the reply."""
    s = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    s.sendall(request)
    got = b""
    while b"\r\n\r\n" not in got:
        more = s.recv(65536)
        if not more:
            break
        got += more
    s.close()
    return got


def test_one_line_a_request():
    r = lead.want(200, "GET", "/api/v1/jobs?limit=3&q=secret")
    l = line_of(r.headers["X-Request-Id"])
    assert (l["level"], l["method"], l["route"], l["path"], l["status"], l["person"],
            l["remote"]) == ("info", "GET", "/api/v1/jobs", "/api/v1/jobs", "200", lead.id,
                             "127.0.0.1"), l
    assert int(l["bytes"]) == len(r.body) and 0 <= float(l["ms"]) < 5000
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", l["time"])
    ids = [lead.get("/api/v1/me").headers["X-Request-Id"] for _ in range(50)]
    logged = [l["id"] for l in lines() if "status" in l]
    assert all(logged.count(i) == 1 for i in ids) and len(set(logged)) == len(logged)


def test_the_id_of_an_error_is_the_one_in_the_log():
    for method, path, status, code in (("GET", "/api/v1/jobs/nosuch", 404, "job.not_found"),
                                       ("GET", "/nosuch", 404, "path.not_found"),
                                       ("POST", "/api/v1/jobs", 422, "field.invalid")):
        r = lead.want(status, method, path, {"name": "&"} if method == "POST" else None)
        l = line_of(r["id"])
        assert l["status"] == str(status) and l["path"] == path and l["method"] == method, l
        assert l["code"] == r.code, (l, r.code)
        assert r.headers["X-Request-Id"] == r["id"]
    r = Client(server).want(401, "GET", "/api/v1/me")
    assert "person" not in line_of(r["id"])


def test_head_files_and_the_socket():
    r = lead.call("HEAD", "/healthz", check=False)
    l = line_of(r.headers["X-Request-Id"])
    assert l["method"] == "HEAD" and l["bytes"] == "0"
    assert line_of(server.local.get("/healthz").headers["X-Request-Id"])["remote"] == "unix"
    r = Client(server).get("/login")
    assert int(line_of(r.headers["X-Request-Id"])["bytes"]) == len(r.body)


def test_nothing_secret():
    secrets = {"token": lead.token, "query": "q-secret-4711", "body": "body-secret-4711"}
    lead.get(f"/api/v1/jobs?q={secrets['query']}")
    Client(server).get(f"/api/v1/jobs?access_token={lead.token}")
    Client(server).get("/join/" + lead.token)
    Client(server).get("/join/" + lead.token + "/")
    Client(server).get(f"/x/{lead.token}/y")
    Client(server).post("/api/v1/session", {"name": "lead", "password": secrets["body"]})
    Client(server, token=lead.token[:-1] + "x").get("/api/v1/me")
    invited = admin.want(201, "POST", "/api/v1/invitations", {"role": "annotator"})
    secrets["invitation"] = re.search(r"[\w-]{40,}", invited.body.decode())[0]
    lines()
    text = server.stderr()
    for what, secret in secrets.items():
        assert secret not in text and secret[:-1] not in text, what
    assert "path=/join/{token}" in text and "/x/(left-out)/y" in text


def test_what_a_client_sends_cannot_forge_a_line():
    before = len(server.stderr().splitlines())
    for path in (b"/a\x1b[31m", b"/a%0alevel=error", b"/\xff\xfe", b"/a\x0bb", b'/"x"=y',
                 b"/" + b"a/" * 1500, b"/caf\xc3\xa9"):
        raw(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            b"X-Forwarded-For: 1.2.3.4 level=error\x1b[2J\r\n\r\n")
    raw(b"G=\"ET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    raw(b"nonsense\r\n\r\n")
    wait(lambda: len(server.stderr().splitlines()) > before + 5, 5)
    text = server.stderr()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text), re.search(r".*[\x00-\x09\x0b-\x1f].*", text)
    assert all(l["level"] != "error" for l in lines())


def test_a_proxy_s_word_is_logged_beside_the_address():
    r = lead.get("/api/v1/me", headers={"X-Forwarded-For": "203.0.113.9"})
    l = line_of(r.headers["X-Request-Id"])
    assert (l["remote"], l["forwarded"]) == ("127.0.0.1", "203.0.113.9")


def logged(path="/api/v1/me"):
    id = lead.get(path).headers["X-Request-Id"]
    return any(l.get("id") == id for l in lines())


def test_the_level_changes_at_run_time():
    url = "/api/v1/log"
    assert admin.want(200, "GET", url).json == {"level": "info", "requests": "on"}
    for person in (lead, server.person("ann")):
        person.want("403 role.forbidden", "GET", url)
        person.want("403 role.forbidden", "PUT", url, {"level": "debug"})
    assert admin.want(200, "PUT", url, {"level": "warn"}).json == {"level": "warn",
                                                                   "requests": "on"}
    assert not logged()
    assert admin.want(200, "PUT", url, {"level": "info", "requests": "slow"})["level"] == "info"
    assert not logged()
    admin.want(200, "PUT", url, {"requests": "off"})
    assert not logged()
    admin.want(200, "PUT", url, {"requests": "on"})
    assert logged()
    for bad in ({}, {"level": "loud"}, {"requests": "all"}, {"levels": "info"}):
        admin.want("422 field.invalid", "PUT", url, bad)
    assert logged()


def test_the_level_changes_by_signal_and_command():
    def level():
        return admin.get("/api/v1/log")["level"]

    server.process.send_signal(signal.SIGUSR2)
    wait(lambda: level() == "warn", 5)
    server.process.send_signal(signal.SIGUSR1)
    wait(lambda: level() == "info", 5)
    for n in range(10):  # at either end it stays
        server.process.send_signal(signal.SIGUSR1)
    wait(lambda: level() == "debug", 5)
    command = lambda *a: harness.command("log", *a, "--data", server.data)
    assert command() == (0, "level=debug requests=on\n", "")
    assert command("error", "--requests", "slow") == (0, "level=error requests=slow\n", "")
    assert level() == "error"
    assert command("info", "--requests", "on")[0] == 0 and logged()
    assert command("loud")[0] == 1 and command("a", "b")[0] == 2
    nobody = tempfile.mkdtemp()
    status, _, errors = harness.command("log", "--data", nobody)
    assert status == 1 and "No service runs" in errors, errors
    os.rmdir(nobody)


class Own:
    """Another service, with standard error where the test wants it."""

    def __init__(self, *flags, **more):
        self.data = tempfile.mkdtemp(prefix="plumbline-log-")
        self.p = subprocess.Popen([harness.PLUMBLINE, "serve", "--data", self.data, "--listen",
                                   "127.0.0.1:0", *flags], stdout=subprocess.PIPE, text=True,
                                  **more)
        self.url = self.p.stdout.readline().split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.p.terminate()
        try:
            assert self.p.wait(15) == 0
        finally:
            self.p.kill()
            self.p.wait()
            self.p.stdout.close()
            shutil.rmtree(self.data)

    def get(self, path):
        return urllib.request.urlopen(self.url + path, timeout=20).read()


def test_json_and_the_journal():
    with tempfile.TemporaryFile("w+") as out:
        st = os.fstat(out.fileno())
        env = {**os.environ, "JOURNAL_STREAM": f"{st.st_dev}:{st.st_ino}"}
        with Own("--log-format", "json", stderr=out, env=env) as own:
            own.get("/healthz")
        out.seek(0)
        got = out.read().splitlines()
    assert all(l.startswith("<6>{") for l in got), got
    got = [json.loads(l[3:]) for l in got]
    request = [l for l in got if l.get("path") == "/healthz"]
    assert len(request) == 1 and request[0]["status"] == 200 and request[0]["ms"] >= 0, got
    assert all(l["level"] == "info" and l["time"] for l in got)
    assert any(l.get("msg") == "stopping" for l in got)


def test_a_reader_that_sleeps_holds_no_request_up():
    reader, writer = os.pipe()
    with Own(stderr=writer) as own:
        os.close(writer)
        started, longest = time.monotonic(), 0
        connection = harness.http.client.HTTPConnection("127.0.0.1", int(own.url.split(":")[-1]))
        for _ in range(6000):  # a pipe holds some 500 lines, the ring 4096
            before = time.monotonic()
            connection.request("GET", "/healthz")
            assert connection.getresponse().read() == b'{"status":"ok"}'
            longest = max(longest, time.monotonic() - before)
        m = prometheus.parse(own.get("/metrics").decode())
        assert m["plumbline_log_dropped_lines_total"] > 500, m
        assert longest < 2, longest
        os.set_blocking(reader, False)
        got, end = b"", time.monotonic() + 10
        while b"lines were dropped" not in got and time.monotonic() < end:
            try:
                got += os.read(reader, 1 << 20)
            except BlockingIOError:
                time.sleep(0.02)
        assert b" log lines were dropped: standard error is read too slowly" in got
        for l in got.decode().splitlines():
            fields(l)
        connection.close()
    os.close(reader)


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
