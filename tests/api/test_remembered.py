#!/usr/bin/env python3
"""What the service remembers between calls (who may label what, what is held) is never out of date:
whoever hears of a change sees it in the very next call."""
import sqlite3
import sys

import harness
from harness import answer, lease, leased, text_job, wait

server = harness.Server()
lead = server.person("lead", "lead")
admin = server.person("admin", "admin")
ann, ben = (server.person(n) for n in ("ann", "ben"))


def held(person, job, n=None):
    r = person.want(200, "GET", f"/api/v1/jobs/{job}/next" + (f"?n={n}" if n else ""))
    return r["tasks"]


def ids(tasks):
    return [t["lease"] for t in tasks]


def test_what_is_held_follows_every_step():
    job = text_job(lead, "steps", 30, start=True)
    assert held(ann, job) == []
    a, b, c, d = leased(ann, job, 4)
    assert ids(held(ann, job)) == ids([a, b, c, d]) == ids(held(ann, job)), "asked twice"
    assert ids(held(ann, job, 2)) == ids([a, b]), "another number is another question"
    answer(ann, job, a, "red")
    assert ids(held(ann, job)) == ids([b, c, d])
    ann.want(201, "POST", f"/api/v1/jobs/{job}/skips", {"lease": b["lease"], "reason": "unclear"})
    assert ids(held(ann, job)) == ids([c, d])
    ann.want(204, "DELETE", f"/api/v1/leases/{c['lease']}")
    assert ids(held(ann, job)) == ids([d])
    before = held(ann, job)[0]["expires"]
    ann.want(204, "PUT", f"/api/v1/leases/{d['lease']}/draft", {"revision": 1, "value": {"a": 1}})
    assert held(ann, job)[0]["draft"] == {"revision": 1, "value": {"a": 1}}
    ann.want(200, "POST", f"/api/v1/leases/{d['lease']}/extend")
    assert held(ann, job)[0]["expires"] >= before
    r = answer(ann, job, d, "red")
    assert held(ann, job) == []
    ann.want(200, "DELETE", f"/api/v1/answers/{r['id']}")
    assert ids(held(ann, job)) == ids([d]), "taken back, held again"
    assert ids(lease(ann, job, 1)) == ids([c]), "given back, given again"
    assert held(ben, job) == [], "another's tasks are another's"


def test_a_lease_that_runs_out_is_not_shown():
    job = text_job(lead, "ends", 5, start=True, lease_seconds=30)
    (a,) = leased(ann, job, 1)
    assert ids(held(ann, job)) == [a["lease"]]
    server.stop()
    with sqlite3.connect(server.data + "/plumbline.db") as db:
        db.execute("UPDATE slot SET until = 1 WHERE state = 1 AND job = ?", (int(job[4:]),))
    db.close()
    server.start()
    ann.connection = lead.connection = None
    wait(lambda: held(ann, job) == [])


def test_a_pause_is_seen_at_once():
    job = text_job(lead, "pause", 30, start=True)
    leased(ann, job, 1)
    for _ in range(5):
        lead.want(200, "POST", f"/api/v1/jobs/{job}/pause")
        r = ann.want(200, "POST", f"/api/v1/jobs/{job}/leases", {"n": 1})
        assert r["tasks"] == [], r.body
        lead.want(200, "POST", f"/api/v1/jobs/{job}/resume")
        (t,) = lease(ann, job, 1)
        answer(ann, job, t, "red")


def test_a_hidden_label_is_refused_at_once():
    job = text_job(lead, "hide", 30, start=True)
    a, b = leased(ann, job, 2)
    answer(ann, job, a, "red")
    labels = lead.get(f"/api/v1/jobs/{job}")["labels"]
    lead.want(200, "PATCH", f"/api/v1/jobs/{job}",
              {"labels": [l for l in labels if l["name"] != "red"]})
    ann.want("422 answer.invalid", "POST", f"/api/v1/jobs/{job}/answers",
             {"lease": b["lease"], "answer": {"label": "red"}})
    lead.want(200, "PATCH", f"/api/v1/jobs/{job}", {"labels": labels + [{"name": "pink"}]})
    answer(ann, job, b, "pink")


def test_who_leaves_a_job_is_out_at_once():
    job = text_job(lead, "people", 30, start=True, people=[ann.id, ben.id])
    leased(ann, job, 1)
    lead.want(200, "PATCH", f"/api/v1/jobs/{job}", {"people": [ben.id]})
    for call in (("POST", "leases", {"n": 1}), ("GET", "next", None)):
        ann.want("404 job.not_found", call[0], f"/api/v1/jobs/{job}/{call[1]}", call[2])
    lead.want(200, "PATCH", f"/api/v1/jobs/{job}", {"people": [ben.id, ann.id]})
    assert len(held(ann, job)) == 1


def test_who_leaves_a_team_is_out_at_once():
    team = lead.want(201, "POST", "/api/v1/teams", {"name": "team"})["id"]
    lead.want(204, "PUT", f"/api/v1/teams/{team}/members/{ann.id}")
    job = text_job(lead, "teams", 30, start=True, teams=[team])
    leased(ann, job, 1)
    lead.want(204, "DELETE", f"/api/v1/teams/{team}/members/{ann.id}")
    ann.want("404 job.not_found", "POST", f"/api/v1/jobs/{job}/leases", {"n": 1})
    lead.want(204, "PUT", f"/api/v1/teams/{team}/members/{ann.id}")
    assert len(held(ann, job)) == 1


def test_a_role_that_changes_and_a_job_that_goes():
    job = text_job(lead, "roles", 30, start=True, people=[ann.id])
    eve = server.person("eve", "lead")
    assert held(eve, job) == []
    admin.want(200, "PATCH", f"/api/v1/people/{eve.id}", {"role": "annotator"})
    eve.want("404 job.not_found", "GET", f"/api/v1/jobs/{job}/next")
    leased(ann, job, 1)
    lead.want(204, "DELETE", f"/api/v1/jobs/{job}?confirm=roles")
    for name in (job, "roles"):
        ann.want("404 job.not_found", "GET", f"/api/v1/jobs/{name}/next")
    again = text_job(lead, "roles", 3, start=True)
    assert len(leased(ann, "roles", 1)) == 1, "the name is another job's now"
    assert len(held(ann, again)) == 1


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
