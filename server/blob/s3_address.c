/* s3_address.c - names of buckets and objects, and the hosts and paths that they become. */
#include "s3_internal.h"

#include "plumbline/base/utf8.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { URI_MAX = 4096 };

/* ---- names ---- */

static bool bad(struct error *err, const char *uri, const char *why)
{
    return error_set(err, 422, "s3.uri", "", "\"%.200s\" %s.", uri, why);
}

static bool bucket_ok(const char *bucket)
{
    size_t n = strlen(bucket);

    return n >= 3 && isalnum((unsigned char)bucket[0]) && isalnum((unsigned char)bucket[n - 1]) &&
           strspn(bucket, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == n;
}

static bool key_ok(const char *uri, const char *key, struct error *err)
{
    size_t n = strlen(key);

    if (n > S3_KEY_MAX)
        return bad(err, uri, "has a key of more than 1024 bytes");
    return utf8_is_valid(key, n) || bad(err, uri, "has a key that is not UTF-8");
}

/* Bucket and key of "bucket/key". */
static bool split(const char *uri, const char *rest, struct s3_place *out, struct error *err)
{
    size_t n = strcspn(rest, "/");

    if (n > S3_BUCKET_MAX)
        return bad(err, uri, "has a name of a bucket with more than 63 characters");
    memcpy(out->bucket, rest, n);
    out->bucket[n] = '\0';
    out->key = rest[n] ? rest + n + 1 : rest + n;
    if (!bucket_ok(out->bucket))
        return bad(err, uri, "has no name of a bucket (3 to 63 letters, digits, dots and hyphens)");
    return key_ok(uri, out->key, err);
}

static bool ends_with(const char *text, size_t size, const char *end)
{
    size_t n = strlen(end);

    return size >= n && strncasecmp(text + size - n, end, n) == 0;
}

/* Whether the host, of `size` bytes, is AWS's: "s3.eu-west-1.amazonaws.com", or with "bucket." before
 * it, whose length is put into *bucket. */
static bool aws_host(const char *host, size_t size, size_t *bucket)
{
    const char *at = host, *end = host + size;

    *bucket = 0;
    if (!ends_with(host, size, ".amazonaws.com") && !ends_with(host, size, ".amazonaws.com.cn"))
        return false;
    while (at) {
        if (strncasecmp(at, "s3.", 3) == 0 || strncasecmp(at, "s3-", 3) == 0) {
            *bucket = at > host ? (size_t)(at - host) - 1 : 0;
            return true;
        }
        at = memchr(at, '.', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    return false;
}

static bool from_host(const char *uri, const char *host, struct s3_place *out, size_t bucket,
                      size_t size, struct error *err)
{
    const char *path = host + size;

    if (bucket == 0)
        return split(uri, *path ? path + 1 : path, out, err);
    if (bucket > S3_BUCKET_MAX)
        return bad(err, uri, "has a name of a bucket with more than 63 characters");
    memcpy(out->bucket, host, bucket);
    out->bucket[bucket] = '\0';
    out->key = *path ? path + 1 : path;
    return bucket_ok(out->bucket) ? key_ok(uri, out->key, err) : bad(err, uri, "names no bucket");
}

static bool is_endpoint(const struct s3_endpoint *e, const char *host, size_t size, size_t *bucket)
{
    size_t n = e->host ? strlen(e->host) : 0;

    *bucket = 0;
    if (!n || !ends_with(host, size, e->host))
        return false;
    if (size == n)
        return true;
    if (host[size - n - 1] != '.')
        return false;
    *bucket = size - n - 1;
    return true;
}

bool s3_place_parse(struct s3 *s, const char *uri, struct s3_place *out, struct error *err)
{
    const char *host;
    size_t size, bucket;

    if (strlen(uri) > URI_MAX)
        return bad(err, uri, "is too long");
    if (strncasecmp(uri, "s3://", 5) == 0)
        return split(uri, uri + 5, out, err);
    if (strncasecmp(uri, "https://", 8) != 0 && strncasecmp(uri, "http://", 7) != 0)
        return bad(err, uri, "is not of the form s3://bucket/key");
    host = strstr(uri, "://") + 3;
    size = strcspn(host, "/");
    if (!is_endpoint(&s->settings.endpoint, host, size, &bucket) &&
        !is_endpoint(&s->settings.public_endpoint, host, size, &bucket) &&
        !(strncasecmp(uri, "https://", 8) == 0 && aws_host(host, size, &bucket)))
        return bad(err, uri, "is neither s3://bucket/key nor on the host that buckets are on here");
    return from_host(uri, host, out, bucket, size, err);
}

bool s3_object_parse(struct s3 *s, const char *uri, struct s3_place *out, struct error *err)
{
    if (!s3_place_parse(s, uri, out, err))
        return false;
    return *out->key || bad(err, uri, "names a bucket, but no object in it");
}

/* ---- regions ---- */

const char *s3_region_of(struct s3 *s, const char *bucket, struct arena *a)
{
    const char *region = s->settings.region;

    pthread_mutex_lock(&s->lock);
    for (struct s3_home *h = s->homes; h; h = h->next)
        if (strcmp(h->bucket, bucket) == 0)
            region = h->region;
    region = arena_strdup(a, region);
    pthread_mutex_unlock(&s->lock);
    return region;
}

void s3_region_learn(struct s3 *s, const char *bucket, const char *region)
{
    struct s3_home *h;

    pthread_mutex_lock(&s->lock);
    for (h = s->homes; h && strcmp(h->bucket, bucket) != 0; h = h->next)
        ;
    if (!h) {
        h = must_alloc(sizeof *h);
        snprintf(h->bucket, sizeof h->bucket, "%s", bucket);
        h->next = s->homes;
        s->homes = h;
    }
    snprintf(h->region, sizeof h->region, "%s", region);
    pthread_mutex_unlock(&s->lock);
}

/* ---- hosts and paths ---- */

static bool is_ip(const char *host)
{
    return *host == '[' || strspn(host, "0123456789.:") == strlen(host);
}

/* A name that may stand before the host: one of DNS, without dots where a certificate is checked. */
static bool fits_host(const char *bucket, bool https)
{
    size_t n = strlen(bucket);

    return strspn(bucket, https ? "abcdefghijklmnopqrstuvwxyz0123456789-"
                                : "abcdefghijklmnopqrstuvwxyz0123456789-.") == n;
}

/* AUTO is the path for an endpoint that was given, and the host for AWS's own. */
static bool by_host(const struct s3 *s, const struct s3_endpoint *e, const char *host,
                    const char *bucket)
{
    bool aws = ends_with(host, strlen(host), ".amazonaws.com") ||
               ends_with(host, strlen(host), ".amazonaws.com.cn");

    if (s->settings.style == S3_STYLE_PATH || is_ip(host) || !fits_host(bucket, e->https))
        return false;
    return s->settings.style == S3_STYLE_VIRTUAL || aws;
}

void s3_address(struct s3 *s, const struct s3_place *place, bool for_browsers, const char *region,
                struct arena *a, struct s3_address *out)
{
    const struct s3_endpoint *e = for_browsers && s->settings.public_endpoint.host
                                      ? &s->settings.public_endpoint
                                      : &s->settings.endpoint;
    const char *host = e->host;
    size_t bucket;
    struct buf path;

    /* AWS's own hosts are of one region each, and what was said is not always the bucket's. */
    if (!host || (strcmp(region, s->settings.region) != 0 && aws_host(host, strlen(host), &bucket)))
        host = arena_printf(a, "s3.%s.amazonaws.com%s", region,
                            strncmp(region, "cn-", 3) == 0 ? ".cn" : "");
    buf_init(&path, 8 * URI_MAX);
    buf_puts(&path, e->prefix);
    out->scheme = e->https ? "https" : "http";
    if (by_host(s, e, host, place->bucket)) {
        out->host = arena_printf(a, "%s.%s", place->bucket, host);
    } else {
        out->host = host;
        buf_puts(&path, "/");
        sigv4_encode(place->bucket, strlen(place->bucket), true, &path);
    }
    if (*place->key || !path.size)
        buf_puts(&path, "/");
    sigv4_encode(place->key, strlen(place->key), true, &path);
    out->path = arena_strndup(a, path.data, path.size);
    buf_release(&path);
}
