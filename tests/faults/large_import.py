#!/usr/bin/env python3
"""A manifest of 450,000 lines: memory stays flat, progress only grows, people go on answering, and what
is there already is known, at once and after a kill."""

import json
import os
import random
import shutil
import tempfile
import threading
import time

from harness import (SANITIZED, Service, brute_force, equal, finish, number, ok, say, skip,
                     wait_until)
from swarm import Swarm, work

SEED = int(os.environ.get("SEED", "20260801"))
LINES = 60000 if SANITIZED else 450000
MEMORY_MAX = 48 << 20


def write_manifest(folder):
    """Every 1,000th line is bad, every 1,001st is the one before it again, some have ids."""
    lines = []
    for n in range(LINES):
        if n % 1000 == 999:
            lines.append("not json")
        elif n % 1001 == 1000:
            lines.append(lines[-1])
        else:
            own = {"id": f"own-{n}"} if n % 7 == 0 else {}
            lines.append(json.dumps({**own, "source": f"Text number {n} of a long manifest"}))
    with open(os.path.join(folder, "lines.jsonl"), "w") as file:
        file.write("\n".join(lines) + "\n")
    return lines


def watch(service, lead, job, upload):
    """Follows an import to its end; the last view and the most private memory seen."""
    peak, views = 0, []
    while True:
        view = lead.get(f"/jobs/{job}/imports/{upload}")
        views.append(view)
        peak = max(peak, service.private_bytes())
        if view["state"] != "running":
            break
        time.sleep(0.02)
    steps = [(v["bytes"], v["lines"]) for v in views]
    ok(steps == sorted(steps), "bytes and lines only grow", f"{len(steps)} looks")
    equal([view["state"], view["bytes"]], ["done", view["bytes_total"]], "all bytes are read")
    return view, peak


def check_memory(name, peak):
    if SANITIZED:
        skip(name, "a sanitizer keeps memory of its own")
    else:
        ok(peak < MEMORY_MAX, name, f"{peak / 2**20:.1f} MB at its highest")


def press(service, job, tokens, until):
    swarm = Swarm(service.port, [work(job, t) for t in tokens])
    done = 0
    while not until.is_set():
        swarm.run(0.3)
        done = sum(c.done for c in swarm.connections)
    swarm.close()
    return done


def first_import(service, lead, job, lines, other, tokens):
    ended, replies = threading.Event(), []
    people = threading.Thread(target=lambda: replies.append(press(service, other, tokens, ended)))
    people.start()
    upload = lead.post(f"/jobs/{job}/imports", {"source": "lines.jsonl"})["id"]
    view, peak = watch(service, lead, job, upload)
    ended.set()
    people.join()
    bad = lines.count("not json")
    twice = sum(1 for n, l in enumerate(lines) if n and l == lines[n - 1] and '"id"' in l)
    equal([view[k] for k in ("lines", "added", "duplicates", "failed")],
          [LINES, LINES - bad - twice, twice, bad], "every line is an item, unless its id was there")
    ok(replies[0] > 0, "people answered meanwhile", f"{replies[0]} replies")
    check_memory("private memory stays under 48 MB", peak)


def second_import(service, lead, job):
    upload = lead.post(f"/jobs/{job}/imports", {"source": "lines.jsonl"})["id"]
    view, peak = watch(service, lead, job, upload)
    equal([view["added"], view["failed"], view["duplicates"]], [0, 0, LINES],
          "the same manifest again adds nothing")
    check_memory("and keeps memory under 48 MB", peak)


def small_uploads(service, lead, job, rng):
    """Line by line, the same ones more than once, with a kill between."""
    texts = [f"one of few {n}" for n in range(60)] * 2
    rng.shuffle(texts)
    sent, added = 0, 0
    for text in texts:
        if sent == len(texts) // 2:
            service.kill()
            service.start()
        upload = lead.upload(job, [json.dumps({"source": text})])["id"]
        view = wait_until(lambda: (lambda v: v if v["state"] != "running" else None)(
            lead.get(f"/jobs/{job}/imports/{upload}")), 20, 0.002)
        sent, added = sent + 1, added + view["added"]
    equal(added, 60, "of 120 lines sent one by one the 60 different ones are added")


def import_killed(service, lead, job, folder, rng):
    """A manifest that mixes what is there with what is new, killed in its middle."""
    with open(os.path.join(folder, "lines.jsonl")) as file:
        old = file.read().splitlines()[:LINES // 3]
    new = [json.dumps({"source": f"New {n}"}) for n in range(len(old))]
    with open(os.path.join(folder, "mixed.jsonl"), "w") as file:
        file.write("".join(f"{a}\n{b}\n" for a, b in zip(old, new)))
    upload = lead.post(f"/jobs/{job}/imports", {"source": "mixed.jsonl"})["id"]
    at = set()
    for _ in range(4):
        time.sleep(rng.uniform(0.02, 0.15))
        service.kill()
        service.start()
        at.add(lead.get(f"/jobs/{job}/imports/{upload}")["lines"])
    view, _ = watch(service, lead, job, upload)
    ok(any(0 < n < 2 * len(old) for n in at), "the import was killed in its middle",
       f"lines {sorted(at)}")
    equal([view["lines"], view["added"], view["duplicates"]],
          [2 * len(old), len(new), len(old)], "what was there is told from what is new")
    db = service.database()
    texts = [r["line"] for r in db.execute(
        "SELECT payload.line FROM payload WHERE item >> 32 = ? ORDER BY item DESC LIMIT ?",
        (number(job), len(new)))]
    equal(texts[::-1] == new, True, "and the new ones are there once, in order")
    equal(db.execute("SELECT sum(length(hashes)) / 8 FROM key_run WHERE first >> 32 = ?",
                     (number(job),)).fetchone()[0],
          db.execute("SELECT count(*) FROM item WHERE id >> 32 = ?", (number(job),)).fetchone()[0],
          "there is a key for every item")
    equal(brute_force(db, number(job)), [], "totals agree with a full count")
    db.close()


def main():
    say(f"seed {SEED}")
    rng = random.Random(SEED)
    folder = tempfile.mkdtemp(prefix="plumbline-lines-")
    try:
        lines = write_manifest(folder)
        with Service("--import-root", folder) as service:
            lead = service.client(service.token("lead", "lead"))
            tokens = [service.token(f"person-{n}", "annotator") for n in range(8)]
            other = lead.new_job("other", [json.dumps({"source": f"other {n}"})
                                           for n in range(30000)], open_items=5000)
            job = lead.new_job("large", [], wait=False, start=False)
            wait_until(lambda: not lead.importing(job), 20)
            first_import(service, lead, job, lines, other, tokens)
            second_import(service, lead, job)
            small_uploads(service, lead, job, rng)
            import_killed(service, lead, job, folder, rng)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    finish()


if __name__ == "__main__":
    main()
