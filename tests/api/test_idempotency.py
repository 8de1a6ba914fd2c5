#!/usr/bin/env python3
"""The same answer sent twice, late, from two tabs, after everything that can happen in between: it
counts once, and a conflict is told in words."""
import signal
import sys

import harness
from harness import answer, counts, leased, lease, state, text_job, together, wait

server = harness.Server("--undo-seconds", "600")
server.person("admin", "admin")
lead = server.person("lead", "lead")
ann, ben = server.person("ann"), server.person("ben")


def stored(job):
    """[(person, status, class)] of a job's answers."""
    return server.rows("SELECT person, status, class FROM answer WHERE job = ? ORDER BY id",
                       int(job[4:]))


def one_task(name, person=ann, items=1, **settings):
    job = text_job(lead, name, items, start=True, **settings)
    return job, leased(person, job)[0]


def refused(person, job, task, label, status, key=None):
    """The refusal is a sentence."""
    r = answer(person, job, task, label, status, key=key)
    assert r["message"].endswith(".") and len(r["message"]) > 20, r["message"]
    return r["message"]


def test_twice_by_key_is_once():
    job, task = one_task("twice")
    first = answer(ann, job, task, "red", key="k")
    again = answer(ann, job, task, "red", 200, key="k", elapsed_ms=5)
    assert (first["id"], first["item"]) == (again["id"], again["item"])
    assert len(stored(job)) == 1 and counts(lead, job)["answers"] == 1


def test_a_key_with_another_answer_is_told_so():
    job, task = one_task("reused")
    answer(ann, job, task, "red", key="k")
    said = refused(ann, job, task, "blue", "422 answer.key_reused", key="k")
    assert "key of its own" in said
    assert [s[1:] for s in stored(job)] == [(0, 0)], "the first one stands"
    assert answer(ann, job, task, "blue", key="k2")["id"], "a key of its own changes it"
    said = refused(ann, job, task, "blue", "422 answer.key_reused", key="k")
    answer(ann, job, task, "red", 200, key="k")
    assert counts(lead, job)["answers"] == 1


def test_the_order_of_members_and_spaces_do_not_make_another_answer():
    job, task = one_task("spaces")
    body = b'{"lease":"%s", "answer":  { "label" : "r\\u0065d" } }' % task["lease"].encode()
    path, key = f"/api/v1/jobs/{job}/answers", {"Idempotency-Key": "k"}
    first = ann.want(201, "POST", path, body, type="application/json", headers=key)
    assert answer(ann, job, task, "red", 200, key="k")["id"] == first["id"]


def test_two_keys_with_one_answer():
    """Two tabs, or a client that makes a new key for a retry: the newer one stands, once."""
    job, task = one_task("two-keys")
    first = answer(ann, job, task, "red", key="tab-1")
    second = answer(ann, job, task, "red", key="tab-2")
    assert first["id"] != second["id"]
    assert [s[1] for s in stored(job)] == [1, 0] and counts(lead, job)["answers"] == 1
    assert answer(ann, job, task, "red", 200, key="tab-1")["id"] == first["id"]


def test_one_key_over_two_items_and_two_people():
    job, task = one_task("items", items=2, annotators_per_item=2)
    other = lease(ann, job)[0]
    his = leased(ben, job)[0]
    ids = {answer(ann, job, task, "red", key="k")["id"], answer(ann, job, other, "red", key="k")["id"],
           answer(ben, job, his, "blue", key="k")["id"]}
    assert len(ids) == 3 and counts(lead, job)["answers"] == 3


def test_fifty_at_once_are_one():
    for key in ("storm", None):
        job, task = one_task(f"storm-{key}".lower())
        people = [ann.twin() for _ in range(50)]
        path = f"/api/v1/jobs/{job}/answers"
        body = {"lease": task["lease"], "answer": {"label": "green"}}
        replies = together(lambda p: p.call("POST", path, body, headers={"Idempotency-Key": key}
                                            if key else None), people)
        if key:
            assert sorted(r.status for r in replies) == [200] * 49 + [201]
            assert len({r["id"] for r in replies}) == 1 and len(stored(job)) == 1
        assert [s[1] for s in stored(job)].count(0) == 1 and counts(lead, job)["answers"] == 1


def test_two_tabs_of_one_person():
    """Each tab leases for itself; both may answer what the other holds, and only one counts."""
    job, task = one_task("tabs", items=2)
    tab = ann.twin()
    assert task["item"] in [t["item"] for t in tab.get(f"/api/v1/jobs/{job}/next")["tasks"]]
    answer(ann, job, task, "red", key="left")
    answer(tab, job, task, "blue", key="right")
    assert [s[1:] for s in stored(job)] == [(1, 0), (0, 2)], "the newer one counts"
    assert answer(ann, job, task, "red", 200, key="left"), "a late retry changes nothing"
    assert [s[1:] for s in stored(job)] == [(1, 0), (0, 2)]


