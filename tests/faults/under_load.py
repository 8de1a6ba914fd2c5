#!/usr/bin/env python3
"""A job of 100,000 texts under load: private memory, 256 connections, and an orderly end."""

import os
import socket
import threading
import time

from harness import (SANITIZED, Service, brute_force, equal, finish, make_texts, number, ok, say,
                     skip)
from swarm import Swarm, look, request, work

LINES = 100000
PEOPLE = 16
MEMORY_MAX = 60 << 20
STOP_MAX_S = 10


def check_memory(service, job, tokens):
    swarm = Swarm(service.port, [work(job, tokens[n % PEOPLE]) for n in range(64)])
    peak = 0
    for _ in range(10):
        rate, _ = swarm.run(1)
        peak = max(peak, service.private_bytes())
    swarm.close()
    name = "private memory stays under 60 MB with 64 connections at work"
    if SANITIZED:
        skip(name, "a sanitizer keeps memory of its own")
        return
    ok(peak < MEMORY_MAX, name, f"{peak / 2**20:.1f} MB at its highest, {rate:.0f} requests/s")


def check_connections(service, job, tokens):
    rate, longest = {}, {}
    for count in (64, 256):
        swarm = Swarm(service.port, [look(f"/jobs/{job}/next", tokens[n % PEOPLE])
                                     for n in range(count)])
        swarm.run(0.5)
        rate[count], longest[count] = swarm.run(3)
        swarm.close()
    say(f"requests/s {rate}, longest wait {longest}")
    ok(rate[256] >= 0.5 * rate[64], "256 connections get at least half of what 64 get")
    ok(longest[256] < (10 if SANITIZED else 1.5), "none of 256 connections stalls")


def check_stop(service, job, lead, tokens):
    """With people at work, pages that listen for events, an import and an export."""
    client, streams = service.client(lead), []
    more, _ = make_texts(2 * LINES, 2)
    for _ in range(8):
        s = socket.create_connection(("127.0.0.1", service.port))
        s.sendall(request("GET", f"/jobs/{job}/events", lead))
        s.settimeout(5)
        s.recv(64)
        streams.append(s)
    answered = []

    def press():
        swarm = Swarm(service.port, [work(job, tokens[n % PEOPLE]) for n in range(32)])
        try:
            swarm.run(30)
        except (OSError, StopIteration):
            pass
        answered.append(sum(c.done for c in swarm.connections))
        swarm.close()

    thread = threading.Thread(target=press)
    thread.start()
    upload = client.upload(job, more)["id"]
    export = client.post(f"/jobs/{job}/exports", {"format": "manifest", "scope": "all"})["id"]
    time.sleep(1)
    running = [client.get(f"/jobs/{job}/imports/{upload}")["state"],
               client.get(f"/exports/{export}")["state"]]
    took, status = service.stop()
    thread.join()
    say(f"import and export: {running}")
    ok(took < STOP_MAX_S, "SIGTERM ends it within 10 s", f"{took:.2f} s")
    equal(status, 0, "with status 0")
    ok(answered[0] > 0, "while people were at work", f"{answered[0]} replies")
    for s in streams:
        s.close()
    equal(os.path.exists(os.path.join(service.data, "plumbline.sock")), False,
          "its socket is gone")
    db = service.database()
    equal(brute_force(db, number(job)), [], "totals agree with a full count")
    db.close()


def main():
    lines, _ = make_texts(LINES, 1)
    with Service() as service:
        lead_token = service.token("lead", "lead")
        lead = service.client(lead_token)
        tokens = [service.token(f"person-{n}", "annotator") for n in range(PEOPLE)]
        job = lead.new_job("large", lines, open_items=5000)
        say(f"{service.private_bytes() / 2**20:.1f} MB after the import")
        check_memory(service, job, tokens)
        check_connections(service, job, tokens)
        check_stop(service, job, lead_token, tokens)
    finish()


if __name__ == "__main__":
    main()
