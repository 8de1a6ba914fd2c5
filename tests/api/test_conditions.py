#!/usr/bin/env python3
"""What ends a job, or an item, before everybody has answered: limits and times."""
import json
import random
import sys
import time

import harness
from harness import answer, counts, lease, leased, state, text_job, together, wait

server = harness.Server()
lead = server.person("lead", "lead")
ann = server.person("ann")
ben = server.person("ben")


def limits(people=0, share=0, **more):
    return {"auto_label": {"max_human_items": people, "max_share_percent": share, **more}}


def work(person, job, label=lambda text: "red", until=("ended", "none_left"), slow=None):
    """Labels until the job has nothing more for this person; how many answers. From the answer `slow`
    on, slowly enough for the machine to learn meanwhile."""
    me, done = person.twin(), 0
    while True:
        if slow is not None and done >= slow:
            time.sleep(0.4)
        r = me.want(200, "POST", f"/api/v1/jobs/{job}/leases", {"n": 5})
        tasks = r["tasks"] or me.get(f"/api/v1/jobs/{job}/next")["tasks"]
        if not tasks and r.json.get("none") in until:
            return done
        for task in tasks:
            answer(me, job, task, label(task["source"]))
            done += 1
        if not tasks:
            time.sleep(0.02)


def ended(job, how="stopped"):
    wait(lambda: state(lead, job) == how, 60)
    return lead.get(f"/api/v1/jobs/{job}").json


# ---- limits ----

def test_a_job_stops_at_so_many_items_by_people():
    job = text_job(lead, "five", 20, start=True, **limits(5))
    assert wait(lambda: counts(lead, job)["open"]) == 5
    assert work(ann, job) == 5
    got = ended(job)
    assert got["failure"] == "The limit of 5 items labelled by people is reached; 15 items stay " \
        "unlabelled.", got["failure"]
    assert (got["counts"]["human"], got["counts"]["waiting"], got["counts"]["answers"]) == (5, 15, 5)


def test_it_is_exact_with_many_people_and_answers():
    job = text_job(lead, "crowd", 200, start=True, annotators_per_item=3, **limits(31))
    crowd = [server.person(f"crowd {i}") for i in range(6)]
    assert sum(together(lambda p: work(p, job), crowd)) == 93
    c = ended(job)["counts"]
    assert (c["human"], c["answers"], c["unlabelled"]) == (31, 93, 169), c


def test_a_share_is_of_all_lines_and_rounded_up():
    job = text_job(lead, "share", 10, start=True, **limits(share=25))
    assert work(ann, job) == 3
    got = ended(job)
    assert got["failure"].startswith("The limit of 25 % labelled items is reached; 7 items"), got
    assert got["counts"]["human"] == 3


def test_an_item_that_fails_makes_room_for_another():
    job = text_job(lead, "skipped", 10, start=True, **limits(4))
    for task in lease(ann, job, 2):
        ann.want(201, "POST", f"/api/v1/jobs/{job}/skips",
                 {"lease": task["lease"], "reason": "unclear"})
    assert work(ann, job) == 4
    c = ended(job)["counts"]
    assert (c["human"], c["failed"]) == (4, 2), c


def test_a_limit_that_is_lowered_ends_the_job():
    job = text_job(lead, "lowered", 30, start=True)
    held = lease(ann, job, 3)
    for task in held:
        answer(ann, job, task, "red")
    wait(lambda: counts(lead, job)["human"] == 3)
    assert state(lead, job) == "in_progress"
    lead.want(200, "PATCH", f"/api/v1/jobs/{job}", limits(2))
    got = ended(job)
    assert got["counts"]["human"] == 3 and "limit of 2 items" in got["failure"]


def test_a_limit_beyond_the_items_does_nothing():
    job = text_job(lead, "beyond", 4, start=True, **limits(100, 100))
    assert work(ann, job) == 4
    got = ended(job, "completed")
    assert "failure" not in got and got["counts"]["human"] == 4


def easy(n, seed=1):
    """Texts that two words tell apart, with one that says nothing."""
    chance = random.Random(seed)
    return [f"{chance.choice(('apple', 'granite'))} {chance.randint(0, 99)}" for _ in range(n)]


def tell(text):
    return "red" if text.startswith("apple") else "blue"


