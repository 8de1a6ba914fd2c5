#!/usr/bin/env python3
"""The bucket client with a server that checks every signature, and with AWS's own client for the same
objects."""
import contextlib
import glob
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import swift
from harness import AWS, Skip, environment, folder, good, refused, run

KEYS = ["a b", "a+b", "é", "a=b", "d1/d2/d3/d4/z.txt", "100%", "~t", "q'(!)*", "/dbl", "a:b@c,d;e&f$g",
        "a%20b", "日本/ü", "a?b#c", "..dots/./x", "&amp;<x>\"", "tab\there", "k" * 1000]
PYTHON = "/usr/bin/python3"  # Debian's, which has boto3

state = contextlib.ExitStack()
server = None
directory = None


def need():
    """The server, started by the first test that needs it."""
    global server, directory
    reason = swift.missing()
    if reason:
        raise Skip(reason)
    if not server:
        directory = state.enter_context(folder())
        server = swift.start(os.path.join(directory, "swift"))
        state.callback(server.stop)
        aws("s3", "mb", "s3://bkt")
    return server.environment


def aws(*words):
    if not os.path.exists(AWS):
        raise Skip("awscli is not installed")
    p = subprocess.run([AWS, "--endpoint-url", server.endpoint, *words], capture_output=True,
                       env=environment(server.environment), timeout=120)
    assert p.returncode == 0, (words, p.stderr.decode())
    return p.stdout.decode()


def file(name, body):
    path = os.path.join(directory, name)
    with open(path, "wb") as f:
        f.write(body)
    return path


