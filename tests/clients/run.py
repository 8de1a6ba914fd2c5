#!/usr/bin/env python3
"""Runs the tests of this folder, with real clients and real servers of others, and numbers their results
in one row. They wait more than they work, and each has servers of its own: some run at a time, and are
told in the order of their names. CLIENTS_AT_ONCE=1 runs one after another.

usage: tests/clients/run.py [PART-OF-A-NAME ...]
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = ("run.py", "harness.py", "swift.py", "faulty.py", "fake_s3.py", "aws_clients.py")
AT_ONCE = int(os.environ.get("CLIENTS_AT_ONCE", "3"))
LINE = re.compile(r"^(ok|not ok) \d+(.*)$")


def chosen():
    for name in sorted(os.listdir(HERE)):
        if name.endswith(".py") and name not in SHARED and \
                (not sys.argv[1:] or any(part in name for part in sys.argv[1:])):
            yield name


def run(name):
    """(its status, what it printed, seconds)"""
    started = time.monotonic()
    p = subprocess.run([sys.executable, os.path.join(HERE, name)], stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True, errors="replace")
    return p.returncode, p.stdout, time.monotonic() - started


def main():
    number = failed = 0
    names = list(chosen())
    with concurrent.futures.ThreadPoolExecutor(max(AT_ONCE, 1)) as pool:
        for name, (status, printed, seconds) in zip(names, pool.map(run, names)):
            bad = here = 0
            for line in printed.splitlines():
                m = LINE.match(line)
                if m:
                    number += 1
                    here += 1
                    bad += m.group(1) == "not ok"
                    print(f"{m.group(1)} {number}{m.group(2)}")
                elif not re.match(r"1\.\.\d+$", line):
                    print(line)
            if here == 0 or (status != 0 and not bad):
                number += 1
                bad += 1
                print(f"not ok {number} - {name} ends in good order (status {status})")
            failed += bad
            print(f"# {name}: {seconds:.0f} s", flush=True)
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
