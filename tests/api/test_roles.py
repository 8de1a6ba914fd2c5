#!/usr/bin/env python3
"""Who may call what: the whole route table as a stranger, as each role, with wrong credentials, and
with a cookie but without the token that a page must send along."""
import re
import sys

import harness
from harness import Client, ROLES

PASSWORD = "a password for tests"
server = harness.Server()
api = server.openapi
people = {role: server.person("the " + role, role, PASSWORD) for role in ROLES}
METHODS = ("get", "post", "put", "patch", "delete")


def routes():
    """(method, path with ids of nothing, operation); the session itself goes last."""
    out = []
    for template, path in api["paths"].items():
        for method in METHODS:
            if method in path:
                filled = re.sub(r"\{(\w+)\}", lambda m: f"{m.group(1)}_999999", template)
                out.append((method.upper(), filled, path[method]))
    return sorted(out, key=lambda r: (r[0] == "DELETE", r[1]))


def is_public(operation):
    return operation.get("security") == []


def body_for(operation):
    """A body of the right kind that fits no route: roles are checked before anything is read."""
    return {"nonsense": True} if "requestBody" in operation else None


def test_every_route_says_who_may_call_it():
    assert len(routes()) > 50
    for method, path, o in routes():
        if not is_public(o):
            roles = o["x-roles"]
            assert roles and roles == [r for r in ROLES if r in roles], (method, path, roles)
            assert "admin" in roles, (method, path)


def test_a_stranger_gets_401_everywhere_but_on_public_routes():
    stranger = Client(server)
    for method, path, o in routes():
        r = stranger.call(method, path, body_for(o))
        if is_public(o):
            assert r.code not in ("session.required", "role.forbidden") or \
                path == "/api/v1/session", (method, path, r.status, r.body)
        else:
            assert (r.status, r.code) == (401, "session.required"), (method, path, r.status)


def test_the_public_routes_are_these():
    public = {f"{m} {p}" for m, p, o in routes() if is_public(o)}
    assert public == {"GET /healthz", "GET /readyz", "GET /metrics", "GET /api/v1/openapi.json",
                      "GET /api/v1/setup", "GET /api/v1/session", "POST /api/v1/session",
                      "GET /api/v1/invitations/invitation_999999",
                      "POST /api/v1/invitations/invitation_999999"}, public


def test_each_role_gets_403_exactly_where_the_table_says_so():
    for role, person in people.items():
        for method, path, o in routes():
            if is_public(o):
                continue
            r = person.call(method, path, body_for(o))
            if role in o["x-roles"]:
                assert r.code != "role.forbidden", (role, method, path)
            else:
                assert (r.status, r.code) == (403, "role.forbidden"), (role, method, path, r.status)
                assert any(needed in r["message"] for needed in o["x-roles"]), r["message"]


def test_a_wrong_token_is_401_even_beside_a_right_cookie():
    cookie = sign_in("the admin")
    for token in ("x", "A" * 43, people["admin"].token[:-1], "é" * 20, "", " "):
        for method, path, o in routes():
            if is_public(o) or method != "GET":
                continue
            c = Client(server, cookie=cookie.cookie)
            r = c.call(method, path, headers={"Authorization":
                                              ("Bearer " + token).encode("utf-8").decode("latin-1")})
            assert r.status == 401, (token, method, path, r.status)
            break
    wrong = Client(server, token="A" * 43)
    for method, path, o in routes():
        if not is_public(o):
            assert wrong.call(method, path, body_for(o)).status == 401, (method, path)


def sign_in(name):
    stranger = Client(server)
    r = stranger.want(200, "POST", "/api/v1/session", {"name": name, "password": PASSWORD})
    cookie = re.match(r"plumbline=([^;]+)", r.headers["Set-Cookie"]).group(1)
    return Client(server, cookie=cookie, csrf=r["csrf"])


def test_a_cookie_without_the_csrf_token_changes_nothing():
    page = sign_in("the admin")
    for token in (None, "", "wrong", page.csrf[:-1], page.csrf + "A"):
        c = Client(server, cookie=page.cookie)
        for method, path, o in routes():
            if is_public(o):
                continue
            r = c.call(method, path, body_for(o),
                       headers={"X-CSRF-Token": token} if token is not None else None)
            if method == "GET":
                assert r.code != "csrf.invalid", (method, path)
            else:
                assert (r.status, r.code) == (403, "csrf.invalid"), (token, method, path, r.status)
    page.want(204, "PUT", "/api/v1/me/preferences", b"{}")


def test_a_wrong_cookie_is_401():
    for method, path, o in routes():
        if not is_public(o):
            c = Client(server, cookie="A" * 43, csrf="A" * 43)
            assert c.call(method, path, body_for(o)).status == 401, (method, path)


def test_one_session_s_csrf_token_is_no_good_in_another():
    a, b = sign_in("the lead"), sign_in("the lead")
    crossed = Client(server, cookie=a.cookie, csrf=b.csrf)
    crossed.want("403 csrf.invalid", "PUT", "/api/v1/me/preferences", b"{}")


def test_a_key_ends_at_once_when_it_is_deleted_and_only_its_owner_or_an_admin_may():
    lead = people["lead"]
    key = lead.want(201, "POST", "/api/v1/keys", {"name": "short"})
    user = Client(server, token=key["token"])
    user.want(200, "GET", "/api/v1/me")
    people["reviewer"].want("404 key.not_found", "DELETE", f"/api/v1/keys/{key['id']}")
    user.want(200, "GET", "/api/v1/me")
    people["admin"].want(204, "DELETE", f"/api/v1/keys/{key['id']}")
    user.want(401, "GET", "/api/v1/me")
    shown = lead.want(200, "GET", "/api/v1/keys")["keys"]
    assert shown and all("token" not in k and "secret_access_key" not in k for k in shown)


def test_a_changed_role_counts_at_once():
    admin, person = people["admin"], server.person("climber", "annotator")
    person.want("403 role.forbidden", "GET", "/api/v1/people")
    admin.want(200, "PATCH", f"/api/v1/people/{person.id}", {"role": "lead"})
    person.want(200, "GET", "/api/v1/people")
    admin.want(200, "PATCH", f"/api/v1/people/{person.id}", {"role": "reviewer"})
    person.want("403 role.forbidden", "GET", "/api/v1/people")


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
