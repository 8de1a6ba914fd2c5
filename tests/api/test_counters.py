#!/usr/bin/env python3
"""After a random walk through every operation, the counters that are maintained equal a full count
of the rows."""
import random
import sys
import time

import harness
from harness import state, text_job, upload, wait

SEED = 20260731
server = harness.Server()
lead = server.person("lead", "lead")
people = [server.person(f"walker {i}") for i in range(5)]


# The counters of people follow the answers up to a mark (server/store/booking.c).
BOOKED = "a.id <= (SELECT answer FROM booked)"


def check(job):
    """One consistent snapshot of the database against itself, and the API against it."""
    number = int(job[4:])
    counted = server.rows("""
        WITH i AS (SELECT state, count(*) n FROM item WHERE id >> 32 = ?1 GROUP BY state)
        SELECT c.waiting - coalesce((SELECT n FROM i WHERE state = 0), 0),
               c.open - coalesce((SELECT n FROM i WHERE state = 1), 0),
               c.answered - coalesce((SELECT n FROM i WHERE state = 2), 0),
               c.human - coalesce((SELECT n FROM i WHERE state = 3), 0),
               c.machine - coalesce((SELECT n FROM i WHERE state = 4), 0),
               c.failed - coalesce((SELECT n FROM i WHERE state = 5), 0),
               c.answers - (SELECT count(*) FROM answer WHERE job = ?1 AND status = 0),
               c.skips - (SELECT count(*) FROM slot WHERE job = ?1 AND state = 3),
               c.provisional - (SELECT count(*) FROM guess g JOIN item ON item.id = g.item
                                WHERE g.job = ?1 AND item.state < 3)
        FROM job_count c WHERE c.job = ?1""", number)
    assert counted == [(0,) * 9], counted
    for what, sql in {
        "taken": "SELECT count(*) FROM item i WHERE id >> 32 = ?1 AND taken <> (SELECT count(*) "
                 "FROM slot s WHERE s.item = i.id AND s.state IN (1, 2))",
        "done": "SELECT count(*) FROM item i WHERE id >> 32 = ?1 AND done <> (SELECT count(*) FROM "
                "answer a WHERE a.item = i.id AND a.status = 0)",
        "one answer a person": "SELECT count(*) FROM (SELECT 1 FROM answer WHERE job = ?1 AND "
                               "status = 0 GROUP BY item, person HAVING count(*) > 1)",
        "slot's answer": "SELECT count(*) FROM slot s WHERE job = ?1 AND state = 2 AND NOT EXISTS "
                         "(SELECT 1 FROM answer a WHERE a.id = s.answer AND a.status = 0 AND "
                         "a.person = s.person AND a.item = s.item)",
        "front": "SELECT count(*) FROM front f LEFT JOIN item i ON i.id = f.item WHERE f.job = ?1 "
                 "AND (i.id IS NULL OR i.state <> 1 OR i.taken >= i.wanted OR i.rank <> f.rank)",
        "annotators": "SELECT count(*) FROM annotator n WHERE job = ?1 AND answers <> (SELECT "
                      "count(*) FROM answer a WHERE a.job = ?1 AND a.person = n.person AND "
                      "status = 0 AND " + BOOKED + ")",
        "active time": "SELECT count(*) FROM annotator n WHERE job = ?1 AND active_ms <> (SELECT "
                       "coalesce(sum(active_ms), 0) FROM answer a WHERE a.job = ?1 AND "
                       "a.person = n.person AND status = 0 AND " + BOOKED + ")",
        "activity": "SELECT (SELECT coalesce(sum(answers), 0) FROM activity WHERE job = ?1 AND "
                    "person <> 0) - (SELECT count(*) FROM answer a WHERE job = ?1 AND status = 0 "
                    "AND " + BOOKED + ")",
        "activity by hour": "SELECT count(*) FROM (SELECT person, hour, answers, active_ms FROM "
                            "activity WHERE job = ?1 AND person <> 0 AND answers <> 0 EXCEPT SELECT "
                            "person, created / 3600000000, count(*), sum(active_ms) FROM answer a "
                            "WHERE job = ?1 AND status = 0 AND " + BOOKED + " GROUP BY 1, 2)",
        "pulse": "SELECT count(*) FROM (SELECT minute, answers FROM pulse WHERE job = ?1 AND "
                 "answers <> 0 EXCEPT SELECT created / 60000000, count(*) FROM answer a WHERE "
                 "job = ?1 AND status = 0 AND " + BOOKED + " GROUP BY 1)",
        "pulse in all": "SELECT (SELECT coalesce(sum(answers), 0) FROM pulse WHERE job = ?1) - "
                        "(SELECT count(*) FROM answer a WHERE job = ?1 AND status = 0 AND " + BOOKED
                        + ")",
        "machine": "SELECT (SELECT coalesce(sum(answers), 0) FROM activity WHERE job = ?1 AND "
                   "person = 0) - (SELECT coalesce(sum(machine), 0) FROM pulse WHERE job = ?1)",
        "answered": "SELECT count(*) FROM answer a WHERE job = ?1 AND status = 0 AND " + BOOKED +
                    " AND (NOT EXISTS (SELECT 1 FROM answered d WHERE d.person = a.person AND "
                    "d.item = a.item) OR NOT EXISTS (SELECT 1 FROM answer_by b WHERE "
                    "b.person = a.person AND b.answer = a.id))",
        "classes": "SELECT count(*) FROM class_count c WHERE job = ?1 AND (human <> (SELECT "
                   "count(*) FROM item i WHERE i.id >> 32 = ?1 AND i.class = c.class AND "
                   "i.state = 3) OR machine <> (SELECT count(*) FROM item i WHERE i.id >> 32 = ?1 AND "
                   "i.class = c.class AND i.state = 4))",
        "labels": "SELECT count(*) FROM item i WHERE id >> 32 = ?1 AND (state IN (3, 4)) <> "
                  "(label IS NOT NULL)",
    }.items():
        assert server.rows(sql, number) == [(0,)], (what, server.rows(sql, number))
    wrong = server.rows("SELECT p.id, p.answers, count(a.id) FROM person p LEFT JOIN answer a ON "
                        "a.person = p.id AND a.status = 0 AND " + BOOKED + " GROUP BY p.id HAVING p.answers <> "
                        "count(a.id)")
    assert not wrong, wrong


