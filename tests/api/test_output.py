#!/usr/bin/env python3
"""The output tree that is written into a bucket while a job runs: a consumer can follow it; it is whole
and the same after kills at any time; trouble with the bucket delays it and nothing else."""
import io
import json
import os
import random
import re
import socket
import sys
import tarfile
import threading
import time

import bucket
import harness
from harness import answer, counts, export, leased, state, text_job, upload, wait

lake = bucket.Bucket()
os.environ.update(lake.environment)
with socket.create_server(("127.0.0.1", 0)) as free:  # one port for all starts: files name it
    PORT = free.getsockname()[1]
server = harness.Server("--listen", f"127.0.0.1:{PORT}")
lead = server.person("lead", "lead")
people = [server.person(n) for n in ("ann", "ben", "cara")]
LABELS = ("red", "green", "blue")


def output(job):
    return lead.want(200, "GET", f"/api/v1/jobs/{job}")["output"]


def tree_of(name):
    return lake.under(f"out/{name}/")


def manifest_of(name):
    return tree_of(name).get("manifests/output/output.manifest", b"")


def given(i, who):
    return LABELS[(i + 1) % 3] if who == 2 and i % 4 == 0 else LABELS[i % 3]


def new_job(name, n, start=True, **settings):
    settings = {"labels": LABELS, "annotators_per_item": 3, "output": "s3://lake/out", **settings}
    job = text_job(lead, name, **settings)
    upload(lead, job, [{"source": f"{name} {i}", "id": f"id-{i}"} for i in range(n)])
    if start:
        lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
    return job


def label(job, n, each=3, most=8):
    """All answer n more of the items; those of the API's order."""
    done = 0
    while done < n:
        lines = []
        for who, person in enumerate(people[:each]):
            for task in leased(person, job, min(most, n - done)):
                answer(person, job, task, given(task["line"], who))
                lines.append(task["line"])
        done += len(set(lines))


def finished(job):
    wait(lambda: state(lead, job) in ("completed", "stopped"), 30)
    wait(lambda: output(job)["state"] == "done", 30)


def check_tree(name, n, job, iterations=("1",)):
    """The tree is whole: an answer file an item, every item in requests and responses, each manifest."""
    tree = tree_of(name)
    _, manifest = export(lead, job)  # made anew, from the database
    assert tree["manifests/output/output.manifest"] == manifest
    responses = [k for k in tree if k.startswith("annotations/worker-response/")]
    lines = sorted(int(k.split("/")[3]) for k in responses)
    assert lines == list(range(n)), "one worker response an item"
    requested, answered, last = set(), {}, {}
    for kind in ("request", "response"):
        files = sorted(k for k in tree if f"/consolidation-{kind}/" in k)
        assert files, kind
        for k in files:
            assert re.match(r"annotations/consolidated-annotation/consolidation-\w+/iteration-\d+/"
                            r"\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.json$", k), k
            for one in json.loads(tree[k]):
                id = int(one["datasetObjectId"])
                if kind == "request":
                    requested.add(id)
                else:
                    last[id] = one["consolidatedAnnotation"]["content"]
    assert requested == set(range(n)) == set(last)
    rows = [json.loads(l) for l in manifest.decode().splitlines()]
    for i, row in enumerate(rows):
        assert row["label"] == last[i]["label"], "the newest response is the label"
        assert row["label-metadata"] == last[i]["label-metadata"]
    together = b"".join(tree[f"annotations/intermediate/{i}/annotations.json"] for i in iterations)
    assert sorted(together.splitlines()) == sorted(manifest.splitlines())
    return tree


