#!/usr/bin/env python3
"""The items list under every combination of filters, page by page, against a filter in Python over all
rows; and no page that looks further than it may."""
import json
import random
import sys
import urllib.parse

import harness
from harness import text_job, upload

N, PEOPLE, SEED = 9000, 3, 20260607
LABELS = ("red", "green", "blue")
WAITING, OPEN, ANSWERED, HUMAN, MACHINE, FAILED, KEPT = range(7)
STATES = {"waiting": {WAITING}, "open": {OPEN}, "answered": {ANSWERED}, "labelled": {HUMAN, MACHINE},
          "failed": {FAILED}, "kept": {KEPT}}

server = harness.Server()
lead = server.person("lead", "lead")
people = [server.person(f"person {i}") for i in range(PEOPLE)]
job = text_job(lead, "searched", labels=LABELS)
upload(lead, job, b"".join(b'{"source":"line %d%s"}\n' % (n, b" needle" if n % 997 == 5 else b"")
                           for n in range(N)))
rows = []


def make_rows():
    """States, labels, guesses and answers by chance, written into the tables of the stopped service;
    the last person and the last label are rare."""
    chance, first = random.Random(SEED), int(job[4:]) << 32
    numbers = [int(p.id.split("_")[1]) for p in people]
    server.stop()
    with server.database() as db:
        for n in range(N):
            row = {"line": n, "state": chance.choice((WAITING, OPEN, HUMAN, HUMAN, MACHINE, MACHINE,
                                                      MACHINE, ANSWERED, FAILED, KEPT)),
                   "class": None, "p": None, "guess": None, "people": set()}
            if row["state"] in (HUMAN, MACHINE):
                row["class"] = 2 if n % 1500 == 7 else n % 2
                row["p"] = chance.choice((0.3, 0.9, 0.9, 0.97, round(chance.random(), 6)))
                db.execute("INSERT INTO label(id, item, job, origin, class, posterior, confidence,"
                           " method, answers, label_set_version, created) VALUES(?1, ?2, ?3, ?4, ?5,"
                           " ?6, 0, 1, 1, 1, 1)", (n + 1, first + n, first >> 32,
                                                   row["state"] - HUMAN + 1, row["class"], row["p"]))
            elif row["state"] < HUMAN and chance.random() < 0.2:
                row["guess"], row["gp"] = chance.randrange(2), chance.choice((0.3, 0.5, 0.99))
                db.execute("INSERT INTO guess VALUES(?, ?, ?, ?, 1)",
                           (first + n, first >> 32, row["guess"], row["gp"]))
            for i, number in enumerate(numbers):
                if chance.random() < (0.5, 0.1, 0.001)[i]:
                    state = chance.choice((2, 2, 2, 4))  # some were taken back
                    db.execute("INSERT INTO slot(item, person, job, state, since, until)"
                               " VALUES(?, ?, ?, ?, 1, 1)", (first + n, number, first >> 32, state))
                    db.execute("INSERT INTO answered VALUES(?, ?)", (number, first + n))
                    if state == 2:
                        row["people"].add(people[i].id)
            db.execute("UPDATE item SET state = ?, class = ?, posterior = ?, label = ? WHERE id = ?",
                       (row["state"], row["class"], row["p"],
                        n + 1 if row["p"] is not None else None, first + n))
            rows.append(row)
        # The counters only help to choose a way: some are wrong on purpose, as they are for a moment.
        db.execute("UPDATE job_count SET waiting = 900, open = 5000, human = 2, machine = 2700,"
                   " provisional = 500")
        db.execute("INSERT INTO class_count VALUES(?, 0, 1, 2), (?, 1, 2000, 2000), (?, 2, 6, 0)",
                   (first >> 32,) * 3)
        db.executemany("INSERT INTO annotator(job, person, answers) VALUES(?, ?, ?)",
                       [(first >> 32, p, (4500, 1, 9)[i]) for i, p in enumerate(numbers)])
    server.start()
    lead.connection = None


