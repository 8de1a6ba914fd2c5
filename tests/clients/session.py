#!/usr/bin/env python3
"""samples/aws/session.sh, the transcript of README, does what it shows."""
import os
import subprocess

import aws_clients
from aws_clients import ACCOUNT, CLI, parse

aws_clients.use_debian()

import harness

SCRIPT = os.path.join(harness.ROOT, "samples", "aws", "session.sh")
world = None


def test_from_an_empty_server_to_a_downloaded_manifest():
    global world
    world = aws_clients.World(aws_clients.storage())
    person = world.server.person("mia")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PYENV", "PYTHON"))}
    p = subprocess.run(["sh", SCRIPT], capture_output=True, text=True, timeout=120, env={
        **env, "AWS": CLI, "PLUMBLINE": world.server.url, "TOKEN": world.lead.token,
        "S3": world.storage.endpoint, "BUCKET": "letters", "ACCOUNT": ACCOUNT,
        "AWS_ACCESS_KEY_ID": world.key["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": world.key["secret_access_key"],
        "S3_ACCESS_KEY_ID": world.storage.access_key, "S3_SECRET_ACCESS_KEY": world.storage.secret,
        "AWS_EC2_METADATA_DISABLED": "true", "ANNOTATOR": person.id,
        "ANNOTATOR_TOKEN": person.token, "HOME": "/nonexistent"})
    if os.environ.get("SHOW"):
        print(p.stdout)
    assert p.returncode == 0, p.stdout[-3000:] + p.stderr[-2000:]
    shown = p.stdout.split("$ cat output.manifest\n")[1]
    assert [l["intent-metadata"]["class-name"] for l in parse(shown.encode())] == \
        ["complaint", "order", "question"], shown
    assert '"Completed"' in p.stdout, p.stdout


def test_the_service_ends_well():
    aws_clients.end(world)


if __name__ == "__main__":
    raise SystemExit(harness.run(globals()))
