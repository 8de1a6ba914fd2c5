#!/usr/bin/env python3
"""The first start, signing in and out, locks, passwords, invitations, the last admin."""
import http.cookies
import re
import sys
import time

import harness
from harness import Client, ROLES

server = harness.Server()
stranger = Client(server)
GOOD = "correct horse battery"
first = {}


def join(link, name, password=GOOD, client=None, **more):
    token = link.rsplit("/", 1)[1]
    return (client or stranger).post(f"/api/v1/invitations/{token}",
                                     {"name": name, "password": password, **more})


def sign_in(name, password=GOOD, headers=None, **more):
    return stranger.post("/api/v1/session", {"name": name, "password": password, **more},
                         headers=headers)


def page(r):
    """A browser's client after a sign-in."""
    cookie = re.match(r"plumbline=([^;]+)", r.headers["Set-Cookie"]).group(1)
    return Client(server, cookie=cookie, csrf=r["csrf"], id=r["person"]["id"])


def test_the_first_start_prints_a_link_and_setup_says_so():
    assert stranger.get("/api/v1/setup")["needs_admin"] is True
    first["link"] = server.first_link()
    assert re.match(rf"^{re.escape(server.url)}/join/[\w-]{{20,}}$", first["link"]), first["link"]
    token = first["link"].rsplit("/", 1)[1]
    assert stranger.want(200, "GET", f"/api/v1/invitations/{token}")["role"] == "admin"
    assert stranger.get(f"/api/v1/invitations/{token[:-1]}").status == 404


def test_a_weak_password_is_refused_and_the_link_stays_good():
    for weak in ("short", "x" * 2000, "ä" * 7):
        r = join(first["link"], "ada", weak)
        assert r.status == 422 and r["field"] == "password", r.body
    for name in ("", "x" * 101):
        r = join(first["link"], name)
        assert r.status == 422 and r["field"] == "name", r.body
    assert stranger.get("/api/v1/setup")["needs_admin"] is True


def test_the_link_works_once():
    r = join(first["link"], "Ada Ámos")
    assert r.status == 201 and r["person"]["role"] == "admin", r.body
    first["page"] = page(r)
    assert stranger.get("/api/v1/setup")["needs_admin"] is False
    for again in (join(first["link"], "second"),
                  stranger.get("/api/v1/invitations/" + first["link"].rsplit("/", 1)[1])):
        assert (again.status, again.code) == (410, "invitation.expired"), again.body
    assert first["page"].want(200, "GET", "/api/v1/session")["person"]["name"] == "Ada Ámos"


def test_a_restart_prints_no_link_and_keeps_sessions():
    server.restart()
    first["page"].connection = stranger.connection = None
    assert first["page"].want(200, "GET", "/api/v1/me")["name"] == "Ada Ámos"
    assert stranger.get("/api/v1/setup")["needs_admin"] is False


def test_signing_in_and_out():
    for name in ("Ada Ámos", "ada ámos", "ADA ÁMOS"):
        assert sign_in(name).status == 200, name
    p = page(sign_in("Ada Ámos"))
    p.want(204, "PUT", "/api/v1/me/preferences", {"theme": "dark"})
    assert p.want(200, "GET", "/api/v1/session")["preferences"] == {"theme": "dark"}
    r = p.want(204, "DELETE", "/api/v1/session")
    assert re.match(r"plumbline=;.*Max-Age=0", r.headers["Set-Cookie"])
    p.want(401, "GET", "/api/v1/session")
    p.want(401, "GET", "/api/v1/me")


def test_the_cookie_s_flags():
    def morsel(r):
        return http.cookies.SimpleCookie(r.headers["Set-Cookie"])["plumbline"]

    plain = morsel(sign_in("Ada Ámos"))
    assert plain["httponly"] and plain["samesite"] == "Lax" and plain["path"] == "/"
    assert not plain["secure"] and plain["max-age"] == "86400" and not plain["domain"]
    secure = morsel(sign_in("Ada Ámos", headers={"X-Forwarded-Proto": "https"}))
    assert secure["secure"] and secure["httponly"]
    assert morsel(sign_in("Ada Ámos", keep=True))["max-age"] == str(14 * 86400)


def test_the_cookie_is_not_what_is_stored():
    p = page(sign_in("Ada Ámos"))
    for row in server.rows("SELECT token FROM session"):
        assert p.cookie.encode() not in row[0]


def test_a_name_is_locked_after_failures_known_or_not():
    server.person("locked out", password=GOOD)
    for name in ("locked out", "nobody of that name"):
        seen = [sign_in(name, "wrong password") for _ in range(5)]
        assert [r.status for r in seen] == [401] * 4 + [429], [r.status for r in seen]
        assert seen[0].code == "session.refused"
        r = sign_in(name)
        assert (r.status, r.code) == (429, "session.locked")
        assert 1 <= int(r.headers["Retry-After"]) <= 30
    assert sign_in("Ada Ámos").status == 200


def test_a_success_clears_the_failures():
    server.person("clumsy", password=GOOD)
    for _ in range(3):
        assert [sign_in("clumsy", "wrong password").status for _ in range(3)] == [401] * 3
        assert sign_in("clumsy").status == 200