def passes(row, f):
    p = row["p"] if row["p"] is not None else row.get("gp")
    given = row["guess"] if f.get("origin") == "provisional" else row["class"]
    origin = {HUMAN: "human", MACHINE: "machine"}.get(row["state"]) or \
        ("provisional" if row["guess"] is not None else None)
    return ("state" not in f or row["state"] in STATES[f["state"]]) and \
        ("origin" not in f or origin == f["origin"]) and \
        ("label" not in f or given is not None and LABELS[given] == f["label"]) and \
        ("annotator" not in f or f["annotator"] in row["people"]) and \
        ("below" not in f or p is not None and p < f["below"]) and \
        ("q" not in f or f["q"] in f'{{"source":"line {row["line"]}'
         + (" needle" if row["line"] % 997 == 5 else "") + '"}')


def found(f, limit):
    """All pages; the lines in the order they came, and each page's reply."""
    query, after, lines, pages = urllib.parse.urlencode(f), "", [], []
    while True:
        page = lead.want(200, "GET", f"/api/v1/jobs/{job}/items?limit={limit}&{query}{after}").json
        lines += [i["line"] for i in page["items"]]
        pages.append(page)
        assert len(page["items"]) <= limit and len(pages) < 500, f
        if "next" not in page:
            return lines, pages
        after = "&after=" + urllib.parse.quote(page["next"])


def combinations():
    chance = random.Random(SEED + 1)
    values = {"state": list(STATES), "origin": ["human", "machine", "provisional"],
              "label": list(LABELS), "annotator": [p.id for p in people],
              "below": [0.2, 0.4, 0.9, 0.95, 1], "q": ["needle", "line 77", "7", "nowhere"]}
    for name, all_of in values.items():
        yield from ({name: value} for value in all_of)
    for _ in range(90):
        names = chance.sample(sorted(values), chance.randint(2, 3))
        yield {name: chance.choice(values[name]) for name in names}


def test_every_combination_finds_what_passes_once():
    make_rows()
    nothing = 0
    for f in combinations():
        wanted = [r["line"] for r in rows if passes(r, f)]
        lines, pages = found(f, 211)
        assert sorted(lines) == wanted, (f, len(lines), len(wanted),
                                         set(lines) ^ set(wanted))
        assert len(lines) == len(set(lines)), f
        if "below" not in f:
            assert lines == wanted, f"{f}: not in line order"
        nothing += not wanted
    assert nothing < 60, f"{nothing} combinations found nothing: the test tests little"


def test_the_least_sure_come_first():
    lines, _ = found({"below": 0.95}, 100)
    labels = [rows[n]["p"] for n in lines if rows[n]["p"] is not None]
    assert labels == sorted(labels) and len(labels) > 1000
    assert all(rows[n]["p"] is None for n in lines[len(labels):]), "guesses behind the labels"


def test_a_search_says_how_far_it_has_looked():
    lines, pages = found({"q": "nowhere"}, 50)
    assert lines == [] and len(pages) > 3, len(pages)
    reached = [p["reached"] for p in pages[:-1]]
    assert reached == sorted(set(reached)) and reached[-1] <= N and "reached" not in pages[-1]
    assert all("reached" not in p for p in found({}, 1000)[1])


def test_pages_of_other_lists_are_refused():
    url = f"/api/v1/jobs/{job}/items?"
    for after in ("x1", "c1", "l", "lx", "-1", "d0.5", "d,5", "p12", json.dumps({})):
        r = lead.get(url + "after=" + urllib.parse.quote(after))
        assert (r.status, r["field"]) == (422, "after"), (after, r.body)
    first = int(job[4:]) << 32
    page = lead.get(url + f"limit=2&after={first + 9}")  # an item's number alone: in line order
    assert [i["line"] for i in page["items"]] == [10, 11]


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
