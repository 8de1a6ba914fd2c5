#!/usr/bin/env python3
"""Jobs: made, listed, changed, moved through their states, deleted; label sets and who may label."""
import sys

import harness
from harness import counts, lease, leased, answer, state, text_job, upload, wait

server = harness.Server()
lead = server.person("lead", "lead")
reviewer = server.person("reviewer", "reviewer")
ann = server.person("ann")
ben = server.person("ben")


def test_a_job_has_what_it_was_made_with_and_defaults_for_the_rest():
    job = lead.want(201, "POST", "/api/v1/jobs", {
        "name": "All-Settings", "type": "text-classification", "title": "Ü title",
        "description": "In short.\n<b>",
        "instructions": "# Do\n*this*", "label_attribute": "topic", "annotators_per_item": 3,
        "open_items": 77, "lease_seconds": 60, "availability_seconds": 3600, "consolidation": "majority", "auto_advance": False,
        "auto_label": {"enabled": True, "target": 0.9, "whole_set": True, "max_human_items": 500,
                       "max_share_percent": 40},
        "labels": [{"name": "α", "description": "first", "color": "#112233", "hot_key": "1"},
                   {"name": "β"}]}).json
    for name, value in {"name": "All-Settings", "title": "Ü title", "label_attribute": "topic",
                        "annotators_per_item": 3, "open_items": 77, "lease_seconds": 60,
                        "description": "In short.\n<b>", "availability_seconds": 3600,
                        "consolidation": "majority", "auto_advance": False,
                        "state": "initializing", "label_set_version": 1,
                        "instructions_version": 1, "created_by": lead.id,
                        "instructions": "# Do\n*this*"}.items():
        assert job[name] == value, (name, job[name])
    assert job["auto_label"] == {"enabled": True, "target": 0.9, "whole_set": True,
                                 "max_human_items": 500, "max_share_percent": 40}
    assert job["labels"][0]["color"] == "#112233" and job["labels"][0]["hot_key"] == "1"
    assert [l["name"] for l in job["labels"]] == ["α", "β"]
    assert all(v == 0 for v in job["counts"].values())
    plain = lead.get("/api/v1/jobs/" + text_job(lead, "plain")).json
    assert plain["title"] == "plain" and plain["label_attribute"] == "label"
    assert (plain["annotators_per_item"], plain["open_items"], plain["lease_seconds"]) == \
        (1, 1000, 300)
    assert plain["consolidation"] == "em" and plain["auto_label"]["enabled"] is False
    assert (plain["description"], plain["availability_seconds"]) == ("", 0)
    assert lead.get("/api/v1/jobs/ALL-settings")["id"] == job["id"]
    guide = ann.want(200, "GET", f"/api/v1/jobs/{job['id']}/guide")
    assert guide["description"] == "In short.\n<b>"


def test_a_name_is_taken_without_regard_to_case():
    for name in ("plain", "PLAIN", "Plain"):
        lead.want("409 job.name_taken", "POST", "/api/v1/jobs",
                  {"name": name, "type": "text-classification", "labels": [{"name": "a"},
                                                                           {"name": "b"}]})


