#!/usr/bin/env python3
"""The command line beside a running service and without one: results, exit status, one sentence."""
import csv
import io
import json
import os
import re
import sys
import tarfile
import tempfile

import harness
from harness import Client, command, counts, items, leased, text_job, wait

LOGGED = re.compile(r"time=\S+Z level=(debug|info|warn) ")
FOLDER = tempfile.TemporaryDirectory(prefix="plumbline-cli-")
server = harness.Server()


def path(name, text=None):
    p = os.path.join(FOLDER.name, name)
    if text is not None:
        with open(p, "w", encoding="utf-8") as f:
            f.write(text)
    return p


def good(*arguments, **k):
    status, out, err = command(*arguments, **k)
    assert status == 0, (arguments, status, out, err)
    return out


def bad(wanted, *arguments, word="", **k):
    """Fails with this status, says nothing on standard output and one sentence on the other."""
    status, out, err = command(*arguments, **k)
    assert status == wanted, (arguments, status, out, err)
    assert out == "", out
    if arguments[0] == "serve":  # it logs as well
        err = "".join(l for l in err.splitlines(True) if not LOGGED.match(l))
    assert err.startswith("plumbline") and err.count("\n") == 1 and err.endswith("\n"), err
    assert word in err, (word, err)
    return err


def each_data():
    """The commands behave the same over a served folder and over one that nobody serves."""
    return (server.data, path("offline"))


def test_people_and_keys_with_and_without_a_service():
    for data in each_data():
        out = good("user", "add", "Eva Müller", "--role", "lead", "--data", data)
        assert out.split("\t")[1:] == ["Eva Müller", "lead\n"] and out.startswith("person_"), out
        assert good("user", "add", "plain", "--data", data).endswith("\tannotator\n")
        shown = [l.split("\t")[1:] for l in good("user", "list", "--data", data).splitlines()]
        assert ["Eva Müller", "lead", "active"] in shown and ["plain", "annotator", "active"] in \
            shown
        bad(1, "user", "add", "EVA müller", "--data", data, word="EVA")
        key = json.loads(good("key", "create", "--user", "Eva Müller", "--data", data))
        assert set(key) == {"token", "access_key_id", "secret_access_key"} and all(key.values())
        bad(1, "key", "create", "--user", "nobody", "--data", data, word="nobody")
    eva = json.loads(good("key", "create", "--user", "Eva Müller", "--data", server.data))
    assert Client(server, eva["token"]).want(200, "GET", "/api/v1/me")["name"] == "Eva Müller"


def test_a_password_from_a_file_or_from_standard_input():
    file = path("password", "a good password\nsecond line\n")
    good("user", "add", "pat", "--password-file", file, "--data", server.data)
    good("user", "add", "sid", "--password-file", "-", "--data", server.data,
         input="another password\n")
    for name, password in (("pat", "a good password"), ("sid", "another password")):
        Client(server).want(200, "POST", "/api/v1/session", {"name": name, "password": password})
    bad(1, "user", "add", "tim", "--password-file", path("weak", "short\n"), "--data", server.data,
        word="password")
    bad(1, "user", "add", "tim", "--password-file", path("none"), "--data", server.data)
    bad(1, "user", "add", "tim", "--password-file", path("empty", ""), "--data", server.data)


def test_import_and_export_with_and_without_a_service():
    lead = server.person("cli lead", "lead")
    ann = server.person("cli ann")
    job = text_job(lead, "cli-job")
    manifest = path("in.jsonl", "".join(f'{{"source":"row {i}","id":"r{i}"}}\n' for i in range(6)))
    good("import", "--job", "CLI-job", "--data", server.data, manifest)
    assert counts(lead, job)["waiting"] == 6
    good("import", "--job", job, "--data", server.data, manifest)
    assert counts(lead, job)["waiting"] == 6
    lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
    for task in leased(ann, job, 6):
        harness.answer(ann, job, task, "green")
    wait(lambda: harness.state(lead, job) == "completed")
    online = exports(server.data, "online")
    server.stop()
    assert exports(server.data, "off") == online, "the same bytes without a service"
    server.start()
    bad(1, "export", "--job", "nowhere", "--out", path("x"), "--data", server.data, word="nowhere")
    bad(1, "export", "--job", job, "--out", path("no/such/folder/x"), "--data", server.data)
    assert not os.path.exists(path("x")) and not os.path.exists(path("x.part"))


def exports(data, prefix):
    """Every format by the command line; the bytes."""
    got = {}
    for format in ("manifest", "jsonl", "csv", "tree"):
        out = path(f"{prefix}.{format}.tar" if format == "tree" else f"{prefix}.{format}")
        said = good("export", "--job", "cli-job", "--format", format, "--out", out, "--data", data)
        assert "6 lines" in said and "sha256 " in said, said
        got[format] = open(out, "rb").read()
        assert not os.path.exists(out + ".part")
    folder = path(f"{prefix}-tree")
    good("export", "--job", "cli-job", "--format", "tree", "--out", folder, "--data", data)
    with open(os.path.join(folder, "manifests/output/output.manifest"), "rb") as f:
        assert f.read() == got["manifest"]
    names = tarfile.open(fileobj=io.BytesIO(got.pop("tree"))).getnames()
    for name in names:
        assert os.path.exists(os.path.join(folder, name)), name
    assert all(json.loads(l)["label-metadata"]["class-name"] == "green"
               for l in got["manifest"].splitlines())
    return got


