"""parts.py - the measurements, a function each. Each puts its figures into the results at once, so that
what fails later hides nothing."""

import json
import os
import threading
import time
import urllib.parse

import shared
import tools
from tools import FEW, ITEMS, MANY, ROUNDS, Filled, Floor, harness, median, milliseconds, program

# Ten tasks for each of the people must fit the most items that a job opens at a time.
PEOPLE, OPEN = 448, 5000
PACE, PACED_SECONDS = 600, 4  # requests a second of people who think; seconds of a look


def text_of(n):
    return json.dumps({"source": f"Text number {n}, about as long as a headline with a few more words "
                                 "behind it"})


# ---- requests ----

def requests(results, built, folder):
    with Floor(built, folder) as floor, Filled(built) as service:
        service.fill(PEOPLE, [(ITEMS, 0, 1)], open_items=OPEN)
        job = service.jobs[0]
        service.open_all(job, OPEN * 0.9)
        rounds = []
        for n in range(ROUNDS + 1):
            service.wait_open(job, OPEN * 0.9)
            pair = service.load(job), floor.load(PEOPLE)
            if n > 0:  # the first round warms both
                rounds.append(pair)
        memory = service.private_bytes() / 2**20
        for phase in ("next", "lease", "submit"):
            for figure, unit, name in (("per_second", "requests/s", phase),
                                       ("cpu_us", "us of CPU a request", f"{phase}.cpu"),
                                       ("p99_ms", "ms at the 99th percentile", f"{phase}.p99")):
                ours, floors = ([r[i][phase][figure] for r in rounds] for i in (0, 1))
                results.rounds(f"http.{name}", unit, ours, floors)
        results.put("serve.private_memory", memory, "MB; yardstick: what is allowed", 60)
        service.kill()
        if shared.there():
            shared.compare(results, built, folder, PEOPLE, floor)
        else:
            tools.say("  (no ../shared here: our floor is not compared with the shared one)")


# ---- a very large job against a small one: leases, and the start ----

def ready(service):
    """Seconds from the exec to the first 200 of /readyz."""
    started = time.perf_counter()
    service.start()
    client = service.client("")

    def up():
        connection = harness.http.client.HTTPConnection("127.0.0.1", service.port, timeout=5)
        connection.request("GET", "/readyz")
        status = connection.getresponse().status
        connection.close()
        return status == 200

    if not harness.wait_until(up, 60, 0.002):
        raise RuntimeError("never ready")
    client.close()
    return time.perf_counter() - started


def large(results, built, folder):
    rounds = max(3, min(ROUNDS, 4))
    with Filled(built) as many, Filled(built) as few, harness.Service() as empty:
        started = time.monotonic()
        many.fill(PEOPLE, [(MANY, 0, 1)], open_items=OPEN)
        tools.say(f"  {MANY:,} items filled in {time.monotonic() - started:.0f} s")
        few.fill(PEOPLE, [(FEW, 0, 1)] * (rounds + 1), open_items=OPEN)
        times = {many: [], empty: []}
        for _ in range(5):
            for service in (many, empty):
                service.stop()
                times[service].append(ready(service))
        more = median(times[many]) - median(times[empty])
        results.put("start.many_items", median(times[many]), "s to ready; yardstick: empty",
                    median(times[empty]))
        results.put("start.many_items.more", more, "s more than empty; yardstick: what is allowed", 1)
        empty.kill()
        many.open_all(many.jobs[0], OPEN * 0.9)
        pairs = []
        for n, small in enumerate(few.jobs):
            few.open_all(small, min(OPEN * 0.9, FEW * 0.9))
            many.wait_open(many.jobs[0], OPEN * 0.9)
            pair = [s.load(j)["lease"] for s, j in ((many, many.jobs[0]), (few, small))]
            few.admin.post(f"/jobs/{small}/stop")
            if n > 0:
                pairs.append(pair)
        for figure, unit, name in (("per_second", None, "lease.many_items"),
                                   ("p99_ms", "ms at the 99th percentile", "lease.many_items.p99")):
            big, small = ([p[i][figure] for p in pairs] for i in (0, 1))
            if not unit:  # as time: what all connections together wait for one lease
                unit = "us a lease; yardstick: few items"
                big, small = ([1e6 / v for v in side] for side in (big, small))
            results.rounds(name, unit, big, small)


