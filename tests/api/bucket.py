"""One bucket of the stand-in of tests/clients/fake_s3.py, which remembers how each object came."""
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "clients"))
import fake_s3  # noqa: E402


class Arrivals(dict):
    """order: names as they were last written; puts: how often each was; changed: those that got other
    bytes than they had."""

    def __init__(self):
        super().__init__()
        self.order, self.puts, self.changed = [], {}, set()

    def __setitem__(self, name, body):
        key = name[1]
        if self.get(name, body) != body:
            self.changed.add(key)
        self.puts[key] = self.puts.get(key, 0) + 1
        if key in self.order:
            self.order.remove(key)
        self.order.append(key)
        super().__setitem__(name, body)


class Bucket(fake_s3.Store):
    """trouble(method, key) may return (status, code) to refuse a request, and may sleep."""

    def __init__(self, name="lake"):
        super().__init__()
        self.name, self.objects, self.trouble, self.fault = name, Arrivals(), None, self.judge

    def judge(self, method, bucket, key):
        if bucket != self.name:
            return 404, "NoSuchBucket"
        return self.trouble and self.trouble(method, key)

    def __getitem__(self, key):
        return self.objects[self.name, key]

    def under(self, prefix):
        """{path below the prefix: bytes}"""
        return {k[len(prefix):]: v for (_, k), v in list(self.objects.items())
                if k.startswith(prefix)}


def refuse(status, code, part=""):
    """A trouble for every key with that part in it."""
    return lambda method, key: (status, code) if part in key else None
