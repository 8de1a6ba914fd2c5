#!/usr/bin/env python3
"""The bucket client and a server that fails: refusals that pass, connections that break, answers that
are lost, other regions, clocks and objects than expected."""
import json
import os
import sys
import time

from harness import folder, good, refused, run, tool
from faulty import Refused, Faulty, etag_of, quote

BIG = bytes(i * 7 % 251 for i in range(1 << 16)) * 320  # 20 MiB: three parts


def get(server, words, **more):
    """The bytes that a `get` wrote, and how it ended."""
    with folder() as d:
        path = os.path.join(d, "out")
        r = tool([*words[:2], path, *words[2:]], server.environment, **more)
        return r, open(path, "rb").read()


def with_big(server, words=()):
    with folder() as d:
        path = os.path.join(d, "big")
        open(path, "wb").write(BIG)
        return tool([*words, "upload", path, "s3://bkt/big"], server.environment)


def put(server, body=b"hello", words=(), key="x"):
    with folder() as d:
        path = os.path.join(d, "small")
        open(path, "wb").write(body)
        return tool([*words, "put", path, f"s3://bkt/{key}", "text/plain"], server.environment)


def test_passing_refusals():
    """SlowDown, 500, 502, 429 and a lost connection are tried again, signed anew"""
    for status, code in ((503, "SlowDown"), (500, "InternalError"), (502, ""), (429, ""),
                         (400, "RequestTimeout"), (409, "OperationAborted")):
        with Faulty() as s:
            s.fault(s.fail(status, code), times=2)
            r = put(s)
            assert r.status == 0 and s.objects["bkt", "x"] == b"hello", r.err
            assert r.numbers["requests"] == 3 and r.numbers["retries"] == 2, r.numbers
    with Faulty() as s:
        s.fault(lambda h: h.cut() or True, times=2)
        r = put(s)
        assert r.status == 0 and r.numbers["requests"] == 3, r.err


def test_enough_tries():
    """What does not pass ends after as many tries as allowed, with its code"""
    with Faulty() as s:
        s.fault(s.fail(503, "SlowDown"), times=100)
        r = put(s, words=["--attempts", 3])
        assert r.code == "s3.failed" and "SlowDown" in r.err and "3 times" in r.err, r.err
        assert r.numbers["requests"] == 3 and r.numbers["failures"] == 1, r.numbers
    r = refused("s3.unreachable", ["--attempts", 2, "head", "s3://bkt/x"], s.environment)
    assert r.numbers["requests"] == 2, r.numbers


def test_final_refusals():
    """A refusal that will not pass is told at once"""
    cases = ((403, "AccessDenied", "s3.denied"), (403, "InvalidAccessKeyId", "s3.denied"),
             (404, "NoSuchKey", "s3.no_key"), (404, "NoSuchBucket", "s3.no_bucket"),
             (412, "PreconditionFailed", "s3.changed"), (416, "InvalidRange", "s3.range"),
             (400, "EntityTooLarge", "s3.refused"), (501, "NotImplemented", "s3.refused"))
    for status, code, ours in cases:
        with Faulty() as s:
            s.fault(s.fail(status, code, "because"), times=9)
            r = refused(ours, ["read", "s3://bkt/x"], s.environment)
            assert r.numbers["requests"] == 1, (code, r.numbers)
            if ours in ("s3.denied", "s3.refused"):
                assert code in r.err and "because" in r.err, r.err


def test_broken_download():
    """A download that breaks off goes on where it broke, of the same object"""
    with Faulty() as s:
        s.objects["bkt", "big"] = BIG
        for _ in range(7):  # more often than one request may fail
            s.fault(s.cut_answer(1 << 20), method="GET")
        r, body = get(s, ["get", "s3://bkt/big"])
        assert r.status == 0 and body == BIG, r.err
        ranges = [h.get("Range") for m, _, h in s.log]
        assert ranges[0] is None and len(ranges) == 8, ranges
        starts = [int(x.split("=")[1].split("-")[0]) for x in ranges[1:]]
        assert starts == sorted(starts) and starts[0] > 0, starts
        assert all(h["If-Match"] == etag_of(BIG) for _, _, h in s.log[1:]), s.log[1]
        assert r.numbers["in"] < len(BIG) + (1 << 20), r.numbers


