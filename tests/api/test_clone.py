#!/usr/bin/env python3
"""Jobs from jobs: cloned with the lines as they came, chained with the labels so far."""
import glob
import json
import os
import random
import signal
import sys
import time

import harness
from harness import answer, counts, leased, lease, state, text_job, upload, wait

server = harness.Server()
lead = server.person("lead", "lead")
ann = server.person("ann")
ben = server.person("ben")


def clone(job, name, status=201, **body):
    return lead.want(status, "POST", f"/api/v1/jobs/{job}/clone", {"name": name, **body})


def copied(job, name, **body):
    """A clone whose items are there; its id."""
    id = clone(job, name, **body)["id"]
    wait(lambda: all(i["state"] != "running"
                     for i in lead.get(f"/api/v1/jobs/{id}/imports")["imports"]), 60)
    return id


def lines_of(job):
    return [l for l, in server.rows("SELECT line FROM payload WHERE item >> 32 = ? ORDER BY item",
                                    int(job[4:]))]


def label(person, job, texts):
    """Answers until these texts have their labels, {text: label}; the rest is given back."""
    texts, held = dict(texts), []
    while texts:
        for task in leased(person, job, 5):
            if task["source"] in texts:
                answer(person, job, task, texts.pop(task["source"]))
            else:
                held.append(task)
    for task in held:
        person.want(204, "DELETE", f"/api/v1/leases/{task['lease']}")


def exported(job, scope="all"):
    return [json.loads(l) for l in harness.export(lead, job, scope=scope)[1].splitlines()]


def test_a_clone_has_the_settings_people_and_lines_of_the_first():
    team = lead.want(201, "POST", "/api/v1/teams", {"name": "crew"})["id"]
    settings = {"title": "Ü", "description": "In short", "instructions": "*Look*",
                "label_attribute": "colour", "annotators_per_item": 2, "open_items": 7,
                "lease_seconds": 90, "availability_seconds": 3600, "consolidation": "majority",
                "auto_advance": False, "output": "s3://bucket/out", "people": [ann.id],
                "teams": [team],
                "auto_label": {"enabled": False, "target": 0.9, "max_human_items": 40,
                               "max_share_percent": 50, "whole_set": True}}
    first = text_job(lead, "first", **settings)
    upload(lead, first, [{"source": "one", "plot": 1}, {"source": "two", "id": "mine"},
                         {"source": "one", "plot": 1}, {"source": "four", "colour": 1,
                          "colour-metadata": {"class-name": "green"}}])
    upload(lead, first, b'not json\n{"source":"six"}\n')
    id = copied(first, "second")
    a, b = (lead.get(f"/api/v1/jobs/{j}").json for j in (first, id))
    same = ("title", "type", "description", "instructions", "label_attribute", "labels", "people",
            "teams", "annotators_per_item", "open_items", "lease_seconds", "availability_seconds",
            "consolidation", "auto_advance", "auto_label", "counts")
    assert {k: a[k] for k in same} == {k: b[k] for k in same}, (a, b)
    assert (b["name"], b["state"]) == ("second", "initializing") and "initial_model" not in b
    assert lines_of(first)[:4] == lines_of(id)[:4] and lines_of(first)[5] == lines_of(id)[5]
    assert server.rows("SELECT output FROM job WHERE id = ?", int(id[4:])) == [("s3://bucket/out",)]
    got = lead.get(f"/api/v1/jobs/{id}/imports")["imports"]
    assert [(i["source"], i["state"], i["lines"], i["added"], i["failed"]) for i in got] == \
        [(f"{first}:input", "done", 6, 5, 1)], got
    # What is there already is there in the clone as well.
    done = upload(lead, id, [{"source": "two", "id": "mine"}, {"source": "seven"}])
    assert (done["added"], done["duplicates"]) == (1, 1), done
    assert not server.files("uploads")


def test_names_are_free_or_refused():
    first = text_job(lead, "named", 2)
    for name in ("named", "NAMED"):
        clone(first, name, "409 job.name_taken")
    r = clone(first, "a b", 422)
    assert r["field"] == "name"
    assert clone(first, "other", 422, label_attribute="source")["field"] == "label_attribute"
    assert clone(first, "other", 422, labels="both")["field"] == "labels"
    assert clone(first, "other", 422, title="x" * 201)["field"] == "title"
    clone("job_9999", "other", 404)
    ann.want(403, "POST", f"/api/v1/jobs/{first}/clone", {"name": "other"})
    made = clone(first, "other", title="Another", label_attribute="kind")
    assert (made["title"], made["label_attribute"]) == ("Another", "kind")
    assert lead.get("/api/v1/jobs/named")["title"] == clone(first, "third")["title"] == "named"
    empty = copied(text_job(lead, "nothing"), "nothing-2")
    assert counts(lead, empty)["total"] == 0


