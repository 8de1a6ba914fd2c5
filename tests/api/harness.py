"""A real server for a test script: started on a free port over a folder of its own, spoken to with
a small JSON client that holds every answer against the server's own documentation, stopped at the
end; a crash or a sanitizer's report fails the tests. A script is a list of functions test_*(), run
in their order by harness.run(); each prints one line of TAP."""
import contextlib
import glob
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse

import schema

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PLUMBLINE = os.path.abspath(os.environ.get("PLUMBLINE", os.path.join(ROOT, "build/plumbline")))
SAMPLES = os.path.abspath(os.environ.get("SAMPLES", os.path.join(ROOT, "build/samples")))
# Credentials for buckets come from the test alone, never from an instance's service.
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
ROLES = ("annotator", "reviewer", "lead", "admin")
REPORTS = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:")


class Skip(Exception):
    """Raised by a test that cannot run here, with the reason."""


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        kind = headers.get("Content-Type", "")
        self.json = json.loads(body) if kind.startswith("application/json") and body else None

    def __getitem__(self, name):
        return self.json[name]

    @property
    def code(self):
        return self.json.get("code") if isinstance(self.json, dict) else None


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("plumbline", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Client:
    """One person's connection. Not for several threads at a time: take twin()."""

    def __init__(self, server, token=None, cookie=None, csrf=None, unix=False, id=None, name=None):
        self.server, self.token, self.cookie, self.csrf = server, token, cookie, csrf
        self.unix, self.id, self.name, self.connection = unix, id, name, None

    def twin(self):
        return Client(self.server, self.token, self.cookie, self.csrf, self.unix, self.id,
                      self.name)

    def open(self):
        if self.unix:
            return Unix(os.path.join(self.server.data, "plumbline.sock"))
        return http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)

    def call(self, method, path, body=None, type=None, headers=None, check=True):
        """body: a JSON value, or bytes as they are."""
        h = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body, type = json.dumps(body).encode(), type or "application/json"
        if type:
            h["Content-Type"] = type
        if self.token:
            h.setdefault("Authorization", "Bearer " + self.token)
        if self.cookie:
            h["Cookie"] = "plumbline=" + self.cookie
        if self.csrf:
            h.setdefault("X-CSRF-Token", self.csrf)
        for last in (False, True):  # a kept-alive connection may have been closed meanwhile
            fresh = self.connection is None
            self.connection = self.connection or self.open()
            try:
                with contextlib.suppress(BrokenPipeError):  # refused before all of it was sent
                    self.connection.request(method, path, body, h)
                r = self.connection.getresponse()
                reply = Reply(r.status, r.headers, r.read())
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.connection.close()
                self.connection = None
                if fresh or last:
                    raise
        if check:
            self.server.check(method, path, reply)
        return reply

    def get(self, path, **k):
        return self.call("GET", path, **k)

    def post(self, path, body=None, **k):
        return self.call("POST", path, body, **k)

    def want(self, status, method, path, body=None, **k):
        """The call must answer with this status (and code, for "409 job.state")."""
        r = self.call(method, path, body, **k)
        number, _, code = str(status).partition(" ")
        assert r.status == int(number) and (not code or r.code == code), \
            f"{method} {path}: wanted {status}, got {r.status} {r.body[:300]!r}"
        return r