def fetch(link, method="GET", headers=None):
    """Status, body and headers of a link, as a browser would ask."""
    rq = urllib.request.Request(link, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(rq, timeout=30) as r:
            return r.status, r.read(), r.headers
    except urllib.error.HTTPError as e:
        return e.code, e.read(), e.headers


def uri(key):
    return f"s3://bkt/{key}"


def listed(prefix, env, *more):
    out = good(["list", prefix, *more], env).out.decode()
    return [json.loads(line) for line in out.splitlines()]


def test_keys():
    """Every difficult key: put, read, asked about, listed, removed"""
    env = need()
    for key in KEYS:
        body = f"of {key}".encode()
        path = file("body", body)
        etag = good(["put", path, uri(key), "text/x-test"], env).out.decode().strip()
        assert good(["read", uri(key)], env).out == body, key
        assert good(["head", uri(key)], env).out.decode() == f"{len(body)} {etag} text/x-test\n", key
        found = listed(uri(key), env)
        assert [e["key"] for e in found] == [key] and found[0]["size"] == len(body) and \
            found[0]["etag"] == etag, (key, found)
        good(["delete", uri(key)], env)
        refused("s3.no_key", ["head", uri(key)], env)
        good(["delete", uri(key)], env)  # no error when there is none


def test_pages():
    """A list in pages of four is that in one, with all keys and their order"""
    env = need()
    path = file("body", b"x")
    for key in KEYS:
        good(["put", path, uri("l/" + key)], env)
    one, pages = listed(uri("l/"), env), listed(uri("l/"), env, 4)
    assert one == pages and len(one) == len(KEYS), (one, pages)
    assert sorted(e["key"] for e in one) == sorted("l/" + k for k in KEYS)
    assert listed(uri("nothing/"), env) == []
    refused("s3.no_bucket", ["list", "s3://no-such-bucket/"], env)


def test_virtual_host():
    """The bucket's name in the host: written by one style, read by the other"""
    env = need()
    path = file("body", b"by host")
    there = {**env, "AWS_ENDPOINT_URL_S3": server.virtual_endpoint}
    for key in KEYS[:6]:
        good(["--style", "virtual", "put", path, uri("v/" + key)], there)
        assert good(["read", uri("v/" + key)], env).out == b"by host"
    assert len(listed(uri("v/"), there)) == 6
    link = good(["--style", "virtual", "presign", uri("v/é"), 60], there).out.decode().strip()
    assert link.startswith(f"http://bkt.s3.localhost:{server.port}/v/%C3%A9?"), link


def test_large():
    """Twenty megabytes in parts, whole and in ranges; the server says three parts"""
    env = need()
    body = os.urandom(20_000_000)
    path, back = file("large", body), os.path.join(directory, "back")
    etag = good(["upload", path, uri("large"), 50_000], env).out.decode().strip()
    assert etag.endswith('-3"'), etag
    assert good(["get", uri("large"), back], env).out.decode() == f"20000000 {etag} application/x-test\n"
    assert open(back, "rb").read() == body
    good(["get", uri("large"), back, 12_345_678, etag], env)
    assert open(back, "rb").read() == body[12_345_678:]
    for first, last in ((0, 0), (8_388_607, 8_388_609), (19_999_990, 19_999_999)):
        assert good(["range", uri("large"), first, last], env).out == body[first:last + 1]
    assert good(["range", uri("large"), 19_999_990], env).out == body[-10:]
    refused("s3.range", ["range", uri("large"), 20_000_000], env)
    good(["get", uri("large"), back, 20_000_000], env)
    assert open(back, "rb").read() == b""
    refused("s3.changed", ["get", uri("large"), back, 0, '"0123456789abcdef"'], env)
    for size in (0, 1, 8 << 20, (8 << 20) + 1):
        good(["upload", file("some", body[:size]), uri("some")], env)
        good(["get", uri("some"), back], env)
        assert open(back, "rb").read() == body[:size], size


def test_unfinished():
    """What a killed upload leaves is removed by the next sweep, when it is old enough"""
    env = need()
    path = file("large", os.urandom(20_000_000))
    good(["upload", path, uri("u/1"), 50_000, "abandon"], env)

    def left():
        return json.loads(aws("s3api", "list-multipart-uploads", "--bucket", "bkt") or "{}").get(
            "Uploads", [])
    assert len(left()) == 1, left()
    good(["sweep", uri("u/"), 3600], env)
    good(["sweep", uri("other/"), 0], env)
    assert len(left()) == 1, left()
    time.sleep(1)
    good(["sweep", uri("u/"), 0], env)
    assert left() == [], left()


def test_links():
    """Links for browsers: fresh, changed, too old, for another method, with a type"""
    env = need()
    path = file("body", b"picture")
    for key in KEYS:
        good(["put", path, uri("p/" + key), "text/plain"], env)
        link = good(["presign", uri("p/" + key), 60, "image/png"], env).out.decode().strip()
        status, body, headers = fetch(link)
        assert (status, body) == (200, b"picture"), (key, status, body)
        assert headers["Content-Type"] == "image/png", headers["Content-Type"]
    assert fetch(link, method="DELETE")[0] == 403
    assert fetch(link.replace("/p/", "/l/"))[0] == 403
    assert fetch(link.replace("Expires=60", "Expires=600"))[0] == 403
    assert fetch(link[:-1] + ("0" if link[-1] != "0" else "1"))[0] == 403
    link = good(["presign", uri("p/é"), 1], env).out.decode().strip()
    time.sleep(2.1)
    assert fetch(link)[0] == 403
    link = good(["--public", "https://pictures.example/s3", "presign", uri("p/é"), 60], env).out
    assert link.startswith(b"https://pictures.example/s3/bkt/p/%C3%A9?"), link
    for seconds in (0, 604801):
        refused("field.invalid", ["presign", uri("p/é"), seconds], env)


def test_cors():
    """Whether pages may read the objects of a bucket: asked, and what to do where they may not"""
    env = need()
    good(["put", file("body", b"x"), uri("c")], env)
    assert good(["cors", uri("c"), "https://labels.example"], env).out == b"allowed\n"
    assert good(["cors", "s3://bkt", "https://labels.example"], env).out == b"allowed\n"
    shut = swift.start(os.path.join(directory, "shut"), cors=False)
    try:
        subprocess.run([AWS, "--endpoint-url", shut.endpoint, "s3", "mb", "s3://bkt"], check=True,
                       stdout=subprocess.DEVNULL, env=environment(shut.environment))
        good(["put", file("body", b"x"), uri("c")], shut.environment)
        out = good(["cors", uri("c"), "https://labels.example"], shut.environment).out.decode()
        assert "https://labels.example" in out and "AllowedOrigins" in out, out
    finally:
        shut.stop()


def test_wrong_credentials():
    """A wrong secret, an unknown key, a bucket of others: told with the server's own code"""
    env = need()
    r = refused("s3.denied", ["read", uri("c")], {**env, "AWS_SECRET_ACCESS_KEY": "wrong"})
    assert "SignatureDoesNotMatch" in r.err and r.numbers["requests"] == 1, r.err
    refused("s3.denied", ["head", uri("c")], {**env, "AWS_SECRET_ACCESS_KEY": "wrong"})
    refused("s3.denied", ["read", uri("c")], {**env, "AWS_ACCESS_KEY_ID": "nobody"})
    r = refused("s3.denied", ["read", uri("c")], {**env, "AWS_ACCESS_KEY_ID": swift.OTHER_KEY,
                                                  "AWS_SECRET_ACCESS_KEY": swift.OTHER_SECRET})
    assert "AccessDenied" in r.err, r.err


def test_wrong_region():
    """A wrong region is corrected by what the server says, for every kind of request"""
    env = {**need(), "AWS_REGION": "eu-nowhere-1"}
    path = file("body", b"here")
    good(["put", path, uri("r")], env)
    assert good(["read", uri("r")], env).out == b"here"
    assert good(["head", uri("r")], env).out.startswith(b"4 ")
    assert len(listed(uri("r"), env)) == 1
    good(["puts", uri("r/"), 40, 100], env)
    assert len(listed(uri("r/"), env)) == 40


def test_wrong_clock():
    """A clock that is sixteen minutes off is corrected, fourteen are let pass"""
    env = need()
    shim = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    if not shim or {"asan", "tsan"} & set(os.environ.get("PLUMBLINE", "").split("/")):
        raise Skip("libfaketime is not installed, or cannot be used here")
    good(["put", file("body", b"time"), uri("t")], env)
    for minutes, requests in ((-14, 1), (14, 1), (-16, 2), (16, 2)):
        r = good(["--repeat", 1, "read", uri("t")],
                 {**env, "LD_PRELOAD": shim[0], "FAKETIME": f"{minutes:+}m"})
        assert r.out == b"time" and r.numbers["requests"] == requests, (minutes, r.numbers)
        assert abs(r.numbers["ahead"] + minutes * 60) < 5, (minutes, r.numbers)


def test_other_clients_read():
    """AWS's client reads what we have written, byte for byte"""
    env = need()
    large = os.urandom(20_000_000)
    good(["upload", file("large", large), uri("x/large")], env)
    aws("s3", "cp", uri("x/large"), os.path.join(directory, "back"))
    assert open(os.path.join(directory, "back"), "rb").read() == large
    for i, key in enumerate(KEYS):
        good(["put", file("body", f"ours {i}".encode()), uri("x/" + key)], env)
    got = boto("import json; print(json.dumps([s3.get_object(Bucket='bkt', Key='x/' + k)['Body']"
               ".read().decode() for k in keys]))")
    assert json.loads(got) == [f"ours {i}" for i in range(len(KEYS))], got
    listing = boto("import json; print(json.dumps([o['Key'] for p in s3.get_paginator("
                   "'list_objects_v2').paginate(Bucket='bkt', Prefix='x/') for o in p['Contents']]))")
    assert json.loads(listing) == [e["key"] for e in listed(uri("x/"), env)]


def test_other_clients_write():
    """We read what AWS's client has written, byte for byte"""
    env = need()
    large = os.urandom(20_000_000)
    aws("s3", "cp", file("large", large), uri("y/large"))
    back = os.path.join(directory, "back")
    good(["get", uri("y/large"), back], env)
    assert open(back, "rb").read() == large
    boto("[s3.put_object(Bucket='bkt', Key='y/' + k, Body=b'theirs ' + k.encode()) for k in keys]")
    for key in KEYS:
        assert good(["read", uri("y/" + key)], env).out == b"theirs " + key.encode(), key


def boto(code):
    script = ("import boto3, botocore.config, sys, json\n"
              "keys = json.loads(sys.argv[1])\n"
              "s3 = boto3.client('s3', endpoint_url=sys.argv[2])\n" + code)
    p = subprocess.run([PYTHON, "-c", script, json.dumps(KEYS), server.endpoint], timeout=120,
                       capture_output=True, env=environment(server.environment))
    if b"No module named 'boto3'" in p.stderr:
        raise Skip("python3-boto3 is not installed")
    assert p.returncode == 0, p.stderr.decode()
    return p.stdout.decode()


def test_many():
    """Four hundred small objects at once are all there"""
    env = need()
    good(["puts", uri("m/"), 400, 300], env)
    found = listed(uri("m/"), env)
    assert len(found) == 400 and all(e["size"] == 300 for e in found), len(found)
    assert good(["read", uri("m/000377.json")], env).out.startswith(b'{"number":377}')


def test_gone():
    """A server that is away while many objects are put: all are there when it comes back"""
    env = need()
    server.pause()
    threading.Timer(3, server.go_on).start()
    good(["--attempts", 20, "--stall", 1, "puts", uri("g/"), 30, 100], env)
    assert len(listed(uri("g/"), env)) == 30


if __name__ == "__main__":
    with state:
        status = run(globals())
    sys.exit(status)
