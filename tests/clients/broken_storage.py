#!/usr/bin/env python3
"""The S3 server breaks while a job runs: it is gone, answers 500, is slow, cuts connections, hangs,
refuses the key. Nothing is lost, people go on, and the tree is whole when it is back."""
import json
import socket
import threading
import time

import aws_clients
from aws_clients import lines, parse, png, request

aws_clients.use_debian()

import harness

BUCKET = "breaking-test"
ITEMS = 40
FRUITS = ["apple", "pear"]
world = proxy = None
shared = {}

DENIED = (b"<?xml version='1.0'?><Error><Code>SignatureDoesNotMatch</Code>"
          b"<Message>The request signature we calculated does not match.</Message></Error>")


class Proxy:
    """Stands between the service and the S3 server; `mode` says what it does to a new request:
    pass, gone, 500, 503, slow, cut, hang, denied."""

    def __init__(self, port):
        self.port_behind, self.mode, self.seen = port, "pass", 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def answer(self, client, status, body):
        client.recv(65536)
        client.sendall(f"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\n"
                       f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)

    def serve(self, client):
        mode = self.mode
        with client:
            if mode == "gone":
                return
            while mode == "hang" and self.mode == mode:  # not a byte is read
                time.sleep(0.05)
            if mode == "hang":
                return
            try:
                if mode in ("500", "503"):
                    self.seen += 1
                    self.answer(client, mode + " Trouble",
                                b"<Error><Code>SlowDown</Code><Message>no</Message></Error>")
                    return
                if mode == "denied":
                    self.seen += 1
                    self.answer(client, "403 Forbidden", DENIED)
                    return
                with socket.create_connection(("127.0.0.1", self.port_behind)) as behind:
                    t = threading.Thread(target=self.copy, args=(client, behind, mode), daemon=True)
                    t.start()
                    self.copy(behind, client, mode)
                    t.join(5)
            except OSError:
                pass

    def copy(self, a, b, mode):
        total = 0
        try:
            while self.mode in (mode, "hang"):
                a.settimeout(0.5)
                try:
                    data = a.recv(4096)
                except TimeoutError:
                    continue
                while self.mode == "hang":  # also with connections that were there before
                    time.sleep(0.05)
                if not data:
                    break
                total += len(data)
                if mode == "slow":
                    time.sleep(0.15)
                if mode == "cut" and total > 700:
                    break
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def test_a_service_over_a_storage_that_can_break():
    global world, proxy
    storage = aws_clients.storage()
    proxy = Proxy(int(storage.endpoint.rsplit(":", 1)[1]))
    world = aws_clients.World(storage, endpoint=proxy.endpoint)
    world.s3.create_bucket(Bucket=BUCKET)
    pictures = [{"source-ref": world.put(BUCKET, f"img/{i:03}.png", png(i), "image/png")}
                for i in range(ITEMS)]
    shared["images"] = world.put(BUCKET, "in/images.manifest", lines(pictures))
    shared["categories"] = world.put(BUCKET, "in/categories.json", json.dumps(
        {"labels": [{"label": f} for f in FRUITS]}).encode())
    shared["template"] = world.put(BUCKET, "in/t.html", b"<crowd-form></crowd-form>")
    shared["people"] = [world.server.person(f"worker{i}") for i in range(2)]
    shared["team"] = world.team("workers", shared["people"])


def need_world():
    aws_clients.needed(world)


def create(name):
    world.sm.create_labeling_job(**request(
        name, "ImageMultiClass", shared["images"], f"s3://{BUCKET}/out/", shared["team"],
        shared["categories"], shared["template"], NumberOfHumanWorkersPerDataObject=2))


def output_of(job):
    return world.lead.get(f"/api/v1/jobs/{job}")["output"]


def check_whole(name):
    d = world.ended(name, 180)
    assert d["LabelingJobStatus"] == "Completed", d
    assert d["LabelCounters"]["HumanLabeled"] == ITEMS, d
    tree = world.tree(f"s3://{BUCKET}/out/{name}/")
    out = parse(tree["manifests/output/output.manifest"])
    assert [l[name] for l in out] == [i % 2 for i in range(ITEMS)], out
    responses = [p for p in tree if "/worker-response/" in p]
    assert len(responses) == ITEMS, len(responses)
    assert all(len(json.loads(tree[p])["answers"]) == 2 for p in responses)
    told = sorted(int(o["datasetObjectId"]) for p in tree if "/consolidation-response/" in p
                  for o in json.loads(tree[p]))
    assert told == list(range(ITEMS)), told


