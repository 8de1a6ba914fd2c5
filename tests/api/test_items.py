#!/usr/bin/env python3
"""Items come in: as lines, tables, JSON, files and folders; nothing twice, not even after a kill."""
import json
import os
import shutil
import signal
import sys
import tempfile

import harness
from harness import command, counts, import_done, text_job, upload, wait

server = harness.Server()
lead = server.person("lead", "lead")
FOLDER = tempfile.TemporaryDirectory(prefix="plumbline-items-")


def image_job(name):
    return lead.want(201, "POST", "/api/v1/jobs", {
        "name": name, "type": "image-classification",
        "labels": [{"name": "cat"}, {"name": "dog"}]})["id"]


def pictures(kind, n):
    folder = os.path.join(harness.SAMPLES, "pictures")
    return [os.path.join(folder, f) for f in sorted(os.listdir(folder)) if f.endswith(kind)][:n]


def tally(done):
    return (done["state"], done["lines"], done["added"], done["duplicates"], done["failed"])


def test_json_lines():
    job = text_job(lead, "jsonl")
    body = ('\ufeff{"source":"one","id":"a"}\r\n\n{"text":"zwei ü 🙂","extra":{"k":[1,2.50]}}\n'
            '   \n{"source":"three","id":7}').encode()
    done = upload(lead, job, body)
    assert tally(done)[0] == "done" and tally(done)[2:] == (3, 0, 0), done
    shown = harness.items(lead, job)
    assert [i["text"] for i in shown] == ["one", "zwei ü 🙂", "three"]
    assert [i.get("key") for i in shown] == ["a", None, "7"], shown
    detail = lead.want(200, "GET", f"/api/v1/jobs/{job}/items/{shown[1]['id']}")
    assert detail["source_line"] == {"text": "zwei ü 🙂", "extra": {"k": [1, 2.5]}}


def test_csv():
    job = text_job(lead, "csv")
    done = upload(lead, job, 'id,text,note\r\nr1,"a, ""quoted""\nline",n\r\nr2,plain,\r\n'.encode(),
                  type="text/csv; charset=utf-8")
    assert tally(done)[2:] == (2, 0, 0), done
    shown = harness.items(lead, job)
    assert [(i["key"], i["text"]) for i in shown] == [("r1", 'a, "quoted"\nline'), ("r2", "plain")]


def test_items_in_one_json():
    job = text_job(lead, "json")
    done = upload(lead, job, json.dumps({"items": [{"source": "a"}, {"source": "b"}, 5]}).encode(),
                  type="application/json")
    assert tally(done)[2:] == (2, 0, 1) and done["errors"][0]["line"] == 3, done
    assert tally(upload(lead, job, b'{"items":[]}', type="application/json"))[0] == "done"
    assert not server.files("uploads")


def test_the_same_upload_twice_adds_nothing():
    job = text_job(lead, "twice")
    lines = [{"source": f"t{i % 7}"} for i in range(50)] + [{"source": "x", "id": "k"}]
    assert tally(upload(lead, job, lines)) == ("done", 51, 51, 0, 0)
    assert tally(upload(lead, job, lines)) == ("done", 51, 0, 51, 0)
    more = lines + [{"source": "t1"}, {"source": "other", "id": "k"}, {"source": "new"}]
    assert tally(upload(lead, job, more)) == ("done", 54, 2, 52, 0)
    assert counts(lead, job)["total"] == 53
    assert [i["line"] for i in harness.items(lead, job)] == list(range(53))
    bad = b"no json\n{}\n"
    assert tally(upload(lead, job, bad))[2:] == (0, 0, 2)
    assert tally(upload(lead, job, bad))[2:] == (0, 2, 0), "bad lines are not added twice either"
    assert counts(lead, job)["failed"] == 2