def test_wrong_settings_are_refused_by_field():
    good = {"name": "wrong", "type": "text-classification", "labels": [{"name": "a"},
                                                                       {"name": "b"}]}
    before = len(lead.get("/api/v1/jobs?limit=1000")["jobs"])
    for change, field in [
            ({"name": ""}, "name"), ({"name": "a b"}, "name"), ({"name": "-a"}, "name"),
            ({"name": "ä"}, "name"), ({"name": "a" * 64}, "name"), ({"name": 3}, "name"),
            ({"type": "no-such"}, "type"), ({"type": "bounding-box"}, "type"),
            ({"labels": []}, "labels"), ({"labels": [{"name": "a"}]}, "labels"),
            ({"labels": [{"name": "a"}, {"name": "a"}]}, "labels[1].name"),
            ({"labels": [{"name": "a"}, {"name": ""}]}, "labels[1].name"),
            ({"labels": [{"name": "a"}, {}]}, "labels[1].name"),
            ({"labels": [{"name": "a"}, "b"]}, "labels[1]"),
            ({"labels": [{"name": "a"}, {"name": "b", "color": "red"}]}, "labels[1].color"),
            ({"labels": [{"name": "a"}, {"name": "b", "hot_key": "x"}]}, "labels[1].hot_key"),
            ({"labels": [{"name": "a"}, {"name": "b", "size": 1}]}, "labels[1].size"),
            ({"labels": {"a": 1}}, "labels"),
            ({"annotators_per_item": 0}, "annotators_per_item"),
            ({"annotators_per_item": 10}, "annotators_per_item"),
            ({"annotators_per_item": 1.5}, "annotators_per_item"),
            ({"open_items": 5001}, "open_items"), ({"lease_seconds": 29}, "lease_seconds"),
            ({"lease_seconds": 2592001}, "lease_seconds"),
            ({"availability_seconds": 59}, "availability_seconds"),
            ({"availability_seconds": 2592001}, "availability_seconds"),
            ({"availability_seconds": -1}, "availability_seconds"),
            ({"description": "x" * 1001}, "description"),
            ({"output": 3}, "output"), ({"output": "bucket/prefix"}, "output"),
            ({"output": "s3:///prefix"}, "output"), ({"output": ""}, "output"),
            ({"output": "http://bucket/prefix"}, "output"),
            ({"output": "s3://bucket/" + "x" * 1024}, "output"),
            ({"consolidation": "vote"}, "consolidation"),
            ({"auto_label": {"target": 0.5}}, "auto_label.target"),
            ({"auto_label": {"target": 1}}, "auto_label.target"),
            ({"auto_label": {"max_share_percent": 101}}, "auto_label.max_share_percent"),
            ({"auto_label": {"goal": 1}}, "auto_label.goal"),
            ({"title": "x" * 201}, "title"), ({"instructions": "x" * 100001}, "instructions"),
            ({"label_attribute": "source"}, "label_attribute"),
            ({"label_attribute": "a b"}, "label_attribute"),
            ({"people": "ann"}, "people"), ({"surprise": 1}, "surprise")]:
        r = lead.post("/api/v1/jobs", {**good, **change})
        assert r.status == 422 and r["field"] == field, (change, r.status, r.body)
    for change in ({"people": ["person_999"]}, {"teams": ["team_999"]}, {"people": ["x"]}):
        assert lead.post("/api/v1/jobs", {**good, **change}).status == 404, change
    assert len(lead.get("/api/v1/jobs?limit=1000")["jobs"]) == before
    for field in ("name", "type", "labels"):
        r = lead.post("/api/v1/jobs", {k: v for k, v in good.items() if k != field})
        assert r.status == 422 and r["field"] == field, r.body


def output_of(job):
    return server.rows("SELECT output FROM job WHERE id = ?", int(job[4:]))[0][0]


def test_where_the_output_goes_is_fixed_by_the_start():
    job = text_job(lead, "output-fixed", 2, output="s3://bucket/pre fix/ü")
    path = f"/api/v1/jobs/{job}"
    assert output_of(job) == "s3://bucket/pre fix/ü"
    lead.want(200, "PATCH", path, {"output": None})
    assert output_of(job) is None
    lead.want(200, "PATCH", path, {"title": "another"})
    lead.want(200, "PATCH", path, {"output": "https://s3.us-east-1.amazonaws.com/bucket/x"})
    lead.want(200, "PATCH", path, {"output": "s3://bucket/two"})
    lead.want(200, "POST", path + "/start")
    lead.want(200, "PATCH", path, {"output": "s3://bucket/two", "title": "the same place"})
    for place in ("s3://bucket/three", None):
        lead.want("409 job.output_fixed", "PATCH", path, {"output": place})
    assert output_of(job) == "s3://bucket/two"


