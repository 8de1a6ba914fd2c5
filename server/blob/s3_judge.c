/* s3_judge.c - what a reply means: done, another try now (another region, a corrected clock, new
 * keys), another try later, or a refusal and its sentence. */
#include "s3_internal.h"

#include "plumbline/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOVES_MAX = 2, PAUSE_MS = 200, PAUSE_MOST_MS = 5000 };

static bool is_one_of(const char *code, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(code, *list) == 0)
            return true;
    return false;
}

/* "eu-west-1" of "bucket.s3.eu-west-1.amazonaws.com" or "s3-eu-west-1.amazonaws.com". */
static void region_of_host(const char *host, char out[S3_REGION_MAX + 1])
{
    const char *at = strstr(host, "s3.") ? strstr(host, "s3.") : strstr(host, "s3-"), *end;

    *out = '\0';
    if (!at || !(end = strstr(at, ".amazonaws.com")))
        return;
    at += 3;
    if (strncmp(at, "dualstack.", 10) == 0)
        at += 10;
    if (end > at && end - at <= S3_REGION_MAX && !memchr(at, '.', (size_t)(end - at))) {
        memcpy(out, at, (size_t)(end - at));
        out[end - at] = '\0';
    }
}

static bool good_region(const char *region)
{
    return *region && strspn(region, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-_") == strlen(region);
}

/* The bucket is in another region than was signed for: it is remembered. */
static bool moved(struct s3_exchange *x, const struct s3_fault *f)
{
    const struct s3_reply *r = &x->reply;
    char by_host[S3_REGION_MAX + 1];
    const char *bucket = x->call->place.bucket, *region = *r->region ? r->region : f->region;

    if (!*region) {
        region_of_host(*f->host ? f->host : r->location, by_host);
        region = by_host;
    }
    if (!good_region(region) || x->moves >= MOVES_MAX ||
        strcmp(region, x->region) == 0)
        return false;
    x->moves++;
    s3_region_learn(x->s, bucket, region);
    return true;
}

/* Our clock is off by more than servers allow: once, theirs is taken. */
static bool clock_corrected(struct s3_exchange *x)
{
    if (x->skewed || !x->reply.date)
        return false;
    x->skewed = true;
    atomic_store(&x->s->skew_us, x->reply.date * SECOND_US - clock_now_us());
    return true;
}

static bool keys_renewed(struct s3_exchange *x)
{
    if (x->renewed)
        return false;
    x->renewed = true;
    return s3_chain_renew(x->s->chain);
}

static enum s3_verdict missing(const struct s3_exchange *x, const struct s3_fault *f,
                               struct error *err)
{
    const char *bucket = x->call->place.bucket;

    if (strcmp(f->code, "NoSuchBucket") == 0 || !*x->call->place.key)
        error_set(err, 404, "s3.no_bucket", "", "%.200s: there is no bucket \"%s\".", x->call->uri,
                  bucket);
    else if (strcmp(f->code, "NoSuchUpload") == 0)
        error_set(err, 422, "s3.refused", "", "%.200s: its unfinished upload is gone (NoSuchUpload).",
                  x->call->uri);
    else
        error_set(err, 404, "s3.no_key", "", "There is no object %.200s.", x->call->uri);
    return S3_FAILED;
}

static enum s3_verdict refused(const struct s3_exchange *x, const struct s3_fault *f,
                               struct error *err)
{
    long status = x->reply.status;
    char said[300];

    if (*f->code)
        snprintf(said, sizeof said, "%s: %.160s", f->code, f->message);
    else
        snprintf(said, sizeof said, "status %ld without a reason", status);
    if (status == 401 || status == 403)
        error_set(err, 403, "s3.denied", "", "%.160s: the server refuses it to these credentials "
                  "(%s).", x->call->uri, said);
    else if (status == 412)
        error_set(err, 409, "s3.changed", "", "%.200s is another object than it was.", x->call->uri);
    else if (status == 416)
        error_set(err, 416, "s3.range", "", "%.200s ends before the byte that was asked for.",
                  x->call->uri);
    else if (status / 100 == 3)
        error_set(err, 422, "s3.refused", "", "%.160s: the server sends us elsewhere, to a region "
                  "that it does not name (%s).", x->call->uri, said);
    else
        error_set(err, 422, "s3.refused", "", "%.160s: the server refuses it (%s).", x->call->uri,
                  said);
    return S3_FAILED;
}

enum s3_verdict s3_judge(struct s3_exchange *x, struct error *err)
{
    static const char *const passing[] = {"RequestTimeout", "SlowDown", "InternalError",
                                          "OperationAborted", "XAmzContentSHA256Mismatch",
                                          "BadDigest", "IncompleteBody", "ServiceUnavailable",
                                          "Throttling", "ThrottlingException", "RequestLimitExceeded",
                                          NULL},
                             *const expired[] = {"ExpiredToken", "TokenRefreshRequired",
                                                 "ExpiredTokenException", NULL};
    const struct s3_reply *r = &x->reply;
    long status = r->status;
    struct s3_fault f = {.code = ""};

    if (!(status / 100 == 2 && x->call->sink) && r->body.size > 0)
        s3_xml_fault(r->body.data, r->body.size, &f);
    if (status / 100 == 2 && !*f.code)
        return S3_DONE;
    if ((status == 301 || status == 307 || status == 302 || status == 400 || status == 403) &&
        (status / 100 == 3 || *r->region || strcmp(f.code, "AuthorizationHeaderMalformed") == 0) &&
        moved(x, &f))
        return S3_AGAIN;
    if (strcmp(f.code, "RequestTimeTooSkewed") == 0 && clock_corrected(x))
        return S3_AGAIN;
    if (is_one_of(f.code, expired) && keys_renewed(x))
        return S3_AGAIN;
    if (status == 500 || status == 502 || status == 503 || status == 504 || status == 429 ||
        is_one_of(f.code, passing)) {
        error_set(err, 503, "s3.failed", "", "%.200s: the server cannot do it now (%ld %s).",
                  x->call->uri, status, f.code);
        return S3_LATER;
    }
    if (status == 404)
        return missing(x, &f, err);
    return refused(x, &f, err);
}

int s3_exchange_pause(struct s3_exchange *x, struct error *err)
{
    int most = PAUSE_MS << (x->attempts < 8 ? x->attempts : 8);

    x->attempts++;
    if (x->attempts >= x->attempts_most) {
        size_t n = strlen(err->message);

        atomic_fetch_add(&x->s->failures, 1);
        if (x->attempts > 1)
            snprintf(err->message + n, sizeof err->message - n, " It was tried %d times.",
                     x->attempts);
        return -1;
    }
    atomic_fetch_add(&x->s->retries, 1);
    most = most < PAUSE_MOST_MS ? most : PAUSE_MOST_MS;
    return most / 2 + (int)((uint64_t)clock_monotonic_us() * 2654435761u >> 8 & 0xffff) * (most / 2) / 0xffff;
}