class Walk:
    """Random operations by random people; what is refused must be refused with a 404, 409 or 422."""

    def __init__(self, job, seed):
        self.job, self.chance = job, random.Random(seed)
        self.held = {p.id: [] for p in people}
        self.answers = {p.id: [] for p in people}
        self.done = {}

    def step(self):
        person = self.chance.choice(people)
        ways = ["lease"] * 5 + ["answer"] * 9 + ["undo"] * 3 + ["skip"] * 2 + ["release"] * 2 + \
            ["change"] * 2 + ["late"] + ["draft"] + ["pause", "resume", "grow"]
        way = self.chance.choice(ways)
        r = getattr(self, way)(person)
        if r is not None:
            assert r.status in (200, 201, 202, 204, 404, 409), (way, r.status, r.body)
            if r.status < 300:
                self.done[way] = self.done.get(way, 0) + 1

    def url(self, rest):
        return f"/api/v1/jobs/{self.job}/{rest}"

    def lease(self, p):
        r = p.post(self.url("leases"), {"n": self.chance.randint(1, 4)})
        self.held[p.id] += [t["lease"] for t in r["tasks"]]
        return r

    def any_lease(self, p, keep=False):
        held = self.held[p.id]
        if not held:
            return None
        return self.chance.choice(held) if keep else held.pop(self.chance.randrange(len(held)))

    def send(self, p, lease):
        r = p.post(self.url("answers"), {
            "lease": lease, "answer": {"label": self.chance.choice(("red", "green", "blue"))},
            "elapsed_ms": 500, "active_ms": self.chance.randint(0, 400)},
            headers={"Idempotency-Key": str(self.chance.random())})
        if r.status < 300:
            self.answers[p.id].append((r["id"], lease))
        return r

    def answer(self, p):
        lease = self.any_lease(p)
        return lease and self.send(p, lease)

    def change(self, p):
        return self.send(p, self.answers[p.id][-1][1]) if self.answers[p.id] else None

    def undo(self, p):
        if not self.answers[p.id]:
            return None
        id, lease = self.answers[p.id].pop()
        r = p.call("DELETE", f"/api/v1/answers/{id}")
        if r.status == 200:
            self.held[p.id].append(lease)
        return r

    def skip(self, p):
        lease = self.any_lease(p)
        return lease and p.post(self.url("skips"), {"lease": lease, "reason": "unclear"})

    def release(self, p):
        lease = self.any_lease(p)
        r = lease and p.call("DELETE", f"/api/v1/leases/{lease}")
        if r and r.status == 204:
            self.answers[p.id].append(("ans_999999", lease))  # a late answer may come of it
        return r

    def late(self, p):
        known = [l for _, l in self.answers[p.id]]
        return self.send(p, self.chance.choice(known)) if known else None

    def draft(self, p):
        lease = self.any_lease(p, keep=True)
        return lease and p.call("PUT", f"/api/v1/leases/{lease}/draft",
                                {"revision": self.chance.randint(1, 50), "value": 1})

    def pause(self, p):
        r = lead.post(self.url("pause"))
        return self.resume(p) if self.chance.random() < 0.8 else r

    def resume(self, p):
        return lead.post(self.url("resume"))

    def grow(self, p):
        lines = b"".join(b'{"source":"more %d"}\n' % self.chance.randint(0, 10**6)
                         for _ in range(3)) + b"bad\n"
        return lead.post(self.url("items"), lines, type="text/plain")


