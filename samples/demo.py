#!/usr/bin/env python3
"""Three simulated annotators label a sample job through the REST API, at a pace one can watch.

    samples/demo.py --url http://127.0.0.1:8080 --job sample-messages \\
        --truth build/samples/messages/messages.truth.csv --token T1 --token T2 --token T3

Each annotator knows the truth and errs now and then, each in a way of their own: one at random, one
by mixing up two neighbouring labels, one by falling back on a favourite. Every second a line tells
how far the job is; the program ends when the job is completed. Ctrl-C ends it at any time: what was
answered stays. Needs nothing but Python's standard library.
"""
import argparse
import csv
import http.client
import json
import os
import random
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

ENDED = ("completed", "stopped", "failed")

# name, share of right answers, kind of error, seconds for an item
PEOPLE = (
    ("Ada", 0.97, "any", 3.0),
    ("Ben", 0.92, "neighbour", 2.2),
    ("Cleo", 0.85, "favourite", 1.6),
)


class Refused(Exception):
    """The server understood and said no; .status is the HTTP status."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Service:
    """The few REST calls that labelling takes, for one annotator's token."""

    TRIES = 6  # for a server that is restarting or busy

    def __init__(self, url, job, token):
        self.base = "%s/api/v1/jobs/%s" % (url.rstrip("/"), urllib.parse.quote(job, safe=""))
        self.token = token

    def lease(self, count):
        """Up to `count` tasks, held for this annotator: dicts with "lease" and "line"."""
        return self._call("POST", "/leases", {"n": count})["tasks"]

    def answer(self, lease, label, elapsed_ms):
        body = {"lease": lease, "answer": {"label": label},
                "elapsed_ms": elapsed_ms, "active_ms": elapsed_ms}
        self._call("POST", "/answers", body, {"Idempotency-Key": str(uuid.uuid4())})

    def job(self):
        """"state" and "counts" of the job."""
        return self._call("GET", "")

    def _call(self, method, path, body=None, headers=None):
        wait = 0.5
        for left in reversed(range(self.TRIES)):
            try:
                return self._once(method, path, body, headers or {})
            except urllib.error.HTTPError as e:
                message = self._message(e)
                if left == 0 or (e.code != 429 and e.code < 500):
                    raise Refused(e.code, message)
                pause = e.headers.get("Retry-After", "")
                time.sleep(float(pause) if pause.isdigit() else wait)
            except (OSError, http.client.HTTPException) as e:  # the key makes a second try safe
                if left == 0:
                    raise Refused(0, "%s: %s" % (self.base, getattr(e, "reason", e)))
                time.sleep(wait)
            wait *= 2

    def _once(self, method, path, body, headers):
        request = urllib.request.Request(self.base + path, method=method)
        request.add_header("Authorization", "Bearer " + self.token)
        for name, value in headers.items():
            request.add_header(name, value)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.loads(reply.read() or b"{}")

    @staticmethod
    def _message(e):
        try:
            error = json.loads(e.read())["error"]
            return error["message"] if isinstance(error, dict) else str(error)
        except (ValueError, KeyError, TypeError):
            return "HTTP %d" % e.code


