#!/usr/bin/env python3
"""A database of schema 3, in which items had ids of their own across all jobs, becomes one of today:
everything that the API says stays, and work goes on where it was. The old database is made from the
rows of a new one, by the old migrations' own SQL."""
import glob
import os
import random
import sqlite3
import struct
import sys

import harness
from harness import answer, counts, items, lease, leased, text_job, upload, wait

OLD = sorted(glob.glob(os.path.join(harness.ROOT, "migrations/000[123]-*.sql")))
ITEM = {"payload": "item", "front": "item", "slot": "item", "answer": "item",
        "label": "item", "guess": "item", "ask": "item", "item": "id"}
server = harness.Server()
lead = server.person("lead", "lead")
people = [server.person(f"worker {i}") for i in range(3)]
LINES = {"first": [f"first {i}" for i in range(40)], "second": [f"second {i}" for i in range(25)]}
jobs = {}
old_leases = []  # (item, person) by the ids of then


def some_work(name, seed):
    """Items in every state: waiting, open, leased, answered, labelled, skipped, failed, kept."""
    chance = random.Random(seed)
    job = jobs[name] = text_job(lead, name, LINES[name], annotators_per_item=2, open_items=15)
    upload(lead, job, b'{"id":"mine","source":"own id"}\n'
                      b'not json\n{"source":"done before","label":"red"}\n')
    lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
    wait(lambda: counts(lead, job)["open"] > 0)
    for _ in range(12):
        for p in people:
            for task in lease(p, job, 2)[:1]:
                if chance.random() < 0.15:
                    p.want(201, "POST", f"/api/v1/jobs/{job}/skips",
                           {"lease": task["lease"], "reason": "unclear"})
                else:
                    answer(p, job, task, chance.choice(("red", "green", "blue")))
    held = people[0].get(f"/api/v1/jobs/{job}/next")["tasks"] or leased(people[0], job)
    held = held[0]["lease"]
    people[0].want(204, "PUT", f"/api/v1/leases/{held}/draft", {"revision": 1, "value": "half"})


def seen(name):
    """What the API tells of a job, without what moves by itself."""
    job, url = jobs[name], f"/api/v1/jobs/{jobs[name]}"
    out = {"counts": counts(lead, job)}
    out["items"] = [lead.get(f"{url}/items/{i['id']}").json for i in items(lead, job)]
    for filter in ("state=waiting", "state=open", "state=labelled", "state=failed", "label=red"):
        out[filter] = [i["id"] for i in items(lead, job, "&" + filter)]
    out["held"] = [[t["lease"] for t in p.get(f"{url}/next")["tasks"]] for p in people]
    lines = harness.export(lead, job, scope="all")[1].decode().splitlines()
    out["export"] = [l for l in lines if "failure-reason" not in l]  # it has the time of the export
    return out


def old_ids(db):
    """Items of both jobs in turns, as two imports at a time left them."""
    ids = [r[0] for r in db.execute("SELECT id FROM now.item ORDER BY id & 0xffffffff, id")]
    db.execute("CREATE TEMP TABLE ids(new INTEGER PRIMARY KEY, old INTEGER NOT NULL)")
    db.executemany("INSERT INTO ids VALUES(?, ?)", zip(ids, range(3, len(ids) + 3)))


def copy_rows(db, table):
    """The columns that both have, with the old ids of items."""
    there = [r[1] for r in db.execute(f"PRAGMA main.table_info({table})")]
    here = {r[1] for r in db.execute(f"PRAGMA now.table_info({table})")}
    columns = {c: f't."{c}"' for c in there if c in here}
    if table == "item":
        columns |= {"job": "t.id >> 32", "line": "t.id & 0xffffffff"}
    if table in ITEM:
        columns[ITEM[table]] = f'(SELECT old FROM ids WHERE new = t."{ITEM[table]}")'
    if table == "job":
        columns["filled"] = "coalesce((SELECT old FROM ids WHERE new = t.filled), 0)"
    names = ", ".join(f'"{c}"' for c in columns)
    db.execute(f"INSERT INTO main.{table}({names}) SELECT {', '.join(columns.values())}"
               f" FROM now.{table} AS t")


def copy_keys(db):
    db.execute("INSERT INTO main.item_key SELECT job, hash, 0 FROM now.item_key")
    for first, hashes in db.execute("SELECT first, hashes FROM now.key_run").fetchall():
        for (hash,) in struct.iter_unpack("<q", hashes):
            db.execute("INSERT INTO main.item_key VALUES(?, ?, 0)", (first >> 32, hash))


