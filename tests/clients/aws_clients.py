"""What the tests with real AWS clients share: Debian's boto3 and CLI pointed at a service and at an
S3 server, small pictures, manifests, and people who label by REST.

Debian's modules belong to /usr/bin/python3: a script begins with aws_clients.use_debian(), which runs
it again there when need be."""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "api"))
import harness
import swift
from harness import wait

CLI = "/usr/bin/aws"
PYTHON = "/usr/bin/python3"
ACCOUNT = "123456789012"
REGION = "us-east-1"


def use_debian():
    """Goes on under Debian's own Python, which has Debian's boto3."""
    if os.path.exists(PYTHON) and os.path.realpath(sys.executable) != os.path.realpath(PYTHON):
        os.execv(PYTHON, [PYTHON, *sys.argv])


def need():
    """boto3 and how it is to behave, or a skip with the reason."""
    try:
        import boto3
        import botocore.config
    except ImportError:
        raise harness.Skip("python3-boto3 is not installed") from None
    if not os.path.exists(CLI):
        raise harness.Skip("awscli is not installed")
    return boto3, botocore.config.Config(retries={"max_attempts": 3, "mode": "standard"},
                                         connect_timeout=5, read_timeout=30)


def png(seed, side=24, color=None):
    """A picture that is like no other: noise around a colour."""
    r, g, b = color or (seed * 53 % 256, seed * 97 % 256, seed * 31 % 256)
    rows = b"".join(b"\0" + bytes((c + (x * 7 + y * 13 + seed * 29) % 23) % 256
                                  for x in range(side) for c in (r, g, b)) for y in range(side))

    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def lines(objects):
    return "".join(json.dumps(o) + "\n" for o in objects).encode()


def parse(data):
    return [json.loads(l) for l in data.decode().splitlines()]


def storage():
    """A Swift of our own, in a folder that goes with it; or a skip with the reason."""
    need()
    reason = swift.missing()
    if reason:
        raise harness.Skip(reason)
    folder = tempfile.mkdtemp(prefix="plumbline-swift-")
    server = swift.start(folder)
    stop = server.stop

    def stop_and_remove():
        stop()
        shutil.rmtree(folder, ignore_errors=True)

    server.stop = stop_and_remove
    return server


