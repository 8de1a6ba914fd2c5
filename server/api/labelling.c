/* labelling.c - an annotator takes tasks and sees what is held: the busiest routes of the service. */
#include "gate.h"
#include "held_cache.h"
#include "task_view.h"

/* ---- POST /jobs/{job}/leases ---- */

struct lease_body {
    int64_t n;
};

static const struct field lease_fields[] = {
    {.name = "n", .kind = FIELD_INT, .at = offsetof(struct lease_body, n), .min = 1,
     .max = LEASES_MAX, .help = "How many; 1 unless told"},
    FIELD_END};

struct tasks_view {
    struct objects tasks;
    const char    *none;
};

static const struct field tasks_fields[] = {
    {.name = "tasks", .kind = FIELD_OBJECTS, .at = offsetof(struct tasks_view, tasks),
     .fields = task_fields, .size = sizeof(struct task_view), .schema = "Task",
     .required = true},
    {.name = "none", .kind = FIELD_TEXT, .at = offsetof(struct tasks_view, none),
     .help = "Why there are none: none_left, paused, ended or waiting"},
    FIELD_END};

struct leasing {
    struct lease_call call;
    struct gate       gate;
};

static bool leased(struct http_request *rq, struct error *err)
{
    struct leasing *l = rq->user;
    size_t n = (size_t)l->call.count;
    struct tasks_view out = {.none = none_reason_names[l->call.none]};
    struct task_view *v = arena_array(&rq->arena, n, sizeof *v);

    for (size_t i = 0; i < n; i++) {
        const struct task *t = &l->call.tasks[i];

        if (!task_view_of(rq, &t->slot, &t->payload, l->gate.type, &v[i], err))
            return false;
    }
    out.tasks = (struct objects){v, n};
    http_reply_fields(rq, &out);
    task_view_release(v, n);
    return true;
}

static bool post_lease(struct http_request *rq, struct error *err)
{
    const struct lease_body *in = rq->in;
    struct leasing *l = arena_alloc(&rq->arena, sizeof *l);

    if (!api_needs_person(rq, err) || !gate_pass(rq, &l->gate, err))
        return false;
    rq->user = l;
    l->call = (struct lease_call){.service = service_of(rq),
                                  .job = l->gate.job,
                                  .person = rq->person,
                                  .arena = &rq->arena,
                                  .want = in->n ? (int)in->n : 1};
    return api_write_again(rq, dispatch_lease, &l->call, leased);
}

/* ---- GET /jobs/{job}/next ---- */

struct next_query {
    int64_t n;
};

static const struct field next_query_fields[] = {
    {.name = "n", .kind = FIELD_INT, .at = offsetof(struct next_query, n), .min = 1,
     .max = LEASES_MAX},
    FIELD_END};

struct holding {
    struct gate     gate;
    struct held_key key;
};

static bool read_held(struct http_request *rq, struct db *db, struct error *err)
{
    struct holding *h = rq->user;
    struct tasks_view out = {0};
    struct task_view *v;
    struct slot *slots;
    struct buf text;
    int count;

    if (!dispatch_held(service_of(rq), db, h->gate.job, rq->person, &rq->arena, &slots, &count,
                       err))
        return false;
    if (h->key.n && count > h->key.n)
        count = (int)h->key.n;
    v = arena_array(&rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++) {
        struct payload p;

        if (!payload_get(db, slots[i].item, &rq->arena, &p, err) ||
            !task_view_of(rq, &slots[i], &p, h->gate.type, &v[i], err))
            return false;
    }
    out.tasks = (struct objects){v, (size_t)count};
    buf_init(&text, TASKS_MAX);
    fields_print(tasks_fields, &out, &text);
    task_view_release(v, (size_t)count);
    held_cache_put(rq, &h->key, &text);
    return http_reply_text(rq, 200, "application/json", &text);
}

static bool get_next(struct http_request *rq, struct error *err)
{
    const struct next_query *query = rq->query;
    struct holding *h = arena_alloc(&rq->arena, sizeof *h);

    if (!api_needs_person(rq, err) || !gate_pass(rq, &h->gate, err))
        return false;
    rq->user = h;
    h->key = held_key(rq, h->gate.job, query->n);
    return held_cache_reply(rq, &h->key) || api_read(rq, read_held, err);
}

const struct route label_routes[] = {
    {.method = HTTP_POST, .path = "/api/v1/jobs/{job}/leases", .who = WHO_ANNOTATOR,
     .run = post_lease, .takes = HTTP_BODY_JSON, .body = lease_fields,
     .in_size = sizeof(struct lease_body), .status = 200, .reply = tasks_fields,
     .reply_name = "TaskList", .errors = "404 job.not_found", .tag = "Labelling",
     .summary = "Take the next tasks; they are yours until they expire"},
    {.method = HTTP_GET, .path = "/api/v1/jobs/{job}/next", .who = WHO_ANNOTATOR,
     .run = get_next, .query = next_query_fields, .query_size = sizeof(struct next_query),
     .status = 200, .reply = tasks_fields, .reply_name = "TaskList", .errors = "404 job.not_found",
     .tag = "Labelling", .summary = "The tasks you hold, oldest first"},
    {0}};
