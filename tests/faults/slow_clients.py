#!/usr/bin/env python3
"""Clients that read a byte a second, or send their headers or bodies a byte a second: they hold no
thread, others are served meanwhile, and they are cut."""

import json
import selectors
import socket
import threading
import time

from harness import SANITIZED, SOAK, Service, count, equal, finish, ok, say, wait_until
from swarm import request

SLOW = 500 if not SANITIZED else 60
READERS = 100
EXPORT_MB = 100 if SOAK else 24
IDLE_S = 3  # cut after twice this


class Dribble(threading.Thread):
    """Sends each connection's bytes one a second, and sees which are closed."""

    def __init__(self, port, text_of, number):
        super().__init__(daemon=True)
        self.over, self.closed = threading.Event(), 0
        self.sockets = {}
        for n in range(number):
            s = socket.create_connection(("127.0.0.1", port))
            s.setblocking(False)
            self.sockets[s] = text_of(n)

    def run(self):
        at = 0
        while not self.over.is_set():
            for s, text in list(self.sockets.items()):
                try:
                    s.send(text[at % len(text):at % len(text) + 1])
                    try:
                        gone = s.recv(4096) == b""
                    except BlockingIOError:
                        gone = False
                except OSError:
                    gone = True
                if gone:
                    self.closed += 1
                    s.close()
                    del self.sockets[s]
            at += 1
            self.over.wait(1)
        for s in self.sockets:
            s.close()


def others_are_served(lead, job, what):
    """Reads and writes of others, one after the other."""
    waits, wrong = [], []
    for n in range(60):
        for call in (("GET", f"/jobs/{job}"), ("PATCH", f"/jobs/{job}", {"instructions": f"{n}"})):
            started = time.monotonic()
            status, reply = lead.call(*call)
            waits.append(time.monotonic() - started)
            if status != 200:
                wrong.append((status, reply))
    waits.sort()
    equal(wrong[:2], [], f"others are served beside {what}")
    say(f"p50 {1e3 * waits[60]:.1f} ms, longest {1e3 * waits[-1]:.1f} ms of {len(waits)}")
    count("calls answered beside slow clients", len(waits))


def slow_senders(service, lead, job, token):
    head = b"GET /api/v1/me HTTP/1.1\r\nHost: test\r\nX-Long: " + b"x" * 4000
    body = request("POST", f"/jobs/{job}/items", token, None,
                   "Content-Type: application/x-ndjson\r\nContent-Length: 100000\r\n")
    loris = Dribble(service.port, lambda n: head, SLOW)
    bodies = Dribble(service.port, lambda n: b'{"source":"a"}\n', SLOW // 2)
    for s in bodies.sockets:
        s.setblocking(True)
        s.sendall(body)
        s.setblocking(False)
    loris.start()
    bodies.start()
    time.sleep(1)
    others_are_served(lead, job, f"{SLOW} slow headers and {SLOW // 2} slow bodies")
    ok(wait_until(lambda: loris.closed == SLOW and bodies.closed == SLOW // 2, 6 * IDLE_S, 0.2),
       "all of them are cut", f"{loris.closed} and {bodies.closed}")
    for d in (loris, bodies):
        d.over.set()
        d.join()


def slow_readers(service, lead, token):
    text = json.dumps({"source": "w" * 10000})
    lines = [text.replace("w", str(n) + "w", 1) for n in range(EXPORT_MB * 100)]
    job = lead.new_job("large", lines, start=False)
    export = lead.post(f"/jobs/{job}/exports", {"format": "manifest", "scope": "all"})["id"]
    wait_until(lambda: lead.get(f"/exports/{export}")["state"] == "done", 60)
    size = lead.get(f"/exports/{export}")["bytes"]
    sockets = []
    for _ in range(READERS):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(("127.0.0.1", service.port))
        s.sendall(request("GET", f"/exports/{export}/download", token))
        s.setblocking(False)
        sockets.append(s)
    over, got = threading.Event(), [0]

    def sip():
        selector = selectors.DefaultSelector()
        for s in sockets:
            selector.register(s, selectors.EVENT_READ)
        while not over.wait(1):
            for key, _ in selector.select(0):
                try:
                    got[0] += len(key.fileobj.recv(1))
                except OSError:
                    selector.unregister(key.fileobj)

    thread = threading.Thread(target=sip, daemon=True)
    thread.start()
    time.sleep(1)
    before = service.private_bytes()
    others_are_served(lead, job, f"{READERS} who read {size >> 20} MB a byte a second")
    ok(got[0] >= READERS, "who do read", f"{got[0]} bytes")
    if not SANITIZED:
        ok(before < 100 << 20, "and whose files are not in memory", f"{before >> 20} MB")
    whole = lead.call("GET", f"/exports/{export}/download")[1]
    equal(len(whole), size, "a quick reader gets the whole meanwhile")
    over.set()
    thread.join()
    took, status = service.stop()
    ok(status == 0 and took < 10, "they do not keep the service from ending", f"{took:.2f} s")
    for s in sockets:
        s.close()


def main():
    with Service("--idle-seconds", str(IDLE_S), "--connections", "2000") as service:
        token = service.token("lead", "lead")
        lead = service.client(token)
        job = lead.new_job("work", [json.dumps({"source": "one"})])
        slow_senders(service, lead, job, token)
        ok(len(service.complaints()) < 50, "hundreds of them leave few complaints in the log",
           f"{len(service.complaints())}")
        lead.close()  # idle meanwhile, and closed
        slow_readers(service, lead, token)
    finish()


if __name__ == "__main__":
    main()
