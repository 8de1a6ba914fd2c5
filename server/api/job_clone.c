/* job_clone.c - POST /jobs/{job}/clone: the same work once more, or what is left of it. */
#include "plumbline/engine/clone.h"

#include "job_view.h"

struct clone_body {
    const char *name, *title, *label_attribute;
    int         labels;
};

#define CLONE(field_kind, member, ...)                                                             \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct clone_body, member),            \
        __VA_ARGS__                                                                                \
    }

static const struct field clone_fields[] = {
    CLONE(FIELD_TEXT, name, .required = true, .min = 1, .max = 100),
    CLONE(FIELD_TEXT, title, .max = 200, .help = "Left out: the earlier job's"),
    CLONE(FIELD_ENUM, labels, .choices = clone_lines_names,
          .help = "input: the lines as they came; output: as they would be exported now, so that under "
                  "the same label attribute only what has no label is labelled"),
    CLONE(FIELD_TEXT, label_attribute, .min = 1, .max = 127, .help = "Left out: the earlier job's"),
    FIELD_END};

static bool prepare(struct http_request *rq, struct db *db, struct error *err)
{
    struct clone_call *c = rq->user;
    struct job job;

    if (!api_job(rq, db, 0, &job, err))
        return false;
    c->from = job.id;
    return clone_prepare(db, c, err);
}

static bool read_made(struct http_request *rq, struct db *db, struct error *err)
{
    const struct clone_call *c = rq->user;
    struct job_view v;
    struct job job;

    return job_get(db, c->job, &rq->arena, &job, err) && job_view(rq, db, &job, true, &v, err) &&
           http_reply_fields(rq, &v);
}

static bool made(struct http_request *rq, struct error *err)
{
    const struct clone_call *c = rq->user;

    http_add_header(rq, "Location",
                    arena_printf(&rq->arena, "/api/v1/jobs/job_%lld", (long long)c->job));
    service_wake(service_of(rq));
    return api_read(rq, read_made, err);
}

static bool post_clone(struct http_request *rq, struct error *err)
{
    const struct clone_body *in = rq->in;
    struct clone_call *c = arena_alloc(&rq->arena, sizeof *c);

    *c = (struct clone_call){.service = service_of(rq),
                             .person = rq->person,
                             .name = in->name,
                             .title = in->title && *in->title ? in->title : NULL,
                             .attribute = in->label_attribute,
                             .lines = (enum clone_lines)in->labels};
    rq->user = c;
    return api_read(rq, prepare, err) && api_write(rq, clone_write, c, made);
}

const struct route job_clone_routes[] = {
    {.method = HTTP_POST, .path = "/api/v1/jobs/{job}/clone", .who = WHO_LEAD, .run = post_clone,
     .takes = HTTP_BODY_JSON, .body = clone_fields, .in_size = sizeof(struct clone_body),
     .status = 201, .reply = job_view_fields, .reply_name = "Job",
     .errors = "404 job.not_found, 409 job.name_taken, 409 job.state", .tag = "Jobs",
     .summary = "Make a job from another: its settings, labels, people and items"},
    {0}};
