#!/usr/bin/env python3
"""The workforce's SourceIpConfig: from where annotators are let in. A client's address is that of its
socket (all of 127.0.0.0/8 is this computer), or the one that a proxy on this computer names."""
import http.client
import sys
import time

import harness
from aws import Aws
from harness import Client, answer, leased, text_job

PASSWORD = "correct horse battery"
OIDC = {"ClientId": "c", "ClientSecret": "s", "Issuer": "https://i", "TokenEndpoint": "https://t",
        "AuthorizationEndpoint": "https://a", "UserInfoEndpoint": "https://u",
        "LogoutEndpoint": "https://l", "JwksUri": "https://j"}
DENIED = "404 workforce.address"
ME = "/api/v1/me"


class From(Client):
    """A client with a source address of its own, and lines X-Forwarded-For of a proxy."""

    def __init__(self, server, source="127.0.0.1", forwarded=(), **k):
        super().__init__(server, **k)
        self.source = source
        self.forwarded = [forwarded] if isinstance(forwarded, str) else forwarded

    def open(self):
        if self.unix:
            return super().open()
        c = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60,
                                       source_address=(self.source, 0))
        send = c.endheaders

        def with_lines(*a, **k):
            for line in self.forwarded:
                c.putheader("X-Forwarded-For", line)
            send(*a, **k)

        c.endheaders = with_lines
        return c


server = harness.Server()
lead = server.person("lead", "lead", PASSWORD)
reviewer = server.person("reviewer", "reviewer", PASSWORD)
admin = server.person("admin", "admin", PASSWORD)
ann = server.person("ann", password=PASSWORD)
door = Aws(server, lead)


def at(source="127.0.0.1", forwarded=(), who=ann, **k):
    return From(server, source, forwarded, **({"token": who.token} | k))


def behind(*lines, who=ann):
    return at(forwarded=lines, who=who)


def allow(*cidrs):
    door.ok("UpdateWorkforce", {"WorkforceName": "default", "SourceIpConfig": {"Cidrs": list(cidrs)}})


def sign_in(name, status, **k):
    c = From(server, **k)
    r = c.want(status, "POST", "/api/v1/session", {"name": name, "password": PASSWORD})
    if r.status == 200:
        c.csrf = r["csrf"]
        c.cookie = r.headers["Set-Cookie"].split(";")[0].split("=")[1]
    return c


def test_without_a_list_everybody_comes_from_everywhere():
    for client in (at(), at("127.0.0.2"), behind("203.0.113.9"), behind("nonsense")):
        client.want(200, "GET", ME)


def test_the_address_of_the_connection():
    allow("127.0.0.2/32")
    at("127.0.0.2").want(200, "GET", ME)
    r = at().want(DENIED, "GET", ME)
    assert "address" in r["message"] and "127." not in r["message"], r.body
    allow("127.0.0.1/32", "10.0.0.0/8")
    at("127.0.0.2").want(DENIED, "GET", ME)
    at().want(200, "GET", ME)


def test_a_change_counts_from_the_next_request_on():
    here = at()
    for n in range(50):
        allow("127.0.0.1/32" if n % 2 else "10.0.0.0/8")
        here.want(200 if n % 2 else DENIED, "GET", ME)


def test_only_annotators_are_asked():
    allow("10.0.0.0/8")
    at().want(DENIED, "GET", ME)
    for who in (lead, reviewer, admin):
        at(who=who).want(200, "GET", ME)
        sign_in(who.name, 200).want(200, "GET", ME)
    admin.want(200, "PATCH", f"/api/v1/people/{reviewer.id}", {"role": "annotator"})
    at(who=reviewer).want(DENIED, "GET", ME)
    admin.want(200, "PATCH", f"/api/v1/people/{reviewer.id}", {"role": "reviewer"})
    at(who=reviewer).want(200, "GET", ME)