class Server:
    def __init__(self, *flags, data=None):
        self.own = data is None
        self.data = data or tempfile.mkdtemp(prefix="plumbline-api-")
        self.flags, self.process, self.openapi = flags, None, None
        self.errors = tempfile.TemporaryFile("w+")
        self.people = 0
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [PLUMBLINE, "serve", "--data", self.data, "--listen", "127.0.0.1:0",
             "--undo-seconds", "1", *self.flags],
            stdout=subprocess.PIPE, stderr=self.errors, text=True)
        first = self.process.stdout.readline()
        assert "listens on" in first, f"no address in {first!r}; {self.stderr()}"
        self.url = first.split()[-1]
        self.port = urllib.parse.urlsplit(self.url).port
        self.link = None
        root = Client(self, unix=True)
        wait(lambda: root.get("/readyz", check=False).status == 200)
        self.local = root
        self.openapi = root.get("/api/v1/openapi.json", check=False).json
        self.templates = [(re.compile("^" + re.sub(r"\{[^}]*\}", "[^/]+", t) + "$"), t)
                          for t in sorted(self.openapi["paths"], key=lambda t: t.count("{"))]

    def first_link(self):
        """The join link that a first start prints."""
        self.process.stdout.readline()
        return self.process.stdout.readline().strip()

    def stop(self, number=signal.SIGTERM):
        """Stops it; the exit status (a kill is its own, negative)."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(30)
        self.process.stdout.close()
        return status

    def restart(self, number=signal.SIGTERM):
        self.stop(number)
        self.start()

    def close(self):
        status = self.stop()
        text = self.stderr()
        if self.own:
            shutil.rmtree(self.data, ignore_errors=True)
        report = REPORTS.search(text)
        assert not report, text[max(0, report.start() - 500):][:6000]
        assert status == 0, f"the server ended with status {status}: {text[-2000:]}"
        bad = [l for l in text.splitlines() if " level=error " in l]
        assert not bad, "the server logged: " + "\n".join(bad[:5])

    def stderr(self):
        self.errors.seek(0)
        return self.errors.read()

    def template(self, path):
        path = path.split("?")[0]
        return next((t for pattern, t in self.templates if pattern.match(path)), None)

    def check(self, method, path, reply):
        """Holds an answer against the documentation."""
        t = self.template(path)
        operation = t and self.openapi["paths"][t].get(method.lower())
        what = f"{method} {path} -> {reply.status} {reply.body[:200]!r}"
        if reply.status >= 400 and method != "HEAD":
            wrong = schema.faults(reply.json, {"$ref": "#/components/schemas/Error"}, self.openapi)
            assert not wrong, f"{what}: no error body: {wrong}"
            assert reply.json["id"], f"{what}: an error without an id"
            assert reply.status < 500 or not operation or str(reply.status) in \
                operation["responses"], f"{what}: the server failed"
        if not operation:
            return
        documented = operation["responses"].get(str(reply.status))
        assert documented, f"{what}: {t} does not document {reply.status}"
        content = documented.get("content")
        if not content:
            assert reply.status in (204, 304) and not reply.body, f"{what}: no body is documented"
        elif reply.json is not None:
            assert "application/json" in content, f"{what}: JSON is not documented"
            wrong = schema.faults(reply.json, content["application/json"].get("schema", {}),
                                  self.openapi)
            assert not wrong, f"{what}: {wrong[:5]}"
        if reply.status >= 400:
            assert reply.code in documented["description"], \
                f"{what}: the code is not documented ({documented['description']})"

    def person(self, name, role="annotator", password=None):
        """A new person with a token."""
        body = {"name": name, "role": role}
        if password:
            body["password"] = password
        id = self.local.want(201, "POST", "/api/v1/people", body)["id"]
        key = self.local.want(201, "POST", f"/api/v1/people/{id}/keys", {"name": "test"})
        return Client(self, key["token"], id=id, name=name)

    @contextlib.contextmanager
    def database(self):
        """The database of a stopped server."""
        assert self.process.poll() is not None, "the server is running"
        db = sqlite3.connect(os.path.join(self.data, "plumbline.db"))
        yield db
        db.commit()
        db.close()

    def rows(self, sql, *values):
        """A read beside the running server: one consistent snapshot."""
        db = sqlite3.connect(f"file:{self.data}/plumbline.db?mode=ro", uri=True, timeout=10)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def files(self, folder):
        return sorted(f for f in glob.glob(f"{self.data}/{folder}/**", recursive=True)
                      if os.path.isfile(f))


# ---- pieces that many tests need ----

def text_job(lead, name, items=0, labels=("red", "green", "blue"), start=False, **settings):
    """A text job with that many items (or these texts); its id."""
    job = lead.want(201, "POST", "/api/v1/jobs",
                    {"name": name, "type": "text-classification",
                     "labels": [{"name": l} for l in labels], **settings})["id"]
    texts = [f"text {i}" for i in range(items)] if isinstance(items, int) else items
    if texts:
        upload(lead, job, [{"source": t} for t in texts])
    if start:
        lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
    return job


def upload(lead, job, lines, type="application/x-ndjson"):
    """Uploads and waits for the end; the import as the API shows it."""
    if isinstance(lines, list):
        lines = "".join(json.dumps(l) + "\n" for l in lines).encode()
    r = lead.want(202, "POST", f"/api/v1/jobs/{job}/items", lines, type=type)
    return import_done(lead, job, r["id"])


def import_done(lead, job, id):
    return wait(lambda: (r := lead.get(f"/api/v1/jobs/{job}/imports/{id}"))["state"] != "running"
                and r.json, 60)


def export(lead, job, format="manifest", **body):
    """A finished export and its bytes."""
    id = lead.want(202, "POST", f"/api/v1/jobs/{job}/exports", {"format": format, **body})["id"]
    done = wait(lambda: (r := lead.get(f"/api/v1/exports/{id}"))["state"] != "running" and r.json)
    assert done["state"] == "done", done
    return done, lead.want(200, "GET", done["url"]).body


def lease(person, job, n=1):
    return person.want(200, "POST", f"/api/v1/jobs/{job}/leases", {"n": n})["tasks"]


def leased(person, job, n=1):
    """The same, waiting until there is something: items open a moment after a start."""
    return wait(lambda: lease(person, job, n))


def answer(person, job, task, label, status=201, key=None, **more):
    return person.want(status, "POST", f"/api/v1/jobs/{job}/answers",
                       {"lease": task["lease"], "answer": {"label": label}, **more},
                       headers={"Idempotency-Key": key} if key else None)


def counts(lead, job):
    return lead.want(200, "GET", f"/api/v1/jobs/{job}")["counts"]


def state(lead, job):
    return lead.want(200, "GET", f"/api/v1/jobs/{job}")["state"]


def items(lead, job, query=""):
    out, after = [], ""
    while True:
        page = lead.want(200, "GET", f"/api/v1/jobs/{job}/items?limit=500{query}{after}")
        out += page["items"]
        if "next" not in page.json:
            return out
        after = "&after=" + page["next"]


def wait(ready, seconds=20, every=0.02):
    """Calls until the result is true; the result."""
    end = time.monotonic() + seconds
    while True:
        got = ready()
        if got:
            return got
        assert time.monotonic() < end, f"did not come to pass within {seconds} s"
        time.sleep(every)


def together(work, arguments):
    """Runs work(argument) in a thread each; the results, or the first exception."""
    results, failed = [None] * len(arguments), []

    def run(i):
        try:
            results[i] = work(arguments[i])
        except BaseException as e:
            failed.append(e)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(arguments))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if failed:
        raise failed[0]
    return results


def command(*arguments, input=None, env=None):
    """Runs the program; (status, output, errors)."""
    p = subprocess.run([PLUMBLINE, *arguments], input=input, capture_output=True, text=True,
                       timeout=120, env={**os.environ, **(env or {})})
    report = REPORTS.search(p.stderr)
    assert not report, p.stderr[:6000]
    assert p.returncode >= 0, f"{arguments} died of signal {-p.returncode}"
    return p.returncode, p.stdout, p.stderr


# ---- TAP ----

def run(module, *servers):
    """Runs the functions test_* of a module, then closes the servers; the script's exit status."""
    subject = os.path.basename(sys.argv[0]).removesuffix(".py").removeprefix("test_")
    tests = [(n.removeprefix("test_").replace("_", " "), f) for n, f in module.items()
             if n.startswith("test_") and callable(f)]
    tests += [("the server ends well, without a report", s.close) for s in servers]
    failed = 0
    only = sys.argv[1:]
    for number, (name, test) in enumerate(tests, 1):
        if only and test.__name__ != "close" and not any(o in test.__name__ for o in only):
            continue
        started = time.monotonic()
        try:
            test()
            print(f"ok {number} - {subject}: {name}", flush=True)
        except Skip as why:
            print(f"ok {number} - {subject}: {name} # SKIP {why}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {number} - {subject}: {name}", flush=True)
            print("  " + traceback.format_exc().replace("\n", "\n  ").rstrip(), flush=True)
        if time.monotonic() - started > 5:
            print(f"# {name}: {time.monotonic() - started:.1f} s", flush=True)
    print(f"1..{len(tests)}", flush=True)
    return 1 if failed else 0
