#!/usr/bin/env python3
"""More requests than can be served: 2,000 connections that answer as fast as they can, and a disk so
slow that the queue of writes is full. Whoever is refused is told when to come back, and nothing
acknowledged is lost."""

import json
import resource

from checks import check_sound
from harness import SANITIZED, SOAK, count, equal, finish, make_texts, number, ok, say, skip, wait_until
from shim import FaultyService
from swarm import Swarm, request

CONNECTIONS, FLOOD = 2000, 5000  # the queue holds 4096
PEOPLE = 200
LINES = 40000
SECONDS = 20 if SOAK else 4


def add_people(service, admin):
    tokens = []
    for n in range(PEOPLE):
        person = admin.post("/people", {"name": f"person-{n}", "role": "annotator"})["id"]
        tokens.append(admin.post(f"/people/{person}/keys", {"name": "k"})["token"])
    return tokens


def work(job, token, name, acknowledged, wrong):
    """Leases and answers for ever; a refused answer is sent again under its key."""
    sent = 0
    while True:
        status, body = yield request("POST", f"/jobs/{job}/leases", token, {"n": 1})
        for task in json.loads(body).get("tasks", []) if status == 200 else []:
            sent += 1
            while True:
                status, body = yield request(
                    "POST", f"/jobs/{job}/answers", token,
                    {"lease": task["lease"], "answer": {"label": "sports"}, "elapsed_ms": 9},
                    f"Idempotency-Key: {name}-{sent}\r\n")
                if status != 503:
                    break
            if status in (200, 201):
                acknowledged.append(json.loads(body)["id"])
            else:
                wrong.append((status, body[:200]))
        if status not in (200, 201, 503):
            wrong.append((status, body[:200]))


def answers_there(service, job, acknowledged):
    db = service.database()
    stored = {f"ans_{r[0]}" for r in db.execute("SELECT id FROM answer WHERE job = ?",
                                               (number(job),))}
    db.close()
    equal([a for a in acknowledged if a not in stored][:5], [],
          f"all of {len(acknowledged)} acknowledged answers are there")
    equal(len(acknowledged), len(set(acknowledged)), "each is another answer")
    count("answers checked under overload", len(acknowledged))


def press(service, job, tokens, connections, acknowledged, seconds):
    wrong = []
    swarm = Swarm(service.port, [work(job, tokens[n % PEOPLE], f"c{connections}-{n}", acknowledged,
                                      wrong) for n in range(connections)])
    rate, longest = swarm.run(seconds)
    waits = sorted(w for c in swarm.connections for w in c.admitted)
    refused = sum(c.refused for c in swarm.connections)
    bare = sum(c.no_retry_after for c in swarm.connections)
    unserved = sum(c.done == 0 for c in swarm.connections)
    swarm.close()
    say(f"{connections} connections: {rate:.0f} replies/s, {len(waits)} admitted, {refused} refused; "
        f"admitted p50 {1e3 * waits[len(waits) // 2]:.0f} ms, "
        f"p99 {1e3 * waits[len(waits) * 99 // 100]:.0f} ms, longest {longest:.2f} s")
    equal(wrong[:3], [], f"{connections} connections get answers or are told to come back")
    equal(bare, 0, "each 503 has a Retry-After")
    equal(unserved, 0, "every connection was served")
    return refused


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < FLOOD + 500 and hard != resource.RLIM_INFINITY:
        skip("thousands of connections", f"only {hard} descriptors are allowed")
        finish()
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, FLOOD + 1000), hard))
    if SANITIZED:
        skip("thousands of connections", "a sanitizer is too slow for it")
        finish()
    with FaultyService("--connections", "6000", "--undo-seconds", "1") as service:
        admin = service.client(service.token("admin", "admin"))
        tokens = add_people(service, admin)
        job = admin.new_job("crowd", make_texts(LINES, 1)[0], open_items=5000)
        acknowledged = []
        press(service, job, tokens, CONNECTIONS, acknowledged, SECONDS)
        service.disk.fail(400, "slow", ("log",), ("sync",))
        refused = press(service, job, tokens, FLOOD, acknowledged, SECONDS)
        service.disk.mend()
        ok(refused > 0, "a full queue refuses", f"{refused} times")
        ok(wait_until(lambda: service.probe("/readyz")[0] == 200, 20),
           "it is ready when the flood is over")
        answers_there(service, job, acknowledged)
        check_sound(service, [job], finished=False)
    finish()


if __name__ == "__main__":
    main()