def test_a_consumer_follows_a_job():
    job = new_job("followed", 12)
    assert output(job)["state"] in ("none", "writing"), output(job)
    assert output(job)["uri"] == "s3://lake/out/followed"
    assert output(job)["manifest"] == "s3://lake/out/followed/manifests/output/output.manifest"
    label(job, 4, most=4)
    wait(lambda: len([k for k in tree_of("followed") if "/worker-response/" in k]) >= 4, 10)
    wait(lambda: manifest_of("followed"), 10)
    lines = manifest_of("followed").decode().splitlines()
    assert len(lines) == 12 and state(lead, job) == "in_progress"
    assert 1 <= sum("label-metadata" in l for l in lines) <= 4, "the others as they came"
    wait(lambda: "written_at" in output(job))
    assert output(job)["state"] == "writing"
    label(job, 8, most=4)
    finished(job)
    check_tree("followed", 12, job)
    first = [k for k in lake.objects.order if "followed" in k]
    assert first[-1].endswith("manifests/output/output.manifest"), "the manifest comes last"
    again = [k for k in tree_of("followed") if lake.objects.puts[f"out/followed/{k}"] > 1]
    assert all("manifest" in k or "intermediate" in k for k in again), again


def test_the_exported_tree_has_the_same_files():
    done, body = export(lead, "followed", "tree")
    tree = tree_of("followed")
    for path, found in tar_of(body):
        if "consolidat" not in path:  # there it is one snapshot, here they came as the job went
            assert found == tree[path], path


def tar_of(body):
    tar = tarfile.open(fileobj=io.BytesIO(body))
    return [(name, tar.extractfile(name).read()) for name in tar.getnames()]


def test_a_job_that_is_stopped_or_has_failures_has_its_manifest():
    job = text_job(lead, "halted", labels=LABELS, output="s3://lake/out/")
    upload(lead, job, b'{"source":"a"}\nnot json\n{"source":"b"}\n')
    lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
    answer(people[0], job, leased(people[0], job, 1)[0], "red")
    wait(lambda: counts(lead, job)["human"] == 1)
    lead.want(200, "POST", f"/api/v1/jobs/{job}/stop")
    finished(job)
    lines = manifest_of("halted").decode().splitlines()
    assert len(lines) == 3 and '"label":0' in lines[0] and lines[2] == '{"source":"b"}'
    ended = lead.get(f"/api/v1/jobs/{job}")["finished"]
    failed = json.loads(lines[1])["label-metadata"]
    assert failed["creation-date"][:22] == ended[:22], "of the end: the same whenever it is written"
    assert not any("iteration-1/1/" in k for k in tree_of("halted"))


def test_a_bucket_that_is_not_there_is_told_before_anybody_has_labelled():
    job = new_job("nowhere", 2, output="s3://never-made/x")
    shown = wait(lambda: output(job)["state"] == "waiting" and output(job), 15)
    assert "never-made" in shown["problem"], shown
    since = shown["since"]
    label(job, 2, most=2)
    for _ in range(40):  # a delivery that is only noted ends no trouble
        assert output(job)["since"] == since, output(job)
        time.sleep(0.1)
    lead.want(204, "DELETE", f"/api/v1/jobs/{job}?confirm=nowhere")
    job = new_job("somewhere", 2)
    wait(lambda: manifest_of("somewhere"), 15)
    wait(lambda: "written_at" in output(job))
    assert output(job)["state"] == "writing", output(job)


def test_items_that_fail_are_in_the_manifest_of_a_running_job():
    job = new_job("failing", 3)
    wait(lambda: manifest_of("failing"), 15)
    assert b"failure-reason" not in manifest_of("failing")
    upload(lead, job, b"not json\n")
    id = int(job.split("_")[1])
    wait(lambda: counts(lead, job)["failed"] == 1)
    time.sleep(2)
    assert b"failure-reason" not in manifest_of("failing"), "at most once a minute"
    server.stop()
    with server.database() as db:
        db.execute("UPDATE output SET manifest = manifest - 61000000 WHERE job = ?", (id,))
    server.start()
    for client in [lead, *people]:
        client.connection = None
    wait(lambda: b"failure-reason" in manifest_of("failing"), 15)
    puts = lake.objects.puts["out/failing/manifests/output/output.manifest"]
    time.sleep(2)
    assert lake.objects.puts["out/failing/manifests/output/output.manifest"] == puts == 2


