#!/usr/bin/env python3
"""Measures the product against yardsticks in the same run, prints a table and writes bench.json.

usage: tests/bench/run.py PLUMBLINE FOLDER_OF_THE_BUILT_BENCH_PROGRAMS OUT.json [PART…]

Absolute figures do not travel between machines, nor between two minutes of a busy one: each figure
stands beside its yardstick, measured in turn with it. For rates a ratio above 1 is faster than the
yardstick, for times a ratio above 1 is slower; the column says which way is better. A part that fails
is told and counted, and leaves the others' figures alone.

BENCH_ITEMS, BENCH_MANY, BENCH_FEW, BENCH_FILES and BENCH_ROUNDS make it smaller or larger: a look at whether it runs at all is
BENCH_ITEMS=2e4 BENCH_MANY=1e5 BENCH_ROUNDS=1 make bench.
"""

import json
import os
import sys
import tempfile
import time
import traceback

import buckets
import parts
import tools


def all_parts(results, built, folder):
    yield "requests", lambda: parts.requests(results, built, folder)
    yield "large", lambda: parts.large(results, built, folder)
    yield "import", lambda: parts.imports(results, built, folder)
    yield "labelled", lambda: parts.labelled(results, built, folder)
    yield "buckets", lambda: buckets.export(results, built, folder)
    yield "thumbnails", lambda: parts.alone(results, built, "bench_thumbnail")
    yield "consensus", lambda: parts.alone(results, built, "bench_consensus")


def attempt(name, what, failures):
    started = time.monotonic()
    tools.say(f"{name} …")
    try:
        steps = what()
        if hasattr(steps, "send"):
            while step := next(steps, None):
                attempt(f"{name}, a step", step, failures)
    except Exception as error:  # whatever it is, the other parts still have something to say
        failures[name] = f"{type(error).__name__}: {error}"
        traceback.print_exc()
    tools.say(f"{name}: {time.monotonic() - started:.0f} s")


def table(results):
    print(f"{'':24}{'value':>12}{'yardstick':>12}{'ratio':>8}  unit")
    for name, r in results.items():
        better = "more" if "/s" in r["unit"] else "less"
        ratio = "" if r["ratio"] is None else f"{r['ratio']:8.2f}"
        print(f"{name:24}{r['value']:12,.6g}{r['yardstick']:12,.6g}{ratio:>8}  "
              f"{r['unit']} ({better} is better)")


def main():
    tools.harness.PROGRAM, built, out = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
    chosen, results, failures = sys.argv[4:], tools.Results(), {}
    for name, what in all_parts(results, built, None):
        if chosen and name not in chosen:
            continue
        with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as folder:
            attempt(name, dict(all_parts(results, built, folder))[name], failures)
    table(results)
    for name, why in failures.items():
        print(f"FAILED {name}: {why}")
    with open(out, "w") as file:
        json.dump(results, file, indent=2)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
