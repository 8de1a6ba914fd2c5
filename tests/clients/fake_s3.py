"""A stand-in for a bucket server in this process, which checks no signature: for tests of what happens
when storage is slow, down or refuses. Signatures are checked against a real server (swift.py).

    import fake_s3
    store = fake_s3.start()             # .endpoint .environment .objects[(bucket, key)] = bytes
    store.mode = "500"                  # "", "500", "403", "slow" (store.slow seconds a request)
    store.down(); store.up()            # connections are refused meanwhile
    store.denied.add(("b", "k"))        # 403 AccessDenied for this key alone
    store.fault = function              # of (method, bucket, key): (status, code) to refuse, or None
    store.asked                         # [(method, bucket, key, range)] so far
"""
import hashlib
import http.server
import socket
import threading
import time
import urllib.parse
import xml.sax.saxutils

ESCAPE = xml.sax.saxutils.escape


class Store:
    def __init__(self):
        self.objects, self.types = {}, {}
        self.mode, self.denied, self.asked = "", set(), []
        self.cut = None       # a GET ends after so many bytes of its body, once
        self.fault = None
        self.cors = None      # Access-Control-Allow-Origin of replies, or None
        self.slow = 0.3
        self.uploads = {}     # id -> (bucket, key, {number: bytes})
        self.lock = threading.Lock()
        self.server, self.port = None, 0
        self.up()

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self):
        return {"AWS_ENDPOINT_URL_S3": self.endpoint, "AWS_ACCESS_KEY_ID": "key",
                "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true"}

    def up(self):
        """Listens (again), on the port it had."""
        handler = type("Bound", (Handler,), {"store": self})
        self.server = Server(("127.0.0.1", self.port), handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self):
        """Refuses connections, and breaks off those there are."""
        self.server.shutdown()
        self.server.break_off()
        self.server.server_close()

    def gets(self, key):
        return sum(1 for method, _, k, _ in self.asked if method == "GET" and k == key)

    def stop(self):
        self.down()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *args):
        self.open = set()
        super().__init__(*args)

    def get_request(self):
        connection, address = super().get_request()
        self.open.add(connection)
        return connection, address

    def shutdown_request(self, request):
        self.open.discard(request)
        super().shutdown_request(request)

    def break_off(self):
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def handle_error(self, request, client_address):
        pass  # clients that went away


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    store = None

    def log_message(self, *args):
        pass

    def do(self):
        path, _, query = self.path.partition("?")
        parts = urllib.parse.unquote(path).lstrip("/").split("/", 1)
        self.bucket, self.key = parts[0], parts[1] if len(parts) > 1 else ""
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        store = self.store
        store.asked.append((self.command, self.bucket, self.key, self.headers.get("Range")))
        if store.mode == "slow":
            time.sleep(store.slow)
        if store.mode == "500":
            return self.error(500, "InternalError")
        if store.mode == "403" or (self.bucket, self.key) in store.denied:
            return self.error(403, "AccessDenied")
        refused = store.fault and store.fault(self.command, self.bucket, self.key)
        if refused:
            return self.error(*refused)
        return getattr(self, "on_" + self.command)()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_OPTIONS = do

    def reply(self, status, body=b"", type="application/xml", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", type)
        self.send_header("Content-Length", str(len(body)))
        if self.store.cors:
            self.send_header("Access-Control-Allow-Origin", self.store.cors)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if self.store.cut is not None and self.command == "GET" and len(body) > self.store.cut:
            body, self.store.cut = body[:self.store.cut], None
            self.wfile.write(body)
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self.wfile.write(body)

    def error(self, status, code):
        self.reply(status, f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{code} it "
                           f"is</Message><Resource>/{ESCAPE(self.bucket)}/{ESCAPE(self.key)}"
                           f"</Resource></Error>".encode())

    def on_OPTIONS(self):
        if not self.store.cors:
            return self.error(403, "AccessForbidden")
        return self.reply(200, headers=[("Access-Control-Allow-Methods", "GET, HEAD")])

    def on_HEAD(self):
        self.on_GET()

    def on_GET(self):
        if not self.key:
            return self.list()
        data = self.store.objects.get((self.bucket, self.key))
        if data is None:
            return self.error(404, "NoSuchKey")
        etag = '"' + hashlib.md5(data).hexdigest() + '"'
        if self.headers.get("If-Match") not in (None, etag):
            return self.error(412, "PreconditionFailed")
        headers = [("ETag", etag), ("Accept-Ranges", "bytes"),
                   ("Last-Modified", "Mon, 01 Jun 2026 10:00:00 GMT")]
        type = self.store.types.get((self.bucket, self.key), "binary/octet-stream")
        wanted = self.headers.get("Range")
        if not wanted:
            return self.reply(200, data, type, headers)
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        first, last = int(first), min(int(last or len(data) - 1), len(data) - 1)
        if first >= len(data):
            return self.error(416, "InvalidRange")
        headers.append(("Content-Range", f"bytes {first}-{last}/{len(data)}"))
        return self.reply(206, data[first:last + 1], type, headers)

    def list(self):
        prefix, after = self.query.get("prefix", ""), self.query.get("continuation-token", "")
        most = min(int(self.query.get("max-keys", 1000)), 1000)
        keys = sorted((k for b, k in list(self.store.objects) if b == self.bucket and
                       k.startswith(prefix) and k > after), key=str.encode)
        page, more = keys[:most], len(keys) > most
        encode = urllib.parse.quote if self.query.get("encoding-type") == "url" else ESCAPE
        rows = "".join(
            f"<Contents><Key>{encode(k)}</Key><Size>{len(self.store.objects[self.bucket, k])}"
            f"</Size><ETag>\"{hashlib.md5(self.store.objects[self.bucket, k]).hexdigest()}\"</ETag>"
            f"<LastModified>2026-06-01T10:00:00.000Z</LastModified></Contents>" for k in page)
        token = f"<NextContinuationToken>{ESCAPE(page[-1])}</NextContinuationToken>" if more else ""
        self.reply(200, f"<?xml version='1.0'?><ListBucketResult><Name>{self.bucket}</Name>"
                        f"<IsTruncated>{str(more).lower()}</IsTruncated><KeyCount>{len(page)}"
                        f"</KeyCount>{token}{rows}</ListBucketResult>".encode())

    def on_PUT(self):
        if "uploadId" in self.query:
            parts = self.store.uploads[self.query["uploadId"]][2]
            parts[int(self.query["partNumber"])] = self.body
        else:
            self.store.objects[self.bucket, self.key] = self.body
        self.reply(200, headers=[("ETag", '"' + hashlib.md5(self.body).hexdigest() + '"')])

    def on_POST(self):
        store = self.store
        if "uploads" in self.query:
            with store.lock:
                id = f"upload-{len(store.uploads) + 1}"
                store.uploads[id] = (self.bucket, self.key, {})
            return self.reply(200, f"<InitiateMultipartUploadResult><UploadId>{id}</UploadId>"
                                   f"</InitiateMultipartUploadResult>".encode())
        bucket, key, parts = store.uploads.pop(self.query["uploadId"])
        digests = b"".join(hashlib.md5(parts[n]).digest() for n in sorted(parts))
        store.objects[bucket, key] = b"".join(parts[n] for n in sorted(parts))
        etag = f'"{hashlib.md5(digests).hexdigest()}-{len(parts)}"'
        return self.reply(200, f"<CompleteMultipartUploadResult><ETag>{ESCAPE(etag)}</ETag>"
                               f"</CompleteMultipartUploadResult>".encode())

    def on_DELETE(self):
        if "uploadId" in self.query:
            self.store.uploads.pop(self.query["uploadId"], None)
        else:
            self.store.objects.pop((self.bucket, self.key), None)
        self.reply(204)


def start():
    return Store()
