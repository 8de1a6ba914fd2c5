/* import_start.c - imports begin: with an upload, or with a path on the server. */
#include "import_view.h"

#include "plumbline/base/disk.h"
#include "plumbline/engine/imports.h"
#include "plumbline/exchange/manifest.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define UPLOAD_MAX ((size_t)64 << 30)

static int64_t bytes_of(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? st.st_size : 0;
}

static bool write_import(struct db *db, void *context, struct error *err)
{
    struct import_call *c = context;

    return api_job_is_there(db, c->job.id, err) &&
           import_insert(db, c->job.id, c->source, c->path, c->bytes, c->owned, &c->id, err);
}

static bool read_started(struct http_request *rq, struct db *db, struct error *err)
{
    const struct import_call *c = rq->user;
    struct import_row row;
    struct import_view v;

    return import_get(db, c->id, &rq->arena, &row, err) &&
           import_view_read(rq, db, &row, &v, err) && http_reply_fields(rq, &v);
}

static bool started(struct http_request *rq, struct error *err)
{
    const struct import_call *c = rq->user;

    http_add_header(rq, "Location",
                    arena_printf(&rq->arena, "/api/v1/jobs/job_%lld/imports/imp_%lld",
                                 (long long)c->job.id, (long long)c->id));
    service_wake(service_of(rq));
    return api_read(rq, read_started, err);
}

/* ---- POST /jobs/{job}/items: the body becomes a file of ours, which the importer reads ---- */

static const char *upload_ending(const char *type)
{
    static const struct {
        const char *type, *ending;
    } known[] = {{"application/x-ndjson", "jsonl"}, {"application/jsonl", "jsonl"},
                 {"application/jsonlines", "jsonl"}, {"application/json", "json"},
                 {"text/csv", "csv"},              {"text/plain", "jsonl"}};

    size_t n = type ? strcspn(type, "; \t") : 0; /* without parameters */

    for (size_t i = 0; n && i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].type) == n && strncasecmp(type, known[i].type, n) == 0)
            return known[i].ending;
    return NULL;
}

/* Copies the spooled body into DIR/uploads under a new name. */
static bool keep_upload(struct http_request *rq, const char *ending, const char **path,
                        struct error *err)
{
    char name[PATH_MAX];
    char buffer[1 << 16];
    int fd;
    bool ok = true;
    ssize_t n;

    snprintf(name, sizeof name, "%s/uploads/XXXXXX.%s", service_of(rq)->data_dir, ending);
    fd = mkostemps(name, (int)strlen(ending) + 1, O_CLOEXEC);
    if (fd < 0)
        return disk_error(err, "The upload cannot be stored");
    while (ok && (n = read(rq->spool_fd, buffer, sizeof buffer)) != 0)
        ok = n > 0 && disk_write(fd, buffer, (size_t)n);
    ok = (ok && fsync(fd) == 0 && disk_sync_folder_of(name)) ||
         disk_error(err, "The upload cannot be stored");
    close(fd);
    if (!ok) {
        unlink(name);
        return false;
    }
    *path = arena_strdup(&rq->arena, name);
    return true;
}

/* {"items": […]} becomes JSON Lines. */
static bool unpack_items(struct http_request *rq, const char *path, const char **lines,
                         struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *bytes = NULL;
    size_t size;
    json_t *root = NULL, *list;
    char *out = NULL;
    FILE *f = NULL;
    bool ok = fd >= 0 && blob_slurp(fd, (size_t)64 << 20, &bytes, &size, err);

    if (fd >= 0)
        close(fd);
    root = ok ? json_parse(bytes, size, err) : NULL;
    free(bytes);
    ok = false;
    if (!root)
        goto out;
    list = json_object_get(root, "items");
    if (!json_is_array(list)) {
        error_invalid(err, "items", "The body must be {\"items\": [ … ]}.");
        goto out;
    }
    *lines = arena_printf(&rq->arena, "%sl", path); /* .json -> .jsonl */
    f = fopen(*lines, "we");
    if (!f) {
        disk_error(err, "The upload cannot be stored");
        goto out;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        out = json_dumps(json_array_get(list, i), JSON_COMPACT | JSON_ENCODE_ANY);
        fprintf(f, "%s\n", out ? out : "null");
        free(out);
    }
    ok = (!ferror(f) && fflush(f) == 0 && fsync(fileno(f)) == 0 && disk_sync_folder_of(*lines)) ||
         disk_error(err, "The upload cannot be stored");
out:
    if (f)
        fclose(f);
    if (!ok && *lines)
        unlink(*lines);
    json_decref(root);
    unlink(path);
    return ok;
}