def label(job, lo, hi):
    """Both people label what they are given until each has answered lines lo to hi."""
    def work(person):
        person = person.twin()
        done, end = 0, time.monotonic() + 60
        while done < hi - lo and time.monotonic() < end:
            tasks = person.want(200, "POST", f"/api/v1/jobs/{job}/leases", {"n": 1})["tasks"]
            for t in tasks:
                harness.answer(person, job, t, FRUITS[t["line"] % 2])
                done += 1
            if not tasks:
                time.sleep(0.1)
        assert done == hi - lo, done
    harness.together(work, shared["people"])


def breaks(mode, seconds=4):
    """A job whose storage breaks when half of it is labelled, and stays broken until all of it is."""
    name = f"break-{mode}"
    create(name)
    world.running(name)
    label(name, 0, ITEMS // 2)
    # Pictures of the second half are in the cache before it breaks: people need them.
    harness.wait(lambda: all(world.lead.get(f"/api/v1/items/{i['id']}/media").status == 200
                             for i in harness.items(world.lead, name)), 60)
    proxy.mode = mode
    try:
        label(name, ITEMS // 2, ITEMS)
        harness.wait(lambda: world.lead.get(f"/api/v1/jobs/{name}")["state"] == "completed", 60)
        if mode == "hang":
            harness.wait(lambda: output_of(name)["state"] == "waiting", 25)
            assert_told_by_doctor()
        else:
            time.sleep(seconds)
        d = world.sm.describe_labeling_job(LabelingJobName=name)
        if mode != "slow":
            assert d["LabelingJobStatus"] == "InProgress", d["LabelingJobStatus"]
            assert output_of(name)["state"] == "waiting" and output_of(name)["problem"], output_of(name)
    finally:
        proxy.mode = "pass"
    check_whole(name)
    assert output_of(name)["state"] == "done" and not output_of(name).get("problem"), output_of(name)


def test_the_storage_is_gone():
    need_world()
    breaks("gone")


def test_the_storage_answers_500():
    need_world()
    breaks("500")


def test_the_storage_is_slow():
    need_world()
    breaks("slow")


def test_the_storage_cuts_connections():
    need_world()
    breaks("cut")


def assert_told_by_doctor():
    started = time.monotonic()
    checks = world.server.local.want(200, "GET", "/api/v1/doctor?quick=1").json["checks"]
    assert time.monotonic() - started < 8, "doctor does not hang with it"
    bad = [c for c in checks if c["what"] == "buckets" and c["level"] == "fail"]
    assert bad and all(f"s3://{BUCKET}" in c["found"] for c in bad), checks


def test_the_storage_hangs():
    need_world()
    breaks("hang")


def test_the_storage_refuses_the_key():
    need_world()
    breaks("denied")


def test_it_is_gone_when_the_job_is_made():
    need_world()
    proxy.mode = "gone"
    try:
        create("late")
        time.sleep(3)
        d = world.sm.describe_labeling_job(LabelingJobName="late")
        assert d["LabelingJobStatus"] == "Initializing", d
    finally:
        proxy.mode = "pass"
    world.running("late")
    label("late", 0, ITEMS)
    check_whole("late")


def test_it_is_gone_while_people_label():
    """Nothing is in the cache: tasks are given out, pictures come when the storage is back."""
    need_world()
    create("dark")
    world.running("dark")
    proxy.mode = "gone"
    try:
        world.server.restart()
        world.sm = world.sm_client()
        time.sleep(1)
        assert world.lead.get("/api/v1/jobs/dark")["counts"]["failed"] == 0
    finally:
        proxy.mode = "pass"
    label("dark", 0, ITEMS)
    check_whole("dark")


def test_killed_again_and_again_while_it_writes():
    need_world()
    create("killed")
    world.running("killed")
    for i in range(4):
        label("killed", i * ITEMS // 4, (i + 1) * ITEMS // 4)
        time.sleep(0.4 * i)
        world.server.restart(9)
        world.sm = world.sm_client()
    check_whole("killed")


def test_the_service_ends_well():
    aws_clients.end(world)


if __name__ == "__main__":
    raise SystemExit(harness.run(globals()))