def trouble(how, words):
    lake.trouble = how
    name = f"trouble-{len(lake.objects.puts)}"
    job = new_job(name, 6)
    label(job, 6, most=6)
    shown = wait(lambda: output(job)["state"] == "waiting" and output(job), 60)
    assert words in shown["problem"] and shown["since"], shown
    wait(lambda: state(lead, job) == "completed", 30)
    tried = len(lake.asked)
    wait(lambda: len(lake.asked) > tried, 30)  # again, after a rest
    told = [l for l in server.stderr().splitlines() if "output waits" in l
            and f"job={job.split('_')[1]} " in l]
    assert len(told) == 1, told
    lake.trouble = None
    lead.want(200, "PATCH", f"/api/v1/jobs/{job}", {"title": "have another look"})
    finished(job)
    assert "problem" not in output(job)
    check_tree(name, 6, job)


def test_a_bucket_that_refuses_delays_and_says_why():
    trouble(bucket.refuse(403, "AccessDenied"), "AccessDenied")


def test_a_bucket_that_fails_in_one_place():
    trouble(bucket.refuse(500, "InternalError", "consolidation-response"), "s3://lake/")


def test_a_stuck_bucket_stops_no_other_job():
    lake.trouble = lambda method, key: time.sleep(6) if "stuck" in key else None
    stuck = [new_job(f"stuck-{i}", 3) for i in range(2)]
    for job in stuck:
        label(job, 3, most=3)
    other = new_job("meanwhile", 3, output="s3://lake/out")
    gone = new_job("elsewhere", 3, output="s3://no-such-bucket/x")
    for job in (other, gone):
        label(job, 3, most=3)
    shown = wait(lambda: output(gone)["state"] == "waiting" and output(gone), 30)
    assert "no-such-bucket" in shown["problem"]
    lake.trouble = None
    finished(other)
    for job in stuck:
        wait(lambda: output(job)["state"] == "done", 60)
        check_tree(f"stuck-{stuck.index(job)}", 3, job)
    lead.want(204, "DELETE", f"/api/v1/jobs/{gone}?confirm=elsewhere")


def test_a_bucket_that_is_gone_for_a_while():
    job = new_job("patient", 8)
    label(job, 4, most=4)
    wait(lambda: manifest_of("patient"), 10)
    lake.down()
    label(job, 4, most=4)
    wait(lambda: output(job)["state"] == "waiting", 60)
    server.restart()
    for client in [lead, *people]:
        client.connection = None
    assert output(job)["state"] == "waiting", "also after a restart"
    lake.up()
    lead.want(200, "PATCH", f"/api/v1/jobs/{job}", {"title": "back"})
    finished(job)
    check_tree("patient", 8, job)


def plain(tree):
    """A tree without what depends on when and how fast people worked, by the line it is about."""
    out = {}
    for path, body in tree.items():
        text = re.sub(r"\d{4}-\d\d-\d\d[T_]\d\d:\d\d:\d\d(\.\d+)?Z?", "TIME", body.decode())
        text = re.sub(r'"timeSpentInSeconds":[\d.]+', '"timeSpentInSeconds":0', text)
        text = re.sub(r"labeling-job/[\w-]+|(steady|shaken) ", "NAME", text)
        path = re.sub(r"\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d", "TIME", path)
        if "/consolidation-" in path:  # batches depend on when: compare what is in all of them
            for one in json.loads(text):
                out.setdefault((path, one["datasetObjectId"]), []).append(one)
        else:
            out[path] = text
    # a label that an earlier fit saw otherwise was told too; the last one counts
    return {k: v[-1] if isinstance(v, list) else v for k, v in out.items()}


class Killer:
    """Kills the service when a chosen object of the job arrives, before or after it is there."""

    def __init__(self, rng):
        self.rng, self.left, self.before, self.killed = rng, 0, False, 0
        self.open, self.lock = threading.Event(), threading.Lock()
        self.open.set()

    def arm(self, most):
        self.before, self.left = self.rng.random() < 0.5, most and self.rng.randint(1, most)

    def fault(self, method, key):
        time.sleep(0.005)
        self.open.wait(30)
        with self.lock:
            if "out/shaken/" not in key or self.left == 0:
                return None
            self.left -= 1
            if self.left > 0:
                return None
        server.process.kill()
        self.killed += 1
        return (500, "InternalError") if self.before else None

    def run(self, each, over):
        """Kills at most once for each number, at one of so many objects, until over()."""
        self.arm(each[0])
        for most in [*each[1:], 0]:
            end = time.monotonic() + 20
            while server.process.poll() is None and time.monotonic() < end and not over():
                time.sleep(0.02)
            if server.process.poll() is not None:
                self.open.clear()  # the service finds work as soon as it is there
                self.start()
                self.arm(most)
                self.open.set()
        self.left = 0

    def start(self):
        server.restart()
        for client in [lead, *people]:
            client.connection = None


