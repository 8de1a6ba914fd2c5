#!/usr/bin/env python3
"""The documentation: sound in itself, and true to the running server. That each answer fits it is
checked by the harness in every test of every script."""
import os
import re
import sys

import harness
import schema
from harness import Client

server = harness.Server()
api = server.openapi
admin = server.person("admin", "admin")
METHODS = ("get", "post", "put", "patch", "delete")
TABLE_ROW = re.compile(r'\.method = HTTP_(\w+),\s*\.path = "([^"]+)"')


def operations():
    for template, path in api["paths"].items():
        for method, o in path.items():
            yield template, method, o


def test_the_document_is_openapi_3_1_in_structure():
    assert api["openapi"].startswith("3.1.")
    assert api["info"]["title"] and api["info"]["version"]
    for template, method, o in operations():
        at = f"{method} {template}"
        assert method in METHODS and template.startswith("/"), at
        assert o["summary"] and o["tags"], at
        codes = set(o["responses"])
        assert codes and all(re.match(r"^([1-5]\d\d|default)$", c) for c in codes), (at, codes)
        assert any(c[0] == "2" for c in codes), at
        assert all(r["description"] for r in o["responses"].values()), at
        names = [p["name"] for p in o["parameters"] if p["in"] == "path"]
        assert names == re.findall(r"\{(\w+)\}", template), at
        assert all(p["required"] for p in o["parameters"] if p["in"] == "path"), at
        assert len({(p["in"], p["name"]) for p in o["parameters"]}) == len(o["parameters"]), at
        assert method != "get" or "requestBody" not in o, at


def test_no_two_paths_differ_only_in_the_names_of_their_parameters():
    plain = [re.sub(r"\{\w+\}", "{}", t) for t in api["paths"]]
    assert len(plain) == len(set(plain)), sorted(p for p in plain if plain.count(p) > 1)


def test_every_reference_leads_to_a_schema_and_every_schema_is_used():
    used = set()
    for node, at in schema.walk(api):
        if isinstance(node.get("$ref"), str):
            schema.resolve(node, api)
            used.add(node["$ref"].rsplit("/", 1)[1])
    assert used == set(api["components"]["schemas"]), used ^ set(api["components"]["schemas"])


def test_every_schema_uses_known_keywords_and_requires_what_it_has():
    for name, s in api["components"]["schemas"].items():
        for node, at in schema.walk(s):
            if at.rsplit("/", 1)[-1] == "properties":
                continue
            assert set(node) <= schema.KNOWN, (name, at, set(node) - schema.KNOWN)
            assert set(node.get("required", [])) <= set(node.get("properties", {})), (name, at)
            assert node.get("type", "object") in schema.TYPES, (name, at)


def test_the_checker_itself_finds_faults():
    s = {"type": "object", "additionalProperties": False, "required": ["a"], "properties": {
        "a": {"type": "integer", "minimum": 1, "maximum": 3}, "t": {"type": "string",
                                                                     "format": "date-time"},
        "l": {"type": "array", "items": {"type": "string", "enum": ["x"]}}}}
    assert schema.faults({"a": 2, "t": "2026-01-01T00:00:00.5Z", "l": ["x"]}, s, {}) == []
    for bad in ({}, {"a": 0}, {"a": 4}, {"a": True}, {"a": 1.5}, {"a": 1, "b": 1}, [],
                {"a": 1, "t": "yesterday"}, {"a": 1, "l": ["y"]}, {"a": 1, "l": "x"}, {"a": None}):
        assert schema.faults(bad, s, {}), bad


def test_security_names_the_real_cookie_and_the_bearer_scheme():
    schemes = api["components"]["securitySchemes"]
    assert schemes["session"] == {"type": "apiKey", "in": "cookie", "name": "plumbline"}, schemes
    assert schemes["key"]["scheme"] == "bearer"
    for requirement in api["security"]:
        assert set(requirement) <= set(schemes)


def test_every_row_of_the_route_tables_is_documented_and_nothing_else():
    tables = os.path.join(harness.ROOT, "server/api")
    rows = set()
    for name in os.listdir(tables):
        if name.endswith(".c"):
            text = open(os.path.join(tables, name), encoding="utf-8").read()
            rows |= {(m.lower(), p) for m, p in TABLE_ROW.findall(text) if p[-1] != "/"}
            rows |= {("post", f"/api/v1/jobs/{{job}}/{n}")
                     for n in re.findall(r'^    ACTION\("(\w+)",', text, re.M)}
    documented = {(m, t) for t, m, o in operations()}
    assert rows == documented, rows ^ documented


def test_documented_routes_answer_and_other_methods_and_paths_do_not():
    for template, path in api["paths"].items():
        real = re.sub(r"\{(\w+)\}", r"\1_999999", template)
        for method in METHODS:
            r = admin.call(method.upper(), real, {"nonsense": 1} if method in path and
                           "requestBody" in path[method] else None)
            if method in path:
                assert r.status != 405 and r.code != "path.not_found", (method, real, r.status)
            else:
                assert (r.status, r.code) == (405, "method.not_allowed"), (method, real, r.status)
                allowed = set(r.headers["Allow"].lower().split(", "))
                assert allowed - {"head"} == set(path), (method, real, allowed, set(path))
        for wrong in (real + "/nowhere/at/all", real + "/a/b/c/d/e/f/g"):
            r = admin.get(wrong)
            assert (r.status, r.code) == (404, "path.not_found"), wrong
    for path in ("/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/jobs", "/api/v1/job", "/metrics/x"):
        assert (r := admin.get(path)).status == 404 and r.code == "path.not_found", path


def test_head_answers_like_get_without_a_body():
    for path in ("/healthz", "/api/v1/setup", "/api/v1/openapi.json", "/metrics"):
        head, get = admin.call("HEAD", path), admin.get(path)
        assert head.status == 200 and head.body == b"", path
        assert head.headers["Content-Type"] == get.headers["Content-Type"], path


def test_query_parameters_are_held_to_their_schemas():
    for template, method, o in operations():
        for p in o["parameters"]:
            if p["in"] != "query":
                continue
            real = re.sub(r"\{(\w+)\}", r"\1_999999", template)
            s = p["schema"]
            if "enum" in s:
                bad = "no-such-choice"
            elif s["type"] == "integer":
                bad = str(s["maximum"] + 1)
            elif s["type"] == "string" and "maxLength" in s:
                bad = "x" * (s["maxLength"] + 1)
            else:
                bad = "word"
            body = b"x" if "requestBody" in o else None
            r = admin.call(method.upper(), f"{real}?{p['name']}={bad}", body, type="text/csv")
            assert r.status == 422 and r["field"] == p["name"], (method, real, p["name"], r.body)
        if method == "get" and any(p["in"] == "query" for p in o["parameters"]):
            r = admin.get(re.sub(r"\{(\w+)\}", r"\1_999999", template) + "?no_such_parameter=1")
            assert r.status == 422, (template, r.status, r.body)


def test_the_error_s_id_is_also_a_header():
    r = Client(server).get("/api/v1/jobs")
    assert r["id"] == r.headers["X-Request-Id"] and len(r["id"]) >= 8


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
