/* jobs.c - jobs: made, listed, changed, started, paused, stopped, deleted. */
#include "job_body.h"
#include "job_view.h"

#include <string.h>
#include <strings.h>

struct call {
    struct job_call      job;
    struct http_request *rq;
};

/* ---- replies ---- */

static bool read_view(struct http_request *rq, struct db *db, struct error *err)
{
    const int64_t *id = rq->user;
    struct job job;
    struct job_view v;

    return job_get(db, *id, &rq->arena, &job, err) && job_view(rq, db, &job, true, &v, err) &&
           http_reply_fields(rq, &v);
}

static bool show(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_view, err);
}

static bool show_created(struct http_request *rq, struct error *err)
{
    struct call *c = rq->user;

    rq->user = &c->job.job.id;
    return show(rq, err);
}

static bool changed(struct http_request *rq, struct error *err)
{
    const int64_t *id = rq->user;

    service_wake(service_of(rq));
    service_publish_counts(service_of(rq), *id);
    return show(rq, err);
}

/* ---- POST /jobs ---- */

static bool post_job(struct http_request *rq, struct error *err)
{
    const struct job_body *in = rq->in;
    struct call *c = arena_alloc(&rq->arena, sizeof *c);

    c->job.service = service_of(rq);
    c->job.job = (struct job){.name = in->name,
                              .type = in->type,
                              .title = "",
                              .description = "",
                              .instructions = "",
                              .label_attribute = in->label_attribute,
                              .annotators_per_item = 1,
                              .open_items = OPEN_ITEMS_DEFAULT,
                              .lease_seconds = LEASE_SECONDS_DEFAULT,
                              .auto_advance = true,
                              .auto_target = 0.95,
                              .created_by = rq->person};
    if (!job_body_apply(&c->job, in, &rq->arena, err) || !jobs_check_new(&c->job.job, err))
        return false;
    rq->user = c;
    return api_write(rq, jobs_create, &c->job, show_created);
}

/* ---- GET /jobs ---- */

struct list_query {
    struct page_query page;
    const char       *type, *q;
    int               state;
    bool              has_state;
};

static const struct field list_query_fields[] = {
    PAGE_FIELDS(struct list_query, page),
    {.name = "state", .kind = FIELD_ENUM, .at = offsetof(struct list_query, state),
     .choices = job_state_names, .present = AT(struct list_query, has_state)},
    {.name = "type", .kind = FIELD_TEXT, .at = offsetof(struct list_query, type), .max = 64},
    {.name = "q", .kind = FIELD_TEXT, .at = offsetof(struct list_query, q), .max = 200,
     .help = "Part of the name or the title"},
    FIELD_END};

struct list_view {
    struct objects jobs;
    const char    *next;
};

static const struct field list_view_fields[] = {
    {.name = "jobs", .kind = FIELD_OBJECTS, .at = offsetof(struct list_view, jobs),
     .fields = job_view_fields, .size = sizeof(struct job_view), .schema = "Job",
     .required = true},
    {.name = "next", .kind = FIELD_TEXT, .at = offsetof(struct list_view, next)},
    FIELD_END};

static bool read_list(struct http_request *rq, struct db *db, struct error *err)
{
    const struct list_query *query = rq->query;
    struct job_filter f = {.state = query->has_state ? query->state : -1,
                           .type = query->type,
                           .text = query->q && *query->q ? query->q : NULL,
                           .limit = page_limit(&query->page)};
    struct list_view out = {0};
    struct job_view *v;
    struct job *list;
    int count;

    if (!page_after(&query->page, &f.before, err) ||
        !job_list(db, &f, &rq->arena, &list, &count, err))
        return false;
    v = arena_array(&rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++)
        if (!job_view(rq, db, &list[i], false, &v[i], err))
            return false;
    out.jobs = (struct objects){v, (size_t)count};
    if (count == f.limit)
        out.next = arena_printf(&rq->arena, "%lld", (long long)list[count - 1].id);
    return http_reply_fields(rq, &out);
}

static bool get_jobs(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_list, err);
}

static bool read_job(struct http_request *rq, struct db *db, struct error *err)
{
    struct job job;
    struct job_view v;

    return api_job(rq, db, 0, &job, err) && api_may_label(rq, db, &job, err) &&
           job_view(rq, db, &job, true, &v, err) && http_reply_fields(rq, &v);
}

static bool get_job(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_job, err);
}

/* ---- PATCH /jobs/{job} ---- */

static bool prepare_change(struct http_request *rq, struct db *db, struct error *err)
{
    struct call *c = arena_alloc(&rq->arena, sizeof *c);

    c->job.service = service_of(rq);
    rq->user = c;
    return api_job(rq, db, 0, &c->job.job, err);
}

static bool show_changed(struct http_request *rq, struct error *err)
{
    struct call *c = rq->user;

    rq->user = &c->job.job.id;
    return changed(rq, err);
}

/* Reads the row again inside the transaction: two leads may change different things at once. */
static bool write_change(struct db *db, void *context, struct error *err)
{
    struct call *c = context;
    struct http_request *rq = c->rq;

    return job_get(db, c->job.job.id, &rq->arena, &c->job.job, err) &&
           job_body_apply(&c->job, rq->in, &rq->arena, err) && jobs_update(db, &c->job, err);
}