def test_after_the_service_was_killed():
    job, task = one_task("killed")
    first = answer(ann, job, task, "red", key="k")
    server.stop(signal.SIGKILL)
    server.start()
    for client in (lead, ann, ben):
        client.connection = None
    assert answer(ann, job, task, "red", 200, key="k")["id"] == first["id"]
    assert counts(lead, job)["answers"] == 1


def test_after_an_undo():
    job, task = one_task("undone")
    first = answer(ann, job, task, "red", key="k")
    ann.want(200, "DELETE", f"/api/v1/answers/{first['id']}")
    ann.want("409 answer.settled", "DELETE", f"/api/v1/answers/{first['id']}")
    second = answer(ann, job, task, "blue", key="k2")
    assert second["id"] != first["id"] and counts(lead, job)["answers"] == 1
    assert [s[2] for s in stored(job) if s[1] == 0] == [2]


def test_after_the_lease_moved_on():
    job, task = one_task("moved", items=2)
    ann.want(204, "DELETE", f"/api/v1/leases/{task['lease']}")
    his = lease(ben, job)[0]
    assert his["item"] == task["item"]
    late = answer(ann, job, task, "red", key="k")
    assert late["late"] and late["extra"], "kept, and said to count no more"
    again = answer(ann, job, task, "red", 200, key="k")
    assert again["id"] == late["id"] and again["extra"]
    answer(ben, job, his, "blue", key="k")
    assert counts(lead, job)["answers"] == 1
    never = {**task, "lease": f"lease_{int(his['lease'][6:]) + 1}"}
    refused(ben, job, never, "red", "404 lease.not_found", key="k")


def test_after_a_skip():
    job, task = one_task("skipped", items=2)
    ann.want(201, "POST", f"/api/v1/jobs/{job}/skips", {"lease": task["lease"], "reason": "broken"})
    refused(ann, job, task, "red", "409 lease.skipped", key="k")


def test_after_pause_and_stop():
    job, task = one_task("ended", items=3)
    other = lease(ann, job)[0]
    lead.want(200, "POST", f"/api/v1/jobs/{job}/pause")
    first = answer(ann, job, task, "red", key="k")
    assert answer(ann, job, task, "red", 200, key="k")["id"] == first["id"]
    lead.want(200, "POST", f"/api/v1/jobs/{job}/resume")
    lead.want(200, "POST", f"/api/v1/jobs/{job}/stop")
    wait(lambda: state(lead, job) == "stopped")
    assert answer(ann, job, task, "red", 200, key="k")["id"] == first["id"], "its retry is known"
    kept = answer(ann, job, other, "red", key="k2")
    assert answer(ann, job, other, "red", 200, key="k2")["id"] == kept["id"]
    refused(ann, job, task, "blue", "409 answer.settled", key="k3")


def test_after_its_label_was_hidden():
    job, task = one_task("hidden", items=2)
    other = lease(ann, job)[0]
    first = answer(ann, job, task, "red", key="k")
    rest = [{k: l[k] for k in ("id", "name")} for l in lead.get(f"/api/v1/jobs/{job}")["labels"]
            if l["name"] != "red"]
    lead.want(200, "PATCH", f"/api/v1/jobs/{job}", {"labels": rest})
    assert answer(ann, job, task, "red", 200, key="k")["id"] == first["id"]
    refused(ann, job, other, "red", "422 answer.invalid", key="k2")
    refused(ann, job, task, "blue", "422 answer.key_reused", key="k")


def test_after_the_job_was_deleted():
    job, task = one_task("deleted")
    answer(ann, job, task, "red", key="k")
    lead.want(200, "POST", f"/api/v1/jobs/{job}/stop")
    wait(lambda: state(lead, job) == "stopped")
    lead.want(204, "DELETE", f"/api/v1/jobs/{job}?confirm=deleted")
    refused(ann, job, task, "red", "404 job.not_found", key="k")


def test_after_the_person_was_deactivated():
    leaver = server.person("leaver")
    job, task = one_task("left", leaver)
    first = answer(leaver, job, task, "red", key="k")
    server.local.want(200, "PATCH", f"/api/v1/people/{leaver.id}", {"active": False})
    refused(leaver, job, task, "red", 401, key="k")
    server.local.want(200, "PATCH", f"/api/v1/people/{leaver.id}", {"active": True})
    assert answer(leaver, job, task, "red", 200, key="k")["id"] == first["id"]
    assert counts(lead, job)["answers"] == 1


def test_keys_that_cannot_be_one():
    job, task = one_task("keys")
    refused(ann, job, task, "red", "422 field.invalid", key="x" * 256)
    answer(ann, job, task, "red", key="x" * 255)
    answer(ann, job, task, "red", 200, key="x" * 255)


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
