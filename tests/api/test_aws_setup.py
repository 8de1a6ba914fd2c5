#!/usr/bin/env python3
"""Jobs as the AWS door makes them are prepared from what lies in buckets: labels, instructions, items.

The door's rows are written into the database of a stopped server, so that this is about the preparing
alone; the bucket is a stand-in that checks no signature.
"""
import json
import os
import signal
import sys
import time

import harness
from harness import answer, leased, wait

sys.path.insert(0, os.path.join(harness.ROOT, "tests", "clients"))
import fake_s3  # noqa: E402

store = fake_s3.start()
os.environ.update(store.environment)
server = harness.Server()
lead = server.person("lead", "lead")
ann = server.person("ann")

TEMPLATE = """<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form><crowd-classifier name="c" categories="{{ task.input.labels | to_json | escape }}"
 header="Which fruit is it?"><classification-target>{{ task.input.taskObject }}</classification-target>
<full-instructions header="Rules"><p>Look <strong>twice</strong>.</p></full-instructions>
<short-instructions>Choose one.</short-instructions></crowd-classifier></crowd-form>"""
LITERAL = TEMPLATE.replace("{{ task.input.labels | to_json | escape }}",
                           "[&quot;apple&quot;, &quot;pear&quot;]")


def put(key, value):
    if not isinstance(value, bytes):
        value = (value if isinstance(value, str) else json.dumps(value)).encode()
    store.objects[("fruits", key)] = value
    return f"s3://fruits/{key}"


def lines(*texts, **more):
    return "".join(json.dumps({"source": t, **more}) + "\n" for t in texts)


def categories(*names, **more):
    return {"document-version": "2018-11-28", "labels": [{"label": n} for n in names], **more}


put("fruit.json", categories("apple", "pear", "quince"))
put("fruit.html", TEMPLATE)
put("literal.html", LITERAL)
put("five.manifest", lines(*(f"apple {i}" for i in range(5))))


def request(manifest="five.manifest", template="fruit.html", labels="fruit.json", **more):
    body = {"InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": f"s3://fruits/{manifest}"}}},
            "HumanTaskConfig": {"UiConfig": {"UiTemplateS3Uri": f"s3://fruits/{template}"}}}
    if labels:
        body["LabelCategoryConfigS3Uri"] = f"s3://fruits/{labels}"
    return {**body, **more}


def door(*made, start=True, **settings):
    """Jobs as the door leaves them, from (name, request); their ids. The server is stopped for it."""
    ids = []
    for name, _ in made:
        settings.setdefault("label_attribute", "fruit")
        ids.append(lead.want(201, "POST", "/api/v1/jobs",
                             {"name": name, "type": "text-classification",
                              "labels": [{"name": "x"}, {"name": "y"}], **settings})["id"])
    server.stop()
    with server.database() as db:
        for (_, body), id in zip(made, ids):
            db.execute("UPDATE label_set SET labels = json_object('version', 1, 'labels', "
                       "json_array()) WHERE job = ?", (int(id[4:]),))
            db.execute("INSERT INTO aws_job(job, request, team, setup) VALUES(?, ?, 0, 0)",
                       (int(id[4:]), json.dumps(body)))
    if start:
        server.start()
    return ids


def view(job):
    return lead.want(200, "GET", f"/api/v1/jobs/{job}").json


def prepared(job, state="in_progress", seconds=20):
    return wait(lambda: (v := view(job))["state"] == state and v, seconds)


def setup_of(job):
    return server.rows("SELECT setup FROM aws_job WHERE job = ?", int(job[4:]))[0][0]


def test_labels_instructions_and_items_come_from_the_bucket():
    job, = door(("whole", request()))
    got = prepared(job)
    assert [l["name"] for l in got["labels"]] == ["apple", "pear", "quince"], got["labels"]
    assert "Which fruit is it?" in got["instructions"] and "**twice**" in got["instructions"], got
    assert (got["label_set_version"], got["instructions_version"]) == (2, 1), got
    assert got["counts"]["total"] == 5 and setup_of(job) == 1
    answer(ann, job, leased(ann, job)[0], "quince")
    assert len(lead.get(f"/api/v1/jobs/{job}/imports")["imports"]) == 1


def test_labels_may_be_in_the_template_and_instructions_in_the_file():
    put("both.json", categories("apple", "pear", instructions={
        "shortInstruction": "<p>Be quick.</p>", "fullInstruction": "<p>Be <i>right</i>.</p>"}))
    put("bare.html", "<crowd-form></crowd-form>")
    literal, both = door(("literal", request(template="literal.html", labels=None)),
                         ("both", request(template="bare.html", labels="both.json")))
    got = prepared(literal)
    assert [l["name"] for l in got["labels"]] == ["apple", "pear"], got["labels"]
    got = prepared(both)
    assert got["instructions"].startswith("Be quick.\n\nBe *right*"), got["instructions"]


BAD = {
    "no-manifest": (request(manifest="none.manifest"), "s3://fruits/none.manifest"),
    "no-bucket": (request(LabelCategoryConfigS3Uri="s3://nowhere/x.json"), "s3://nowhere/x.json"),
    "no-categories": (request(labels="none.json"), "s3://fruits/none.json"),
    "no-template": (request(template="none.html"), "s3://fruits/none.html"),
    "no-labels": (request(labels=None), "no label category configuration file"),
    "denied": (request(labels="secret.json"), "s3://fruits/secret.json"),
    "not-json": (request(labels="not.json"), "s3://fruits/not.json is not valid"),
    "twice": (request(labels="twice.json"), "s3://fruits/twice.json"),
    "one-class": (request(labels="one.json"), "not 1"),
    "many-classes": (request(labels="many.json"), "s3://fruits/many.json"),
    "large-file": (request(labels="large.json"), "too large: at most 1048576 bytes"),
    "long-template": (request(template="long.html"), "at most 128000 characters"),
    "bad-lines": (request(manifest="bad.manifest"), "no line that can be labeled"),
    "empty": (request(manifest="empty.manifest"), "s3://fruits/empty.manifest"),
    "bad-uri": (request(LabelCategoryConfigS3Uri="nonsense"), "nonsense"),
}


