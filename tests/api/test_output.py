#!/usr/bin/env python3
"""The output tree that is written into a bucket while a job runs: a consumer can follow it; it is whole
and the same after kills at any time; trouble with the bucket delays it and nothing else."""
import json
import os
import random
import re
import signal
import sys
import time

import bucket
import harness
from harness import Skip, answer, counts, export, leased, state, text_job, upload, wait

lake = bucket.Bucket()
os.environ.update(lake.environment())
server = harness.Server()
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
    assert output(job)["state"] == "writing" and output(job)["written_at"]
    label(job, 8, most=4)
    finished(job)
    check_tree("followed", 12, job)
    first = [k for k in lake.order if "followed" in k]
    assert first[-1].endswith("manifests/output/output.manifest"), "the manifest comes last"
    again = [k for k in tree_of("followed") if lake.puts[f"out/followed/{k}"] > 1]
    assert all("manifest" in k or "intermediate" in k for k in again), again


def test_the_exported_tree_has_the_same_files():
    done, body = export(lead, "followed", "tree")
    import io
    import tarfile
    tar = tarfile.open(fileobj=io.BytesIO(body))
    tree = tree_of("followed")
    for entry in tar.getnames():
        if "consolidat" not in entry:  # there it is one snapshot, here they came as the job went
            assert tar.extractfile(entry).read() == tree[entry], entry


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


def trouble(fault, words):
    lake.fault = fault
    name = f"trouble-{len(lake.puts)}"
    job = new_job(name, 6)
    label(job, 6, most=6)
    shown = wait(lambda: output(job)["state"] == "waiting" and output(job), 60)
    assert words in shown["problem"] and shown["since"], shown
    wait(lambda: state(lead, job) == "completed", 30)
    lake.fault = None
    lead.want(200, "PATCH", f"/api/v1/jobs/{job}", {"title": "have another look"})
    finished(job)
    assert "problem" not in output(job)
    check_tree(name, 6, job)


def test_a_bucket_that_refuses_delays_and_says_why():
    trouble(bucket.refuse(403, "AccessDenied"), "AccessDenied")


def test_a_bucket_that_fails_in_one_place():
    trouble(bucket.refuse(500, "InternalError", "consolidation-response"), "s3://lake/")


def test_a_stuck_bucket_stops_no_other_job():
    lake.fault = lambda method, key: time.sleep(6) if "stuck" in key else None
    stuck = [new_job(f"stuck-{i}", 3) for i in range(2)]
    for job in stuck:
        label(job, 3, most=3)
    other = new_job("meanwhile", 3, output="s3://lake/out")
    gone = new_job("elsewhere", 3, output="s3://no-such-bucket/x")
    for job in (other, gone):
        label(job, 3, most=3)
    shown = wait(lambda: output(gone)["state"] == "waiting" and output(gone), 30)
    assert "no-such-bucket" in shown["problem"]
    lake.fault = None
    finished(other)
    for job in stuck:
        wait(lambda: output(job)["state"] == "done", 60)
        check_tree(f"stuck-{stuck.index(job)}", 3, job)
    lead.want(204, "DELETE", f"/api/v1/jobs/{gone}?confirm=elsewhere")


def test_a_bucket_that_is_gone_for_a_while():
    job = new_job("patient", 8)
    label(job, 4, most=4)
    wait(lambda: manifest_of("patient"), 10)
    lake.stop()
    label(job, 4, most=4)
    wait(lambda: output(job)["state"] == "waiting", 60)
    server.restart()
    for client in [lead, *people]:
        client.connection = None
    assert output(job)["state"] == "waiting", "also after a restart"
    lake.start()
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


def test_kills_at_any_time_change_nothing():
    rng = random.Random(20261121)
    n, kills = 24, 12
    lake.fault = bucket.late(0.01)
    # by majority: the default method's confidence depends in its last digit on what came together
    steady = new_job("steady", n, consolidation="majority")
    label(steady, n)
    finished(steady)
    shaken = new_job("shaken", n, consolidation="majority")
    killed = 0

    def kill():
        time.sleep(rng.random() * 1.2)
        server.restart(signal.SIGKILL)
        for client in [lead, *people]:
            client.connection = None

    for part in range(3):
        label(shaken, n // 3)
        for _ in range(kills // 3):
            kill()
            killed += 1
    wait(lambda: state(lead, shaken) == "completed", 30)
    for _ in range(6):
        if output(shaken)["state"] == "done":
            break
        kill()
        killed += 1
    finished(shaken)
    lake.fault = None
    print(f"# {killed} kills")
    check_tree("shaken", n, shaken)
    a, b = plain(tree_of("steady")), plain(tree_of("shaken"))
    assert a.keys() == b.keys(), sorted(map(str, a.keys() ^ b.keys()))
    different = [k for k in a if a[k] != b[k]]
    assert not different, (different[:3], a[different[0]], b[different[0]])


def test_exports_into_a_bucket():
    _, manifest = export(lead, "followed")
    for to, key in (("s3://lake/x/y.manifest", "x/y.manifest"), ("s3://lake/x/", "x/followed.manifest"),
                    ("s3://lake", "followed.manifest")):
        done = send("manifest", to)
        assert done["state"] == "done" and done["to"] == f"s3://lake/{key}", done
        assert lake.objects[key] == manifest and "url" not in done
    for format in ("jsonl", "csv"):
        _, body = export(lead, "followed", format)
        assert send(format, "s3://lake/z/")["state"] == "done"
        assert lake.objects[f"z/followed.{format}"] == body
    done = send("tree", "s3://lake/tree")
    assert done["state"] == "done", done
    got = lake.under("tree/")
    assert got["manifests/output/output.manifest"] == manifest
    assert len([k for k in got if "/worker-response/" in k]) == 12
    assert [k for k in lake.order if k.startswith("tree/")][-1] == \
        "tree/manifests/output/output.manifest"
    assert lead.want("404 export.gone", "GET", f"/api/v1/exports/{done['id']}/download")
    lead.want("422 s3.uri", "POST", "/api/v1/jobs/followed/exports",
              {"format": "csv", "to": "http:nowhere"})


def send(format, to):
    id = lead.want(202, "POST", "/api/v1/jobs/followed/exports", {"format": format, "to": to})["id"]
    return wait(lambda: (r := lead.get(f"/api/v1/exports/{id}"))["state"] != "running" and r.json, 60)


def test_an_export_into_a_bucket_that_refuses_fails_with_the_sentence():
    lake.fault = bucket.refuse(403, "AccessDenied")
    done = send("csv", "s3://lake/no/")
    lake.fault = None
    assert done["state"] == "failed" and "AccessDenied" in done["message"], done
    assert send("csv", "s3://lake/no/")["state"] == "done", "it can be made again"


def test_the_command_line_exports_into_a_bucket():
    _, manifest = export(lead, "followed")
    status, out, errors = harness.command("export", "--data", server.data, "--job", "followed",
                                          "--format", "manifest", "--out", "s3://lake/cli/")
    assert status == 0 and "s3://lake/cli/followed.manifest" in out, (out, errors)
    assert lake.objects["cli/followed.manifest"] == manifest


def test_a_deleted_job_leaves_its_tree():
    before = tree_of("followed")
    lead.want(204, "DELETE", "/api/v1/jobs/followed?confirm=followed")
    time.sleep(1.5)
    assert tree_of("followed") == before


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
