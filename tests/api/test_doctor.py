#!/usr/bin/env python3
"""Doctor: every fault that it looks for is made, found, named with what to do, and gone again."""
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import harness
from harness import PLUMBLINE, answer, command, leased, text_job, wait

PLACE = tempfile.mkdtemp(prefix="plumbline-doctor-")
server = harness.Server()
admin = server.person("root", "admin")
lead = server.person("lead", "lead")
worker = server.person("worker")
job = text_job(lead, "letters", 30, start=True)
FOLDER = os.path.join(PLACE, "copy")


def doctor(*flags, data=None, env=None):
    """(status, {what: (level, found, advice)}) of the JSON form; the worst findings of each name."""
    status, output, errors = command("doctor", "--data", data or FOLDER, "--json", *flags, env=env)
    report = json.loads(output)
    order, worst = ("ok", "warn", "fail"), {}
    for c in report["checks"]:
        assert (c["level"] == "ok") == ("advice" not in c), c
        old = worst.get(c["what"])
        if old and old[0] == c["level"] != "ok":
            worst[c["what"]] = (old[0], f"{old[1]}; {c['found']}", f"{old[2]}; {c['advice']}")
        elif not old or order.index(c["level"]) > order.index(old[0]):
            worst[c["what"]] = (c["level"], c["found"], c.get("advice"))
    assert status == (1 if report["failures"] else 0), (status, report)
    assert report["failures"] == sum(c["level"] == "fail" for c in report["checks"])
    return status, worst


def finds(what, level, words="", **k):
    """Exactly this is wrong."""
    status, worst = doctor(**k)
    assert worst[what][0] == level, worst[what]
    assert words in worst[what][1] + " " + (worst[what][2] or ""), worst[what]
    others = {w: v for w, v in worst.items() if v[0] == "fail" and w != what}
    assert not others, others
    return worst[what]


def change(sql):
    with contextlib.closing(sqlite3.connect(f"{FOLDER}/plumbline.db")) as db, db:
        db.execute(sql)


def test_beside_a_service_all_is_well():
    for task in leased(worker, job, 5):
        answer(worker, job, task, "green")
    wait(lambda: harness.counts(lead, job)["human"] == 5)
    status, output, errors = command("doctor", "--data", server.data)
    assert status == 0, (output, errors)
    lines = output.splitlines()
    assert all(l.startswith(("ok    ", "warn  ")) for l in lines), output
    assert len(lines) >= 14 and any("process" in l for l in lines)
    status, worst = doctor("--deep", data=server.data)
    assert worst["foreign keys"][0] == "ok" and "integrity_check" in worst["database"][1], worst
    assert status == 0


def test_the_same_over_rest():
    report = admin.want(200, "GET", "/api/v1/doctor").json
    assert report["failures"] == 0
    names = [c["what"] for c in report["checks"]]
    quick = [c["what"] for c in admin.want(200, "GET", "/api/v1/doctor?quick=1")["checks"]]
    assert {"database", "counters"} <= set(names) and not {"database", "counters"} & set(quick)
    admin.want(422, "GET", "/api/v1/doctor?quick=7")
    lead.want(403, "GET", "/api/v1/doctor")


def test_without_a_service():
    status, _, errors = command("backup", "--data", server.data, f"{PLACE}/b.tar")
    assert status == 0, errors
    status, _, errors = command("restore", "--data", FOLDER, "--force",
                                f"{PLACE}/b.tar")
    assert status == 0, errors
    shutil.copy(f"{server.data}/secret.key", FOLDER)
    before = sorted(os.listdir(FOLDER))
    status, worst = doctor()
    assert status == 0, worst
    assert worst["service"][1] == "none runs on this folder"
    assert [f for f in sorted(os.listdir(FOLDER)) if not f.startswith("plumbline.db-")] == before


def test_a_folder_that_is_not_there():
    status, output, _ = command("doctor", "--data", f"{PLACE}/nothing")
    assert status == 1 and "FAIL  data folder" in output and "--data" in output, output
    assert not os.path.exists(f"{PLACE}/nothing")
    os.mkdir(f"{PLACE}/empty")
    status, output, _ = command("doctor", "--data", f"{PLACE}/empty")
    assert status == 1 and "restore" in output and not os.listdir(f"{PLACE}/empty"), output


def test_rights():
    os.chmod(FOLDER, 0o777)
    assert "chmod 700" in finds("data folder", "fail", "other users may write")[2]
    os.chmod(FOLDER, 0o755)
    finds("data folder", "warn", "other users may look")
    os.chmod(FOLDER, 0o700)
    os.chmod(f"{FOLDER}/secret.key", 0o644)
    assert "chmod 600" in finds("secret.key", "fail", "0644")[2]
    os.chmod(f"{FOLDER}/secret.key", 0o600)
    for size in (0, 31, 33):
        shutil.copy(f"{FOLDER}/secret.key", f"{PLACE}/whole.key")
        os.truncate(f"{FOLDER}/secret.key", size)
        assert "restore" in finds("secret.key", "fail", f"{size} bytes")[2]
        shutil.copy(f"{PLACE}/whole.key", f"{FOLDER}/secret.key")
    finds("secret.key", "ok")
    os.rename(f"{FOLDER}/secret.key", f"{PLACE}/secret.key")
    finds("secret.key", "warn", "not there")
    os.rename(f"{PLACE}/secret.key", f"{FOLDER}/secret.key")
    finds("data folder", "ok")


