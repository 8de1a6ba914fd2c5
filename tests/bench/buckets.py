"""buckets.py - an output tree into a bucket against the AWS command line with the same files and the same
server. Both wait for the server most of the time (Swift makes some 50 to 150 objects a second), so a
thousand items tell as much as BENCH_FILES=1e4 does in ten times as long."""

import os
import shutil
import subprocess
import sys
import time

import tools
from tools import FILES, Filled, program, say

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "clients"))
import swift  # noqa: E402

AWS = "/usr/bin/aws"
TURNS = 2


def missing():
    return swift.missing() or (None if shutil.which(AWS) else f"{AWS} not installed")


def export_to(service, to):
    """Seconds from the request to the end."""
    started = time.monotonic()
    program(tools.harness.PROGRAM, "export", "--data", service.data, "--job", service.jobs[0],
            "--format", "tree", "--out", to)
    return time.monotonic() - started


def copy(store, tree, to):
    started = time.monotonic()
    subprocess.run([AWS, "--endpoint-url", store.endpoint, "s3", "cp", "--recursive",
                    "--only-show-errors", tree, to], check=True)
    return time.monotonic() - started


def export(results, built, folder):
    reason = missing()
    if reason:
        say(f"  (skipped: {reason})")
        return
    before = dict(os.environ)
    try:
        measure(results, built, folder)
    finally:
        os.environ.clear()
        os.environ.update(before)


def measure(results, built, folder):
    tree, ours, theirs = os.path.join(folder, "tree"), [], []
    with swift.start(os.path.join(folder, "swift")) as store:
        os.environ.update(store.environment)
        program(AWS, "--endpoint-url", store.endpoint, "s3", "mb", "s3://bench")
        with Filled(built) as service:
            service.fill(100, [(FILES, FILES, 1)])
            export_to(service, tree)
            count = sum(len(files) for _, _, files in os.walk(tree))
            for turn in range(TURNS):
                ours.append(count / export_to(service, f"s3://bench/ours-{turn}"))
                theirs.append(count / copy(store, tree, f"s3://bench/theirs-{turn}"))
    results.rounds("export.s3", "files/s into a bucket; yardstick: aws s3 cp of the same", ours, theirs)
