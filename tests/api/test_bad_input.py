#!/usr/bin/env python3
"""What is not as it should be: a clear 4xx with code, message and field, or a line's report; and
nothing half done stays behind."""
import io
import json
import os
import struct
import sys
import tempfile
import zlib

import harness
from harness import answer, counts, import_done, leased, text_job, upload, wait

IMPORTS = tempfile.TemporaryDirectory(prefix="plumbline-imports-")
OUTSIDE = tempfile.NamedTemporaryFile("w", suffix=".jsonl", prefix="plumbline-outside-")
server = harness.Server("--import-root", IMPORTS.name)
lead = server.person("lead", "lead")
ann = server.person("ann")
admin = server.person("admin", "admin")
JOB = text_job(lead, "victim", 5, start=True)
TASK = leased(ann, JOB)[0]
PICTURES = lead.want(201, "POST", "/api/v1/jobs", {
    "name": "pictures", "type": "image-classification",
    "labels": [{"name": "cat"}, {"name": "dog"}]})["id"]
URL, PICS = f"/api/v1/jobs/{JOB}", f"/api/v1/jobs/{PICTURES}"
TABLES = ("job", "item", "payload", "item_key", "answer", "slot", "label", "person", "team",
          "invitation", "api_key", "import", "export", "label_set", "job_person")


def png(width, height, rows=b""):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + \
            struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + \
        chunk(b"IEND", b"")


GOOD_PNG = png(4, 3, (b"\0" + b"\x40\x80\xc0" * 4) * 3)


def everything():
    """All that must not change when something is refused."""
    return ([server.rows(f"SELECT count(*) FROM {t}")[0][0] for t in TABLES],
            server.files("uploads"), server.files("blobs"), server.files("exports"),
            counts(lead, JOB), counts(lead, PICTURES))


def refused(client, method, path, status, code=None, field=None, body=None, type=None, headers=None):
    before = everything()
    r = client.call(method, path, body, type=type, headers=headers)
    what = f"{method} {path} {str(body)[:60]}: {r.status} {r.body[:300]}"
    assert r.status == status, what
    assert code is None or r.code == code, what
    assert field is None or r["field"] == field, what
    assert r["message"] and r["message"][0].isupper() | (r["message"][0] == '"'), what
    after = everything()
    assert after == before, (what, before, after)
    return r


def test_bodies_that_are_not_json():
    for body in (b"", b" ", b"{", b'{"a":1', b"nonsense", b'{"title":"x"} x', b"{'title':'x'}",
                 b'{"title":"x",}', b'{"title":NaN}', b'{"title":01}', b"\xef\xbb\xbf{",
                 b'{"title":"\xff\xfe"}', b'{"title":"\xed\xa0\x80"}', b'{"title":"\\ud800"}',
                 b'{"title":"a\0b"}', b'{"\\u0000":1}',
                 b'{"title":"x","title":"y"}', b'{"auto_label":{"target":0.9,"target":0.8}}',
                 b'{"open_items":1e999}', b'{"open_items":' + b"9" * 400 + b"}",
                 b"[" * 100000, b'{"labels":' + b"[" * 5000 + b"]" * 5000 + b"}"):
        r = refused(lead, "PATCH", URL, 400, "json.malformed", body=body, type="application/json")
        assert len(r["message"]) < 400


def test_a_nul_in_a_text_is_refused_by_field():
    refused(lead, "PATCH", URL, 422, "field.invalid", "title", b'{"title":"a\\u0000b"}',
            type="application/json")


def test_bodies_that_are_json_but_no_object():
    for body in (b"[]", b"null", b"1", b'"x"', b"true"):
        refused(lead, "PATCH", URL, 422, body=body, type="application/json")


def test_numbers_out_of_range_and_of_the_wrong_kind():
    for value in (0, -1, 5001, 2**62, -2**63, 1.5, 1e300, -0.0, "7", True, [], {}):
        refused(lead, "PATCH", URL, 422, "field.invalid", "open_items", {"open_items": value})
    for value in (2**63, 2**64, -2**63 - 1, 10**300):
        r = refused(lead, "PATCH", URL, 400, "json.malformed", body={"open_items": value})
    for value in (0.79, 1.0, 1e308, "0.9", True):
        refused(lead, "PATCH", URL, 422, "field.invalid", "auto_label.target",
                {"auto_label": {"target": value}})