def test_the_machine_keeps_to_a_share_too():
    job = text_job(lead, "machine-share", easy(400), start=True, labels=("red", "blue"),
                   **limits(share=50, enabled=True, target=0.8))
    work(ann, job, tell, slow=100)
    got = ended(job)
    c = got["counts"]
    assert c["human"] + c["machine"] == 200 and c["machine"] > 20, c
    assert "limit of 50 % labelled" in got["failure"]


def test_the_budget_of_people_ends_an_auto_labelled_job():
    noise = random.Random(2)
    job = text_job(lead, "machine-human", easy(400), start=True, labels=("red", "blue"),
                   **limits(110, enabled=True, target=0.99))
    together(lambda p: work(p, job, lambda text: noise.choice(("red", "blue"))), [ann, ben])
    got = ended(job)
    assert (got["counts"]["human"], got["counts"]["machine"]) == (110, 0), got["counts"]
    assert "limit of 110 items labelled by people" in got["failure"]


# ---- times ----

def due_now(job, *lines):
    """Makes open items of a job due, as if their time had passed while the server was down."""
    server.stop()
    with server.database() as db:
        n = db.execute("UPDATE opened SET due = 0 WHERE item >> 32 = ? AND (item & 4294967295) IN "
                       f"({','.join('?' * len(lines))})", (int(job[4:]), *lines)).rowcount
        assert n == len(lines), n
    server.start()


def rows(job):
    return {line: due for line, due in server.rows(
        "SELECT item & 4294967295, due FROM opened WHERE item >> 32 = ?", int(job[4:]))}


def item_of(job, line):
    return harness.items(lead, job)[line]


def test_items_that_are_due_leave_people():
    job = text_job(lead, "due", 4, start=True, annotators_per_item=2, availability_seconds=600)
    wait(lambda: len(rows(job)) == 4)
    first, second, third = lease(ann, job, 3)
    answer(ann, job, first, "green")
    due_now(job, 0, 1)
    wait(lambda: counts(lead, job)["human"] == 1 and counts(lead, job)["failed"] == 1)
    assert item_of(job, 0)["label"] == "green", item_of(job, 0)
    failed = item_of(job, 1)
    assert failed["state"] == "failed" and \
        failed["failure"] == "ClientError: Annotation tasks expired", failed
    # The lease on the failed item is over, the other one is not.
    ann.want("409 lease.gone", "POST", f"/api/v1/leases/{second['lease']}/extend", {})
    ann.want(200, "POST", f"/api/v1/leases/{third['lease']}/extend", {})
    late = answer(ann, job, second, "red")
    assert late["extra"] is True and item_of(job, 1)["state"] == "failed", late.body
    held = [t["lease"] for t in ann.get(f"/api/v1/jobs/{job}/next?n=10")["tasks"]]
    assert held == [third["lease"]], held
    # Nobody else is given them; the rest goes on, and the job ends.
    assert [t["line"] for t in lease(ben, job, 10)] == [2, 3]
    for person in (ann, ben):
        work(person, job, until=("ended", "none_left", "waiting"))
    work(ben, job)
    c = ended(job, "completed")["counts"]
    assert (c["human"], c["failed"], c["answers"]) == (3, 1, 5), c
    assert rows(job).keys() <= {1}, rows(job)
    exported = [json.loads(l) for l in harness.export(lead, job, scope="all")[1].splitlines()]
    assert exported[1]["label-metadata"]["failure-reason"] == \
        "ClientError: Annotation tasks expired", exported[1]


def test_an_answer_taken_back_from_a_due_item_can_be_given_again():
    """Unless its label was there first: what is due is merged at once. Either way nothing is stuck."""
    job = text_job(lead, "due-undo", 1, start=True, annotators_per_item=3, availability_seconds=600)
    task = leased(ann, job)[0]
    given = answer(ann, job, task, "green")
    server.stop()
    with server.database() as db:   # answered, and its window of undo long
        db.execute("UPDATE opened SET due = 0")
    server.flags = ("--undo-seconds", "60")
    server.start()
    server.flags = ()
    wait(lambda: counts(lead, job)["open"] == 0)
    undone = ann.call("DELETE", f"/api/v1/answers/{given['id']}")
    assert undone.status == 200 or undone.code == "answer.settled", undone.body
    if undone.status == 200:
        answer(ann, job, task, "blue")
    server.restart()   # with a short window again
    c = ended(job, "completed")["counts"]
    assert (c["human"], c["answers"]) == (1, 1), c


