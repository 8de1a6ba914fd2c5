/* s3_write.c - single objects put and removed, and jobs of a batch made. */
#include "s3_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the server says it has stored is what was sent, where its ETag tells. */
static bool stored_whole(const struct s3_exchange *x, struct error *err)
{
    unsigned char md5[MD5_SIZE];

    if (!*x->reply.etag)
        return error_set(err, 503, "s3.failed", "", "%.200s: the server that is asked to store it is "
                         "none of buckets: it answers without an ETag.", x->call->uri);
    if (x->reply.encrypted || !s3_etag_md5(x->reply.etag, md5) ||
        memcmp(md5, x->call->md5, MD5_SIZE) == 0)
        return true;
    return error_set(err, 503, "s3.failed", "", "%.200s was not stored as it was sent: the server's "
                     "ETag tells other bytes.", x->call->uri);
}

bool s3_put_done(const struct s3_exchange *x, char *etag, struct error *err)
{
    if (etag)
        snprintf(etag, S3_ETAG_SIZE, "%s", x->reply.etag);
    return stored_whole(x, err);
}

bool s3_put(struct s3 *s, const char *uri, const void *bytes, size_t size, const char *type,
            char *etag, struct error *err)
{
    struct s3_call call = {.method = "PUT", .uri = uri,
                           .type = type ? type : "application/octet-stream"};
    struct s3_exchange x;
    bool ok;

    if (!s3_object_parse(s, uri, &call.place, err))
        return false;
    s3_call_body(&call, bytes, size);
    s3_exchange_init(&x, s, &call);
    ok = s3_perform(&x, err) && s3_put_done(&x, etag, err);
    s3_exchange_release(&x);
    return ok;
}

bool s3_delete(struct s3 *s, const char *uri, struct error *err)
{
    struct s3_call call = {.method = "DELETE", .uri = uri};
    struct s3_exchange x;
    struct error why = {0};
    bool ok;

    if (!s3_object_parse(s, uri, &call.place, err))
        return false;
    s3_exchange_init(&x, s, &call);
    ok = s3_perform(&x, &why) || strcmp(why.code, "s3.no_key") == 0;
    s3_exchange_release(&x);
    if (!ok && err)
        *err = why;
    return ok;
}

/* ---- jobs of a batch ---- */

struct s3_job *s3_job_new(struct s3 *s, const char *uri, char *body, size_t size, const char *type,
                          struct error *err)
{
    struct s3_job *job = must_alloc(sizeof *job);

    job->uri = must_strdup(uri);
    job->body = body;
    job->call = (struct s3_call){.method = "PUT", .uri = job->uri, .type = type};
    if (!s3_object_parse(s, job->uri, &job->call.place, err)) {
        s3_job_free(job);
        return NULL;
    }
    s3_call_body(&job->call, body, size);
    s3_exchange_init(&job->x, s, &job->call);
    return job;
}

void s3_job_free(struct s3_job *job)
{
    if (!job)
        return;
    if (job->x.s)
        s3_exchange_release(&job->x);
    for (size_t i = 0; i < sizeof job->query / sizeof *job->query; i++)
        free((char *)job->query[i].value);
    free(job->uri);
    free(job->body);
    free(job);
}

/* ---- many small objects ---- */

enum { CONNECTIONS = 16, WAITING = 64, WAITING_BYTES = 32 << 20 };

struct s3_puts {
    struct s3       *s;
    struct s3_batch *batch;
};

struct s3_puts *s3_puts_new(struct s3 *s, int connections)
{
    struct s3_puts *p = must_alloc(sizeof *p);

    p->s = s;
    p->batch = s3_batch_new(s, connections > 0 ? connections : CONNECTIONS, WAITING, WAITING_BYTES);
    return p;
}

bool s3_puts_add(struct s3_puts *p, const char *uri, const void *bytes, size_t size,
                 const char *type, struct error *err)
{
    char *copy;
    struct s3_job *job;

    if (size > S3_PART)
        return error_set(err, 413, "body.too_large", "", "%.200s has more than %d bytes.", uri,
                         S3_PART);
    copy = must_alloc(size + 1);
    if (size)
        memcpy(copy, bytes, size);
    job = s3_job_new(p->s, uri, copy, size, type ? type : "application/octet-stream", err);
    return job && s3_batch_add(p->batch, job, err);
}

bool s3_puts_wait(struct s3_puts *p, struct error *err)
{
    return s3_batch_wait(p->batch, err);
}

void s3_puts_free(struct s3_puts *p)
{
    if (!p)
        return;
    s3_batch_free(p->batch);
    free(p);
}
