#!/usr/bin/env python3
"""Server-sent events of a job, and whether the service is well."""
import http.client
import json
import sys
import threading
import time

import harness
from harness import answer, counts, leased, state, text_job, wait

server = harness.Server()
lead = server.person("lead", "lead")
ann = server.person("ann")


class Stream(threading.Thread):
    """Listens until the stream ends; the events as (name, data)."""

    def __init__(self, client, job):
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.connection.request("GET", f"/api/v1/jobs/{job}/events",
                                headers={"Authorization": "Bearer " + client.token})
        self.response = self.connection.getresponse()
        self.events, self.ended = [], False
        self.start()

    def run(self):
        name = None
        try:
            for line in self.response:
                line = line.decode().rstrip("\n")
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    self.events.append((name, json.loads(line[6:])))
                else:
                    assert line == "" or line.startswith(":"), line
        finally:
            self.ended = True

    def of(self, name):
        return [data for n, data in self.events if n == name]


def test_hello_then_counts_as_they_change():
    job = text_job(lead, "live", 5)
    s = Stream(lead, job)
    assert s.response.status == 200
    assert s.response.headers["Content-Type"].startswith("text/event-stream")
    assert "no-" in s.response.headers["Cache-Control"]
    wait(lambda: s.of("hello"))
    hello = s.of("hello")[0]
    assert s.events[0][0] == "hello" and hello["state"] == "initializing"
    assert hello["counts"] == counts(lead, job)
    lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
    wait(lambda: any(c["state"] == "in_progress" for c in s.of("counts")))
    for task in leased(ann, job, 5):
        answer(ann, job, task, "red")
    wait(lambda: any(c["state"] == "completed" for c in s.of("counts")))
    last = s.of("counts")[-1]
    assert last["counts"] == counts(lead, job) and last["counts"]["human"] == 5, last
    human = [c["counts"]["human"] for c in s.of("counts")]
    assert human == sorted(human), human


def test_imports_and_exports_are_told():
    job = text_job(lead, "told")
    s = Stream(lead, job)
    wait(lambda: s.of("hello"))
    done = harness.upload(lead, job, [{"source": "x"}])
    wait(lambda: any(e["state"] == "done" for e in s.of("import")))
    last = s.of("import")[-1]
    assert (last["id"], last["added"]) == (done["id"], 1), last
    id = harness.export(lead, job)[0]["id"]
    wait(lambda: {"id": id, "state": "done"} in s.of("export"))


def test_events_of_one_job_only():
    a, b = text_job(lead, "job-a", 2, start=True), text_job(lead, "job-b", 2, start=True)
    s = Stream(lead, a)
    wait(lambda: s.of("hello"))
    time.sleep(0.3)
    before = len(s.events)
    for task in leased(ann, b, 2):
        answer(ann, b, task, "red")
    wait(lambda: state(lead, b) == "completed")
    assert len(s.events) == before, s.events[before:]


def test_an_annotator_may_listen_and_a_hundred_may():
    job = text_job(lead, "crowd", 1, start=True)
    crowd = [Stream(ann, job) for _ in range(100)]
    wait(lambda: all(s.of("hello") for s in crowd))
    answer(ann, job, leased(ann, job)[0], "red")
    wait(lambda: all(any(c["state"] == "completed" for c in s.of("counts")) for s in crowd))
    for s in crowd[:50]:
        s.connection.sock and s.connection.sock.close()
    assert lead.want(200, "GET", "/api/v1/me")


def test_a_stop_ends_the_streams_and_does_not_wait_for_them():
    job = text_job(lead, "stopping", 1)
    streams = [Stream(lead, job) for _ in range(5)]
    wait(lambda: all(s.of("hello") for s in streams))
    started = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - started < 5
    wait(lambda: all(s.ended for s in streams), 5)
    server.start()
    lead.connection = ann.connection = None


def test_health_and_readiness():
    assert lead.want(200, "GET", "/healthz").json == {"status": "ok"}
    assert lead.want(200, "GET", "/readyz").json == {"status": "ready"}


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
