#!/usr/bin/env python3
"""Consolidation of known answers, and exports: shapes, digests, ranges, and the way back in."""
import csv
import hashlib
import io
import json
import re
import sys
import tarfile

import harness
from harness import answer, counts, export, items, leased, state, text_job, upload, wait

server = harness.Server()
lead = server.person("lead", "lead")
people = [server.person(n) for n in ("ann", "ben", "cara")]
LABELS = ("red", "green", "blue")
DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$")


def given(i, who):
    """What each says of item i: the third is wrong on every fourth item, all differ on item 7."""
    if i == 7:
        return LABELS[who]
    return LABELS[(i + 1) % 3] if who == 2 and i % 4 == 0 else LABELS[i % 3]


def labelled_job(name, n=24, **settings):
    lines = [{"source": f'say "{i}", ü', "id": f"id-{i}", "keep": {"deep": [i, 1.50]}}
             for i in range(n)]
    job = text_job(lead, name, **{"labels": LABELS, "annotators_per_item": 3, **settings})
    upload(lead, job, lines)
    lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
    each = settings.get("annotators_per_item", 3)
    for who, person in enumerate(people[:each]):
        for _ in range(0, n, 8):
            for task in leased(person, job, 8):
                answer(person, job, task, given(task["line"], who))
    wait(lambda: state(lead, job) == "completed")
    return job


JOB = labelled_job("known", label_attribute="colour")


def test_labels_are_what_most_said():
    shown = items(lead, JOB)
    assert len(shown) == 24
    for i in shown:
        if i["line"] != 7:
            assert i["label"] == LABELS[i["line"] % 3], i
        assert i["state"] == "labelled" and i["origin"] == "human" and i["answers"] == 3
        assert 1 / 3 <= i["posterior"] <= 1 and 0 < i["confidence"] <= 1, i
    unanimous = [i["posterior"] for i in shown if i["line"] % 4 and i["line"] != 7]
    split = next(i["posterior"] for i in shown if i["line"] == 7)
    assert min(unanimous) > split


def test_an_item_shows_who_answered_what():
    rows = items(lead, JOB)
    for line in (0, 7):
        d = lead.want(200, "GET", f"/api/v1/jobs/{JOB}/items/{rows[line]['id']}")
        got = {g["person"]["name"]: g["answer"]["label"] for g in d["answers_given"]}
        assert got == {p.name: given(line, w) for w, p in enumerate(people)}, got
        chances = {c["label"]: c["p"] for c in d["posteriors"]}
        assert abs(sum(chances.values()) - 1) < 0.01
        assert max(chances, key=chances.get) == d["label"]
        assert abs(chances[d["label"]] - d["posterior"]) < 0.01
        history = d["labels_history"]
        assert history[0]["label"] == d["label"] and history[0]["method"] == "em"
        assert d["source_line"]["keep"] == {"deep": [line, 1.5]}


def test_the_dashboard_s_numbers():
    d = lead.want(200, "GET", f"/api/v1/jobs/{JOB}/dashboard")
    assert d["counts"]["human"] == 24 and d["counts"]["answers"] == 72
    assert {l["label"]: l["human"] for l in d["labels"]} == \
        {l: sum(i["label"] == l for i in items(lead, JOB)) for l in LABELS}
    assert {a["name"]: a["answers"] for a in d["annotators"]} == {p.name: 24 for p in people}
    assert all(not a["enough"] and "accuracy" not in a for a in d["annotators"])
    assert d["agreement"]["items"] == 24 and 0 < d["agreement"]["alpha"] < 1
    wrong = sum(given(i, 2) != given(i, 0) for i in range(24) if i != 7)
    pairs = 24 * 3 - 2 * wrong - 3
    assert abs(d["agreement"]["observed"] - pairs / 72) < 1e-9, d["agreement"]
    assert sum(h["answers"] for h in d["throughput"]) == 72
    assert sum(map(sum, d["confusion"]["counts"])) == 72


def test_the_manifest_s_lines():
    done, body = export(lead, JOB)
    lines = body.decode().splitlines()
    assert done["lines"] == len(lines) == 24 and done["bytes"] == len(body)
    for n, (text, row) in enumerate(zip(lines, items(lead, JOB))):
        line = json.loads(text)
        assert text.startswith(json.dumps({"source": f'say "{n}", ü', "id": f"id-{n}",
                                           "keep": {"deep": [n, 1.5]}})[:-1]), text
        assert list(line) == ["source", "id", "keep", "colour", "colour-metadata"]
        meta = line["colour-metadata"]
        assert line["colour"] == LABELS.index(row["label"]) and isinstance(line["colour"], int)
        assert set(meta) == {"class-name", "confidence", "type", "job-name", "human-annotated",
                             "creation-date"}, meta
        assert meta["class-name"] == row["label"] and meta["human-annotated"] == "yes"
        assert meta["type"] == "groundtruth/text-classification"
        assert meta["job-name"] == "labeling-job/known" and DATE.match(meta["creation-date"])
        assert meta["confidence"] == round(meta["confidence"], 2) == row["confidence"]


