#!/usr/bin/env python3
"""The AWS door's protocol, workforces, work teams and tags."""
import sys
import time

import aws
import harness
from aws import ARN, Aws, cognito, invocation, oidc

server = harness.Server()
lead = server.person("lead", "lead")
door = Aws(server, lead)
OIDC = {"ClientId": "c", "ClientSecret": "s3cret ~", "Issuer": "https://i", "TokenEndpoint": "https://t",
        "AuthorizationEndpoint": "https://a", "UserInfoEndpoint": "https://u",
        "LogoutEndpoint": "https://l", "JwksUri": "https://j"}


def team(name, **more):
    return {"WorkteamName": name, "Description": "d", "MemberDefinitions": cognito(), **more}


def clear():
    for t in lead.want(200, "GET", "/api/v1/teams")["teams"]:
        lead.want(204, "DELETE", f"/api/v1/teams/{t['id']}")


# ---- protocol ----

def test_operations_that_are_not_there():
    door.refused("UnknownOperationException", "CreateTrainingJob", says="CreateTrainingJob")
    date = aws.stamp()
    headers = {k: v for k, v in door.headers("x", date).items() if k != "X-Amz-Target"}
    headers["Authorization"] = aws.authorization(door.key, door.secret, date, headers, b"{}")
    assert door.raw(headers, b"{}").type == "UnknownOperationException"
    for name in ("CreateHumanTaskUi", "DescribeHumanTaskUi", "ListHumanTaskUis", "DeleteHumanTaskUi"):
        door.invalid(name, says="UiTemplateS3Uri")
    door.invalid("DescribeSubscribedWorkteam", says="no vendors")
    assert door.ok("ListSubscribedWorkteams") == {"SubscribedWorkteams": []}


def test_bodies_that_cannot_be_read():
    for body in (b"{", b"[]", b'"x"', b"null", b"\xff", b'{"MaxResults": "5"}', b'{"SortBy": 5}',
                 b'{"SortBy": []}', b'{"MaxResults": 2.5}', b'{"MaxResults": 1e99}'):
        door.refused("SerializationException", "ListWorkteams", body=body)
    for body in (b'{"MaxResults": 2.0}', b'{"Unknown": {"x": [1]}}', b'{"SortBy": null}',
                 '{"Unknown": "\u00e9\U0001f600"}'.encode(), b'{"Unknown": "\\u00e9"}'):
        door.ok("ListWorkteams", body=body)


def test_a_body_over_the_limit():
    body = b'{"Task": "' + b"x" * (4 << 20) + b'"}'
    r = door.call("RenderUiTemplate", body=body)
    assert (r.status, r.type) == (413, "RequestEntityTooLargeException"), r.body
    assert not lead.call("GET", "/", check=False).body.startswith(b"{")


def test_constraints_of_the_model_in_amazon_s_words():
    assert door.invalid("CreateWorkteam", {"WorkteamName": "x" * 64, "Description": ""}) == (
        "4 validation errors detected: "
        f"Value '{'x' * 64}' at 'workteamName' failed to satisfy constraint: Member must have length "
        "less than or equal to 63; "
        "Value null at 'memberDefinitions' failed to satisfy constraint: Member must not be null; "
        "Value '' at 'description' failed to satisfy constraint: Member must have length greater than "
        "or equal to 1; "
        "Value '' at 'description' failed to satisfy constraint: Member must satisfy regular "
        "expression pattern: .+")
    door.invalid("ListTags", {"ResourceArn": "short"}, "resourceArn")
    door.invalid("ListWorkteams", {"MaxResults": 0}, "greater than or equal to 1")
    door.invalid("ListWorkteams", {"MaxResults": 101}, "less than or equal to 100")
    door.invalid("ListWorkteams", {"SortBy": "Size"}, "enum value set: [Name, CreateDate]")
    door.invalid("CreateWorkteam", team("t", Tags=[{"Key": "", "Value": ""}]), "'tags.1.member.key'")
    long = door.invalid("ListLabelingJobs", {"NameContains": "\u00e9" * 60000})
    assert len(long) < 2000 and "less than or equal to 63" in long


# ---- workforces ----

