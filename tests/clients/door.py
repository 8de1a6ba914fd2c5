#!/usr/bin/env python3
"""Every operation of the AWS door by both of Amazon's clients, as Debian has them: boto3 and the command
line; typed exceptions, paginators, wrong secrets, a clock that is off. No bucket is needed."""
import datetime
import glob
import json
import os
import subprocess

import aws_clients
from aws_clients import CLI, REGION

aws_clients.use_debian()

import harness
from harness import wait

ACCOUNT = "000000000000"
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:"
ROLE = "arn:aws:iam::123456789012:role/r"
MEMBERS = [{"CognitoMemberDefinition": {"UserPool": "us-east-1_Ab1", "UserGroup": "g", "ClientId": "c"}}]
OIDC = {"ClientId": "c", "ClientSecret": "a secret", "Issuer": "https://i", "TokenEndpoint": "https://t",
        "AuthorizationEndpoint": "https://a", "UserInfoEndpoint": "https://u",
        "LogoutEndpoint": "https://l", "JwksUri": "https://j"}
# Nobody is there: jobs wait. (Without any credentials they would fail at once.)
os.environ |= {"PLUMBLINE_S3_ACCESS_KEY_ID": "A", "PLUMBLINE_S3_SECRET_ACCESS_KEY": "S"}
server = harness.Server("--s3-endpoint", "http://127.0.0.1:9")
lead = server.person("lead", "lead")
KEY = server.local.want(201, "POST", f"/api/v1/people/{lead.id}/keys", {"name": "aws"}).json


def client(secret=None, attempts=1):
    boto3, _ = aws_clients.need()
    import botocore.config
    return boto3.client("sagemaker", endpoint_url=server.url, region_name=REGION,
                        aws_access_key_id=KEY["access_key_id"],
                        aws_secret_access_key=secret or KEY["secret_access_key"],
                        config=botocore.config.Config(retries={"max_attempts": attempts}))


def cli(*arguments, wrong=None, secret=None, env=None):
    """What the command line printed, as JSON; with `wrong`, the code of the error it must show."""
    aws_clients.need()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PYENV", "PYTHON"))}
    env = clean | (env or {})
    env |= {"AWS_ACCESS_KEY_ID": KEY["access_key_id"], "AWS_DEFAULT_REGION": REGION, "AWS_PAGER": "",
            "AWS_SECRET_ACCESS_KEY": secret or KEY["secret_access_key"],
            "AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"}
    arguments = [a if isinstance(a, str) else json.dumps(a) for a in arguments]
    p = subprocess.run([CLI, "--endpoint-url", server.url, "sagemaker", *arguments],
                       capture_output=True, text=True, env=env, timeout=120)
    if wrong:
        assert p.returncode in (254, 255) and f"({wrong})" in p.stderr, (p.returncode, p.stderr)
        return p.stderr
    assert p.returncode == 0, f"{arguments}: {p.returncode} {p.stderr[:1500]}"
    return json.loads(p.stdout) if p.stdout else None


def raises(code, call, **members):
    """The call fails with that code; the exception."""
    from botocore.exceptions import ClientError
    try:
        call(**members)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        assert e.response["ResponseMetadata"]["RequestId"], e.response
        return e
    raise AssertionError(f"no {code}")


def request(name, team="crew"):
    return {
        "LabelingJobName": name, "LabelAttributeName": "fruit",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://bucket/in.manifest"}}},
        "OutputConfig": {"S3OutputPath": "s3://bucket/"}, "RoleArn": ROLE,
        "LabelCategoryConfigS3Uri": "s3://bucket/labels.json",
        "HumanTaskConfig": {
            "WorkteamArn": f"{ARN}workteam/private-crowd/{team}",
            "UiConfig": {"UiTemplateS3Uri": "s3://bucket/t.liquid"},
            "PreHumanTaskLambdaArn": "arn:aws:lambda:us-east-1:432418664414:function:PRE-TextMultiClass",
            "TaskTitle": "T \u00e9", "TaskDescription": "d", "NumberOfHumanWorkersPerDataObject": 3,
            "TaskTimeLimitInSeconds": 300,
            "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn":
                "arn:aws:lambda:us-east-1:432418664414:function:ACS-TextMultiClass"}}}


