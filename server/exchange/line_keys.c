/* line_keys.c - the key of an item, and the counting of equal lines behind it. */
#include "line_keys.h"

#include "plumbline/base/arena.h"
#include "plumbline/exchange/manifest.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

/* The hashes are cut from SHA-256, so their low bits serve as they are. */
static size_t slot_of(const struct hash_table *t, uint64_t hash)
{
    size_t i = hash & (t->capacity - 1);

    while (t->hashes[i] && t->hashes[i] != hash)
        i = (i + 1) & (t->capacity - 1);
    return i;
}

static void grow(struct hash_table *t, bool counted)
{
    struct hash_table old = *t;

    t->capacity = old.capacity ? old.capacity * 2 : 1024;
    t->hashes = must_alloc(t->capacity * sizeof *t->hashes);
    t->counts = counted ? must_alloc(t->capacity * sizeof *t->counts) : NULL;
    for (size_t i = 0; i < old.capacity; i++) {
        size_t slot;

        if (!old.hashes[i])
            continue;
        slot = slot_of(t, old.hashes[i]);
        t->hashes[slot] = old.hashes[i];
        if (counted)
            t->counts[slot] = old.counts[i];
    }
    free(old.hashes);
    free(old.counts);
}

/* The slot of the hash, taken for it when it was not there. */
static size_t enter(struct hash_table *t, uint64_t hash, bool counted, bool *was_there)
{
    size_t slot;

    if (t->n >= t->capacity / 4 * 3)
        grow(t, counted);
    slot = slot_of(t, hash);
    *was_there = t->hashes[slot] != 0;
    if (!*was_there) {
        t->hashes[slot] = hash;
        t->n++;
    }
    return slot;
}

uint32_t line_keys_add(struct line_keys *keys, uint64_t hash)
{
    bool was_there;
    size_t slot;

    hash = hash ? hash : 1; /* 0 marks a free slot */
    enter(&keys->once, hash, false, &was_there);
    if (!was_there)
        return 1;
    slot = enter(&keys->again, hash, true, &was_there);
    if (!was_there)
        keys->again.counts[slot] = 1;
    return ++keys->again.counts[slot];
}

void line_keys_release(struct line_keys *keys)
{
    free(keys->once.hashes);
    free(keys->again.hashes);
    free(keys->again.counts);
    *keys = (struct line_keys){0};
}

uint64_t manifest_line_hash(const void *line, size_t size)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    uint64_t hash = 0;

    crypto_hash_sha256(digest, line, size);
    for (size_t i = 0; i < sizeof hash; i++)
        hash = hash << 8 | digest[i];
    return hash;
}

char *manifest_key(const char *id, uint64_t line_hash, uint32_t occurrence,
                   char out[MANIFEST_KEY_SIZE])
{
    if (id)
        snprintf(out, MANIFEST_KEY_SIZE, "%s%.*s", id[0] == '#' ? "#" : "", MANIFEST_ID_MAX, id);
    else
        snprintf(out, MANIFEST_KEY_SIZE, "#%016" PRIx64 ".%" PRIu32, line_hash, occurrence);
    return out;
}
