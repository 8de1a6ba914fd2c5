#!/usr/bin/env python3
"""kill -9 in the middle of imports and exports: they are taken up again, and nothing is in twice."""

import hashlib
import os
import random
import time

from harness import (GONE, Service, brute_force, equal, finish, make_texts, number, ok,
                     say, wait_until)

SEED = int(os.environ.get("SEED", "20260607"))
LINES = 60000
KILLS = 6


def files_below(folder):
    return sorted(name for _, _, names in os.walk(folder) for name in names)


def import_killed(service, lead, rng, lines):
    job = lead.new_job("imported", lines[:1000], wait=False, start=False)
    upload = lead.upload(job, lines)["id"]
    at = set()
    for _ in range(KILLS):
        time.sleep(rng.uniform(0.02, 0.12))
        service.kill()
        service.start()
        at.add(lead.get(f"/jobs/{job}/imports/{upload}")["lines"])
    ok(any(0 < n < LINES for n in at), "the import was killed in its middle", f"lines {sorted(at)}")
    ok(wait_until(lambda: not lead.importing(job), 60), "the import ends")
    report = lead.get(f"/jobs/{job}/imports/{upload}")
    equal([report[k] for k in ("state", "lines", "added", "duplicates", "failed")],
          ["done", LINES, LINES - 1000, 1000, 0], "its report counts every line once")
    db = service.database()
    rows = db.execute("SELECT payload.line FROM item JOIN payload ON payload.item = item.id"
                      " WHERE item.id >> 32 = ? ORDER BY item.id", (number(job),)).fetchall()
    equal([r["line"] for r in rows] == lines, True, "every line is an item, once and in order")
    equal(brute_force(db, number(job)), [], "totals agree with a full count")
    db.close()
    equal(files_below(os.path.join(service.data, "uploads")), [], "no upload is left behind")
    return job


def upload_killed(service, lead, job):
    """Killed while the body still comes: no import, no file."""
    before = len(lead.get(f"/jobs/{job}/imports")["imports"])
    other = service.client(lead.token)

    def half_a_body():
        yield b'{"source":"one"}\n' * 200000
        service.kill()
        yield b'{"source":"two"}\n' * 200000

    try:
        other.call("POST", f"/jobs/{job}/items", half_a_body(),
                   {"Content-Type": "application/x-ndjson"})
    except GONE:
        pass
    other.close()
    service.start()
    equal(len(lead.get(f"/jobs/{job}/imports")["imports"]), before,
          "an upload that was cut off is no import")
    equal(files_below(os.path.join(service.data, "uploads")), [], "and leaves no file")


def export_killed(service, lead, rng, job):
    """An export of these lines takes less than a tenth of a second: kill, until enough were torn."""
    exports, torn = [], 0
    while torn < KILLS // 2 and len(exports) < 40:
        exports.append(lead.post(f"/jobs/{job}/exports", {"format": "manifest", "scope": "all"})["id"])
        time.sleep(rng.uniform(0, 0.04))
        service.kill()
        service.start()
        torn += lead.get(f"/exports/{exports[-1]}")["state"] == "running"
    ok(torn > 0, "an export was killed in its middle", f"{torn} of {len(exports)} times")
    views = [wait_until(lambda e=e: (lambda v: v if v["state"] != "running" else None)(
        lead.get(f"/exports/{e}")), 60) for e in exports]
    equal({v["state"] for v in views}, {"done"}, "the exports end")
    equal(len({v["sha256"] for v in views}), 1, "torn or not, they are the same")
    status, body = lead.call("GET", f"/exports/{exports[0]}/download")
    equal((status, len(body)), (200, views[0]["bytes"]), "the file has the size that was told")
    equal(hashlib.sha256(body).hexdigest(), views[0]["sha256"], "and the sum")
    equal(body.count(b"\n"), LINES, "every item is in it, once")
    equal(len(files_below(os.path.join(service.data, "exports"))), len(exports),
          "no torn file is left behind")


def main():
    say(f"seed {SEED}")
    rng = random.Random(SEED)
    lines, _ = make_texts(LINES, SEED)
    with Service() as service:
        lead = service.client(service.token("lead", "lead"))
        job = import_killed(service, lead, rng, lines)
        upload_killed(service, lead, job)
        export_killed(service, lead, rng, job)
    finish()


if __name__ == "__main__":
    main()