def test_what_is_wrong_with_the_request_fails_the_job_with_a_reason():
    put("secret.json", categories("a", "b"))
    store.denied.add(("fruits", "secret.json"))
    put("not.json", "{")
    put("twice.json", categories("a", "b", "a"))
    put("one.json", categories("a"))
    put("many.json", categories(*(f"class {i}" for i in range(1001))))
    put("large.json", categories("a", "b", pad="x" * (1 << 20)))
    put("long.html", TEMPLATE + "x" * 128000)
    put("bad.manifest", "not json\n{}\n")
    put("empty.manifest", "")
    jobs = door(*((name, body) for name, (body, _) in BAD.items()))
    for job, (name, (_, said)) in zip(jobs, BAD.items()):
        wait(lambda: setup_of(job) == 1)
        got = view(job)
        assert got["state"] == "failed", (name, got["state"])
        assert got["failure"].startswith("ClientError: ") and said in got["failure"], \
            (name, got["failure"])
        assert len(got["failure"]) <= 1024 and setup_of(job) == 1


def test_a_job_that_failed_before_it_had_items_has_no_tree():
    job, = door(("no-tree", request(manifest="none.manifest")), output="s3://fruits/out")
    wait(lambda: setup_of(job) == 1)
    wait(lambda: server.rows("SELECT done > 0 FROM output WHERE job = ?", int(job[4:])) == [(1,)])
    got = view(job)
    assert got["state"] == "failed" and got["output"]["state"] == "none", got["output"]
    assert "written_at" not in got["output"] and not store.gets("out/no-tree")


def test_a_manifest_that_is_labelled_already_completes_the_job():
    put("kept.manifest", lines("a", "b", fruit="apple", **{"fruit-metadata": {}}))
    job, = door(("kept", request(manifest="kept.manifest")))
    got = prepared(job, "completed")
    assert got["counts"]["total"] == 0 and "failure" not in got, got


def test_a_storage_that_is_down_is_waited_for():
    store.down()
    job, = door(("late", request()))
    time.sleep(2)
    got = view(job)
    assert got["state"] == "initializing" and got["preparing"] is True, got
    assert "s3://fruits/" in got["problem"] and "cannot be reached" in got["problem"], got
    assert "failure" not in got
    store.up()
    got = prepared(job, seconds=45)
    assert got["preparing"] is False and "problem" not in got and "failure" not in got, got
    plain = lead.want(201, "POST", "/api/v1/jobs", {"name": "by-hand", "type": "text-classification",
                                                    "labels": [{"name": "x"}, {"name": "y"}]}).json
    assert plain["preparing"] is False


def test_an_import_that_waits_is_why_a_job_is_not_prepared():
    store.fault = lambda method, bucket, key: (500, "InternalError") if "five" in key else None
    try:
        job, = door(("import-waits", request()))
        got = wait(lambda: (v := view(job)).get("problem") and v, 20)
        assert got["preparing"] and "five.manifest" in got["problem"], got
    finally:
        store.fault = None
    assert "problem" not in prepared(job, seconds=45)


def test_one_that_waits_keeps_no_other_from_being_prepared():
    waits, = door(("waits", request()), start=False)
    store.mode = "500"
    server.start()
    time.sleep(1)
    store.mode = ""
    goes, = door(("goes", request()))
    prepared(goes)
    prepared(waits, seconds=45)


def test_a_job_that_is_stopped_or_deleted_while_it_is_prepared_ends():
    store.down()
    stopped, deleted = door(("stop-it", request()), ("delete-it", request()))
    lead.want(200, "POST", f"/api/v1/jobs/{stopped}/stop")
    lead.want(204, "DELETE", f"/api/v1/jobs/{deleted}?confirm=delete-it")
    wait(lambda: view(stopped)["state"] == "stopped")
    store.up()
    wait(lambda: setup_of(stopped) == 1)
    assert view(stopped)["state"] == "stopped"
    assert server.rows("SELECT count(*) FROM aws_job WHERE job = ?", int(deleted[4:]))[0][0] == 0


def test_kills_at_any_moment_change_nothing():
    put("many.manifest", lines(*(f"pear {i}" for i in range(4000))))
    job, = door(("killed", request(manifest="many.manifest")))
    for i in range(8):
        time.sleep(0.05 + 0.06 * i)
        server.restart(signal.SIGKILL)
    got = prepared(job, seconds=60)
    assert (got["counts"]["total"], got["counts"]["failed"]) == (4000, 0), got["counts"]
    assert len(got["labels"]) == 3
    imports = lead.get(f"/api/v1/jobs/{job}/imports")["imports"]
    assert len(imports) == 1 and imports[0]["lines"] == 4000, imports


def test_a_job_that_is_not_prepared_for_30_days_fails():
    store.down()
    job, = door(("forgotten", request()), start=False)
    with server.database() as db:
        db.execute("UPDATE job SET created = created - 31 * 86400000000 WHERE id = ?",
                   (int(job[4:]),))
    server.start()
    got = prepared(job, "failed")
    store.up()
    assert "30 days" in got["failure"], got["failure"]


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
