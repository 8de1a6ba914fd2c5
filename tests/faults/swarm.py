"""Many keep-alive connections from one thread: enough load for a test, not a benchmark."""

import json
import selectors
import socket
import time


class Connection:
    """One person's connection; `steps` is a generator that yields requests and is sent replies."""

    def __init__(self, port, steps):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.steps = steps
        self.buffer = b""
        self.done = 0
        self.waiting_since = 0.0
        self.longest = 0.0
        self.admitted = []  # seconds of each reply that was not a 503
        self.refused = self.no_retry_after = 0

    def send_next(self, reply):
        request = next(self.steps) if reply is None else self.steps.send(reply)
        self.waiting_since = time.monotonic()
        self.socket.sendall(request)

    def receive(self):
        """True when a reply is complete and the next request is on its way."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("closed by the server")
        self.buffer += piece
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = self.buffer[:end].lower()
        at = head.find(b"content-length:")
        size = int(head[at + 15:].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.buffer) < end + 4 + size:
            return False
        status, body = int(head[9:12]), self.buffer[end + 4:end + 4 + size]
        self.buffer = self.buffer[end + 4 + size:]
        self.done += 1
        took = time.monotonic() - self.waiting_since
        self.longest = max(self.longest, took)
        if status == 503:
            self.refused += 1
            self.no_retry_after += b"\nretry-after:" not in head
        else:
            self.admitted.append(took)
        self.send_next((status, body))
        return True


def request(method, path, token, body=None, extra=""):
    data = json.dumps(body).encode() if body is not None else b""
    head = f"{method} /api/v1{path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n{extra}"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
    return head.encode() + b"\r\n" + data


def work(job, token):
    """Leases an item and answers it, for ever. Counts what was not as it should be."""
    while True:
        status, body = yield request("POST", f"/jobs/{job}/leases", token, {"n": 1})
        tasks = json.loads(body).get("tasks", []) if status == 200 else []
        if status not in (200, 503):
            raise RuntimeError(f"leases: {status} {body[:200]}")
        for task in tasks:
            status, body = yield request(
                "POST", f"/jobs/{job}/answers", token,
                {"lease": task["lease"], "answer": {"label": "sports"}, "elapsed_ms": 900})
            if status not in (200, 201, 503):
                raise RuntimeError(f"answers: {status} {body[:200]}")


def look(path, token):
    """Reads one address, for ever."""
    while True:
        status, body = yield request("GET", path, token)
        if status != 200:
            raise RuntimeError(f"{path}: {status} {body[:200]}")


class Swarm:
    def __init__(self, port, steps):
        self.selector = selectors.DefaultSelector()
        self.connections = [Connection(port, s) for s in steps]
        for c in self.connections:
            self.selector.register(c.socket, selectors.EVENT_READ, c)
            c.send_next(None)

    def run(self, seconds):
        """Requests a second, and the longest that a connection went without a reply."""
        started = time.monotonic()
        before = sum(c.done for c in self.connections)
        for c in self.connections:
            c.longest = 0.0
        while time.monotonic() < started + seconds:
            for key, _ in self.selector.select(0.2):
                key.data.receive()
        now = time.monotonic()
        longest = max(max(c.longest, now - c.waiting_since) for c in self.connections)
        return (sum(c.done for c in self.connections) - before) / (now - started), longest

    def close(self):
        for c in self.connections:
            c.socket.close()
        self.selector.close()
