/* metrics.c - the room's own numbers, in the text form Prometheus reads.
 *
 * Counters are relaxed atomics on the way of a request; everything else is worked out when asked.
 */
#include "internal.h"

#include <string.h>

/* Upper bounds in microseconds: 250 us is a quick read, 10 s is a client that has given up. */
static const int64_t bounds_us[LATENCY_BUCKETS] = {
    250,   500,    1000,   2500,   5000,    10000,   25000,
    50000, 100000, 250000, 500000, 1000000, 2500000, 10000000,
};

static void count(atomic_ullong *n, unsigned long long by)
{
    atomic_fetch_add_explicit(n, by, memory_order_relaxed);
}

void metrics_reply(struct call *c)
{
    struct http_server *s = c->server;
    unsigned class = c->status / 100 - 1;
    int64_t took = c->replied_us - c->started_us;
    int i = 0;

    if (class > 4)
        return;
    count(c->entry ? &c->entry->replies[class] : &s->refused[class], 1);
    while (i < LATENCY_BUCKETS && took > bounds_us[i])
        i++;
    count(&s->latency[i], 1);
    count(&s->latency_sum_us, (unsigned long long)took);
}

static unsigned long long get(atomic_ullong *n)
{
    return atomic_load_explicit(n, memory_order_relaxed);
}

static void put_replies(atomic_ullong replies[5], const char *method, const char *path,
                        struct buf *out)
{
    for (int i = 0; i < 5; i++)
        if (get(&replies[i]))
            buf_printf(out, "plumbline_http_requests_total{method=\"%s\",path=\"%s\","
                            "class=\"%dxx\"} %llu\n", method, path, i + 1, get(&replies[i]));
}

static void put_requests(struct http_server *s, struct buf *out)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    struct entry *e;

    buf_puts(out, "# HELP plumbline_http_requests_total Replies by route and status class.\n"
                  "# TYPE plumbline_http_requests_total counter\n");
    for (size_t i = 0; (e = router_entry(s->router, i)); i++)
        put_replies(e->replies, methods[e->route->method], e->route->path, out);
    put_replies(s->refused, "", "", out);
}

static void put_latency(struct http_server *s, struct buf *out)
{
    unsigned long long sum = 0;

    buf_puts(out, "# HELP plumbline_http_request_seconds From the headers to the reply.\n"
                  "# TYPE plumbline_http_request_seconds histogram\n");
    for (int i = 0; i < LATENCY_BUCKETS; i++) {
        sum += get(&s->latency[i]);
        buf_printf(out, "plumbline_http_request_seconds_bucket{le=\"%g\"} %llu\n",
                   (double)bounds_us[i] / 1e6, sum);
    }
    sum += get(&s->latency[LATENCY_BUCKETS]);
    buf_printf(out, "plumbline_http_request_seconds_bucket{le=\"+Inf\"} %llu\n"
                    "plumbline_http_request_seconds_sum %.6f\n"
                    "plumbline_http_request_seconds_count %llu\n",
               sum, (double)get(&s->latency_sum_us) / 1e6, sum);
}

static void put_one(struct buf *out, const char *name, const char *type, const char *help,
                    long long value)
{
    buf_printf(out, "# HELP plumbline_http_%s %s\n# TYPE plumbline_http_%s %s\n"
                    "plumbline_http_%s %lld\n", name, help, name, type, name, value);
}

void http_metrics(struct http_server *s, struct buf *out)
{
    put_requests(s, out);
    put_latency(s, out);
    put_one(out, "connections", "gauge", "Open connections.", atomic_load(&s->peer_count));
    put_one(out, "deferred", "gauge", "Requests waiting for another thread.",
            atomic_load(&s->deferred_count));
    put_one(out, "streams", "gauge", "Server-sent event streams.", atomic_load(&s->stream_count));
    put_one(out, "body_bytes", "gauge", "Request bodies in memory.", atomic_load(&s->body_bytes));
    put_one(out, "aborted_total", "counter", "Requests without a reply of ours.",
            (long long)get(&s->aborted));
    put_one(out, "slow_total", "counter", "Connections cut for sending too slowly.",
            (long long)get(&s->slow));
}
