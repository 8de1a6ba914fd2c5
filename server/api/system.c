/* system.c - health, metrics, the documentation of the API. */
#include "context.h"

#include "plumbline/base/clock.h"
#include "plumbline/store/schema.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool get_health(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_json(rq, 200, json_pack("{s:s}", "status", "ok"));
}

static bool touch(struct db *db, void *context, struct error *err)
{
    (void)context;
    return schema_touch(db, err); /* a real write: a full disk shows here */
}

static bool ready(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_json(rq, 200, json_pack("{s:s}", "status", "ready"));
}

static bool get_ready(struct http_request *rq, struct error *err)
{
    (void)err;
    return api_write(rq, touch, NULL, ready);
}

static void metric(struct buf *out, const char *name, const char *kind, const char *help,
                   double value)
{
    buf_printf(out, "# HELP plumbline_%s %s\n# TYPE plumbline_%s %s\nplumbline_%s %.17g\n", name,
               help, name, kind, name, value);
}

static double resident_bytes(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    long pages = 0;

    if (!f)
        return 0;
    if (fscanf(f, "%*d %ld", &pages) != 1)
        pages = 0;
    fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static bool add_totals(struct http_request *rq, struct db *db, struct error *err)
{
    rq->user = arena_alloc(&rq->arena, sizeof(struct job_totals));
    return job_totals(db, rq->user, err);
}

static void add_job_metrics(const struct job_totals *t, struct buf *out)
{
    buf_puts(out, "# HELP plumbline_jobs Jobs by state\n# TYPE plumbline_jobs gauge\n");
    for (int i = 0; job_state_names[i]; i++)
        buf_printf(out, "plumbline_jobs{state=\"%s\"} %lld\n", job_state_names[i],
                   (long long)t->jobs[i]);
    metric(out, "items", "gauge", "Items in all jobs", (double)t->items);
    metric(out, "items_labelled", "gauge", "Items with a label", (double)t->labelled);
    metric(out, "answers_total", "counter", "Answers that count", (double)t->answers);
    metric(out, "items_open", "gauge", "Items with people now", (double)t->open);
}

static bool get_metrics(struct http_request *rq, struct error *err)
{
    struct writer_numbers w;
    struct buf out;

    buf_init(&out, 4 << 20);
    http_metrics(api_of(rq)->http, &out);
    writer_numbers(service_of(rq)->writer, &w);
    metric(&out, "commits_total", "counter", "Commits to the database", (double)w.commits);
    metric(&out, "writes_total", "counter", "Writes in these commits", (double)w.pieces);
    metric(&out, "write_failures_total", "counter", "Writes refused or failed",
           (double)w.failures);
    metric(&out, "commit_seconds_total", "counter", "Time spent in commits",
           (double)w.commit_us / 1e6);
    metric(&out, "write_queue", "gauge", "Writes waiting", (double)w.queued);
    metric(&out, "wal_bytes", "gauge", "Size of the write-ahead log", (double)w.wal_bytes);
    metric(&out, "checkpoints_total", "counter", "Checkpoints", (double)w.checkpoints);
    metric(&out, "cpu_seconds_total", "counter", "CPU time of the service", clock_cpu_seconds());
    metric(&out, "database_bytes", "gauge", "Size of the database file",
           (double)service_database_bytes(service_of(rq)));
    metric(&out, "process_start_time_seconds", "gauge", "When the service was started",
           (double)service_of(rq)->started / 1e6);
    metric(&out, "resident_memory_bytes", "gauge", "Resident memory of the service",
           resident_bytes());
    if (!api_read(rq, add_totals, err)) {
        buf_release(&out);
        return false;
    }
    add_job_metrics(rq->user, &out);
    return http_reply_text(rq, 200, "text/plain; version=0.0.4; charset=utf-8", &out);
}

static bool get_openapi(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_json(rq, 200, api_openapi());
}

const struct route system_routes[] = {
    {.method = HTTP_GET, .path = "/healthz", .who = HTTP_PUBLIC, .run = get_health, .status = 200,
     .reply_type = "application/json", .tag = "Service", .summary = "The process is alive"},
    {.method = HTTP_GET, .path = "/readyz", .who = HTTP_PUBLIC, .run = get_ready, .status = 200,
     .reply_type = "application/json", .errors = "503 storage.failed, 507 storage.full",
     .tag = "Service", .summary = "The service can write to its database"},
    {.method = HTTP_GET, .path = "/metrics", .who = HTTP_PUBLIC, .run = get_metrics,
     .status = 200, .reply_type = "text/plain", .tag = "Service", .summary = "Prometheus metrics"},
    {.method = HTTP_GET, .path = "/api/v1/openapi.json", .who = HTTP_PUBLIC, .run = get_openapi,
     .status = 200, .reply_type = "application/json", .tag = "Service",
     .summary = "This documentation"},
    {0}};
