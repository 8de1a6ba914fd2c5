/* imports.c - items come in: uploaded manifests and tables, single files, folders on the server. */
#include "context.h"

#include "plumbline/base/disk.h"
#include "plumbline/base/utf8.h"
#include "plumbline/engine/items.h"
#include "plumbline/exchange/manifest.h"
#include "plumbline/store/transfers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define UPLOAD_MAX ((size_t)64 << 30)

/* ---- how an import looks ---- */

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

struct import_view {
    const char    *id, *source, *message;
    int            state;
    int64_t        lines, added, duplicates, failed, bytes, bytes_total, created, finished;
    struct objects errors;
};

#define IMPORT(field_kind, member, ...)                                                            \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct import_view, member),           \
        __VA_ARGS__                                                                                \
    }

static const struct field import_fields[] = {
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
    IMPORT(FIELD_TEXT, message, .help = "Why all of it failed"),
    IMPORT(FIELD_TIME, created, .required = true),
    IMPORT(FIELD_TIME, finished),
    FIELD_END};

static bool import_view(struct http_request *rq, struct db *db, const struct import_row *row,
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
        if (!import_view(rq, db, &rows[i], &v[i], err))
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
    return import_view(rq, db, &row, &v, err) && http_reply_fields(rq, &v);
}

static bool get_import(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_import, err);
}

/* ---- starting one ---- */

struct import_call {
    struct job  job;
    int64_t     id;
    const char *source, *path;
    int64_t     bytes; /* of the file; 0: a folder */
    bool        owned;
};

static int64_t bytes_of(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? st.st_size : 0;
}

static bool find_open_job(struct http_request *rq, struct db *db, struct error *err)
{
    struct import_call *c = rq->user;

    if (!api_job(rq, db, 0, &c->job, err))
        return false;
    return c->job.state <= JOB_PAUSED ||
           error_conflict(err, "job.ended", "The job is %s; items can no longer be added.",
                          job_state_names[c->job.state]);
}

static struct import_call *new_import(struct http_request *rq, struct error *err)
{
    struct import_call *c = arena_alloc(&rq->arena, sizeof *c);

    rq->user = c;
    return api_read(rq, find_open_job, err) ? c : NULL;
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
           import_view(rq, db, &row, &v, err) && http_reply_fields(rq, &v);
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
    c = new_import(rq, err);
    if (!c)
        return false;
    c->source = "upload";
    c->owned = true;
    return api_work(rq, api_of(rq)->media, take_upload, c, started);
}

/* ---- POST /jobs/{job}/imports: a path on the server ---- */

struct path_body {
    const char *source;
};

static const struct field path_fields[] = {
    {.name = "source", .kind = FIELD_TEXT, .at = offsetof(struct path_body, source),
     .required = true, .min = 1, .max = 4000, .help = "A manifest, a CSV file or a folder"},
    FIELD_END};

static bool post_import(struct http_request *rq, struct error *err)
{
    const struct path_body *in = rq->in;
    const char *root = service_of(rq)->config.import_root;
    struct import_call *c;
    char path[PATH_MAX];

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
    c = new_import(rq, err);
    if (!c)
        return false;
    c->source = in->source;
    c->path = arena_strdup(&rq->arena, path);
    c->bytes = bytes_of(path);
    return api_write(rq, write_import, c, started);
}

/* ---- POST /jobs/{job}/files: one picture or text ---- */

struct file_query {
    const char *name;
};

static const struct field file_query_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct file_query, name),
     .required = true, .min = 1, .max = 400, .help = "Path of the file as it was chosen"},
    FIELD_END};

struct file_view {
    const char *item;
    bool        added;
};

static const struct field file_fields[] = {
    {.name = "item", .kind = FIELD_TEXT, .at = offsetof(struct file_view, item),
     .help = "Left out when it was there already"},
    {.name = "added", .kind = FIELD_BOOL, .at = offsetof(struct file_view, added),
     .required = true},
    FIELD_END};

static bool add_file(struct http_request *rq, struct import_call *c, struct item_in *in,
                     struct error *err)
{
    struct item_call call = {.job = c->job.id, .in = in};

    if (!writer_call(service_of(rq)->writer, items_add_one, &call, err))
        return false;
    c->id = call.id;
    return true;
}

