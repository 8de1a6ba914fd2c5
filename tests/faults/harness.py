"""What the fault tests share: a service to start and kill, clients, and a count by brute force.

The program is $PLUMBLINE, or build/plumbline of this checkout. Results are TAP on standard output.
"""

import http.client
import json
import os
import random
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

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("PLUMBLINE") or os.path.join(ROOT, "build", "plumbline")

with open(PROGRAM, "rb") as program:
    text = program.read()
# A sanitizer's own memory and slowness are not the program's, and its address space has no bounds.
THREAD_SANITIZED = b"__tsan_init" in text
SANITIZED = THREAD_SANITIZED or b"__asan_init" in text
del text

# Credentials for buckets come from the test alone, never from an instance's service.
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

# What a client sees while the service is gone.
GONE = (OSError, http.client.HTTPException)

# `make soak` is the long form: at least so many kills, and no new round after so many minutes.
SOAK = bool(os.environ.get("SOAK"))
KILLS = int(os.environ.get("KILLS") or (300 if SOAK else 12))
SOAK_MINUTES = float(os.environ.get("SOAK_MINUTES") or 30)


# ---- TAP ----

class Tap:
    number = 0
    failed = 0


def ok(condition, name, note=""):
    Tap.number += 1
    Tap.failed += not condition
    print(f"{'ok' if condition else 'not ok'} {Tap.number} - {name}", flush=True)
    if note:
        say(note)
    return bool(condition)


def skip(name, reason):
    Tap.number += 1
    print(f"ok {Tap.number} - {name} # SKIP {reason}", flush=True)


def equal(got, wanted, name):
    return ok(got == wanted, name, "" if got == wanted else f"got {got!r}, wanted {wanted!r}")


def say(text):
    for line in str(text).splitlines():
        print(f"# {line}", flush=True)


def count(what, number):
    """A figure that run.py adds up over all tests and tells at the end."""
    say(f"count: {what} {number}")


def finish():
    print(f"1..{Tap.number}")
    sys.exit(1 if Tap.failed else 0)


def wait_until(what, seconds, every=0.05):
    """The first true value of what(), or its last value when time is up."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value or time.monotonic() > end:
            return value
        time.sleep(every)


# ---- the service ----

class Service:
    """`plumbline serve` on a data folder of its own, which goes away with close()."""

    def __init__(self, *flags):
        self.folder = tempfile.mkdtemp(prefix="plumbline-faults-")
        self.data = os.path.join(self.folder, "data")
        self.flags = (*flags, "--child-memory", "0") if SANITIZED else flags
        self.process = None
        self.port = 0
        self.log = open(os.path.join(self.folder, "log"), "ab")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, value, trace):
        if kind:
            with open(self.log.name, errors="replace") as log:
                say("".join(log.readlines()[-20:]))
        self.kill()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        self.spawn(None)

    def spawn(self, environment):
        command = [PROGRAM, "serve", "--data", self.data, "--listen", "127.0.0.1:0", *self.flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log,
                                        text=True, env=environment)
        line = self.process.stdout.readline()
        if "listens on" not in line:
            raise RuntimeError(f"serve did not start: {line!r}, see {self.log.name}")
        self.port = int(line.rsplit(":", 1)[1])

    def kill(self):
        """SIGKILL, without a chance to say goodbye."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def stop(self, seconds=30):
        """SIGTERM; how long it took and the exit status (None when time was up)."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
        took = time.monotonic() - started
        self.kill()
        return took, status

    def children(self):
        """Process ids of what the service has started."""
        process, found = self.process, []
        if not process:
            return found
        try:
            for task in os.listdir(f"/proc/{process.pid}/task"):
                with open(f"/proc/{process.pid}/task/{task}/children") as file:
                    found += [int(pid) for pid in file.read().split()]
        except OSError:
            pass
        return found

    def private_bytes(self):
        """Private memory: anonymous pages, resident or swapped out.

        smaps_rollup counts clean pages of the program file and of the mapped database under
        Private_Clean, and the mapped WAL index under Private_Dirty whenever nobody else maps them.
        The kernel can drop or write these back at will; what the process holds for itself is what it
        counts as Anonymous.
        """
        with open(f"/proc/{self.process.pid}/smaps_rollup") as file:
            lines = dict(line.split(":", 1) for line in file if ":" in line.split(" ")[0])
        return sum(int(lines[key].split()[0]) * 1024 for key in ("Anonymous", "Swap"))

    def probe(self, path):
        """(status, JSON) of /readyz and the like, without a person."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read())
        finally:
            connection.close()

    def complaints(self, levels=("warn", "error")):
        """[(second, message)] of the log's warnings and errors, without those about one request."""
        found = []
        with open(self.log.name, errors="replace") as log:
            for line in log:
                m = re.match(r"time=(\S{19})\S* level=(\w+) msg=(.*)", line)
                if m and m[2] in levels and not re.search(r"\bid=[0-9a-f]{16}", line):
                    found.append((m[1], m[3]))
        return found

    # ---- people ----

    def token(self, name, role):
        """Adds a person; their token."""
        subprocess.run([PROGRAM, "user", "add", name, "--role", role, "--data", self.data],
                       check=True, stdout=subprocess.DEVNULL)
        made = subprocess.run([PROGRAM, "key", "create", "--user", name, "--data", self.data],
                              check=True, stdout=subprocess.PIPE)
        return json.loads(made.stdout)["token"]

    def client(self, token):
        return Client(self, token)

    def database(self):
        db = sqlite3.connect(os.path.join(self.data, "plumbline.db"), timeout=20)
        db.row_factory = sqlite3.Row
        return db