def test_unknown_fields_and_wrong_types_are_named():
    for body, field in (({"titel": "x"}, "titel"), ({"title": 5}, "title"),
                        ({"title": ["x"]}, "title"), ({"title": "x" * 201}, "title"),
                        ({"auto_advance": "yes"}, "auto_advance"), ({"people": [1]}, "people[0]"),
                        ({"people": {}}, "people"), ({"auto_label": 3}, "auto_label"),
                        ({"auto_label": {"enabled": 1}}, "auto_label.enabled"),
                        ({"consolidation": 1}, "consolidation")):
        refused(lead, "PATCH", URL, 422, "field.invalid", field, body)
    r = refused(lead, "PATCH", URL, 422, body={"ünknown\n<b>" * 1000: 1})
    assert len(r.body) < 4000


def test_a_wrong_content_type_is_415():
    for type in ("text/plain", "application/xml", "multipart/form-data", "application/jsonx"):
        refused(lead, "PATCH", URL, 415, "body.type", body=b"{}", type=type)
        if type != "text/plain":
            refused(lead, "POST", URL + "/items", 415, "body.type", body=b"{}", type=type)
    lead.want(200, "PATCH", URL, b"{}", type="application/json; charset=utf-8")
    refused(lead, "POST", URL + "/items", 415, "body.type", body=b'{"source":"x"}')


def test_a_body_that_is_too_large_is_413_or_one_that_is_not_expected_400():
    refused(lead, "PATCH", URL, 413, "body.too_large", type="application/json",
            body=b'{"title":"' + b"x" * (3 << 20) + b'"}')
    refused(ann, "POST", URL + "/skips", 413, "body.too_large", type="application/json",
            body=b'{"lease":"' + b"x" * (65 << 10) + b'"}')
    refused(ann, "PUT", "/api/v1/me/preferences", 413, body=b"{" + b" " * (17 << 10) + b"}")
    refused(lead, "POST", PICS + "/files?name=a.png", 413, "body.too_large",
            body=b"\0" * ((40 << 20) + 1))
    refused(lead, "POST", URL + "/pause", 400, "body.unexpected", body=b'{"a":1}')


def test_a_file_name_that_climbs():
    for name in ("../x.png", "a/../../x.png", "/etc/x.png", "a%5C..%5Cx.png", ".."):
        refused(lead, "POST", PICS + "/files?name=" + name, 422, "line.path", body=b"x")


def test_paths_and_queries_that_are_malformed():
    for path in ("/api/v1/jobs/%", "/api/v1/jobs/%zz", "/api/v1/jobs/%ff", "/api/v1/jobs/a%00b",
                 "/api/v1/jobs/%c0%af"):
        refused(lead, "GET", path, 400, "path.malformed")
    for query in ("?q=%zz", "?q=%ff", "?q=%00", "?limit=%"):
        refused(lead, "GET", "/api/v1/jobs" + query, 400, "query.malformed")
    for query, field in (("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"),
                         ("limit=1e2", "limit"), ("limit=99999999999999999999", "limit"),
                         ("limit=", "limit"), ("after=-1", "after"), ("after=1x", "after"),
                         ("nosuch=1", "nosuch"), ("state=nosuch", "state")):
        refused(lead, "GET", "/api/v1/jobs?" + query, 422, "field.invalid", field)
    for path in ("jobs/job_0", "jobs/job_01", "jobs/job_-1", "jobs/job_1x", "jobs/job_", "jobs/job",
                 "jobs/job_99999999999999999999", "exports/imp_1", "exports/1", "jobs/" + "a" * 5000,
                 f"jobs/{JOB}/items/item_99999", f"jobs/{JOB}/items/7", f"jobs/{JOB}/imports/imp_99",
                 "jobs/..%2f..", "jobs/' OR 1=1 --".replace(" ", "%20")):
        refused(lead, "GET", "/api/v1/" + path, 404)


