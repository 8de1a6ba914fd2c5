/* media.c - pictures: as they were stored, and upright previews. */
#include "context.h"

#include "plumbline/engine/items.h"
#include "plumbline/media/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct picture {
    struct payload payload;
    int64_t        id;
    int            side;
    char           variant[24];
};

/* The item's payload, when the caller may see the job. */
static bool find_picture(struct http_request *rq, struct db *db, struct error *err)
{
    struct picture *p = rq->user;
    struct item item;
    struct job job;

    if (!item_get(db, p->id, &item, err) || !job_get(db, item.job, &rq->arena, &job, err) ||
        !api_may_label(rq, db, &job, err) || !payload_get(db, p->id, &rq->arena, &p->payload, err))
        return false;
    return p->payload.media ||
           error_not_found(err, "media", "item_%lld has no picture.", (long long)p->id);
}

static struct picture *new_picture(struct http_request *rq, struct error *err)
{
    struct picture *p = arena_alloc(&rq->arena, sizeof *p);

    rq->user = p;
    if (!api_id(rq->param[0], "item", &p->id, err) || !api_read(rq, find_picture, err))
        return NULL;
    return p;
}

static const char *type_of(int fd)
{
    unsigned char head[4] = {0};

    if (pread(fd, head, sizeof head, 0) == 4 && head[0] == 0x89)
        return "image/png";
    return head[0] == 0xFF ? "image/jpeg" : "text/plain; charset=utf-8";
}

static bool get_media(struct http_request *rq, struct error *err)
{
    const struct picture *p = new_picture(rq, err);
    int64_t size;
    int fd;

    if (!p || !blob_open(service_of(rq)->blobs, p->payload.media, NULL, &fd, &size, err))
        return false;
    return http_reply_file(rq, fd, type_of(fd), p->payload.media, NULL, true);
}

/* ---- previews: made once, kept beside the picture ---- */

static bool reply_preview(struct http_request *rq, struct error *err)
{
    const struct picture *p = rq->user;
    char etag[BLOB_NAME_SIZE + sizeof p->variant + 2];
    int64_t size;
    int fd;

    if (!blob_open(service_of(rq)->blobs, p->payload.media, p->variant, &fd, &size, err))
        return false;
    snprintf(etag, sizeof etag, "%s-%s", p->payload.media, p->variant);
    return http_reply_file(rq, fd, "image/jpeg", etag, NULL, true);
}

static bool make_preview(struct http_request *rq, void *context, struct error *err)
{
    struct blob_store *blobs = service_of(rq)->blobs;
    const struct picture *p = context;
    struct buf jpeg;
    void *bytes;
    size_t size;
    bool ok;

    if (!blob_read(blobs, p->payload.media, IMAGE_FILE_MAX, &bytes, &size, err))
        return false;
    buf_init(&jpeg, 64 << 20);
    ok = image_thumbnail(bytes, size, p->side, &jpeg, err) &&
         blob_put_variant(blobs, p->payload.media, p->variant, jpeg.data, jpeg.size, err);
    buf_release(&jpeg);
    free(bytes);
    return ok;
}

static const char *const sizes[] = {"160", "1600", NULL};

struct preview_query {
    int size;
};

static const struct field preview_query_fields[] = {
    {.name = "size", .kind = FIELD_ENUM, .at = offsetof(struct preview_query, size),
     .choices = sizes, .help = "Pixels of the longer side"},
    FIELD_END};

static bool get_preview(struct http_request *rq, struct error *err)
{
    const struct preview_query *query = rq->query;
    struct picture *p = new_picture(rq, err);
    struct error missing = {0};
    int64_t size;
    int fd;

    if (!p)
        return false;
    p->side = query->size == 0 ? IMAGE_THUMBNAIL_SIDE : IMAGE_PREVIEW_SIDE;
    snprintf(p->variant, sizeof p->variant, "%d.jpg", p->side);
    if (blob_open(service_of(rq)->blobs, p->payload.media, p->variant, &fd, &size, &missing)) {
        close(fd);
        return reply_preview(rq, err);
    }
    return http_offload(rq, api_of(rq)->media, make_preview, p, reply_preview);
}

const struct route media_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/items/{item}/media", .who = WHO_ANNOTATOR,
     .run = get_media, .status = 200, .reply_type = "image/*",
     .errors = "206 part of it, 304 not modified, 404 item.not_found, 404 job.not_found, "
               "404 media.not_found, 416 range.unsatisfiable", .tag = "Items",
     .summary = "The picture's bytes as they were stored"},
    {.method = HTTP_GET, .path = "/api/v1/items/{item}/preview", .who = WHO_ANNOTATOR,
     .run = get_preview, .query = preview_query_fields, .query_size = sizeof(struct preview_query),
     .status = 200, .reply_type = "image/jpeg",
     .errors = "206 part of it, 304 not modified, 404 item.not_found, 404 job.not_found, "
               "404 media.not_found, 416 range.unsatisfiable", .tag = "Items",
     .summary = "An upright JPEG, scaled down"},
    {0}};
