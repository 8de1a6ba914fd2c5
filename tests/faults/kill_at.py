#!/usr/bin/env python3
"""The service kills itself at a chosen call (before it, behind it, in its middle) in an import, a
consolidation, a round of training, an export: the step is taken up again, and nothing is in twice."""

import hashlib
import os
import random
import time

from checks import check_answers, check_sound
from harness import (GONE, SANITIZED, SOAK, Annotator, count, equal, finish, make_texts, number, ok,
                     say, wait_until)
from shim import FaultyService

SEED = int(os.environ.get("SEED", "20260607"))
LINES = 3000
MODES = ("kill before", "kill after", "kill torn")
TIMES = 12 if SOAK else 2  # each step is killed so often


class Kills:
    total = 0


def die_at(service, rng, kinds, calls, most, seconds=10):
    """Lets it run into the first-th matching call; whether it died there. It is started again."""
    service.disk.fail(mode=rng.choice(MODES), kinds=kinds, calls=calls, first=rng.randint(1, most),
                      times=1)
    died = service.wait_death(seconds)
    service.disk.mend()
    service.start()
    Kills.total += died
    return died


def imports(service, lead, rng, lines):
    killed = 0
    job = lead.new_job("imported", lines[:100], start=False)
    upload = lead.upload(job, lines)["id"]
    for n in range(TIMES):
        killed += die_at(service, rng, ("log", "database") if n % 2 else ("log",), ("write", "sync"),
                         400, 3)
    ok(killed > 0, "an import was killed at chosen writes", f"{killed} times")
    wait_until(lambda: not lead.importing(job), 60)
    report = lead.get(f"/jobs/{job}/imports/{upload}")
    equal([report[k] for k in ("state", "lines", "added", "duplicates", "failed")],
          ["done", LINES, LINES - 100, 100, 0], "its report counts every line once")
    db = service.database()
    there = [r[0] for r in db.execute(
        "SELECT payload.line FROM item JOIN payload ON payload.item = item.id WHERE item.id >> 32 = ?"
        " ORDER BY item.id", (number(job),))]
    ok(there == lines, "every line is an item, once and in order")
    db.close()
    return job


def pictures(service, lead, rng):
    """Uploads that die between the blob and the row."""
    from storage_each_step import picture
    job = lead.post("/jobs", {"name": "pictures", "type": "image-classification",
                              "labels": [{"name": "a"}, {"name": "b"}]})["id"]
    killed = acknowledged = 0
    for n in range(3 * TIMES):
        service.disk.fail(mode=MODES[n % 3], kinds=("blob", "upload", "log"),
                          calls=("write", "rename", "sync", "open"), first=rng.randint(1, 14), times=1)
        try:
            status, reply = lead.call("POST", f"/jobs/{job}/files?name={n}.png", picture(n),
                                      {"Content-Type": "image/png"})
            acknowledged += status == 201
        except GONE:
            pass
        service.disk.put(mode=0)
        if service.process.poll() is not None or service.disk.get("injected"):
            killed += service.wait_death(5)
            service.start()
        service.disk.mend()
        while True:
            try:
                lead.post(f"/jobs/{job}/files?name={n}.png", picture(n), {"Content-Type": "image/png"})
                break
            except GONE:
                pass
    Kills.total += killed
    ok(killed > 0, "uploads of pictures were killed at chosen calls",
       f"{killed} times, {acknowledged} of {3 * TIMES} went through")
    items = lead.get(f"/jobs/{job}/items")["items"]
    equal(len(items), 3 * TIMES, "every picture is there, once")
    bad = [i["id"] for i in items if hashlib.sha256(
        lead.call("GET", f"/items/{i['id']}/media")[1]).digest() not in
        {hashlib.sha256(picture(n)).digest() for n in range(3 * TIMES)}]
    equal(bad, [], "and whole")
    equal(os.listdir(os.path.join(service.data, "blobs", "new")), [], "nothing half-written is left")
    return job