def test_items_are_filtered():
    job = text_job(lead, "filters", ["apple pie", "Banana", "100% apple_juice", "x"], start=True)
    found = lambda query: [i["text"] for i in harness.items(lead, job, "&" + query)]
    assert found("q=apple") == ["apple pie", "100% apple_juice"]
    assert found("q=%25") == ["100% apple_juice"] and found("q=_") == ["100% apple_juice"]
    wait(lambda: len(found("state=open")) == 4)
    assert found("state=waiting") == [] and found("state=labelled") == []
    ann = server.person("filter ann")
    for task in wait(lambda: harness.lease(ann, job, 3)):
        harness.answer(ann, job, task, "green" if task["source"] == "Banana" else "red")
    wait(lambda: counts(lead, job)["human"] == 3)
    assert found("label=green") == ["Banana"] and len(found("label=red")) == 2
    assert len(found("state=labelled")) == 3 and len(found("origin=human")) == 3
    assert found("origin=machine") == [] and found("origin=provisional") == []
    assert len(found(f"annotator={ann.id}")) == 3 and found(f"annotator={lead.id}") == []
    sure = {i["text"]: i["posterior"] for i in harness.items(lead, job) if "posterior" in i}
    assert len(sure) == 3 and found("below=0.01") == []
    for limit in (0.5, 0.9, 0.95, 1):
        assert set(found(f"below={limit}")) == {t for t, p in sure.items() if p < limit}, sure
    assert lead.get(f"/api/v1/jobs/{job}/items?label=pink").status == 422


def test_single_files_of_text():
    job = text_job(lead, "text-files")
    url = f"/api/v1/jobs/{job}/files?name="
    first = lead.want(201, "POST", url + "dir/a%20b.txt", "Grüße".encode())
    assert first["added"] is True
    again = lead.want(201, "POST", url + "dir/a%20b.txt", "Grüße".encode())
    assert again["added"] is False and "item" not in again.json
    assert lead.want(201, "POST", url + "dir/a%20b.txt", b"changed")["added"] is True
    shown = harness.items(lead, job)
    assert [i["text"] for i in shown] == ["Grüße", "changed"]
    assert counts(lead, job)["total"] == 2


def test_single_pictures_and_what_is_served_of_them():
    job = image_job("pictures")
    ann = server.person("picture ann")
    for path in pictures(".jpg", 2) + pictures(".png", 2):
        data = open(path, "rb").read()
        r = lead.want(201, "POST", f"/api/v1/jobs/{job}/files?name={os.path.basename(path)}", data)
        row = next(i for i in harness.items(lead, job) if i["id"] == r["item"])
        assert row["media"]["width"] > 0 and row["media"]["height"] > 0
        got = ann.want(200, "GET", row["media"]["url"])
        assert got.body == data
        kind = "image/jpeg" if path.endswith(".jpg") else "image/png"
        assert got.headers["Content-Type"] == kind
        assert ann.want(304, "GET", row["media"]["url"],
                        headers={"If-None-Match": got.headers["ETag"]}).body == b""
        part = ann.want(206, "GET", row["media"]["url"], headers={"Range": "bytes=10-19"})
        assert part.body == data[10:20]
        for size in (160, 1600):
            small = ann.want(200, "GET", f"{row['media']['preview']}?size={size}")
            assert small.body[:2] == b"\xff\xd8" and small.headers["Content-Type"] == "image/jpeg"
        assert ann.get(row["media"]["preview"] + "?size=7").status == 422
    assert counts(lead, job)["total"] == 4


def test_a_text_item_has_no_picture():
    job = text_job(lead, "no-picture", 1)
    item = harness.items(lead, job)[0]["id"]
    lead.want("404 media.not_found", "GET", f"/api/v1/items/{item}/media")
    lead.want("404 media.not_found", "GET", f"/api/v1/items/{item}/preview")