static bool patch_job(struct http_request *rq, struct error *err)
{
    struct call *c;

    if (!api_read(rq, prepare_change, err))
        return false;
    c = rq->user;
    c->rq = rq;
    return api_write(rq, write_change, c, show_changed);
}

/* ---- actions ---- */

static bool find_job(struct http_request *rq, struct db *db, struct error *err)
{
    struct job *job = arena_alloc(&rq->arena, sizeof *job);

    rq->user = job;
    return api_job(rq, db, 0, job, err);
}

static bool act(struct http_request *rq, enum job_action action, struct error *err)
{
    struct action_call *c = arena_alloc(&rq->arena, sizeof *c);

    if (!api_read(rq, find_job, err))
        return false;
    c->service = service_of(rq);
    c->job = ((struct job *)rq->user)->id;
    c->action = action;
    rq->user = &c->job;
    return api_write(rq, jobs_act, c, changed);
}

static bool post_start(struct http_request *rq, struct error *err)
{
    return act(rq, JOB_START, err);
}

static bool post_pause(struct http_request *rq, struct error *err)
{
    return act(rq, JOB_PAUSE, err);
}

static bool post_resume(struct http_request *rq, struct error *err)
{
    return act(rq, JOB_RESUME, err);
}

static bool post_stop(struct http_request *rq, struct error *err)
{
    return act(rq, JOB_STOP, err);
}

/* ---- DELETE /jobs/{job}?confirm=NAME ---- */

struct delete_query {
    const char *confirm;
};

static const struct field delete_query_fields[] = {
    {.name = "confirm", .kind = FIELD_TEXT, .at = offsetof(struct delete_query, confirm),
     .max = 100, .help = "The job's name, to be sure"},
    FIELD_END};

static bool delete_work(struct http_request *rq, void *context, struct error *err)
{
    return jobs_delete(service_of(rq), ((struct job *)context)->id, err);
}

static bool delete_job(struct http_request *rq, struct error *err)
{
    const struct delete_query *query = rq->query;
    const struct job *job;

    if (!api_read(rq, find_job, err))
        return false;
    job = rq->user;
    if (!query->confirm || strcasecmp(query->confirm, job->name) != 0)
        return error_invalid(err, "confirm",
                             "Deleting is for ever: repeat the job's name as ?confirm=%s.",
                             job->name);
    return http_offload(rq, api_of(rq)->media, delete_work, (void *)job, api_empty);
}

#define ACTION(name, handler, text)                                                                \
    {                                                                                              \
        .method = HTTP_POST, .path = "/api/v1/jobs/{job}/" name, .who = WHO_LEAD, .run = handler,  \
        .status = 200, .reply = job_view_fields, .reply_name = "Job",                              \
        .errors = "404 job.not_found, 409 job.state, 409 job.no_items", .tag = "Jobs",             \
        .summary = text                                                                            \
    }

const struct route job_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/jobs", .who = WHO_REVIEWER, .run = get_jobs,
     .query = list_query_fields, .query_size = sizeof(struct list_query), .status = 200,
     .reply = list_view_fields, .reply_name = "JobList", .tag = "Jobs",
     .summary = "Jobs, newest first"},
    {.method = HTTP_POST, .path = "/api/v1/jobs", .who = WHO_LEAD, .run = post_job,
     .takes = HTTP_BODY_JSON, .body_max = 2 << 20, .body = new_job_fields,
     .in_size = sizeof(struct job_body), .status = 201, .reply = job_view_fields,
     .reply_name = "Job", .errors = "404 person.not_found, 404 team.not_found, 409 job.name_taken",
     .tag = "Jobs", .summary = "Make a job; add items, then start it"},
    {.method = HTTP_GET, .path = "/api/v1/jobs/{job}", .who = WHO_ANNOTATOR, .run = get_job,
     .status = 200, .reply = job_view_fields, .reply_name = "Job", .errors = "404 job.not_found",
     .tag = "Jobs", .summary = "A job, by id or name"},
    {.method = HTTP_PATCH, .path = "/api/v1/jobs/{job}", .who = WHO_LEAD, .run = patch_job,
     .takes = HTTP_BODY_JSON, .body_max = 2 << 20, .body = change_job_fields,
     .in_size = sizeof(struct job_body), .status = 200, .reply = job_view_fields,
     .reply_name = "Job",
     .errors = "404 job.not_found, 404 person.not_found, 404 team.not_found, 409 job.output_fixed",
     .tag = "Jobs", .summary = "Change a job's settings"},
    {.method = HTTP_DELETE, .path = "/api/v1/jobs/{job}", .who = WHO_LEAD, .run = delete_job,
     .query = delete_query_fields, .query_size = sizeof(struct delete_query), .status = 204,
     .errors = "404 job.not_found", .tag = "Jobs",
     .summary = "Delete a job with its items, answers and labels"},
    ACTION("start", post_start, "Let people begin"),
    ACTION("pause", post_pause, "Give out no more items for now"),
    ACTION("resume", post_resume, "Go on after a pause"),
    ACTION("stop", post_stop, "End the job; labels so far are kept"),
    {0}};
