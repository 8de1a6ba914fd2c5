#!/usr/bin/env python3
"""Manifests and pictures in buckets: imported, fetched ahead of people, shown, and waited for."""
import gzip
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import harness
from harness import answer, counts, import_done, items, lease, wait

sys.path.insert(0, os.path.join(harness.ROOT, "tests", "clients"))
import fake_s3  # noqa: E402

store = fake_s3.start()
os.environ.update(store.environment)
server = harness.Server()
lead = server.person("lead", "lead")
ann = server.person("ann")
PICTURES = os.path.join(harness.SAMPLES, "pictures")


def sample(n, ending=".jpg"):
    names = [f for f in sorted(os.listdir(PICTURES)) if f.endswith(ending)]
    with open(os.path.join(PICTURES, names[n % len(names)]), "rb") as f:
        return f.read()


def turned(jpeg, orientation=6):
    """The same JPEG with an EXIF block that says how to hold it."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    exif = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def new_job(name, type="image-classification", **settings):
    return lead.want(201, "POST", "/api/v1/jobs", {
        "name": name, "type": type, "labels": [{"name": "cat"}, {"name": "dog"}],
        "consolidation": "majority", **settings})["id"]


def start_import(job, source, status=202):
    return lead.want(status, "POST", f"/api/v1/jobs/{job}/imports", {"source": source})


def imported(job, source):
    return import_done(lead, job, start_import(job, source)["id"])


def manifest(bucket, key, lines):
    text = "".join(json.dumps(l) + "\n" for l in lines).encode()
    store.objects[bucket, key] = gzip.compress(text) if key.endswith(".gz") else text
    return f"s3://{bucket}/{key}"


def state_of(job):
    return lead.want(200, "GET", f"/api/v1/jobs/{job}")["state"]


def probed(job, n):
    """Waits until so many pictures have been looked at."""
    return wait(lambda: sum(1 for i in items(lead, job) if i.get("media", {}).get("width")) >= n, 30)


def test_a_job_with_thirty_pictures_in_a_bucket():
    lines = []
    for n in range(30):
        key = f"in/p {n:02d}+ü.jpg" if n % 2 else f"in/p{n:02d}.jpg"
        store.objects["pics", key] = sample(n)
        lines.append({"source-ref": f"s3://pics/{key}", "n": n})
    store.objects["pics", "in/p04.jpg"] = turned(sample(4))
    lines[5]["source-ref"] = "s3://pics/in/nowhere.jpg"
    store.objects["pics", "in/p06.jpg"] = sample(6)[:400]
    store.objects["pics", "in/p08.jpg"] = b"this is no picture at all"
    store.objects["pics", "in/p10.jpg"] = b""
    lines.append({"source-ref": "p02.jpg"})           # beside the manifest
    lines.append({"source-ref": "./sub/../p12.jpg"})
    lines.append({"source-ref": "../pics/p00.jpg"})   # leads out
    lines.append({"source-ref": "https://elsewhere.example.org/x.jpg"})
    lines.append({"source-ref": f"{store.endpoint}/pics/in/p14.jpg"})
    uri = manifest("pics", "in/thirty.manifest", lines)
    job = new_job("thirty")
    done = imported(job, uri)
    assert (done["state"], done["source"], done["added"], done["failed"]) == ("done", uri, 33, 2), done
    assert {e["code"] for e in done["errors"]} == {"line.path", "line.scheme"}, done["errors"]
    assert done["bytes"] == done["bytes_total"] == len(store.objects["pics", "in/thirty.manifest"])
    assert not store.gets("in/p00.jpg"), "pictures are not fetched at the import"
    assert not server.files("uploads")
    lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
    wait(lambda: counts(lead, job)["failed"] == 2 + 4, 30)
    failed = {i["line"]: i["failure"] for i in items(lead, job) if i["state"] == "failed"}
    assert sorted(failed) == [5, 6, 8, 10, 32, 33], failed
    assert failed[5].startswith("ClientError: ") and "s3://pics/in/nowhere.jpg" in failed[5], failed
    for line in (6, 8, 10):
        assert failed[line].startswith(f"ClientError: s3://pics/in/p{line:02d}.jpg is no"), failed
    probed(job, 29)
    shown = {i["line"]: i for i in items(lead, job)}
    assert "media" not in shown[5], shown[5]
    for n, i in shown.items():
        if i["state"] == "failed":
            continue
        r = ann.want(200, "GET", i["media"]["url"])
        assert r.headers["Content-Type"] in ("image/jpeg", "image/png"), r.headers
        if n not in (4, 30, 31, 34):
            assert r.body == sample(n), n
        small = ann.want(200, "GET", i["media"]["preview"])
        assert small.headers["Content-Type"] == "image/jpeg" and small.body[:2] == b"\xff\xd8"
        again = ann.want(304, "GET", i["media"]["url"],
                         headers={"If-None-Match": r.headers["ETag"]})
        assert again.headers["ETag"] == r.headers["ETag"]
    assert store.gets("in/p00.jpg") == 1 and store.gets("in/p04.jpg") == 1
    label_all(job, 29)


def label_all(job, n):
    given = 0
    while given < n:
        for task in harness.leased(ann, job, 5):
            ann.want(200, "GET", task["media"]["url"])
            answer(ann, job, task, "cat")
            given += 1
    wait(lambda: state_of(job) == "completed", 20)
    assert counts(lead, job)["human"] == n, counts(lead, job)


def test_the_pixels_are_upright():
    job = new_job("upright")
    flat = sample(1)
    manifest("pics", "up/m.jsonl", [{"source-ref": "a.jpg"}, {"source-ref": "b.jpg"}])
    store.objects["pics", "up/a.jpg"], store.objects["pics", "up/b.jpg"] = flat, turned(flat)
    assert imported(job, "s3://pics/up/m.jsonl")["added"] == 2
    lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
    probed(job, 2)
    a, b = [i["media"] for i in items(lead, job)]
    assert (a["width"], a["height"]) == (b["height"], b["width"]), (a, b)
    wide = server.rows("SELECT orientation FROM payload WHERE remote LIKE 's3://pics/up/%' ORDER BY item")
    assert wide == [(1,), (6,)], wide


def test_a_folder_in_a_bucket():
    for n, key in enumerate(["f/b.jpg", "f/a/z.PNG", "f/.hidden.jpg", "f/a/.h/x.jpg", "f/notes.txt",
                             "f/c.jpeg", "f/", "fx/no.jpg"]):
        store.objects["pics", key] = sample(n, ".png" if key.endswith("PNG") else ".jpg")
    job = new_job("folder")
    done = imported(job, "s3://pics/f/")
    assert (done["state"], done["added"]) == ("done", 3), done
    refs = [lead.get(f"/api/v1/jobs/{job}/items/{i['id']}")["source_line"]["source-ref"]
            for i in items(lead, job)]
    assert refs == ["s3://pics/f/a/z.PNG", "s3://pics/f/b.jpg", "s3://pics/f/c.jpeg"], refs
    assert imported(job, "s3://pics/f/")["duplicates"] == 3
    nothing = imported(job, "s3://pics/empty/")
    assert nothing["state"] == "failed" and "s3://pics/empty/" in nothing["message"], nothing


def test_more_objects_than_fit_on_a_page_of_a_list():
    for n in range(2500):
        store.objects["many", f"t/{n:05d}.txt"] = f"text {n}".encode()
    job = new_job("many-texts", "text-classification")
    done = imported(job, "s3://many/t/")
    assert (done["state"], done["added"], done["failed"]) == ("done", 2500, 0), done
    shown = items(lead, job)
    assert [i["text"] for i in shown[:2]] == ["text 0", "text 1"] and shown[-1]["text"] == "text 2499"


def test_texts_in_a_bucket_are_read_at_the_import():
    job = new_job("texts", "text-classification")
    store.objects["texts", "ok.txt"] = "\ufeffgrün".encode()
    store.objects["texts", "latin.txt"] = "grün".encode("latin-1")
    store.objects["texts", "white.txt"] = b" \n "
    store.objects["texts", "long.txt"] = b"x" * ((4 << 20) + 1)
    uri = manifest("texts", "m.jsonl.gz", [{"source-ref": f"{n}.txt"} for n in (
        "ok", "latin", "white", "long", "none")] + [{"source-ref": "s3://texts/ok.txt", "id": 7},
                                                    {"source": "plain"}])
    done = imported(job, uri)
    assert (done["state"], done["added"], done["failed"]) == ("done", 3, 4), done
    assert [e["code"] for e in done["errors"]] == [
        "line.not_utf8", "line.text_empty", "line.text_too_long", "line.file"], done["errors"]
    assert [i.get("text") for i in items(lead, job)][0] == "grün"
    assert "s3://texts/none.txt" in done["errors"][3]["message"]


def test_what_is_refused():
    job = new_job("refused")
    for uri, code in (("s3://", "s3.uri"), ("https://elsewhere.example.org/b/k", "s3.uri"), ("ftp://x/y", "s3.uri")):
        r = start_import(job, uri, 422)
        assert r.code == code, (uri, r.body)
    gone = imported(job, "s3://pics/not/there.manifest")
    assert gone["state"] == "failed" and "s3://pics/not/there.manifest" in gone["message"], gone
    store.denied.add(("pics", "secret.manifest"))
    store.objects["pics", "secret.manifest"] = b"{}"
    denied = imported(job, "s3://pics/secret.manifest")
    assert denied["state"] == "failed" and "s3://pics/secret.manifest" in denied["message"], denied
    ann.want(403, "POST", f"/api/v1/jobs/{job}/imports", {"source": "s3://pics/x"})
    assert not server.files("uploads")


def test_an_import_waits_for_its_storage():
    job, other = new_job("waits"), harness.text_job(lead, "does-not-wait")
    manifest("pics", "w.jsonl", [{"source-ref": "s3://pics/in/p00.jpg"}])
    store.down()
    try:
        id = start_import(job, "s3://pics/w.jsonl")["id"]
        shown = wait(lambda: (v := lead.get(f"/api/v1/jobs/{job}/imports/{id}").json).get("message")
                     and v, 40)
        assert shown["state"] == "running" and "s3://pics/w.jsonl" in shown["message"], shown
        assert harness.upload(lead, other, [{"source": "x"}])["added"] == 1, "others go on"
    finally:
        store.up()
    done = import_done(lead, job, id)
    assert done["state"] == "done" and done["added"] == 1 and "message" not in done, done


def big_manifest(key, lines):
    return manifest("pics", key, [{"source-ref": f"s3://pics/in/p{n:07d}.jpg", "pad": "x" * 400}
                                  for n in range(lines)])


def test_a_download_that_breaks_goes_on():
    uri = big_manifest("big.manifest", 20000)
    job = new_job("breaks")
    store.cut = 3_000_000
    store.asked.clear()
    done = imported(job, uri)
    assert (done["state"], done["added"]) == ("done", 20000), done
    ranges = [r for m, _, k, r in store.asked if m == "GET" and k == "big.manifest"]
    assert len(ranges) == 2 and ranges[1] and ranges[1] != "bytes=0-", ranges


def test_a_restart_in_the_middle_of_an_import():
    uri = big_manifest("restart.manifest", 30000)
    job = new_job("restart")
    id = start_import(job, uri)["id"]
    wait(lambda: lead.get(f"/api/v1/jobs/{job}/imports/{id}")["lines"] > 0, every=0.002)
    server.restart(signal.SIGKILL)
    done = import_done(lead, job, id)
    assert (done["state"], done["lines"], done["added"]) == ("done", 30000, 30000), done


def test_a_kill_while_the_storage_is_slow():
    """What was on disk of the manifest is not fetched again, unless it is another one meanwhile."""
    for name, change in (("same", False), ("other", True)):
        uri = big_manifest(f"slow-{name}.manifest", 12000)
        job = new_job(f"slow-{name}")
        store.cut = 2_000_000
        store.mode = ""
        id = start_import(job, uri)["id"]
        wait(lambda: store.cut is None)
        store.down()
        wait(lambda: lead.get(f"/api/v1/jobs/{job}/imports/{id}").json.get("message"), 40)
        server.restart(signal.SIGKILL)
        if change:
            big_manifest(f"slow-{name}.manifest", 11000)
        store.asked.clear()
        store.up()
        done = import_done(lead, job, id)
        assert (done["state"], done["added"]) == ("done", 11000 if change else 12000), done
        assert not server.files("uploads")


def test_pictures_wait_for_their_storage():
    job = new_job("outage", open_items=10)
    keys = [f"out/{n:02d}.jpg" for n in range(12)]
    for n, key in enumerate(keys):
        store.objects["outage", key] = sample(n)
    manifest("pics", "outage.jsonl", [{"source-ref": f"s3://outage/{k}"} for k in keys])
    assert imported(job, "s3://pics/outage.jsonl")["added"] == 12
    store.down()
    try:
        lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
        task = harness.leased(ann, job)[0]
        assert task["media"]["width"] == 0, task
        r = ann.want("503 media.unreachable", "GET", task["media"]["url"])
        assert int(r.headers["Retry-After"]) >= 1
        started = time.monotonic()
        ann.want("503 media.unreachable", "GET", task["media"]["preview"] + "?size=1600")
        assert time.monotonic() - started < 5, "a bucket that rests is not waited for"
        assert counts(lead, job)["failed"] == 0
    finally:
        store.up()
    wait(lambda: ann.get(task["media"]["url"]).status == 200, 40)
    answer(ann, job, task, "cat")
    probed(job, 10)
    server.restart()
    for _ in range(11):
        t = harness.leased(ann, job)[0]
        ann.want(200, "GET", t["media"]["url"])
        ann.want(200, "GET", t["media"]["preview"] + "?size=1600")
        answer(ann, job, t, "dog")
    wait(lambda: state_of(job) == "completed", 20)


def test_a_picture_that_goes_away_after_it_was_leased():
    job = new_job("goes-away")
    store.objects["pics", "away.jpg"] = sample(3)
    manifest("pics", "away.jsonl", [{"source-ref": "s3://pics/away.jpg"}])
    imported(job, "s3://pics/away.jsonl")
    store.mode = "500"
    try:
        lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
        task = harness.leased(ann, job)[0]
        del store.objects["pics", "away.jpg"]
    finally:
        store.mode = ""
    wait(lambda: ann.get(task["media"]["url"]).code == "media.gone", 40)
    assert counts(lead, job)["failed"] == 0, "somebody has it"
    ann.want(201, "POST", f"/api/v1/jobs/{job}/skips", {"lease": task["lease"], "reason": "broken"})
    wait(lambda: counts(lead, job)["failed"] == 1, 20)


def test_a_picture_that_may_not_be_read():
    job = new_job("denied")
    for n in range(3):
        store.objects["pics", f"d{n}.jpg"] = sample(n)
    store.denied.add(("pics", "d1.jpg"))
    manifest("pics", "d.jsonl", [{"source-ref": f"s3://pics/d{n}.jpg"} for n in range(3)])
    imported(job, "s3://pics/d.jsonl")
    lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
    probed(job, 2)
    denied = next(i for i in items(lead, job) if i["line"] == 1)
    assert denied["state"] == "open", denied
    ann.want("503 media.unreachable", "GET", f"/api/v1/items/{denied['id']}/media")


def test_the_command_line_imports_from_a_bucket():
    job = new_job("by-command")
    manifest("pics", "c.csv", [])
    store.objects["pics", "c.csv"] = b"source-ref,id\ns3://pics/in/p00.jpg,a\ns3://pics/in/p02.jpg,b\n"
    status, out, err = harness.command("import", "--data", server.data, "--job", job,
                                       "s3://pics/c.csv")
    assert status == 0 and out.startswith("2 added"), (status, out, err)
    status, out, err = harness.command("import", "--data", server.data, "--job", job,
                                       "s3://pics/none.csv")
    assert status == 1 and "s3://pics/none.csv" in err, (status, out, err)


def test_the_command_line_says_why_it_waits():
    job = new_job("command-waits")
    manifest("pics", "cw.jsonl", [{"source-ref": "s3://pics/in/p00.jpg"}])
    store.down()
    with subprocess.Popen([harness.PLUMBLINE, "import", "--data", server.data, "--job", job,
                           "s3://pics/cw.jsonl"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as p:
        try:
            said = p.stderr.readline()
        finally:
            store.up()
        assert said.startswith("import waits: ") and "s3://pics/cw.jsonl" in said, said
        assert p.wait(60) == 0, p.stderr.read()


def test_settings_that_no_time_mends_fail_an_import():
    """No credentials at all, or a way to them that is none here: said at once, and waited for by nobody."""
    folder = tempfile.mkdtemp(prefix="plumbline-aws-")
    config = os.path.join(folder, "config")
    with open(config, "w") as f:
        f.write("")
    manifest("pics", "cfg.jsonl", [{"source-ref": "s3://pics/in/p00.jpg"}])
    try:
        for change, said in (({}, "no credentials"), ({"AWS_PROFILE": "corp"}, "sso_session"),
                             ({"AWS_PROFILE": "bad"}, "line 5")):
            if change.get("AWS_PROFILE") == "corp":
                open(config, "w").write("[profile corp]\nsso_session = corp\nregion = us-east-1\n")
            elif change:
                open(config, "w").write("[a]\nb = c\n[d]\ne = f\nnonsense\n")
            kept = dict(os.environ)
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
                os.environ.pop(name, None)
            os.environ.update({"AWS_CONFIG_FILE": config, "HOME": folder, **change})
            try:
                other = harness.Server()
            finally:
                os.environ.clear()
                os.environ.update(kept)
            try:
                refused_import(other, said)
            finally:
                other.close()
    finally:
        shutil.rmtree(folder)


def refused_import(other, said):
    boss = other.person("boss", "lead")
    job = boss.want(201, "POST", "/api/v1/jobs", {
        "name": "told", "type": "image-classification", "labels": [{"name": "a"}, {"name": "b"}],
        "output": "s3://pics/out"})["id"]
    status, out, err = harness.command("import", "--data", other.data, "--job", job,
                                       "s3://pics/cfg.jsonl")
    assert status == 1 and said in err and "waits" not in err, (status, out, err)
    # a picture is not broken by it, and a tree waits
    harness.upload(boss, job, [{"source-ref": "s3://pics/in/p00.jpg"}])
    boss.want(200, "POST", f"/api/v1/jobs/{job}/start")
    shown = wait(lambda: (v := boss.get(f"/api/v1/jobs/{job}")["output"])["state"] == "waiting" and v, 15)
    assert said in shown["problem"], shown
    boss.want("503 media.unreachable", "GET", f"/api/v1/items/{items(boss, job)[0]['id']}/media")
    time.sleep(2)
    assert counts(boss, job)["failed"] == 0
    # texts in a bucket: not the line's fault
    job = boss.want(201, "POST", "/api/v1/jobs", {
        "name": "texts", "type": "text-classification", "labels": [{"name": "a"}, {"name": "b"}]})["id"]
    done = harness.upload(boss, job, [{"source-ref": "s3://pics/t.txt"}])
    assert done["state"] == "failed" and said in done["message"], done


def test_one_fetch_for_many_who_ask():
    job = new_job("together")
    store.objects["pics", "one.jpg"] = sample(7)
    manifest("pics", "one.jsonl", [{"source-ref": "s3://pics/one.jpg"}])
    imported(job, "s3://pics/one.jsonl")
    item = items(lead, job)[0]["id"]
    store.mode = "slow"
    try:
        bodies = harness.together(lambda _: ann.twin().want(200, "GET", f"/api/v1/items/{item}/media")
                                  .body, range(12))
    finally:
        store.mode = ""
    assert set(bodies) == {sample(7)}
    assert store.gets("one.jpg") == 1, store.gets("one.jpg")
    assert items(lead, job)[0]["media"]["width"] > 0


def findings(client):
    out = {}
    for c in client.want(200, "GET", "/api/v1/doctor?quick=1").json["checks"]:
        out.setdefault(c["what"], []).append((c["level"], c["found"], c.get("advice")))
    return out


def test_doctor_looks_at_the_buckets():
    job = new_job("doctor", output="s3://results/out")
    manifest("sick", "s.jsonl", [{"source-ref": "s.jpg"}])
    store.objects["sick", "s.jpg"] = sample(1)
    imported(job, "s3://sick/s.jsonl")
    found = findings(server.local)["buckets"]
    assert ("ok", "s3://sick/ answers (pictures)", None) in found, found
    assert ("ok", "s3://results/out answers (output)", None) in found, found
    assert findings(server.local)["clock of the storage"][0][0] == "ok"
    store.denied.add(("sick", "s.jpg"))
    bad = [f for f in findings(server.local)["buckets"] if f[0] == "fail"]
    assert len(bad) == 1 and "s3://sick" in bad[0][1] and "s3:GetObject" in bad[0][2], bad
    lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
    lead.want(200, "POST", f"/api/v1/jobs/{job}/stop")


def test_doctor_does_not_wait_long_for_a_bucket_that_hangs():
    back = threading.Event()
    store.denied.discard(("sick", "s.jpg"))
    imported(new_job("doctor-2", output="s3://results/out"), "s3://sick/s.jsonl")
    store.fault = lambda method, bucket, key: bucket in ("sick", "results") and back.wait(60) and None
    try:
        started = time.monotonic()
        bad = [f for f in findings(server.local)["buckets"] if f[0] == "fail"]
        assert time.monotonic() - started < 9, "several cost no more than one"
    finally:
        store.fault = None
        back.set()
    said = " ".join(found for _, found, _ in bad)
    assert len(bad) == 2 and "s3://sick" in said and "s3://results" in said, bad


def test_links_to_the_bucket_itself():
    other = harness.Server("--s3-browser", "presigned")
    try:
        boss, one = other.person("boss", "lead"), other.person("one")
        manifest("direct", "m.jsonl", [{"source-ref": "a.jpg"}, {"source-ref": "turned.jpg"}])
        store.objects["direct", "a.jpg"] = sample(1)
        store.objects["direct", "turned.jpg"] = turned(sample(1))
        job = boss.want(201, "POST", "/api/v1/jobs", {
            "name": "direct", "type": "image-classification", "labels": [{"name": "a"}, {"name": "b"}]})["id"]
        id = boss.want(202, "POST", f"/api/v1/jobs/{job}/imports",
                       {"source": "s3://direct/m.jsonl"})["id"]
        import_done(boss, job, id)
        boss.want(200, "POST", f"/api/v1/jobs/{job}/start")
        wait(lambda: all(i["media"]["width"] for i in items(boss, job)))
        tasks = harness.leased(one, job, 2)
        link = tasks[0]["media"]["url"]
        assert link.startswith(store.endpoint + "/direct/a.jpg?") and "X-Amz-Signature=" in link, link
        with urllib.request.urlopen(link) as r:
            assert r.read() == sample(1)
        assert tasks[1]["media"]["url"].startswith("/api/"), "a turned picture comes from here"
        one.want(200, "GET", tasks[0]["media"]["preview"])
        policy = one.get("/", check=False).headers["Content-Security-Policy"]
        assert f"img-src 'self' blob: data: {store.endpoint};" in policy, policy
        assert f"connect-src 'self' {store.endpoint};" in policy, policy
        found = findings(other.local)["pictures from buckets"]
        assert found[0][0] == "warn" and other.url in found[0][1], found
        assert "AllowedOrigins" in found[0][2], found
        store.cors = other.url
        assert findings(other.local)["pictures from buckets"][0][0] == "ok"
    finally:
        store.cors = None
        other.close()
    policy = ann.get("/", check=False).headers["Content-Security-Policy"]
    assert store.endpoint not in policy, policy


def test_the_cache_has_a_limit():
    small = harness.Server("--s3-cache", "1200k")
    try:
        boss, one = small.person("boss", "lead"), small.person("one")
        for n in range(120):
            store.objects["lots", f"{n}.jpg"] = sample(n)
        manifest("lots", "m.jsonl", [{"source-ref": f"{n}.jpg"} for n in range(120)])
        job = boss.want(201, "POST", "/api/v1/jobs", {
            "name": "lots", "type": "image-classification", "labels": [{"name": "a"}, {"name": "b"}]})["id"]
        id = boss.want(202, "POST", f"/api/v1/jobs/{job}/imports", {"source": "s3://lots/m.jsonl"})["id"]
        import_done(boss, job, id)
        boss.want(200, "POST", f"/api/v1/jobs/{job}/start")
        wait(lambda: all(i["media"]["width"] for i in items(boss, job)), 40)
        for i in items(boss, job):
            assert one.want(200, "GET", i["media"]["url"]).body == sample(i["line"])
        kept = sum(os.path.getsize(f) for f in small.files("cache/pictures"))
        assert 0 < kept <= 1_400_000, kept
        assert sum(len(sample(n)) for n in range(120)) > 1_500_000
    finally:
        small.close()


def test_the_machine_learns_from_pictures_in_a_bucket():
    n = 160
    for k in range(n):
        store.objects["learn", f"{k:03d}.jpg"] = sample(k)
    manifest("learn", "m.jsonl", [{"source-ref": f"{k:03d}.jpg"} for k in range(n)])
    del store.objects["learn", f"{n - 1:03d}.jpg"]
    job = new_job("learns", auto_label={"enabled": True, "target": 0.9}, open_items=200)
    imported(job, "s3://learn/m.jsonl")
    lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
    rounds = lambda: lead.want(200, "GET", f"/api/v1/jobs/{job}/dashboard").json["rounds"]  # noqa
    end = time.monotonic() + 240
    while not rounds() and time.monotonic() < end:
        for t in lease(ann, job, 10):
            line = int(t["item"].split("_")[1]) & 0xffffffff
            answer(ann, job, t, "cat" if line % 2 else "dog")
        time.sleep(0.05)
    assert rounds(), "no round of training"
    assert store.gets(f"{n - 2:03d}.jpg") >= 1


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
