/* sigv4.c - a request is brought into one canonical text; its digest, with date and place, is signed
 * by a key that is derived from the secret for that day, region and service. */
#include "plumbline/base/sigv4.h"

#include "plumbline/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    CANONICAL_MAX = 16 << 20, /* more than any door lets in: a bound, not a limit anybody meets */
    DATE_SIZE = 8,            /* "20231114", the beginning of the time */
};

/* ---- time ---- */

void sigv4_time(int64_t us, char out[SIGV4_TIME_SIZE])
{
    time_t seconds = (time_t)(us / SECOND_US);
    struct tm tm;

    gmtime_r(&seconds, &tm);
    snprintf(out, SIGV4_TIME_SIZE, "%04u%02u%02uT%02u%02u%02uZ", (unsigned)(tm.tm_year + 1900) % 10000,
             (unsigned)tm.tm_mon + 1, (unsigned)tm.tm_mday, (unsigned)tm.tm_hour,
             (unsigned)tm.tm_min, (unsigned)tm.tm_sec);
}

bool sigv4_time_parse(const char *text, int64_t *us)
{
    static const char form[] = "00000000T000000Z";
    char again[SIGV4_TIME_SIZE];
    struct tm tm = {0};
    int v[15];
    time_t seconds;

    for (int i = 0; i < 16; i++) {
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
        if (form[i] == '0')
            v[i] = text[i] - '0';
    }
    if (text[16])
        return false;
    tm.tm_year = v[0] * 1000 + v[1] * 100 + v[2] * 10 + v[3] - 1900;
    tm.tm_mon = v[4] * 10 + v[5] - 1;
    tm.tm_mday = v[6] * 10 + v[7];
    tm.tm_hour = v[9] * 10 + v[10];
    tm.tm_min = v[11] * 10 + v[12];
    tm.tm_sec = v[13] * 10 + v[14];
    seconds = timegm(&tm);
    sigv4_time((int64_t)seconds * SECOND_US, again);
    if (memcmp(again, text, sizeof again) != 0) /* 31 February */
        return false;
    *us = (int64_t)seconds * SECOND_US;
    return true;
}

/* ---- canonical parts ---- */

void sigv4_encode(const char *text, size_t size, bool path, struct buf *out)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];

        if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
            c == '-' || c == '_' || c == '.' || c == '~' || (path && c == '/'))
            buf_add(out, &c, 1);
        else
            buf_add(out, (char[]){'%', hex[c >> 4], hex[c & 15]}, 3);
    }
}

/* The content of a buffer as text of the arena. */
static const char *keep(struct buf *b, struct arena *a)
{
    const char *text = b->data ? arena_strndup(a, b->data, b->size) : arena_strdup(a, "");

    buf_release(b);
    return text;
}

static const char *encoded(const char *text, struct arena *a)
{
    struct buf b;

    buf_init(&b, CANONICAL_MAX);
    sigv4_encode(text, strlen(text), false, &b);
    return keep(&b, a);
}

/* Names are compared before they are joined with their values: "a-b=" comes after "a=". */
static int by_name_and_value(const void *left, const void *right)
{
    const struct sigv4_pair *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    return order ? order : strcmp(a->value, b->value);
}

const char *sigv4_query(const struct sigv4_pair *pairs, size_t n, struct arena *a)
{
    struct sigv4_pair *v = arena_array(a, n ? n : 1, sizeof *v);
    struct buf b;

    for (size_t i = 0; i < n; i++)
        v[i] = (struct sigv4_pair){encoded(pairs[i].name, a), encoded(pairs[i].value, a)};
    qsort(v, n, sizeof *v, by_name_and_value);
    buf_init(&b, CANONICAL_MAX);
    for (size_t i = 0; i < n; i++) {
        buf_puts(&b, i ? "&" : "");
        buf_puts(&b, v[i].name);
        buf_puts(&b, "=");
        buf_puts(&b, v[i].value);
    }
    return keep(&b, a);
}

/* Outer blanks away, inner runs of them become one. */
static void add_folded(const char *value, struct buf *out)
{
    bool blank = false, begun = false;

    for (; *value; value++) {
        if (*value == ' ' || *value == '\t') {
            blank = begun;
            continue;
        }
        if (blank)
            buf_add(out, " ", 1);
        buf_add(out, value, 1);
        blank = false;
        begun = true;
    }
}

struct place {
    const struct sigv4_pair *pair;
    size_t                   at;
};

/* By name; those of one name stay in the order in which they came. */
static int by_name_and_place(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    int order = strcmp(a->pair->name, b->pair->name);

    return order ? order : (a->at > b->at) - (a->at < b->at);
}

static void add_headers(const struct sigv4_request *rq, struct arena *a, struct buf *block,
                        struct buf *names)
{
    struct place *v = arena_array(a, rq->n_headers ? rq->n_headers : 1, sizeof *v);