def as_nobody(before):
    """What doctor says after `before` to somebody who does not own the folder."""
    p = subprocess.run(["unshare", "-m", "sh", "-c", f"{before}; exec setpriv --reuid=65534 "
                        "--clear-groups \"$0\" doctor --data \"$1\"", PLUMBLINE, FOLDER],
                       capture_output=True, text=True, timeout=60)
    return p


def test_what_is_not_the_content_of_the_database():
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False,
                                           capture_output=True).returncode != 0:
        print("# needs root and mount namespaces: skipped")
        return
    open_to = os.stat(PLACE).st_mode & 0o777
    os.chmod(PLACE, 0o755)
    for mode in (0o700, 0o755):
        os.chmod(FOLDER, mode)
        p = as_nobody("true")
        assert p.returncode == 1 and "sudo -u" in p.stdout, (p.stdout, p.stderr)
        assert "--force" not in p.stdout and "holds no" not in p.stdout, p.stdout
    os.chmod(FOLDER, 0o700)
    os.chmod(PLACE, open_to)
    p = subprocess.run(["unshare", "-m", "sh", "-c", "mount --bind \"$1\" \"$1\" && mount -o "
                        "remount,ro,bind \"$1\" && exec \"$0\" doctor --data \"$1\"", PLUMBLINE,
                        FOLDER], capture_output=True, text=True, timeout=60)
    if "mount:" not in p.stderr:
        assert p.returncode == 1 and "remount,rw" in p.stdout, (p.stdout, p.stderr)
        assert "--force" not in p.stdout, p.stdout


# What is kept, and how it goes wrong.
WRONG = {
    "items by state": "UPDATE job_count SET waiting = waiting + 1",
    "lines": "UPDATE job SET next_line = next_line + 2",
    "answers": "UPDATE job_count SET answers = answers + 1",
    "skips": "UPDATE job_count SET skips = skips + 3",
    "guesses": "UPDATE job_count SET provisional = 7",
    "people's labels by class": "UPDATE class_count SET human = human + 1",
    "the machine's labels by class": "UPDATE class_count SET machine = machine + 1",
    "answers of a job's annotators": "UPDATE annotator SET answers = answers - 1",
    "active time of a job's annotators": "UPDATE annotator SET active_ms = active_ms + 1",
    "answers by hour": "DELETE FROM activity WHERE person > 0",
    "answers of a person": "UPDATE person SET answers = answers + 1 WHERE answers > 0",
    "people on an item": "UPDATE item SET taken = taken + 1 WHERE done > 0",
    "answers to an item": "UPDATE item SET done = 9 WHERE state = 1",
    "open items with a free place": "DELETE FROM front",
}


def test_every_counter_is_counted_and_put_right():
    shutil.copy(f"{FOLDER}/plumbline.db", f"{PLACE}/right.db")
    _, output, _ = command("doctor", "--data", FOLDER)
    kinds = next(l for l in output.splitlines() if "counters" in l)
    assert f"{len(WRONG)} kinds agree" in kinds, kinds

    def content():
        with contextlib.closing(sqlite3.connect(f"{FOLDER}/plumbline.db")) as db:
            return [sorted(db.execute(f"SELECT * FROM {t}").fetchall(), key=repr) for t in
                    ("job_count", "class_count", "activity", "person", "item", "front", "job")] + [
                sorted(db.execute("SELECT job, person, answers, active_ms FROM annotator"))]

    right = content()
    for name, sql in WRONG.items():
        change(sql)
        assert content() != right, name
        found = finds("counters", "fail")
        status, output, _ = command("doctor", "--data", FOLDER)
        told = [l for l in output.splitlines() if l.startswith(f"FAIL  counters: {name} of ")]
        assert told and "--repair-counters" in told[0], (name, output, found)
        status, output, errors = command("doctor", "--data", FOLDER, "--repair-counters")
        assert status == 0 and "put right" in errors, (name, output, errors)
        assert content() == right, name
    status, _, errors = command("doctor", "--data", FOLDER, "--repair-counters")
    assert status == 0 and "no counter was wrong" in errors


def test_counters_are_not_repaired_beside_a_service():
    status, output, errors = command("doctor", "--data", server.data, "--repair-counters")
    assert status == 1 and not output and "stop it" in errors, (output, errors)