class Client:
    """One keep-alive connection of one person; follows the service over restarts."""

    def __init__(self, service, token):
        self.service = service
        self.token = token
        self.connection = None
        self.port = 0

    def call(self, method, path, body=None, headers=None, seconds=30):
        """(status, JSON). Raises one of GONE when the service is not there."""
        if self.connection is None or self.port != self.service.port:
            self.close()
            self.port = self.service.port
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        headers = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        try:
            self.connection.request(method, "/api/v1" + path, body, headers)
            reply = self.connection.getresponse()
            text = reply.read()
        except GONE:
            self.close()
            raise
        is_json = (reply.getheader("Content-Type") or "").startswith("application/json")
        return reply.status, json.loads(text) if is_json and text else text

    def get(self, path):
        status, body = self.call("GET", path)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status} {body}")
        return body

    def post(self, path, body=None, headers=None):
        status, reply = self.call("POST", path, body, headers)
        if not 200 <= status < 300:
            raise RuntimeError(f"POST {path}: {status} {reply}")
        return reply

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    # ---- jobs ----

    def new_job(self, name, lines, wait=True, start=True, **settings):
        """A text job with the labels sports and science, over the given manifest lines; its id."""
        job = self.post("/jobs", {"name": name, "type": "text-classification",
                                  "labels": [{"name": "sports"}, {"name": "science"}],
                                  **settings})["id"]
        self.upload(job, lines)
        if wait:
            wait_until(lambda: not self.importing(job), 60)
        if start:
            self.post(f"/jobs/{job}/start")
        return job

    def upload(self, job, lines):
        body = ("\n".join(lines) + "\n").encode()
        return self.post(f"/jobs/{job}/items", body, {"Content-Type": "application/x-ndjson"})

    def importing(self, job):
        return any(i["state"] == "running" for i in self.get(f"/jobs/{job}/imports")["imports"])


# ---- texts that a model can tell apart ----

WORDS = {"sports": "match goal team striker league referee penalty season coach stadium".split(),
         "science": "atom cell theory lens enzyme orbit neutron genome crystal quantum".split()}
FILLERS = "the a of and with while after before some many other new old people report".split()


def make_texts(count, seed):
    """Manifest lines and the label of each."""
    rng = random.Random(seed)
    lines, labels = [], []
    for n in range(count):
        label = rng.choice(("sports", "science"))
        words = [rng.choice(WORDS[label]) for _ in range(5)] + rng.choices(FILLERS, k=8)
        rng.shuffle(words)
        lines.append(json.dumps({"id": f"t{n}", "source": f"{n} " + " ".join(words)}))
        labels.append(label)
    return lines, labels


# ---- annotators ----

class Annotator(threading.Thread):
    """Leases and answers until told to end; repeats what got no reply, with the same key."""

    pause = 0  # seconds before each answer, where the machine is to have its part

    def __init__(self, service, token, name, job, label_of_line):
        super().__init__(daemon=True)
        self.client = service.client(token)
        self.name, self.job, self.label_of_line = name, job, label_of_line
        self.acknowledged = {}  # item -> ids of the answers acknowledged for it
        self.refused = []
        self.retried = 0
        self.over = threading.Event()
        self.sent = 0

    def persist(self, method, path, body=None, headers=None):
        """Until there is a reply that is not "come back later"."""
        first = True
        while not self.over.is_set():
            try:
                status, reply = self.client.call(method, path, body, headers, seconds=10)
                if status not in (503, 507):
                    return status, reply
            except GONE:
                pass
            self.retried += not first
            first = False
            time.sleep(0.02)
        return 0, None

    def run(self):
        while not self.over.is_set():
            status, held = self.persist("GET", f"/jobs/{self.job}/next")
            tasks = held["tasks"] if status == 200 else []
            if status == 200 and not tasks:
                status, leased = self.persist("POST", f"/jobs/{self.job}/leases", {"n": 3})
                tasks = leased["tasks"] if status in (200, 201) else []
            for task in tasks:
                self.answer(task)
            if not tasks:
                self.over.wait(0.05)

    def answer(self, task):
        self.sent += 1
        if self.pause:
            self.over.wait(self.pause)
        body = {"lease": task["lease"], "answer": {"label": self.label_of_line[task["line"]]},
                "elapsed_ms": 900, "active_ms": 700}
        status, reply = self.persist("POST", f"/jobs/{self.job}/answers", body,
                                     {"Idempotency-Key": f"{self.name}-{self.sent}"})
        if status in (200, 201):
            self.acknowledged.setdefault(reply["item"], set()).add(reply["id"])
        elif status:
            self.refused.append((status, reply, task["item"]))


