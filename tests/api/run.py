#!/usr/bin/env python3
"""Runs every script of this folder, three at a time, since they wait more than they work, the longest
first, and prints one TAP stream.

usage: tests/api/run.py [PART-OF-A-NAME ...]
"""
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LONG = ("test_output", "test_big", "test_buckets", "test_backup", "test_conditions", "test_counters")
LINE = re.compile(r"^(ok|not ok) \d+( - .*)$")


def length(path):
    name = os.path.basename(path).removesuffix(".py")
    return LONG.index(name) if name in LONG else len(LONG), path


def run(path):
    started = time.monotonic()
    p = subprocess.run([sys.executable, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True, errors="replace")
    return p.returncode, p.stdout + f"# {os.path.basename(path)}: {time.monotonic() - started:.0f} s\n"


def main():
    scripts = sorted((p for p in glob.glob(os.path.join(HERE, "test_*.py"))
                      if not sys.argv[1:] or any(a in p for a in sys.argv[1:])), key=length)
    number = failed = 0
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for path, (status, output) in zip(scripts, pool.map(run, scripts)):
            bad = 0
            for line in output.splitlines():
                m = LINE.match(line)
                if m:
                    number += 1
                    bad += m.group(1) == "not ok"
                    print(f"{m.group(1)} {number}{m.group(2)}")
                elif not line.startswith("1.."):
                    print(line)
            if status != 0 and not bad:
                number += 1
                bad = 1
                print(f"not ok {number} - {os.path.basename(path)} ended with status {status}")
                print("  " + "\n  ".join(output.splitlines()[-30:]))
            failed += bad
            sys.stdout.flush()
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