def test_answers_that_fit_nothing():
    def post(body, status, code=None, field=None):
        refused(ann, "POST", URL + "/answers", status, code, field, body)

    good = {"lease": TASK["lease"], "answer": {"label": "red"}}
    for bad in ({}, {"label": "pink"}, {"label": 1}, {"label": None}, {"labels": ["red"]},
                {"label": "red", "more": 1}, [], "red", {"label": "RED"}, {"label": ""}):
        post({**good, "answer": bad}, 422)
    post({"answer": {"label": "red"}}, 422, "field.invalid", "lease")
    post({"lease": TASK["lease"]}, 422, "field.invalid", "answer")
    for lease in ("lease_999", "lease_x", "item_1", ""):
        post({**good, "lease": lease}, 422 if lease == "" else 404)
    for field in ("elapsed_ms", "active_ms", "label_set_version"):
        for value in (-1, 1.5, "1", 2**60):
            post({**good, field: value}, 422, "field.invalid", field)
    refused(ann, "POST", URL + "/answers", 422, body=good, headers={"Idempotency-Key": "x" * 300})
    refused(ann, "POST", URL + "/skips", 422, field="reason",
            body={"lease": TASK["lease"], "reason": "bored"})
    refused(ann, "PUT", f"/api/v1/leases/{TASK['lease']}/draft", 422, field="revision",
            body={"revision": 0, "value": 1})
    refused(lead, "POST", URL + "/answers", 404, "lease.not_found", body=good)  # somebody else's


def test_a_lease_is_of_one_job():
    other = text_job(lead, "other", 2, labels=("x", "y"), start=True)
    mine = leased(ann, other)[0]
    refused(ann, "POST", URL + "/answers", 404, "lease.not_found",
            body={"lease": mine["lease"], "answer": {"label": "red"}})
    refused(ann, "POST", URL + "/skips", 404, "lease.not_found",
            body={"lease": mine["lease"], "reason": "unclear"})
    refused(ann, "POST", "/api/v1/jobs/nowhere/skips", 404, "job.not_found",
            body={"lease": mine["lease"], "reason": "unclear"})
    answer(ann, other, mine, "x")
    wait(lambda: counts(lead, other)["human"] == 1)  # what follows compares the numbers of rows