def test_a_fresh_service_has_the_default_workforce():
    w = door.ok("DescribeWorkforce", {"WorkforceName": "default"})["Workforce"]
    assert door.ok("ListWorkforces") == {"Workforces": [w]}
    assert door.ok("ListWorkforces", {"NameContains": "efau"}) == {"Workforces": [w]}
    assert door.ok("ListWorkforces", {"NameContains": "wf"}) == {"Workforces": []}
    assert w["WorkforceArn"] == ARN + "workforce/default" and w["Status"] == "Active"
    assert w["SubDomain"] == f"127.0.0.1:{server.port}"
    assert w["CognitoConfig"] == {"UserPool": "us-east-1_plumbline", "ClientId": "plumbline"}
    door.invalid("DescribeWorkforce", {"WorkforceName": "wf"}, "no workforce")
    door.invalid("DeleteWorkforce", {"WorkforceName": "default"})


def test_a_workforce_from_beginning_to_end():
    config = {"UserPool": "eu-west-1_Ab", "ClientId": "c"}
    door.invalid("CreateWorkforce", {"WorkforceName": "wf"}, "either")
    door.invalid("CreateWorkforce", {"WorkforceName": "wf", "CognitoConfig": config,
                                     "OidcConfig": OIDC}, "either")
    before = time.time()
    arn = door.ok("CreateWorkforce", {"WorkforceName": "wf", "CognitoConfig": config,
                                      "Tags": [{"Key": "a", "Value": "b"}]})["WorkforceArn"]
    assert arn == ARN + "workforce/wf"
    door.refused("ResourceInUse", "CreateWorkforce", {"WorkforceName": "two", "CognitoConfig": config})
    w = door.ok("DescribeWorkforce", {"WorkforceName": "wf"})["Workforce"]
    assert w["CognitoConfig"] == config and "OidcConfig" not in w
    assert before - 1 <= w["CreateDate"] <= time.time() + 1
    assert door.ok("ListTags", {"ResourceArn": arn})["Tags"] == [{"Key": "a", "Value": "b"}]
    assert [x["WorkforceName"] for x in door.ok("ListWorkforces")["Workforces"]] == ["wf"]
    assert door.ok("ListWorkforces", {"NameContains": "x"})["Workforces"] == []
    w = door.ok("UpdateWorkforce", {"WorkforceName": "wf", "IpAddressType": "dualstack",
                                    "SourceIpConfig": {"Cidrs": ["10.0.0.0/8", "2001:db8::/32"]},
                                    "WorkforceVpcConfig": {"VpcId": "vpc-1"}})["Workforce"]
    assert w["SourceIpConfig"]["Cidrs"] == ["10.0.0.0/8", "2001:db8::/32"]
    assert w["WorkforceVpcConfig"] == {"VpcId": "vpc-1"} and w["CognitoConfig"] == config
    w = door.ok("UpdateWorkforce", {"WorkforceName": "wf", "WorkforceVpcConfig": {}})["Workforce"]
    assert "WorkforceVpcConfig" not in w and w["IpAddressType"] == "dualstack"
    door.invalid("UpdateWorkforce", {"WorkforceName": "wf", "OidcConfig": OIDC}, "Cognito")
    door.invalid("UpdateWorkforce", {"WorkforceName": "wf", "SourceIpConfig": {"Cidrs": ["10.0.0.1"]}},
                 "CIDR")
    door.invalid("CreateWorkteam", team("t", MemberDefinitions=oidc("g")), "Cognito")
    door.ok("CreateWorkteam", team("t", WorkforceName="wf"))
    t = door.ok("DescribeWorkteam", {"WorkteamName": "t"})["Workteam"]
    assert t["WorkforceArn"] == arn
    door.refused("ResourceInUse", "DeleteWorkforce", {"WorkforceName": "wf"}, "1 work team")
    door.ok("DeleteWorkteam", {"WorkteamName": "t"})
    assert door.ok("DeleteWorkforce", {"WorkforceName": "wf"}) == {}
    door.refused("ResourceNotFound", "ListTags", {"ResourceArn": arn})
    assert [x["WorkforceName"] for x in door.ok("ListWorkforces")["Workforces"]] == ["default"]