def test_import_reports_bad_lines_and_goes_on_with_the_good_ones():
    lead = server.person("cli lead 2", "lead")
    text_job(lead, "cli-bad")
    manifest = path("bad.jsonl", '{"source":"fine"}\nnonsense\n{"source":"fine too"}\n')
    status, out, err = command("import", "--job", "cli-bad", "--data", server.data, manifest)
    assert status == 0 and "line 2" in err and "not JSON" in err, (status, out, err)
    assert counts(lead, "cli-bad")["waiting"] == 2
    bad(1, "import", "--job", "cli-bad", "--data", server.data, path("missing.jsonl"))
    bad(1, "import", "--job", "nowhere", "--data", server.data, manifest, word="nowhere")


def test_wrong_usage_is_2_and_help_is_0():
    for arguments in (["user"], ["user", "add"], ["user", "sing", "x"], ["key"], ["key", "create"],
                      ["user", "add", "x", "--role", "king"], ["user", "list", "--nonsense"],
                      ["import", "x"], ["import", "--job", "x"], ["export", "--job", "x"],
                      ["export", "--job", "x", "--out", "y", "--format", "pdf"],
                      ["consolidate"], ["consolidate", "--type", "no-such", "-"],
                      ["consolidate", "--type", "text-classification", "--method", "dice", "-"],
                      ["serve", "too", "many"], ["serve", "--listen", "nonsense"],
                      ["serve", "--listen", "127.0.0.1:99999"], ["serve", "--undo-seconds", "-1"],
                      ["serve", "--threads", "many"], ["serve", "--log-level", "loud"],
                      ["simulate"], ["train"], ["predict"]):
        bad(2, *arguments)
    for name in ("serve", "user", "key", "import", "export", "consolidate", "simulate", "train",
                 "predict"):
        out = good(name, "--help")
        assert out.startswith("usage: plumbline " + name) and "--" in out, out
        assert all(len(l) <= 110 for l in out.splitlines()), name
    assert "serve" in good("--help") and good("help") == good("--help")
    for arguments in ([], ["dance"]):
        status, out, err = command(*arguments)
        assert status == 2 and out == "" and "usage:" in err


def test_version():
    assert good("version") == good("--version")
    assert good("version").split() == ["plumbline", server.openapi["info"]["version"]]


def test_flags_come_from_the_environment_too():
    data = path("environment")
    good("user", "add", "env", env={"PLUMBLINE_DATA": data, "PLUMBLINE_ROLE": "reviewer"})
    assert "\tenv\treviewer\tactive" in good("user", "list", "--data", data)
    bad(2, "user", "list", env={"PLUMBLINE_ROLE": "king", "PLUMBLINE_DATA": data})


def test_a_folder_in_use_and_a_port_in_use():
    bad(1, "serve", "--data", server.data, "--listen", "127.0.0.1:0")
    bad(1, "serve", "--data", path("second"), "--listen", f"127.0.0.1:{server.port}",
        word=str(server.port))
    bad(1, "serve", "--data", path("in.jsonl"), "--listen", "127.0.0.1:0")


def test_consolidate():
    truth = {f"i{n}": "ab"[n % 2] for n in range(40)}
    rows = "item,annotator,label\n" + "".join(
        f"{i},{who},{t if (who, n % 5) != ('c', 0) else 'ab'[n % 2 == 0]}\n"
        for n, (i, t) in enumerate(truth.items()) for who in "abc")
    answers = path("answers.csv", rows)
    known = path("truth.csv", "item,label\n" + "".join(f"{i},{t}\n" for i, t in truth.items()))
    for method in ("em", "majority", "ground-truth"):
        status, out, err = command("consolidate", "--type", "text-classification", "--method",
                                   method, "--truth", known, "--annotators", path("who.csv"),
                                   answers)
        assert status == 0, err
        got = {r["item"]: r["label"] for r in csv.DictReader(io.StringIO(out))}
        assert got == truth, method
        score = json.loads(err)
        assert score["accuracy"] == 1 and score["items"] == 40 and score["answers"] == 120
        who = {r["annotator"]: float(r["accuracy"]) for r in csv.DictReader(open(path("who.csv")))}
        assert set(who) == set("abc") and who["c"] < who["a"], who
    assert good("consolidate", "--type", "text-classification", "-", input=rows) == \
        good("consolidate", "--type", "text-classification", answers)
    bad(1, "consolidate", "--type", "text-classification", path("missing.csv"))
    bad(1, "consolidate", "--type", "text-classification", "-", input="a,b\n1,2\n")
    bad(1, "consolidate", "--type", "text-classification", "-", input="")
    bad(1, "consolidate", "--type", "text-classification", "-", input="item,annotator,label\nx\n",
        word="line 2")


def test_the_socket_is_private():
    mode = os.stat(os.path.join(server.data, "plumbline.sock")).st_mode & 0o777
    assert mode == 0o600, oct(mode)
    assert os.stat(os.path.join(server.data, "secret.key")).st_mode & 0o777 == 0o600


def test_the_socket_is_nobody():
    for method, route in (("GET", "/api/v1/me"), ("GET", "/api/v1/tasks"), ("GET", "/api/v1/keys")):
        r = server.local.call(method, route)
        assert (r.status, r.code) == (403, "role.forbidden"), (route, r.body)


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
