"""A bucket for tests that need one to misbehave: takes objects without looking at signatures (Swift does
that, in tests/clients), keeps them in memory, and can refuse, be slow, hang or be gone."""
import hashlib
import http.server
import re
import threading
import time
import urllib.parse


class Bucket:
    """objects: {key: bytes}; order: the keys in the order in which they were last written; puts: how
    often each was; changed: keys that got other bytes than they had; fault(method, key) may return (status, code) to refuse a request, and may sleep."""

    def __init__(self, name="lake"):
        self.name, self.objects, self.order, self.puts = name, {}, [], {}
        self.uploads, self.requests, self.fault, self.port = {}, 0, None, 0
        self.changed = set()
        self.lock, self.server = threading.Lock(), None
        self.start()

    def start(self):
        bucket = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def handle_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                path, _, query = self.path.partition("?")
                _, name, key = (urllib.parse.unquote(path).split("/", 2) + ["", ""])[:3]
                query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
                bucket.requests += 1
                fault = bucket.fault and bucket.fault(self.command, key)
                if not fault and name != bucket.name:
                    fault = 404, "NoSuchBucket"
                if fault:
                    return self.answer(fault[0], f"<Error><Code>{fault[1]}</Code><Message>so it is"
                                                 "</Message></Error>".encode())
                with bucket.lock:
                    return self.answer(*bucket.do(self.command, key, query, body))

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

            def answer_dict(self, status, body, headers):
                self.answer(status, body, **headers)

        class Threads(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128
            connections = set()

            def process_request(self, request, address):
                self.connections.add(request)
                super().process_request(request, address)

            def handle_error(self, *_):
                pass  # clients that were killed

        answer = Handler.answer
        Handler.answer = lambda self, status, body=b"", headers=None: answer(
            self, status, body, **(headers or {}))
        self.server = Threads(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        """Nobody listens, and what was connected is cut."""
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.server.connections):
            try:
                connection.shutdown(2)
            except OSError:
                pass
            connection.close()
        self.server.connections.clear()

    def do(self, method, key, query, body):
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        if method == "PUT" and "uploadId" in query:
            self.uploads[query["uploadId"]][int(query["partNumber"])] = body
            return 200, b"", {"ETag": tag}
        if method == "PUT":
            self.keep(key, body)
            return 200, b"", {"ETag": tag}
        if method == "POST" and "uploads" in query:
            id = f"upload-{len(self.uploads)}"
            self.uploads[id] = {}
            return 200, (f"<InitiateMultipartUploadResult><UploadId>{id}</UploadId>"
                         "</InitiateMultipartUploadResult>").encode(), {}
        if method == "POST" and "uploadId" in query:
            parts = self.uploads.pop(query["uploadId"])
            numbers = [int(n) for n in re.findall(rb"<PartNumber>(\d+)<", body)]
            whole = b"".join(parts[n] for n in numbers)
            digests = b"".join(hashlib.md5(parts[n]).digest() for n in numbers)
            self.keep(key, whole)
            return 200, (f'<CompleteMultipartUploadResult><ETag>"{hashlib.md5(digests).hexdigest()}-'
                         f'{len(numbers)}"</ETag></CompleteMultipartUploadResult>').encode(), {}
        if method == "DELETE":
            self.uploads.pop(query.get("uploadId"), None)
            self.objects.pop(key, None)
            return 204, b"", {}
        if key in self.objects:
            whole = self.objects[key]
            return 200, whole, {"ETag": f'"{hashlib.md5(whole).hexdigest()}"'}
        return 404, b"<Error><Code>NoSuchKey</Code></Error>", {}

    def keep(self, key, body):
        if self.objects.get(key, body) != body:
            self.changed.add(key)
        self.objects[key] = body
        self.puts[key] = self.puts.get(key, 0) + 1
        if key in self.order:
            self.order.remove(key)
        self.order.append(key)

    def environment(self):
        return {"AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{self.port}", "AWS_ACCESS_KEY_ID": "a",
                "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "us-east-1"}

    def under(self, prefix):
        """{path below the prefix: bytes}"""
        with self.lock:
            return {k[len(prefix):]: v for k, v in self.objects.items() if k.startswith(prefix)}


def refuse(status, code, part=""):
    """A fault for every key with that part in it."""
    return lambda method, key: (status, code) if part in key else None


def late(seconds):
    return lambda method, key: time.sleep(seconds)
