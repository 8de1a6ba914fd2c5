#!/usr/bin/env python3
"""Labelling jobs at the AWS door: what CreateLabelingJob takes and refuses, how jobs of REST look, lists
and their filters, stopping. No bucket is needed: what happens with one is tests/clients/."""
import os
import sys
import tempfile
import time

import aws
import harness
from aws import ARN, Aws, cognito, invocation, job
from harness import wait

with tempfile.NamedTemporaryFile("w", prefix="plumbline-secret-", delete=False) as secret:
    secret.write("x" * 40)
# A bucket that nobody can reach: jobs wait for it.
server = harness.Server("--s3-endpoint", "http://127.0.0.1:9", "--s3-access-key-id", "x",
                        "--s3-secret-access-key-file", secret.name)
lead = server.person("lead", "lead")
door = Aws(server, lead)
door.ok("CreateWorkteam", {"WorkteamName": "crew", "Description": "d", "MemberDefinitions": cognito()})
LAMBDA = "arn:aws:lambda:us-east-1:432418664414:function:"
ALGORITHM = "arn:aws:sagemaker:us-east-1:027400017018:labeling-job-algorithm-specification/"
POST = "HumanTaskConfig__AnnotationConsolidationConfig__AnnotationConsolidationLambdaArn"
PRE = "HumanTaskConfig__PreHumanTaskLambdaArn"
TEAM = "HumanTaskConfig__WorkteamArn"


def create(name, **changes):
    return door.ok("CreateLabelingJob", job(name, **changes))["LabelingJobArn"]


def refused(says, type="ValidationException", **changes):
    return door.refused(type, "CreateLabelingJob", job("refused", **changes), says)


def describe(name):
    return door.ok("DescribeLabelingJob", {"LabelingJobName": name})


def rest(name):
    return lead.want(200, "GET", f"/api/v1/jobs/{name}").json


def end(name):
    """Takes a job that only waits for its bucket away."""
    lead.want(204, "DELETE", f"/api/v1/jobs/{name}?confirm={name}")


# ---- creating ----

