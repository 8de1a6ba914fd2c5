#!/usr/bin/env python3
"""Runs every test of this folder and numbers their results in one row."""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = ("run.py", "harness.py", "swarm.py")


def main():
    number = failed = 0
    for name in sorted(os.listdir(HERE)):
        if not name.endswith(".py") or name in SHARED:
            continue
        print(f"# {name}", flush=True)
        before, bad = number, failed
        p = subprocess.Popen([sys.executable, os.path.join(HERE, name)], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, errors="replace")
        for line in p.stdout:
            result = re.match(r"(ok|not ok) \d+(.*)", line)
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
    print(f"1..{number}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
