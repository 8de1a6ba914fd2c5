#!/usr/bin/env python3
"""What a script that was written for Ground Truth finds at the AWS door: jobs end or say why not, files
of the output are keyed as the template names its element, what Describe tells can be given to Create.

The bucket is a stand-in that checks no signature; a bucket of the name nobucket2 is not there."""
import io
import json
import os
import sys
import tarfile

import aws
import harness
from aws import ARN, Aws, cognito, job
from harness import answer, leased, text_job, wait

sys.path.insert(0, os.path.join(harness.ROOT, "tests", "clients"))
import fake_s3  # noqa: E402

store = fake_s3.start()
os.environ.update(store.environment)
server = harness.Server()
lead = server.person("lead", "lead")
ann = server.person("ann")
door = Aws(server, lead)
TEAM = ARN + "workteam/private-crowd/"
EVERYBODY = TEAM + "Everyone-in-private-workforce"
OUT = "OutputConfig__S3OutputPath"
MANIFEST = "InputConfig__DataSource__S3DataSource__ManifestS3Uri"
TEMPLATE = ("<crowd-form><crowd-classifier name=\"myAnswer\" header=\"Which?\" "
            "categories=\"{{ task.input.labels | to_json | escape }}\">"
            "<classification-target>x</classification-target></crowd-classifier></crowd-form>")


def put(key, value):
    store.objects["bucket", key] = value.encode()


put("in.manifest", "".join(json.dumps({"source": f"text {i}"}) + "\n" for i in range(3)))
put("labels.json", json.dumps({"document-version": "2018-11-28",
                               "labels": [{"label": "apple"}, {"label": "pear"}]}))
put("t.liquid", TEMPLATE)


def create(name, **changes):
    changes = {"HumanTaskConfig__NumberOfHumanWorkersPerDataObject": 1,
               "HumanTaskConfig__WorkteamArn": EVERYBODY, **changes}
    door.ok("CreateLabelingJob", job(name, **changes))


def describe(name):
    return door.ok("DescribeLabelingJob", {"LabelingJobName": name})


def becomes(name, status, seconds=30):
    return wait(lambda: (d := describe(name))["LabelingJobStatus"] == status and d, seconds)


def rest(name):
    return lead.want(200, "GET", f"/api/v1/jobs/{name}").json


def label_all(name, n=3):
    id = rest(name)["id"]
    while n > 0:
        for task in leased(ann, id, n):
            answer(ann, id, task, "pear")
            n -= 1


def no_bucket(method, bucket, key):
    return (404, "NoSuchBucket") if bucket == "nobucket2" else None


# ---- ends that can be seen ----

def test_an_output_bucket_that_is_not_there_fails_the_job():
    store.fault = no_bucket
    create("nowhere", **{OUT: "s3://nobucket2/x"})
    d = becomes("nowhere", "Failed")
    store.fault = None
    why = d["FailureReason"]
    assert why.startswith("ClientError: ") and "s3://nobucket2/x" in why, why
    # It has written nothing, and says nothing of an output.
    wait(lambda: rest("nowhere")["output"]["state"] == "done")
    assert "LabelingJobOutput" not in describe("nowhere")


def test_who_may_not_list_may_still_write():
    store.fault = lambda method, bucket, key: \
        (403, "AccessDenied") if method == "GET" and not key else None
    create("no-list", **{OUT: "s3://bucket/no-list"})
    becomes("no-list", "InProgress")
    label_all("no-list")
    assert becomes("no-list", "Completed")["LabelingJobOutput"]["OutputDatasetS3Uri"]
    store.fault = None


def test_an_output_bucket_that_cannot_be_reached_is_waited_for():
    store.fault = lambda method, bucket, key: (500, "InternalError") if not key else None
    create("later", **{OUT: "s3://bucket/later"})
    assert not wait_quietly(lambda: describe("later")["LabelingJobStatus"] != "Initializing", 3)
    store.fault = None
    becomes("later", "InProgress", 45)


def wait_quietly(ready, seconds):
    try:
        return wait(ready, seconds)
    except AssertionError:
        return None


def test_a_tree_that_waits_says_why():
    create("stuck", **{OUT: "s3://bucket/stuck"})
    becomes("stuck", "InProgress")
    assert "FailureReason" not in describe("stuck")
    store.fault = lambda method, bucket, key: (403, "AccessDenied") if method == "PUT" else None
    label_all("stuck")
    d = wait(lambda: (d := describe("stuck")).get("FailureReason") and d)
    assert d["LabelingJobStatus"] == "InProgress" and "s3://bucket/stuck" in d["FailureReason"], d
    assert d["FailureReason"] == rest("stuck")["output"]["problem"]
    listed = door.ok("ListLabelingJobs", {"NameContains": "stuck"})["LabelingJobSummaryList"][0]
    assert listed["FailureReason"] == d["FailureReason"]
    store.fault = None
    lead.want(200, "PATCH", f"/api/v1/jobs/{d['LabelingJobName']}", {"description": "again"})
    d = becomes("stuck", "Completed", 60)
    assert "FailureReason" not in d and d["LabelingJobOutput"]


# ---- files of the output ----

def answers_in(files):
    """The answers of a tree's files, from path -> bytes; one key each."""
    found = []
    for path, data in files.items():
        if "/worker-response/" in path:
            found += [a["answerContent"] for a in json.loads(data)["answers"]]
        elif "/consolidation-request/" in path:
            found += [json.loads(a["annotationData"]["content"])
                      for item in json.loads(data) for a in item["annotations"]]
    return found


def exported(id):
    _, tar = harness.export(lead, id, "tree")
    with tarfile.open(fileobj=io.BytesIO(tar)) as t:
        return {m.name: t.extractfile(m).read() for m in t if m.isfile()}


def test_answers_are_keyed_by_the_name_of_the_template_s_element():
    create("keyed", **{OUT: "s3://bucket/keyed"})
    becomes("keyed", "InProgress")
    label_all("keyed")
    becomes("keyed", "Completed")
    tree = {k: v for (b, k), v in store.objects.items() if k.startswith("keyed/")}
    for files in (tree, exported(rest("keyed")["id"])):
        assert answers_in(files) == [{"myAnswer": {"label": "pear"}}] * 6, answers_in(files)


def test_a_template_without_a_name_and_jobs_of_rest_keep_the_type_s():
    put("nameless.liquid", TEMPLATE.replace('name="myAnswer"', ""))
    create("nameless", **{OUT: "s3://bucket/nameless",
                          "HumanTaskConfig__UiConfig__UiTemplateS3Uri": "s3://bucket/nameless.liquid"})
    becomes("nameless", "InProgress")
    text_job(lead, "keyless", 3, ("apple", "pear"), start=True, annotators_per_item=1)
    for name in ("nameless", "keyless"):
        label_all(name)
        becomes(name, "Completed")
        found = answers_in(exported(rest(name)["id"]))
        assert found == [{"crowd-classifier": {"label": "pear"}}] * 6, (name, found)


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
