"""A small S3 server that does wrong what it is told to do wrong, and that checks every signature with
an implementation of its own. Also a container's and an instance's service for credentials.

    server = Faulty()                      # .endpoint .environment .objects .log .clock .region
    server.fault(server.fail(503, "SlowDown"), times=2, method="PUT")
"""
import base64
import datetime
import hashlib
import hmac
import http.server
import json
import re
import ssl
import sys
import threading
import time
import urllib.parse
import xml.sax.saxutils

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def quote(text, safe=""):
    return urllib.parse.quote(text, safe=safe + "-_.~")


def etag_of(body):
    return f'"{hashlib.md5(body).hexdigest()}"'


class Refused(Exception):
    def __init__(self, status, code, message="", extra="", headers=None):
        super().__init__(code)
        self.status, self.code, self.message = status, code, message
        self.extra, self.headers = extra, headers or {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return super().date_time_string(self.server.server.now())

    def send(self, status, body=b"", headers=None, length=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error_xml(self, e):
        body = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{e.code}</Code>'
                f"<Message>{xml.sax.saxutils.escape(e.message)}</Message>{e.extra}</Error>").encode()
        self.send(e.status, body, {"Content-Type": "application/xml", **e.headers})

    def cut(self):
        """Ends the connection at once."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(2)

    def read_body(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))

    # ---- who asks ----

    def check_signature(self):
        server = self.server.server
        given = self.headers.get("Authorization", "")
        m = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=(.*)/(\d{8})/([^/]+)/s3/aws4_request, "
                         r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})", given)
        if not m:
            raise Refused(403, "AccessDenied", f"no signature: {given}")
        key, day, region, names, signature = m.groups()
        stamp = self.headers.get("x-amz-date", "")
        if key not in server.keys:
            raise Refused(403, "InvalidAccessKeyId", key)
        secret, token = server.keys[key]
        if (self.headers.get("x-amz-security-token") or None) != token:
            raise Refused(400, "InvalidToken", "the token is another one")
        if region != server.region:
            raise server.wrong_region(region)
        then = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(
            tzinfo=datetime.timezone.utc).timestamp()
        if abs(then - server.now()) > 900:
            raise Refused(403, "RequestTimeTooSkewed", "the clocks differ")
        signed = names.split(";")
        need = {"host", "x-amz-date", "x-amz-content-sha256"} | {
            n.lower() for n in self.headers if n.lower().startswith("x-amz-")}
        need |= {n for n in ("content-type", "content-md5") if n in self.headers}
        if signed != sorted(set(signed)) or not need <= set(signed):
            raise Refused(403, "AccessDenied", f"not signed: {need - set(signed)}")
        path, _, query = self.path.partition("?")
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
        canonical_query = "&".join(f"{a}={b}" for a, b in sorted((quote(a), quote(b))
                                                                for a, b in pairs))
        canonical_path = quote(urllib.parse.unquote(path), "/")
        if canonical_path != path or canonical_query != query:
            raise Refused(403, "SignatureDoesNotMatch", f"not canonical: {self.path}")
        lines = [self.command, canonical_path, canonical_query]
        lines += [f"{n}:{' '.join(self.headers[n].split())}" for n in signed]
        lines += ["", names, self.headers["x-amz-content-sha256"]]
        scope = f"{day}/{region}/s3/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope,
                          hashlib.sha256("\n".join(lines).encode()).hexdigest()])
        k = ("AWS4" + secret).encode()
        for part in (day, region, "s3", "aws4_request", text):
            k = hmac.new(k, part.encode(), hashlib.sha256).digest()
        if not stamp.startswith(day) or k.hex() != signature:
            raise Refused(403, "SignatureDoesNotMatch", "the signature is another one")

    def check_body(self):
        if hashlib.sha256(self.body).hexdigest() != self.headers["x-amz-content-sha256"]:
            raise Refused(400, "XAmzContentSHA256Mismatch")
        md5 = self.headers.get("Content-MD5")
        if md5 and base64.b64decode(md5) != hashlib.md5(self.body).digest():
            raise Refused(400, "BadDigest")

    # ---- what is asked ----

    def place(self):
        """Bucket and key, by the path or by the host."""
        path = urllib.parse.unquote(self.path.partition("?")[0])[1:]
        host = self.headers["Host"].split(":")[0]
        if host.endswith(".s3.localhost"):
            return host[:-len(".s3.localhost")], path
        bucket, _, key = path.partition("/")
        return bucket, key

    def do(self):
        server = self.server.server
        self.bucket, self.key = self.place()
        self.query = dict(urllib.parse.parse_qsl(self.path.partition("?")[2],
                                                 keep_blank_values=True))
        with server.lock:
            server.log.append((self.command, self.path, dict(self.headers)))
            fault = server.due(self)
        try:
            try:
                self.answer(fault)
            except Refused as e:
                with server.lock:
                    server.refusals.append(f"{self.command} {self.path}: {e.code} {e.message}")
                self.send_error_xml(e)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def answer(self, fault):
        if self.path.startswith("/latest/") or self.path.startswith("/credentials"):
            self.metadata()
        elif not fault or not fault(self):
            self.read_body()
            self.check_signature()
            self.check_body()
            if self.bucket not in self.server.server.buckets:
                raise Refused(404, "NoSuchBucket")
            getattr(self, "on_" + self.command)()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_OPTIONS = do

    def object(self):
        body = self.server.server.objects.get((self.bucket, self.key))
        if body is None:
            raise Refused(404, "NoSuchKey")
        etag = self.server.server.etags.get((self.bucket, self.key), etag_of(body))
        if self.headers.get("If-Match", etag) != etag:
            raise Refused(412, "PreconditionFailed")
        return body, etag

    def on_HEAD(self):
        body, etag = self.object()
        self.send(200, headers={"ETag": etag, "Content-Type": "text/plain"}, length=len(body))

    def on_GET(self):
        if not self.key:
            return self.list_uploads() if "uploads" in self.query else self.list_objects()
        body, etag = self.object()
        headers = {"ETag": etag, "Content-Type": "text/plain", **self.server.server.headers}
        m = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not m or self.server.server.no_ranges:
            return self.send_object(200, body, headers)
        first = int(m[1])
        last = min(int(m[2]) if m[2] else len(body) - 1, len(body) - 1)
        if first >= len(body):
            raise Refused(416, "InvalidRange", headers={"Content-Range": f"bytes */{len(body)}"})
        headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
        return self.send_object(206, body[first:last + 1], headers)

    def send_object(self, status, body, headers):
        self.send(status, body, headers)

    def on_PUT(self):
        server = self.server.server
        with server.lock:
            if "uploadId" in self.query:
                self.upload()[2][int(self.query["partNumber"])] = self.body
            else:
                server.objects[self.bucket, self.key] = self.body
                server.etags.pop((self.bucket, self.key), None)
        self.send(200, headers={"ETag": server.put_etag or etag_of(self.body)})

    def on_DELETE(self):
        server = self.server.server
        with server.lock:
            if "uploadId" in self.query:
                self.upload()
                del server.uploads[self.query["uploadId"]]
            else:
                server.objects.pop((self.bucket, self.key), None)
        self.send(204)

    def upload(self):
        upload = self.server.server.uploads.get(self.query["uploadId"])
        if not upload or upload[:2] != (self.bucket, self.key):
            raise Refused(404, "NoSuchUpload")
        return upload

    def on_POST(self):
        server = self.server.server
        if "uploads" in self.query:
            with server.lock:
                id = f"up/load+{len(server.log)}=&"
                server.uploads[id] = (self.bucket, self.key, {}, server.now())
            return self.send(200, (f"<InitiateMultipartUploadResult><UploadId>"
                                   f"{xml.sax.saxutils.escape(id)}</UploadId>"
                                   f"</InitiateMultipartUploadResult>").encode())
        with server.lock:
            etag = self.complete()
        return self.send(200, f"<CompleteMultipartUploadResult><ETag>{etag}</ETag>"
                              f"</CompleteMultipartUploadResult>".encode())

    def complete(self):
        server, upload = self.server.server, self.upload()
        given = re.findall(r"<PartNumber>(\d+)</PartNumber><ETag>(.*?)</ETag>", self.body.decode())
        parts = [upload[2][int(n)] for n, _ in given]
        if [xml.sax.saxutils.unescape(e, {"&quot;": '"'}) for _, e in given] != \
                [etag_of(p) for p in parts] or [int(n) for n, _ in given] != sorted(upload[2]):
            raise Refused(400, "InvalidPart")
        if any(len(p) < 5 << 20 for p in parts[:-1]):
            raise Refused(400, "EntityTooSmall")
        etag = f'"{hashlib.md5(b"".join(hashlib.md5(p).digest() for p in parts)).hexdigest()}-{len(parts)}"'
        server.objects[self.bucket, self.key] = b"".join(parts)
        server.etags[self.bucket, self.key] = etag
        del server.uploads[self.query["uploadId"]]
        return etag

    def list_objects(self):
        server = self.server.server
        keys = sorted((k for b, k in server.objects if b == self.bucket and
                       k.startswith(self.query.get("prefix", ""))), key=str.encode)
        start = int(self.query.get("continuation-token", "0").split("/+ ")[-1])
        page = keys[start:start + min(int(self.query.get("max-keys", 1000)), server.page)]
        write = server.list_quote
        items = "".join(f"<Contents><Key>{write(k)}</Key><Size>{len(server.objects[self.bucket, k])}"
                        f"</Size><ETag>&quot;x&quot;</ETag></Contents>" for k in page)
        more = start + len(page) < len(keys)
        token = f"<NextContinuationToken>a/+ {start + len(page)}</NextContinuationToken>" if more else ""
        self.send(200, (f"<ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>{items}"
                        f"<EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}"
                        f"</IsTruncated>{token}</ListBucketResult>").encode())

    def list_uploads(self):
        server = self.server.server
        items = "".join(
            f"<Upload><Key>{quote(u[1])}</Key><UploadId>{xml.sax.saxutils.escape(id)}</UploadId>"
            f"<Initiated>{datetime.datetime.utcfromtimestamp(u[3]).isoformat()}.000Z</Initiated>"
            f"</Upload>" for id, u in server.uploads.items() if u[0] == self.bucket and
            u[1].startswith(self.query.get("prefix", "")))
        self.send(200, f"<ListMultipartUploadsResult><EncodingType>url</EncodingType>{items}"
                       f"<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>".encode())

    # ---- credentials ----

    def metadata(self):
        server = self.server.server
        path = self.path
        self.read_body()
        if path == "/latest/api/token" and self.command == "PUT":
            if self.headers.get("X-aws-ec2-metadata-token-ttl-seconds") != "21600":
                return self.send(400)
            return self.send(200, b"imds-token")
        if path.startswith("/latest/"):
            if self.headers.get("X-aws-ec2-metadata-token") != "imds-token":
                return self.send(401)
            if path.endswith("/security-credentials/"):
                return self.send(200, b"the-role")
            if not path.endswith("/security-credentials/the-role"):
                return self.send(404)
        elif self.headers.get("Authorization", "") != server.container_token:
            return self.send(401)
        return self.send(200, server.credentials().encode())


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, ssl.SSLError)):  # those who hang up
            super().handle_error(request, address)


class Faulty:
    def __init__(self, certificate=None):
        """`certificate`: a file with one and its key; then it speaks TLS only."""
        self.objects, self.etags, self.uploads, self.buckets = {}, {}, {}, {"bkt"}
        self.log, self.refusals, self.faults = [], [], []
        self.keys = {KEY: (SECRET, None)}
        self.region, self.clock, self.page = "us-east-1", 0, 1000
        self.headers, self.no_ranges, self.put_etag = {}, False, None
        self.list_quote, self.container_token = quote, ""
        self.given, self.lives = 0, 3600  # credentials handed out, and the seconds that they live
        self.lock = threading.RLock()
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.server = self
        self.port = self.server.server_address[1]
        self.endpoint = f"http{'s' if certificate else ''}://127.0.0.1:{self.port}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.environment = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
                            "AWS_ENDPOINT_URL_S3": self.endpoint}
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def now(self):
        return time.time() + self.clock

    def credentials(self):
        """What the container's and the instance's service answer; each time a new key."""
        with self.lock:
            self.given += 1
            name = f"ASIAROLE{self.given}"
            self.keys[name] = (SECRET, f"token/{self.given}+=")
        ends = datetime.datetime.utcfromtimestamp(time.time() + self.lives)
        return json.dumps({"AccessKeyId": name, "SecretAccessKey": SECRET, "Code": "Success",
                           "Token": f"token/{self.given}+=",
                           "Expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ")})

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- faults ----

    def fault(self, run, times=1, method=None, part=""):
        """`run(handler)` stands in for the next so many requests that fit; it may return False to let
        the request go on."""
        self.faults.append([run, times, method, part])

    def due(self, handler):
        for f in self.faults:
            if f[1] > 0 and f[2] in (None, handler.command) and f[3] in handler.path:
                f[1] -= 1
                return f[0]
        return None

    def wrong_region(self, _given):
        return Refused(400, "AuthorizationHeaderMalformed", "the region is wrong",
                       f"<Region>{self.region}</Region>")

    @staticmethod
    def fail(status, code, message="", extra="", headers=None):
        def run(handler):
            handler.read_body()
            handler.send_error_xml(Refused(status, code, message, extra, headers))
            return True
        return run

    @staticmethod
    def cut_answer(after):
        """The object, broken off behind so many bytes."""
        def run(handler):
            def send_object(status, body, headers):
                handler.send(status, body[:after], headers, length=len(body))
                handler.cut()
            handler.send_object = send_object
            return False
        return run

    @staticmethod
    def cut_request(after):
        """So many bytes of the body are taken, then the connection ends."""
        def run(handler):
            handler.rfile.read(after)
            handler.cut()
            return True
        return run

    @staticmethod
    def silence(seconds):
        def run(handler):
            handler.read_body()
            time.sleep(seconds)
            handler.cut()
            return True
        return run
