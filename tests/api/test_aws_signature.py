#!/usr/bin/env python3
"""Who may come in at the AWS door: signatures by hand, right ones and every kind of wrong one."""
import sys

import aws
import harness
from aws import Aws, authorization, stamp
from harness import Client, wait

server = harness.Server()
lead = server.person("lead", "lead")
door = Aws(server, lead)
INVALID, INCOMPLETE = "InvalidSignatureException", "IncompleteSignatureException"


def test_a_signed_call_is_answered():
    assert door.ok("ListWorkteams") == {"Workteams": []}
    assert door.ok("ListWorkteams", body=b"") == {"Workteams": []}


def test_the_vector_of_the_spec_by_the_signer_of_these_tests():
    value = authorization("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20231114T221320Z",
                          {"Host": "127.0.0.1:8080", "Content-Type": aws.JSON,
                           "X-Amz-Date": "20231114T221320Z",
                           "X-Amz-Target": "SageMaker.DescribeLabelingJob"},
                          b'{"LabelingJobName": "job1"}')
    assert value.endswith("dcc58ab27926e0c43b6e0e2ca28ada9b3694e2d61c3e341bf2c7e51ba745514c"), value


def test_any_region_is_taken_but_only_this_service():
    door.ok("ListWorkteams", region="eu-central-1")
    door.refused(INVALID, "ListWorkteams", service="s3", status=403, says="'sagemaker'")


def test_a_wrong_secret_and_an_unknown_key():
    door.refused(INVALID, "ListWorkteams", secret="x" * 40, status=403, says="does not match")
    door.refused("UnrecognizedClientException", "ListWorkteams", key="PL" + "A" * 18)
    door.refused("UnrecognizedClientException", "ListWorkteams", key="AKIDEXAMPLE:/odd" * 20)


def test_what_is_changed_after_signing_is_refused():
    door.refused(INVALID, "ListWorkteams", status=403, send={"X-Amz-Target": "SageMaker.ListWorkforces"})
    door.refused(INVALID, "ListWorkteams", status=403, send={"Host": "localhost"})
    door.refused(INVALID, "ListWorkteams", status=403, send={"X-Amz-Date": stamp(1)})
    door.refused(INVALID, "ListWorkteams", status=403, send={"Content-Type": "application/json"})
    date = stamp()
    headers = door.headers("ListWorkteams", date)
    headers["Authorization"] = authorization(door.key, door.secret, date, headers, b"{}")
    assert door.raw(headers, b'{"MaxResults": 1}').type == INVALID


def test_the_clock_may_be_fourteen_minutes_off_and_not_sixteen():
    for minutes in (-14, 14):
        door.ok("ListWorkteams", date=stamp(minutes))
    door.refused(INVALID, "ListWorkteams", date=stamp(-16), status=403, says="Signature expired")
    door.refused(INVALID, "ListWorkteams", date=stamp(16), status=403, says="not yet current")


def test_an_unsigned_amazon_header_is_refused_others_are_not():
    door.refused(INVALID, "ListWorkteams", more={"X-Amz-Meta-A": "1"}, unsigned=("x-amz-meta-a",),
                 status=403, says="X-Amz-Meta-A")
    door.ok("ListWorkteams", more={"X-Amz-Meta-A": "1  2"})
    door.ok("ListWorkteams", more={"X-Forwarded-For": "10.0.0.1"}, unsigned=("x-forwarded-for",))
    door.refused(INCOMPLETE, "ListWorkteams", unsigned=("host",), says="host")


def test_a_session_token_is_refused_with_advice():
    door.refused("UnrecognizedClientException", "ListWorkteams",
                 more={"X-Amz-Security-Token": "TOKEN/+="}, says="AWS_SESSION_TOKEN")


def test_a_digest_of_the_body_must_be_its_own():
    door.ok("ListWorkteams", more={"x-amz-content-sha256": aws.sha256(b"{}")})
    for wrong in ("UNSIGNED-PAYLOAD", aws.sha256(b""), ""):
        door.refused(INVALID, "ListWorkteams", more={"x-amz-content-sha256": wrong}, status=403)