def delivered(job, items, done=False):
    """All of the first labels of so many items are written; done: all of the tree."""
    job = int(job.split("_")[1])
    return server.rows(
        "SELECT (SELECT count(*) FROM label WHERE job = ?1 AND previous IS NULL) >= ?2"
        " AND coalesce((SELECT max(id) FROM label WHERE job = ?1), 0)"
        "  <= coalesce((SELECT label FROM output WHERE job = ?1), 0)"
        " AND NOT EXISTS(SELECT 1 FROM delivery WHERE job = ?1 AND written = 0)"
        " AND (NOT ?3 OR EXISTS(SELECT 1 FROM output WHERE job = ?1 AND done > 0))",
        job, items, done) == [(1,)]


def test_kills_at_any_time_change_nothing():
    n, killer = 24, Killer(random.Random(20261121))
    # by majority: the default method's confidence depends in its last digit on what came together
    steady = new_job("steady", n, consolidation="majority")
    label(steady, n)
    finished(steady)
    lake.trouble = killer.fault
    shaken = new_job("shaken", n, consolidation="majority")
    for part in range(3):
        label(shaken, n // 3)
        done = n // 3 * (part + 1)
        killer.run((3, 3, 9, 3, 9), lambda: delivered(shaken, done))
    killer.run((2, 2, 2), lambda: delivered(shaken, n, done=True))  # at the end come two manifests
    finished(shaken)
    lake.trouble = None
    print(f"# {killer.killed} kills")
    assert killer.killed >= 9
    check_tree("shaken", n, shaken)
    fixed = ("/consolidation-", "/worker-response/")
    assert any(times > 1 and "out/shaken/" in key and any(f in key for f in fixed)
               for key, times in lake.objects.puts.items()), "some came a second time"
    other = [key for key in lake.objects.changed if any(f in key for f in fixed)]
    assert not other, f"with other bytes: {other}"
    a, b = plain(tree_of("steady")), plain(tree_of("shaken"))
    assert a.keys() == b.keys(), sorted(map(str, a.keys() ^ b.keys()))
    different = [k for k in a if a[k] != b[k]]
    assert not different, (different[:3], a[different[0]], b[different[0]])


WORDS = {"red": ["wine", "rose", "brick"], "blue": ["sea", "sky", "ink"]}


def test_what_the_machine_learned_and_labelled():
    rng = random.Random(4)
    truth = [rng.choice(("red", "blue")) for _ in range(1500)]
    texts = [f"{i} " + " ".join(rng.choices(WORDS[t], k=4)) for i, t in enumerate(truth)]
    job = text_job(lead, "machine", texts, labels=("red", "blue"), start=True,
                   output="s3://lake/out", auto_label={"enabled": True, "target": 0.9})
    end = time.monotonic() + 90
    while state(lead, job) == "in_progress" and time.monotonic() < end:
        tasks = harness.lease(people[0], job, 8)
        for task in tasks:
            answer(people[0], job, task, truth[task["line"]])
            time.sleep(0.02)  # somebody who leaves the machine its part
        if not tasks:
            time.sleep(0.05)
    finished(job)
    c = counts(lead, job)
    assert c["machine"] > 0 and c["human"] > 0, c
    tree = tree_of("machine")
    _, manifest = export(lead, job)
    assert tree["manifests/output/output.manifest"] == manifest
    rounds = server.rows("SELECT number, model, human FROM round WHERE job = ? ORDER BY number",
                         int(job.split("_")[1]))
    assert rounds
    for number, model, human in rounds:
        json.loads(tree[f"training/iteration-{number}/metrics.json"])
        assert json.loads(tree[f"activelearning/iteration-{number}/threshold.json"])["target"] == 0.9
        if model:
            stored = server.rows("SELECT bytes FROM model WHERE id = ?", model)[0][0]
            assert tree[f"training/iteration-{number}/model.bin"] == stored
            lines = [json.loads(l) for l in
                     tree[f"training/iteration-{number}/train.manifest"].splitlines()]
            assert len(lines) == human, (len(lines), human)
            for l in lines:
                assert l["label-metadata"]["class-name"] == truth[int(l["source"].split()[0])]
                assert l["label-metadata"]["human-annotated"] == "yes"
    machine = [k for k in tree if k.endswith("autoannotated.manifest")]
    found = b"".join(tree[k] for k in machine).splitlines()
    final = {l for l in manifest.splitlines() if b'"human-annotated":"no"' in l}
    assert set(found) == final and len(found) == c["machine"], "what the machine labelled"
    guessed = [json.loads(l) for k in tree if k.endswith("unlabeled.manifest.out")
               for l in tree[k].splitlines()]
    assert len(guessed) == c["machine"]
    assert all(g["SageMakerOutput"]["class-name"] in ("red", "blue") and "label" not in g
               for g in guessed)
    responses = [k.split("/")[2:4] for k in tree if "/worker-response/" in k]
    assert len(responses) == c["human"] == len({line for _, line in responses})
    together = b"".join(v for k, v in tree.items() if "/intermediate/" in k)
    assert len(together.splitlines()) == c["human"]
    exported = dict(tar_of(export(lead, job, "tree")[1]))
    for path, body in exported.items():
        if "consolidat" not in path:
            assert body == tree[path], path


def test_exports_into_a_bucket():
    _, manifest = export(lead, "followed")
    for to, key in (("s3://lake/x/y.manifest", "x/y.manifest"), ("s3://lake/x/", "x/followed.manifest"),
                    ("s3://lake", "followed.manifest")):
        done = send("manifest", to)
        assert done["state"] == "done" and done["to"] == f"s3://lake/{key}", done
        assert lake[key] == manifest and "url" not in done
    for format in ("jsonl", "csv"):
        _, body = export(lead, "followed", format)
        assert send(format, "s3://lake/z/")["state"] == "done"
        assert lake[f"z/followed.{format}"] == body
    done = send("tree", "s3://lake/tree")
    assert done["state"] == "done", done
    got = lake.under("tree/")
    assert got["manifests/output/output.manifest"] == manifest
    assert len([k for k in got if "/worker-response/" in k]) == 12
    assert [k for k in lake.objects.order if k.startswith("tree/")][-1] == \
        "tree/manifests/output/output.manifest"
    assert lead.want("404 export.gone", "GET", f"/api/v1/exports/{done['id']}/download")
    lead.want("422 s3.uri", "POST", "/api/v1/jobs/followed/exports",
              {"format": "csv", "to": "http:nowhere"})


def send(format, to):
    id = lead.want(202, "POST", "/api/v1/jobs/followed/exports", {"format": format, "to": to})["id"]
    return wait(lambda: (r := lead.get(f"/api/v1/exports/{id}"))["state"] != "running" and r.json, 60)


def test_an_export_into_a_bucket_that_refuses_fails_with_the_sentence():
    lake.trouble = bucket.refuse(403, "AccessDenied")
    done = send("csv", "s3://lake/no/")
    lake.trouble = None
    assert done["state"] == "failed" and "AccessDenied" in done["message"], done
    assert send("csv", "s3://lake/no/")["state"] == "done", "it can be made again"


def test_the_command_line_exports_into_a_bucket():
    _, manifest = export(lead, "followed")
    status, out, errors = harness.command("export", "--data", server.data, "--job", "followed",
                                          "--format", "manifest", "--out", "s3://lake/cli/")
    assert status == 0 and "s3://lake/cli/followed.manifest" in out, (out, errors)
    assert lake["cli/followed.manifest"] == manifest


def test_a_deleted_job_leaves_its_tree():
    before = tree_of("followed")
    lead.want(204, "DELETE", "/api/v1/jobs/followed?confirm=followed")
    time.sleep(1.5)
    assert tree_of("followed") == before


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