def test_a_clone_begins_anew_and_a_chain_goes_on():
    texts = [f"text {i}" for i in range(6)]
    first = text_job(lead, "work", texts, start=True)
    label(ann, first, {texts[0]: "red", texts[3]: "blue"})
    broken = leased(ann, first)[0]
    ann.want(201, "POST", f"/api/v1/jobs/{first}/skips",
             {"lease": broken["lease"], "reason": "broken"})
    wait(lambda: (c := counts(lead, first))["human"] == 2 and c["failed"] == 1)
    again = copied(first, "work-again")
    c = counts(lead, again)
    assert (c["waiting"], c["failed"], c["total"]) == (6, 0, 6), c

    chain = copied(first, "work-on", labels="output")
    c = counts(lead, chain)
    assert (c["waiting"], c["failed"], c["total"]) == (4, 0, 4), c
    lead.want(200, "POST", f"/api/v1/jobs/{chain}/start")
    label(ben, chain, {t: "green" for t in texts if t not in (texts[0], texts[3])})
    wait(lambda: state(lead, chain) == "completed")
    got = exported(chain)
    assert [l["label-metadata"]["class-name"] for l in got] == \
        ["red"] + ["green"] * 2 + ["blue"] + ["green"] * 2, got
    assert [l["label-metadata"]["job-name"] for l in got[:2]] == \
        ["labeling-job/work", "labeling-job/work-on"], got[:2]
    assert not [l for l in got if "failure-reason" in l["label-metadata"]]

    second = copied(chain, "work-twice", labels="output", label_attribute="second")
    assert counts(lead, second)["waiting"] == 6
    lead.want(200, "POST", f"/api/v1/jobs/{second}/start")
    label(ann, second, {t: "red" for t in texts})
    wait(lambda: state(lead, second) == "completed")
    got = exported(second)
    assert {l["second-metadata"]["class-name"] for l in got} == {"red"}
    assert got[3]["label-metadata"]["class-name"] == "blue", got[3]
    back = copied(second, "work-back", labels="input", label_attribute="label")
    assert counts(lead, back)["total"] == 0, "every line came with a label"


def test_pictures_are_shared():
    pictures = sorted(glob.glob(f"{harness.SAMPLES}/pictures/**/*.jpg", recursive=True))[:3]
    if not pictures:
        raise harness.Skip("no sample pictures")
    first = lead.want(201, "POST", "/api/v1/jobs",
                      {"name": "pictures", "type": "image-classification",
                       "labels": [{"name": "a"}, {"name": "b"}]})["id"]
    for path in pictures:
        with open(path, "rb") as file:
            lead.want(201, "POST", f"/api/v1/jobs/{first}/files?name={os.path.basename(path)}",
                      file.read())
    blobs = server.files("blobs")
    id = copied(first, "pictures-2")
    assert server.files("blobs") == blobs
    a, b = harness.items(lead, first), harness.items(lead, id)
    assert [i["state"] for i in b] == ["waiting"] * 3
    for one, other in zip(a, b):
        x, y = (server.rows("SELECT media, width, height, orientation FROM payload WHERE item = ?",
                            int(i["id"][5:])) for i in (one, other))
        assert x == y and x[0][0], (x, y)
    lead.want(200, "POST", f"/api/v1/jobs/{id}/start")
    task = leased(ann, id)[0]
    assert ann.want(200, "GET", task["media"]["url"]).body == open(pictures[0], "rb").read()


def test_kills_in_the_middle_of_a_copy_lose_and_double_nothing():
    first = text_job(lead, "large", [f"text {i} {'x' * 200}" for i in range(6000)])
    id = clone(first, "large-2")["id"]
    for i in range(6):
        time.sleep(0.03 + 0.03 * i)
        server.restart(signal.SIGKILL)
    wait(lambda: lead.get(f"/api/v1/jobs/{id}/imports")["imports"][0]["state"] == "done", 60)
    assert lines_of(id) == lines_of(first)
    assert counts(lead, id) == counts(lead, first)
    assert not server.files("uploads")


def test_what_is_copied_may_be_deleted_afterwards():
    first = text_job(lead, "gone", 50)
    id = copied(first, "left")
    lead.want(204, "DELETE", f"/api/v1/jobs/{first}?confirm=gone")
    assert counts(lead, id)["waiting"] == 50
    lead.want(200, "POST", f"/api/v1/jobs/{id}/start")
    assert leased(ann, id, 3)


def test_a_chain_with_auto_labelling_begins_with_the_newest_model():
    chance = random.Random(3)
    texts = [f"{chance.choice(('apple', 'granite'))} {i}" for i in range(260)]
    auto = {"auto_label": {"enabled": True, "target": 0.99}}
    first = text_job(lead, "auto", texts, labels=("red", "blue"), start=True, **auto)
    for _ in range(10):   # the random sample; then the machine learns
        for task in leased(ann, first, 10):
            answer(ann, first, task, "red" if task["source"].startswith("apple") else "blue")
    wait(lambda: server.rows("SELECT 1 FROM model WHERE job = ?", int(first[4:])), 60)
    lead.want(200, "POST", f"/api/v1/jobs/{first}/stop")
    wait(lambda: state(lead, first) == "stopped")
    newest = server.rows("SELECT max(id) FROM model WHERE job = ?", int(first[4:]))[0][0]
    chain = copied(first, "auto-on", labels="output")
    assert lead.get(f"/api/v1/jobs/{chain}")["initial_model"] == f"model_{newest}"
    for name, body in (("auto-anew", {"labels": "input"}),
                       ("auto-other", {"labels": "output", "label_attribute": "kind"})):
        assert "initial_model" not in clone(first, name, **body).json
    waiting = counts(lead, chain)["waiting"]
    assert 0 < waiting < 260
    lead.want(200, "POST", f"/api/v1/jobs/{chain}/start")
    wait(lambda: counts(lead, chain)["provisional"] == waiting)
    guesses = dict(server.rows(
        "SELECT payload.line, guess.class FROM guess JOIN payload ON payload.item = guess.item"
        " WHERE guess.job = ? AND guess.model = ?", int(chain[4:]), newest))
    right = sum(("apple" in line) == (k == 0) for line, k in guesses.items())
    assert len(guesses) == waiting and right > 0.95 * waiting, (len(guesses), right)


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