# ---- boto3 ----

def test_workforces_by_boto3():
    sm = client()
    arn = sm.create_workforce(WorkforceName="wf", OidcConfig=OIDC, SourceIpConfig={"Cidrs": ["10.0.0.0/8"]},
                              Tags=[{"Key": "a", "Value": "b"}])["WorkforceArn"]
    assert arn == ARN + "workforce/wf"
    raises("ResourceInUse", sm.create_workforce, WorkforceName="w2", OidcConfig=OIDC)
    w = sm.describe_workforce(WorkforceName="wf")["Workforce"]
    assert w["OidcConfig"] == {k: v for k, v in OIDC.items() if k != "ClientSecret"}
    assert abs(w["CreateDate"].timestamp() - datetime.datetime.now().timestamp()) < 60
    w = sm.update_workforce(WorkforceName="wf", SourceIpConfig={"Cidrs": ["::/0"]})["Workforce"]
    assert w["SourceIpConfig"] == {"Cidrs": ["::/0"]} and w["Status"] == "Active"
    assert [w["WorkforceName"] for p in sm.get_paginator("list_workforces").paginate()
            for w in p["Workforces"]] == ["wf"]
    sm.create_workteam(WorkteamName="t", Description="d",
                       MemberDefinitions=[{"OidcMemberDefinition": {"Groups": ["g"]}}])
    e = raises("ConflictException", sm.update_workforce, WorkforceName="wf", OidcConfig=OIDC)
    assert isinstance(e, sm.exceptions.ConflictException)
    sm.delete_workteam(WorkteamName="t")
    sm.delete_workforce(WorkforceName="wf")
    assert [w["WorkforceName"] for w in sm.list_workforces()["Workforces"]] == ["default"]


def test_work_teams_and_paginators_by_boto3():
    sm = client()
    names = [f"team-{i:02}" for i in range(12)]
    for n in names:
        assert sm.create_workteam(WorkteamName=n, Description="d", MemberDefinitions=MEMBERS,
                                  )["WorkteamArn"] == f"{ARN}workteam/private-crowd/{n}"
    pages = list(sm.get_paginator("list_workteams").paginate(
        SortBy="Name", SortOrder="Descending", PaginationConfig={"PageSize": 5}))
    assert [t["WorkteamName"] for p in pages for t in p["Workteams"]] == names[::-1]
    assert len(pages) == 3
    assert len(list(sm.get_paginator("list_workteams").paginate())) == 2
    e = raises("ResourceInUse", sm.create_workteam, WorkteamName=names[0], Description="d",
               MemberDefinitions=MEMBERS)
    assert isinstance(e, sm.exceptions.ResourceInUse)
    t = sm.update_workteam(WorkteamName=names[0], Description="d2")["Workteam"]
    assert t["Description"] == "d2" and t["MemberDefinitions"] == MEMBERS
    assert sm.describe_workteam(WorkteamName=names[0])["Workteam"] == t
    raises("ValidationException", sm.describe_workteam, WorkteamName="nobody")
    e = raises("ValidationException", sm.create_workteam, WorkteamName="x" * 70, Description="d",
               MemberDefinitions=MEMBERS)
    assert "validation error" in str(e) and "'workteamName'" in str(e)
    for n in names:
        assert sm.delete_workteam(WorkteamName=n)["Success"] is True
    assert list(sm.get_paginator("list_subscribed_workteams").paginate())[0]["SubscribedWorkteams"] == []


def test_tags_by_boto3():
    sm = client()
    arn = sm.create_workteam(WorkteamName="crew", Description="d", MemberDefinitions=MEMBERS)["WorkteamArn"]
    sm.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    tags = [t for p in sm.get_paginator("list_tags").paginate(ResourceArn=arn) for t in p["Tags"]]
    assert tags == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]
    sm.delete_tags(ResourceArn=arn, TagKeys=["a"])
    assert sm.list_tags(ResourceArn=arn, MaxResults=50)["Tags"] == [{"Key": "b", "Value": ""}]
    raises("ValidationException", sm.list_tags, ResourceArn="short")


