/* labelling.c - the annotator's calls: take tasks, answer, take back, skip, keep a draft. These are
 * the busiest routes of the service. */
#include "item_view.h"
#include "job_view.h"
#include "plumbline/base/clock.h"
#include "plumbline/engine/content.h"
#include "plumbline/engine/dispatch.h"

#include <stdlib.h>
#include <string.h>

enum { DRAFT_MAX = 1 << 20, TIME_MAX_MS = 7 * 86400 * 1000 };

/* ---- a task ---- */

struct draft_view {
    int64_t revision;
    json_t *value;
};

static const struct field draft_view_fields[] = {
    {.name = "revision", .kind = FIELD_INT, .at = offsetof(struct draft_view, revision),
     .required = true},
    {.name = "value", .kind = FIELD_ANY, .at = offsetof(struct draft_view, value),
     .required = true},
    FIELD_END};

struct task_view {
    const char       *lease, *item, *job, *source;
    int64_t           line, expires;
    struct media_view media;
    struct draft_view draft;
    bool              has_media, has_draft;
};

#define TASK(field_kind, member, ...)                                                              \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct task_view, member), __VA_ARGS__ \
    }

static const struct field task_fields[] = {
    TASK(FIELD_TEXT, lease, .required = true),
    TASK(FIELD_TEXT, item, .required = true),
    TASK(FIELD_TEXT, job, .required = true),
    TASK(FIELD_INT, line, .required = true),
    TASK(FIELD_TIME, expires, .required = true),
    TASK(FIELD_TEXT, source, .help = "The text, of text items"),
    TASK(FIELD_OBJECT, media, .fields = media_view_fields,
         .present = AT(struct task_view, has_media)),
    TASK(FIELD_OBJECT, draft, .fields = draft_view_fields,
         .present = AT(struct task_view, has_draft)),
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

static bool task_view(struct http_request *rq, struct db *db, const struct slot *slot,
                      const struct job *job, struct task_view *v, struct error *err)
{
    struct service *s = service_of(rq);
    struct payload p;
    struct item item;
    size_t size;

    if (!item_get(db, slot->item, &item, err) ||
        !payload_get(db, slot->item, &rq->arena, &p, err))
        return false;
    *v = (struct task_view){.lease = api_id_text(&rq->arena, "lease", slot->item),
                            .item = api_id_text(&rq->arena, "item", slot->item),
                            .job = api_id_text(&rq->arena, "job", slot->job),
                            .line = item.line,
                            .expires = service_lease_to_wall(s, slot->until)};
    if (task_type_find(job->type)->media == TASK_TEXT) {
        if (!content_text(s, &p, &rq->arena, &v->source, &size, err))
            return false;
    } else {
        v->has_media = p.media != NULL;
        v->media = media_view(&rq->arena, slot->item, &p);
    }
    if (slot->draft) {
        v->draft = (struct draft_view){slot->draft_revision, json_loads(slot->draft, JSON_DECODE_ANY, NULL)};
        v->has_draft = v->draft.value != NULL;
    }
    return true;
}

static bool reply_tasks(struct http_request *rq, struct task_view *v, size_t n, const char *none)
{
    struct tasks_view out = {.tasks = {v, n}, .none = none};

    http_reply_fields(rq, &out);
    for (size_t i = 0; i < n; i++)
        json_decref(v[i].draft.value);
    return true;
}

/* ---- POST /jobs/{job}/leases ---- */

struct lease_body {
    int64_t n;
};

static const struct field lease_fields[] = {
    {.name = "n", .kind = FIELD_INT, .at = offsetof(struct lease_body, n), .min = 1,
     .max = LEASES_MAX, .help = "How many; 1 unless told"},
    FIELD_END};

struct leasing {
    struct lease_call call;
    struct job        job;
};

static bool find_labelled_job(struct http_request *rq, struct db *db, struct error *err)
{
    struct leasing *l = rq->user;

    return api_labelled_job(rq, db, 0, &l->job, err);
}

static struct leasing *new_leasing(struct http_request *rq, struct error *err)
{
    struct leasing *l = arena_alloc(&rq->arena, sizeof *l);

    rq->user = l;
    if (!api_needs_person(rq, err) || !api_read(rq, find_labelled_job, err))
        return NULL;
    return l;
}

static bool read_leased(struct http_request *rq, struct db *db, struct error *err)
{
    struct leasing *l = rq->user;
    struct task_view *v = arena_array(&rq->arena, (size_t)l->call.count, sizeof *v);

    for (int i = 0; i < l->call.count; i++) {
        struct slot slot;
        bool found;

        if (!slot_get(db, l->call.items[i], rq->person, &rq->arena, &slot, &found, err) ||
            !task_view(rq, db, &slot, &l->job, &v[i], err))
            return false;
    }
    return reply_tasks(rq, v, (size_t)l->call.count, none_reason_names[l->call.none]);
}

static bool leased(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_leased, err);
}