class Annotator(threading.Thread):
    """Leases, thinks, answers, until told to stop."""

    def __init__(self, person, service, truth, labels, pace, stop):
        super().__init__(daemon=True)
        self.name, self.accuracy, self.errs, self.seconds = person
        self.service, self.truth, self.labels = service, truth, labels
        self.pace, self.stop_event = pace, stop
        self.random = random.Random(self.name)
        self.answered = self.wrong = 0
        self.trouble = None

    def choose(self, truth):
        if self.random.random() < self.accuracy:
            return truth
        others = [label for label in self.labels if label != truth]
        if self.errs == "neighbour" and self.random.random() < 0.8:
            at = self.labels.index(truth)
            return self.labels[at ^ 1] if at ^ 1 < len(self.labels) else self.labels[at - 1]
        if self.errs == "favourite" and truth != self.labels[0] and self.random.random() < 0.7:
            return self.labels[0]
        return self.random.choice(others)

    def answer(self, task):
        line = task["line"]
        if not 0 <= line < len(self.truth):
            raise Refused(0, "item %s has line %s, the truth has lines 0 to %d: another job's?"
                          % (task.get("item"), line, len(self.truth) - 1))
        label = self.choose(self.truth[line])
        thought = self.seconds * self.random.lognormvariate(0, 0.5)
        try:
            self.service.answer(task["lease"], label, int(1000 * thought))
        except Refused as e:
            if e.status not in (404, 409, 410):  # the item was decided meanwhile: go on
                raise
            return
        self.answered += 1
        self.wrong += label != self.truth[line]

    def run(self):
        try:
            while not self.stop_event.is_set():
                tasks = self.service.lease(2)
                for task in tasks:
                    if self.stop_event.wait(self.pace * self.random.uniform(0.7, 1.3)):
                        return
                    self.answer(task)
                if not tasks:  # nothing to do just now: others' answers or a training are due
                    self.stop_event.wait(1)
        except Refused as e:
            if not (e.status == 409 and self.stop_event.is_set()):
                self.trouble = e


def watch(service, people, stop):
    """Prints a line a second until the job ends; the exit status."""
    while True:
        job = service.job()
        counts = job["counts"]
        human, machine = counts.get("human", 0), counts.get("machine", 0)
        done = human + machine + counts.get("failed", 0)
        print("%s  %5d of %d labelled: %d by people, %d automatically; %d answers, %d of them wrong"
              % (job["state"], done, counts["total"], human, machine,
                 sum(p.answered for p in people), sum(p.wrong for p in people)), flush=True)
        if job["state"] in ENDED:
            return 0 if job["state"] == "completed" else 1
        trouble = [p for p in people if p.trouble]
        for p in trouble:
            print("demo.py: %s stopped: %s" % (p.name, p.trouble), file=sys.stderr)
            p.trouble = None
        if not any(p.is_alive() for p in people):
            return 1
        stop.wait(1)


def read_truth(path):
    """Labels by line number, and their names in order."""
    with open(path, newline="", encoding="utf-8") as file:
        truth = [row["label"] for row in csv.DictReader(file)]
    return truth, sorted(set(truth))


def read_arguments():
    env = os.environ.get
    p = argparse.ArgumentParser(description="Three simulated annotators label a sample job.")
    p.add_argument("--url", default=env("PLUMBLINE_URL", "http://127.0.0.1:8080"))
    p.add_argument("--job", default="sample-messages", help="name or id of the job")
    p.add_argument("--truth", default="build/samples/messages/messages.truth.csv",
                   help="CSV item,label in the order of the job's lines")
    p.add_argument("--token", action="append", metavar="TOKEN",
                   help="of an annotator; one to three times (or PLUMBLINE_DEMO_TOKENS=T1,T2)")
    p.add_argument("--rate", type=float, default=6, help="answers a second, all together")
    a = p.parse_args()
    a.token = a.token or [t for t in env("PLUMBLINE_DEMO_TOKENS", "").split(",") if t]
    if not 1 <= len(a.token) <= len(PEOPLE):
        p.error("one to three tokens are needed: --token or PLUMBLINE_DEMO_TOKENS")
    if not a.rate > 0:
        p.error("--rate must be over 0")
    return a


def main():
    a = read_arguments()
    stop = threading.Event()
    try:
        truth, labels = read_truth(a.truth)
        people = [Annotator(person, Service(a.url, a.job, token), truth, labels,
                            len(a.token) / a.rate, stop)
                  for person, token in zip(PEOPLE, a.token)]
        for p in people:
            p.start()
        status = watch(people[0].service, people, stop)
        stop.set()
        return status
    except (Refused, OSError) as e:
        print("demo.py: %s" % e, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
