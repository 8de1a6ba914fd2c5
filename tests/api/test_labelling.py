#!/usr/bin/env python3
"""One annotator's calls: lease, next, answer, undo, skip, release, extend, draft, expiry."""
import sys
import time

import harness
from harness import answer, counts, items, lease, leased, state, text_job, wait

server = harness.Server()
lead = server.person("lead", "lead")
ann, ben, cara = (server.person(n) for n in ("ann", "ben", "cara"))


def item_of(job, task):
    return lead.want(200, "GET", f"/api/v1/jobs/{job}/items/{task['item']}").json


def lines(tasks):
    return [t["line"] for t in tasks]


def test_leases_come_in_order_and_next_shows_what_is_held():
    job = text_job(lead, "order", 30, start=True)
    first = leased(ann, job, 3)
    assert lines(first) == [0, 1, 2] and first[0]["source"] == "text 0"
    assert lines(lease(ben, job, 2)) == [3, 4], "one annotator an item: another gets the next"
    assert lines(lease(ann, job, 2)) == [5, 6]
    held = ann.want(200, "GET", f"/api/v1/jobs/{job}/next")["tasks"]
    assert lines(held) == [0, 1, 2, 5, 6]
    assert lines(ann.get(f"/api/v1/jobs/{job}/next?n=2")["tasks"]) == [0, 1]
    assert len(lease(ann, job, 10)) == 5, "nobody holds more than ten"
    r = ann.want(200, "POST", f"/api/v1/jobs/{job}/leases", {"n": 1})
    assert r["tasks"] == [] and "none" not in r.json
    assert ann.post(f"/api/v1/jobs/{job}/leases", {"n": 11}).status == 422
    c = counts(lead, job)
    assert (c["open"], c["answers"]) == (30, 0)


def test_an_answer_is_counted_and_merged_after_the_window_of_undo():
    job = text_job(lead, "window", 2, start=True)
    a, b = leased(ann, job, 2)
    r = answer(ann, job, a, "red", elapsed_ms=1500, active_ms=9000)
    assert r["item"] == a["item"] and not r["late"] and not r["extra"]
    assert item_of(job, a)["state"] == "answered" and counts(lead, job)["answers"] == 1
    wait(lambda: item_of(job, a)["state"] == "labelled")
    shown = item_of(job, a)
    assert (shown["label"], shown["origin"], shown["confidence"]) == ("red", "human", 0)
    given = shown["answers_given"][0]
    assert given["person"] == {"id": ann.id, "name": "ann"} and given["id"] == r["id"]
    assert (given["elapsed_ms"], given["active_ms"]) == (1500, 1500), "active at most elapsed"
    assert given["answer"] == {"label": "red"} and not given["superseded"]


def test_the_next_answer_ends_the_window():
    other = harness.Server("--undo-seconds", "600")
    try:
        boss, worker = other.person("boss", "lead"), other.person("worker")
        job = text_job(boss, "hurry", 3, start=True)
        a, b, c = leased(worker, job, 3)
        answer(worker, job, a, "red")
        time.sleep(0.3)
        assert counts(boss, job)["human"] == 0
        answer(worker, job, b, "red")
        wait(lambda: counts(boss, job)["human"] == 1)
        answer(worker, job, c, "red")
        wait(lambda: counts(boss, job)["human"] == 2)
        boss.want(200, "POST", f"/api/v1/jobs/{job}/stop")
        wait(lambda: state(boss, job) == "stopped" and counts(boss, job)["human"] == 3)
    finally:
        other.close()


def test_the_same_key_twice_is_one_answer():
    job = text_job(lead, "idempotent", 3, start=True)
    a, b, c = leased(ann, job, 3)
    first = answer(ann, job, a, "red", key="k-1")
    again = answer(ann, job, a, "red", 200, key="k-1")
    assert first["id"] == again["id"] and counts(lead, job)["answers"] == 1
    assert answer(ann, job, b, "red", key="k-1")["id"] != first["id"], "a key is of one item"
    wait(lambda: counts(lead, job)["human"] == 2)
    assert answer(ann, job, a, "red", 200, key="k-1")["id"] == first["id"], "also when merged"
    answer(ann, job, a, "red", "409 answer.settled", key="k-2")
    answer(ann, job, a, "red", "409 answer.settled")
    assert counts(lead, job)["answers"] == 2