def test_changed_while_read():
    """An object that is replaced in the middle of its download is an error, not a mixture"""
    with Faulty() as s:
        s.objects["bkt", "big"] = BIG

        def cut_and_replace(handler):
            s.cut_answer(1 << 20)(handler)
            send = handler.send_object

            def replaced(*args):
                send(*args)
                s.objects["bkt", "big"] = BIG[::-1]
            handler.send_object = replaced
            return False
        s.fault(cut_and_replace)
        r, _ = get(s, ["get", "s3://bkt/big"])
        assert r.code == "s3.changed", r.err
        r, _ = get(s, ["get", "s3://bkt/big", 0, etag_of(BIG)])
        assert r.code == "s3.changed", r.err


def test_from_the_middle():
    """A download from a byte on, from the very end, and by a server that knows no ranges"""
    with Faulty() as s:
        s.objects["bkt", "x"] = b"0123456789"
        s.objects["bkt", "empty"] = b""
        for no_ranges in (False, True):
            s.no_ranges = no_ranges
            r, body = get(s, ["get", "s3://bkt/x", 4])
            assert body == b"456789" and r.out.startswith(b"10 "), (r.out, body)
        s.no_ranges = False
        r, body = get(s, ["get", "s3://bkt/x", 10])
        assert r.status == 0 and body == b"", r.err
        r, body = get(s, ["get", "s3://bkt/x", 11])
        assert r.code == "s3.range", r.err
        r, body = get(s, ["get", "s3://bkt/empty"])
        assert r.status == 0 and body == b"" and r.out.startswith(b"0 "), r.err
        assert good(["range", "s3://bkt/x", 2, 4], s.environment).out == b"234"
        assert good(["range", "s3://bkt/x", 7], s.environment).out == b"789"


def test_damaged_download():
    """Bytes that do not fit the object's ETag are an error, unless the ETag is no MD5"""
    with Faulty() as s:
        s.objects["bkt", "x"] = b"0123456789"
        s.etags["bkt", "x"] = etag_of(b"others")
        refused("s3.failed", ["read", "s3://bkt/x"], s.environment)
        s.headers = {"x-amz-server-side-encryption": "aws:kms"}
        good(["read", "s3://bkt/x"], s.environment)
        s.headers, s.etags["bkt", "x"] = {}, etag_of(b"others")[:-1] + '-3"'
        good(["read", "s3://bkt/x"], s.environment)


def test_damaged_upload():
    """A PUT whose ETag is that of other bytes is an error"""
    with Faulty() as s:
        s.put_etag = etag_of(b"others")
        assert put(s).code == "s3.failed"
        s.put_etag = '"not-an-md5"'
        assert put(s).status == 0
        s.fault(lambda h: h.read_body() or h.send(200, b"<html>welcome") or True)
        r = put(s)
        assert r.code == "s3.failed" and "ETag" in r.err, r.err


def test_stalls():
    """A transfer that moves nothing is broken off and tried again"""
    with Faulty() as s:
        s.objects["bkt", "x"] = b"hello"
        s.fault(s.silence(6))
        started = time.monotonic()
        assert good(["--stall", 1, "read", "s3://bkt/x"], s.environment).out == b"hello"
        assert time.monotonic() - started < 5.5


def test_patience():
    """Who asks for less patience than the client has is told sooner, whichever thread sends for it"""
    with Faulty() as s:
        s.objects["bkt", "x"] = b"hello"
        s.fault(s.silence(8), times=100)
        for verb in (["read", "s3://bkt/x"], ["puts", "s3://bkt/p/", 2]):
            started = time.monotonic()
            r = refused("s3.unreachable", ["--patience", 2, "--patience-stall", 1, *verb], s.environment)
            assert 1.5 < time.monotonic() - started < 5 and "2 times" in r.err, (verb, r.err)
    with Faulty() as s:
        s.objects["bkt", "x"] = b"hello" * 5

        def trickle(handler):
            def send_object(status, body, headers):
                handler.send(status, b"", headers, length=len(body))
                for i in range(0, len(body), 5):
                    handler.wfile.write(body[i:i + 5])
                    handler.wfile.flush()
                    time.sleep(0.7)
            handler.send_object = send_object
            return False

        s.fault(trickle)
        r = good(["--patience", 1, "--patience-stall", 1, "read", "s3://bkt/x"], s.environment)
        assert r.out == b"hello" * 5 and r.numbers["requests"] == 1, "what moves is not broken off"


