/* s3_read.c - objects read: streamed, in part, whole into memory, or only asked about. */
#include "s3_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void info_fill(const struct s3_reply *r, struct s3_info *info)
{
    if (!info)
        return;
    info->size = r->range_total >= 0 ? r->range_total : r->length;
    snprintf(info->etag, sizeof info->etag, "%s", r->etag);
    snprintf(info->type, sizeof info->type, "%s", r->type);
}

bool s3_etag_md5(const char *etag, unsigned char md5[MD5_SIZE])
{
    if (strlen(etag) != 2 * MD5_SIZE + 2 || etag[0] != '"' || etag[2 * MD5_SIZE + 1] != '"' ||
        strspn(etag + 1, "0123456789abcdef") != 2 * MD5_SIZE)
        return false;
    for (size_t i = 0; i < MD5_SIZE; i++)
        md5[i] = (unsigned char)strtoul((char[]){etag[1 + 2 * i], etag[2 + 2 * i], '\0'}, NULL, 16);
    return true;
}

/* ---- streaming ---- */

struct stream {
    s3_sink        *sink;
    void           *context;
    struct s3_info *info;
    struct md5     *md5; /* of all of it, where the ETag may be one */
    bool            plain;
};

static bool stream_begin(void *context, const struct s3_reply *r, struct error *err)
{
    struct stream *st = context;

    (void)err;
    info_fill(r, st->info);
    st->plain = !r->encrypted;
    return true;
}

static bool stream_bytes(void *context, const void *bytes, size_t size, struct error *err)
{
    struct stream *st = context;

    if (st->md5)
        md5_add(st->md5, bytes, size);
    return st->sink(st->context, bytes, size, err);
}

/* Where the object is stored as it is, its ETag is the MD5 of its bytes. */
static bool arrived_whole(struct stream *st, const struct s3_exchange *x, struct error *err)
{
    unsigned char want[MD5_SIZE], got[MD5_SIZE];

    if (!st->md5 || !st->plain || !s3_etag_md5(x->etag, want))
        return true;
    md5_end(st->md5, got);
    if (memcmp(want, got, MD5_SIZE) == 0)
        return true;
    return error_set(err, 503, "s3.failed", "", "%.200s did not arrive as it is stored: its ETag "
                     "tells other bytes.", x->call->uri);
}

/* `from` is the end of the object: there is nothing, which servers call a wrong range. */
static bool is_at_end(struct s3 *s, const char *uri, int64_t from, const char *etag,
                      struct s3_info *info)
{
    struct s3_info there = {0};
    struct error err = {0};

    if (from <= 0 || !s3_head(s, uri, &there, &err) || there.size != from ||
        (etag && strcmp(etag, there.etag) != 0))
        return false;
    if (info)
        *info = there;
    return true;
}

bool s3_get(struct s3 *s, const char *uri, int64_t from, s3_sink *sink, void *context,
            struct s3_info *info, struct error *err)
{
    struct stream st = {.sink = sink, .context = context, .info = info,
                        .md5 = from == 0 ? md5_new() : NULL};
    char known[S3_ETAG_SIZE] = "";
    struct s3_call call = {.method = "GET", .uri = uri, .from = from,
                           .sink = stream_bytes, .begin = stream_begin, .context = &st};
    struct s3_exchange x;
    struct error why = {0};
    bool ok = s3_object_parse(s, uri, &call.place, err);

    if (ok) {
        if (info && *info->etag) {
            memcpy(known, info->etag, sizeof known);
            call.if_match = known;
        }
        s3_exchange_init(&x, s, &call);
        ok = s3_perform(&x, &why);
        if (!ok && why.status == 416 && is_at_end(s, uri, from, call.if_match, info))
            ok = true;
        else if (!ok && err)
            *err = why;
        else if (ok)
            ok = arrived_whole(&st, &x, err);
        s3_exchange_release(&x);
    }
    md5_free(st.md5);
    return ok;
}

/* ---- into memory ---- */

struct gather {
    struct buf     *out;
    struct s3_info *info;
    const char     *uri;
};

static bool too_large(const struct gather *g, struct error *err)
{
    return error_set(err, 413, "body.too_large", "", "%.200s is larger than the %zu bytes that are "
                     "allowed here.", g->uri, g->out->max);
}

static bool gather_begin(void *context, const struct s3_reply *r, struct error *err)
{
    struct gather *g = context;

    info_fill(r, g->info);
    return (r->length <= 0 || (uint64_t)r->length <= g->out->max) || too_large(g, err);
}

static bool gather_bytes(void *context, const void *bytes, size_t size, struct error *err)
{
    struct gather *g = context;

    return buf_add(g->out, bytes, size) || too_large(g, err);
}

bool s3_get_range(struct s3 *s, const char *uri, int64_t first, int64_t last, struct buf *out,
                  struct s3_info *info, struct error *err)
{
    struct gather g = {out, info, uri};
    char known[S3_ETAG_SIZE] = "";
    struct s3_call call = {.method = "GET", .uri = uri, .from = first, .until = last + 1,
                           .sink = gather_bytes, .begin = gather_begin, .context = &g};
    struct s3_exchange x;
    bool ok;

    if (!s3_object_parse(s, uri, &call.place, err))
        return false;
    if (info && *info->etag) {
        memcpy(known, info->etag, sizeof known);
        call.if_match = known;
    }
    s3_exchange_init(&x, s, &call);
    ok = s3_perform(&x, err);
    s3_exchange_release(&x);
    return ok;
}

bool s3_read(struct s3 *s, const char *uri, size_t limit, void **bytes, size_t *size,
             struct s3_info *info, struct error *err)
{
    struct s3_info mine = {0};
    struct buf out;

    buf_init(&out, limit);
    if (!s3_get(s, uri, 0, gather_bytes, &(struct gather){&out, NULL, uri}, info ? info : &mine,
                err)) {
        buf_release(&out);
        return false;
    }
    *size = out.size;
    *bytes = buf_take(&out);
    return true;
}

/* A refusal of HEAD has no words. Asked for one byte, the server says why; or it is done, since what was
 * wrong (the region, the clock) could be learned from its words. */
static bool ask_why(struct s3 *s, const struct s3_call *head, struct error *err)
{
    struct s3_call call = *head;
    struct s3_exchange x;
    struct error why = {0};
    bool ok;

    call.method = "GET";
    call.until = 1;
    s3_exchange_init(&x, s, &call);
    ok = s3_perform(&x, &why) || why.status == 416; /* that of an object without bytes */
    s3_exchange_release(&x);
    if (!ok && err)
        *err = why;
    return ok;
}

static bool head(struct s3 *s, struct s3_call *call, struct s3_info *info, long *status,
                 struct error *err)
{
    struct s3_exchange x;
    bool ok;

    s3_exchange_init(&x, s, call);
    ok = s3_perform(&x, err);
    if (ok)
        info_fill(&x.reply, info);
    *status = x.reply.status;
    s3_exchange_release(&x);
    return ok;
}

bool s3_head(struct s3 *s, const char *uri, struct s3_info *info, struct error *err)
{
    struct s3_call call = {.method = "HEAD", .uri = uri};
    struct error why = {0};
    long status = 0;

    if (!s3_object_parse(s, uri, &call.place, err))
        return false;
    if (head(s, &call, info, &status, &why))
        return true;
    if (status == 400 || status == 403 || status / 100 == 3)
        return ask_why(s, &call, err) && head(s, &call, info, &status, err);
    if (err)
        *err = why;
    return false;
}