def test_labelling_jobs_by_boto3():
    sm = client()
    arns = [sm.create_labeling_job(**request(f"boto-{i}"))["LabelingJobArn"] for i in range(3)]
    assert arns[0] == ARN + "labeling-job/boto-0"
    e = raises("ResourceInUse", sm.create_labeling_job, **request("BOTO-1"))
    assert isinstance(e, sm.exceptions.ResourceInUse)
    d = sm.describe_labeling_job(LabelingJobName="boto-0")
    assert d["HumanTaskConfig"] == request("boto-0")["HumanTaskConfig"], d
    assert d["LabelingJobStatus"] in ("Initializing", "Failed") and d["LabelCounters"]["Unlabeled"] == 0
    assert d["CreationTime"] <= d["LastModifiedTime"]
    e = raises("ResourceNotFound", sm.describe_labeling_job, LabelingJobName="nothing")
    assert isinstance(e, sm.exceptions.ResourceNotFound)
    pages = sm.get_paginator("list_labeling_jobs").paginate(
        NameContains="boto", CreationTimeAfter=datetime.datetime(2020, 1, 1), SortBy="Name",
        SortOrder="Ascending", PaginationConfig={"PageSize": 2})
    assert [j["LabelingJobName"] for p in pages for j in p["LabelingJobSummaryList"]] == \
        ["boto-0", "boto-1", "boto-2"]
    pages = sm.get_paginator("list_labeling_jobs_for_workteam").paginate(
        WorkteamArn=ARN + "workteam/private-crowd/crew", PaginationConfig={"PageSize": 1})
    assert [j["LabelingJobName"] for p in pages for j in p["LabelingJobSummaryList"]] == \
        ["boto-2", "boto-1", "boto-0"]
    harness.text_job(lead, "halted", 2, start=True)
    sm.stop_labeling_job(LabelingJobName="halted")
    wait(lambda: sm.describe_labeling_job(LabelingJobName="halted")["LabelingJobStatus"] == "Stopped")
    e = raises("ResourceNotFound", sm.stop_labeling_job, LabelingJobName="nothing")
    assert isinstance(e, sm.exceptions.ResourceNotFound)


def test_templates_by_boto3():
    r = client().render_ui_template(RoleArn=ROLE, Task={"Input": json.dumps({"a": "<\u00e9>"})},
                                    UiTemplate={"Content": "<p>{{ task.input.a }}</p>{% x %}"})
    assert r["RenderedContent"] == "<p>&lt;\u00e9&gt;</p>" and len(r["Errors"]) == 1, r


def test_who_may_come_in_by_boto3():
    raises("InvalidSignatureException", client(secret="x" * 40).list_workteams)
    raises("UnknownOperationException", client().list_training_jobs)


def test_an_answer_tells_its_request_to_boto3():
    told = client(attempts=5).list_workteams()["ResponseMetadata"]
    assert told["RetryAttempts"] == 0 and told["HTTPStatusCode"] == 200
    assert told["RequestId"] == told["HTTPHeaders"]["x-amzn-requestid"]


# ---- the command line ----

def test_workforces_by_the_command_line():
    cli("delete-workteam", "--workteam-name", "crew", wrong="ValidationException")  # a job works there
    assert cli("describe-workforce", "--workforce-name", "default")["Workforce"]["Status"] == "Active"
    made = cli("create-workforce", "--workforce-name", "wf", "--cognito-config",
               "UserPool=us-east-1_x,ClientId=c", "--tags", "Key=a,Value=b")
    assert made == {"WorkforceArn": ARN + "workforce/wf"}
    cli("create-workforce", "--workforce-name", "w2", "--cognito-config",
        "UserPool=us-east-1_x,ClientId=c", wrong="ResourceInUse")
    w = cli("update-workforce", "--workforce-name", "wf", "--source-ip-config", "Cidrs=10.0.0.0/8")
    assert w["Workforce"]["SourceIpConfig"] == {"Cidrs": ["10.0.0.0/8"]}
    assert [w["WorkforceName"] for w in cli("list-workforces")["Workforces"]] == ["wf"]
    cli("delete-workforce", "--workforce-name", "wf", wrong="ResourceInUse")