def test_stop():
    """Stopped, the client ends what runs and what waits, within about a second"""
    with Faulty() as s:
        s.objects["bkt", "x"] = b"hello"
        for fault in (s.silence(20), s.fail(503, "SlowDown")):
            s.faults = []
            s.fault(fault, times=100)
            started = time.monotonic()
            refused("s3.stopped", ["--attempts", 50, "--stop-after", 500, "read", "s3://bkt/x"],
                    s.environment)
            refused("s3.stopped", ["--attempts", 50, "--stop-after", 500, "puts", "s3://bkt/x", 50],
                    s.environment)
            assert time.monotonic() - started < 7, time.monotonic() - started


def test_multipart():
    """Twenty megabytes go up in three parts, whatever breaks on the way"""
    with Faulty() as s:
        r = with_big(s)
        assert r.status == 0 and s.objects["bkt", "big"] == BIG, r.err
        assert r.out.strip().endswith(b'-3"') and not s.uploads, r.out
        parts = sorted(p for m, p, _ in s.log if m == "PUT")
        assert [p.split("&")[0].split("=")[-1] for p in parts] == ["1", "2", "3"], parts
    with Faulty() as s:
        s.fault(s.cut_request(3 << 20), method="PUT")
        s.fault(s.fail(503, "SlowDown"), method="PUT", times=2)
        s.fault(s.fail(500, "InternalError"), method="POST", part="uploads")
        r = with_big(s)
        assert r.status == 0 and s.objects["bkt", "big"] == BIG, r.err
        assert r.numbers["retries"] == 4, r.numbers


def test_completion():
    """Completing: 200 with an error is one, a lost answer is looked after, a refusal removes the parts"""
    with Faulty() as s:
        s.fault(s.fail(200, "InternalError", "we are sorry"), method="POST", part="uploadId")
        r = with_big(s)
        assert r.status == 0 and s.objects["bkt", "big"] == BIG, r.err
    with Faulty() as s:  # done, but the answer never came
        def lost(handler):
            handler.read_body()
            handler.check_signature()
            handler.complete()
            handler.cut()
            return True
        s.fault(lost, method="POST", part="uploadId")
        r = with_big(s)
        assert r.status == 0 and r.out.strip().endswith(b'-3"'), r.err
    with Faulty() as s:  # gone, and what is there is another one of as many parts
        other = BIG[::-1]
        s.objects["bkt", "big"], s.etags["bkt", "big"] = other, '"' + 32 * "0" + '-3"'

        def lose(handler):
            s.uploads.clear()
            return False
        s.fault(lose, method="POST", part="uploadId")
        r = with_big(s)
        assert r.code == "s3.refused" and "NoSuchUpload" in r.err and s.objects["bkt", "big"] == other
    with Faulty() as s:
        s.fault(s.fail(200, "InvalidPart"), method="POST", part="uploadId")
        r = with_big(s)
        assert r.code == "s3.refused" and "InvalidPart" in r.err, r.err
        assert not s.uploads and ("bkt", "big") not in s.objects


def test_given_up():
    """An upload that fails for good leaves no parts, and sends nothing more"""
    with Faulty() as s:
        s.fault(s.fail(403, "AccessDenied"), method="PUT", part="partNumber=2")
        r = with_big(s)
        assert r.code == "s3.denied" and not s.uploads and not s.objects, r.err


def test_sweep():
    """Unfinished uploads are removed when they are old, and only those under the prefix"""
    with Faulty() as s:
        old, new = s.now() - 7200, s.now() - 60
        s.uploads = {"a": ("bkt", "p/ö 1", {}, old), "b": ("bkt", "p/2", {}, new),
                     "c": ("bkt", "q/3", {}, old)}
        good(["sweep", "s3://bkt/p/", 3600], s.environment)
        assert set(s.uploads) == {"b", "c"}, (s.uploads, s.refusals)