def consolidation_and_training(service, lead, rng, job, labels):
    """People work while the service dies in ticks that merge, in rounds, in writing guesses."""
    people = [Annotator(service, service.token(f"p{n}", "annotator"), f"p{n}", job, labels)
              for n in range(4)]
    for p in people:
        p.pause = 0.06 if SANITIZED else 0.01
        p.start()
    killed = {"merging": 0, "training": 0, "features": 0}
    steps = [("merging", ("log",), ("sync",), 40), ("training", ("child",), ("write",), 6),
             ("features", ("cache",), ("write", "open", "truncate"), 2)]
    for n in range(3 * TIMES):
        name, kinds, calls, most = steps[n % 3]
        if name == "training":  # a child that dies at its pipe costs a round, not the service
            service.disk.fail(mode=rng.choice(MODES), kinds=kinds, calls=calls,
                              first=rng.randint(1, most), times=1)
            wait_until(lambda: service.disk.get("injected"), 3, 0.01)
            killed[name] += service.disk.mend()
        elif name == "features":
            service.kill()
            cache = os.path.join(service.data, "cache")
            for file in os.listdir(cache):
                os.unlink(os.path.join(cache, file))
            service.start()
            service.disk.fail(mode=rng.choice(MODES), kinds=kinds, calls=calls,
                              first=rng.randint(1, most), times=1)
            wait_until(lambda: service.disk.get("injected"), 3, 0.01)
            killed[name] += service.disk.mend()
        else:
            killed[name] += die_at(service, rng, kinds, calls, most)
    Kills.total += killed["training"] + killed["features"]
    say(f"killed while {killed}")
    ok(all(killed.values()), "merging, training and making features were killed at chosen calls")
    ok(wait_until(lambda: lead.get(f"/jobs/{job}")["state"] == "completed", 90, 0.2),
       "the job finishes")
    time.sleep(0.3)
    for p in people:
        p.over.set()
    for p in people:
        p.join(15)
    answers = check_answers(service, number(job), people)
    db = service.database()
    twice = db.execute("SELECT number, count(*) FROM round WHERE job = ? GROUP BY number"
                       " HAVING count(*) > 1", (number(job),)).fetchall()
    equal([tuple(r) for r in twice], [], "no round is there twice")
    db.close()
    view = lead.get(f"/jobs/{job}")
    ok(view["counts"]["machine"] > 0, "the machine labelled its part", str(view["counts"]))
    return answers


def exports(service, lead, rng, job):
    for form in ("manifest", "tree"):
        export = lead.post(f"/jobs/{job}/exports", {"format": form, "scope": "all"})["id"]
        killed = 0
        for n in range(TIMES):
            killed += die_at(service, rng, ("export",), ("write", "sync", "rename", "open"), 4, 3)
        view = wait_until(lambda: (lambda v: v if v["state"] != "running" else None)(
            lead.get(f"/exports/{export}")), 60)
        status, body = lead.call("GET", f"/exports/{export}/download")
        equal((view["state"], status, len(body), hashlib.sha256(body).hexdigest()),
              ("done", 200, view["bytes"], view["sha256"]),
              f"an export as {form} that was killed {killed} times is whole")
        left = [f for f in os.listdir(os.path.join(service.data, "exports")) if ".part-" in f]
        equal(left, [], "and leaves no torn file")


def main():
    say(f"seed {SEED}")
    rng = random.Random(SEED)
    lines, labels = make_texts(LINES, SEED)
    with FaultyService("--undo-seconds", "1") as service:
        lead = service.client(service.token("lead", "lead"))
        job = imports(service, lead, rng, lines)
        gallery = pictures(service, lead, rng)
        lead.call("PATCH", f"/jobs/{job}", {"auto_label": {"enabled": True, "target": 0.9}})
        lead.post(f"/jobs/{job}/start")
        answers = consolidation_and_training(service, lead, rng, job, labels)
        exports(service, lead, rng, job)
        check_sound(service, [job])
        check_sound(service, [gallery], finished=False)
    count("kills at chosen calls survived", Kills.total)
    count("answers checked after kills", answers)
    finish()


if __name__ == "__main__":
    main()
