/* s3_list.c - listing: pages of objects, and of unfinished uploads, which are removed. */
#include "s3_internal.h"

#include "plumbline/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_ENTRIES = 1000 };

struct entry {
    const char *key, *etag, *upload; /* as in the answer */
    int64_t     size, initiated;     /* initiated: UTC microseconds */
};

struct page {
    struct arena  a;
    struct entry *v;
    size_t        n, capacity;
    struct entry  now; /* the one that is being read */
    const char   *token, *key_marker, *upload_marker;
    bool          truncated, encoded;
};

static int64_t initiated(const char *text)
{
    struct tm tm = {0};

    return strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) ? (int64_t)timegm(&tm) * SECOND_US : 0;
}

static bool take_entry(struct page *p, const char *name, const char *text)
{
    if (strcmp(name, "Key") == 0)
        p->now.key = arena_strdup(&p->a, text);
    else if (strcmp(name, "Size") == 0)
        p->now.size = strtoll(text, NULL, 10);
    else if (strcmp(name, "ETag") == 0)
        p->now.etag = arena_strdup(&p->a, text);
    else if (strcmp(name, "UploadId") == 0)
        p->now.upload = arena_strdup(&p->a, text);
    else if (strcmp(name, "Initiated") == 0)
        p->now.initiated = initiated(text);
    return true;
}

static bool end_entry(struct page *p)
{
    if (!p->now.key)
        return true;
    if (p->n == p->capacity) {
        p->capacity = p->capacity ? 2 * p->capacity : PAGE_ENTRIES;
        p->v = must_realloc(p->v, p->capacity, sizeof *p->v);
    }
    p->v[p->n++] = p->now;
    p->now = (struct entry){0};
    return true;
}

static bool take_element(void *context, const char *parent, const char *name, const char *text)
{
    struct page *p = context;

    if (!parent)
        return true;
    if (strcmp(parent, "Contents") == 0 || strcmp(parent, "Upload") == 0)
        return take_entry(p, name, text);
    if (strcmp(name, "Contents") == 0 || strcmp(name, "Upload") == 0)
        return end_entry(p);
    if (strcmp(name, "IsTruncated") == 0)
        p->truncated = strcmp(text, "true") == 0;
    else if (strcmp(name, "EncodingType") == 0)
        p->encoded = strcmp(text, "url") == 0;
    else if (strcmp(name, "NextContinuationToken") == 0)
        p->token = arena_strdup(&p->a, text);
    else if (strcmp(name, "NextKeyMarker") == 0)
        p->key_marker = arena_strdup(&p->a, text);
    else if (strcmp(name, "NextUploadIdMarker") == 0)
        p->upload_marker = arena_strdup(&p->a, text);
    return true;
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF", *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) % 16 : -1;
}

/* "%2F" and "+" (a blank), which servers write as they like. */
static const char *decoded(const struct page *p, const char *text, struct arena *a)
{
    char *out, *to;

    if (!p->encoded || !text)
        return text;
    out = to = arena_strdup(a, text);
    for (; *text; text++) {
        if (*text == '%' && hex_digit(text[1]) >= 0 && hex_digit(text[2]) >= 0) {
            *to++ = (char)(hex_digit(text[1]) * 16 + hex_digit(text[2]));
            text += 2;
        } else {
            *to++ = *text == '+' ? ' ' : *text;
        }
    }
    *to = '\0';
    return out;
}

static void page_release(struct page *p)
{
    free(p->v);
    arena_release(&p->a);
}

/* One page. */
static bool ask(struct s3 *s, const char *uri, const struct s3_place *place,
                const struct sigv4_pair *query, size_t n, struct page *p, struct error *err)
{
    struct s3_call call = {.method = "GET", .uri = uri, .place = *place, .query = query,
                           .n_query = n};
    struct s3_exchange x;
    bool ok;

    call.place.key = ""; /* of the bucket; the key is the prefix */
    *p = (struct page){0};
    arena_init(&p->a);
    s3_exchange_init(&x, s, &call);
    ok = s3_perform(&x, err);
    if (ok && (x.reply.body.overflow ||
               !s3_xml_read(x.reply.body.data, x.reply.body.size, take_element, p)))
        ok = error_set(err, 503, "s3.failed", "", "%.200s: the list that the server sends is no "
                       "XML of its kind.", uri);
    s3_exchange_release(&x);
    return ok;
}

static bool give_all(struct page *p, s3_each *each, void *context, struct error *err)
{
    for (size_t i = 0; i < p->n; i++) {
        struct s3_entry entry = {decoded(p, p->v[i].key, &p->a), p->v[i].size,
                                 p->v[i].etag ? p->v[i].etag : ""};

        if (!each(context, &entry, err))
            return false;
    }
    return true;
}

bool s3_list_pages(struct s3 *s, const char *uri, int page_size, s3_each *each, void *context,
                   struct error *err)
{
    struct s3_place place;
    char *token = NULL, keys[16];
    bool ok, more = true;

    ok = s3_place_parse(s, uri, &place, err);
    snprintf(keys, sizeof keys, "%d", page_size);
    while (ok && more) {
        struct sigv4_pair query[] = {{"list-type", "2"},
                                     {"encoding-type", "url"},
                                     {"prefix", place.key},
                                     {"max-keys", keys},
                                     {"continuation-token", token}};
        struct page p;

        ok = ask(s, uri, &place, query, token ? 5 : 4, &p, err) &&
             give_all(&p, each, context, err);
        more = p.truncated && p.token && *p.token;
        if (ok && p.truncated && !more)
            ok = error_set(err, 503, "s3.failed", "", "%.200s: the server says that its list goes "
                           "on, and not where.", uri);
        free(token);
        token = more ? must_strdup(p.token) : NULL;
        page_release(&p);
    }
    free(token);
    return ok;
}

bool s3_list(struct s3 *s, const char *uri, s3_each *each, void *context, struct error *err)
{
    return s3_list_pages(s, uri, PAGE_ENTRIES, each, context, err);
}

/* ---- unfinished uploads ---- */

static bool abort_old(struct s3 *s, const char *uri, const struct s3_place *place, struct page *p,
                      int64_t age, struct error *err)
{
    int64_t before = clock_now_us() + atomic_load(&s->skew_us) - age * SECOND_US;

    for (size_t i = 0; i < p->n; i++) {
        struct s3_place there = *place;

        there.key = decoded(p, p->v[i].key, &p->a);
        if (p->v[i].upload && p->v[i].initiated && p->v[i].initiated <= before &&
            !s3_upload_abort(s, uri, &there, p->v[i].upload, err))
            return false;
    }
    return true;
}

bool s3_upload_sweep(struct s3 *s, const char *uri, int64_t age, struct error *err)
{
    char *key = NULL, *upload = NULL;
    struct s3_place place;
    bool more = true, ok = s3_place_parse(s, uri, &place, err);

    while (ok && more) {
        struct sigv4_pair query[] = {{"uploads", ""},
                                     {"encoding-type", "url"},
                                     {"prefix", place.key},
                                     {"key-marker", key},
                                     {"upload-id-marker", upload}};
        struct page p;

        ok = ask(s, uri, &place, query, key ? 5 : 3, &p, err) &&
             abort_old(s, uri, &place, &p, age, err);
        more = p.truncated && p.key_marker && *p.key_marker;
        free(key);
        free(upload);
        key = more ? must_strdup(decoded(&p, p.key_marker, &p.a)) : NULL;
        upload = more ? must_strdup(p.upload_marker ? p.upload_marker : "") : NULL;
        page_release(&p);
    }
    free(key);
    free(upload);
    return ok;
}
