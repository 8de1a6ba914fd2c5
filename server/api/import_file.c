/* import_file.c - one picture or text becomes an item. */
#include "import_view.h"

#include "plumbline/base/utf8.h"
#include "plumbline/engine/items.h"

#include <stdlib.h>
#include <string.h>

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
    c = import_call_new(rq, err);
    return c && http_offload(rq, api_of(rq)->media, take_file, c, took_file);
}

const struct route import_file_routes[] = {
    {.method = HTTP_POST, .path = "/api/v1/jobs/{job}/files", .who = WHO_LEAD, .run = post_file,
     .query = file_query_fields, .query_size = sizeof(struct file_query),
     .takes = HTTP_BODY_SPOOL, .body_max = IMAGE_FILE_MAX, .status = 201, .reply = file_fields,
     .reply_name = "File",
     .errors = "404 job.not_found, 409 job.ended, 422 image.unknown, 422 image.too_large, 422 "
               "image.broken, 422 line.path",
     .tag = "Items", .summary = "Upload one picture or text file; it becomes an item"},
    {0}};
