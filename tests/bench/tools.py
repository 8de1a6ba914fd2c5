"""tools.py - what the parts of the benchmark share: results, services filled with items, load."""

import json
import os
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "faults"))
import harness  # noqa: E402  (the service of the fault tests, started and stopped the same way)

SHARED = os.environ.get("PLUMBLINE_SHARED") or os.path.join(harness.ROOT, "..", "shared")

LABELS = [{"name": "sports"}, {"name": "science"}, {"name": "rare"}]
CONNECTIONS = 64


def setting(name, usual):
    return int(float(os.environ.get(f"BENCH_{name}", usual)))


ITEMS = setting("ITEMS", 1e6)    # of a large job, also lines of the import and labels of the export
MANY = setting("MANY", 1e7)      # of a very large one
FEW = setting("FEW", 1e4)        # of a small one
FILES = setting("FILES", 1e3)    # items of a tree that goes into a bucket
ROUNDS = setting("ROUNDS", 5)    # of what is measured in turn


def program(*arguments):
    return subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True).stdout


def say(text):
    print(text, flush=True)


def median(values):
    return statistics.median(values)


def milliseconds(what):
    started = time.perf_counter()
    what()
    return (time.perf_counter() - started) * 1e3


class Results(dict):
    def put(self, name, value, unit, yardstick, ratio=None):
        """ratio: value to yardstick unless told."""
        ratio = ratio if ratio is not None else value / yardstick if yardstick else None
        self[name] = {"value": round(value, 4), "unit": unit, "yardstick": round(yardstick, 4),
                      "ratio": None if ratio is None else round(ratio, 3)}

    def rounds(self, name, unit, ours, theirs):
        """Of what was measured in turn: medians, which one bad moment of the machine cannot move."""
        self.put(name, median(ours), unit, median(theirs))


class Filled(harness.Service):
    """A service whose jobs were filled while it was stopped; jobs: (items, labelled, answers)."""

    def __init__(self, built, *flags):
        super().__init__(*flags)
        self.built = built
        self.jobs = []

    def fill(self, people, jobs, **settings):
        self.admin = self.client(self.token("admin", "admin"))
        self.tokens = os.path.join(self.folder, "tokens")
        ids = []
        with open(self.tokens, "w") as file:
            for n in range(people):
                ids.append(self.admin.post("/people", {"name": f"person-{n}",
                                                       "role": "annotator"})["id"])
                file.write(self.admin.post(f"/people/{ids[-1]}/keys", {"name": "b"})["token"] + "\n")
        for n, (_, _, answers) in enumerate(jobs):
            self.jobs.append(self.admin.post("/jobs", {
                "name": f"job-{n}", "type": "text-classification", "labels": LABELS,
                "annotators_per_item": answers, **settings})["id"])
        self.stop()
        self.people = [int(i.split("_")[1]) for i in ids] or [2]
        for job, (items, labelled, answers) in zip(self.jobs, jobs):
            program(os.path.join(self.built, "fill"), os.path.join(self.data, "plumbline.db"),
                    job.split("_")[1], str(items), str(labelled), str(answers),
                    str(self.people[0]), str(max(people, 1)))
        self.start()
        self.admin.close()
        return self

    def open_all(self, job, wanted):
        self.admin.post(f"/jobs/{job}/start")
        self.wait_open(job, wanted)

    def wait_open(self, job, wanted):
        harness.wait_until(lambda: self.admin.get(f"/jobs/{job}")["counts"]["open"] >= wanted, 30)

    def load(self, job, *how):
        return load(self.built, self.port, self.process.pid, "plumbline", job, self.tokens, *how)


def load(built, port, pid, *who):
    out = program(os.path.join(built, "load"), str(port), str(pid), str(CONNECTIONS), *who)
    return {r["phase"]: r for r in map(json.loads, out.splitlines())}


class Floor:
    """The yardstick of the request path, serving its own ITEMS items."""

    kind = "floor"

    def __init__(self, built, folder):
        self.built, self.db = built, os.path.join(folder, "floor.db")
        self.path = os.path.join(built, "floor")
        program(self.path, "init", self.db, str(ITEMS))

    def __enter__(self):
        self.process = subprocess.Popen([self.path, "serve", self.db], stdout=subprocess.PIPE,
                                        text=True)
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def load(self, people):
        return load(self.built, self.port, self.process.pid, self.kind, str(people))