def test_an_oidc_workforce_keeps_its_secret_to_itself():
    extra = {"Scope": "openid profile", "AuthenticationRequestExtraParams": {"a": "b"}}
    door.ok("CreateWorkforce", {"WorkforceName": "wf", "OidcConfig": {**OIDC, **extra}})
    shown = {k: v for k, v in OIDC.items() if k != "ClientSecret"}
    w = door.ok("DescribeWorkforce", {"WorkforceName": "wf"})["Workforce"]
    assert w["OidcConfig"] == {**shown, **extra}, w
    changed = {**OIDC, "Issuer": "https://new", "ClientSecret": "x" * 1024}
    w = door.ok("UpdateWorkforce", {"WorkforceName": "wf", "OidcConfig": changed})["Workforce"]
    assert w["OidcConfig"] == {**shown, "Issuer": "https://new"}
    door.invalid("CreateWorkteam", team("t"), "OIDC")
    door.ok("CreateWorkteam", team("t", MemberDefinitions=oidc("g")))
    door.refused("ConflictException", "UpdateWorkforce", {"WorkforceName": "wf", "OidcConfig": OIDC})
    text = door.invalid("UpdateWorkforce", {"WorkforceName": "wf",
                                            "OidcConfig": {**OIDC, "ClientSecret": "hidd\u00e9n"}})
    assert "hidd" not in text
    with open(server.data + "/plumbline.db", "rb") as f, open(server.data + "/plumbline.db-wal", "rb") as g:
        assert not any(s in b for b in (f.read(), g.read()) for s in (b"s3cret ~", b"x" * 1024))
    clear()
    door.ok("DeleteWorkforce", {"WorkforceName": "wf"})


# ---- work teams ----

def test_a_work_team_from_beginning_to_end():
    members = cognito("g") + cognito("h")
    access = {"S3Presign": {"IamPolicyConstraints": {"SourceIp": "Enabled", "VpcSourceIp": "Disabled"}}}
    topic = {"NotificationTopicArn": "arn:aws:sns:us-east-1:123456789012:t"}
    made = door.ok("CreateWorkteam", team("Crew-1", Description="T\u00e9am", MemberDefinitions=members,
                                          NotificationConfiguration=topic,
                                          WorkerAccessConfiguration=access))
    arn = ARN + "workteam/private-crowd/Crew-1"
    assert made == {"WorkteamArn": arn}
    t = door.ok("DescribeWorkteam", {"WorkteamName": "Crew-1"})["Workteam"]
    assert t["MemberDefinitions"] == members and t["Description"] == "T\u00e9am"
    assert t["NotificationConfiguration"] == topic and t["WorkerAccessConfiguration"] == access
    assert t["WorkteamArn"] == arn and t["SubDomain"]
    assert t["WorkforceArn"] == ARN + "workforce/default"
    assert door.ok("ListWorkteams")["Workteams"] == [t]
    assert t["CreateDate"] <= t["LastUpdatedDate"] <= time.time() + 1
    door.refused("ResourceInUse", "CreateWorkteam", team("crew-1"))
    u = door.ok("UpdateWorkteam", {"WorkteamName": "Crew-1", "Description": "d2"})["Workteam"]
    assert u["Description"] == "d2" and u["MemberDefinitions"] == members
    u = door.ok("UpdateWorkteam", {"WorkteamName": "Crew-1", "MemberDefinitions": cognito("x")})
    assert u["Workteam"]["MemberDefinitions"] == cognito("x")
    assert u["Workteam"]["NotificationConfiguration"] == topic
    assert door.ok("DeleteWorkteam", {"WorkteamName": "crew-1"}) == {"Success": True}
    for name in ("DescribeWorkteam", "UpdateWorkteam", "DeleteWorkteam"):
        door.invalid(name, {"WorkteamName": "Crew-1"}, "no work team")


def test_definitions_that_cannot_be():
    both = {**cognito()[0], **oidc("g")[0]}
    door.invalid("CreateWorkteam", team("t", MemberDefinitions=[both]), "either")
    door.invalid("CreateWorkteam", team("t", MemberDefinitions=[{}]), "either")
    door.invalid("CreateWorkteam", team("t", MemberDefinitions=cognito() + oidc("g")), "one kind")
    door.invalid("CreateWorkteam", team("t", MemberDefinitions=[{"OidcMemberDefinition": {}}]), "Groups")
    door.invalid("CreateWorkteam", team("t", MemberDefinitions=oidc("a b")), "pattern")
    door.invalid("CreateWorkteam", team("t", WorkforceName="other"), "no workforce")
    assert door.ok("ListWorkteams")["Workteams"] == []