# ---- the truth, counted the long way ----

STATES = ("waiting", "open", "answered", "human", "machine", "failed")


def number(text):
    return int(text.split("_")[1])


def brute_force(db, job):
    """Everything that is kept as a running total or as an index of states, against a full count.
    A list of sentences about what does not agree."""
    wrong = []

    def compare(what, kept, counted):
        if kept != counted:
            wrong.append(f"{what}: kept {kept}, counted {counted}")

    def one(sql):
        return db.execute(sql, {"job": job}).fetchone()[0]

    def rows(sql):
        return {tuple(r)[:-1]: tuple(r)[-1] for r in db.execute(sql, {"job": job})}

    counts = db.execute("SELECT * FROM job_count WHERE job = ?", (job,)).fetchone()
    for state, name in enumerate(STATES):
        compare(f"items {name}", counts[name],
                one(f"SELECT count(*) FROM item WHERE id >> 32 = :job AND state = {state}"))
    compare("answers", counts["answers"],
            one("SELECT count(*) FROM answer WHERE job = :job AND status = 0"))
    compare("skips", counts["skips"],
            one("SELECT count(*) FROM slot WHERE job = :job AND state = 3"))
    compare("provisional", counts["provisional"],
            one("SELECT count(*) FROM guess JOIN item ON item.id = guess.item"
                " WHERE guess.job = :job AND item.state < 3"))
    compare("lines", one("SELECT next_line FROM job WHERE id = :job"),
            one("SELECT count(*) FROM item WHERE id >> 32 = :job"))
    compare("line numbers", one("SELECT coalesce(1 + max(id & 0xffffffff), 0)"
                                   " FROM item WHERE id >> 32 = :job"),
            one("SELECT count(*) FROM item WHERE id >> 32 = :job"))
    compare("item slots", rows("SELECT id, taken, done FROM item WHERE id >> 32 = :job"
                               " AND taken > 0"),
            rows("SELECT item, sum(state IN (1, 2)), sum(state = 2) FROM slot WHERE job = :job"
                 " GROUP BY item HAVING sum(state IN (1, 2)) > 0"))
    compare("front", one("SELECT count(*) FROM front WHERE job = :job"),
            one("SELECT count(*) FROM item WHERE id >> 32 = :job AND state = 1 AND taken < wanted"))
    compare("front's ranks", one("SELECT count(*) FROM front WHERE job = :job"),
            one("SELECT count(*) FROM front JOIN item ON item.id = front.item"
                " AND item.rank = front.rank WHERE front.job = :job AND state = 1"))
    compare("annotators", rows("SELECT person, answers FROM annotator WHERE job = :job"
                               " AND answers <> 0"),
            rows("SELECT person, count(*) FROM answer WHERE job = :job AND status = 0"
                 " AND id <= (SELECT answer FROM booked) GROUP BY person"))
    compare("activity", rows("SELECT person, sum(answers) FROM activity WHERE job = :job"
                             " AND person > 0 GROUP BY person HAVING sum(answers) <> 0"),
            rows("SELECT person, count(*) FROM answer WHERE job = :job AND status = 0"
                 " AND id <= (SELECT answer FROM booked) GROUP BY person"))
    compare("pulse", one("SELECT coalesce(sum(answers), 0) FROM pulse WHERE job = :job"),
            one("SELECT count(*) FROM answer WHERE job = :job AND status = 0"
                " AND id <= (SELECT answer FROM booked)"))
    compare("answers that cannot be found by their person", one(
        "SELECT count(*) FROM slot WHERE job = :job AND state = 2"
        " AND answer <= (SELECT answer FROM booked) AND NOT EXISTS (SELECT 1 FROM answered AS a"
        " WHERE a.person = slot.person AND a.item = slot.item)"), 0)
    compare("classes", rows("SELECT class, human, machine FROM class_count WHERE job = :job"
                            " AND human + machine <> 0"),
            rows("SELECT class, sum(state = 3), sum(state = 4) FROM item WHERE id >> 32 = :job"
                 " AND label IS NOT NULL AND state IN (3, 4) GROUP BY class"))
    return wrong
