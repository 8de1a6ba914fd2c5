#!/usr/bin/env python3
"""Backup and restore: what goes out comes in again, what is not whole is refused before anything is
touched, and the schedule keeps what it should."""
import contextlib
import glob
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time

import harness
from harness import PLUMBLINE, SAMPLES, answer, command, items, leased, text_job, wait

PLACE = tempfile.mkdtemp(prefix="plumbline-backups-")
SCHEDULED = os.path.join(PLACE, "scheduled")
server = harness.Server("--samples", SAMPLES, "--backup-to", SCHEDULED, "--backup-every", "1000",
                        "--backup-keep", "2")
admin = server.person("root", "admin")
lead = server.person("lead", "lead")
worker = server.person("worker")
job = text_job(lead, "letters", 30, start=True)


def place(*parts):
    return os.path.join(PLACE, *parts)


def failed(*arguments, status=1):
    got, output, errors = command(*arguments)
    assert got == status and not output, (got, output, errors)
    lines = [l for l in errors.splitlines() if l.startswith("plumbline ")]
    assert len(lines) == 1, errors
    return lines[0]


def rows_of(path, sql):
    db = sqlite3.connect(path)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def change(folder, sql):
    db = sqlite3.connect(f"{folder}/plumbline.db")
    with db:
        db.execute(sql)
    db.close()


def repacked(alter, name="repacked.tar"):
    """The good backup with some entries altered: alter(list of [name, bytes, link])."""
    with tarfile.open(place("good.tar")) as tar:
        entries = [[m.name, tar.extractfile(m).read(), None] for m in tar]
    alter(entries)
    with tarfile.open(place(name), "w", format=tarfile.PAX_FORMAT) as tar:
        for entry, data, kind in entries:
            info = tarfile.TarInfo(entry)
            info.size = len(data) if not kind else 0
            if kind:
                info.type, info.linkname = tarfile.SYMTYPE, kind
            tar.addfile(info, io.BytesIO(data) if not kind else None)
    return place(name)


def state_of(folder):
    """Every file below it and its bytes; the lock and logs of SQLite are nobody's content."""
    return {os.path.relpath(f, folder): hashlib.sha256(open(f, "rb").read()).hexdigest()
            for f in glob.glob(f"{folder}/**", recursive=True) +
            glob.glob(f"{folder}/.*")
            if os.path.isfile(f) and not f.endswith((".lock", "-shm", "-wal"))}


def test_a_backup_of_a_running_service():
    for task in leased(worker, job, 5):
        answer(worker, job, task, "green")
    wait(lambda: not any(i["state"] == "running" for j in lead.get("/api/v1/jobs")["jobs"]
                         for i in lead.get(f"/api/v1/jobs/{j['id']}/imports")["imports"]), 60)
    wait(lambda: harness.counts(lead, job)["human"] == 5)
    for j in lead.get("/api/v1/jobs")["jobs"]:  # the samples' learning is not what this is about
        if j["id"] != job:
            lead.want(200, "POST", f"/api/v1/jobs/{j['id']}/pause")
    status, output, errors = command("backup", "--data", server.data, place("good.tar"))
    assert status == 0 and "verified" in output and "5 answers" in output, (output, errors)
    with tarfile.open(place("good.tar")) as tar:
        names = tar.getnames()
        contents = json.load(tar.extractfile("contents.json"))
        database = tar.extractfile("plumbline.db").read()
        for m in tar:
            if m.name.startswith("blobs/"):
                assert hashlib.sha256(tar.extractfile(m).read()).hexdigest() == m.name[-64:]
    blobs = [n for n in names if n.startswith("blobs/")]
    assert names[:2] == ["contents.json", "plumbline.db"] and names[-1] == "end.json", names[:3]
    assert len(blobs) == 600 and "secret.key" not in names, (len(blobs), names[:5])
    assert contents["database_sha256"] == hashlib.sha256(database).hexdigest()
    assert contents["answers"] == 5 and contents["schema"] > 0
    assert os.stat(place("good.tar")).st_mode & 0o77 == 0, "others may read the backup"