def test_teams_of_rest_and_of_this_door_are_the_same():
    people = [server.person(n).id for n in ("ann", "bob")]
    free = lead.want(201, "POST", "/api/v1/teams", {"name": "\u00dcbersetzer & Co"})["id"]
    plain = lead.want(201, "POST", "/api/v1/teams", {"name": "Plain", "description": "x" * 300})["id"]
    for p in people:
        lead.want(204, "PUT", f"/api/v1/teams/{free}/members/{p}")
    lead.want(204, "PUT", f"/api/v1/teams/{plain}/members/{people[0]}")
    alias = free.replace("_", "-")
    t = door.ok("DescribeWorkteam", {"WorkteamName": alias})["Workteam"]
    assert t["WorkteamName"] == alias and t["Description"] == alias
    assert t["MemberDefinitions"][0]["CognitoMemberDefinition"]["UserGroup"] == alias
    assert len(door.ok("DescribeWorkteam", {"WorkteamName": "plain"})["Workteam"]["Description"]) == 200
    door.refused("ResourceInUse", "CreateWorkteam", team(alias))
    # A group that names a team brings its people along: by its own name or as shown here.
    door.ok("CreateWorkteam", team("both", MemberDefinitions=oidc("Plain", alias, "elsewhere")))
    here = next(t for t in lead.want(200, "GET", "/api/v1/teams")["teams"] if t["name"] == "both")
    assert here["members"] == 2
    new = server.person("new").id
    lead.want(204, "PUT", f"/api/v1/teams/{plain}/members/{new}")
    door.ok("UpdateWorkteam", {"WorkteamName": "both", "MemberDefinitions": oidc("Plain")})
    shown = lead.want(200, "GET", f"/api/v1/teams/{here['id']}")["people"]
    assert sorted(p["name"] for p in shown) == ["ann", "new"]
    clear()


def test_groups_replace_the_old_ones_and_their_people():
    cat, dan, eve, fay = (server.person(n) for n in ("cat", "dan", "eve", "fay"))
    ids = {}
    for name, people in (("old", (cat, dan, eve)), ("new", (eve,))):
        ids[name] = lead.want(201, "POST", "/api/v1/teams", {"name": name})["id"]
        for p in people:
            lead.want(204, "PUT", f"/api/v1/teams/{ids[name]}/members/{p.id}")
    door.ok("CreateWorkteam", team("mixed", MemberDefinitions=cognito("old")))
    mixed = next(t["id"] for t in lead.want(200, "GET", "/api/v1/teams")["teams"] if t["name"] == "mixed")
    names = lambda: [p["name"] for p in lead.want(200, "GET", f"/api/v1/teams/{mixed}")["people"]]
    assert names() == ["cat", "dan", "eve"]
    job = harness.text_job(lead, "replaced", 9, start=True, annotators_per_item=3)
    lead.want(200, "PATCH", f"/api/v1/jobs/{job}", {"teams": [mixed]})
    for p in (cat, dan, eve):
        harness.leased(p, job, 1)
    # Dan was brought and is added by hand besides, Fay by hand alone.
    for p in (dan, fay):
        lead.want(204, "PUT", f"/api/v1/teams/{mixed}/members/{p.id}")
    update = lambda groups: door.ok("UpdateWorkteam", {"WorkteamName": "mixed",
                                                       "MemberDefinitions": groups})
    update(cognito("new"))
    assert names() == ["dan", "eve", "fay"]
    cat.want(404, "POST", f"/api/v1/jobs/{job}/leases", {"n": 1})
    for p in (dan, eve, fay):
        harness.leased(p, job, 2)
    door.ok("UpdateWorkteam", {"WorkteamName": "mixed", "Description": "of groups nothing is said"})
    assert names() == ["dan", "eve", "fay"]
    # Taken out by hand, brought again by the next list of groups; its own group changes nothing.
    lead.want(204, "DELETE", f"/api/v1/teams/{mixed}/members/{eve.id}")
    assert names() == ["dan", "fay"]
    update(cognito("new") + cognito("mixed") + cognito("old"))
    assert names() == ["cat", "dan", "eve", "fay"]
    update(cognito("elsewhere"))
    assert names() == ["dan", "fay"]
    assert "Brought" not in door.ok("DescribeWorkteam", {"WorkteamName": "mixed"})["Workteam"]
    lead.want(204, "DELETE", f"/api/v1/jobs/{job}?confirm=replaced")
    clear()


def test_everybody_is_a_team_that_is_always_there():
    name = "Everyone-in-private-workforce"
    t = door.ok("DescribeWorkteam", {"WorkteamName": name})["Workteam"]
    assert t["WorkteamArn"].endswith("/private-crowd/" + name)
    door.refused("ResourceInUse", "CreateWorkteam", team(name))
    door.invalid("UpdateWorkteam", {"WorkteamName": name, "Description": "x"}, "cannot be changed")
    door.invalid("DeleteWorkteam", {"WorkteamName": name}, "cannot be changed")
    assert door.ok("ListWorkteams")["Workteams"] == []