def test_the_unix_socket_and_the_aws_door_are_open():
    ann_local = Client(server, ann.token, unix=True)
    ann_local.want(200, "GET", ME)
    server.local.want(200, "GET", "/api/v1/people")
    keys = Aws(server, ann)
    keys.refused("AccessDeniedException", "DescribeWorkforce", {"WorkforceName": "default"}, "annotator")
    assert door.ok("DescribeWorkforce", {"WorkforceName": "default"})["Workforce"]["SourceIpConfig"] == {
        "Cidrs": ["10.0.0.0/8"]}


def test_signing_in():
    r = sign_in("ann", DENIED)
    assert server.rows("SELECT count(*) FROM session WHERE person = ?", int(ann.id.split("_")[1])) == [(0,)]
    # Who does not know the password hears nothing of the list.
    r = From(server).want("401 session.refused", "POST", "/api/v1/session",
                          {"name": "ann", "password": "wrong" + PASSWORD})
    assert "address" not in r["message"]
    inside = sign_in("ann", 200, forwarded="10.1.2.3")
    inside.want(200, "GET", ME)
    inside.want(200, "GET", "/api/v1/session")
    outside = From(server, forwarded="11.1.2.3", cookie=inside.cookie, csrf=inside.csrf)
    outside.want(DENIED, "GET", ME)
    outside.want(DENIED, "GET", "/api/v1/session")
    outside.want(DENIED, "DELETE", "/api/v1/session")
    inside.want(204, "DELETE", "/api/v1/session")


def test_a_link_for_an_annotator():
    link = lambda role: admin.want(201, "POST", "/api/v1/invitations", {"role": role})["url"].rsplit("/", 1)[1]
    body = {"name": "new", "password": PASSWORD}
    path = "/api/v1/invitations/" + link("annotator")
    From(server).want(DENIED, "GET", path)
    From(server).want(DENIED, "POST", path, body)
    assert server.rows("SELECT count(*) FROM person WHERE name = 'new'") == [(0,)]
    inside = From(server, forwarded="10.0.0.1")
    inside.want(200, "GET", path)
    inside.want(201, "POST", path, body)
    From(server).want("410 invitation.expired", "POST", path, body)
    From(server).want(201, "POST", "/api/v1/invitations/" + link("reviewer"), {**body, "name": "rev 2"})
    From(server).want("404 invitation.not_found", "GET", "/api/v1/invitations/nothing")


def test_all_that_an_annotator_may_ask():
    job = text_job(lead, "texts", 4, start=True)
    inside = behind("10.1.2.3")
    task = leased(inside, job)[0]
    outside = behind("203.0.113.9")
    asked = 0
    for path, methods in server.openapi["paths"].items():
        for method, operation in methods.items():
            if "annotator" not in operation.get("x-roles", []):
                continue
            url = path.replace("{job}", job).replace("{lease}", task["lease"]).replace("{item}", task["item"])
            while "{" in url:
                url = url[:url.index("{")] + "1" + url[url.index("}") + 1:]
            outside.want(DENIED, method.upper(), url)
            asked += 1
    assert asked > 15, asked
    answer(outside, job, task, "red", status=DENIED)
    answer(inside, job, task, "red")
    assert outside.call("GET", "/login", check=False).status == 200  # the page that shows the sentence


def test_a_proxy_on_this_computer_says_who_asks():
    allow("203.0.113.0/24", "2001:db8::/32")
    behind("203.0.113.9").want(200, "GET", ME)
    behind("203.0.114.9").want(DENIED, "GET", ME)
    behind("2001:db8::9").want(200, "GET", ME)
    behind("[2001:db8::9]:443").want(200, "GET", ME)
    behind("::ffff:203.0.113.9").want(200, "GET", ME)
    at("127.0.0.9", "203.0.113.9").want(200, "GET", ME)
    at().want(DENIED, "GET", ME)