/* The key is the name and the content: the same file again adds nothing, a changed one does. */
static bool take_file(struct http_request *rq, void *context, struct error *err)
{
    const struct file_query *query = rq->query;
    const struct task_type *type;
    struct import_call *c = context;
    struct item_in in = {0};
    char digest[BLOB_NAME_SIZE];
    struct buf line;
    void *bytes;
    size_t size;
    bool ok;

    type = task_type_find(c->job.type);
    if (!blob_slurp(rq->spool_fd, IMAGE_FILE_MAX, &bytes, &size, err))
        return false;
    buf_init(&line, 4096);
    blob_digest(bytes, size, digest);
    buf_puts(&line, "{\"source-ref\":");
    buf_json_text(&line, query->name);
    buf_puts(&line, "}");
    in.payload.line = line.data;
    in.key = items_key(arena_printf(&rq->arena, "file:%s:%s", query->name, digest));
    if (type->media == TASK_IMAGE) {
        ok = items_take_image(service_of(rq), NULL, bytes, size, &rq->arena, &in.payload, err);
    } else {
        ok = (size > 0 || error_invalid(err, "name", "\"%s\" is empty.", query->name)) &&
             (utf8_is_valid(bytes, size) ||
              error_invalid(err, "name", "\"%s\" is not UTF-8 text.", query->name)) &&
             blob_put(service_of(rq)->blobs, bytes, size, digest, err);
        in.payload.media = digest;
    }
    ok = ok && add_file(rq, c, &in, err);
    buf_release(&line);
    free(bytes);
    return ok;
}

static bool took_file(struct http_request *rq, struct error *err)
{
    const struct import_call *c = rq->user;
    struct file_view v = {api_id_text(&rq->arena, "item", c->id), c->id != 0};

    (void)err;
    service_wake(service_of(rq));
    return http_reply_fields(rq, &v);
}

/* A name is kept as the item's source-ref: a consumer of the manifest must be able to trust it. */
static bool check_file_name(const char *name, struct error *err)
{
    size_t n = strlen(name);

    if (name[0] == '/' || strchr(name, '\\') || strcmp(name, "..") == 0 ||
        strncmp(name, "../", 3) == 0 || strstr(name, "/../") ||
        (n >= 3 && strcmp(name + n - 3, "/..") == 0))
        return error_set(err, 422, "line.path", "name",
                         "\"%.80s\" leads out of its folder; names are relative, without \"..\".",
                         name);
    return true;
}

static bool post_file(struct http_request *rq, struct error *err)
{
    const struct file_query *query = rq->query;
    struct import_call *c;

    if (!check_file_name(query->name, err))
        return false;
    c = new_import(rq, err);
    return c && api_work(rq, api_of(rq)->media, take_file, c, took_file);
}

const struct route import_routes[] = {
    {.method = HTTP_POST, .path = "/api/v1/jobs/{job}/items", .who = WHO_LEAD, .run = post_items,
     .takes = HTTP_BODY_SPOOL, .body_max = UPLOAD_MAX, .status = 202, .reply = import_fields,
     .reply_name = "Import", .errors = "400 json.malformed, 404 job.not_found, 409 job.ended, 415 body.type, "
                                     "422 field.invalid",
     .tag = "Items", .summary = "Upload a manifest (JSON Lines), a CSV table or {\"items\": […]}"},
    {.method = HTTP_POST, .path = "/api/v1/jobs/{job}/files", .who = WHO_LEAD, .run = post_file,
     .query = file_query_fields, .query_size = sizeof(struct file_query),
     .takes = HTTP_BODY_SPOOL, .body_max = IMAGE_FILE_MAX, .status = 201, .reply = file_fields,
     .reply_name = "File",
     .errors = "404 job.not_found, 409 job.ended, 422 image.unknown, 422 image.too_large, 422 "
               "image.broken, 422 line.path",
     .tag = "Items", .summary = "Upload one picture or text file; it becomes an item"},
    {.method = HTTP_POST, .path = "/api/v1/jobs/{job}/imports", .who = WHO_LEAD,
     .run = post_import, .takes = HTTP_BODY_JSON, .body = path_fields,
     .in_size = sizeof(struct path_body), .status = 202, .reply = import_fields,
     .reply_name = "Import",
     .errors = "403 import.no_root, 404 job.not_found, 404 line.file, 404 source.not_found, 409 "
               "job.ended, 422 line.path",
     .tag = "Items", .summary = "Import a file or folder that is on the server"},
    {.method = HTTP_GET, .path = "/api/v1/jobs/{job}/imports", .who = WHO_LEAD,
     .run = get_imports, .status = 200, .reply = imports_fields, .reply_name = "ImportList",
     .errors = "404 job.not_found", .tag = "Items", .summary = "The newest 50 imports of a job"},
    {.method = HTTP_GET, .path = "/api/v1/jobs/{job}/imports/{import}", .who = WHO_LEAD,
     .run = get_import, .status = 200, .reply = import_fields, .reply_name = "Import",
     .errors = "404 job.not_found, 404 import.not_found", .tag = "Items",
     .summary = "How an import is going"},
    {0}};