def test_limits_and_times_change_while_people_work():
    job = text_job(lead, "times", 2)
    path = f"/api/v1/jobs/{job}"
    lead.want(200, "POST", path + "/start")
    got = lead.want(200, "PATCH", path, {"lease_seconds": 2592000, "availability_seconds": 60,
                                         "description": "Now in other words."})
    assert (got["lease_seconds"], got["availability_seconds"]) == (2592000, 60)
    assert got["description"] == "Now in other words."
    got = lead.want(200, "PATCH", path, {"availability_seconds": 0})
    assert got["availability_seconds"] == 0
    answer(ann, job, lease(ann, job)[0], "red")


def test_lists_page_and_filter():
    made = [text_job(lead, f"list-{i}", title=f"The 100%_sure {i}") for i in range(7)]
    seen, after = [], ""
    while True:
        page = reviewer.want(200, "GET", f"/api/v1/jobs?q=list-&limit=3{after}")
        seen += [j["id"] for j in page["jobs"]]
        if "next" not in page.json:
            break
        after = "&after=" + page["next"]
    assert seen == made[::-1], seen
    def find(query):
        return [j["name"] for j in lead.get("/api/v1/jobs?" + query)["jobs"]]
    assert find("q=LIST-3") == ["list-3"]
    assert find("q=100%25_sure%205") == ["list-5"]
    assert find("q=%25") == [f"list-{i}" for i in range(6, -1, -1)]
    assert find("type=image-classification") == []
    assert len(find("type=text-classification&state=initializing&limit=1000")) >= 7
    assert find("state=completed") == []
    assert lead.get("/api/v1/jobs?after=x").status == 422


def test_every_change_of_state_allowed_and_refused():
    allowed = {("initializing", "start"): "in_progress", ("in_progress", "pause"): "paused",
               ("paused", "resume"): "in_progress", ("initializing", "stop"): "stopped",
               ("in_progress", "stop"): "stopped", ("paused", "stop"): "stopped"}
    ways = {"initializing": [], "in_progress": ["start"], "paused": ["start", "pause"],
            "stopped": ["start", "stop"], "completed": None}
    for begin, way in ways.items():
        for action in ("start", "pause", "resume", "stop"):
            job = text_job(lead, f"state-{begin.replace('_', '-')}-{action}", 1)
            url = f"/api/v1/jobs/{job}/"
            for step in way if way is not None else ["start"]:
                lead.want(200, "POST", url + step)
            if begin == "completed":
                answer(ann, job, leased(ann, job)[0], "red")
            wait(lambda: state(lead, job) == begin)
            if (begin, action) in allowed:
                lead.want(200, "POST", url + action)
                wait(lambda: state(lead, job) == allowed[begin, action])
            else:
                lead.want("409 job.state", "POST", url + action)
                assert state(lead, job) == begin


def test_a_job_without_usable_items_does_not_start():
    job = text_job(lead, "empty")
    lead.want("409 job.no_items", "POST", f"/api/v1/jobs/{job}/start")
    upload(lead, job, b"not json\n{}\n")
    lead.want("409 job.no_items", "POST", f"/api/v1/jobs/{job}/start")


def test_an_ended_job_takes_no_more_items():
    job = text_job(lead, "ended", 1, start=True)
    lead.want(200, "POST", f"/api/v1/jobs/{job}/stop")
    wait(lambda: state(lead, job) == "stopped")
    lead.want("409 job.ended", "POST", f"/api/v1/jobs/{job}/items", b'{"source":"x"}\n',
              type="application/x-ndjson")
    lead.want("409 job.ended", "POST", f"/api/v1/jobs/{job}/files?name=a.txt", b"x")
    assert not server.files("uploads")