def test_a_retry_after_its_label_was_hidden():
    job = text_job(lead, "hidden-retry", 2, start=True)
    task, other = leased(ann, job, 2)
    first = answer(ann, job, task, "red", key="k-1")
    shown = lead.want(200, "GET", f"/api/v1/jobs/{job}")["labels"]
    rest = [{k: label[k] for k in ("id", "name")} for label in shown if label["name"] != "red"]
    lead.want(200, "PATCH", f"/api/v1/jobs/{job}", {"labels": rest})
    assert answer(ann, job, task, "red", 200, key="k-1")["id"] == first["id"]
    answer(ann, job, other, "red", "422 answer.invalid", key="k-2")


def test_another_key_supersedes():
    job = text_job(lead, "superseded", 2, start=True)
    a, b = leased(ann, job, 2)
    first = answer(ann, job, a, "red", key="k-1")
    second = answer(ann, job, a, "blue", key="k-2")
    third = answer(ann, job, a, "green")
    assert len({first["id"], second["id"], third["id"]}) == 3
    assert counts(lead, job)["answers"] == 1
    late = answer(ann, job, a, "red", 200, key="k-1")
    assert late["id"] == first["id"], "a retry that comes late changes nothing"
    given = {g["id"]: g for g in item_of(job, a)["answers_given"]}
    assert {i: g["superseded"] for i, g in given.items()} == \
        {first["id"]: True, second["id"]: True, third["id"]: False}
    wait(lambda: item_of(job, a).get("label") == "green")
    me = ann.get("/api/v1/me")["answers"]
    assert me == server.rows("SELECT count(*) FROM answer WHERE person = ? AND status = 0",
                             int(ann.id[7:]))[0][0]


def test_undo_gives_the_task_back_with_nothing_lost():
    job = text_job(lead, "undo", 2, start=True)
    a, b = leased(ann, job, 2)
    r = answer(ann, job, a, "red", key="k")
    ben.want("404 answer.not_found", "DELETE", f"/api/v1/answers/{r['id']}")
    back = ann.want(200, "DELETE", f"/api/v1/answers/{r['id']}")["task"]
    assert back["item"] == a["item"] and back["lease"] == a["lease"]
    assert item_of(job, a)["state"] == "open" and counts(lead, job)["answers"] == 0
    ann.want("409 answer.settled", "DELETE", f"/api/v1/answers/{r['id']}")
    assert set(lines(ann.get(f"/api/v1/jobs/{job}/next")["tasks"])) == {0, 1}
    new = answer(ann, job, a, "blue", key="k")
    assert new["id"] != r["id"]
    wait(lambda: item_of(job, a).get("label") == "blue")
    ann.want("409 answer.settled", "DELETE", f"/api/v1/answers/{new['id']}")
    ann.want("404 answer.not_found", "DELETE", "/api/v1/answers/ans_99999")


def test_release_gives_the_item_to_the_next_one():
    job = text_job(lead, "release", 2, start=True)
    a = leased(ann, job)[0]
    ann.want(204, "DELETE", f"/api/v1/leases/{a['lease']}")
    ann.want("409 lease.gone", "DELETE", f"/api/v1/leases/{a['lease']}")
    assert lease(ben, job)[0]["item"] == a["item"]
    ann.want("409 lease.gone", "POST", f"/api/v1/leases/{a['lease']}/extend")
    ben.want("404 lease.not_found", "DELETE", f"/api/v1/leases/lease_{int(a['item'][5:]) + 1}")
    ben.want(204, "DELETE", f"/api/v1/leases/{a['lease']}")
    assert lease(ann, job)[0]["item"] == a["item"], "who gave it back may have it again"


def test_a_skipped_item_goes_to_others_and_never_comes_back():
    job = text_job(lead, "skip", 1, start=True, annotators_per_item=2)
    a = leased(ann, job)[0]
    body = {"lease": a["lease"], "reason": "unclear", "comment": "what is it?"}
    assert ann.want(201, "POST", f"/api/v1/jobs/{job}/skips", body)["item"] == a["item"]
    ann.want("409 lease.gone", "POST", f"/api/v1/jobs/{job}/skips", body)
    answer(ann, job, a, "red", "409 lease.skipped")
    r = ann.want(200, "POST", f"/api/v1/jobs/{job}/leases", {})
    assert r["tasks"] == [] and r["none"] == "waiting", r.json
    shown = item_of(job, a)
    assert shown["skips"][0]["reason"] == "unclear" and shown["skips"][0]["comment"] == \
        "what is it?" and shown["skips"][0]["person"]["name"] == "ann"
    assert counts(lead, job)["skips"] == 1
    for who in (ben, cara):
        answer(who, job, lease(who, job)[0], "red")
    wait(lambda: state(lead, job) == "completed")
    assert item_of(job, a)["label"] == "red"