def test_compressed_by_the_name_and_standard_output():
    sizes = {}
    for name, magic in (("b.tar.gz", b"\x1f\x8b"), ("b.tar.zst", b"\x28\xb5\x2f\xfd")):
        status, _, errors = command("backup", "--data", server.data, "--db-only", place(name))
        assert status == 0, errors
        with open(place(name), "rb") as f:
            assert f.read(len(magic)) == magic
        sizes[name] = os.path.getsize(place(name))
    p = subprocess.run([PLUMBLINE, "backup", "--data", server.data, "--db-only", "-"],
                       capture_output=True, timeout=60)
    with tarfile.open(fileobj=io.BytesIO(p.stdout)) as tar:
        assert tar.getnames() == ["contents.json", "plumbline.db", "end.json"]
    assert all(s < len(p.stdout) / 2 for s in sizes.values()), (sizes, len(p.stdout))


def test_secrets_only_when_asked_for():
    command("backup", "--data", server.data, "--db-only", "--with-secrets", place("key.tar"))
    with tarfile.open(place("key.tar")) as tar:
        key = tar.extractfile("secret.key").read()
    assert key == open(f"{server.data}/secret.key", "rb").read()
    assert admin.want(403, "POST", "/api/v1/backups", {"secrets": True}).code == "backup.local_only"
    assert admin.want(403, "POST", "/api/v1/backups",
                      {"pipe": ".plumbline-pipe-1"}).code == "backup.local_only"
    server.local.want(422, "POST", "/api/v1/backups", {"pipe": "../../etc/passwd"})


def test_what_cannot_be_written_is_said():
    assert "cannot be written" in failed("backup", "--data", server.data,
                                         place("no-such-folder/x.tar"))
    assert "buckets" in failed("backup", "--data", server.data, "s3://bucket/x.tar")
    assert "data folder" in failed("backup", "--data", place("nothing"), place("x.tar"))
    failed("backup", "--data", server.data, status=2)
    assert not glob.glob(place("x.tar*"))


def test_a_restored_folder_is_the_same_service():
    before = [lead.get(f"/api/v1/jobs/{job}/items/{i['id']}").json for i in items(lead, job)]
    status, output, errors = command("restore", "--data", place("copy"), place("good.tar"))
    assert status == 0 and "600 pictures" in output, (output, errors)
    copy = harness.Server(data=place("copy"))
    try:
        there = harness.Client(copy, lead.token)
        after = [there.get(f"/api/v1/jobs/{job}/items/{i['id']}").json for i in items(there, job)]
        assert after == before
        picture = next(j for j in there.get("/api/v1/jobs")["jobs"] if "image" in j["type"])
        image = items(there, picture["id"])[0]["id"]
        there.want(200, "GET", f"/api/v1/items/{image}/media")
        there.want(200, "GET", f"/api/v1/items/{image}/preview?size=160")
        report = copy.local.want(200, "GET", "/api/v1/doctor").json
        assert report["failures"] == 0, report
    finally:
        copy.close()


def test_restore_refuses_to_overwrite():
    before = state_of(place("copy"))
    said = failed("restore", "--data", place("copy"), place("good.tar"))
    assert "--force" in said and "already holds" in said, said
    assert state_of(place("copy")) == before


def test_restore_refuses_beside_a_service():
    for flags in ((), ("--force",)):
        said = failed("restore", "--data", server.data, *flags, place("good.tar"))
        assert "stop it" in said, said


def test_with_force_the_old_content_is_kept():
    os.makedirs(place("copy", "exports"), exist_ok=True)
    with open(place("copy", "exports", "exp_1.manifest"), "w") as f:
        f.write("old")
    change(place("copy"), "UPDATE job SET title = 'changed'")
    status, output, errors = command("restore", "--data", place("copy"), "--force",
                                     place("good.tar"))
    assert status == 0 and "is kept in" in output, (output, errors)
    aside = output.split("kept in ")[1].split(";")[0]
    assert rows_of(f"{aside}/plumbline.db", "SELECT DISTINCT title FROM job") == [("changed",)]
    assert open(f"{aside}/exports/exp_1.manifest").read() == "old"
    assert not os.path.exists(place("copy", "exports", "exp_1.manifest"))
    assert rows_of(place("copy", "plumbline.db"),
                   "SELECT count(*) FROM job WHERE title = 'changed'") == [(0,)]
    assert not glob.glob(place("copy", ".before*")) and not glob.glob(place("copy", ".plumbline*"))