def test_puts():
    """Many objects at once: all of them, or the first failure and no more after it"""
    with Faulty() as s:
        s.fault(s.fail(503, "SlowDown"), times=20)
        s.fault(lambda h: h.cut() or True, times=5)
        r = good(["--attempts", 8, "puts", "s3://bkt/p/", 500, 100], s.environment)
        assert len(s.objects) == 500, (len(s.objects), r.numbers)
        # a kept connection that dies without a word is replaced by libcurl itself
        assert 20 <= r.numbers["retries"] <= 25, r.numbers
    with Faulty() as s:
        s.fault(s.fail(403, "AccessDenied"), part="000100")
        r = refused("s3.denied", ["puts", "s3://bkt/p/", 5000, 100], s.environment)
        assert "000100" in r.err and len(s.objects) < 500, (r.err, len(s.objects))


def test_other_region():
    """The bucket's region is found, by words or by a header, and remembered"""
    with Faulty() as s:
        s.region, s.objects["bkt", "x"] = "eu-central-1", b"hello"
        r = good(["--repeat", 5, "read", "s3://bkt/x"], s.environment)
        assert r.out == b"hello" * 5 and r.numbers["requests"] == 6, r.numbers
        assert good(["head", "s3://bkt/x"], s.environment).out.startswith(b"5 ")
        s.wrong_region = lambda _: Refused(301, "PermanentRedirect", headers={
            "x-amz-bucket-region": "eu-central-1"})
        r = good(["--repeat", 5, "head", "s3://bkt/x"], s.environment)
        assert r.numbers["requests"] == 6, r.numbers
        s.wrong_region = lambda _: Refused(307, "TemporaryRedirect", headers={
            "Location": "https://bkt.s3.eu-central-1.amazonaws.com/x"})
        good(["read", "s3://bkt/x"], s.environment)
        r = good(["puts", "s3://bkt/p/", 50], s.environment)
        assert len(s.objects) == 51, r.err
        s.wrong_region = lambda given: Refused(301, "PermanentRedirect", headers={
            "x-amz-bucket-region": "b" if given == "a" else "a"})
        r = refused("s3.refused", ["read", "s3://bkt/x"], s.environment)
        assert r.numbers["requests"] <= 4, r.numbers


def test_clock():
    """A clock that is off is corrected by the server's date, once"""
    for hours in (-3, 3):
        with Faulty() as s:
            s.clock, s.objects["bkt", "x"] = hours * 3600, b"hello"
            r = good(["--repeat", 3, "read", "s3://bkt/x"], s.environment)
            assert r.numbers["requests"] == 4, r.numbers
            assert abs(r.numbers["ahead"] - hours * 3600) <= 2, r.numbers
            good(["head", "s3://bkt/x"], s.environment)
            s.fault(s.fail(403, "RequestTimeTooSkewed"), times=9)
            r = refused("s3.denied", ["read", "s3://bkt/x"], s.environment)
            assert r.numbers["requests"] == 2, r.numbers