def test_a_patch_changes_what_it_names_and_nothing_else():
    job = text_job(lead, "patched", title="before")
    url = f"/api/v1/jobs/{job}"
    before = lead.get(url).json
    assert lead.want(200, "PATCH", url, {}).json == before
    after = lead.want(200, "PATCH", url, {"title": "after"}).json
    assert {k for k in after if after[k] != before[k]} == {"title"}
    after = lead.want(200, "PATCH", url, {"instructions": "new", "lease_seconds": 99,
                                          "auto_label": {"target": 0.99}}).json
    assert after["instructions_version"] == 2 and after["lease_seconds"] == 99
    assert after["auto_label"] == {"enabled": False, "target": 0.99, "whole_set": False}
    assert lead.want(200, "PATCH", url, {"instructions": "new"})["instructions_version"] == 2
    for field in ("name", "type", "label_attribute", "state"):
        r = lead.call("PATCH", url, {field: "x"})
        assert r.status == 422 and r["field"] == field, (field, r.body)
    lead.want(404, "PATCH", "/api/v1/jobs/job_9999", {"title": "x"})


def test_label_sets_have_versions():
    job = text_job(lead, "labels", 3, start=True)
    url = f"/api/v1/jobs/{job}"
    red, green, blue = lead.get(url)["labels"]
    assert len({l["id"] for l in (red, green, blue)}) == 3
    answer(ann, job, leased(ann, job)[0], "blue")
    new = lead.want(200, "PATCH", url, {"labels": [
        {"id": red["id"], "name": "crimson"}, {"id": green["id"], "name": "green"},
        {"name": "violet"}]}).json
    assert new["label_set_version"] == 2
    by_name = {l["name"]: l for l in new["labels"]}
    assert by_name["crimson"]["id"] == red["id"] and not by_name["crimson"]["hidden"]
    assert by_name["blue"]["hidden"] and by_name["blue"]["id"] == blue["id"]
    assert by_name["violet"]["id"] not in (red["id"], green["id"], blue["id"])
    guide = ann.want(200, "GET", url + "/guide")
    assert [l["name"] for l in guide["labels"]] == ["crimson", "green", "violet"], guide["labels"]
    task = lease(ann, job)[0]
    for gone in ("red", "blue"):
        answer(ann, job, task, gone, "422 answer.invalid")
    answer(ann, job, task, "violet", 422, label_set_version=3)
    answer(ann, job, task, "blue", label_set_version=1)  # was on the screen when it was hidden
    answer(ann, job, lease(ann, job)[0], "violet")
    wait(lambda: state(lead, job) == "completed")
    shown = [i["label"] for i in harness.items(lead, job)]
    assert sorted(shown) == ["blue", "blue", "violet"], shown
    back = lead.want(200, "PATCH", url, {"labels": [{"id": l["id"], "name": l["name"]}
                                                    for l in new["labels"]]}).json
    assert back["label_set_version"] == 3 and not any(l["hidden"] for l in back["labels"])
    r = lead.call("PATCH", url, {"labels": [{"id": "no-such", "name": "x"}, {"name": "y"}]})
    assert r.status == 422, r.body
    assert lead.get(url)["label_set_version"] == 3


def test_people_and_teams_restrict_who_may_label():
    team = lead.want(201, "POST", "/api/v1/teams", {"name": "Night shift"})["id"]
    job = text_job(lead, "restricted", 4, start=True, people=[ann.id])
    url = f"/api/v1/jobs/{job}"
    leased(ann, job)
    for path in ("", "/next", "/guide", "/events"):
        ben.want("404 job.not_found", "GET", url + path)
    ben.want("404 job.not_found", "POST", url + "/leases", {"n": 1})
    assert job not in [j["id"] for j in ben.get("/api/v1/tasks")["jobs"]]
    item = harness.items(lead, job)[0]["id"]
    ben.want(404, "GET", f"/api/v1/items/{item}/media")
    lead.want(200, "PATCH", url, {"people": [], "teams": [team]})
    ann.want("404 job.not_found", "POST", url + "/leases", {"n": 1})
    ben.want("404 job.not_found", "POST", url + "/leases", {"n": 1})
    lead.want(204, "PUT", f"/api/v1/teams/{team}/members/{ben.id}")
    assert leased(ben, job)
    lead.want("409 team.in_use", "DELETE", f"/api/v1/teams/{team}")
    lead.want(204, "DELETE", f"/api/v1/teams/{team}/members/{ben.id}")
    ben.want("404 job.not_found", "POST", url + "/leases", {"n": 1})
    lead.want(200, "PATCH", url, {"teams": []})
    assert leased(ann, job)
    shown = lead.get(url).json
    assert shown["people"] == [] and shown["teams"] == []
    lead.want(204, "DELETE", f"/api/v1/teams/{team}")
    lead.want("404 team.not_found", "GET", f"/api/v1/teams/{team}")


