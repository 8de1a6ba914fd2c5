#!/usr/bin/env python3
"""/metrics: the form to the letter, and that the numbers move with what happens."""
import re
import sys
import time

import harness
import prometheus
from harness import Client, answer, export, lease, leased, text_job, wait

server = harness.Server()
lead = server.person("lead", "lead")
ann = server.person("ann")


def metrics():
    return prometheus.parse(lead.get("/metrics").body.decode())


def change(work):
    """What work() changed, by sample."""
    before = metrics()
    work()
    after = metrics()
    for name, value in before.items():
        if name.split(",")[0].endswith(("_total", "_count", "_bucket")):
            assert after[name] >= value, f"{name} went back from {value} to {after[name]}"
    return {n: v - before.get(n, 0) for n, v in after.items() if v != before.get(n, 0)}


def test_the_parser_refuses_what_is_wrong():
    good = '# HELP a_total A.\n# TYPE a_total counter\na_total{x="1"} 2\n'
    assert prometheus.parse(good) == {"a_total,x=1": 2}
    h = "# HELP h H.\n# TYPE h histogram\n"
    for bad in (good[:-1], good + good, good + 'a_total{x="1"} 3\n', good.replace(" 2", " two"),
                good.replace("counter", "gauge"), good.replace("# HELP a_total A.\n", ""),
                good.replace('"1"', '"1'), good + "b 1\n", good.replace("TYPE", "TIPE"),
                h + 'h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
                h + 'h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 1\n',
                h + 'h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n'):
        try:
            prometheus.parse(bad)
        except (AssertionError, KeyError, ValueError, TypeError):
            continue
        raise AssertionError(f"taken: {bad!r}")


def test_all_that_is_promised_is_there():
    """Every name of the table in samples/deploy/README.md, and no name that is not in it."""
    with open(f"{harness.ROOT}/samples/deploy/README.md") as f:
        told = set(re.findall(r"^\| `((?:plumbline|process)_\w+)`", f.read(), re.M))
    text = lead.want(200, "GET", "/metrics").body.decode()
    families = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    assert families == told, (families - told, told - families)


def test_the_alerts_ask_for_what_there_is():
    with open(f"{harness.ROOT}/samples/deploy/alerts.yml") as f:
        text = f.read()
    shown = lead.get("/metrics").body.decode()
    for name in set(re.findall(r"plumbline_\w+", text)):
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        assert f"# TYPE {name} " in shown or f"# TYPE {base} histogram" in shown, name


def test_requests_by_route_and_class():
    def work():
        for _ in range(5):
            lead.want(200, "GET", "/api/v1/me")
        lead.want(404, "GET", "/api/v1/jobs/nosuch")
        lead.want(404, "GET", "/api/v1/nosuch")

    d = change(work)
    name = "plumbline_http_requests_total,code={},method=GET,route={}"
    assert d[name.format("2xx", "/api/v1/me")] == 5, d
    assert d[name.format("4xx", "/api/v1/jobs/{job}")] == 1
    assert d["plumbline_http_requests_total,code=4xx,method=,route="] == 1
    seconds = "plumbline_http_request_seconds_{},group={},kind=read"
    assert d[seconds.format("count", "people")] == 5 and d[seconds.format("sum", "people")] > 0
    assert d[seconds.format("count", "none")] == 1 and d[seconds.format("count", "jobs")] == 1
    total = metrics()
    assert sum(v for n, v in total.items() if n.startswith("plumbline_http_requests_total")) == \
        sum(v for n, v in total.items() if n.startswith("plumbline_http_request_seconds_count"))


def test_writes_and_commits():
    d = change(lambda: [lead.want(204, "PUT", "/api/v1/me/preferences", {"n": n})
                        for n in range(7)])
    assert d["plumbline_writes_total"] >= 7 and d["plumbline_commits_total"] >= 7
    assert d["plumbline_write_wait_seconds_count"] == d["plumbline_writes_total"]
    assert d["plumbline_commit_writes_sum"] == d["plumbline_writes_total"]
    assert d["plumbline_commit_seconds_count"] == d["plumbline_commits_total"]
    assert d["plumbline_commit_seconds_sum"] > 0
    wait(lambda: metrics()["plumbline_checkpoints_total"] > 0 and
         metrics()["plumbline_wal_bytes"] > 0, 5)
    m = metrics()
    assert m["plumbline_write_queue"] == 0 and m["plumbline_write_queue_peak"] >= 1
    assert m["plumbline_write_queue_limit"] == 4096 and m["plumbline_database_bytes"] > 0
    assert m["plumbline_data_free_bytes"] > 1e6 and m["plumbline_checkpoint_seconds_total"] > 0


