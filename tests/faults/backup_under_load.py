#!/usr/bin/env python3
"""Backups while people answer as fast as they can: each ends, is whole, and holds every answer that
was acknowledged before it began. kill -9 of the service and of the command in the middle leaves
nothing half; kill -9 of a restore leaves the old content or the new, never a mixture."""

import hashlib
import os
import random
import sqlite3
import subprocess
import time

from harness import (PROGRAM, Annotator, Service, brute_force, equal, finish, make_texts,
                     number, ok, say, wait_until)

SEED = int(os.environ.get("SEED", "20260801"))
PEOPLE = 6
LINES = 20000
BACKUPS = 3
KILLS = int(os.environ.get("KILLS", "8"))


def acknowledged(annotators):
    return {number(i) for a in annotators for ids in list(a.acknowledged.values()) for i in list(ids)}


def command(*arguments):
    p = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120)
    return p.returncode, p.stdout + p.stderr


def open_database(folder):
    db = sqlite3.connect(os.path.join(folder, "plumbline.db"))
    db.row_factory = sqlite3.Row
    return db


def check_restored(file, folder, job, before, name):
    status, text = command("restore", "--data", folder, file)
    if not ok(status == 0, f"{name}: restores", "" if status == 0 else text):
        return
    db = open_database(folder)
    stored = {r[0] for r in db.execute("SELECT id FROM answer")}
    equal(sorted(before - stored), [], f"{name}: every answer acknowledged before it began is in it")
    equal(db.execute("PRAGMA integrity_check").fetchone()[0], "ok", f"{name}: is a whole database")
    equal(brute_force(db, number(job)), [], f"{name}: totals agree with a full count")
    db.close()
    status, text = command("doctor", "--data", folder)
    ok(status == 0, f"{name}: doctor is content", "" if status == 0 else text)


def back_up_under_load(service, job, annotators):
    for n in range(BACKUPS):
        file = os.path.join(service.folder, f"backup-{n}.tar" + ("", ".gz", ".zst")[n % 3])
        before, started = acknowledged(annotators), time.monotonic()
        status, text = command("backup", "--data", service.data, file)
        took, meanwhile = time.monotonic() - started, len(acknowledged(annotators)) - len(before)
        ok(status == 0 and took < 60, f"backup {n} under load ends",
           f"{took:.2f} s, {os.path.getsize(file) / 1e6 if status == 0 else 0:.1f} MB, "
           f"{len(before)} answers before, {meanwhile} meanwhile" if status == 0 else text)
        ok(meanwhile > 0, f"backup {n}: people went on meanwhile")
        check_restored(file, os.path.join(service.folder, f"restored-{n}"), job, before,
                       f"backup {n}")


def killed_backups(service, job, annotators, rng):
    """Service and command killed in turns while a backup is being made."""
    for n in range(KILLS):
        file = os.path.join(service.folder, f"killed-{n}.tar.zst")
        before = acknowledged(annotators)
        p = subprocess.Popen([PROGRAM, "backup", "--data", service.data, file],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0, 0.25))
        if n % 2:
            service.kill()
            p.wait(60)
            service.start()
        else:
            p.kill()
            p.wait()
        if os.path.exists(file):  # it was faster
            check_restored(file, os.path.join(service.folder, f"fast-{n}"), job, before,
                           f"kill {n} came late and the backup")
    parts = [f for f in os.listdir(service.folder) if ".tar" in f and not f.startswith("backup-")
             and not f.endswith(".zst") and ".part-" not in f]
    equal(parts, [], "nothing half-written has a backup's name")
    service.kill()
    service.start()
    left = wait_until(lambda: not [f for f in os.listdir(os.path.join(service.data, "backups"))
                                   if f.startswith(".")], 5)
    ok(left, "what the kills left in the data folder is removed at the next start")


def digest(folder):
    """Whole or not, the answers (which nothing but people adds to), and the old exports."""
    db = open_database(folder)
    text = "".join(str(tuple(r)) for r in db.execute(
        "SELECT id, item, person, body, created FROM answer ORDER BY id"))
    ok_ = db.execute("PRAGMA quick_check").fetchone()[0] == "ok"
    db.close()
    exports = os.path.join(folder, "exports")
    marks = sorted(os.listdir(exports)) if os.path.isdir(exports) else []
    return ok_, hashlib.sha256(text.encode()).hexdigest(), tuple(marks)


def killed_restores(service, rng):
    """One folder, restored over and over from two backups, killed at random moments."""
    folder = os.path.join(service.folder, "swapped")
    files = [os.path.join(service.folder, f"backup-{n}.tar" + ("", ".gz", ".zst")[n % 3])
             for n in range(2)]
    pure = []
    for n, file in enumerate(files):
        command("restore", "--data", os.path.join(service.folder, f"pure-{n}"), file)
        pure.append(digest(os.path.join(service.folder, f"pure-{n}"))[1])
    command("restore", "--data", folder, files[0])
    os.makedirs(os.path.join(folder, "exports"), exist_ok=True)
    open(os.path.join(folder, "exports", "exp_1.manifest"), "w").close()
    now, mixed, changed, longest = 0, [], 0, 0.0
    started = time.monotonic()
    command("restore", "--data", os.path.join(service.folder, "timed"), files[1])
    longest = time.monotonic() - started
    for n in range(3 * KILLS):
        p = subprocess.Popen([PROGRAM, "restore", "--force", "--data", folder, files[1 - now]],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0, 1.1 * longest))
        p.kill()
        p.wait()
        status, text = command("work", "--until-idle", "--data", folder)
        whole, content, marks = digest(folder)
        # Work opens the folder: what was cut off is taken back or finished.
        if status != 0 or not whole or content not in pure:
            mixed.append((n, status, text[-300:], whole))
            break
        if content != pure[now]:
            now, changed = 1 - now, changed + 1
            if marks:
                mixed.append((n, "the old exports beside the new database", marks))
            open(os.path.join(folder, "exports", "exp_1.manifest"), "w").close()
        elif marks != ("exp_1.manifest",):
            mixed.append((n, "the old database without its exports", marks))
            break
    equal(mixed, [], f"{3 * KILLS} killed restores: old content or new, never a mixture")
    left = [f for f in os.listdir(folder) if f.startswith((".plumbline", ".before"))]
    equal(left, [], "and nothing is left over")
    say(f"{changed} of them were finished when the kill came")


def main():
    rng = random.Random(SEED)
    lines, labels = make_texts(LINES, SEED)
    with Service("--undo-seconds", "1") as service:
        lead = service.client(service.token("lead", "lead"))
        tokens = [service.token(f"person-{n}", "annotator") for n in range(PEOPLE)]
        job = lead.new_job("loaded", lines, open_items=5000)
        annotators = [Annotator(service, t, f"p{n}", job, labels) for n, t in enumerate(tokens)]
        for a in annotators:
            a.start()
        wait_until(lambda: len(acknowledged(annotators)) > 500, 60)
        back_up_under_load(service, job, annotators)
        killed_backups(service, job, annotators, rng)
        for a in annotators:
            a.over.set()
        for a in annotators:
            a.join(30)
        equal([a.refused for a in annotators if a.refused], [], "nobody was refused anything")
        db = service.database()
        stored = {r[0] for r in db.execute("SELECT id FROM answer")}
        equal(sorted(acknowledged(annotators) - stored), [], "no acknowledged answer is lost")
        db.close()
        say(f"{len(stored)} answers in all")
        killed_restores(service, rng)
    finish()


if __name__ == "__main__":
    main()