def test_skipped_by_as_many_as_were_asked_for_is_failed():
    job = text_job(lead, "skip-all", 1, start=True, annotators_per_item=2)
    for who in (ann, ben):
        task = leased(who, job)[0]
        who.want(201, "POST", f"/api/v1/jobs/{job}/skips", {"lease": task["lease"],
                                                            "reason": "broken"})
    shown = item_of(job, task)
    assert shown["state"] == "failed" and "Skipped by 2 people" in shown["failure"], shown
    wait(lambda: state(lead, job) == "completed")
    c = counts(lead, job)
    assert (c["failed"], c["skips"], c["unlabelled"]) == (1, 2, 0), c


def test_skips_beside_an_answer_let_the_answer_do():
    job = text_job(lead, "skip-some", 1, start=True, annotators_per_item=2)
    answer(ann, job, leased(ann, job)[0], "blue")
    for who in (ben, cara):
        task = lease(who, job)[0]
        who.want(201, "POST", f"/api/v1/jobs/{job}/skips", {"lease": task["lease"],
                                                            "reason": "no_label"})
    wait(lambda: item_of(job, task).get("label") == "blue")
    wait(lambda: state(lead, job) == "completed")


def test_drafts_are_kept_by_revision():
    job = text_job(lead, "drafts", 1, start=True)
    a = leased(ann, job)[0]
    url = f"/api/v1/leases/{a['lease']}/draft"
    ann.want(204, "PUT", url, {"revision": 1, "value": {"x": [1, "ü"]}})
    ann.want(204, "PUT", url, {"revision": 5, "value": {"x": 2}})
    for old in (5, 3):
        ann.want("409 draft.older", "PUT", url, {"revision": old, "value": {"x": 3}})
    ben.want("404 lease.not_found", "PUT", url, {"revision": 9, "value": 1})
    shown = ann.get(f"/api/v1/jobs/{job}/next")["tasks"][0]["draft"]
    assert shown == {"revision": 5, "value": {"x": 2}}
    answer(ann, job, a, "red")
    ann.want("409 lease.gone", "PUT", url, {"revision": 10, "value": 1})


def test_extending_moves_the_end():
    job = text_job(lead, "extend", 1, start=True, lease_seconds=60)
    a = leased(ann, job)[0]
    time.sleep(0.05)
    later = ann.want(200, "POST", f"/api/v1/leases/{a['lease']}/extend")["expires"]
    assert later > a["expires"]
    ben.want("404 lease.not_found", "POST", f"/api/v1/leases/{a['lease']}/extend")


def expire(*jobs):
    """Ends every lease of the jobs, as if their time had passed."""
    server.stop()
    with server.database() as db:
        for job in jobs:
            db.execute("UPDATE slot SET until = 1 WHERE job = ? AND state = 1", (int(job[4:]),))
    server.start()
    for client in (lead, ann, ben, cara):
        client.connection = None


def test_a_lease_that_ran_out_returns_the_item_and_late_answers_find_their_place():
    one = text_job(lead, "late", 3, start=True, lease_seconds=30)
    a, b, c = leased(ann, one, 3)
    ann.want(204, "PUT", f"/api/v1/leases/{a['lease']}/draft", {"revision": 1, "value": "d"})
    expire(one)
    wait(lambda: ann.get(f"/api/v1/jobs/{one}/next")["tasks"] == [])
    assert counts(lead, one)["open"] == 3
    r = answer(ann, one, a, "red")  # nobody has taken it yet: it counts
    assert r["late"] and not r["extra"] and counts(lead, one)["answers"] == 1
    taken = lease(ben, one, 2)
    assert {t["item"] for t in taken} == {b["item"], c["item"]}
    r = answer(ann, one, b, "red", key="late")  # ben holds it: beside those that count
    assert r["late"] and r["extra"] and counts(lead, one)["answers"] == 1
    assert answer(ann, one, b, "red", 200, key="late")["extra"]
    answer(ben, one, taken[0], "blue")
    wait(lambda: item_of(one, taken[0])["state"] == "labelled")
    shown = item_of(one, b)
    assert shown["label"] == "blue" and shown["answers"] == 1
    given = {g["person"]["name"]: g["superseded"] for g in shown["answers_given"]}
    assert given == {"ann": True, "ben": False}, given
    ann.want("409 lease.gone", "POST", f"/api/v1/leases/{c['lease']}/extend")