static bool take_upload(struct http_request *rq, void *context, struct error *err)
{
    const char *ending = upload_ending(http_header(rq, "Content-Type")), *lines = NULL;
    struct import_call *c = context;

    if (!keep_upload(rq, ending, &c->path, err))
        return false;
    if (strcmp(ending, "json") == 0) {
        if (!unpack_items(rq, c->path, &lines, err))
            return false;
        c->path = lines;
    }
    c->bytes = bytes_of(c->path);
    if (writer_call(service_of(rq)->writer, write_import, c, err))
        return true;
    unlink(c->path);
    return false;
}

static bool post_items(struct http_request *rq, struct error *err)
{
    struct import_call *c;

    if (!upload_ending(http_header(rq, "Content-Type")))
        return error_set(err, 415, "body.type", "Content-Type",
                         "Send application/x-ndjson, text/csv or application/json.");
    c = import_call_new(rq, err);
    if (!c)
        return false;
    c->source = "upload";
    c->owned = true;
    return http_offload(rq, api_of(rq)->media, take_upload, c, started);
}

/* ---- POST /jobs/{job}/imports: a path on the server, or what is in a bucket ---- */

struct path_body {
    const char *source;
};

static const struct field path_fields[] = {
    {.name = "source", .kind = FIELD_TEXT, .at = offsetof(struct path_body, source),
     .required = true, .min = 1, .max = 4000,
     .help = "A manifest, a CSV file or a folder: a path on the server, or s3://bucket/key; a "
             "folder in a bucket ends in /"},
    FIELD_END};

struct uri_call {
    struct import_uri_call own;
    struct import_call    *import;
};

static bool write_uri(struct db *db, void *context, struct error *err)
{
    struct uri_call *c = context;
    bool ok = api_job_is_there(db, c->own.job, err) && imports_add_uri(db, &c->own, err);

    c->import->id = c->own.id;
    return ok;
}

static bool post_uri(struct http_request *rq, const char *uri, struct error *err)
{
    struct s3_place place;
    struct uri_call *c = arena_alloc(&rq->arena, sizeof *c);

    if (!s3_place_parse(service_of(rq)->s3, uri, &place, err))
        return false;
    c->import = import_call_new(rq, err);
    if (!c->import)
        return false;
    c->own = (struct import_uri_call){
        .service = service_of(rq), .job = c->import->job.id, .uri = uri};
    return api_write(rq, write_uri, c, started);
}

static bool post_import(struct http_request *rq, struct error *err)
{
    const struct path_body *in = rq->in;
    const char *root = service_of(rq)->config.import_root;
    struct import_call *c;
    char path[PATH_MAX];

    if (imports_is_uri(in->source))
        return post_uri(rq, in->source, err);
    if (!rq->local && !root)
        return error_set(err, 403, "import.no_root", "source",
                         "This server imports no paths over the network: start it with "
                         "--import-root DIR, upload the files, or use `plumbline import`.");
    if (rq->local) {
        if (!realpath(in->source, path))
            return error_set(err, 404, "source.not_found", "source", "\"%.200s\" is not there.",
                             in->source);
    } else if (strcmp(in->source, ".") == 0) {
        snprintf(path, sizeof path, "%s", root);
    } else if (!manifest_resolve(root, in->source, path, err)) {
        return false;
    }
    c = import_call_new(rq, err);
    if (!c)
        return false;
    c->source = in->source;
    c->path = arena_strdup(&rq->arena, path);
    c->bytes = bytes_of(path);
    return api_write(rq, write_import, c, started);
}

const struct route import_start_routes[] = {
    {.method = HTTP_POST, .path = "/api/v1/jobs/{job}/items", .who = WHO_LEAD, .run = post_items,
     .takes = HTTP_BODY_SPOOL, .body_max = UPLOAD_MAX, .status = 202, .reply = import_fields,
     .reply_name = "Import", .errors = "400 json.malformed, 404 job.not_found, 409 job.ended, 415 body.type, "
                                     "422 field.invalid",
     .tag = "Items", .summary = "Upload a manifest (JSON Lines), a CSV table or {\"items\": […]}"},
    {.method = HTTP_POST, .path = "/api/v1/jobs/{job}/imports", .who = WHO_LEAD,
     .run = post_import, .takes = HTTP_BODY_JSON, .body = path_fields,
     .in_size = sizeof(struct path_body), .status = 202, .reply = import_fields,
     .reply_name = "Import",
     .errors = "403 import.no_root, 404 job.not_found, 404 line.file, 404 source.not_found, 409 "
               "job.ended, 422 line.path, 422 s3.uri",
     .tag = "Items", .summary = "Import a file or folder that is on the server or in a bucket"},
    {0}};
