/* s3_upload.c - an object of any size: held back up to one part; beyond, parts on several connections
 * while the caller makes more, put together at the end, and removed when it never comes to that. */
#include "s3_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PARTS_MAX = 10000,
    CONNECTIONS = 3,
    ETAGS_FIRST = 64,
    ABORT_ATTEMPTS = 2,
    ABORT_SECONDS = 5,
};

struct s3_upload {
    struct s3       *s;
    char            *uri, *type, *id; /* id: of the multipart upload, NULL while there is none */
    struct s3_place  place;
    struct s3_batch *batch;
    char            *part;            /* S3_PART bytes, or NULL */
    size_t           size;            /* of what is in it */
    char           **etags;           /* S3_ETAG_SIZE each, since jobs write into them */
    int              parts, capacity;
    bool             failed, finished;
};

struct s3_upload *s3_upload_new(struct s3 *s, const char *uri, const char *type, struct error *err)
{
    struct s3_upload *u = must_alloc(sizeof *u);

    u->s = s;
    u->uri = must_strdup(uri);
    u->type = must_strdup(type ? type : "application/octet-stream");
    if (s3_object_parse(s, u->uri, &u->place, err))
        return u;
    s3_upload_free(u);
    return NULL;
}

/* ---- the multipart upload itself ---- */

struct wanted {
    const char *root, *name;
    char       *text;
    size_t      size;
};

static bool take_wanted(void *context, const char *parent, const char *name, const char *text)
{
    struct wanted *w = context;

    if (parent && strcmp(parent, w->root) == 0 && strcmp(name, w->name) == 0)
        snprintf(w->text, w->size, "%s", text);
    return true;
}

static bool begin(struct s3_upload *u, struct error *err)
{
    const struct sigv4_pair query = {"uploads", ""};
    struct s3_call call = {.method = "POST", .uri = u->uri, .place = u->place, .query = &query,
                           .n_query = 1, .type = u->type};
    char id[1024] = "";
    struct wanted w = {"InitiateMultipartUploadResult", "UploadId", id, sizeof id};
    struct s3_exchange x;
    bool ok;

    s3_exchange_init(&x, u->s, &call);
    ok = s3_perform(&x, err);
    if (ok && (!s3_xml_read(x.reply.body.data, x.reply.body.size, take_wanted, &w) || !*id))
        ok = error_set(err, 503, "s3.failed", "", "%.200s: the server begins an upload without a "
                       "name for it.", u->uri);
    if (ok)
        u->id = must_strdup(id);
    s3_exchange_release(&x);
    return ok;
}

bool s3_upload_abort(struct s3 *s, const char *uri, const struct s3_place *place, const char *id,
                     struct error *err)
{
    const struct sigv4_pair query = {"uploadId", id};
    struct s3_call call = {.method = "DELETE", .uri = uri, .place = *place, .query = &query,
                           .n_query = 1, .stall_seconds = ABORT_SECONDS};
    struct error why = {0};
    struct s3_exchange x;
    bool ok;

    s3_exchange_init(&x, s, &call);
    x.attempts_most = ABORT_ATTEMPTS; /* of an upload that failed: its caller waits to hear of it */
    ok = s3_perform(&x, &why) || x.reply.status == 404; /* it is gone */
    s3_exchange_release(&x);
    if (!ok && err)
        *err = why;
    return ok;
}

static char *new_etag(struct s3_upload *u)
{
    if (u->parts == u->capacity) {
        u->capacity = u->capacity ? 2 * u->capacity : ETAGS_FIRST;
        u->etags = must_realloc(u->etags, (size_t)u->capacity, sizeof *u->etags);
    }
    return u->etags[u->parts++] = must_alloc(S3_ETAG_SIZE);
}

/* Sends the part that is held. */
static bool send_part(struct s3_upload *u, struct error *err)
{
    struct s3_job *job;
    char number[16], *etag, *body = u->part;
    size_t size = u->size;

    if (u->parts == PARTS_MAX)
        return error_set(err, 413, "body.too_large", "", "%.200s would have more than %d parts of "
                         "%d MiB.", u->uri, PARTS_MAX, S3_PART >> 20);
    if (!u->id && !begin(u, err))
        return false;
    if (!u->batch)
        u->batch = s3_batch_new(u->s, CONNECTIONS, 1, S3_PART);
    etag = new_etag(u);
    snprintf(number, sizeof number, "%d", u->parts);
    u->part = NULL;
    u->size = 0;
    job = s3_job_new(u->s, u->uri, body, size, NULL, err);
    if (!job)
        return false;
    job->query[0] = (struct sigv4_pair){"partNumber", must_strdup(number)};
    job->query[1] = (struct sigv4_pair){"uploadId", must_strdup(u->id)};
    job->call.query = job->query;
    job->call.n_query = 2;
    job->etag = etag;
    return s3_batch_add(u->batch, job, err);
}

/* ---- the end ---- */

