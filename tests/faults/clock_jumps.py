#!/usr/bin/env python3
"""The wall clock is set, an hour or a day either way, to 1970 and to 2037, while the service runs:
leases end when they would have, sessions and keys live on, what expires expires, no figure goes
mad."""

import datetime
import glob
import json
import os
import tempfile
import time
import urllib.request

from checks import check_answers, check_sound
from harness import (THREAD_SANITIZED, Annotator, Service, count, equal, finish, make_texts, number,
                     ok, skip, wait_until)

LEASE_S = 30  # the shortest that a job may have
JUMPS = ("+3600", "-3600", "+86400", "-86400", "@1970-01-02 00:00:00", "@2037-12-31 23:00:00", "+0")


class Watch(Service):
    """A service that reads the time from a file."""

    def __init__(self, library, *flags):
        super().__init__(*flags)
        self.file = os.path.join(self.folder, "time")
        self.set("+0")
        self.environment = {**os.environ, "LD_PRELOAD": library, "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_TIMESTAMP_FILE": self.file, "TZ": "UTC",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
                            "FAKETIME_DONT_RESET": "1",
                            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") +
                            ":verify_asan_link_order=0"}

    def set(self, what):
        with open(self.file + ".new", "w") as file:
            file.write(what + "\n")
        os.rename(self.file + ".new", self.file)

    def start(self):
        self.spawn(self.environment)

    def sign_in(self, name, password, more=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/session", method="POST",
            data=json.dumps({"name": name, "password": password, **(more or {})}).encode(),
            headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                cookie = reply.headers["Set-Cookie"].split(";")[0]
                return reply.status, {"Cookie": cookie, "X-CSRF-Token": json.loads(reply.read())["csrf"]}
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


def parse(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def cookie_works(service, session):
    status, _ = service.client("none").call("GET", "/me", headers={**session, "Authorization": ""})
    return status == 200


def lease_one(lead, person):
    """A job whose task the person takes: (job, task, when)."""
    job = lead.new_job("leases", make_texts(4, 1)[0], lease_seconds=LEASE_S, open_items=4)
    task = wait_until(lambda: person.post(f"/jobs/{job}/leases", {"n": 1})["tasks"], 10)[0]
    return job, task, time.monotonic()


def leases(service, person, job, task, taken):
    """Held through jumps; it ends after its own time, not the clock's."""
    wrong, odd, looks = [], [], 0
    while time.monotonic() < taken + LEASE_S - 3:
        for jump in JUMPS:
            service.set(jump)
            time.sleep(0.1)
            held = person.get(f"/jobs/{job}/next")["tasks"]
            looks += 1
            if [t["item"] for t in held] != [task["item"]]:
                wrong.append(jump)
            elif jump == "+0":
                left = parse(held[0]["expires"]) - time.time()
                if abs(left - (LEASE_S - (time.monotonic() - taken))) > 2:
                    odd.append(left)
    ok(looks > 0, "a lease is looked at while the clock is set", f"{looks} times")
    equal(wrong, [], "no jump ends a lease early")
    equal(odd, [], "and its end is shown on the clock of now")
    service.set("-86400")
    ok(wait_until(lambda: not person.get(f"/jobs/{job}/next")["tasks"],
                  taken + LEASE_S + 8 - time.monotonic(), 0.2),
       "nor does one let it live on", f"over after {time.monotonic() - taken:.1f} s of {LEASE_S}")
    service.set("+0")


def sessions(service, lead, admin):
    password = "a-long-password-of-words"
    admin.post("/people", {"name": "mia", "role": "annotator", "password": password})
    status, session = service.sign_in("mia", password)
    equal(status, 201 if status == 201 else 200, "somebody signs in")
    invitation = admin.post("/invitations", {"role": "annotator", "days": 2})
    token = invitation["url"].rsplit("/", 1)[1] if "url" in invitation else None
    key = admin.post("/keys", {"name": "short", "days": 2})["token"]
    short = service.client(key)
    for jump in ("-3600", "+3600", "-86400", "@1970-01-02 00:00:00", "+0"):
        service.set(jump)
        time.sleep(0.1)
        equal([cookie_works(service, session), short.call("GET", "/me")[0],
               lead.call("GET", "/me")[0]], [True, 200, 200],
              f"session, short key and key live on at {jump}")
    service.set("+259200")
    time.sleep(0.1)
    equal((short.call("GET", "/me")[0], lead.call("GET", "/me")[0]), (401, 200),
          "a key of two days is over after three, one without an end is not")
    if token:
        status, _ = service.probe(f"/api/v1/invitations/{token}")
        ok(status in (404, 409, 410), "so is an invitation of two days", str(status))
    service.set("@2037-12-31 23:00:00")
    time.sleep(0.1)
    equal(cookie_works(service, session), False, "a session is over in 2037")
    service.set("+0")
    time.sleep(0.1)
    equal(cookie_works(service, session), True, "and not when that was a mistake")
    for _ in range(12):
        status, _ = service.sign_in("mia", "wrong-password-x")
    equal(status, 429, "who guesses is locked out")
    service.set("-86400")
    time.sleep(0.1)
    equal(service.sign_in("mia", password)[0], 200, "not for a day longer when the clock is set back")
    service.set("+0")


def figures(service, lead, tokens, lines, labels):
    """People work through all jumps; what is counted stays countable."""
    job = lead.new_job("figures", lines, auto_label={"enabled": True, "target": 0.9})
    people = [Annotator(service, t, f"p{n}", job, labels) for n, t in enumerate(tokens)]
    for p in people:
        p.start()
    wrong = []
    for jump in JUMPS:
        service.set(jump)
        time.sleep(0.5)
        shown = lead.get(f"/jobs/{job}/dashboard")
        hours = shown["throughput"]
        if shown["per_hour"] < 0 or any(h["answers"] < 0 for h in hours):
            wrong.append((jump, "negative", shown["per_hour"]))
        if len(hours) > 2000:
            wrong.append((jump, "rows", len(hours)))
    service.set("+0")
    time.sleep(0.2)
    shown = lead.get(f"/jobs/{job}/dashboard")
    late = [h for h in shown["throughput"] if parse(h["at"]) > time.time() + 60] \
        if shown["throughput"] and "at" in shown["throughput"][0] else []
    equal((wrong, late), ([], []), "throughput is never negative, nor in the future")
    if shown.get("eta"):
        ahead = parse(shown["eta"]) - time.time()
        ok(0 <= ahead < 30 * 86400, "the time it will take is sane", f"{ahead:.0f} s")
    ok(wait_until(lambda: lead.get(f"/jobs/{job}")["state"] == "completed", 60, 0.2),
       "the job is finished")
    for p in people:
        p.over.set()
    for p in people:
        p.join(15)
    equal([p.refused for p in people if p.refused], [], "no answer was refused")
    count("answers checked over jumps of the clock", check_answers(service, number(job), people))
    check_sound(service, [job])
    return job


def main():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        skip("the clock is set while the service runs", "libfaketime is not installed")
        finish()
    if THREAD_SANITIZED:
        skip("the clock is set while the service runs", "the thread sanitizer does not start with "
             "libfaketime")
        finish()
    lines, labels = make_texts(1000, 3)
    with Watch(found[0], "--undo-seconds", "1") as service:
        admin = service.client(service.token("admin", "admin"))
        lead = service.client(service.token("lead", "lead"))
        tokens = [service.token(f"person-{n}", "annotator") for n in range(3)]
        person = service.client(tokens[0])
        lease = lease_one(lead, person)
        sessions(service, lead, admin)
        figures(service, lead, tokens, lines, labels)
        service.set("-3600")
        service.kill()
        service.start()
        equal(service.probe("/readyz")[0], 200, "it starts with a clock that was set back")
        leases(service, person, *lease)
        service.set("+0")
        equal(service.complaints(("error",)), [], "nothing is logged as an error")
        took, status = service.stop()
        ok(status == 0 and took < 10, "it ends in good order", f"{took:.2f} s")
    finish()


if __name__ == "__main__":
    main()
