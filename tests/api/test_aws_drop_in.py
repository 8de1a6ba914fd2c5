#!/usr/bin/env python3
"""What a script that was written for Ground Truth finds at the AWS door: jobs end or say why not, files
of the output are keyed as the template names its element, what Describe tells can be given to Create.

The bucket is a stand-in that checks no signature; a bucket of the name nobucket2 is not there."""
import io
import json
import os
import signal
import sys
import tarfile
import time

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
    wait(lambda: rest("nowhere")["output"]["state"] == "none")
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


# ---- what is told can be given back ----

REPEATED = ("LabelAttributeName", "InputConfig", "OutputConfig", "RoleArn", "LabelCategoryConfigS3Uri",
            "HumanTaskConfig")


def again(told, name, **changes):
    request = {**{k: told[k] for k in REPEATED if k in told}, **changes, "LabelingJobName": name}
    door.ok("CreateLabelingJob", request)
    return request


def sources(name):
    return server.rows("SELECT line FROM payload WHERE item >> 32 = ? ORDER BY item",
                       int(rest(name)["id"][4:]))


def test_a_job_of_rest_is_made_again_from_what_describe_tells():
    first = text_job(lead, "Rested", 4, ("apple", "pear", "quince"), instructions="*Look* twice",
                     annotators_per_item=1, description="In short")
    told = describe("Rested")
    assert told["LabelCategoryConfigS3Uri"].startswith("s3://plumbline/Rested/")
    request = again(told, "Rested-2")
    d = becomes("Rested-2", "InProgress")
    for member in REPEATED:
        assert d[member] == told[member] == request[member], member
    got = rest("Rested-2")
    assert [l["name"] for l in got["labels"]] == ["apple", "pear", "quince"]
    assert (got["instructions"], got["description"]) == ("*Look* twice", "In short")
    assert "output" not in got or not got["output"], got["output"]
    assert sources("Rested-2") == sources("Rested")
    imports = lead.get(f"/api/v1/jobs/{got['id']}/imports")["imports"]
    assert [i["source"] for i in imports] == [first + ":input"], imports
    label_all("Rested-2", 4)
    assert "LabelingJobOutput" not in becomes("Rested-2", "Completed")
    # And that one again, also when the first has labels; an output of one's own is kept.
    again(describe("Rested-2"), "Rested-3", OutputConfig={"S3OutputPath": "s3://bucket/rested"})
    becomes("Rested-3", "InProgress")
    assert rest("Rested-3")["output"]["uri"] == "s3://bucket/rested/Rested-3"
    assert sources("Rested-3") == sources("Rested")
    # Without a file of labels they come with the template, as labels written out in one would.
    bare = {k: v for k, v in told.items() if k != "LabelCategoryConfigS3Uri"}
    again(bare, "Rested-4")
    becomes("Rested-4", "InProgress")
    assert len(rest("Rested-4")["labels"]) == 3


def test_a_kill_while_such_a_job_is_prepared_changes_nothing():
    text_job(lead, "Killed", 0)
    harness.upload(lead, rest("Killed")["id"], [{"source": f"line {i}"} for i in range(3000)])
    told = describe("Killed")
    again(told, "Killed-2")
    for i in range(4):
        time.sleep(0.03 * i)
        server.restart(signal.SIGKILL)
    becomes("Killed-2", "InProgress", 60)
    got = rest("Killed-2")
    assert got["counts"]["total"] == 3000 and got["counts"]["failed"] == 0, got["counts"]
    assert len(lead.get(f"/api/v1/jobs/{got['id']}/imports")["imports"]) == 1


def test_names_that_nobody_made_up_are_those_of_a_bucket():
    text_job(lead, "Known", 2, start=True, output="s3://plumbline/Known/output")
    told = describe("Known")
    names = {"gone": {"ManifestS3Uri": "s3://plumbline/nothing/input.manifest"},
             "else": {"ManifestS3Uri": "s3://plumbline/Known/other.manifest"},
             "case": {"ManifestS3Uri": "s3://plumbline/known/input.manifest"}}
    for name, source in names.items():
        again(told, "not-" + name, InputConfig={"DataSource": {"S3DataSource": source}})
        why = becomes("not-" + name, "Failed")["FailureReason"]
        assert why.startswith("ClientError: ") and source["ManifestS3Uri"] in why, why
        # It was no made-up output either: the job described has one there.
        assert rest("not-" + name)["output"]["uri"] == f"s3://plumbline/Known/output/not-{name}"
    task = {**told["HumanTaskConfig"],
            "PreHumanTaskLambdaArn": "arn:aws:lambda:us-east-1:432418664414:function:PRE-ImageMultiClass",
            "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn":
                "arn:aws:lambda:us-east-1:432418664414:function:ACS-ImageMultiClass"}}
    again(told, "other-type", HumanTaskConfig=task)
    assert "another type" in becomes("other-type", "Failed")["FailureReason"]


def test_a_clone_of_a_job_of_this_door_keeps_its_request():
    door.ok("CreateWorkteam", {"WorkteamName": "crew", "Description": "d",
                               "MemberDefinitions": cognito()})
    create("origin", HumanTaskConfig__WorkteamArn=TEAM + "crew", **{OUT: "s3://bucket/origin"})
    told = becomes("origin", "InProgress")
    id = lead.want(201, "POST", f"/api/v1/jobs/{rest('origin')['id']}/clone",
                   {"name": "copy", "label_attribute": "other"})["id"]
    d = describe("copy")
    assert d["LabelAttributeName"] == "other" and d["LabelingJobName"] == "copy"
    for member in REPEATED[1:]:
        assert d[member] == told[member], member
    of_team = door.ok("ListLabelingJobsForWorkteam", {"WorkteamArn": TEAM + "crew"})
    assert [j["LabelingJobName"] for j in of_team["LabelingJobSummaryList"]] == ["copy", "origin"]
    # It is prepared: it waits for its start, and its answers have the template's name.
    assert server.rows("SELECT setup, element FROM aws_job WHERE job = ?", int(id[4:])) == [
        (1, "myAnswer")]
    chained = lead.want(201, "POST", f"/api/v1/jobs/{id}/clone",
                        {"name": "chained", "labels": "output", "title": "Once more" + 190 * "\u00e9"})["id"]
    assert rest(chained)["state"] == "initializing"
    d = describe("chained")
    assert d["HumanTaskConfig"]["TaskTitle"] == "Once more" + 119 * "\u00e9"
    assert d["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"] == \
        "s3://bucket/origin/copy/manifests/output/output.manifest"


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