def test_what_a_client_writes_into_the_header_does_not_help():
    for lines in (("203.0.113.9, 198.51.100.1",), ("203.0.113.9", "198.51.100.1"), ("203.0.113.9,",),
                  ("203.0.113.9, unknown",), ("203.0.113.9", ""), ("203.0.113.9, 203.0.113.9.",),
                  ("203.0.113.9",) * 9 + ("198.51.100.1, 127.0.0.1",)):
        behind(*lines).want(DENIED, "GET", ME)
    behind("198.51.100.1", "203.0.113.9").want(200, "GET", ME)
    behind("198.51.100.1, 203.0.113.9, 127.0.0.1").want(200, "GET", ME)
    r = at(forwarded="198.51.100.1").want(DENIED, "GET", ME, headers={"X-Real-IP": "203.0.113.9",
                                                                    "Forwarded": "for=203.0.113.9"})
    assert r.code == "workforce.address"


def test_blocks_that_mean_everybody():
    for block in ("0.0.0.0/0", "::/0", "203.0.113.9/0"):
        allow("10.0.0.0/8", block)
        for client in (at(), behind("198.51.100.1"), behind("2001:db8::1"), behind("nonsense")):
            client.want(200, "GET", ME)
    allow("10.9.9.9/8")  # bits beyond the prefix
    behind("10.1.1.1").want(200, "GET", ME)
    behind("11.9.9.9").want(DENIED, "GET", ME)
    allow()
    at().want(200, "GET", ME)
    allow(*[f"10.0.{n}.0/24" for n in range(10)])
    behind("10.0.9.1").want(200, "GET", ME)
    behind("10.0.10.1").want(DENIED, "GET", ME)
    door.invalid("UpdateWorkforce", {"WorkforceName": "default", "SourceIpConfig": {
        "Cidrs": [f"10.0.{n}.0/24" for n in range(11)]}}, "less than or equal to 10")
    for bad in ("10.0.0.0", "10.0.0.0/33", "::/129", "x/8"):
        door.invalid("UpdateWorkforce", {"WorkforceName": "default", "SourceIpConfig": {"Cidrs": [bad]}})
    behind("10.0.9.1").want(200, "GET", ME)


def test_a_change_of_something_else_keeps_the_list():
    allow("10.0.0.0/8")
    door.ok("UpdateWorkforce", {"WorkforceName": "default", "IpAddressType": "dualstack"})
    at().want(DENIED, "GET", ME)
    behind("10.1.2.3").want(200, "GET", ME)


def test_a_workforce_that_comes_and_goes():
    door.ok("DeleteWorkforce", {"WorkforceName": "default"})
    at().want(200, "GET", ME)
    door.ok("CreateWorkforce", {"WorkforceName": "wf", "OidcConfig": OIDC,
                                "SourceIpConfig": {"Cidrs": ["10.0.0.0/8"]}})
    at().want(DENIED, "GET", ME)
    server.restart()
    at().want(DENIED, "GET", ME)
    behind("10.1.2.3").want(200, "GET", ME)


def test_a_row_that_nobody_could_have_written_lets_nobody_in():
    server.stop()
    with server.database() as db:
        db.execute("UPDATE workforce SET config = '{\"SourceIpConfig\":{\"Cidrs\":[7,\"x\"]}}'")
    server.start()
    at().want(DENIED, "GET", ME)
    behind("10.1.2.3").want(DENIED, "GET", ME)
    at(who=lead).want(200, "GET", ME)
    door.ok("DeleteWorkforce", {"WorkforceName": "wf"})
    at().want(200, "GET", ME)


def test_the_list_while_it_changes_under_many_requests():
    allow("10.0.0.0/8")
    end = time.monotonic() + 1.5

    def change(n):
        if n == 0:
            while time.monotonic() < end:
                allow("10.0.0.0/8")
                allow("10.0.0.0/8", "192.0.2.0/24")
            return
        inside, outside = behind("10.0.0.1"), behind("203.0.113.9")
        while time.monotonic() < end:
            inside.want(200, "GET", ME)
            outside.want(DENIED, "GET", ME)

    harness.together(change, [0, 1, 2, 3])
    allow()
    at().want(200, "GET", ME)


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
