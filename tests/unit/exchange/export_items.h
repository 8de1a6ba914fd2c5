/* export_items.h - what the tests of the export share: items from an array as a source, and the
 * check that an export has the wanted bytes, the same bytes again, and their digest. */
#ifndef EXPORT_ITEMS_H
#define EXPORT_ITEMS_H

#include "../check.h"

#include "plumbline/exchange/export.h"

#include <sodium.h>

static struct arena arena;
static struct label_set set;

/* A list of items as a source. */
struct list {
    const struct export_item *v;
    size_t n, at;
};

static bool list_next(void *ctx, struct export_item *item, bool *end, struct error *err)
{
    struct list *l = ctx;

    (void)err;
    *end = l->at == l->n;
    if (!*end)
        *item = l->v[l->at++];
    return true;
}

static bool to_buf(void *ctx, const void *bytes, size_t size, struct error *err)
{
    return buf_add(ctx, bytes, size) || error_internal(err, "full");
}

static bool run(const struct export_options *options, const struct export_item *v, size_t n,
                struct buf *out, struct export_result *result, struct error *err)
{
    struct list list = {v, n, 0};
    struct export_source source = {.ctx = &list, .next = list_next};
    struct export_sink sink = {out, to_buf};

    buf_init(out, 16 << 20);
    return export_write(options, &source, &sink, result, err);
}

static struct export_options options_for(enum export_format format, const char *type)
{
    return (struct export_options){.format = format,
                                   .type = task_type_find(type),
                                   .labels = &set,
                                   .job = "fruit-1",
                                   .attribute = "fruit"};
}

#define RAW(text) .raw = (text), .raw_size = sizeof(text) - 1

/* Writes twice: wanted bytes, the same bytes again, and the digest of just those. */
static void golden(const char *name, const struct export_options *options,
                   const struct export_item *v, size_t n, const char *want)
{
    struct export_result result, again;
    struct error err = {0};
    struct buf out, second;
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[65];

    CHECK(name, run(options, v, n, &out, &result, &err));
    if (err.status)
        printf("# %s\n", err.message);
    if (want)
        CHECK_TEXT("  bytes", out.size ? out.data : "", want);
    CHECK("  the same again", run(options, v, n, &second, &again, &err) &&
                                  out.size == second.size &&
                                  (out.size == 0 || memcmp(out.data, second.data, out.size) == 0));
    crypto_hash_sha256(digest, (const unsigned char *)out.data, out.size);
    CHECK_TEXT("  digest", result.sha256, sodium_bin2hex(hex, sizeof hex, digest, sizeof digest));
    CHECK_INT("  size", result.bytes, out.size);
    buf_release(&out);
    buf_release(&second);
}

/* apple, pear, leaf */
static bool make_labels(void)
{
    json_t *list =
        json_pack("[{s:s}, {s:s}, {s:s}]", "name", "apple", "name", "pear", "name", "leaf, green");
    bool ok;

    arena_init(&arena);
    ok = label_set_create(list, &arena, &set, NULL);
    json_decref(list);
    return ok;
}

#endif