def test_a_person_without_a_password_cannot_sign_in():
    server.person("robot")
    assert sign_in("robot", "").status == 422
    assert sign_in("robot", "anything goes").status == 401


def test_a_password_is_changed_with_the_old_one_and_ends_other_sessions():
    server.person("changer", password=GOOD)
    a, b = page(sign_in("changer")), page(sign_in("changer"))
    r = a.post("/api/v1/me/password", {"old": "not it at all", "new": "another good one"})
    assert r.status == 422 and r["field"] == "old"
    r = a.post("/api/v1/me/password", {"old": GOOD, "new": "short"})
    assert r.status == 422
    a.want(204, "POST", "/api/v1/me/password", {"old": GOOD, "new": "another good one"})
    a.want(200, "GET", "/api/v1/me")
    b.want(401, "GET", "/api/v1/me")
    assert sign_in("changer").status == 401
    assert sign_in("changer", "another good one").status == 200


def test_deactivation_ends_sessions_and_keys_and_can_be_taken_back():
    key = server.person("leaver", password=GOOD)
    p = page(sign_in("leaver"))
    admin = first["page"]
    admin.want(200, "PATCH", f"/api/v1/people/{key.id}", {"active": False})
    p.want(401, "GET", "/api/v1/me")
    key.want("401 key.refused", "GET", "/api/v1/me")
    assert sign_in("leaver").status == 401
    admin.want(200, "PATCH", f"/api/v1/people/{key.id}", {"active": True})
    p.want(401, "GET", "/api/v1/me")  # what was ended stays ended
    assert sign_in("leaver").status == 200
    key.want(200, "GET", "/api/v1/me")


def test_the_last_admin_stays():
    admin = first["page"]
    me = f"/api/v1/people/{admin.id}"
    admin.want("409 person.last_admin", "PATCH", me, {"active": False})
    admin.want("409 person.last_admin", "PATCH", me, {"role": "lead"})
    admin.want("409 person.last_admin", "PATCH", me, {"role": "lead", "active": False})
    other = server.person("second admin", "admin")
    admin.want(200, "PATCH", me, {"role": "lead"})
    admin.want(403, "GET", "/api/v1/invitations")
    other.want("409 person.last_admin", "PATCH", f"/api/v1/people/{other.id}", {"active": False})
    other.want(200, "PATCH", me, {"role": "admin"})
    other.want(200, "PATCH", f"/api/v1/people/{other.id}", {"active": False})


def test_an_invitation_for_each_role():
    admin = first["page"]
    for role in ROLES:
        made = admin.want(201, "POST", "/api/v1/invitations", {"role": role})
        assert made["url"].startswith(server.url + "/join/"), made.json
        r = join(made["url"], f"invited {role}")
        assert r.status == 201 and r["person"]["role"] == role
        assert page(r).want(200, "GET", "/api/v1/me")["role"] == role
        shown = {i["id"]: i for i in admin.get("/api/v1/invitations")["invitations"]}
        assert shown[made["id"]]["used"] is True and "url" not in shown[made["id"]]


def test_a_taken_name_leaves_the_invitation_open():
    made = first["page"].want(201, "POST", "/api/v1/invitations", {"role": "lead"})
    r = join(made["url"], "ADA ámos")
    assert (r.status, r.code) == (409, "person.name_taken"), r.body
    assert join(made["url"], "somebody new").status == 201


def test_a_deleted_invitation_is_gone_and_an_old_one_expires():
    admin = first["page"]
    made = admin.want(201, "POST", "/api/v1/invitations", {"role": "lead"})
    admin.want(204, "DELETE", f"/api/v1/invitations/{made['id']}")
    admin.want("404 invitation.not_found", "DELETE", f"/api/v1/invitations/{made['id']}")
    assert join(made["url"], "too late").status == 404
    assert admin.post("/api/v1/invitations", {"role": "lead", "days": 91}).status == 422
    made = admin.want(201, "POST", "/api/v1/invitations", {"role": "lead", "days": 1})
    server.stop()
    with server.database() as db:
        db.execute("UPDATE invitation SET expires = ? WHERE used_by IS NULL",
                   (int(time.time() * 1e6) - 1,))
        db.execute("UPDATE session SET expires = ?", (int(time.time() * 1e6) - 1,))
    server.start()
    stranger.connection = admin.connection = None
    r = join(made["url"], "too old")
    assert (r.status, r.code) == (410, "invitation.expired")
    admin.want(401, "GET", "/api/v1/me")  # and so does a session
    assert sign_in("Ada Ámos").status == 200


def test_a_key_expires():
    person = server.person("for a day")
    key = person.want(201, "POST", "/api/v1/keys", {"name": "day", "days": 1})
    user = Client(server, token=key["token"])
    user.want(200, "GET", "/api/v1/me")
    server.stop()
    with server.database() as db:
        db.execute("UPDATE api_key SET expires = 1 WHERE name = 'day'")
    server.start()
    user.connection = None
    user.want("401 key.refused", "GET", "/api/v1/me")


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