    for (size_t i = 0; i < rq->n_headers; i++)
        v[i] = (struct place){&rq->headers[i], i};
    qsort(v, rq->n_headers, sizeof *v, by_name_and_place);
    for (size_t i = 0; i < rq->n_headers; i++) {
        bool again = i > 0 && strcmp(v[i].pair->name, v[i - 1].pair->name) == 0;

        if (!again) {
            buf_puts(names, i ? ";" : "");
            buf_puts(names, v[i].pair->name);
            buf_puts(block, i ? "\n" : "");
            buf_puts(block, v[i].pair->name);
        }
        buf_puts(block, again ? "," : ":");
        add_folded(v[i].pair->value, block);
    }
    if (rq->n_headers)
        buf_puts(block, "\n");
}

const char *sigv4_canonical(const struct sigv4_request *rq, struct arena *a,
                            const char **signed_headers)
{
    struct buf block, names, out;

    buf_init(&block, CANONICAL_MAX);
    buf_init(&names, CANONICAL_MAX);
    buf_init(&out, CANONICAL_MAX);
    add_headers(rq, a, &block, &names);
    *signed_headers = keep(&names, a);
    buf_puts(&out, rq->method);
    buf_puts(&out, "\n");
    buf_puts(&out, *rq->path ? rq->path : "/");
    buf_puts(&out, "\n");
    buf_puts(&out, rq->query);
    buf_puts(&out, "\n");
    buf_add(&out, block.data, block.size);
    buf_puts(&out, "\n");
    buf_puts(&out, *signed_headers);
    buf_puts(&out, "\n");
    buf_puts(&out, rq->payload);
    buf_release(&block);
    return keep(&out, a);
}

/* ---- signing ---- */

void sigv4_keys(const struct sigv4_scope *scope, const char *secret,
                unsigned char keys[4][SHA256_SIZE])
{
    char date[DATE_SIZE + 1];
    struct buf b;

    buf_init(&b, CANONICAL_MAX);
    buf_puts(&b, "AWS4");
    buf_puts(&b, secret);
    snprintf(date, sizeof date, "%s", scope->time);
    sha256_hmac(b.data, b.size, date, strlen(date), keys[0]);
    sha256_hmac(keys[0], SHA256_SIZE, scope->region, strlen(scope->region), keys[1]);
    sha256_hmac(keys[1], SHA256_SIZE, scope->service, strlen(scope->service), keys[2]);
    sha256_hmac(keys[2], SHA256_SIZE, "aws4_request", strlen("aws4_request"), keys[3]);
    explicit_bzero(b.data, b.size);
    buf_release(&b);
}

void sigv4_sign(const char *canonical, const struct sigv4_scope *scope, const char *secret,
                char out[SIGV4_SIGNATURE_SIZE])
{
    unsigned char keys[4][SHA256_SIZE], signature[SHA256_SIZE];
    char digest[SHA256_TEXT_SIZE];
    struct buf b;

    sha256_of(canonical, strlen(canonical), digest);
    buf_init(&b, CANONICAL_MAX);
    buf_printf(&b, "AWS4-HMAC-SHA256\n%s\n%.*s/%s/%s/aws4_request\n%s", scope->time, DATE_SIZE,
               scope->time, scope->region, scope->service, digest);
    sigv4_keys(scope, secret, keys);
    sha256_hmac(keys[3], SHA256_SIZE, b.data, b.size, signature);
    for (size_t i = 0; i < SHA256_SIZE; i++)
        snprintf(out + 2 * i, 3, "%02x", signature[i]);
    explicit_bzero(keys, sizeof keys);
    buf_release(&b);
}

const char *sigv4_authorization(const struct sigv4_request *rq, const struct sigv4_scope *scope,
                                const struct sigv4_key *key, struct arena *a)
{
    const char *names, *canonical = sigv4_canonical(rq, a, &names);
    char signature[SIGV4_SIGNATURE_SIZE];

    sigv4_sign(canonical, scope, key->secret, signature);
    return arena_printf(a,
                        "AWS4-HMAC-SHA256 Credential=%s/%.*s/%s/%s/aws4_request, "
                        "SignedHeaders=%s, Signature=%s",
                        key->access_key_id, DATE_SIZE, scope->time, scope->region, scope->service,
                        names, signature);
}

bool sigv4_equal(const char *given, const char computed[SIGV4_SIGNATURE_SIZE])
{
    unsigned difference = 0;

    if (strlen(given) != SIGV4_SIGNATURE_SIZE - 1)
        return false;
    for (int i = 0; i < SIGV4_SIGNATURE_SIZE - 1; i++) {
        char c = given[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        difference |= (unsigned)c ^ (unsigned)computed[i];
    }
    return difference == 0;
}