def test_lists_sort_filter_and_page():
    names = [f"t{i:02}" for i in range(23)] + ["Zed", "abc"]
    for n in names:
        door.ok("CreateWorkteam", team(n))
    all_of = lambda **m: [t["WorkteamName"] for t in door.pages("ListWorkteams", "Workteams", **m)[0]]
    assert all_of() == names == all_of(SortBy="CreateDate", size=7)
    assert all_of(SortOrder="Descending", size=100) == names[::-1]
    by_name = sorted(names, key=str.lower)
    assert all_of(SortBy="Name", size=1) == by_name
    assert all_of(SortBy="Name", SortOrder="Descending", size=4) == by_name[::-1]
    assert all_of(NameContains="t1") == [n for n in names if "t1" in n]
    assert all_of(NameContains="ZED") == []
    assert door.pages("ListWorkteams", "Workteams")[1] == 3
    assert door.pages("ListWorkteams", "Workteams", size=25)[1] == 1


def test_a_token_is_bound_to_its_list():
    first = door.ok("ListWorkteams", {"MaxResults": 2, "SortBy": "Name"})
    token = first["NextToken"]
    again = {"SortBy": "Name", "NextToken": token}
    assert door.ok("ListWorkteams", {**again, "MaxResults": 5})["Workteams"][0]["WorkteamName"] == "t01"
    for bad in (token[:-2], token + "00", "x", "7b7d", token.upper(), "ff" * 4000):
        door.invalid("ListWorkteams", {"SortBy": "Name", "NextToken": bad}, "NextToken")
    door.invalid("ListWorkteams", {"NextToken": token}, "NextToken")
    door.invalid("ListWorkteams", {**again, "NameContains": "t"}, "NextToken")
    door.invalid("ListWorkteams", {**again, "SortOrder": "Descending"}, "NextToken")
    door.invalid("ListWorkforces", again, "NextToken")
    door.ok("ListWorkteams", {"NextToken": ""})
    # Entries that come and go between pages neither repeat nor hide others.
    door.ok("DeleteWorkteam", {"WorkteamName": "t00"})
    door.ok("CreateWorkteam", team("aaa"))
    page = door.ok("ListWorkteams", {**again, "MaxResults": 3})["Workteams"]
    assert [t["WorkteamName"] for t in page] == ["t01", "t02", "t03"]
    clear()


# ---- retries ----

def test_a_create_that_is_sent_again_gets_the_first_answer():
    id = invocation()
    more = lambda n: {"amz-sdk-invocation-id": id, "amz-sdk-request": f"ttl=20991231T000000Z; attempt={n}; max=5"}
    free = ("amz-sdk-invocation-id", "amz-sdk-request")
    first = door.ok("CreateWorkteam", team("again"), more=more(1), unsigned=free)
    door.refused("ResourceInUse", "CreateWorkteam", team("again"), more=more(1), unsigned=free)
    assert door.ok("CreateWorkteam", team("again"), more=more(2), unsigned=free) == first
    assert door.ok("CreateWorkteam", team("again"), more=more(5), unsigned=free) == first
    door.refused("ResourceInUse", "CreateWorkteam", team("again", Description="x"), more=more(2),
                 unsigned=free)
    other = Aws(server, server.person("another lead", "lead"))
    other.refused("ResourceInUse", "CreateWorkteam", team("again"), more=more(2), unsigned=free)
    id = invocation()
    door.refused("ResourceInUse", "CreateWorkteam", team("again"), more=more(2), unsigned=free)
    clear()


# ---- tags ----

