"""What must hold after a fault: everything acknowledged is there, once, and every total agrees."""

from harness import brute_force, equal, number


def check_answers(service, job, annotators):
    """Compares what annotators heard with what is stored; how many answers were checked."""
    db = service.database()
    stored = {}
    for row in db.execute("SELECT id, item, person, status FROM answer WHERE job = ?", (job,)):
        stored.setdefault(row["item"], []).append(row)
    acknowledged = {}
    for a in annotators:
        for item, ids in a.acknowledged.items():
            acknowledged.setdefault(number(item), []).extend(number(i) for i in ids)
    lost = [i for item, ids in acknowledged.items() for i in ids
            if i not in {r["id"] for r in stored.get(item, [])}]
    equal(lost, [], f"job {job}: every acknowledged answer is there")
    extra = [r["id"] for item, rows in stored.items() for r in rows
             if r["id"] not in acknowledged.get(item, [])]
    equal(extra, [], f"job {job}: no answer is there that its sender does not know of")
    twice = db.execute("SELECT item, person, count(*) FROM answer WHERE job = ?"
                       " GROUP BY item, person HAVING count(*) > 1", (job,)).fetchall()
    equal([tuple(r) for r in twice], [], f"job {job}: nobody's answer is there twice")
    db.close()
    return sum(len(ids) for ids in acknowledged.values())


def check_sound(service, jobs, finished=True):
    """Totals against a full count, no item stuck in finished jobs, the file sound."""
    db = service.database()
    db.execute("BEGIN")  # one moment: the service may be at work
    wrong, stuck = [], []
    for job in jobs:
        wrong += [f"{job}: {w}" for w in brute_force(db, number(job))]
        if finished:
            stuck += [(job, *r) for r in db.execute(
                "SELECT state, count(*) FROM item WHERE id >> 32 = ? AND state < 3 GROUP BY state",
                (number(job),))]
    equal(wrong, [], f"totals of {len(jobs)} jobs agree with a full count")
    if finished:
        equal(stuck, [], "no item is stuck")
    equal(db.execute("PRAGMA integrity_check").fetchone()[0], "ok", "the database is sound")
    db.close()