def test_jobs_items_leases_answers():
    d = change(lambda: text_job(lead, "watched", 12, start=True))
    assert d["plumbline_jobs,state=in_progress"] == 1
    assert d["plumbline_imports,state=done"] == 1 and d["plumbline_import_lines,state=done"] == 12
    wait(lambda: metrics()["plumbline_items,state=open"] == 12)
    held = []
    d = change(lambda: held.extend(leased(ann, "watched", 3)))
    assert d["plumbline_leases"] == 3, d

    def work():
        answer(ann, "watched", held[0], "red", key="one")
        answer(ann, "watched", held[0], "red", status=200, key="one")  # the same one again
        answer(ann, "watched", held[1], "red")

    d = change(work)
    assert d["plumbline_answers_total"] == 2 and d["plumbline_current_answers"] == 2, d
    assert d["plumbline_leases"] == -2
    wait(lambda: metrics()["plumbline_items,state=human"] == 2)
    d = change(lambda: export(lead, "watched"))
    assert d["plumbline_exports,state=done"] == 1 and d["plumbline_export_lines,state=done"] == 12
    assert d["plumbline_export_bytes,state=done"] > 100


def test_leases_that_run_out():
    lease(ann, "watched", 2)
    server.stop()
    with server.database() as db:
        db.execute("UPDATE slot SET until = 1 WHERE state = 1")
    server.start()
    lead.connection = ann.connection = None
    wait(lambda: metrics()["plumbline_leases_expired_total"] >= 2)
    assert metrics()["plumbline_leases"] == 0


def test_people_and_sessions():
    def work():
        server.person("Zoe", "annotator", password="correct horse battery")
        r = Client(server).post("/api/v1/session", {"name": "Zoe",
                                                    "password": "correct horse battery"})
        assert r.status in (200, 201), r.body

    d = change(work)
    assert d["plumbline_people"] == 1 and d["plumbline_sessions"] == 1, d


def test_a_training_round():
    before = metrics()
    texts = [f"{'goal match team' if n % 2 else 'atom cell orbit'} number {n}" for n in range(300)]
    job = text_job(lead, "learning", texts, labels=("sports", "science"), start=True,
                   auto_label={"enabled": True, "target": 0.8})

    def step():
        for task in lease(ann, job, 10):
            label = "sports" if "goal" in task["source"] else "science"
            answer(ann, job, task, label)
        return metrics()["plumbline_training_round_seconds_count"] > 0

    wait(step, 60, 0.01)
    m = metrics()
    assert m["plumbline_training_round_seconds_sum"] > 0
    assert m["plumbline_training_rounds_failed_total"] == 0
    assert m["plumbline_children_started_total"] >= before["plumbline_children_started_total"] + 2
    assert m["plumbline_child_memory_peak_bytes"] > 1e6


def test_streams_connections_and_the_process():
    m = metrics()
    assert m["process_cpu_seconds_total"] > 0 and m["process_threads"] > 5
    assert 1e6 < m["plumbline_private_memory_bytes"] <= m["process_resident_memory_bytes"] * 1.5
    assert abs(m["process_start_time_seconds"] - time.time()) < 600
    assert 5 < m["process_open_fds"] < m["process_max_fds"]
    assert m["plumbline_http_connections_max"] == 1000 and m["plumbline_http_connections"] >= 1
    assert [v for n, v in m.items() if n.startswith("plumbline_build_info")] == [1]
    assert all(v == 1 for n, v in m.items() if n.startswith("plumbline_metrics_up"))


def test_the_log_counts_its_lines():
    d = change(lambda: [lead.want(200, "GET", "/api/v1/me") for _ in range(10)] and time.sleep(0.2))
    assert d["plumbline_log_lines_total,level=info"] >= 10


def test_it_does_not_grow_with_the_jobs():
    plan = server.rows("EXPLAIN QUERY PLAN SELECT count(*) FROM slot WHERE state = 1")
    assert "USING INDEX" in plan[0][3] or "USING COVERING INDEX" in plan[0][3], plan
    before = lead.get("/metrics").body.count(b"\n")
    text_job(lead, "large", 20000)
    started = time.monotonic()
    after = [lead.get("/metrics").body.count(b"\n") for _ in range(20)][-1]
    assert (time.monotonic() - started) / 20 < 0.1
    assert after - before < 40, (before, after)  # routes that were called for the first time


if __name__ == "__main__":
    sys.exit(harness.run(globals(), server))
