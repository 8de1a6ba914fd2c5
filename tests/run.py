#!/usr/bin/env python3
"""Runs groups of tests that speak TAP and adds them up.

usage: tests/run.py NAME=COMMAND ...

Each command prints `ok N - name`, `not ok N - name` or `ok N - name # SKIP reason` lines. Failures
are shown with what was printed after them; passed tests only with V=1. A command that ends badly, or
without any test, is a failure of its own. The last line is `N passed, N failed, N skipped`.
"""
import os
import re
import subprocess
import sys
import time

LINE = re.compile(r"^(ok|not ok)\b(.*)$")


def run(name, command, totals):
    started = time.monotonic()
    passed = failed = skipped = 0
    in_failure = False
    p = subprocess.Popen(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, errors="replace")
    tail = []
    for line in p.stdout:
        line = line.rstrip("\n")
        tail = (tail + [line])[-40:]
        m = LINE.match(line)
        if m:
            in_failure = m.group(1) == "not ok"
            skip = "# SKIP" in m.group(2).upper()
            if skip:
                skipped += 1
                print(f"  {name}: skipped {m.group(2).strip()}", flush=True)
            elif in_failure:
                failed += 1
                print(f"  {name}: {line}", flush=True)
            else:
                passed += 1
        elif in_failure:
            print(f"    {line}", flush=True)
        elif os.environ.get("V"):
            print(line, flush=True)
    status = p.wait()
    if (status != 0 and failed == 0) or passed + failed + skipped == 0:
        failed += 1
        print(f"  {name}: `{command}` ended with status {status}; the last it said:", flush=True)
        for line in tail:
            print(f"    {line}")
    print(f"{name}: {passed} passed, {failed} failed, {skipped} skipped in "
          f"{time.monotonic() - started:.0f} s", flush=True)
    for i, n in enumerate((passed, failed, skipped)):
        totals[i] += n


def main():
    totals = [0, 0, 0]
    for group in sys.argv[1:]:
        name, command = group.split("=", 1)
        run(name, command, totals)
    print(f"{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped")
    return 1 if totals[1] else 0


if __name__ == "__main__":
    sys.exit(main())
