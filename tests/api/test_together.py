#!/usr/bin/env python3
"""Many people at once: every item gets exactly as many different people as were asked for."""
import collections
import random
import signal
import sys
import threading
import time

import harness
from harness import answer, counts, export, lease, state, text_job, together, wait

server = harness.Server()
lead = server.person("lead", "lead")
crowd = [server.person(f"person {i}") for i in range(16)]
NUMBERS = [int(p.id[7:]) for p in crowd]


def work(job, person, seed, label="red", careless=0.0, seen=None):
    """Labels until there is nothing left; undoes, releases and skips on the way if careless."""
    chance, me, done = random.Random(seed), person.twin(), 0
    while True:
        r = me.want(200, "POST", f"/api/v1/jobs/{job}/leases", {"n": chance.randint(1, 5)})
        tasks = r["tasks"] or me.get(f"/api/v1/jobs/{job}/next")["tasks"]
        if not tasks:
            if r.json.get("none") in ("none_left", "ended"):
                return done
            time.sleep(0.02)
            continue
        for task in tasks:
            if seen is not None:
                seen.append((task["item"], person.id))
            if chance.random() < careless:
                me.want(204, "DELETE", f"/api/v1/leases/{task['lease']}")
                continue
            r = answer(me, job, task, label, key=f"{seed}-{task['item']}-{done}")
            done += 1
            if chance.random() < careless:
                u = me.call("DELETE", f"/api/v1/answers/{r['id']}")
                assert u.status in (200, 409), u.body
                done -= u.status == 200


def holders(job):
    """{item: [people whose answer counts]}"""
    out = collections.defaultdict(list)
    for item, person in server.rows("SELECT item, person FROM answer WHERE job = ? AND status = 0",
                                    int(job[4:])):
        out[item].append(person)
    return out


def check_full(job, items, each):
    wait(lambda: state(lead, job) == "completed", 30)
    got = holders(job)
    assert len(got) == items, len(got)
    wrong = {i: p for i, p in got.items() if len(p) != each or len(set(p)) != each}
    assert not wrong, f"{len(wrong)} items, such as {list(wrong.items())[:3]}"
    c = counts(lead, job)
    assert (c["human"], c["answers"], c["unlabelled"]) == (items, items * each, 0), c


def test_sixteen_people_hammer_one_job_of_300_items_with_two_each():
    job = text_job(lead, "hammer", 300, start=True, annotators_per_item=2)
    seen = []
    done = together(lambda i: work(job, crowd[i], i, seen=seen), range(16))
    assert sum(done) == 600, done
    check_full(job, 300, 2)
    given = collections.Counter(seen)
    assert max(given.values()) <= 5, "held tasks may be shown again, but are not handed out anew"
    assert server.rows("SELECT count(*) FROM slot WHERE job = ? AND state <> 2",
                       int(job[4:]))[0][0] == 0


def test_the_same_with_undo_and_release_in_between():
    job = text_job(lead, "careless", 120, start=True, annotators_per_item=3)
    together(lambda i: work(job, crowd[i], 100 + i, careless=0.15), range(16))
    check_full(job, 120, 3)


def test_one_lease_asked_for_at_once_by_all_goes_to_one():
    job = text_job(lead, "single", 1, start=True)
    wait(lambda: counts(lead, job)["open"] == 1)
    clients = [p.twin() for p in crowd]
    for c in clients:
        c.get("/api/v1/me")
    barrier = threading.Barrier(len(clients))

    def grab(client):
        barrier.wait()
        return lease(client, job, 10)

    got = [t for tasks in together(grab, clients) for t in tasks]
    assert len(got) == 1, got


def test_one_answer_sent_many_times_at_once_is_stored_once():
    job = text_job(lead, "once", 1, start=True)
    task = harness.leased(crowd[0], job)[0]
    body = {"lease": task["lease"], "answer": {"label": "red"}}
    replies = together(lambda i: crowd[0].twin().post(f"/api/v1/jobs/{job}/answers", body, headers={
        "Idempotency-Key": "the-same"}), range(12))
    assert sorted(r.status for r in replies) == [200] * 11 + [201]
    assert len({r["id"] for r in replies}) == 1
    assert server.rows("SELECT count(*) FROM answer WHERE job = ?", int(job[4:])) == [(1,)]


def test_one_person_on_several_connections_never_holds_more_than_ten():
    job = text_job(lead, "greedy", 60, start=True)
    wait(lambda: counts(lead, job)["open"] == 60)
    got = together(lambda i: lease(crowd[0].twin(), job, 4), range(10))
    items = [t["item"] for tasks in got for t in tasks]
    assert len(items) == len(set(items)) <= 10, items
    assert len(crowd[0].get(f"/api/v1/jobs/{job}/next")["tasks"]) == len(items) == 10


def test_an_answer_that_was_acknowledged_survives_a_kill():
    job = text_job(lead, "kill", 400, start=True)
    acknowledged, stop = [], threading.Event()

    def hammer(i):
        me = crowd[i].twin()
        with_tasks = True
        while not stop.is_set() and with_tasks:
            try:
                with_tasks = lease(me, job, 3)
                for task in with_tasks:
                    acknowledged.append((answer(me, job, task, "blue")["id"], crowd[i].id))
            except (OSError, harness.http.client.HTTPException):
                return

    wait(lambda: counts(lead, job)["open"] > 0)
    threads = [threading.Thread(target=hammer, args=(i,)) for i in range(6)]
    for t in threads:
        t.start()
    wait(lambda: len(acknowledged) > 60, 20, 0.001)
    server.stop(signal.SIGKILL)
    stop.set()
    for t in threads:
        t.join()
    server.start()
    for c in crowd + [lead]:
        c.connection = None
    there = {f"ans_{i}": f"person_{p}" for i, p in
             server.rows("SELECT id, person FROM answer WHERE job = ?", int(job[4:]))}
    lost = [a for a in acknowledged if there.get(a[0]) != a[1]]
    assert len(acknowledged) > 60 and not lost, (len(acknowledged), lost[:5])
    together(lambda i: work(job, crowd[i], 500 + i, "blue"), range(6))
    check_full(job, 400, 1)


def test_exports_beside_answers_are_consistent_snapshots():
    job = text_job(lead, "snapshot", 200, start=True)
    boss = lead.twin()
    threads = [threading.Thread(target=work, args=(job, crowd[i], 900 + i)) for i in range(4)]
    for t in threads:
        t.start()
    sizes = []
    while any(t.is_alive() for t in threads):
        done, body = export(boss, job, "jsonl")
        assert len(body.splitlines()) == done["lines"] == 200
        sizes.append(body.count(b'"origin":"human"'))
    for t in threads:
        t.join()
    assert sizes == sorted(sizes), sizes
    check_full(job, 200, 1)


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