def test_teams_are_made_renamed_and_listed():
    a = lead.want(201, "POST", "/api/v1/teams", {"name": "Alpha", "description": "x"})
    lead.want("409 team.name_taken", "POST", "/api/v1/teams", {"name": "aLPHA"})
    b = lead.want(201, "POST", "/api/v1/teams", {"name": "Beta"})
    lead.want("409 team.name_taken", "PATCH", f"/api/v1/teams/{b['id']}", {"name": "alpha"})
    assert lead.want(200, "PATCH", f"/api/v1/teams/{b['id']}",
                     {"description": "second"})["name"] == "Beta"
    lead.want(204, "PUT", f"/api/v1/teams/{a['id']}/members/{ann.id}")
    lead.want(204, "PUT", f"/api/v1/teams/{a['id']}/members/{ann.id}")
    shown = lead.get(f"/api/v1/teams/{a['id']}").json
    assert shown["members"] == 1 and shown["people"][0]["id"] == ann.id
    lead.want("404 person.not_found", "PUT", f"/api/v1/teams/{a['id']}/members/person_999")
    lead.want("404 team.not_found", "PUT", f"/api/v1/teams/team_999/members/{ann.id}")
    names = [t["name"] for t in lead.get("/api/v1/teams")["teams"]]
    assert {"Alpha", "Beta"} <= set(names)


def test_deleting_asks_for_the_name_and_leaves_nothing():
    job = text_job(lead, "delete-me", 30, start=True)
    other = text_job(lead, "keep-me", 3, start=True)
    answer(ann, job, leased(ann, job)[0], "red")
    harness.export(lead, job)
    url = f"/api/v1/jobs/{job}"
    for query in ("", "?confirm=", "?confirm=delete", "?confirm=keep-me"):
        r = lead.call("DELETE", url + query)
        assert r.status == 422 and r["field"] == "confirm", r.body
    assert counts(lead, job)["total"] == 30
    lead.want(204, "DELETE", url + "?confirm=Delete-Me")
    lead.want("404 job.not_found", "GET", url)
    lead.want("404 job.not_found", "DELETE", url + "?confirm=delete-me")
    assert counts(lead, other)["total"] == 3
    number = int(job[4:])
    for (table,) in server.rows("SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name)"
                                " c ON c.name = 'job' WHERE m.type = 'table'"):
        left = server.rows(f"SELECT count(*) FROM {table} WHERE job = ?", number)[0][0]
        assert left == 0, (table, left)
    for table, item in (("item", "id"), ("payload", "item"), ("key_run", "first"),
                        ("guess", "item")):
        left = server.rows(f"SELECT count(*) FROM {table} WHERE {item} >> 32 = ?", number)
        assert left == [(0,)], (table, left)
    assert server.rows("SELECT count(*) FROM answer_by WHERE answer NOT IN (SELECT id FROM answer)"
                       ) == [(0,)]
    assert not [f for f in server.files("exports")], server.files("exports")
    assert text_job(lead, "delete-me") != job
    me = ann.get("/api/v1/tasks").json
    assert all(r["job"] != job for r in me["recent"]) and job not in [j["id"] for j in me["jobs"]]


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