class World:
    """An S3 server with a bucket, a service that uses it, and clients of both."""

    def __init__(self, s3, *flags, endpoint=None):
        self.boto3, self.config = need()
        self.storage = s3
        self.endpoint = endpoint or s3.endpoint
        secret = tempfile.NamedTemporaryFile("w", prefix="plumbline-secret-", delete=False)
        secret.write(s3.secret)
        secret.close()
        self.secret_file = secret.name
        self.server = harness.Server(
            "--s3-endpoint", self.endpoint, "--s3-access-key-id", s3.access_key,
            "--s3-secret-access-key-file", self.secret_file, "--s3-region", s3.region,
            "--aws-account", ACCOUNT, "--aws-region", REGION, *flags)
        self.lead = self.server.person("lead-of-aws", "lead")
        self.key = self.server.local.want(201, "POST", f"/api/v1/people/{self.lead.id}/keys",
                                          {"name": "aws"}).json
        self.s3 = self.s3_client(s3.endpoint)
        self.sm = self.sm_client()

    def sm_client(self, **more):
        return self.boto3.client("sagemaker", endpoint_url=self.server.url, region_name=REGION,
                                 aws_access_key_id=more.get("id", self.key["access_key_id"]),
                                 aws_secret_access_key=more.get("secret",
                                                                self.key["secret_access_key"]),
                                 config=self.config)

    def s3_client(self, endpoint):
        return self.boto3.client("s3", endpoint_url=endpoint, region_name=self.storage.region,
                                 aws_access_key_id=self.storage.access_key,
                                 aws_secret_access_key=self.storage.secret, config=self.config)

    def aws(self, *arguments, s3=False):
        """Runs the CLI; what it printed."""
        who = ((self.storage.access_key, self.storage.secret) if s3 else
               (self.key["access_key_id"], self.key["secret_access_key"]))
        env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PYENV", "PYTHON"))}
        env |= {"AWS_ACCESS_KEY_ID": who[0], "AWS_SECRET_ACCESS_KEY": who[1],
                "AWS_DEFAULT_REGION": self.storage.region if s3 else REGION,
                "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "HOME": "/nonexistent"}
        p = subprocess.run([CLI, "--endpoint-url", self.storage.endpoint if s3 else self.server.url,
                            *arguments], capture_output=True, text=True, env=env, timeout=120)
        assert p.returncode == 0, f"aws {' '.join(arguments)}: {p.returncode} {p.stderr[:1000]}"
        return p.stdout

    def put(self, bucket, key, data, type="application/octet-stream"):
        self.s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=type)
        return f"s3://{bucket}/{key}"

    def get(self, uri):
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def keys(self, bucket, prefix=""):
        out = []
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            out += [o["Key"] for o in page.get("Contents", [])]
        return out

    def tree(self, uri):
        """Everything under a URI, fetched by the CLI, by path."""
        with tempfile.TemporaryDirectory(prefix="plumbline-tree-") as folder:
            self.aws("s3", "cp", "--recursive", "--only-show-errors", uri, folder, s3=True)
            out = {}
            for at, _, files in os.walk(folder):
                for name in files:
                    path = os.path.join(at, name)
                    with open(path, "rb") as f:
                        out[os.path.relpath(path, folder)] = f.read()
            return out

    # ---- people ----

    def team(self, name, people):
        """A work team by boto3, with people put into it by REST; its ARN."""
        arn = self.sm.create_workteam(
            WorkteamName=name, Description="people of a test",
            MemberDefinitions=[{"CognitoMemberDefinition": {
                "UserPool": "us-east-1_plumbline", "UserGroup": name, "ClientId": "plumbline"}}],
        )["WorkteamArn"]
        team = next(t for t in self.lead.get("/api/v1/teams")["teams"] if t["name"] == name)
        for p in people:
            self.lead.want(204, "PUT", f"/api/v1/teams/{team['id']}/members/{p.id}")
        return arn

    def label_all(self, people, job, choose, ended=("completed", "failed", "stopped"),
                  seconds=120, pause=0):
        """Everybody leases and answers until the job has ended. choose(task) gives the label."""
        end = time.monotonic() + seconds

        def work(person):
            person = person.twin()
            while time.monotonic() < end:
                r = person.post(f"/api/v1/jobs/{job}/leases", {"n": 5})
                tasks = r["tasks"] if r.status == 200 else []
                for t in tasks:
                    person.post(f"/api/v1/jobs/{job}/answers",
                                {"lease": t["lease"], "answer": {"label": choose(t)}})
                    if pause:
                        time.sleep(pause)
                if not tasks:
                    if self.lead_state(job) in ended:
                        return
                    time.sleep(0.1)

        threads = [threading.Thread(target=work, args=(p,)) for p in people]
        for t in threads:
            t.start()
        for t in threads:
            t.join()

    def lead_state(self, job):
        return self.lead.twin().get(f"/api/v1/jobs/{job}")["state"]

    def ended(self, name, seconds=120):
        """Polls as scripts do until the job has ended; what Describe said last."""
        def look():
            d = self.sm.describe_labeling_job(LabelingJobName=name)
            return d if d["LabelingJobStatus"] in ("Completed", "Failed", "Stopped") else None
        return wait(look, seconds, 0.2)

    def running(self, name, seconds=60):
        def look():
            d = self.sm.describe_labeling_job(LabelingJobName=name)
            assert d["LabelingJobStatus"] != "Failed", d.get("FailureReason")
            return d if d["LabelingJobStatus"] != "Initializing" else None
        return wait(look, seconds, 0.1)

    def close(self):
        try:
            self.server.close()
        finally:
            os.unlink(self.secret_file)


def needed(world):
    """Before a test that uses the world that the first test has made."""
    if not world:
        raise harness.Skip("no S3 server")


def end(world):
    """The service ends well, whatever was done to it; the storage goes with it."""
    needed(world)
    try:
        world.close()
    finally:
        world.storage.stop()


def request(name, suffix, manifest, output, team, categories, template, attribute=None, **human):
    """The keyword arguments of create_labeling_job, as a script would give them."""
    human.setdefault("NumberOfHumanWorkersPerDataObject", 1)
    return {
        "LabelingJobName": name,
        "LabelAttributeName": attribute or name,
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": manifest}},
                        "DataAttributes": {"ContentClassifiers": ["FreeOfAdultContent"]}},
        "OutputConfig": {"S3OutputPath": output, "KmsKeyId": ""},
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/GroundTruthRole",
        "LabelCategoryConfigS3Uri": categories,
        "HumanTaskConfig": {
            "WorkteamArn": team,
            "UiConfig": {"UiTemplateS3Uri": template},
            "PreHumanTaskLambdaArn": f"arn:aws:lambda:{REGION}:432418664414:function:PRE-{suffix}",
            "TaskTitle": "Which fruit is it?",
            "TaskDescription": "Look closely & choose one.",
            "TaskKeywords": ["fruit", "quick task"],
            "TaskTimeLimitInSeconds": 300,
            "TaskAvailabilityLifetimeInSeconds": 86400,
            "MaxConcurrentTaskCount": 1000,
            "AnnotationConsolidationConfig": {
                "AnnotationConsolidationLambdaArn":
                    f"arn:aws:lambda:{REGION}:432418664414:function:ACS-{suffix}"},
            **human},
        "Tags": [{"Key": "project", "Value": "orchard"}],
    }
