/* exports.c - immutable snapshots of a job's labels. */
#include "plumbline/exchange/export.h"

#include "context.h"
#include "plumbline/engine/exports.h"
#include "plumbline/store/transfers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { EXPORTS_SHOWN = 100 };

static const char *const scopes[] = {"all", "labelled", NULL};

struct export_view {
    const char *id, *job, *sha256, *model, *message, *url, *to;
    int         state, format, scope;
    bool        provisional;
    int64_t     lines, bytes, label_set_version, created, finished;
};

#define EXPORT(field_kind, member, ...)                                                            \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct export_view, member),           \
        __VA_ARGS__                                                                                \
    }

static const struct field export_fields[] = {
    EXPORT(FIELD_TEXT, id, .required = true),
    EXPORT(FIELD_TEXT, job, .required = true),
    EXPORT(FIELD_ENUM, state, .choices = transfer_state_names, .required = true),
    EXPORT(FIELD_ENUM, format, .choices = export_formats, .required = true),
    EXPORT(FIELD_ENUM, scope, .choices = scopes, .required = true),
    EXPORT(FIELD_BOOL, provisional, .required = true,
           .help = "Guesses that are not final are in it, marked"),
    EXPORT(FIELD_INT, lines, .required = true),
    EXPORT(FIELD_INT, bytes, .required = true),
    EXPORT(FIELD_TEXT, sha256),
    EXPORT(FIELD_TEXT, model, .help = "The newest model at that moment"),
    EXPORT(FIELD_INT, label_set_version, .required = true),
    EXPORT(FIELD_TIME, created, .required = true),
    EXPORT(FIELD_TIME, finished),
    EXPORT(FIELD_TEXT, url, .help = "Where to fetch it, when it is done"),
    EXPORT(FIELD_TEXT, to, .help = "The object in a bucket, or a tree's folder there; it has no "
                                   "url then"),
    EXPORT(FIELD_TEXT, message),
    FIELD_END};

static struct export_view export_view(struct http_request *rq, const struct export_row *row)
{
    struct arena *a = &rq->arena;

    return (struct export_view){
        .id = api_id_text(a, "exp", row->id),
        .job = api_id_text(a, "job", row->job),
        .sha256 = row->sha256,
        .model = api_id_text(a, "model", row->model),
        .message = row->message,
        .to = row->destination,
        .url = row->state == TRANSFER_DONE && !row->destination
                   ? arena_printf(a, "/api/v1/exports/exp_%lld/download", (long long)row->id)
                   : NULL,
        .state = row->state,
        .format = row->format,
        .scope = row->scope,
        .provisional = row->provisional,
        .lines = row->lines,
        .bytes = row->bytes,
        .label_set_version = row->label_set_version,
        .created = row->created,
        .finished = row->finished};
}

struct exports_view {
    struct objects exports;
};

static const struct field exports_fields[] = {
    {.name = "exports", .kind = FIELD_OBJECTS, .at = offsetof(struct exports_view, exports),
     .fields = export_fields, .size = sizeof(struct export_view), .schema = "Export",
     .required = true},
    FIELD_END};

struct export_body {
    int         format, scope;
    bool        provisional;
    const char *to;
};

static const struct field export_body_fields[] = {
    {.name = "format", .kind = FIELD_ENUM, .at = offsetof(struct export_body, format),
     .choices = export_formats, .required = true},
    {.name = "scope", .kind = FIELD_ENUM, .at = offsetof(struct export_body, scope),
     .choices = scopes, .help = "all lines unless told"},
    {.name = "provisional", .kind = FIELD_BOOL, .at = offsetof(struct export_body, provisional)},
    {.name = "to", .kind = FIELD_TEXT, .at = offsetof(struct export_body, to), .min = 6,
     .max = 1100,
     .help = "s3://bucket/key, or s3://bucket/prefix/ for a file named after the job, or for a "
             "tree the folder; unless told a file to download"},
    FIELD_END};

static bool read_one(struct http_request *rq, struct db *db, struct error *err)
{
    const struct export_row *asked = rq->user;
    struct export_row row;
    struct export_view v;

    if (!export_get(db, asked->id, &rq->arena, &row, err))
        return false;
    v = export_view(rq, &row);
    return http_reply_fields(rq, &v);
}

static bool show(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_one, err);
}

static bool find_job(struct http_request *rq, struct db *db, struct error *err)
{
    const struct export_body *in = rq->in;
    struct export_row *row = rq->user;
    struct job job;

    if (!api_job(rq, db, 0, &job, err))
        return false;
    row->job = job.id;
    return !in->to || exports_destination(service_of(rq), in->to, row->format, job.name,
                                          &rq->arena, &row->destination, err);
}

