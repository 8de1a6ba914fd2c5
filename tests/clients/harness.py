"""What the tests of this folder share: a list of functions test_*(), run in their order, each one line
of TAP; the program that drives the bucket client; a folder of their own."""
import collections
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PLUMBLINE = os.path.abspath(os.environ.get("PLUMBLINE", os.path.join(ROOT, "build/plumbline")))
TOOL = os.path.join(os.path.dirname(PLUMBLINE), "tests/clients/s3_tool")
AWS = "/usr/bin/aws"

Ran = collections.namedtuple("Ran", "status out err code numbers")


class Skip(Exception):
    """Raised by a test that cannot run here, with the reason."""


def environment(extra=None):
    """Ours without anything that says where buckets are, and with a home without settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PLUMBLINE_S3"))
            and k.lower() not in ("http_proxy", "https_proxy", "all_proxy")}
    kept.update({"HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"})
    kept.update(extra or {})
    return {k: v for k, v in kept.items() if v is not None}


def tool(words, env=None, timeout=120, prefix=()):
    """Runs s3_tool; .code is the error's code or "", .numbers its counters."""
    p = subprocess.run([*prefix, TOOL, "--numbers", *map(str, words)], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, env=environment(env), timeout=timeout)
    err = p.stderr.decode(errors="replace")
    numbers, code = {}, ""
    for line in err.splitlines():
        if line.startswith('{"requests"'):
            numbers = json.loads(line)
        elif p.returncode and line[:3].strip().isdigit():
            code = line.split(" ")[1]
    if p.returncode < 0 or "Sanitizer" in err:
        raise AssertionError(f"s3_tool {words} ended with {p.returncode}: {err[-3000:]}")
    return Ran(p.returncode, p.stdout, err, code, numbers)


def good(words, env=None, **more):
    r = tool(words, env, **more)
    assert r.status == 0, f"s3_tool {words}: {r.err}"
    return r


def refused(code, words, env=None, **more):
    r = tool(words, env, **more)
    assert r.code == code, f"s3_tool {words}: expected {code}, got {r.status} {r.err} {r.out[:200]}"
    return r


@contextlib.contextmanager
def folder():
    d = tempfile.mkdtemp(prefix="plumbline-clients-")
    try:
        yield d
    finally:
        shutil.rmtree(d, ignore_errors=True)


def run(names):
    """Runs every test_*() of a module's globals(); the status is for sys.exit."""
    failed = 0
    tests = [f for n, f in names.items() if n.startswith("test_")]
    for i, test in enumerate(tests, 1):
        title = (test.__doc__ or test.__name__).splitlines()[0].rstrip(".")
        started = time.monotonic()
        try:
            test()
            print(f"ok {i} - {title}")
        except Skip as reason:
            print(f"ok {i} - {title} # SKIP {reason}")
        except Exception:
            failed += 1
            print(f"not ok {i} - {title}")
            print("# " + traceback.format_exc().replace("\n", "\n# "))
        if os.environ.get("V"):
            print(f"# {time.monotonic() - started:.1f} s")
        sys.stdout.flush()
    print(f"1..{len(tests)}")
    return 1 if failed else 0