def test_a_damaged_database():
    size = os.path.getsize(f"{FOLDER}/plumbline.db")
    with open(f"{FOLDER}/plumbline.db", "r+b") as f:
        f.seek(4096 * 6)
        f.write(b"\xaa" * 4096 * 3)
    status, output, _ = command("doctor", "--data", FOLDER)
    assert status == 1 and "FAIL  database" in output and "restore" in output, output
    with open(f"{FOLDER}/plumbline.db", "wb") as f:
        f.write(b"no database" * 1000)
    status, output, _ = command("doctor", "--data", FOLDER)
    assert status == 1 and "FAIL  database: it cannot be read" in output, output
    shutil.copy(f"{PLACE}/right.db", f"{FOLDER}/plumbline.db")
    for log in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{FOLDER}/plumbline.db{log}")
    assert size and doctor()[0] == 0


def test_rows_that_point_to_nothing():
    with contextlib.closing(sqlite3.connect(f"{FOLDER}/plumbline.db")) as db, db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("INSERT INTO team_member VALUES(77, 78)")
    status, worst = doctor("--deep")
    assert status == 1 and worst["foreign keys"][0] == "fail" and "2 rows" in \
        worst["foreign keys"][1], worst["foreign keys"]
    change("DELETE FROM team_member")


def test_schemas():
    newest = server.rows("PRAGMA user_version")[0][0]
    change("PRAGMA user_version = 9999")
    finds("migrations", "fail", "newer Plumbline")
    status, output, errors = command("doctor", "--data", FOLDER, "--repair-counters")
    assert status == 1 and not output and "newer Plumbline" in errors and \
        "no counter was wrong" not in errors, errors
    change(f"PRAGMA user_version = {newest - 1}")
    finds("migrations", "warn", "next start")
    status, _, errors = command("doctor", "--data", FOLDER, "--repair-counters")
    assert status == 1 and "not looked at" in errors, errors
    change(f"PRAGMA user_version = {newest}")


def test_a_clock_behind_the_data():
    change("UPDATE person SET created = created + 36000000000")
    assert "set the clock" in finds("clock", "fail", "behind the newest entry")[2]
    change("UPDATE person SET created = created - 36000000000")
    finds("clock", "ok")


def test_leftovers_and_logs():
    os.makedirs(f"{FOLDER}/exports", exist_ok=True)
    open(f"{FOLDER}/exports/exp_1.manifest.part-abc", "w").close()
    finds("leftovers", "warn", "next start")
    os.unlink(f"{FOLDER}/exports/exp_1.manifest.part-abc")
    os.mkdir(f"{FOLDER}/before-restore-20260101T000000Z")
    finds("leftovers", "warn", "before a restore")
    os.rmdir(f"{FOLDER}/before-restore-20260101T000000Z")
    open(f"{FOLDER}/plumbline.db-wal", "wb").close()
    with open(f"{FOLDER}/plumbline.db-wal", "r+b") as f:
        f.truncate(600 << 20)
    status, worst = doctor()
    assert worst["log of the database"][0] in ("warn", "ok"), worst  # opening it may have cut it
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{FOLDER}/plumbline.db-wal")


def test_backups():
    finds("backups", "warn", "--backup-to")
    status, _, errors = command("backup", "--data", FOLDER, f"{PLACE}/file.tar")
    assert status == 0, errors
    finds("backups", "ok", "a file elsewhere at 2")
    os.unlink(f"{FOLDER}/backups/schedule.json")
    old = f"{PLACE}/elsewhere"
    os.mkdir(old)
    shutil.copy(f"{PLACE}/b.tar", f"{old}/plumbline-20200101T000000Z.tar")
    _, worst = doctor("--backup-to", old)
    assert worst["backups"][0] == "warn" and "days old" in worst["backups"][1] + worst["backups"][2]
    status, worst = doctor("--backup-to", old, "--deep")
    assert status == 0, worst["backups"]
    with open(f"{old}/plumbline-20200101T000000Z.tar", "r+b") as f:
        f.truncate(30000)
    status, worst = doctor("--deep", env={"PLUMBLINE_BACKUP_TO": old})
    assert status == 1 and "cut off" in worst["backups"][1], worst["backups"]


def test_addresses():
    for url, level in (("https://label.example.org", "ok"), ("http://127.0.0.1:8080", "ok"),
                       ("label.example.org", "fail"), ("https://", "fail"),
                       ("https://example.org/label", "fail"), ("https://u@example.org", "fail")):
        status, worst = doctor("--public-url", url)
        assert worst["address"][0] == level, (url, worst["address"])
    open_one = harness.Server("--listen", "0.0.0.0:0")
    try:
        found = [c for c in open_one.local.want(200, "GET", "/api/v1/doctor?quick=1")["checks"]
                 if c["what"] == "address"]
        assert found[0]["level"] == "warn" and "TLS" in found[0]["found"], found
    finally:
        open_one.close()


def limited(limit):
    p = subprocess.run(["sh", "-c", f"{limit}; exec \"$0\" doctor --json --data \"$1\"", PLUMBLINE,
                        FOLDER], capture_output=True, text=True, timeout=60)
    return {c["what"]: c for c in json.loads(p.stdout)["checks"]}


def test_limits_of_the_system():
    found = limited("ulimit -n 300")["open files"]
    assert found["level"] == "warn" and "300" in found["found"] and "LimitNOFILE" in found["advice"]


def test_the_folder_goes():
    shutil.rmtree(PLACE, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
