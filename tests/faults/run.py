#!/usr/bin/env python3
"""Runs the tests of this folder and numbers their results in one row: two at a time, since they wait
more than they work, and those that press with all there is alone.

usage: tests/faults/run.py [PART-OF-A-NAME ...]
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = ("run.py", "harness.py", "swarm.py", "shim.py", "checks.py")
ALONE = ("overload.py", "slow_clients.py", "under_load.py")


class Totals:
    number = failed = 0
    counts = {}


def run(name):
    started = time.monotonic()
    p = subprocess.run([sys.executable, os.path.join(HERE, name)], stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True, errors="replace")
    return name, p.returncode, p.stdout, time.monotonic() - started


def tell(name, status, output, took):
    print(f"# {name}: {took:.0f} s")
    number = failed = 0
    for line in output.splitlines():
        result = re.match(r"(ok|not ok) \d+(.*)", line)
        counted = re.match(r"# count: (.*) (\d+)$", line)
        if counted:
            Totals.counts[counted[1]] = Totals.counts.get(counted[1], 0) + int(counted[2])
        elif result:
            number += 1
            failed += result[1] == "not ok"
            print(f"{result[1]} {Totals.number + number}{result[2]}")
        elif not re.match(r"1\.\.\d+$", line):
            print(line)
    if number == 0 or (status != 0 and failed == 0):
        number += 1
        failed += 1
        print(f"not ok {Totals.number + number} - {name} ends in good order (status {status})")
    Totals.number += number
    Totals.failed += failed
    sys.stdout.flush()


def main():
    names = [n for n in sorted(os.listdir(HERE)) if n.endswith(".py") and n not in SHARED and
             (not sys.argv[1:] or any(part in n for part in sys.argv[1:]))]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for result in pool.map(run, [n for n in names if n not in ALONE]):
            tell(*result)
    for name in [n for n in names if n in ALONE]:
        tell(*run(name))
    for what, n in Totals.counts.items():
        print(f"# in all: {n} {what}")
    print(f"1..{Totals.number}")
    sys.exit(1 if Totals.failed else 0)


if __name__ == "__main__":
    main()
