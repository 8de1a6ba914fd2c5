#!/usr/bin/env python3
"""Runs the tests of this folder one after another, with real clients and real servers of others, and
numbers their results in one row.

usage: tests/clients/run.py [PART-OF-A-NAME ...]
"""
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = ("run.py", "harness.py", "swift.py", "stub.py", "fake_s3.py", "aws_clients.py")
LINE = re.compile(r"^(ok|not ok) \d+(.*)$")


def main():
    number = failed = 0
    for name in sorted(os.listdir(HERE)):
        if not name.endswith(".py") or name in SHARED or \
                (sys.argv[1:] and not any(part in name for part in sys.argv[1:])):
            continue
        started, bad, here = time.monotonic(), 0, 0
        p = subprocess.run([sys.executable, os.path.join(HERE, name)], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, errors="replace")
        for line in p.stdout.splitlines():
            m = LINE.match(line)
            if m:
                number += 1
                here += 1
                bad += m.group(1) == "not ok"
                print(f"{m.group(1)} {number}{m.group(2)}")
            elif not re.match(r"1\.\.\d+$", line):
                print(line)
        if here == 0 or (p.returncode != 0 and not bad):
            number += 1
            bad += 1
            print(f"not ok {number} - {name} ends in good order (status {p.returncode})")
        failed += bad
        print(f"# {name}: {time.monotonic() - started:.0f} s", flush=True)
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