def test_a_job_is_made_and_told_again():
    request = job("Fruit-1", Tags=[{"Key": "team", "Value": "a b"}],
                  HumanTaskConfig__TaskAvailabilityLifetimeInSeconds=3600,
                  HumanTaskConfig__MaxConcurrentTaskCount=77,
                  HumanTaskConfig__TaskKeywords=["fruit", "two words"],
                  HumanTaskConfig__PublicWorkforceTaskPrice={"AmountInUsd": {"Cents": 5}},
                  StoppingConditions={"MaxHumanLabeledObjectCount": 500,
                                      "MaxPercentageOfInputDatasetLabeled": 80},
                  LabelingJobAlgorithmsConfig={
                      "LabelingJobAlgorithmSpecificationArn": ALGORITHM + "text-classification",
                      "LabelingJobResourceConfig": {"VolumeKmsKeyId": "k", "VpcConfig": {
                          "SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}}},
                  OutputConfig__KmsKeyId="alias/x",
                  InputConfig__DataAttributes={"ContentClassifiers": ["FreeOfAdultContent"]})
    before = time.time()
    made = door.ok("CreateLabelingJob", request)
    assert made == {"LabelingJobArn": ARN + "labeling-job/fruit-1"}
    d = describe("fruit-1")
    for member, value in request.items():
        assert d[member] == value, (member, d[member])
    assert d["LabelingJobStatus"] == "Initializing" and d["LabelingJobArn"] == made["LabelingJobArn"]
    assert before - 1 < d["CreationTime"] <= d["LastModifiedTime"] < time.time() + 1
    assert d["LabelCounters"] == {"TotalLabeled": 0, "HumanLabeled": 0, "MachineLabeled": 0,
                                  "FailedNonRetryableError": 0, "Unlabeled": 0}
    assert len(d["JobReferenceCode"]) > 8 and int(d["JobReferenceCode"], 16)
    assert not {"LabelingJobOutput", "FailureReason"} & set(d)
    r = rest("Fruit-1")
    assert r["name"] == "Fruit-1" and r["title"] == "Which fruit?" and r["state"] == "initializing"
    assert r["type"] == "text-classification" and r["label_attribute"] == "fruit"
    assert r["description"] == "Say which fruit it is." and r["labels"] == []
    assert (r["annotators_per_item"], r["open_items"], r["lease_seconds"]) == (3, 77, 300)
    assert r["availability_seconds"] == 3600 and r["auto_label"]["enabled"]
    assert (r["auto_label"]["max_human_items"], r["auto_label"]["max_share_percent"]) == (500, 80)
    team = lead.want(200, "GET", "/api/v1/teams")["teams"][0]["id"]
    assert r["teams"] == [team] and r["output"]["uri"] == "s3://bucket/tree/Fruit-1", r
    end("Fruit-1")
    door.refused("ResourceNotFound", "DescribeLabelingJob", {"LabelingJobName": "Fruit-1"})


def test_names_are_taken_without_regard_to_case():
    create("Taken")
    door.refused("ResourceInUse", "CreateLabelingJob", job("tAKEN"))
    lead.want(201, "POST", "/api/v1/jobs", {"name": "by-rest", "type": "text-classification",
                                            "labels": [{"name": "a"}, {"name": "b"}]})
    door.refused("ResourceInUse", "CreateLabelingJob", job("By-Rest"))
    end("Taken")
    end("by-rest")


def test_a_lost_answer_is_given_again():
    id = invocation()
    more = lambda n: {"amz-sdk-invocation-id": id, "amz-sdk-request": f"attempt={n}; max=5"}
    free = ("amz-sdk-invocation-id", "amz-sdk-request")
    first = door.ok("CreateLabelingJob", job("lost"), more=more(1), unsigned=free)
    assert door.ok("CreateLabelingJob", job("lost"), more=more(2), unsigned=free) == first
    end("lost")


def test_the_type_comes_from_the_functions():
    create("one", **{PRE: None})
    assert rest("one")["type"] == "text-classification"
    end("one")
    create("two", HumanTaskConfig__AnnotationConsolidationConfig=None,
           **{PRE: "arn:aws-cn:lambda:cn-north-1:999999999999:function:PRE-ImageMultiClass"})
    assert rest("two")["type"] == "image-classification"
    end("two")
    refused("custom", HumanTaskConfig__AnnotationConsolidationConfig=None, **{PRE: None})
    refused("same task type", **{POST: LAMBDA + "ACS-ImageMultiClass"})
    refused("Lambda", **{PRE: LAMBDA + "my-function"})
    refused("Lambda", **{POST: LAMBDA + "PRE-TextMultiClass"})
    for suffix in ("BoundingBox", "SemanticSegmentation", "NamedEntityRecognition", "VideoMultiClass",
                   "3DPointCloudObjectTracking", "AdjustmentBoundingBox", "ImageMultiClassMultiLabel",
                   "TextMultiClassMultiLabel", "Nonsense"):
        text = refused(f"The task type {suffix} is not supported",
                       **{PRE: LAMBDA + "PRE-" + suffix, POST: LAMBDA + "ACS-" + suffix})
        assert "ImageMultiClass" in text and "TextMultiClass" in text


def test_the_label_attribute_name():
    refused("-ref", LabelAttributeName="fruit-ref")
    refused("-metadata", LabelAttributeName="fruit-metadata")
    refused("input attribute", LabelAttributeName="source")
    refused("pattern", LabelAttributeName="$fruit")


def test_templates_and_interfaces():
    ui = "HumanTaskConfig__UiConfig__"
    arn = "arn:aws:sagemaker:us-east-1:394669845002:human-task-ui/NamedEntityRecognition"
    refused("exactly one", HumanTaskConfig__UiConfig={})
    refused("exactly one", **{ui + "HumanTaskUiArn": arn})
    refused("named entity", HumanTaskConfig__UiConfig={"HumanTaskUiArn": arn})
    refused("object", HumanTaskConfig__UiConfig={"UiTemplateS3Uri": "s3://bucket"})


def test_sources():
    refused("Streaming", InputConfig__DataSource={"SnsDataSource": {
        "SnsTopicArn": "arn:aws:sns:us-east-1:123456789012:t"}})
    refused("Streaming", OutputConfig__SnsTopicArn="arn:aws:sns:us-east-1:123456789012:t")
    refused("S3DataSource", InputConfig__DataSource={})
    source = "InputConfig__DataSource__S3DataSource__ManifestS3Uri"
    refused("object", **{source: "s3://bucket/"})
    refused("object", **{source: "s3://bucket/folder/"})
    refused("ManifestS3Uri: ", **{source: "s3://buck et/key"})
    refused("ManifestS3Uri: ", **{source: "s3://ab/key"})
    refused("pattern", **{source: "http://bucket/key"})
    refused("pattern", OutputConfig__S3OutputPath="/tmp")
    refused("object", LabelCategoryConfigS3Uri="s3://bucket")
    create("no-categories", LabelCategoryConfigS3Uri=None, OutputConfig__S3OutputPath="s3://bucket")
    end("no-categories")


def test_teams():
    refused("closed on September 30, 2026", **{
        TEAM: "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"})
    refused("vendors", **{TEAM: ARN + "workteam/vendor-crowd/x"})
    refused("There is no work team", **{TEAM: ARN + "workteam/private-crowd/nobody"})
    refused("account or region", **{
        TEAM: "arn:aws:sagemaker:us-east-1:123456789012:workteam/private-crowd/crew"})
    refused("private work team", **{TEAM: ARN + "workteam/crew"})
    create("open", **{TEAM: ARN + "workteam/private-crowd/Everyone-in-private-workforce"})
    assert rest("open")["teams"] == []
    end("open")
    create("other-case", **{TEAM: ARN + "workteam/private-crowd/CREW"})
    door.invalid("DeleteWorkteam", {"WorkteamName": "crew"}, "other-case")
    end("other-case")


def test_limits():
    refused("8 hours", HumanTaskConfig__TaskTimeLimitInSeconds=28801)
    refused("equal to 30", HumanTaskConfig__TaskTimeLimitInSeconds=29)
    refused("30 days", HumanTaskConfig__TaskAvailabilityLifetimeInSeconds=2592001)
    refused("equal to 60", HumanTaskConfig__TaskAvailabilityLifetimeInSeconds=59)
    refused("equal to 9", HumanTaskConfig__NumberOfHumanWorkersPerDataObject=10)
    refused("equal to 5000", HumanTaskConfig__MaxConcurrentTaskCount=5001)
    refused("equal to 100", StoppingConditions={"MaxPercentageOfInputDatasetLabeled": 101})
    create("widest", HumanTaskConfig__TaskTimeLimitInSeconds=28800,
           HumanTaskConfig__TaskAvailabilityLifetimeInSeconds=2592000,
           HumanTaskConfig__TaskTitle="\u00e9" * 128, HumanTaskConfig__TaskDescription="\u00e9" * 255,
           HumanTaskConfig__NumberOfHumanWorkersPerDataObject=9, LabelAttributeName="a" * 127)
    end("widest")


def test_algorithms():
    of = lambda arn, **more: {"LabelingJobAlgorithmsConfig": {
        "LabelingJobAlgorithmSpecificationArn": arn, **more}}
    refused("must be text-classification", **of(ALGORITHM + "image-classification"))
    refused("must be text-classification", **of(ALGORITHM + "object-detection"))
    refused("not a labeling-job-algorithm", **of("arn:aws:sagemaker:x:1:algorithm/y"))
    good = ALGORITHM + "text-classification"
    for name in ("nothing-model-7", "nothing", "x-model-0", "x-model-", "x-model-99999999999999999999"):
        refused("There is no model", **of(good, InitialActiveLearningModelArn=ARN + "model/" + name))
    refused("account or region", **of(good, InitialActiveLearningModelArn=
                                      "arn:aws:sagemaker:us-east-1:123456789012:model/x-model-1"))


def test_tags_of_a_job_go_with_it():
    refused("twice", Tags=[{"Key": "a", "Value": ""}] * 2)
    arn = create("tagged", Tags=[{"Key": "b", "Value": "1"}])
    door.ok("AddTags", {"ResourceArn": arn, "Tags": [{"Key": "a", "Value": "2"}]})
    assert describe("tagged")["Tags"] == [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "1"}]
    end("tagged")
    door.refused("ResourceNotFound", "ListTags", {"ResourceArn": arn})
    create("tagged")
    assert describe("tagged")["Tags"] == []
    end("tagged")


# ---- jobs of REST ----

def test_a_job_of_rest_looks_like_one_of_amazon_s():
    harness_job = harness.text_job(lead, "Plain", 4)
    team = lead.want(200, "GET", "/api/v1/teams")["teams"][0]["id"]
    lead.want(200, "PATCH", f"/api/v1/jobs/{harness_job}", {
        "teams": [team], "title": "\u00e9" * 200, "annotators_per_item": 1, "lease_seconds": 60})
    d = describe("plain")
    assert d["LabelingJobStatus"] == "Initializing" and d["LabelingJobName"] == "Plain"
    lead.want(200, "POST", f"/api/v1/jobs/{harness_job}/start")
    d = describe("Plain")
    assert d["LabelingJobStatus"] == "InProgress" and d["LabelCounters"]["Unlabeled"] == 4
    task = d["HumanTaskConfig"]
    assert task["WorkteamArn"] == ARN + "workteam/private-crowd/crew" and len(task["TaskTitle"]) == 128
    assert task["TaskDescription"] == "\u00e9" * 200 and task["TaskTimeLimitInSeconds"] == 60
    assert task["PreHumanTaskLambdaArn"].endswith("PRE-TextMultiClass")
    assert d["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"].startswith("s3://plumbline/")
    lead.want(200, "POST", f"/api/v1/jobs/{harness_job}/pause")
    assert describe("Plain")["LabelingJobStatus"] == "InProgress"
    lead.want(200, "POST", f"/api/v1/jobs/{harness_job}/resume")
    person = server.person("crew member")
    lead.want(204, "PUT", f"/api/v1/teams/{team}/members/{person.id}")
    for t in harness.leased(person, harness_job, 4):
        harness.answer(person, harness_job, t, "red")
    wait(lambda: describe("Plain")["LabelingJobStatus"] == "Completed")
    d = describe("Plain")
    assert d["LabelCounters"] == {"TotalLabeled": 4, "HumanLabeled": 4, "MachineLabeled": 0,
                                  "FailedNonRetryableError": 0, "Unlabeled": 0}
    assert "LabelingJobOutput" not in d
    door.invalid("StopLabelingJob", {"LabelingJobName": "Plain"}, "Completed")
    # What is told can be given back: a clone.
    request = {k: d[k] for k in ("LabelAttributeName", "InputConfig", "OutputConfig", "RoleArn",
                                 "HumanTaskConfig", "Tags")}
    door.ok("CreateLabelingJob", {**request, "LabelingJobName": "Plain-clone"})
    end("Plain-clone")
    # Its team may go now; its people still may see the job.
    door.ok("DeleteWorkteam", {"WorkteamName": "crew"})
    assert rest("Plain")["teams"] == [] and person.id in rest("Plain")["people"]
    door.ok("CreateWorkteam", {"WorkteamName": "crew", "Description": "d",
                               "MemberDefinitions": cognito()})
    end("Plain")


# ---- stopping ----

def test_stopping():
    door.refused("ResourceNotFound", "StopLabelingJob", {"LabelingJobName": "nothing"})
    id = harness.text_job(lead, "Halted", 3, start=True)
    r = door.call("StopLabelingJob", {"LabelingJobName": "halted"})
    assert r.status == 200 and r.json is None
    wait(lambda: describe("Halted")["LabelingJobStatus"] == "Stopped")
    assert door.call("StopLabelingJob", {"LabelingJobName": "Halted"}).status == 200
    assert harness.state(lead, id) == "stopped"
    end("Halted")


def test_a_job_that_waits_for_its_bucket_can_be_stopped():
    create("waiting")
    assert door.call("StopLabelingJob", {"LabelingJobName": "waiting"}).status == 200
    wait(lambda: rest("waiting")["state"] == "stopped")
    # Its output cannot be written: for a consumer it has not ended.
    assert describe("waiting")["LabelingJobStatus"] == "Stopping"
    assert door.call("StopLabelingJob", {"LabelingJobName": "waiting"}).status == 200
    end("waiting")


# ---- lists ----

def test_lists_of_jobs():
    names = [f"list-{i}" for i in range(12)]
    times = []
    for n in names:
        create(n)
        times.append(describe(n)["CreationTime"])
    harness.text_job(lead, "Rested", 2, start=True)
    of = lambda size=None, **m: [j["LabelingJobName"] for j in
                                 door.pages("ListLabelingJobs", "LabelingJobSummaryList", size, **m)[0]]
    assert of() == ["Rested", *names[::-1]]
    assert of(SortOrder="Ascending", size=5) == [*names, "Rested"]
    assert of(SortBy="Name", SortOrder="Ascending", size=1) == sorted(names) + ["Rested"]
    assert of(SortBy="Name", size=100) == ["Rested", *sorted(names)[::-1]]
    assert of(SortBy="Status", SortOrder="Ascending", size=3)[0] == "Rested"
    assert of(NameContains="t-1") == ["list-11", "list-10", "list-1"]
    assert of(NameContains="LIST") == []
    assert of(StatusEquals="InProgress") == ["Rested"]
    assert of(StatusEquals="Failed") == []
    assert of(CreationTimeAfter=times[9]) == ["Rested", "list-11", "list-10"]
    assert of(CreationTimeBefore=times[2], size=1) == ["list-1", "list-0"]
    assert of(CreationTimeAfter=0) == of() == of(LastModifiedTimeBefore=int(time.time()) + 100)
    assert of(CreationTimeBefore=0) == [] == of(LastModifiedTimeAfter="2999-01-01T00:00:00Z")
    assert door.pages("ListLabelingJobs", "LabelingJobSummaryList")[1] == 2
    page = door.ok("ListLabelingJobs", {"MaxResults": 2})
    door.invalid("ListLabelingJobs", {"NextToken": page["NextToken"], "SortBy": "Name"}, "NextToken")
    one = page["LabelingJobSummaryList"][1]
    d = describe(one["LabelingJobName"])
    for member in ("LabelingJobName", "LabelingJobArn", "CreationTime", "LastModifiedTime",
                   "LabelingJobStatus", "LabelCounters", "InputConfig"):
        assert one[member] == d[member], member
    assert one["WorkteamArn"] == d["HumanTaskConfig"]["WorkteamArn"]
    assert one["PreHumanTaskLambdaArn"].endswith("PRE-TextMultiClass")
    assert one["AnnotationConsolidationLambdaArn"].endswith("ACS-TextMultiClass")


def test_lists_of_a_work_team():
    arn = ARN + "workteam/private-crowd/crew"
    members = {"WorkteamArn": arn}
    of = lambda size=None, **m: [j["LabelingJobName"] for j in door.pages(
        "ListLabelingJobsForWorkteam", "LabelingJobSummaryList", size, **{**members, **m})[0]]
    names = [f"list-{i}" for i in range(12)]
    assert of() == names[::-1] and of(SortOrder="Ascending", SortBy="CreationTime", size=7) == names
    one = door.ok("ListLabelingJobsForWorkteam", {**members, "MaxResults": 1})["LabelingJobSummaryList"][0]
    assert one["WorkRequesterAccountId"] == aws.ACCOUNT and one["NumberOfHumanWorkersPerDataObject"] == 3
    assert one["LabelCounters"] == {"HumanLabeled": 0, "PendingHuman": 0, "Total": 0}
    assert one["JobReferenceCode"] == describe("list-11")["JobReferenceCode"]
    assert of(JobReferenceCodeContains=one["JobReferenceCode"]) == ["list-11"]
    assert of(JobReferenceCodeContains="zzz") == []
    assert of(CreationTimeAfter=describe("list-8")["CreationTime"]) == ["list-11", "list-10", "list-9"]
    open_to_all = "workteam/private-crowd/Everyone-in-private-workforce"
    rested = of(WorkteamArn=ARN + open_to_all)
    assert rested == ["Rested"], rested
    door.refused("ResourceNotFound", "ListLabelingJobsForWorkteam",
                 {"WorkteamArn": ARN + "workteam/private-crowd/nobody"})
    door.invalid("ListLabelingJobsForWorkteam", {**members, "SortBy": "Name"}, "enum value set")


if __name__ == "__main__":
    status = harness.run(globals(), server)
    os.unlink(secret.name)
    sys.exit(status)