def test_damaged_backups_are_refused_before_anything_is_touched():
    good = open(place("good.tar"), "rb").read()
    flipped = bytearray(good)
    at = good.find(b"SQLite format 3") + 5000
    flipped[at] ^= 1
    cases = {
        "cut in the middle": (good[:len(good) // 2], "cut off"),
        "cut in the database": (good[:20000], "cut off"),
        "one bit": (bytes(flipped), "SHA-256"),
        "no archive": (b"just some text that is no archive at all\n" * 40, "not a backup"),
        "empty": (b"", "not a backup"),
    }
    before = state_of(place("copy"))
    for name, (data, word) in cases.items():
        with open(place("bad.tar"), "wb") as f:
            f.write(data)
        said = failed("restore", "--data", place("copy"), "--force", place("bad.tar"))
        assert word in said, (name, said)
        assert state_of(place("copy")) == before, name


def test_foreign_archives_are_refused():
    def climb(entries):
        entries[2][0] = "../../climbed"

    def link(entries):
        entries[1][2] = "/etc/passwd"

    def other_blob(entries):
        entries[2][1] = b"other bytes"

    def huge(entries):
        contents = json.loads(entries[0][1])
        contents["database_bytes"] = 10**15
        entries[0][1] = json.dumps(contents).encode()

    def newer(entries):
        contents = json.loads(entries[0][1])
        contents["schema"] = 9999
        entries[0][1] = json.dumps(contents).encode()

    def fewer(entries):
        del entries[5]

    before = state_of(place("copy"))
    for alter, word in ((climb, "does not belong"), (link, "not a plain file"),
                        (other_blob, "SHA-256"), (huge, "another size"),
                        (newer, "newer Plumbline"), (fewer, "missing")):
        said = failed("restore", "--data", place("copy"), "--force", repacked(alter))
        assert word in said, (alter.__name__, said)
        assert state_of(place("copy")) == before, alter.__name__
    assert not os.path.exists(os.path.join(os.path.dirname(PLACE), "climbed"))
    assert "No such file" in failed("restore", "--data", place("copy"), "--force", place("none.tar"))


def test_a_database_with_wrong_content_is_refused():
    """Right digest, and still no database that can be used."""
    def broken(entries):
        data = bytearray(entries[1][1])
        data[4096 * 3:4096 * 6] = b"\x55" * (4096 * 3)
        entries[1][1] = bytes(data)
        contents = json.loads(entries[0][1])
        contents["database_sha256"] = hashlib.sha256(data).hexdigest()
        entries[0][1] = json.dumps(contents).encode()

    before = state_of(place("copy"))
    assert "damaged" in failed("restore", "--data", place("copy"), "--force", repacked(broken))
    assert state_of(place("copy")) == before


def test_a_restore_that_was_killed_is_taken_back():
    """The state between moving the old things aside and the new database taking its place."""
    folder = place("killed")
    command("restore", "--data", folder, place("good.tar"))
    os.makedirs(f"{folder}/exports", exist_ok=True)
    open(f"{folder}/exports/exp_1.manifest", "w").write("mine")
    aside = f"{folder}/.before-restore-20260101T000000Z"
    os.mkdir(aside)
    os.rename(f"{folder}/exports", f"{aside}/exports")
    os.link(f"{folder}/plumbline.db", f"{aside}/plumbline.db")
    os.makedirs(f"{folder}/.plumbline-restore-abc/blobs")
    status, _, errors = command("work", "--data", folder, "--until-idle")
    assert status == 0, errors
    assert open(f"{folder}/exports/exp_1.manifest").read() == "mine"
    assert not os.path.exists(aside)
    # and after it: the dot goes
    os.mkdir(aside)
    shutil.copy(f"{folder}/plumbline.db", f"{aside}/plumbline.db")
    os.mkdir(f"{aside}/exports")
    status, _, errors = command("work", "--data", folder, "--until-idle")
    assert status == 0, errors
    assert os.path.exists(f"{folder}/before-restore-20260101T000000Z/plumbline.db")
    assert open(f"{folder}/exports/exp_1.manifest").read() == "mine"


def test_without_a_service_the_command_line_does_it():
    status, output, errors = command("backup", "--data", place("copy"), place("alone.tar.zst"))
    assert status == 0 and "verified" in output, errors
    status, output, errors = command("restore", "--data", place("again"), place("alone.tar.zst"))
    assert status == 0, errors
    assert not glob.glob(place("copy", "backups", ".*")), "something is left over"


def test_over_rest():
    made = admin.want(202, "POST", "/api/v1/backups", {"compression": "zstd"})
    assert made["state"] == "running" and made["kind"] == "manual"
    done = wait(lambda: (r := admin.want(200, "GET", f"/api/v1/backups/{made['id']}"))["state"] !=
                "running" and r.json, 60)
    assert done["state"] == "done" and done["verified"], done
    listed = admin.want(200, "GET", "/api/v1/backups")
    assert made["id"] in [b["id"] for b in listed["backups"]]
    whole = admin.want(200, "GET", done["url"]).body
    assert len(whole) == done["bytes"] == os.path.getsize(f"{server.data}/backups/{made['id']}")
    part = admin.call("GET", done["url"], headers={"Range": "bytes=100-199"})
    assert part.status == 206 and part.body == whole[100:200]
    with open(place("fetched.tar.zst"), "wb") as f:
        f.write(whole)
    status, _, errors = command("restore", "--data", place("fetched"), place("fetched.tar.zst"))
    assert status == 0, errors
    admin.want(204, "DELETE", f"/api/v1/backups/{made['id']}")
    admin.want(404, "GET", f"/api/v1/backups/{made['id']}")
    admin.want(404, "DELETE", f"/api/v1/backups/{made['id']}")
    assert not os.path.exists(f"{server.data}/backups/{made['id']}")
    admin.want(404, "GET", "/api/v1/backups/..%2Fsecret.key/download")


def test_only_admins():
    for person in (lead, worker):
        for method, path, body in (("POST", "/api/v1/backups", {}), ("GET", "/api/v1/backups", None),
                                   ("GET", "/api/v1/doctor", None)):
            assert person.want(403, method, path, body).code == "role.forbidden"


def test_the_schedule_makes_the_first_at_once():
    listed = wait(lambda: (r := admin.want(200, "GET", "/api/v1/backups"))["schedule"].get(
        "last_success") and r.json)
    schedule = listed["schedule"]
    assert schedule["to"] == SCHEDULED and schedule["keep"] == 2 and not schedule["failing"]
    names = os.listdir(SCHEDULED)
    assert names == [schedule["last_file"]], names
    assert any(b["id"] == names[0] and b["kind"] == "scheduled" for b in listed["backups"])
    metrics = admin.get("/metrics", check=False).body.decode()
    line = next(l for l in metrics.splitlines()
                if l.startswith("plumbline_backup_last_success_timestamp_seconds "))
    assert abs(float(line.split()[1]) - time.time()) < 600, line


def test_missed_times_are_caught_up_and_old_ones_go():
    server.stop()
    keep = place("scheduled", "mine.tar")
    open(keep, "w").write("not a backup")
    for name in ("plumbline-20200101T000000Z.tar.zst", "plumbline-20200102T000000Z.tar.zst"):
        open(place("scheduled", name), "w").write("old")
    path = f"{server.data}/backups/schedule.json"
    memory = json.load(open(path))
    memory["last_success"] -= 2000 * 3600 * 10**6
    memory["files"] += ["plumbline-20200101T000000Z.tar.zst", "plumbline-20200102T000000Z.tar.zst"]
    json.dump(memory, open(path, "w"))
    first = memory["last_file"]
    time.sleep(1.1)
    server.start()
    for client in (admin, lead, worker):
        client.connection = None
    wait(lambda: len([n for n in os.listdir(SCHEDULED) if n.endswith(".zst")]) == 2 and
         admin.get("/api/v1/backups")["schedule"].get("last_file") != first)
    names = sorted(os.listdir(SCHEDULED))
    assert first in names and "mine.tar" in names and not any("2020" in n for n in names), names
    server.restart()  # nothing is due: nothing is made
    admin.connection = None
    time.sleep(1.5)
    assert sorted(os.listdir(SCHEDULED)) == names


def test_a_folder_that_two_services_share():
    shared = place("shared")
    os.mkdir(shared)
    theirs = ["plumbline-20200101T000000Z.tar.zst", "plumbline-20990101T000000Z.tar.zst"]
    for name in theirs:
        open(f"{shared}/{name}", "w").write("another service's")
    other = harness.Server("--backup-to", shared, "--backup-keep", "1")
    try:
        for turn in (1, 2):
            wait(lambda: len(os.listdir(shared)) == 3 and
                 os.path.exists(f"{other.data}/backups/schedule.json"))
            path = f"{other.data}/backups/schedule.json"
            wait(lambda: json.load(open(path))["last_file"] in os.listdir(shared))
            own = json.load(open(path))["last_file"]
            assert sorted(os.listdir(shared)) == sorted(theirs + [own]), os.listdir(shared)
            if turn == 1:
                other.stop()
                memory = json.load(open(path))
                assert memory["files"] == [own], memory
                memory["last_success"] = 1
                json.dump(memory, open(path, "w"))
                time.sleep(1.1)
                other.start()
                wait(lambda: json.load(open(path))["last_file"] != own)
    finally:
        other.close()


def test_a_schedule_that_fails_says_so_everywhere():
    server.stop()
    path = f"{server.data}/backups/schedule.json"
    memory = json.load(open(path))
    memory["last_success"] = 1
    json.dump(memory, open(path, "w"))
    os.rename(SCHEDULED, place("away"))
    open(SCHEDULED, "w").write("a file where a folder should be")
    server.start()
    admin.connection = lead.connection = worker.connection = None
    schedule = wait(lambda: (s := admin.get("/api/v1/backups")["schedule"])["failing"] and s)
    assert SCHEDULED in schedule["failure"], schedule
    findings = admin.want(200, "GET", "/api/v1/doctor?quick=1")["checks"]
    told = [f for f in findings if f["what"] == "backups" and f["level"] == "fail"]
    assert told and schedule["failure"] in told[0]["found"] and told[0]["advice"], findings
    assert "failed" in server.stderr()
    metrics = admin.get("/metrics", check=False).body.decode()
    assert any(l.startswith("plumbline_backup_last_failure_timestamp_seconds 1")
               for l in metrics.splitlines())
    server.stop()
    os.unlink(SCHEDULED)
    os.rename(place("away"), SCHEDULED)
    server.start()
    admin.connection = lead.connection = worker.connection = None


def test_schedules_that_cannot_be_are_refused_at_start():
    folder = place("again")
    said = failed("serve", "--data", folder, "--listen", "127.0.0.1:0", "--backup-to",
                  "s3://bucket/backups")
    assert "buckets cannot be used yet" in said, said
    said = failed("serve", "--data", folder, "--listen", "127.0.0.1:0", "--backup-to",
                  folder + "/backups")
    assert "inside the data folder" in said, said


def test_a_newer_database_is_refused():
    command("restore", "--data", place("newer"), place("good.tar"))
    change(place("newer"), "PRAGMA user_version = 9999")
    before = state_of(place("newer"))
    for arguments in (("serve", "--listen", "127.0.0.1:0"), ("work", "--until-idle")):
        said = failed(*arguments, "--data", place("newer"))
        assert "newer Plumbline (schema 9999" in said, said
    assert "newer Plumbline" in failed("backup", "--data", place("newer"), place("x.tar"))
    after = state_of(place("newer"))
    assert after == before, set(after) ^ set(before)
    status, output, _ = command("doctor", "--data", place("newer"))
    assert status == 1 and "FAIL  migrations" in output, output


def old_folder(name, shift=0):
    """A folder of schema 3 with nobody in it."""
    os.makedirs(place(name), mode=0o700)
    db = sqlite3.connect(place(name, "plumbline.db"))
    for path in sorted(glob.glob(os.path.join(harness.ROOT, "migrations/000[123]-*.sql"))):
        db.executescript(open(path).read())
    db.execute("INSERT INTO person(name, name_key, role, created) VALUES('ada', 'ada', 8, 1)")
    db.execute("PRAGMA user_version = 3")
    db.commit()
    db.execute("PRAGMA journal_mode = WAL")
    db.close()
    return place(name)


def test_a_copy_before_a_migration():
    folder = old_folder("old")
    status, _, errors = command("work", "--data", folder, "--until-idle")
    assert status == 0 and "is copied to" in errors, errors
    copies = glob.glob(f"{folder}/backups/plumbline-before-0004-*.db")
    assert len(copies) == 1, os.listdir(f"{folder}/backups")
    assert rows_of(copies[0], "PRAGMA user_version") == [(3,)]
    assert rows_of(copies[0], "SELECT name FROM person") == [("ada",)]
    assert rows_of(f"{folder}/plumbline.db", "PRAGMA user_version") > [(3,)]
    # the newest three stay
    for year in (2020, 2021, 2022):
        shutil.copy(copies[0], f"{folder}/backups/plumbline-before-0002-{year}0101T000000Z.db")
    # a copy can be restored as it is
    status, output, errors = command("restore", "--data", folder, "--force", copies[0])
    assert status == 0 and "schema 3" in output, (output, errors)
    command("work", "--data", folder, "--until-idle")
    left = sorted(os.path.basename(p) for p in glob.glob(f"{folder}/backups/*.db"))
    assert len(left) == 3 and left[0].startswith("plumbline-before-0002-2022"), left
    # a new folder has nothing to copy
    status, _, errors = command("work", "--data", place("fresh"), "--until-idle")
    assert status == 0 and "is copied" not in errors, errors


def test_no_migration_without_a_copy():
    folder = old_folder("full")
    with open(f"{folder}/backups", "w") as f:
        f.write("in the way of the folder")
    said = failed("work", "--data", folder, "--until-idle")
    assert "Nothing was changed" in said and "schema 3" in said, said
    assert rows_of(f"{folder}/plumbline.db", "PRAGMA user_version") == [(3,)]


def test_work_does_what_waits():
    folder = place("work")
    command("restore", "--data", folder, place("good.tar"))
    source = place("more.jsonl")
    with open(source, "w") as f:
        f.writelines(json.dumps({"source": f"more {i}"}) + "\n" for i in range(3000))
    with contextlib.closing(sqlite3.connect(f"{folder}/plumbline.db")) as db, db:
        db.execute("INSERT INTO import(job, state, source, path, owned, created)"
                   " VALUES(?, 0, 'more', ?, 0, 1)", (int(job[4:]), source))
        db.execute("INSERT INTO export(job, state, format, scope, provisional, created)"
                   " VALUES(?, 0, 0, 0, 0, 1)", (int(job[4:]),))
        items_before = db.execute("SELECT count(*) FROM item").fetchone()[0]
    started = time.monotonic()
    status, _, errors = command("work", "--data", folder, "--until-idle")
    assert status == 0, errors
    took = time.monotonic() - started
    assert took < 30, took
    db = f"{folder}/plumbline.db"
    assert rows_of(db, "SELECT count(*) FROM item") == [(items_before + 3000,)]
    assert rows_of(db, "SELECT count(*) FROM import WHERE state = 0") == [(0,)]
    assert rows_of(db, "SELECT count(*) FROM export WHERE state = 0") == [(0,)]
    assert rows_of(db, "SELECT answered FROM job_count WHERE job = %s" % job[4:]) == [(0,)]
    assert glob.glob(f"{folder}/exports/*.manifest")


def test_work_ends_when_told_and_not_beside_a_service():
    said = failed("work", "--data", server.data)
    assert "Another plumbline process" in said, said
    p = subprocess.Popen([PLUMBLINE, "work", "--data", place("work")], stderr=subprocess.DEVNULL)
    time.sleep(1)
    assert p.poll() is None
    said = failed("restore", "--data", place("work"), "--force", place("good.tar"))
    assert "stop it" in said
    started = time.monotonic()
    p.terminate()
    assert p.wait(10) == 0 and time.monotonic() - started < 10


def test_the_places_are_removed():
    shutil.rmtree(PLACE, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