def test_tags():
    door.ok("CreateWorkteam", team("t", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]))
    arn = ARN + "workteam/private-crowd/t"
    of = lambda: {t["Key"]: t["Value"] for t in door.ok("ListTags", {"ResourceArn": arn})["Tags"]}
    assert of() == {"a": "1", "b": ""}
    r = door.ok("AddTags", {"ResourceArn": arn, "Tags": [{"Key": "a", "Value": "2"},
                                                          {"Key": "\u00c4 /=+-@", "Value": "v"}]})
    assert {t["Key"]: t["Value"] for t in r["Tags"]} == of() == {"a": "2", "b": "", "\u00c4 /=+-@": "v"}
    assert door.ok("DeleteTags", {"ResourceArn": arn, "TagKeys": ["a", "zzz"]}) == {}
    assert of() == {"b": "", "\u00c4 /=+-@": "v"}
    many = [{"Key": f"k{i}", "Value": ""} for i in range(49)]
    door.refused("ResourceLimitExceeded", "AddTags", {"ResourceArn": arn, "Tags": many}, "51")
    assert len(of()) == 2
    door.ok("AddTags", {"ResourceArn": arn, "Tags": many[:48]})
    assert len(of()) == 50 == len(door.ok("ListTags", {"ResourceArn": arn, "MaxResults": 50})["Tags"])
    door.invalid("ListTags", {"ResourceArn": arn, "MaxResults": 49}, "greater than or equal to 50")
    door.invalid("AddTags", {"ResourceArn": arn, "Tags": many + many[:2]}, "equal to 50")
    door.invalid("AddTags", {"ResourceArn": arn, "Tags": many[:1] * 2}, "twice")
    door.invalid("AddTags", {"ResourceArn": arn, "Tags": [{"Key": "aws:x", "Value": ""}]}, "reserved")
    door.invalid("AddTags", {"ResourceArn": arn, "Tags": [{"Key": "a", "Value": "#"}]}, "pattern")
    door.ok("DeleteWorkteam", {"WorkteamName": "t"})
    door.refused("ResourceNotFound", "ListTags", {"ResourceArn": arn})
    door.ok("CreateWorkteam", team("t"))
    assert of() == {}
    clear()


def test_arns_of_other_places():
    for arn in ("arn:aws:sagemaker:us-east-1:123456789012:workteam/private-crowd/t",
                "arn:aws:sagemaker:eu-west-1:000000000000:workteam/private-crowd/t"):
        door.invalid("ListTags", {"ResourceArn": arn}, "account or region")
    door.invalid("ListTags", {"ResourceArn": ARN + "training-job/x"}, "training-job")
    door.invalid("ListTags", {"ResourceArn": ARN + "workteam/vendor-crowd/x"}, "private work team")
    door.invalid("ListTags", {"ResourceArn": ARN + "x"}, "not the ARN")
    for kind in ("labeling-job/x", "workteam/private-crowd/x", "workforce/x"):
        door.refused("ResourceNotFound", "AddTags", {"ResourceArn": ARN + kind, "Tags": []})
    door.refused("ResourceNotFound", "ListTags",
                 {"ResourceArn": ARN + "workteam/private-crowd/Everyone-in-private-workforce"})


# ---- templates ----

def render(content, value="{}"):
    return door.ok("RenderUiTemplate", {"RoleArn": "arn:aws:iam::123456789012:role/r",
                                        "UiTemplate": {"Content": content}, "Task": {"Input": value}})


def test_templates():
    r = render("<b>{{ task.input.a }}</b>{% for x in task.input.l %}{{ x }},{% endfor %}",
               '{"a": "<\u00e9", "l": [1, 2]}')
    assert r == {"RenderedContent": "<b>&lt;\u00e9</b>1,2,", "Errors": []}, r
    r = render("a{% nonsense %}b{{ 'x' | nothing }}")
    assert [set(e) for e in r["Errors"]] == [{"Code", "Message"}] * 2 and "a" in r["RenderedContent"]
    assert render("x", "{ ")["Errors"][0]["Code"] == "InvalidInput"
    door.invalid("RenderUiTemplate", {"RoleArn": "arn:aws:iam::123456789012:role/r",
                                      "Task": {"Input": "{}"}}, "exactly one")
    door.invalid("RenderUiTemplate", {"RoleArn": "arn:aws:iam::123456789012:role/r", "Task": {"Input": "{}"},
                                      "HumanTaskUiArn": "arn:aws:sagemaker:us-east-1:394669845002:"
                                                        "human-task-ui/NamedEntityRecognition"}, "own")
    big = "\u00e9" * 128000
    assert render(big, "{}")["RenderedContent"] == big
    door.invalid("RenderUiTemplate", {"RoleArn": "arn:aws:iam::123456789012:role/r", "Task": {"Input": "{}"},
                                      "UiTemplate": {"Content": big + "x"}}, "equal to 128000")


# ---- numbers ----

def test_calls_are_counted_by_name_and_outcome():
    text = lead.call("GET", "/metrics", check=False).body.decode()
    rows = [l for l in text.splitlines() if l.startswith("plumbline_aws_operations_total{")]
    assert any('operation="CreateWorkteam",outcome="done"' in r for r in rows), rows
    assert any('operation="CreateWorkteam",outcome="refused"' in r for r in rows)
    assert any('operation="none",outcome="refused"' in r for r in rows)
    assert not any("CreateTrainingJob" in r for r in rows)


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