def test_files_that_are_no_pictures():
    jpeg = next(os.path.join(harness.SAMPLES, "pictures", f) for f in
                sorted(os.listdir(os.path.join(harness.SAMPLES, "pictures")))
                if f.endswith(".jpg"))
    jpeg = open(jpeg, "rb").read()
    for name, body, code in (
            ("empty.png", b"", None), ("text.png", b"hello, I am a picture", "image.unknown"),
            ("page.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image.unknown"),
            ("gif.png", b"GIF89a\1\0\1\0\0\0\0;", "image.unknown"),
            ("bomb.png", png(60000, 60000), "image.too_large"),
            ("wide.png", png(2**31 - 1, 1), None), ("none.png", png(0, 0), None),
            ("cut.png", GOOD_PNG[:60], "image.broken"), ("head.png", GOOD_PNG[:8], None),
            ("short.png", png(100, 100, b"\0" * 50), "image.broken"),
            ("cut.jpg", jpeg[:len(jpeg) // 2], "image.broken"), ("head.jpg", jpeg[:4], None),
            ("crc.png", GOOD_PNG.replace(b"IDAT", b"IDAX"), None)):
        r = refused(lead, "POST", PICS + f"/files?name={name}", 422, code, body=body)
        assert r.code.startswith("image."), (name, r.body)
    r = lead.want(201, "POST", PICS + "/files?name=good.png", GOOD_PNG)
    assert r["added"] is True


def test_texts_that_are_none():
    refused(lead, "POST", URL + "/files?name=a.txt", 422, body=b"")
    refused(lead, "POST", URL + "/files?name=a.txt", 422, body=b"\xff\xfe\0x")
    refused(lead, "POST", URL + "/files", 422, field="name", body=b"x")
    refused(lead, "POST", URL + "/files?name=" + "x" * 401, 422, field="name", body=b"x")


def test_items_in_json_that_are_none():
    for body, status in ((b"{", 400), (b"[]", 422), (b"{}", 422), (b'{"items":{}}', 422),
                         (b'{"items":[],"items":[]}', 400), (b"\xff", 400), (b"", 400)):
        refused(lead, "POST", URL + "/items", status, body=body, type="application/json")


def test_bad_lines_are_reported_by_number_and_the_good_ones_go_on():
    job = text_job(lead, "lines")
    deep = b'{"source":"x","y":' + b"[" * 3000 + b"]" * 3000 + b"}"
    bad = {2: b"not json", 4: b'{"text-of":"nothing"}', 5: b'{"source":1}', 6: b'{"source":""}',
           7: b'{"source":"a","source-ref":"b"}', 8: b'{"source":"x\xff"}', 9: b'{"source":"a\0b"}',
           10: b'{"source":"a","source":"b"}', 11: deep, 12: b'{"source":"x","$y":1}', 13: b"[1]",
           14: b'{"source":"' + b"x" * (20 << 20) + b'"}', 15: b'{"source":"x","id":""}',
           16: b'{"source-ref":"../../etc/passwd"}', 17: b'{"source-ref":"/etc/passwd"}',
           18: b'{"source":"' + b"y" * (5 << 20) + b'"}'}
    lines = [bad.get(n, b'{"source":"good %d"}' % n) for n in range(1, 21)]
    done = upload(lead, job, b"\n".join(lines) + b"\n")
    assert done["state"] == "done" and done["lines"] == 20, done
    found = {e["line"]: e for e in done["errors"]}
    assert set(found) == set(bad), set(found) ^ set(bad)
    assert done["failed"] == len(bad) and done["added"] == 20 - len(bad), done
    assert all(e["code"].startswith("line.") and len(e["message"]) < 500 for e in found.values())
    assert found[14]["code"] == "line.too_long" and found[18]["code"] == "line.text_too_long"
    assert found[16]["code"] == "line.path" and found[9]["code"] == "line.not_utf8"
    c = counts(lead, job)
    assert (c["total"], c["failed"], c["waiting"]) == (20, len(bad), 20 - len(bad)), c
    shown = harness.items(lead, job)
    assert [i["line"] for i in shown] == list(range(20))
    assert {i["line"] + 1 for i in shown if i["state"] == "failed"} == set(bad)
    assert all(i["failure"] for i in shown if i["state"] == "failed")
    assert not server.files("uploads")


def test_a_csv_that_is_broken():
    job = text_job(lead, "tables")
    done = upload(lead, job, b"colour,size\n1,2\n", type="text/csv")
    assert done["added"] == 0 and (done["state"] == "failed" or done["failed"]), done
    done = upload(lead, job, b'source\nfine\n"never closed\n', type="text/csv")
    assert done["failed"] == 1 and done["added"] == 1, done
    assert not server.files("uploads")


def test_paths_that_climb_out_of_the_import_root():
    OUTSIDE.write('{"source":"secret"}\n')
    OUTSIDE.flush()
    os.symlink(OUTSIDE.name, os.path.join(IMPORTS.name, "link.jsonl"))
    os.symlink("/etc", os.path.join(IMPORTS.name, "etc"))
    for path in ("../" + os.path.basename(OUTSIDE.name), OUTSIDE.name, "/etc/passwd", "link.jsonl",
                 "etc/passwd", "..", "./..", "etc/../../etc/passwd"):
        refused(lead, "POST", URL + "/imports", 422, body={"source": path})
    for path in ("nowhere.jsonl", "a/../../x", "~/x", "a\\..\\..\\x"):
        refused(lead, "POST", URL + "/imports", 404, body={"source": path})
    before = counts(lead, JOB)
    open(os.path.join(IMPORTS.name, "fine.jsonl"), "w").write('{"source":"inside"}\n')
    id = lead.want(202, "POST", URL + "/imports", {"source": "fine.jsonl"})["id"]
    assert import_done(lead, JOB, id)["added"] == 1
    assert counts(lead, JOB)["total"] == before["total"] + 1
    manifest = "".join(json.dumps({"source-ref": p}) + "\n"
                       for p in ("../x", "etc/hostname", "link.jsonl", "/etc/hostname", "fine.txt"))
    open(os.path.join(IMPORTS.name, "refs.jsonl"), "w").write(manifest)
    open(os.path.join(IMPORTS.name, "fine.txt"), "w").write("from a file")
    id = lead.want(202, "POST", URL + "/imports", {"source": "refs.jsonl"})["id"]
    done = import_done(lead, JOB, id)
    assert (done["added"], done["failed"]) == (1, 4), done


def test_names_that_are_taken():
    refused(lead, "POST", "/api/v1/jobs", 409, "job.name_taken", "name",
            {"name": "VICTIM", "type": "text-classification",
             "labels": [{"name": "a"}, {"name": "b"}]})
    for name in ("lead", "LEAD", "Lead"):
        refused(admin, "POST", "/api/v1/people", 409, "person.name_taken",
                body={"name": name, "role": "lead"})
    lead.want(201, "POST", "/api/v1/teams", {"name": "team"})
    refused(lead, "POST", "/api/v1/teams", 409, "team.name_taken", body={"name": "TEAM"})


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