static bool post_lease(struct http_request *rq, struct error *err)
{
    const struct lease_body *in = rq->in;
    struct leasing *l = new_leasing(rq, err);

    if (!l)
        return false;
    l->call = (struct lease_call){.service = service_of(rq),
                                  .job = l->job.id,
                                  .person = rq->person,
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

static bool read_held(struct http_request *rq, struct db *db, struct error *err)
{
    const struct next_query *query = rq->query;
    struct leasing *l = rq->user;
    struct task_view *v;
    struct slot *slots;
    int count;

    if (!find_labelled_job(rq, db, err) ||
        !slot_held(db, rq->person, l->job.id, &rq->arena, &slots, &count, err))
        return false;
    if (query->n && count > query->n)
        count = (int)query->n;
    v = arena_array(&rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++)
        if (!task_view(rq, db, &slots[i], &l->job, &v[i], err))
            return false;
    return reply_tasks(rq, v, (size_t)count, NULL);
}

static bool get_next(struct http_request *rq, struct error *err)
{
    rq->user = arena_alloc(&rq->arena, sizeof(struct leasing));
    return api_needs_person(rq, err) && api_read(rq, read_held, err);
}

/* ---- POST /jobs/{job}/answers ---- */

struct answer_body {
    const char *lease;
    json_t     *answer;
    int64_t     elapsed_ms, active_ms, label_set_version;
};

static const struct field answer_fields[] = {
    {.name = "lease", .kind = FIELD_TEXT, .at = offsetof(struct answer_body, lease),
     .required = true, .min = 1, .max = 40},
    {.name = "answer", .kind = FIELD_ANY, .at = offsetof(struct answer_body, answer),
     .required = true, .help = "{\"label\": …} for classification"},
    {.name = "elapsed_ms", .kind = FIELD_INT, .at = offsetof(struct answer_body, elapsed_ms),
     .max = TIME_MAX_MS},
    {.name = "active_ms", .kind = FIELD_INT, .at = offsetof(struct answer_body, active_ms),
     .max = TIME_MAX_MS, .help = "With input or playback; at most elapsed_ms counts"},
    {.name = "label_set_version", .kind = FIELD_INT,
     .at = offsetof(struct answer_body, label_set_version), .max = 1e9,
     .help = "The labels that were on the screen"},
    FIELD_END};

struct answered_view {
    const char *id, *item;
    bool        late, extra;
};

static const struct field answered_fields[] = {
    {.name = "id", .kind = FIELD_TEXT, .at = offsetof(struct answered_view, id),
     .required = true},
    {.name = "item", .kind = FIELD_TEXT, .at = offsetof(struct answered_view, item),
     .required = true},
    {.name = "late", .kind = FIELD_BOOL, .at = offsetof(struct answered_view, late),
     .required = true, .help = "The time for the task was over; the answer is kept"},
    {.name = "extra", .kind = FIELD_BOOL, .at = offsetof(struct answered_view, extra),
     .required = true, .help = "Others had finished the item: kept, but does not count"},
    FIELD_END};

enum { IDEM_MAX = 255 };

/* Any text will do as the key; 128 bits of its hash are kept. */
static bool read_idem(struct http_request *rq, struct answer_call *c, struct error *err)
{
    const char *text = http_header(rq, "Idempotency-Key");
    uint8_t hash[SECRET_HASH_SIZE];

    if (!text)
        return true;
    if (!*text || strlen(text) > IDEM_MAX)
        return error_invalid(err, "Idempotency-Key",
                             "The Idempotency-Key must have 1 to %d characters.", IDEM_MAX);
    token_hash(text, hash);
    memcpy(c->idem, hash, sizeof c->idem);
    c->has_idem = true;
    return true;
}

struct answering {
    struct answer_call call;
    struct job         job;
};

static bool check_answer(struct http_request *rq, struct db *db, struct error *err)
{
    const struct answer_body *in = rq->in;
    struct answering *w = rq->user;
    struct task_classes classes = {0};
    const struct label_set *set;
    struct error why = {0};
    int64_t version;
    bool ok, sent = false;

    if (!api_labelled_job(rq, db, 0, &w->job, err))
        return false;
    version = in->label_set_version ? in->label_set_version : w->job.label_set_version;
    if (version > w->job.label_set_version)
        return error_invalid(err, "label_set_version", "The job has no label set %lld.",
                             (long long)version);
    set = service_labels_take(service_of(rq), db, w->job.id, w->job.label_set_version, err);
    if (!set)
        return false;
    ok = task_answer_check(task_type_find(w->job.type), set, in->answer,
                           version < w->job.label_set_version, &rq->arena, &classes, &why);
    service_labels_give(service_of(rq), set);
    /* A retry of an answer that is there is answered as before, though its label be hidden now. */
    if (!ok && w->call.has_idem &&
        !dispatch_was_sent(db, w->call.item, rq->person, w->call.idem, &sent, err))
        return false;
    if (!ok && !sent) {
        *err = why;
        return false;
    }
    w->call.class_index = classes.n > 0 ? classes.v[0] : -1;
    w->call.label_set_version = version;
    return true;
}

static bool answered(struct http_request *rq, struct error *err)
{
    const struct answering *w = rq->user;
    struct answered_view v = {.id = api_id_text(&rq->arena, "ans", w->call.answer),
                              .item = api_id_text(&rq->arena, "item", w->call.item),
                              .late = w->call.late,
                              .extra = w->call.extra};

    (void)err;
    if (w->call.again)
        return http_reply_json(rq, 200, fields_write(answered_fields, &v));
    return http_reply_fields(rq, &v);
}

/* The answer's own bytes inside the request, where it can be found; else written anew. */
static const char *answer_bytes(struct http_request *rq, json_t *answer)
{
    char *text = json_dumps(answer, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *kept = arena_strdup(&rq->arena, text ? text : "null");

    free(text);
    return kept;
}

static bool post_answer(struct http_request *rq, struct error *err)
{
    const struct answer_body *in = rq->in;
    struct answering *w = arena_alloc(&rq->arena, sizeof *w);

    rq->user = w;
    w->call.service = service_of(rq);
    w->call.person = rq->person;
    w->call.elapsed_ms = in->elapsed_ms;
    w->call.active_ms = in->active_ms < in->elapsed_ms ? in->active_ms : in->elapsed_ms;
    if (!api_needs_person(rq, err) || !api_id(in->lease, "lease", &w->call.item, err) ||
        !read_idem(rq, &w->call, err) || !api_read(rq, check_answer, err))
        return false;
    w->call.job = w->job.id;
    w->call.body = answer_bytes(rq, in->answer);
    return api_write_again(rq, dispatch_answer, &w->call, answered);
}

/* ---- DELETE /answers/{answer} ---- */

struct undone_view {
    struct task_view task;
};

static const struct field undone_fields[] = {
    {.name = "task", .kind = FIELD_OBJECT, .at = offsetof(struct undone_view, task),
     .fields = task_fields, .schema = "Task", .required = true},
    FIELD_END};

static bool read_undone(struct http_request *rq, struct db *db, struct error *err)
{
    const struct undo_call *c = rq->user;
    struct undone_view v;
    struct slot slot;
    struct job job;
    bool found;

    if (!slot_get(db, c->item, rq->person, &rq->arena, &slot, &found, err) ||
        !job_get(db, c->job, &rq->arena, &job, err) ||
        !task_view(rq, db, &slot, &job, &v.task, err))
        return false;
    http_reply_fields(rq, &v);
    json_decref(v.task.draft.value);
    return true;
}

static bool undone(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_undone, err);
}

static bool delete_answer(struct http_request *rq, struct error *err)
{
    struct undo_call *c = arena_alloc(&rq->arena, sizeof *c);

    rq->user = c;
    c->service = service_of(rq);
    c->person = rq->person;
    return api_needs_person(rq, err) && api_id(rq->param[0], "ans", &c->answer, err) &&
           api_write_again(rq, dispatch_undo, c, undone);
}

/* ---- skips ---- */

static const char *const reasons[] = {"unclear", "broken", "no_label", "not_allowed", "other",
                                      NULL};

struct skip_body {
    const char *lease, *comment;
    int         reason;
};

static const struct field skip_fields[] = {
    {.name = "lease", .kind = FIELD_TEXT, .at = offsetof(struct skip_body, lease),
     .required = true, .min = 1, .max = 40},
    {.name = "reason", .kind = FIELD_ENUM, .at = offsetof(struct skip_body, reason),
     .choices = reasons, .required = true},
    {.name = "comment", .kind = FIELD_TEXT, .at = offsetof(struct skip_body, comment),
     .max = 2000},
    FIELD_END};

struct skipped_view {
    const char *item;
};

static const struct field skipped_fields[] = {
    {.name = "item", .kind = FIELD_TEXT, .at = offsetof(struct skipped_view, item),
     .required = true},
    FIELD_END};

static struct slot_call *new_slot_call(struct http_request *rq)
{
    struct slot_call *c = arena_alloc(&rq->arena, sizeof *c);

    c->service = service_of(rq);
    c->person = rq->person;
    rq->user = c;
    return c;
}

static bool skipped(struct http_request *rq, struct error *err)
{
    const struct slot_call *c = rq->user;
    struct skipped_view v = {api_id_text(&rq->arena, "item", c->item)};

    (void)err;
    return http_reply_fields(rq, &v);
}

static bool find_skipped_job(struct http_request *rq, struct db *db, struct error *err)
{
    struct slot_call *c = rq->user;
    struct job job;

    if (!api_job(rq, db, 0, &job, err) || !api_may_label(rq, db, &job, err))
        return false;
    c->job = job.id;
    return true;
}

static bool post_skip(struct http_request *rq, struct error *err)
{
    const struct skip_body *in = rq->in;
    struct slot_call *c = new_slot_call(rq);

    c->reason = reasons[in->reason];
    c->comment = in->comment;
    return api_needs_person(rq, err) && api_id(in->lease, "lease", &c->item, err) &&
           api_read(rq, find_skipped_job, err) && api_write_again(rq, dispatch_skip, c, skipped);
}

/* ---- leases: draft, extend, release ---- */

struct draft_body {
    int64_t revision;
    json_t *value;
};

static const struct field draft_fields[] = {
    {.name = "revision", .kind = FIELD_INT, .at = offsetof(struct draft_body, revision),
     .required = true, .min = 1, .max = 9e15},
    {.name = "value", .kind = FIELD_ANY, .at = offsetof(struct draft_body, value),
     .required = true},
    FIELD_END};

static bool put_draft(struct http_request *rq, struct error *err)
{
    const struct draft_body *in = rq->in;
    struct slot_call *c = new_slot_call(rq);

    c->revision = in->revision;
    c->draft = answer_bytes(rq, in->value);
    return api_needs_person(rq, err) && api_id(rq->param[0], "lease", &c->item, err) &&
           api_write_again(rq, dispatch_draft, c, api_empty);
}

struct extended_view {
    int64_t expires;
};

static const struct field extended_fields[] = {
    {.name = "expires", .kind = FIELD_TIME, .at = offsetof(struct extended_view, expires),
     .required = true},
    FIELD_END};

static bool extended(struct http_request *rq, struct error *err)
{
    const struct slot_call *c = rq->user;
    struct extended_view v = {service_lease_to_wall(c->service, c->until)};

    (void)err;
    return http_reply_fields(rq, &v);
}

static bool post_extend(struct http_request *rq, struct error *err)
{
    struct slot_call *c = new_slot_call(rq);

    return api_needs_person(rq, err) && api_id(rq->param[0], "lease", &c->item, err) &&
           api_write_again(rq, dispatch_extend, c, extended);
}

static bool delete_lease(struct http_request *rq, struct error *err)
{
    struct slot_call *c = new_slot_call(rq);

    return api_needs_person(rq, err) && api_id(rq->param[0], "lease", &c->item, err) &&
           api_write_again(rq, dispatch_release, c, api_empty);
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
    {.method = HTTP_POST, .path = "/api/v1/jobs/{job}/answers", .who = WHO_ANNOTATOR,
     .run = post_answer, .takes = HTTP_BODY_JSON, .body_max = 8 << 20, .body = answer_fields,
     .in_size = sizeof(struct answer_body), .status = 201, .reply = answered_fields,
     .reply_name = "Answered",
     .errors = "200 the same answer again, 404 job.not_found, 404 lease.not_found, 409 "
               "answer.settled, 409 lease.skipped, 422 answer.invalid",
     .tag = "Labelling", .summary = "Answer a task; the reply means that it is on disk"},
    {.method = HTTP_DELETE, .path = "/api/v1/answers/{answer}", .who = WHO_ANNOTATOR,
     .run = delete_answer, .status = 200, .reply = undone_fields, .reply_name = "Undone",
     .errors = "404 answer.not_found, 409 answer.settled", .tag = "Labelling",
     .summary = "Take one's answer back, until it is merged into a label"},
    {.method = HTTP_POST, .path = "/api/v1/jobs/{job}/skips", .who = WHO_ANNOTATOR,
     .run = post_skip, .takes = HTTP_BODY_JSON, .body = skip_fields,
     .in_size = sizeof(struct skip_body), .status = 201, .reply = skipped_fields,
     .reply_name = "Skipped", .errors = "404 job.not_found, 404 lease.not_found, 409 lease.gone",
     .tag = "Labelling", .summary = "Skip a task with a reason; you will not get it again"},
    {.method = HTTP_PUT, .path = "/api/v1/leases/{lease}/draft", .who = WHO_ANNOTATOR,
     .run = put_draft, .takes = HTTP_BODY_JSON, .body_max = DRAFT_MAX, .body = draft_fields,
     .in_size = sizeof(struct draft_body), .status = 204,
     .errors = "404 lease.not_found, 409 draft.older, 409 lease.gone", .tag = "Labelling",
     .summary = "Keep unfinished work"},
    {.method = HTTP_POST, .path = "/api/v1/leases/{lease}/extend", .who = WHO_ANNOTATOR,
     .run = post_extend, .status = 200, .reply = extended_fields, .reply_name = "Extended",
     .errors = "404 lease.not_found, 409 lease.gone", .tag = "Labelling",
     .summary = "Ask for more time"},
    {.method = HTTP_DELETE, .path = "/api/v1/leases/{lease}", .who = WHO_ANNOTATOR,
     .run = delete_lease, .status = 204, .errors = "404 lease.not_found, 409 lease.gone",
     .tag = "Labelling", .summary = "Give a task back unanswered"},
    {0}};