def test_one_answer_has_no_confidence():
    job = labelled_job("single", 8, annotators_per_item=1)
    done, body = export(lead, job)
    for line in body.decode().splitlines():
        assert '"confidence":0.00' in line, line
        assert json.loads(line)["label-metadata"]["class-name"] == LABELS[json.loads(line)["label"]]


def test_other_methods():
    for method in ("majority", "ground-truth"):
        job = labelled_job("by-" + method, 8, consolidation=method)
        for i in items(lead, job):
            assert i["line"] == 7 or i["label"] == LABELS[i["line"] % 3], (method, i)
            d = lead.get(f"/api/v1/jobs/{job}/items/{i['id']}")
            assert d["labels_history"][0]["method"] == method
    assert {i["confidence"] for i in items(lead, job) if i["line"] in (1, 2, 3)} != {0}


def test_a_download_that_broke_off_goes_on_after_a_restart():
    done, whole = export(lead, JOB)
    url = f"/api/v1/exports/{done['id']}/download"
    first = lead.want(206, "GET", url, headers={"Range": "bytes=0-999"})
    server.restart()
    lead.connection = None
    rest = lead.want(206, "GET", url, headers={"Range": "bytes=1000-",
                                               "If-Range": first.headers["ETag"]})
    assert first.body + rest.body == whole
    assert first.headers["ETag"] == f'"{hashlib.sha256(whole).hexdigest()}"'
    other = lead.want(200, "GET", url, headers={"Range": "bytes=1000-", "If-Range": '"another"'})
    assert other.body == whole, "another version is sent from its beginning"


def test_json_lines_and_csv_say_the_same():
    _, a = export(lead, JOB, "jsonl")
    _, b = export(lead, JOB, "csv")
    rows = [json.loads(l) for l in a.decode().splitlines()]
    table = list(csv.DictReader(io.StringIO(b.decode(), newline="")))
    assert len(rows) == len(table) == 24
    for row, cells, item in zip(rows, table, items(lead, JOB)):
        assert row["label"] == cells["label"] == item["label"]
        assert row["line"] == int(cells["line"]) == item["line"]
        assert row["id"] == cells["id"] == item["key"] and row["source"] == cells["source"]
        assert row["origin"] == cells["origin"] == "human"
        assert row["confidence"] == float(cells["confidence"]) == item["confidence"]
        assert abs(row["posterior"] - item["posterior"]) < 1e-5
        assert abs(float(cells["posterior"]) - item["posterior"]) < 1e-5


