/* metrics.c - the room's own numbers, for Prometheus.
 *
 * Counters are relaxed atomics on the way of a request; everything else is worked out when asked. A
 * route has its counters to itself; the histograms are shown by group (the documentation's tag) and
 * by whether the method writes, so that a page of the manual more is not fifteen lines more.
 */
#include "internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS_MAX = 64, GROUP_NAME = 32 };

void metrics_reply(struct call *c)
{
    struct http_server *s = c->server;
    unsigned class = c->status / 100 - 1;

    if (class > 4)
        return;
    atomic_fetch_add_explicit(c->entry ? &c->entry->replies[class] : &s->refused[class], 1,
                              memory_order_relaxed);
    histogram_add(c->entry ? &c->entry->latency : &s->latency, &histogram_request_us,
                  c->replied_us - c->started_us);
}

static unsigned long long get(atomic_ullong *n)
{
    return atomic_load_explicit(n, memory_order_relaxed);
}

static void put_replies(atomic_ullong replies[5], const char *method, const char *route,
                        struct buf *out)
{
    struct buf labels;

    buf_init(&labels, 4096);
    for (int i = 0; i < 5; i++) {
        if (get(&replies[i]) == 0)
            continue;
        buf_clear(&labels);
        prom_label(&labels, "method", method);
        prom_label(&labels, "route", route);
        buf_printf(&labels, ",code=\"%dxx\"", i + 1);
        prom_count(out, "plumbline_http_requests_total", labels.data, get(&replies[i]));
    }
    buf_release(&labels);
}

static void put_requests(struct http_server *s, struct buf *out)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    struct entry *e;

    prom_family(out, "plumbline_http_requests_total", "counter",
                "Replies by route and status class; without a route: nothing at that address.");
    for (size_t i = 0; (e = router_entry(s->router, i)); i++)
        put_replies(e->replies, methods[e->route->method], e->route->path, out);
    put_replies(s->refused, "", "", out);
}

/* ---- latency by group ---- */

struct group {
    char             name[GROUP_NAME];
    bool             writes;
    struct histogram latency;
};

static struct group *group_of(struct group *all, int *n, const char *tag, bool writes)
{
    char name[GROUP_NAME] = "";

    for (size_t i = 0; tag[i] && i + 1 < sizeof name; i++)
        name[i] = tag[i] == ' ' ? '_' : (char)tolower((unsigned char)tag[i]);
    for (int i = 0; i < *n; i++)
        if (all[i].writes == writes && strcmp(all[i].name, name) == 0)
            return &all[i];
    if (*n == GROUPS_MAX)
        return &all[GROUPS_MAX - 1];
    memset(&all[*n], 0, sizeof *all);
    memcpy(all[*n].name, name, sizeof name);
    all[*n].writes = writes;
    return &all[(*n)++];
}

static void put_latency(struct http_server *s, struct buf *out)
{
    struct group *all = must_alloc(GROUPS_MAX * sizeof *all);
    struct entry *e;
    int n = 0;

    for (size_t i = 0; (e = router_entry(s->router, i)); i++)
        histogram_merge(&group_of(all, &n, e->route->tag ? e->route->tag : "pages",
                                  e->route->method != HTTP_GET)->latency, &e->latency);
    histogram_merge(&group_of(all, &n, "none", false)->latency, &s->latency);
    prom_family(out, "plumbline_http_request_seconds", "histogram",
                "From the headers to the reply, by group of routes.");
    for (int i = 0; i < n; i++) {
        char labels[GROUP_NAME + 40];

        snprintf(labels, sizeof labels, "group=\"%s\",kind=\"%s\"", all[i].name,
                 all[i].writes ? "write" : "read");
        if (histogram_count(&all[i].latency) > 0)
            prom_histogram(out, "plumbline_http_request_seconds", labels, &all[i].latency,
                           &histogram_request_us);
    }
    free(all);
}

void http_metrics(struct http_server *s, struct buf *out)
{
    put_requests(s, out);
    put_latency(s, out);
    prom_one(out, "plumbline_http_connections", "gauge", "Open connections.",
             (double)atomic_load(&s->peer_count));
    prom_one(out, "plumbline_http_connections_max", "gauge", "Most connections at a time.",
             s->config.connections);
    prom_one(out, "plumbline_http_deferred_requests", "gauge",
             "Requests waiting for another thread.", (double)atomic_load(&s->deferred_count));
    prom_one(out, "plumbline_http_event_streams", "gauge", "Open server-sent event streams.",
             (double)atomic_load(&s->stream_count));
    prom_one(out, "plumbline_http_body_bytes", "gauge", "Request bodies in memory.",
             (double)atomic_load(&s->body_bytes));
    prom_one(out, "plumbline_http_aborted_requests_total", "counter",
             "Requests whose client went away before the reply.", (double)get(&s->aborted));
    prom_one(out, "plumbline_http_slow_connections_total", "counter",
             "Connections cut for sending too slowly.", (double)get(&s->slow));
}