def test_work_teams_by_the_command_line():
    for i in range(3):
        cli("create-workteam", "--workteam-name", f"cli-{i}", "--description", "d",
            "--workforce-name", "wf", "--member-definitions", MEMBERS)
    t = cli("update-workteam", "--workteam-name", "cli-0", "--description", "d \u00e9")["Workteam"]
    assert t == cli("describe-workteam", "--workteam-name", "cli-0")["Workteam"]
    assert t["Description"] == "d \u00e9" and t["WorkforceArn"] == ARN + "workforce/wf"
    listed = cli("list-workteams", "--name-contains", "cli", "--page-size", "1", "--sort-by", "Name")
    assert [t["WorkteamName"] for t in listed["Workteams"]] == ["cli-0", "cli-1", "cli-2"]
    assert "NextToken" in cli("list-workteams", "--max-results", "1", "--no-paginate")
    cli("create-workteam", "--workteam-name", "cli-0", "--description", "d", "--member-definitions",
        MEMBERS, wrong="ResourceInUse")
    assert "63" in cli("create-workteam", "--workteam-name", "x" * 70, "--description", "d",
                       "--member-definitions", MEMBERS, wrong="ValidationException")
    for i in range(3):
        assert cli("delete-workteam", "--workteam-name", f"cli-{i}") == {"Success": True}
    assert cli("list-subscribed-workteams") == {"SubscribedWorkteams": []}


def test_tags_by_the_command_line():
    arn = ARN + "workteam/private-crowd/crew"
    assert {"Key": "c", "Value": "2"} in cli("add-tags", "--resource-arn", arn, "--tags",
                                             "Key=c,Value=2")["Tags"]
    cli("delete-tags", "--resource-arn", arn, "--tag-keys", "c", "b")
    assert cli("list-tags", "--resource-arn", arn) == {"Tags": []}


def test_labelling_jobs_by_the_command_line():
    r = request("Cli-1")
    made = cli("create-labeling-job", "--cli-input-json", r)
    assert made == {"LabelingJobArn": ARN + "labeling-job/cli-1"}
    cli("create-labeling-job", "--cli-input-json", r, wrong="ResourceInUse")
    d = cli("describe-labeling-job", "--labeling-job-name", "Cli-1")
    assert d["HumanTaskConfig"] == r["HumanTaskConfig"] and d["LabelAttributeName"] == "fruit"
    listed = cli("list-labeling-jobs", "--page-size", "1", "--creation-time-after", "2023-01-02",
                 "--sort-by", "CreationTime", "--sort-order", "Descending")["LabelingJobSummaryList"]
    assert listed[0]["LabelingJobName"] == "Cli-1" and len(listed) == 5, listed
    listed = cli("list-labeling-jobs-for-workteam", "--workteam-arn",
                 ARN + "workteam/private-crowd/crew")["LabelingJobSummaryList"]
    assert [j["LabelingJobName"] for j in listed] == ["Cli-1", "boto-2", "boto-1", "boto-0"]
    cli("stop-labeling-job", "--labeling-job-name", "halted")
    cli("stop-labeling-job", "--labeling-job-name", "nothing", wrong="ResourceNotFound")
    cli("describe-labeling-job", "--labeling-job-name", "nothing", wrong="ResourceNotFound")


def test_templates_by_the_command_line():
    r = cli("render-ui-template", "--role-arn", ROLE, "--task", {"Input": "{\"a\":1}"},
            "--ui-template", {"Content": "{{ task.input.a | plus: 1 }}"})
    assert r["RenderedContent"] == "2" and r["Errors"] == [], r


def test_a_wrong_secret_by_the_command_line():
    cli("list-workteams", secret="x" * 40, wrong="InvalidSignatureException")


def test_a_clock_that_is_off_by_the_command_line():
    found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    if not found:
        raise harness.Skip("libfaketime is not installed")
    env = lambda minutes: {"LD_PRELOAD": found[0], "FAKETIME": f"{minutes:+}m"}
    assert "Workteams" in cli("list-workteams", env=env(-10))
    assert "expired" in cli("list-workteams", wrong="InvalidSignatureException", env=env(-20))
    assert "not yet" in cli("list-workteams", wrong="InvalidSignatureException", env=env(20))


if __name__ == "__main__":
    raise SystemExit(harness.run(globals(), server))