static bool write_export(struct db *db, void *context, struct error *err)
{
    struct export_row *row = context;

    return api_job_is_there(db, row->job, err) && export_insert(db, row, &row->id, err);
}

static bool started(struct http_request *rq, struct error *err)
{
    const struct export_row *row = rq->user;

    http_add_header(rq, "Location",
                    arena_printf(&rq->arena, "/api/v1/exports/exp_%lld", (long long)row->id));
    service_wake(service_of(rq));
    return show(rq, err);
}

static bool post_export(struct http_request *rq, struct error *err)
{
    const struct export_body *in = rq->in;
    struct export_row *row = arena_alloc(&rq->arena, sizeof *row);

    rq->user = row;
    row->format = in->format;
    row->scope = in->scope;
    row->provisional = in->provisional;
    return api_read(rq, find_job, err) && api_write(rq, write_export, row, started);
}

static bool read_list(struct http_request *rq, struct db *db, struct error *err)
{
    struct exports_view out;
    struct export_view *v;
    struct export_row *rows;
    struct job job;
    int count;

    if (!api_job(rq, db, 0, &job, err) ||
        !export_list(db, job.id, EXPORTS_SHOWN, &rq->arena, &rows, &count, err))
        return false;
    v = arena_array(&rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++)
        v[i] = export_view(rq, &rows[i]);
    out.exports = (struct objects){v, (size_t)count};
    return http_reply_fields(rq, &out);
}

static bool get_exports(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_list, err);
}

static bool get_export(struct http_request *rq, struct error *err)
{
    struct export_row *row = arena_alloc(&rq->arena, sizeof *row);

    rq->user = row;
    return api_id(rq->param[0], "exp", &row->id, err) && show(rq, err);
}

static bool read_download(struct http_request *rq, struct db *db, struct error *err)
{
    static const char *const types[] = {
        [EXPORT_MANIFEST] = "application/x-ndjson", [EXPORT_TREE] = "application/x-tar",
        [EXPORT_JSONL] = "application/x-ndjson", [EXPORT_CSV] = "text/csv; charset=utf-8"};
    static const char *const endings[] = {[EXPORT_MANIFEST] = "manifest", [EXPORT_TREE] = "tar",
                                          [EXPORT_JSONL] = "jsonl", [EXPORT_CSV] = "csv"};
    struct export_row row;
    struct job job;
    int64_t id;
    int fd;

    if (!api_id(rq->param[0], "exp", &id, err) ||
        !export_get(db, id, &rq->arena, &row, err) ||
        !job_get(db, row.job, &rq->arena, &job, err))
        return false;
    if (row.state != TRANSFER_DONE)
        return error_conflict(err, "export.not_done", "The export is %s.",
                              transfer_state_names[row.state]);
    if (row.destination)
        return error_set(err, 404, "export.gone", "", "The export was written to %.600s.",
                         row.destination);
    if (!exports_open(service_of(rq), &row, &fd, err))
        return false;
    return http_reply_file(rq, fd, types[row.format], row.sha256,
                           arena_printf(&rq->arena, "%s-exp_%lld.%s", job.name, (long long)id,
                                        endings[row.format]),
                           false);
}

static bool get_download(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_download, err);
}

const struct route export_routes[] = {
    {.method = HTTP_POST, .path = "/api/v1/jobs/{job}/exports", .who = WHO_LEAD,
     .run = post_export, .takes = HTTP_BODY_JSON, .body = export_body_fields,
     .in_size = sizeof(struct export_body), .status = 202, .reply = export_fields,
     .reply_name = "Export", .errors = "404 job.not_found, 422 s3.uri", .tag = "Exports",
     .summary = "Take a snapshot of the labels as they are now"},
    {.method = HTTP_GET, .path = "/api/v1/jobs/{job}/exports", .who = WHO_LEAD,
     .run = get_exports, .status = 200, .reply = exports_fields, .reply_name = "ExportList",
     .errors = "404 job.not_found", .tag = "Exports", .summary = "The newest 100 exports"},
    {.method = HTTP_GET, .path = "/api/v1/exports/{export}", .who = WHO_LEAD, .run = get_export,
     .status = 200, .reply = export_fields, .reply_name = "Export",
     .errors = "404 export.not_found", .tag = "Exports", .summary = "How an export is going"},
    {.method = HTTP_GET, .path = "/api/v1/exports/{export}/download", .who = WHO_LEAD,
     .run = get_download, .status = 200, .reply_type = "application/octet-stream",
     .errors = "206 part of it, 304 not modified, 404 export.not_found, 409 export.not_done, "
               "404 export.gone, 416 range.unsatisfiable", .tag = "Exports",
     .summary = "The snapshot's bytes; ranges and ETag work"},
    {0}};