def make_old():
    path = os.path.join(server.data, "plumbline.db")
    os.rename(path, path + ".now")
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode=WAL")
    for step in OLD:
        with open(step) as file:
            db.executescript(file.read())
    db.execute("PRAGMA user_version=3")
    db.execute("ATTACH ? AS now", (path + ".now",))
    old_ids(db)
    for (table,) in db.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND "
                               "name NOT LIKE 'sqlite%' AND name NOT IN"
                               " ('item_key', 'settle')").fetchall():
        copy_rows(db, table)
    copy_keys(db)
    job, item = db.execute("SELECT job, id FROM item ORDER BY id LIMIT 1").fetchone()
    db.execute("INSERT INTO model VALUES(1, ?, 1, x'00', 'none', ?, 0)",
               (job, '{"seed":1,"labels":[[%d,2],[%d,0]]}' % (item + 1, item)))
    db.commit()
    assert db.execute("SELECT count(*), sum(id > 4294967295) FROM item").fetchone() == (71, 0)
    db.close()
    os.remove(path + ".now")


def test_everything_that_the_api_says_stays():
    some_work("first", 1)
    some_work("second", 2)
    wait(lambda: server.rows("SELECT count(*) FROM item WHERE state = 2") == [(0,)], 60)
    before = {name: seen(name) for name in jobs}
    states = {i["state"] for s in before.values() for i in s["items"]}
    assert states >= {"waiting", "open", "labelled", "failed", "kept"}, states
    server.stop()
    make_old()
    with sqlite3.connect(server.data + "/plumbline.db") as db:
        old_leases.extend(db.execute("SELECT item, person FROM slot WHERE state = 1 ORDER BY item"))
    db.close()
    server.start()
    for client in people + [lead]:
        client.connection = None
    for name in jobs:
        after = seen(name)
        for part, value in before[name].items():
            differ = [p for p in zip(value, after[part]) if p[0] != p[1]] \
                if isinstance(value, list) else (value, after[part])
            assert after[part] == value, (name, part, differ)


def test_ids_are_made_of_job_and_line():
    for name, job in jobs.items():
        number = int(job[4:])
        assert [i["id"] for i in items(lead, job)] == \
            [f"item_{(number << 32) + n}" for n in range(len(LINES[name]) + 3)]
    first = int(jobs["first"][4:]) << 32, int(jobs["second"][4:]) << 32
    recipe = server.rows("SELECT recipe FROM model")
    assert recipe == [('{"seed":1,"labels":[[%d,2],[%d,0]]}' % (first[1], first[0]),)], recipe


def test_an_answer_that_a_browser_kept_over_the_upgrade_is_taken():
    assert old_leases and all(item < 1 << 32 for item, _ in old_leases)
    item, person = old_leases[0]
    who = next(p for p in people if p.id == f"person_{person}")
    for name, job in jobs.items():
        if any(t["item"] for t in who.get(f"/api/v1/jobs/{job}/next")["tasks"]):
            r = who.post(f"/api/v1/jobs/{job}/answers",
                         {"lease": f"lease_{item}", "answer": {"label": "red"}},
                         headers={"Idempotency-Key": "kept"})
            if r.status == 404:
                continue  # the other job's
            assert r.status == 201 and int(r["item"][5:]) >> 32 == int(job[4:]), r.body
            again = who.post(f"/api/v1/jobs/{job}/answers",
                             {"lease": f"lease_{item}", "answer": {"label": "red"}},
                             headers={"Idempotency-Key": "kept"})
            assert again.status == 200 and again["id"] == r["id"], again.body
            return
    raise AssertionError("nobody took it")


def test_what_was_there_is_known_again():
    for name, job in jobs.items():
        done = upload(lead, job, [{"source": t} for t in LINES[name]] + [{"source": "new"}])
        assert (done["added"], done["duplicates"]) == (1, len(LINES[name])), done


def work_on(job):
    """Everybody answers what there is; true when nothing is left."""
    for p in people:
        while tasks := p.get(f"/api/v1/jobs/{job}/next")["tasks"] or lease(p, job):
            answer(p, job, tasks[0], "green")
    return counts(lead, job)["unlabelled"] == 0


def test_the_jobs_go_on_to_their_ends():
    for job in jobs.values():
        wait(lambda: work_on(job))
        c = counts(lead, job)
        ended = server.rows("SELECT count(*) FROM item WHERE id >> 32 = ? AND state IN (3, 4, 5)",
                            int(job[4:]))
        assert ended == [(c["total"],)], (c, ended)


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
