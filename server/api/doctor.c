/* doctor.c - what `plumbline doctor` finds, for the page of the server and for the command line. */
#include "plumbline/engine/doctor.h"

#include "context.h"

static const struct field finding_fields[] = {
    {.name = "what", .kind = FIELD_TEXT, .at = offsetof(struct doctor_finding, what),
     .required = true},
    {.name = "level", .kind = FIELD_ENUM, .at = offsetof(struct doctor_finding, level),
     .choices = doctor_level_names, .required = true},
    {.name = "found", .kind = FIELD_TEXT, .at = offsetof(struct doctor_finding, found),
     .required = true},
    {.name = "advice", .kind = FIELD_TEXT, .at = offsetof(struct doctor_finding, advice),
     .help = "What to do; not there when all is well"},
    FIELD_END};

struct report_view {
    struct objects checks;
    int64_t        warnings, failures;
};

static const struct field report_fields[] = {
    {.name = "checks", .kind = FIELD_OBJECTS, .at = offsetof(struct report_view, checks),
     .fields = finding_fields, .size = sizeof(struct doctor_finding), .schema = "DoctorFinding",
     .required = true},
    {.name = "warnings", .kind = FIELD_INT, .at = offsetof(struct report_view, warnings),
     .required = true},
    {.name = "failures", .kind = FIELD_INT, .at = offsetof(struct report_view, failures),
     .required = true},
    FIELD_END};

struct doctor_query {
    int64_t deep, quick;
};

static const struct field query_fields[] = {
    {.name = "deep", .kind = FIELD_INT, .at = offsetof(struct doctor_query, deep), .max = 1,
     .help = "1: integrity_check, foreign keys, the newest backup read whole; takes minutes"},
    {.name = "quick", .kind = FIELD_INT, .at = offsetof(struct doctor_query, quick), .max = 1,
     .help = "1: without what reads the whole database"},
    FIELD_END};

static bool is_wanted(void *context)
{
    struct api *a = context;

    return !atomic_load(&a->stopping);
}

static bool examine(struct http_request *rq, void *context, struct error *err)
{
    const struct doctor_query *q = rq->query;
    struct api *a = api_of(rq);
    const struct doctor_settings set = {.data_dir = a->service->data_dir,
                                        .service = a->service,
                                        .deep = q->deep,
                                        .quick = q->quick,
                                        .public_url = a->public_url,
                                        .listen = a->listen,
                                        .connections = a->connections,
                                        .backup_to = a->service->config.backup_to,
                                        .go_on = is_wanted,
                                        .context = a};

    (void)err;
    doctor_run(&set, &rq->arena, context);
    return true;
}

static bool show(struct http_request *rq, struct error *err)
{
    const struct doctor_report *r = rq->user;
    const struct report_view v = {.checks = {r->v, r->n},
                                  .warnings = r->warnings,
                                  .failures = r->failures};

    (void)err;
    return http_reply_fields(rq, &v);
}

static bool get_doctor(struct http_request *rq, struct error *err)
{
    (void)err;
    rq->user = arena_alloc(&rq->arena, sizeof(struct doctor_report));
    return http_offload(rq, api_of(rq)->care, examine, rq->user, show);
}

const struct route doctor_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/doctor", .who = WHO_ADMIN, .run = get_doctor,
     .query = query_fields, .query_size = sizeof(struct doctor_query), .status = 200,
     .reply = report_fields, .reply_name = "DoctorReport", .tag = "Care",
     .summary = "Is everything in order, and what to do where it is not"},
    {0}};