static void add_xml(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"')
            buf_puts(out, "&quot;");
        else if (*text == '&')
            buf_puts(out, "&amp;");
        else if (*text == '<')
            buf_puts(out, "&lt;");
        else
            buf_add(out, text, 1);
    }
}

static void list_parts(const struct s3_upload *u, struct buf *out)
{
    buf_puts(out, "<CompleteMultipartUpload "
                  "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (int i = 0; i < u->parts; i++) {
        buf_printf(out, "<Part><PartNumber>%d</PartNumber><ETag>", i + 1);
        add_xml(out, u->etags[i]);
        buf_puts(out, "</ETag></Part>");
    }
    buf_puts(out, "</CompleteMultipartUpload>");
}

/* The ETag that these parts give: of the MD5s of all, and their number. False where they are none. */
static bool whole_etag(const struct s3_upload *u, char out[S3_ETAG_SIZE])
{
    unsigned char digest[MD5_SIZE];
    struct md5 *md5 = md5_new();
    bool ok = true;
    size_t n = 1;

    for (int i = 0; ok && i < u->parts; i++) {
        ok = s3_etag_md5(u->etags[i], digest);
        md5_add(md5, digest, MD5_SIZE);
    }
    md5_end(md5, digest);
    md5_free(md5);
    out[0] = '"';
    for (size_t i = 0; i < MD5_SIZE; i++, n += 2)
        snprintf(out + n, 3, "%02x", digest[i]);
    snprintf(out + n, S3_ETAG_SIZE - n, "-%d\"", u->parts);
    return ok;
}

/* The upload is gone. When it was finished and only the answer was lost, the object is there, with these
 * very parts. */
static bool finished_before(struct s3_upload *u, char *etag)
{
    struct s3_info info = {0};
    struct error err = {0};

    return whole_etag(u, etag) && s3_head(u->s, u->uri, &info, &err) &&
           strcmp(etag, info.etag) == 0;
}

static bool complete(struct s3_upload *u, char *etag, struct error *err)
{
    const struct sigv4_pair query = {"uploadId", u->id};
    struct s3_call call = {.method = "POST", .uri = u->uri, .place = u->place, .query = &query,
                           .n_query = 1, .type = "application/xml",
                           .stall_seconds = S3_COMPLETE_SECONDS};
    struct wanted w = {"CompleteMultipartUploadResult", "ETag", etag, S3_ETAG_SIZE};
    struct s3_exchange x;
    struct error why = {0};
    struct buf body;
    bool ok;

    buf_init(&body, 4 << 20);
    list_parts(u, &body);
    s3_call_body(&call, body.data, body.size);
    s3_exchange_init(&x, u->s, &call);
    ok = s3_perform(&x, &why);
    if (ok)
        ok = (s3_xml_read(x.reply.body.data, x.reply.body.size, take_wanted, &w) && *etag) ||
             error_set(&why, 503, "s3.failed", "", "%.200s: the server does not say that it has put "
                       "the parts together.", u->uri);
    else if (x.reply.status == 404)
        ok = finished_before(u, etag);
    if (!ok && err)
        *err = why;
    s3_exchange_release(&x);
    buf_release(&body);
    return ok;
}

/* ---- outside ---- */

static bool part_sent(struct s3_upload *u, struct error *err)
{
    if (u->failed)
        return error_internal(err, "An upload that has failed cannot go on.");
    u->failed = !send_part(u, err);
    return !u->failed;
}

bool s3_upload_write(struct s3_upload *u, const void *bytes, size_t size, struct error *err)
{
    const char *from = bytes;

    while (size > 0) {
        size_t room, n;

        if (u->size == S3_PART && !part_sent(u, err))
            return false;
        if (!u->part)
            u->part = must_alloc(S3_PART);
        room = S3_PART - u->size;
        n = size < room ? size : room;
        memcpy(u->part + u->size, from, n);
        u->size += n;
        from += n;
        size -= n;
    }
    return true;
}

bool s3_upload_finish(struct s3_upload *u, char *etag, struct error *err)
{
    char mine[S3_ETAG_SIZE] = "";
    bool ok;

    if (u->failed)
        return error_internal(err, "An upload that has failed cannot be finished.");
    if (!u->id)
        ok = s3_put(u->s, u->uri, u->part, u->size, u->type, mine, err);
    else
        ok = (u->size == 0 || part_sent(u, err)) && s3_batch_wait(u->batch, err) &&
             complete(u, mine, err);
    u->finished = ok;
    u->failed = !ok;
    if (ok && etag)
        memcpy(etag, mine, sizeof mine);
    return ok;
}

void s3_upload_free(struct s3_upload *u)
{
    struct error err = {0};

    if (!u)
        return;
    s3_batch_free(u->batch);
    if (u->id && !u->finished)
        s3_upload_abort(u->s, u->uri, &u->place, u->id, &err); /* else the sweep finds it */
    for (int i = 0; i < u->parts; i++)
        free(u->etags[i]);
    free(u->etags);
    free(u->part);
    free(u->id);
    free(u->type);
    free(u->uri);
    free(u);
}
