#!/usr/bin/env python3
"""Measures the product against yardsticks in the same run, prints a table and writes bench.json.

usage: tests/bench/run.py PLUMBLINE FOLDER_OF_THE_BUILT_BENCH_PROGRAMS OUT.json

Absolute figures do not travel between machines, nor between two minutes of a busy one: each figure
stands beside its yardstick, measured in turn with it. For rates a ratio above 1 is faster than the
yardstick, for times a ratio above 1 is slower; the column says which way is better.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "faults"))
import harness  # noqa: E402  (the service of the fault tests, started and stopped the same way)

# Ten tasks for each of the people must fit the most items that a job opens at a time.
PEOPLE, OPEN, CONNECTIONS, ITEMS, ROUNDS, LINES = 448, 5000, 64, 100000, 6, 200000


def program(*arguments):
    return subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True).stdout


def lines_of(count):
    return [json.dumps({"source": f"Text number {n}, about as long as a headline with a few more "
                                  "words behind it"}) for n in range(count)]


class Results(dict):
    def put(self, name, value, unit, yardstick, ratio=None):
        self[name] = {"value": value, "unit": unit, "yardstick": yardstick,
                      "ratio": round(ratio if ratio is not None else value / yardstick, 3)}


# ---- requests ----

def make_people(admin, folder):
    tokens = os.path.join(folder, "tokens")
    with open(tokens, "w") as file:
        for n in range(PEOPLE):
            person = admin.post("/people", {"name": f"person-{n}", "role": "annotator"})["id"]
            file.write(admin.post(f"/people/{person}/keys", {"name": "bench"})["token"] + "\n")
    return tokens


class Floor:
    def __init__(self, built, folder):
        self.path, self.db = os.path.join(built, "floor"), os.path.join(folder, "floor.db")
        program(self.path, "init", self.db, str(ITEMS))

    def __enter__(self):
        self.process = subprocess.Popen([self.path, "serve", self.db], stdout=subprocess.PIPE,
                                        text=True)
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def measure(built, port, pid, *who):
    out = program(os.path.join(built, "load"), str(port), str(pid), str(CONNECTIONS), *who)
    return {r["phase"]: r for r in map(json.loads, out.splitlines())}


def requests(results, built, folder):
    with harness.Service() as service, Floor(built, folder) as floor:
        admin = service.client(service.token("admin", "admin"))
        tokens = make_people(admin, folder)
        job = admin.new_job("bench", lines_of(ITEMS), open_items=OPEN)
        rounds = []
        for _ in range(ROUNDS):
            harness.wait_until(lambda: admin.get(f"/jobs/{job}")["counts"]["open"] >= OPEN * 0.9, 20)
            ours = measure(built, service.port, service.process.pid, "plumbline", job, tokens)
            rounds.append((ours, measure(built, floor.port, floor.process.pid, "floor",
                                         str(PEOPLE))))
        memory = service.private_bytes() / 2**20
    for phase in ("next", "lease", "submit"):
        for figure, unit, name in (("per_second", "requests/s", phase),
                                   ("cpu_us", "us of CPU a request", f"{phase}.cpu"),
                                   ("p99_ms", "ms at the 99th percentile", f"{phase}.p99")):
            ours, floors = ([r[i][phase][figure] for r in rounds] for i in (0, 1))
            results.put(f"http.{name}", statistics.median(ours), unit, statistics.median(floors),
                        statistics.median(a / b for a, b in zip(ours, floors)))
    results.put("serve.private_memory", round(memory, 1), "MB", 60)


# ---- import and export ----

def transfers(results, built, folder):
    manifest = os.path.join(folder, "lines.jsonl")
    lines = lines_of(LINES)
    with open(manifest, "w") as file:
        file.write("\n".join(lines) + "\n")
    ours_in, ours_out, bare_in, bare_out = [], [], [], []
    with harness.Service("--import-root", folder) as service:
        admin = service.client(service.token("admin", "admin"))
        for n in range(2):
            db = os.path.join(folder, f"bulk-{n}.db")
            bare_in.append(float(program(os.path.join(built, "bulk"), "import", manifest, db)))
            bare_out.append(float(program(os.path.join(built, "bulk"), "export", db,
                                          os.path.join(folder, "out"))))
            job = admin.new_job(f"transfer-{n}", lines[:1], start=False)
            started = time.monotonic()
            admin.post(f"/jobs/{job}/imports", {"source": "lines.jsonl"})
            harness.wait_until(lambda: not admin.importing(job), 120, 0.01)
            ours_in.append(time.monotonic() - started)
            started = time.monotonic()
            export = admin.post(f"/jobs/{job}/exports", {"format": "manifest", "scope": "all"})["id"]
            view = harness.wait_until(lambda: (lambda v: v["state"] != "running" and v)(
                admin.get(f"/exports/{export}")), 120, 0.01)
            if view["state"] != "done":
                raise RuntimeError(view)
            ours_out.append(time.monotonic() - started)
    results.put("import.text", round(LINES / min(ours_in)), "lines/s",
                round(LINES / min(bare_in)))
    results.put("export.manifest", round(LINES / min(ours_out)), "lines/s",
                round(LINES / min(bare_out)))


# ---- the rest is programs of their own that print what they measured ----

def alone(results, built, name):
    for key, value in json.loads(program(os.path.join(built, name))).items():
        results.put(key, value["value"], value["unit"], value["yardstick"], value["ratio"])


def table(results):
    print(f"{'':24}{'value':>12}{'yardstick':>12}{'ratio':>8}  unit")
    for name, r in results.items():
        better = "more" if r["unit"].endswith("/s") else "less"
        print(f"{name:24}{r['value']:12,.10g}{r['yardstick']:12,.10g}{r['ratio']:8.2f}  "
              f"{r['unit']} ({better} is better)")


def main():
    harness.PROGRAM, built, out = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
    results = Results()
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as folder:
        requests(results, built, folder)
        transfers(results, built, folder)
    alone(results, built, "bench_thumbnail")
    alone(results, built, "bench_consensus")
    table(results)
    with open(out, "w") as file:
        json.dump(results, file, indent=2)


if __name__ == "__main__":
    main()
