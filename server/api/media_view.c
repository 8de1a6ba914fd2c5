/* media_view.c - where a picture is to be had.
 *
 * From this service, as a rule. With --s3-browser presigned, browsers read the pictures of buckets
 * there themselves, by links that end with the lease: but only those that have been looked at, and
 * that every browser shows as we count pixels, which is not sure of turned ones. */
#include "item_view.h"

#include <string.h>

enum { SPARE_SECONDS = 600, LINK_SECONDS_MAX = 604800 };

const struct field media_view_fields[] = {
    {.name = "url", .kind = FIELD_TEXT, .at = offsetof(struct media_view, url), .required = true},
    {.name = "preview", .kind = FIELD_TEXT, .at = offsetof(struct media_view, preview),
     .required = true, .help = "Add ?size=160 or 1600"},
    {.name = "width", .kind = FIELD_INT, .at = offsetof(struct media_view, width),
     .required = true, .help = "Upright pixels; 0: in a bucket, and not looked at yet"},
    {.name = "height", .kind = FIELD_INT, .at = offsetof(struct media_view, height),
     .required = true},
    FIELD_END};

bool media_is_there(const struct payload *p)
{
    return p->media || (p->remote && !(p->failure && p->width == 0));
}

/* The link to the bucket, or NULL. */
static const char *presigned(struct http_request *rq, const struct payload *p, int64_t seconds)
{
    const struct service *s = service_of(rq);
    struct error err = {0};

    if (!s->config.s3_presigned || !p->remote || p->width == 0 || p->orientation > 1)
        return NULL;
    seconds += SPARE_SECONDS;
    if (seconds > LINK_SECONDS_MAX)
        seconds = LINK_SECONDS_MAX;
    return s3_presign(s->s3, p->remote, seconds, NULL, &rq->arena, &err);
}

struct media_view media_view(struct http_request *rq, int64_t item, const struct payload *p,
                             int64_t seconds)
{
    const char *link = presigned(rq, p, seconds);

    return (struct media_view){
        .url = link ? link
                    : arena_printf(&rq->arena, "/api/v1/items/item_%lld/media", (long long)item),
        .preview = arena_printf(&rq->arena, "/api/v1/items/item_%lld/preview", (long long)item),
        .width = p->width,
        .height = p->height};
}

/* ---- what the pages' policy must allow ---- */

static bool is_listed(const char *const *list, int n, const char *text)
{
    while (n > 0)
        if (strcmp(list[--n], text) == 0)
            return true;
    return false;
}

static bool read_origins(struct http_request *rq, struct db *db, struct error *err)
{
    const char **buckets, **origins, **out = rq->user;
    int count, n = 0;

    if (!job_bucket_list(db, &rq->arena, &buckets, &count, err))
        return false;
    origins = arena_array(&rq->arena, (size_t)count, sizeof *origins);
    for (int i = 0; i < count; i++) {
        const char *origin = s3_origin(service_of(rq)->s3, buckets[i], &rq->arena);

        if (!is_listed(origins, n, origin)) { /* one endpoint has many buckets */
            origins[n++] = origin;
            *out = *out ? arena_printf(&rq->arena, "%s %s", *out, origin) : origin;
        }
    }
    return true;
}

const char *media_origins(struct http_request *rq)
{
    void *kept = rq->user;
    const char *origins = NULL;
    struct error err = {0};

    if (!service_of(rq)->config.s3_presigned)
        return NULL;
    rq->user = &origins;
    api_read(rq, read_origins, &err); /* without them pictures come from here */
    rq->user = kept;
    return origins;
}
