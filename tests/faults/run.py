#!/usr/bin/env python3
"""Runs the tests of this folder and numbers their results in one row.

usage: tests/faults/run.py [PART-OF-A-NAME ...]
"""

import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = ("run.py", "harness.py", "swarm.py", "shim.py", "checks.py")


def main():
    number = failed = 0
    totals = {}
    for name in sorted(os.listdir(HERE)):
        if not name.endswith(".py") or name in SHARED:
            continue
        if sys.argv[1:] and not any(part in name for part in sys.argv[1:]):
            continue
        print(f"# {name}", flush=True)
        started = time.monotonic()
        before, bad = number, failed
        p = subprocess.Popen([sys.executable, os.path.join(HERE, name)], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, errors="replace")
        for line in p.stdout:
            result = re.match(r"(ok|not ok) \d+(.*)", line)
            counted = re.match(r"# count: (.*) (\d+)$", line)
            if counted:
                totals[counted[1]] = totals.get(counted[1], 0) + int(counted[2])
            number += bool(result)
            failed += bool(result) and result[1] == "not ok"
            if result:
                print(f"{result[1]} {number}{result[2]}", flush=True)
            elif not re.match(r"1\.\.\d+$", line):
                print(line, end="", flush=True)
        status = p.wait()
        if number == before or (status != 0 and failed == bad):
            number += 1
            failed += 1
            print(f"not ok {number} - {name} ends in good order (status {status})", flush=True)
        print(f"# {name}: {time.monotonic() - started:.0f} s", flush=True)
    for what, n in totals.items():
        print(f"# in all: {n} {what}")
    print(f"1..{number}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