def test_a_pause_and_another_lifetime_give_the_whole_time_anew():
    job = text_job(lead, "renew", 3, start=True)
    wait(lambda: counts(lead, job)["open"] == 3)
    assert rows(job) == {}, "a job without a lifetime keeps no times"
    path = f"/api/v1/jobs/{job}"
    lead.want(200, "PATCH", path, {"availability_seconds": 600})
    first = rows(job)
    assert sorted(first) == [0, 1, 2]
    lead.want(200, "PATCH", path, {"title": "the same time"})
    assert rows(job) == first
    lead.want(200, "POST", path + "/pause")
    due_now(job, 0, 1, 2)
    time.sleep(0.5)
    assert counts(lead, job)["open"] == 3, "nothing is due in a pause"
    lead.want(200, "POST", path + "/resume")
    assert min(rows(job).values()) > max(first.values())
    lead.want(200, "PATCH", path, {"availability_seconds": 0})
    due_now(job, 0)
    time.sleep(0.5)
    assert counts(lead, job)["open"] == 3


def test_items_of_an_auto_labelled_job_are_due_too():
    job = text_job(lead, "due-auto", easy(30), labels=("red", "blue"), start=True,
                   availability_seconds=600, **limits(enabled=True, target=0.9))
    wait(lambda: len(rows(job)) == 30)
    task = lease(ann, job)[0]
    due_now(job, task["line"])
    wait(lambda: counts(lead, job)["failed"] == 1)
    work(ann, job, tell)
    c = ended(job, "completed")["counts"]
    assert c["failed"] == 1 and c["human"] + c["machine"] == 29, c
    assert not [l for l in rows(job) if l != task["line"]], rows(job)


def test_deleting_a_job_takes_its_times_with_it():
    job = text_job(lead, "due-deleted", 3, start=True, availability_seconds=600)
    wait(lambda: len(rows(job)) == 3)
    lead.want(204, "DELETE", f"/api/v1/jobs/{job}?confirm=due-deleted")
    assert rows(job) == {}


# ---- jobs of the AWS door ----

def as_if_from_aws(*jobs, age=0):
    """Gives jobs a row of the AWS door, and makes them so many days old."""
    server.stop()
    with server.database() as db:
        for job in jobs:
            db.execute("INSERT INTO aws_job(job, request, team, setup) VALUES(?, '{}', 0, 1)",
                       (int(job[4:]),))
            db.execute("UPDATE job SET created = created - ? WHERE id = ?",
                       (int(age * 86400e6), int(job[4:])))
    server.start()


def test_a_job_of_the_door_that_is_not_complete_after_30_days_fails():
    old, young, own = (text_job(lead, name, 3, start=True) for name in ("old", "young", "own"))
    answer(ann, old, leased(ann, old)[0], "red")
    as_if_from_aws(old, age=30.1)
    as_if_from_aws(young, age=29.9)
    server.stop()
    with server.database() as db:
        db.execute("UPDATE job SET created = created - 40 * 86400000000 WHERE id = ?",
                   (int(own[4:]),))
    server.start()
    got = ended(old, "failed")
    assert got["failure"].startswith("ClientError: The labeling job was not complete after 30 days")
    assert (got["counts"]["human"], got["counts"]["unlabelled"]) == (1, 2), got["counts"]
    assert (state(lead, young), state(lead, own)) == ("in_progress", "in_progress")


def test_a_first_sample_that_fails_too_often_fails_a_job_of_the_door():
    jobs = [text_job(lead, f"sample-{i}", easy(300), labels=("red", "blue"),
                     annotators_per_item=1, **limits(enabled=True, target=0.9)) for i in range(2)]
    as_if_from_aws(jobs[0])
    for job in jobs:
        lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
        skipped = 0
        while skipped < 31:
            for task in leased(ann, job, 5):
                ann.want(201, "POST", f"/api/v1/jobs/{job}/skips",
                         {"lease": task["lease"], "reason": "broken"})
                skipped += 1
    for job in jobs:
        work(ann, job, tell)
    got = ended(jobs[0], "failed")
    assert got["failure"].startswith("ClientError: More than 10 %"), got["failure"]
    assert ended(jobs[1], "completed")["counts"]["failed"] >= 31


if __name__ == "__main__":
    sys.exit(harness.run(dict(globals()), server))