def test_lists():
    """Lists are read to their last page, however their keys are written"""
    keys = ["a b", "a+b", "ü/ö", "x&<y>\"'", "100%", "~t", "new\nline\ttab"] + \
        [f"n{i:04}" for i in range(2500)]
    for write in (quote, lambda k: quote(k, "/").replace("%20", "+")):
        with Faulty() as s:
            s.list_quote = write
            s.objects = {("bkt", k): b"" for k in keys}
            out = good(["list", "s3://bkt/"], s.environment).out.decode()
            got = [json.loads(line)["key"] for line in out.splitlines()]
            assert got == sorted(keys, key=str.encode), got[:10]
            assert len(s.log) == 3 and not s.refusals, s.refusals
    with Faulty() as s:
        for body in (b"<html>", b"", b"<!DOCTYPE x [<!ENTITY a 'b'>]><ListBucketResult/>",
                     b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"):
            s.fault(lambda h, body=body: h.send(200, body) or True)
            refused("s3.failed", ["list", "s3://bkt/"], s.environment)


def test_large():
    """What is larger than allowed is refused before it is read"""
    with Faulty() as s:
        s.objects["bkt", "x"] = b"x" * (4 << 20)
        r = refused("body.too_large", ["read", "s3://bkt/x", 1000], s.environment)
        assert r.numbers["requests"] == 1, r.numbers
        assert good(["read", "s3://bkt/x", 4 << 20], s.environment).out == b"x" * (4 << 20)


def test_styles():
    """The bucket stands in the host where that is asked for and possible, else in the path"""
    with Faulty() as s:
        s.buckets |= {"dotted.bkt"}
        s.objects["bkt", "a b/ü"], s.objects["dotted.bkt", "x"] = b"hello", b"dots"
        env = dict(s.environment, AWS_ENDPOINT_URL_S3=f"http://s3.localhost:{s.port}")
        for style in ("auto", "path", "virtual"):
            s.log.clear()
            assert good(["--style", style, "read", "s3://bkt/a b/ü"], env).out == b"hello"
            assert good(["--style", style, "read", "s3://dotted.bkt/x"], env).out == b"dots"
            hosts = [h["Host"].split(":")[0] for _, _, h in s.log]
            assert hosts == (["bkt.s3.localhost", "dotted.bkt.s3.localhost"] if style == "virtual"
                             else ["s3.localhost"] * 2), hosts
            good(["--style", style, "list", "s3://bkt/a"], env)

        def origin(endpoint, style, bucket):
            return tool(["--endpoint", endpoint, "--style", style, "origin", bucket],
                        s.environment).out.decode().strip()
        assert origin("http://h:81", "auto", "bkt") == "http://h:81"
        assert origin("http://h:81", "virtual", "bkt") == "http://bkt.h:81"
        assert origin("https://h", "virtual", "bkt") == "https://bkt.h"
        assert origin("https://h:443/p/", "virtual", "a.b.c") == "https://h"
        assert origin("http://127.0.0.1:81", "virtual", "bkt") == "http://127.0.0.1:81"
        assert origin("http://[::1]:81", "virtual", "bkt") == "http://[::1]:81"
        assert origin("https://s3.eu-west-1.amazonaws.com", "auto", "bkt") == \
            "https://bkt.s3.eu-west-1.amazonaws.com"
        assert tool(["--region", "cn-north-1", "origin", "bkt"]).out.decode().strip() == \
            "https://bkt.s3.cn-north-1.amazonaws.com.cn"
        assert tool(["--style", "path", "origin", "bkt"]).out.decode().strip() == \
            "https://s3.us-east-1.amazonaws.com"


def test_places():
    """What names an object, and what does not"""
    env = {"AWS_ENDPOINT_URL_S3": "http://h.example:81"}

    def parse(uri):
        return good(["parse", uri], env).out.decode().split("\n", 1)
    assert parse("s3://bkt/a%20b?c#d/ü") == ["bkt", "a%20b?c#d/ü\n"]
    assert parse("S3://bkt") == ["bkt", "\n"] and parse("s3://bkt//a") == ["bkt", "/a\n"]
    assert parse("http://h.example:81/bkt/k/l") == ["bkt", "k/l\n"]
    assert parse("http://bkt.h.example:81/k/l") == ["bkt", "k/l\n"]
    assert parse("https://s3.eu-west-1.amazonaws.com/bkt/k") == ["bkt", "k\n"]
    assert parse("https://my.bkt.s3.eu-west-1.amazonaws.com/k") == ["my.bkt", "k\n"]
    assert parse("https://bkt.s3-eu-west-1.amazonaws.com/k") == ["bkt", "k\n"]
    for uri in ("", "bkt/key", "s3:/bkt/key", "s3://", "s3:///key", "s3://a/key", "s3://-bkt/key",
                "s3://b kt/key", "s3://" + "b" * 64 + "/k", "s3://bkt/" + "k" * 1025,
                "http://other.example/bkt/k", "http://s3.eu-west-1.amazonaws.com/bkt/k",
                "https://amazonaws.com/bkt/k", "https://ec2.amazonaws.com/x",
                "http://h.example:82/bkt/k", "http://xh.example:81/bkt/k", b"s3://bkt/\xff"):
        p = tool(["parse", uri] if isinstance(uri, str) else ["parse", os.fsdecode(uri)], env)
        assert p.code == "s3.uri", (uri, p.out, p.err)
    refused("s3.uri", ["read", "s3://bkt"], env)
    refused("s3.uri", ["read", "s3://bkt/"], env)


if __name__ == "__main__":
    sys.exit(run(globals()))
