/* media.c - pictures: as they were stored, and upright previews.
 *
 * A picture in a bucket is answered from the cache when it is there, and fetched on a thread of
 * its own otherwise: a slow bucket holds up nobody but those who wait for it. */
#include "context.h"

#include "plumbline/engine/items.h"
#include "plumbline/engine/remote.h"
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
    char           name[BLOB_NAME_SIZE]; /* of the bytes, or of the URI: its ETag */
    int            fd; /* what was fetched; -1 */
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
    return p->payload.media || p->payload.remote ||
           error_not_found(err, "media", "item_%lld has no picture.", (long long)p->id);
}

static void close_picture(struct http_request *rq)
{
    struct picture *p = rq->user;

    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
}

static struct picture *new_picture(struct http_request *rq, struct error *err)
{
    struct picture *p = arena_alloc(&rq->arena, sizeof *p);

    p->fd = -1;
    rq->user = p;
    if (!api_id(rq->param[0], "item", &p->id, err) || !api_read(rq, find_picture, err))
        return NULL;
    if (p->payload.media)
        snprintf(p->name, sizeof p->name, "%s", p->payload.media);
    else
        blob_digest(p->payload.remote, strlen(p->payload.remote), p->name);
    return p;
}

static const char *type_of(int fd)
{
    unsigned char head[4] = {0};

    if (pread(fd, head, sizeof head, 0) == 4 && head[0] == 0x89)
        return "image/png";
    return head[0] == 0xFF ? "image/jpeg" : "text/plain; charset=utf-8";
}

/* ---- in buckets ---- */

/* What a person who waits for the picture is told. */
static bool tell_remote(struct http_request *rq, const char *uri, const struct error *why,
                        struct error *err)
{
    bool lost = remote_fault_of(service_of(rq), uri, why) == REMOTE_LOST;

    if (why->status == 507 || strncmp(why->code, "storage.", 8) == 0 ||
        strncmp(why->code, "image.", 6) == 0) {
        *err = *why;
        return false;
    }
    if (lost)
        return error_set(err, 404, "media.gone", "", "The picture is not there any more: %s",
                         why->message);
    http_add_header(rq, "Retry-After",
                    arena_printf(&rq->arena, "%d", remote_retry_after(service_of(rq), uri)));
    return error_set(err, 503, "media.unreachable", "", "The storage that the picture lies in "
                     "cannot be read at the moment: %s", why->message);
}

static bool write_probe(struct db *db, void *context, struct error *err)
{
    return payload_set_probe(db, context, err);
}

/* Somebody was faster than those who look at pictures ahead: what they would find is kept. */
static void keep_probe(struct http_request *rq, const struct picture *p,
                       const struct remote_look *look)
{
    struct payload_probe probe = {p->id, look->width, look->height, look->orientation};
    struct error err = {0};

    /* Where it cannot be kept, it is looked at again. */
    writer_call_low(service_of(rq)->writer, write_probe, &probe, &err);
}

/* Opens the picture, fetched or not; on a thread that may wait. */
static bool open_remote(struct http_request *rq, struct picture *p, struct error *err)
{
    const char *uri = p->payload.remote;
    struct remote_look look;
    struct error why = {0};
    int64_t size;
    bool ok = true;

    if (p->payload.width == 0) {
        ok = remote_look_at(service_of(rq), uri, &look, &why);
        if (ok)
            keep_probe(rq, p, &look);
    }
    ok = ok && remote_open(service_of(rq), uri, &p->fd, &size, &why);
    return ok || tell_remote(rq, uri, &why, err);
}

static bool fetch_media(struct http_request *rq, void *context, struct error *err)
{
    return open_remote(rq, context, err);
}

static bool reply_media(struct http_request *rq, struct error *err)
{
    struct picture *p = rq->user;
    int fd = p->fd;

    (void)err;
    p->fd = -1;
    return http_reply_file(rq, fd, type_of(fd), p->name, NULL, true);
}

static bool get_media(struct http_request *rq, struct error *err)
{
    struct picture *p = new_picture(rq, err);
    int64_t size;

    if (!p)
        return false;
    if (p->payload.media)
        return blob_open(service_of(rq)->blobs, p->payload.media, NULL, &p->fd, &size, err) &&
               reply_media(rq, err);
    if (p->payload.width > 0 && remote_cached(service_of(rq), p->payload.remote, &p->fd, &size))
        return reply_media(rq, err);
    rq->release = close_picture;
    return http_offload(rq, api_of(rq)->buckets, fetch_media, p, reply_media);
}