def test_who_let_it_run_out_may_have_it_again_with_the_draft():
    job = text_job(lead, "again", 1, start=True)
    a = leased(ann, job)[0]
    ann.want(204, "PUT", f"/api/v1/leases/{a['lease']}/draft", {"revision": 4, "value": "mine"})
    expire(job)
    back = leased(ann, job)[0]
    assert back["item"] == a["item"] and back["draft"] == {"revision": 4, "value": "mine"}


def test_pause_gives_nothing_out_but_takes_what_is_held():
    job = text_job(lead, "pause", 3, start=True)
    a = leased(ann, job)[0]
    lead.want(200, "POST", f"/api/v1/jobs/{job}/pause")
    r = ben.want(200, "POST", f"/api/v1/jobs/{job}/leases", {})
    assert r["tasks"] == [] and r["none"] == "paused"
    answer(ann, job, a, "red")
    wait(lambda: item_of(job, a)["state"] == "labelled")
    lead.want(200, "POST", f"/api/v1/jobs/{job}/resume")
    for who in (ben, ann):
        answer(who, job, leased(who, job)[0], "red")
    wait(lambda: state(lead, job) == "completed")
    r = ann.want(200, "POST", f"/api/v1/jobs/{job}/leases", {})
    assert r["tasks"] == [] and r["none"] == "ended"
    assert lead.get(f"/api/v1/jobs/{job}")["finished"]


def test_stop_keeps_what_was_answered_and_merges_it():
    job = text_job(lead, "stop", 5, start=True, annotators_per_item=2)
    tasks = leased(ann, job, 3)
    for task in tasks[:2]:
        answer(ann, job, task, "green")
    lead.want(200, "POST", f"/api/v1/jobs/{job}/stop")
    wait(lambda: state(lead, job) == "stopped")
    c = counts(lead, job)
    assert (c["human"], c["waiting"], c["open"], c["answers"]) == (2, 3, 0, 2), c
    assert item_of(job, tasks[0])["label"] == "green"
    r = answer(ann, job, tasks[2], "red")  # kept, though it is too late for a label
    assert counts(lead, job)["total"] == 5
    assert ben.post(f"/api/v1/jobs/{job}/leases", {})["none"] == "ended"


def test_too_few_people_for_the_answers_asked_for():
    eva, finn = server.person("eva"), server.person("finn")
    job = text_job(lead, "few", 2, start=True, people=[eva.id, finn.id], annotators_per_item=3)
    for person in (eva, finn):
        for task in leased(person, job, 2):
            answer(person, job, task, "red")
    wait(lambda: state(lead, job) == "completed")
    assert counts(lead, job)["human"] == 2
    job = text_job(lead, "few-skips", 1, start=True, people=[eva.id, finn.id],
                   annotators_per_item=2)
    task = leased(eva, job, 1)[0]
    eva.want(201, "POST", f"/api/v1/jobs/{job}/skips", {"lease": task["lease"], "reason": "unclear"})
    answer(finn, job, leased(finn, job, 1)[0], "blue")
    wait(lambda: state(lead, job) == "completed")
    assert items(lead, job)[0]["label"] == "blue"


def test_the_home_page_s_numbers():
    dora = server.person("dora")
    job = text_job(lead, "home", 6, start=True, people=[dora.id])
    tasks = leased(dora, job, 4)
    last = [answer(dora, job, t, l)["id"] for t, l in zip(tasks, ("red", "blue"))][-1]
    home = dora.want(200, "GET", "/api/v1/tasks").json
    mine = next(j for j in home["jobs"] if j["id"] == job)
    assert (mine["mine_done"], mine["held"], mine["labels_count"]) == (2, 2, 3), mine
    assert mine["available"] == 4 and mine["state"] == "in_progress"
    assert home["today"] == 2 and [r["label"] for r in home["recent"]] == ["blue", "red"]
    assert home["recent"][0]["id"] == last and home["recent"][0]["undoable"]
    dora.want(200, "DELETE", f"/api/v1/answers/{last}")
    home = dora.want(200, "GET", "/api/v1/tasks").json
    assert home["today"] == 1 and [r["label"] for r in home["recent"]] == ["red"]
    lead.want(200, "POST", f"/api/v1/jobs/{job}/stop")
    wait(lambda: state(lead, job) == "stopped")
    assert job not in [j["id"] for j in dora.get("/api/v1/tasks")["jobs"]]


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
