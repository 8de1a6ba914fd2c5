/* imports.c - how imports look, the list of them, and the job that something is added to. */
#include "import_view.h"

struct error_view {
    int64_t     line;
    const char *code, *message;
};

static const struct field error_fields[] = {
    {.name = "line", .kind = FIELD_INT, .at = offsetof(struct error_view, line),
     .required = true, .help = "Of the file, from 1"},
    {.name = "code", .kind = FIELD_TEXT, .at = offsetof(struct error_view, code),
     .required = true},
    {.name = "message", .kind = FIELD_TEXT, .at = offsetof(struct error_view, message),
     .required = true},
    FIELD_END};

#define IMPORT(field_kind, member, ...)                                                            \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct import_view, member),           \
        __VA_ARGS__                                                                                \
    }

const struct field import_fields[] = {
    IMPORT(FIELD_TEXT, id, .required = true),
    IMPORT(FIELD_ENUM, state, .choices = transfer_state_names, .required = true),
    IMPORT(FIELD_TEXT, source, .required = true),
    IMPORT(FIELD_INT, lines, .required = true),
    IMPORT(FIELD_INT, added, .required = true),
    IMPORT(FIELD_INT, duplicates, .required = true, .help = "Lines that were there already"),
    IMPORT(FIELD_INT, failed, .required = true, .help = "Bad lines; the good ones went on"),
    IMPORT(FIELD_INT, bytes, .required = true, .help = "Of the source, read and stored so far"),
    IMPORT(FIELD_INT, bytes_total, .required = true, .help = "Of the source; 0: not known"),
    IMPORT(FIELD_OBJECTS, errors, .fields = error_fields, .size = sizeof(struct error_view),
           .required = true, .help = "The first 100"),
    IMPORT(FIELD_TEXT, message, .help = "Why all of it failed, or, while it runs, why it waits"),
    IMPORT(FIELD_TIME, created, .required = true),
    IMPORT(FIELD_TIME, finished),
    FIELD_END};

bool import_view_read(struct http_request *rq, struct db *db, const struct import_row *row,
                      struct import_view *v, struct error *err)
{
    struct import_error *list;
    struct error_view *errors;
    int count;

    if (!import_error_list(db, row->id, IMPORT_ERRORS_SHOWN, &rq->arena, &list, &count, err))
        return false;
    errors = arena_array(&rq->arena, (size_t)count, sizeof *errors);
    for (int i = 0; i < count; i++)
        errors[i] = (struct error_view){list[i].line, list[i].code, list[i].message};
    *v = (struct import_view){.id = api_id_text(&rq->arena, "imp", row->id),
                              .source = row->source,
                              .message = row->message,
                              .state = row->state,
                              .lines = row->lines,
                              .added = row->added,
                              .duplicates = row->duplicates,
                              .failed = row->failed,
                              .bytes = row->bytes,
                              .bytes_total = row->bytes_total,
                              .created = row->created,
                              .finished = row->finished,
                              .errors = {errors, (size_t)count}};
    return true;
}

struct imports_view {
    struct objects imports;
};

static const struct field imports_fields[] = {
    {.name = "imports", .kind = FIELD_OBJECTS, .at = offsetof(struct imports_view, imports),
     .fields = import_fields, .size = sizeof(struct import_view), .schema = "Import",
     .required = true},
    FIELD_END};

static bool read_imports(struct http_request *rq, struct db *db, struct error *err)
{
    struct imports_view out;
    struct import_row *rows;
    struct import_view *v;
    struct job job;
    int count;

    if (!api_job(rq, db, 0, &job, err) ||
        !import_list(db, job.id, &rq->arena, &rows, &count, err))
        return false;
    v = arena_array(&rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++)
        if (!import_view_read(rq, db, &rows[i], &v[i], err))
            return false;
    out.imports = (struct objects){v, (size_t)count};
    return http_reply_fields(rq, &out);
}

static bool get_imports(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_imports, err);
}

static bool read_import(struct http_request *rq, struct db *db, struct error *err)
{
    struct import_row row;
    struct import_view v;
    struct job job;
    int64_t id;

    if (!api_job(rq, db, 0, &job, err) || !api_id(rq->param[1], "imp", &id, err) ||
        !import_get(db, id, &rq->arena, &row, err))
        return false;
    if (row.job != job.id)
        return error_not_found(err, "import", "The job has no imp_%lld.", (long long)id);
    return import_view_read(rq, db, &row, &v, err) && http_reply_fields(rq, &v);
}

static bool get_import(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_import, err);
}

/* ---- what adds to a job ---- */

static bool find_open_job(struct http_request *rq, struct db *db, struct error *err)
{
    struct import_call *c = rq->user;

    if (!api_job(rq, db, 0, &c->job, err))
        return false;
    return c->job.state <= JOB_PAUSED ||
           error_conflict(err, "job.ended", "The job is %s; items can no longer be added.",
                          job_state_names[c->job.state]);
}

struct import_call *import_call_new(struct http_request *rq, struct error *err)
{
    struct import_call *c = arena_alloc(&rq->arena, sizeof *c);

    rq->user = c;
    return api_read(rq, find_open_job, err) ? c : NULL;
}

const struct route import_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/jobs/{job}/imports", .who = WHO_LEAD,
     .run = get_imports, .status = 200, .reply = imports_fields, .reply_name = "ImportList",
     .errors = "404 job.not_found", .tag = "Items", .summary = "The newest 50 imports of a job"},
    {.method = HTTP_GET, .path = "/api/v1/jobs/{job}/imports/{import}", .who = WHO_LEAD,
     .run = get_import, .status = 200, .reply = import_fields, .reply_name = "Import",
     .errors = "404 job.not_found, 404 import.not_found", .tag = "Items",
     .summary = "How an import is going"},
    {0}};