/* ---- previews: made once, kept beside the picture ---- */

static bool open_preview(struct http_request *rq, struct picture *p, struct error *err)
{
    int64_t size;

    if (p->payload.media)
        return blob_open(service_of(rq)->blobs, p->payload.media, p->variant, &p->fd, &size, err);
    return remote_cached_variant(service_of(rq), p->payload.remote, p->variant, &p->fd, &size);
}

static bool reply_preview(struct http_request *rq, struct error *err)
{
    struct picture *p = rq->user;
    char etag[BLOB_NAME_SIZE + sizeof p->variant + 2];
    int fd;

    if (p->fd < 0 && !open_preview(rq, p, err))
        return err->status ? false : error_internal(err, "The preview has been removed.");
    fd = p->fd;
    p->fd = -1;
    snprintf(etag, sizeof etag, "%s-%s", p->name, p->variant);
    return http_reply_file(rq, fd, "image/jpeg", etag, NULL, true);
}

static bool keep_preview(struct http_request *rq, const struct picture *p, const struct buf *jpeg,
                         struct error *err)
{
    struct service *s = service_of(rq);

    return p->payload.media ? blob_put_variant(s->blobs, p->payload.media, p->variant, jpeg->data,
                                               jpeg->size, err)
                            : remote_put_variant(s, p->payload.remote, p->variant, jpeg->data,
                                                 jpeg->size, err);
}

static bool scale(struct http_request *rq, const struct picture *p, const void *bytes, size_t size,
                  struct error *err)
{
    struct buf jpeg;
    bool ok;

    buf_init(&jpeg, 64 << 20);
    ok = image_thumbnail(bytes, size, p->side, &jpeg, err) && keep_preview(rq, p, &jpeg, err);
    buf_release(&jpeg);
    return ok;
}

static bool make_preview(struct http_request *rq, void *context, struct error *err)
{
    struct blob_store *blobs = service_of(rq)->blobs;
    const struct picture *p = context;
    void *bytes;
    size_t size;
    bool ok;

    if (!blob_read(blobs, p->payload.media, IMAGE_FILE_MAX, &bytes, &size, err))
        return false;
    ok = scale(rq, p, bytes, size, err);
    free(bytes);
    return ok;
}

static bool fetch_preview(struct http_request *rq, void *context, struct error *err)
{
    struct picture *p = context;
    struct error missing = {0};
    void *bytes = NULL;
    size_t size;
    bool ok;

    if (!open_remote(rq, p, err))
        return false;
    ok = blob_slurp(p->fd, IMAGE_FILE_MAX, &bytes, &size, err);
    close_picture(rq);
    if (ok && !open_preview(rq, p, &missing)) { /* fetching may have made it */
        ok = scale(rq, p, bytes, size, err);
        open_preview(rq, p, &missing); /* before the cache makes room again */
    }
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

    if (!p)
        return false;
    p->side = query->size == 0 ? IMAGE_THUMBNAIL_SIDE : IMAGE_PREVIEW_SIDE;
    snprintf(p->variant, sizeof p->variant, "%d.jpg", p->side);
    if (open_preview(rq, p, &missing))
        return reply_preview(rq, err);
    if (p->payload.media)
        return http_offload(rq, api_of(rq)->media, make_preview, p, reply_preview);
    rq->release = close_picture;
    return http_offload(rq, api_of(rq)->buckets, fetch_preview, p, reply_preview);
}

#define PICTURE_ERRORS                                                                             \
    "206 part of it, 304 not modified, 404 item.not_found, 404 job.not_found, "                    \
    "404 media.not_found, 404 media.gone, 413 image.too_large, 416 range.unsatisfiable, "          \
    "422 image.unknown, 422 image.broken, 422 image.too_large, 503 media.unreachable"

const struct route media_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/items/{item}/media", .who = WHO_ANNOTATOR,
     .run = get_media, .status = 200, .reply_type = "image/*",
     .errors = PICTURE_ERRORS, .tag = "Items",
     .summary = "The picture's bytes as they were stored"},
    {.method = HTTP_GET, .path = "/api/v1/items/{item}/preview", .who = WHO_ANNOTATOR,
     .run = get_preview, .query = preview_query_fields, .query_size = sizeof(struct preview_query),
     .status = 200, .reply_type = "image/jpeg",
     .errors = PICTURE_ERRORS, .tag = "Items",
     .summary = "An upright JPEG, scaled down"},
    {0}};