def test_the_output_tree():
    _, manifest = export(lead, JOB)
    _, body = export(lead, JOB, "tree")
    tar = tarfile.open(fileobj=io.BytesIO(body))
    names = tar.getnames()
    assert all(not n.startswith(("/", "..")) for n in names)
    assert tar.extractfile("manifests/output/output.manifest").read() == manifest
    responses = [n for n in names if n.startswith("annotations/worker-response/iteration-")
                 and n.endswith(".json")]
    assert len(responses) == 24, names[:10]
    by_line = {int(n.split("/")[3]): n for n in responses}
    assert sorted(by_line) == list(range(24)) and by_line[0].split("/")[2] == "iteration-1"
    workers = None  # the same names in the same order for the same people, which tell nobody who
    for line in range(24):
        answers = json.load(tar.extractfile(by_line[line]))["answers"]
        got = [a["answerContent"]["crowd-classifier"]["label"] for a in answers]
        assert got == [given(line, w) for w, p in enumerate(people)], got
        workers = workers or [a["workerId"] for a in answers]
        assert [a["workerId"] for a in answers] == workers and len(set(workers)) == 3
        assert all(re.match(r"private\.us-east-1\.[0-9a-f]{16}$", w) for w in workers), workers
        for a in answers:
            who = a["workerMetadata"]["identityData"]
            assert who["identityProviderType"] == "Cognito" and who["issuer"] == server.url
            assert re.match(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", who["sub"]), who
        assert all(a["timeSpentInSeconds"] >= 0 and a["acceptanceTime"] <= a["submissionTime"]
                   for a in answers)
    assert any("consolidat" in n for n in names)


def test_the_digest_is_of_the_bytes_and_they_do_not_change():
    done, body = export(lead, JOB)
    assert done["sha256"] == hashlib.sha256(body).hexdigest()
    first = lead.want(200, "GET", done["url"])
    assert first.body == body and first.headers["ETag"] == f'"{done["sha256"]}"'
    assert "attachment" in first.headers["Content-Disposition"]
    job = text_job(lead, "moving", 4, start=True)
    before, early = export(lead, job)
    for task in leased(people[0], job, 4):
        answer(people[0], job, task, "red")
    wait(lambda: state(lead, job) == "completed")
    assert lead.want(200, "GET", before["url"]).body == early
    after, late = export(lead, job)
    assert late != early and after["id"] != before["id"]
    server.restart()
    lead.connection = None
    for p in people:
        p.connection = None
    assert lead.want(200, "GET", before["url"]).body == early
    shown = lead.get(f"/api/v1/jobs/{job}/exports")["exports"]
    assert [e["id"] for e in shown] == [after["id"], before["id"]]


def test_ranges_and_etags():
    done, body = export(lead, JOB)
    url, n = done["url"], len(body)
    for span, a, b in (("0-0", 0, 1), ("5-9", 5, 10), (f"{n - 3}-", n - 3, n), ("-7", n - 7, n),
                       (f"10-{n * 9}", 10, n)):
        r = lead.want(206, "GET", url, headers={"Range": "bytes=" + span})
        assert r.body == body[a:b], span
        assert r.headers["Content-Range"] == f"bytes {a}-{b - 1}/{n}"
    lead.want(416, "GET", url, headers={"Range": f"bytes={n}-"})
    for odd in ("lines=1-2", "bytes=9-5", "bytes=x", "bytes=0-1,4-5"):
        r = lead.call("GET", url, headers={"Range": odd})
        assert r.status == 200 and r.body == body, (odd, r.status)
    tag = lead.get(url).headers["ETag"]
    lead.want(304, "GET", url, headers={"If-None-Match": tag})
    lead.want(304, "GET", url, headers={"If-None-Match": '"x", ' + tag})
    lead.want(200, "GET", url, headers={"If-None-Match": '"x"'})
    r = lead.want(200, "GET", url, headers={"Range": "bytes=0-3", "If-Range": '"x"'})
    assert r.body == body
    head = lead.want(200, "HEAD", url, check=False)
    assert int(head.headers["Content-Length"]) == n


def test_scope_leaves_unlabelled_items_out_and_failures_are_marked():
    job = text_job(lead, "partial")
    upload(lead, job, b'{"source":"a"}\nnot json\n{"source":"b","x":[1, 2]}\n{"source":"c"}\n')
    lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
    for task in leased(people[0], job, 1):
        answer(people[0], job, task, "red")
    wait(lambda: counts(lead, job)["human"] == 1)
    done, body = export(lead, job)
    lines = body.decode().splitlines()
    assert done["lines"] == 4 and lines[2] == '{"source":"b","x":[1, 2]}', "as it came"
    assert "failure-reason" in json.loads(lines[1])["label-metadata"], lines[1]
    done, body = export(lead, job, scope="labelled")
    assert done["lines"] == 1 and json.loads(body)["source"] == "a"


def test_an_exported_manifest_comes_back_and_its_lines_are_kept():
    _, body = export(lead, JOB)
    lines = body.decode().splitlines()[:20] + ['{"source":"new one"}', '{"source":"new two"}']
    again = text_job(lead, "again", labels=LABELS, label_attribute="colour")
    done = upload(lead, again, ("\n".join(lines) + "\n").encode())
    assert done["added"] == 22 and done["failed"] == 0, done
    lead.want(200, "POST", f"/api/v1/jobs/{again}/start")
    tasks = leased(people[0], again, 10)
    assert [t["source"] for t in tasks] == ["new one", "new two"]
    for t in tasks:
        answer(people[0], again, t, "blue")
    wait(lambda: state(lead, again) == "completed")
    _, out = export(lead, again)
    out = out.decode().splitlines()
    assert out[:20] == lines[:20], "kept lines stay byte by byte"
    assert [json.loads(l)["colour-metadata"]["class-name"] for l in out[20:]] == ["blue", "blue"]
    _, rows = export(lead, again, "jsonl")
    rows = [json.loads(l) for l in rows.decode().splitlines()]
    assert [r["origin"] for r in rows] == ["kept"] * 20 + ["human"] * 2
    assert rows[3]["label"] == json.loads(lines[3])["colour-metadata"]["class-name"]
    other = text_job(lead, "other-attribute", labels=LABELS, label_attribute="fresh")
    assert upload(lead, other, body)["added"] == 24 and counts(lead, other)["waiting"] == 24


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
