/* answering.c - an annotator answers, and takes an answer back. */
#include "gate.h"
#include "task_view.h"

#include <string.h>

enum { TIME_MAX_MS = 7 * 86400 * 1000 };

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
    struct gate        gate;
    const struct label_set *labels;
};

static bool find_sent(struct http_request *rq, struct db *db, struct error *err)
{
    struct answering *w = rq->user;

    return dispatch_was_sent(db, w->call.item, rq->person, w->call.idem, &w->call.again, err);
}

static bool load_labels(struct http_request *rq, struct db *db, struct error *err)
{
    struct answering *w = rq->user;

    w->labels = service_labels_take(service_of(rq), db, w->gate.job, w->gate.label_set_version,
                                    err);
    return w->labels != NULL;
}

static bool check_answer(struct http_request *rq, struct error *err)
{
    const struct answer_body *in = rq->in;
    struct answering *w = rq->user;
    struct task_classes classes = {0};
    struct error why = {0};
    int64_t newest = w->gate.label_set_version;
    int64_t version = in->label_set_version ? in->label_set_version : newest;
    bool ok;

    if (version > newest)
        return error_invalid(err, "label_set_version", "The job has no label set %lld.",
                             (long long)version);
    w->labels = service_labels_find(service_of(rq), w->gate.job, newest);
    if (!w->labels && !api_read(rq, load_labels, err))
        return false;
    ok = task_answer_check(w->gate.type, w->labels, in->answer, version < newest, &rq->arena,
                           &classes, &why);
    service_labels_give(service_of(rq), w->labels);
    /* A retry of an answer that is there is answered as before, though its label be hidden now. */
    if (!ok && w->call.has_idem && !api_read(rq, find_sent, err))
        return false;
    if (!ok && !w->call.again) {
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
    atomic_fetch_add_explicit(&service_of(rq)->numbers.answers, !w->call.again,
                              memory_order_relaxed);
    if (w->call.again)
        return http_reply_struct(rq, 200, answered_fields, &v);
    return http_reply_fields(rq, &v);
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
        !read_idem(rq, &w->call, err) || !gate_pass(rq, &w->gate, err) || !check_answer(rq, err))
        return false;
    w->call.job = w->gate.job;
    w->call.body = json_kept(rq, in->answer);
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
    struct job job;

    if (!job_get(db, c->job, &rq->arena, &job, err) ||
        !task_view_read(rq, db, c->item, task_type_find(job.type), &v.task, err))
        return false;
    http_reply_fields(rq, &v);
    task_view_release(&v.task, 1);
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

const struct route answer_routes[] = {
    {.method = HTTP_POST, .path = "/api/v1/jobs/{job}/answers", .who = WHO_ANNOTATOR,
     .run = post_answer, .takes = HTTP_BODY_JSON, .body_max = 8 << 20, .body = answer_fields,
     .in_size = sizeof(struct answer_body), .header = "Idempotency-Key",
     .header_help = "1 to 255 characters, new for each answer: the same request sent again with it "
                    "is answered with the same id and stored once",
     .status = 201, .reply = answered_fields,
     .reply_name = "Answered",
     .errors = "200 the same answer again, 404 job.not_found, 404 lease.not_found, 409 "
               "answer.settled, 409 lease.skipped, 422 answer.invalid, 422 answer.key_reused",
     .tag = "Labelling", .summary = "Answer a task; the reply means that it is on disk"},
    {.method = HTTP_DELETE, .path = "/api/v1/answers/{answer}", .who = WHO_ANNOTATOR,
     .run = delete_answer, .status = 200, .reply = undone_fields, .reply_name = "Undone",
     .errors = "404 answer.not_found, 409 answer.settled", .tag = "Labelling",
     .summary = "Take one's answer back, until it is merged into a label"},
    {0}};
