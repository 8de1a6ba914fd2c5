/* leases.c - what else becomes of a task: it is skipped, kept as a draft, extended or given back. */
#include "gate.h"
#include "task_view.h"

enum { DRAFT_MAX = 1 << 20 };

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

static bool post_skip(struct http_request *rq, struct error *err)
{
    const struct skip_body *in = rq->in;
    struct slot_call *c = new_slot_call(rq);
    struct gate gate;

    c->reason = reasons[in->reason];
    c->comment = in->comment;
    if (!api_needs_person(rq, err) || !api_id(in->lease, "lease", &c->item, err) ||
        !gate_pass(rq, &gate, err))
        return false;
    c->job = gate.job;
    return api_write_again(rq, dispatch_skip, c, skipped);
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
    c->draft = json_kept(rq, in->value);
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

const struct route lease_routes[] = {
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
