#!/usr/bin/env python3
"""No statement of the program reads a table that grows with the items from end to end.

Statements are constants of the program (their address is the key of the cache), so all of them can be
read out of its file and explained by SQLite against the schema that the program makes.
"""
import re
import sys

import harness

server = harness.Server()
server.person("lead", "lead")

# What has a row for each item, answer or label, or more.
LARGE = {"item", "payload", "answer", "label", "slot", "guess", "answered", "key_run", "item_key",
         "front", "ask", "opened"}

# Indexes of the leases that are held, and of nothing else: as many rows as people have tasks.
HELD = ("USING INDEX slot_held", "USING INDEX slot_until", "USING COVERING INDEX slot_held",
        "USING COVERING INDEX slot_until")

# What doctor counts the long way (store/counters.c), with nobody waiting; and the newest row of all.
LONG_WAY = ("FROM answer WHERE status = 0 AND id <= (SELECT answer FROM booked)",
            "FROM slot GROUP BY item) AS s", "FROM job_count AS c LEFT JOIN (",
            "UPDATE job_count SET", "INSERT INTO front(job, rank, item) SELECT",
            "UPDATE item SET taken = 0, done = 0 WHERE", "ORDER BY id DESC LIMIT 1)")


def statements():
    with open(harness.PLUMBLINE, "rb") as file:
        text = file.read()
    found = re.findall(rb"\0((?:SELECT|UPDATE|DELETE|INSERT|WITH)\s[ -~\n]{10,})(?=\0)", text)
    return sorted({f.decode() for f in found if b"%" not in f})


def plan(sql):
    parameters = max((int(n) for n in re.findall(r"\?(\d+)", sql)), default=0)
    return [row[3] for row in server.rows("EXPLAIN QUERY PLAN " + sql, *[None] * parameters)]


def test_every_statement_is_understood():
    known = statements()
    assert len(known) > 150, f"only {len(known)} statements found in the program"
    for sql in known:
        plan(sql)


def test_no_statement_scans_a_large_table():
    wrong = []
    for sql in statements():
        if any(part in sql for part in LONG_WAY):
            continue
        for step in plan(sql):
            scan = re.match(r"SCAN (\w+)(?! VIRTUAL)", step)
            table = scan and re.search(rf"(\w+) AS {scan[1]}\b", sql)
            name = (table[1] if table else scan[1]) if scan else None
            if name in LARGE and not any(held in step for held in HELD):
                wrong.append(f"{step}: {sql}")
    assert not wrong, "\n".join(wrong)


def test_the_walks_of_the_items_list_need_no_sorting():
    walks = [s for s in statements() if s.startswith("SELECT item.id, item.state, item.class, "
                                                      "item.posterior FROM ")]
    assert len(walks) >= 8, walks
    for sql in walks:
        assert not any("TEMP B-TREE" in step for step in plan(sql)), (sql, plan(sql))


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
