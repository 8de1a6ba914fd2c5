#!/usr/bin/env python3
"""A right that is taken away is gone when the reply to that says so, also for somebody who is asking
all the time."""

import threading

from harness import Service, equal, finish

ROUNDS = 20


class Asker(threading.Thread):
    """Asks who it is, again and again, so that the answer is always at hand."""

    def __init__(self, service, token):
        super().__init__(daemon=True)
        self.client, self.over = service.client(token), threading.Event()
        self.in_time = threading.Event()

    def run(self):
        while not self.over.is_set():
            status, _ = self.client.call("GET", "/me")
            if status == 200:
                self.in_time.set()
        self.client.close()


def main():
    with Service() as service:
        admin = service.client(service.token("admin", "admin"))
        person = admin.post("/people", {"name": "someone", "role": "lead"})["id"]
        after = {"key": [], "active": [], "role": [], "back": []}
        for n in range(ROUNDS):
            key = admin.post(f"/people/{person}/keys", {"name": f"key {n}"})
            askers = [Asker(service, key["token"]) for _ in range(3)]
            for a in askers:
                a.start()
                a.in_time.wait(5)
            client = service.client(key["token"])
            admin.call("PATCH", f"/people/{person}", {"role": "annotator"})
            after["role"].append(client.call("GET", "/people")[0])
            admin.call("PATCH", f"/people/{person}", {"role": "lead", "active": False})
            after["active"].append(client.call("GET", "/me")[0])
            admin.call("PATCH", f"/people/{person}", {"active": True})
            after["back"].append(client.call("GET", "/people")[0])
            admin.call("DELETE", f"/keys/{key['id']}")
            after["key"].append(client.call("GET", "/me")[0])
            for a in askers:
                a.over.set()
                a.join()
            client.close()
        equal(set(after["role"]), {403}, "a role that was taken away allows nothing")
        equal(set(after["active"]), {401}, "who was deactivated cannot come in")
        equal(set(after["back"]), {200}, "who was activated again can")
        equal(set(after["key"]), {401}, "a deleted key opens nothing")
    finish()


if __name__ == "__main__":
    main()
