#!/usr/bin/env python3
"""What ends a job, or an item, before everybody has answered: limits and times."""
import random
import sys
import time

import harness
from harness import answer, counts, lease, state, text_job, together, wait

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


if __name__ == "__main__":
    sys.exit(harness.run(dict(globals()), server))