def test_a_folder_by_the_command_line():
    job = image_job("folder")
    root = os.path.join(FOLDER.name, "tree")
    os.makedirs(os.path.join(root, "deep/er"))
    chosen = pictures(".jpg", 3) + pictures(".png", 2)
    for path in chosen:
        shutil.copy(path, os.path.join(root, "deep/er" if path in chosen[:2] else ""))
    open(os.path.join(root, "broken.jpg"), "wb").write(b"\xff\xd8\xff\xe0 no")
    open(os.path.join(root, "notes.txt"), "w").write("not a picture")
    status, out, err = command("import", "--job", "FOLDER", "--data", server.data, root)
    assert status == 0 and "line " in err and "JPEG" in err, (status, out, err)
    c = counts(lead, job)
    assert (c["waiting"], c["failed"]) == (5, 1), c
    status, out, err = command("import", "--job", job, "--data", server.data, root)
    assert counts(lead, job) == c, "a folder twice adds nothing"
    manifest = os.path.join(root, "list.jsonl")
    with open(manifest, "w") as f:
        for p in chosen[:2]:
            f.write(json.dumps({"source-ref": "deep/er/" + os.path.basename(p)}) + "\n")
    other = image_job("folder-list")
    status, out, err = command("import", "--job", "folder-list", "--data", server.data, manifest)
    assert status == 0 and counts(lead, other)["waiting"] == 2, (status, out, err)


def test_imports_are_listed():
    job = text_job(lead, "listed", 2)
    upload(lead, job, [{"source": "more"}])
    shown = lead.want(200, "GET", f"/api/v1/jobs/{job}/imports")["imports"]
    assert [i["added"] for i in shown] == [1, 2] and all(i["finished"] for i in shown)
    other = text_job(lead, "listed-other")
    lead.want("404 import.not_found", "GET", f"/api/v1/jobs/{other}/imports/{shown[0]['id']}")


def test_items_added_to_a_running_job_open_by_themselves():
    job = text_job(lead, "growing", 1, start=True)
    ann = server.person("growing ann")
    harness.answer(ann, job, harness.leased(ann, job)[0], "red")
    upload(lead, job, [{"source": "later"}])
    task = wait(lambda: harness.state(lead, job) == "completed" or harness.lease(ann, job))
    if task is not True:  # it may have been complete before the second came
        assert task[0]["source"] == "later"


def test_a_kill_in_the_middle_of_an_import_adds_nothing_twice_and_loses_nothing():
    n = 60000
    job = text_job(lead, "killed")
    body = b"".join(b'{"source":"line %d"}\n' % (i % 50000) if i % 1000 else b"bad %d\n" % i
                    for i in range(n))
    url = f"/api/v1/jobs/{job}"
    id = lead.want(202, "POST", url + "/items", body, type="application/x-ndjson")["id"]
    kills = 0
    for part in (0, 0.3, 0.6):
        wait(lambda: lead.get(f"{url}/imports/{id}")["lines"] > part * n, 30, 0.001)
        if lead.get(f"{url}/imports/{id}")["state"] == "running":
            server.restart(signal.SIGKILL)
            lead.connection = None
            kills += 1
    assert kills, "the import was too quick to be killed"
    done = import_done(lead, job, id)
    assert tally(done) == ("done", n, n - 60, 0, 60), (kills, tally(done))
    c = counts(lead, job)
    assert (c["total"], c["waiting"], c["failed"]) == (n, n - 60, 60), c
    lines = server.rows("SELECT i.id & 0xffffffff, p.line FROM item i JOIN payload p "
                        "ON p.item = i.id WHERE i.id >> 32 = ? ORDER BY i.id", int(job[4:]))
    assert [l for l, _ in lines] == list(range(n))
    assert all(text == '{"source":"line %d"}' % (i % 50000) for i, text in lines if i % 1000)
    assert not server.files("uploads")


def test_a_stop_in_the_middle_goes_on_at_the_next_start():
    n = 60000
    job = text_job(lead, "stopped")
    body = b"".join(b'{"source":"line %d"}\n' % i for i in range(n))
    id = lead.want(202, "POST", f"/api/v1/jobs/{job}/items", body, type="text/plain")["id"]
    wait(lambda: lead.get(f"/api/v1/jobs/{job}/imports/{id}")["lines"] > 0, 30, 0.001)
    server.restart()
    lead.connection = None
    assert tally(import_done(lead, job, id)) == ("done", n, n, 0, 0)
    assert counts(lead, job)["total"] == n


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