# ---- import ----

class Peak(threading.Thread):
    """The most private memory of the service while this runs."""

    def __init__(self, service):
        super().__init__(daemon=True)
        self.service, self.most, self.over = service, 0, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.02):
            try:
                self.most = max(self.most, self.service.private_bytes())
            except (OSError, AttributeError):
                pass

    def megabytes(self):
        self.over.set()
        self.join()
        return self.most / 2**20


def import_once(admin, job):
    started = time.monotonic()
    admin.post(f"/jobs/{job}/imports", {"source": "lines.jsonl"})
    if not harness.wait_until(lambda: not admin.importing(job), 600, 0.01):
        raise RuntimeError("the import did not end")
    return time.monotonic() - started


def new_job(admin, name):
    return admin.new_job(name, [text_of("first")], start=False)


def imports(results, built, folder):
    manifest = os.path.join(folder, "lines.jsonl")
    with open(manifest, "w") as file:
        file.writelines(text_of(n) + "\n" for n in range(ITEMS))
    ours, bare = [], []
    with Filled(built, "--import-root", folder) as service:
        service.fill(PEOPLE, [(ITEMS // 5, 0, 1)], open_items=OPEN)
        admin, at_work = service.admin, service.jobs[0]
        for n in range(2):
            db = os.path.join(folder, f"bulk-{n}.db")
            bare.append(float(program(os.path.join(built, "bulk"), "import", manifest, db)))
            os.remove(db)
            peak = Peak(service)
            ours.append(import_once(admin, new_job(admin, f"import-{n}")))
            memory = peak.megabytes()
            if ours[0] > 60:  # one look at something that slow is enough
                break
        results.rounds("import.text", "lines/s", [ITEMS / t for t in ours], [ITEMS / t for t in bare])
        results.put("import.memory", memory, "MB private at the most; yardstick: what is flat", 100)
        service.open_all(at_work, OPEN * 0.9)
        how = ("paced", str(PACED_SECONDS), str(PACE))
        service.load(at_work, *how)
        quiet, busy = [], []
        for n in range(2):
            quiet.append(service.load(at_work, *how)["paced"]["p99_ms"])
            job = new_job(admin, f"beside-{n}")
            admin.post(f"/jobs/{job}/imports", {"source": "lines.jsonl"})
            busy.append(service.load(at_work, *how)["paced"]["p99_ms"])
            if n == 0:
                harness.wait_until(lambda: not admin.importing(job), 600)
        results.rounds("import.requests_p99", "ms; yardstick: without an import", busy, quiet)


# ---- export, lists, dashboard: one large labelled job, one small ----

def export_once(admin, job):
    started = time.monotonic()
    export = admin.post(f"/jobs/{job}/exports", {"format": "manifest", "scope": "all"})["id"]
    view = harness.wait_until(lambda: (lambda v: v["state"] != "running" and v)(
        admin.get(f"/exports/{export}")), 600, 0.01)
    if not view or view["state"] != "done":
        raise RuntimeError(view)
    return time.monotonic() - started, export, view["bytes"]


def exports(results, built, folder, service):
    """The yardstick scans and writes the very bytes that the product wrote."""
    admin, job = service.admin, service.jobs[0]
    bare, ours = [], []
    _, export, size = export_once(admin, job)
    path = os.path.join(service.data, "exports", f"{export}.manifest")
    db = os.path.join(folder, "lines.db")
    program(os.path.join(built, "bulk"), "import", path, db)
    out = os.path.join(folder, "out")
    peak = Peak(service)
    for _ in range(max(3, ROUNDS)):
        bare.append(float(program(os.path.join(built, "bulk"), "export", db, out)))
        ours.append(export_once(admin, job)[0])
    memory = peak.megabytes()
    with open(path, "rb") as a, open(out, "rb") as b:
        if a.read() != b.read():
            raise RuntimeError("the yardstick wrote other bytes")
    results.rounds("export.manifest", "labels/s", [ITEMS / t for t in ours],
                   [ITEMS / t for t in bare])
    results.put("export.bytes", size / 1e6 / median(ours), "MB/s; hashed as well as written",
                size / 1e6 / median(bare))
    results.put("export.memory", memory, "MB private at the most; yardstick: what is flat", 100)


FILTERS = ["", "state=labelled", "origin=human", "label=sports", "annotator=person_{usual}",
           "below=0.9", "q=headline", "label=sports&annotator=person_{usual}"]
SPARSE = ["state=labelled&origin=machine", "origin=machine", "label=rare",
          "annotator=person_{last}", "below=0.5"]


def lists(results, service):
    admin, job = service.admin, service.jobs[0]
    people = {"usual": service.people[5], "last": service.people[-1]}

    def page(query, after=""):
        after = f"&after={urllib.parse.quote(after)}" if after else ""
        return admin.get(f"/jobs/{job}/items?limit=50&{query.format(**people)}{after}")

    def deep(query, depth):
        """The `next` of a page far inside: the cursor of the first one, moved on."""
        cursor = page(query)["next"]
        head, number = cursor[:1], int(cursor[1:].split(",")[-1])
        place = (number >> 32 << 32) + int(ITEMS * depth)
        if "," in cursor:  # along the posteriors, which go from 0.6 to 1 in the filled job
            return f"{head}{0.6 + 0.3 * depth:.4f},{place}"
        return f"{head}{place}"

    worst = (0, 0, 0, "")
    for query in FILTERS:
        inside = [deep(query, d) for d in (0.25, 0.5, 0.75, 0.9)]
        page(query), [page(query, c) for c in inside]
        first, far = [], {c: [] for c in inside}
        for _ in range(20):
            first.append(milliseconds(lambda: page(query)))
            for cursor in inside:
                far[cursor].append(milliseconds(lambda c=cursor: page(query, c)))
        slowest = max(median(v) for v in far.values())
        ratio = slowest / median(first)
        tools.say(f"  {query or 'no filter':44} first {median(first):.2f} ms, inside {slowest:.2f} ms")
        worst = max(worst, (ratio, slowest, median(first), query))
    results.put("list.page_inside", worst[1], "ms; yardstick: the first page (the worst filter)",
                worst[2])
    plain, sparse = [], {q: [] for q in SPARSE}
    for _ in range(20):
        plain.append(milliseconds(lambda: page("")))
        for query in SPARSE:
            sparse[query].append(milliseconds(lambda q=query: page(q)))
    results.put("list.sparse", max(median(v) for v in sparse.values()),
                "ms for ten items of all (the worst filter); yardstick: a page without filter",
                median(plain))
    vain = [milliseconds(lambda: page("q=nowhere")) for _ in range(20)]
    results.put("list.search", median(vain), "ms of a request that finds nothing; yardstick: a page "
                "without filter", median(plain))


def dashboards(results, service, small):
    def tile(s):
        return milliseconds(lambda: s.admin.get(f"/jobs/{s.jobs[0]}/dashboard"))

    first = [tile(s) for s in (service, small)]
    ours, theirs = [], []
    for _ in range(40):
        ours.append(tile(service))
        theirs.append(tile(small))
    results.put("dashboard.items", median(ours), "ms; yardstick: few items", median(theirs))
    results.put("dashboard.first_look", first[0], "ms when nothing is kept; yardstick: few items",
                first[1])


def labelled(results, built, folder):
    with Filled(built) as service, Filled(built) as small:
        service.fill(100, [(ITEMS, ITEMS, 1), (ITEMS // 5, ITEMS // 5, 2)])
        small.fill(100, [(FEW, FEW, 1)])
        yield lambda: exports(results, built, folder, service)
        yield lambda: lists(results, service)
        yield lambda: dashboards(results, service, small)


# ---- programs of their own that print what they measured ----

def alone(results, built, name):
    for key, value in json.loads(program(os.path.join(built, name))).items():
        results.put(key, value["value"], value["unit"], value["yardstick"], value["ratio"])