def walk(name, each, steps, seed):
    job = text_job(lead, name, 60, start=True, annotators_per_item=each, open_items=25)
    wait(lambda: harness.counts(lead, job)["open"] > 0)
    w = Walk(job, seed)
    for n in range(steps):
        w.step()
        if n % 100 == 99:
            check(job)
    missing = {"lease", "answer", "undo", "skip", "release", "change", "draft", "pause",
               "grow"} - set(w.done)
    assert not missing, (missing, w.done)
    return job


def settled(job):
    wait(lambda: server.rows("SELECT count(*) FROM item WHERE id >> 32 = ? AND state = 2",
                             int(job[4:])) == [(0,)])


def test_a_walk_with_one_annotator_an_item():
    job = walk("one", 1, 600, SEED)
    settled(job)
    check(job)


def test_a_walk_with_three_annotators_an_item():
    job = walk("three", 3, 900, SEED + 1)
    settled(job)
    check(job)


def test_a_walk_to_a_stop_and_over_a_restart():
    job = walk("stopped", 2, 400, SEED + 2)
    server.restart()
    for client in people + [lead]:
        client.connection = None
    check(job)
    with_leases = server.rows("SELECT count(*) FROM slot WHERE job = ? AND state = 1",
                              int(job[4:]))[0][0]
    lead.post(f"/api/v1/jobs/{job}/stop")
    wait(lambda: state(lead, job) == "stopped")
    check(job)
    c = harness.counts(lead, job)
    assert c["open"] == 0 and with_leases > 0, (c, with_leases)


def test_the_walk_s_leases_run_out():
    job = walk("expiring", 2, 200, SEED + 3)
    server.stop()
    with server.database() as db:
        db.execute("UPDATE slot SET until = 1 WHERE state = 1")
    server.start()
    for client in people + [lead]:
        client.connection = None
    wait(lambda: server.rows("SELECT count(*) FROM slot WHERE state = 1 AND until = 1") == [(0,)])
    check(job)
    w = Walk(job, SEED + 4)
    for _ in range(200):
        w.step()
    check(job)


def test_the_counts_of_the_api_are_those_of_the_rows():
    for (number, waiting, open_, answered, human, failed, answers, skips) in server.rows(
            "SELECT job, waiting, open, answered, human, failed, answers, skips FROM job_count"):
        job = f"job_{number}"
        if state(lead, job) != "stopped":
            lead.post(f"/api/v1/jobs/{job}/stop")
            wait(lambda: state(lead, job) == "stopped")
    for (number, waiting, open_, answered, human, failed, answers, skips) in server.rows(
            "SELECT job, waiting, open, answered, human, failed, answers, skips FROM job_count"):
        c = harness.counts(lead, f"job_{number}")
        assert c["unlabelled"] == waiting + open_ + answered and c["waiting"] == waiting, c
        assert (c["open"], c["human"], c["failed"], c["answers"], c["skips"], c["machine"]) == \
            (open_, human, failed, answers, skips, 0), c
        assert c["total"] == c["human"] + c["machine"] + c["failed"] + c["unlabelled"]
        check(f"job_{number}")


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