def test_no_signature_or_another_scheme():
    date = stamp()
    headers = door.headers("ListWorkteams", date)
    assert door.raw(headers, b"{}").type == "MissingAuthenticationTokenException"
    for value in ("Bearer " + lead.token, "AWS4-HMAC-SHA256 Credential=x", "", "AWS4-HMAC-SHA256"):
        r = door.raw({**headers, "Authorization": value}, b"{}")
        assert r.type == INCOMPLETE, (value, r.body)
    good = authorization(door.key, door.secret, date, headers, b"{}")
    twice = [*headers.items(), ("Authorization", good), ("Authorization", good)]
    assert door.raw(twice, b"{}").type == INCOMPLETE
    assert door.raw({**headers, "Authorization": good}, b"{}", path="/?a=b").type == INCOMPLETE
    assert door.raw({**headers, "Authorization": good}, b"{}", path="/").status == 200
    assert door.raw({**headers, "Authorization": good.replace("Signature=", "Signature=A")},
                    b"{}").type == INVALID


def test_a_cookie_or_the_unix_socket_is_no_signature():
    r = server.local.call("POST", "/", {}, check=False)
    assert r.status == 403 and b"MissingAuthenticationToken" in r.body


def test_two_attempts_within_a_second_carry_the_same_signature():
    date = stamp()
    for _ in range(3):
        door.ok("ListWorkteams", date=date)


def test_roles():
    reviewer, annotator = (Aws(server, server.person(role, role)) for role in ("reviewer", "annotator"))
    reviewer.ok("ListWorkteams")
    reviewer.ok("DescribeWorkforce", {"WorkforceName": "default"})
    reviewer.refused("AccessDeniedException", "CreateWorkteam",
                     {"WorkteamName": "t", "Description": "d", "MemberDefinitions": aws.cognito()},
                     says="lead or admin")
    reviewer.refused("AccessDeniedException", "StopLabelingJob", {"LabelingJobName": "t"})
    annotator.refused("AccessDeniedException", "ListWorkteams", says="annotator")
    Aws(server, server.person("admin", "admin")).ok("ListWorkteams")


def test_a_right_that_is_taken_away_ends_at_once():
    person = server.person("leaver", "lead")
    own = Aws(server, person)
    own.ok("ListWorkteams")
    server.local.want(200, "PATCH", f"/api/v1/people/{person.id}", {"role": "annotator"})
    own.refused("AccessDeniedException", "ListWorkteams")
    server.local.want(200, "PATCH", f"/api/v1/people/{person.id}", {"role": "admin"})
    own.ok("ListWorkteams")
    server.local.want(200, "PATCH", f"/api/v1/people/{person.id}", {"active": False})
    own.refused("AccessDeniedException", "ListWorkteams", says="deactivated")
    server.local.want(200, "PATCH", f"/api/v1/people/{person.id}", {"active": True})
    own.ok("ListWorkteams")
    Client(server, person.token).want(204, "DELETE", f"/api/v1/keys/{own.rest}")
    own.refused("UnrecognizedClientException", "ListWorkteams")


def test_a_key_that_has_run_out():
    own = Aws(server, server.person("late", "lead"))
    own.ok("ListWorkteams")
    server.stop()
    with server.database() as db:
        db.execute("UPDATE api_key SET expires = 1 WHERE access_key_id = ?", (own.key,))
    server.start()
    own.refused("ExpiredTokenException", "ListWorkteams")


def test_the_last_use_of_a_key_is_known():
    person = server.person("seen", "lead")
    own = Aws(server, person)
    own.ok("ListWorkteams")
    wait(lambda: any(k.get("last_used") for k in person.want(200, "GET", "/api/v1/keys")["keys"]
                     if k["access_key_id"] == own.key))


def test_canonical_requests_are_in_the_log_at_debug_level_but_no_token():
    quiet = server.stderr()
    assert "canonical request" not in quiet
    own = harness.Server("--log-level", "debug")
    one = Aws(own, own.person("lead", "lead"))
    one.ok("ListWorkteams")
    one.call("ListWorkteams", more={"X-Amz-Security-Token": "SECRETTOKEN"})
    wait(lambda: "canonical request" in own.stderr())
    text = own.stderr()
    own.close()
    assert "SECRETTOKEN" not in text and one.secret not in text


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
