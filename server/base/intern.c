/* intern.c - the table of names: linear probing, at most half full. */
#include "plumbline/base/intern.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_MIN = 64 };

void intern_init(struct intern *t)
{
    memset(t, 0, sizeof *t);
    arena_init(&t->texts);
    randombytes_buf(t->key, sizeof t->key);
}

void intern_release(struct intern *t)
{
    free(t->names);
    free(t->slots);
    arena_release(&t->texts);
    memset(t, 0, sizeof *t);
}

static uint64_t hash_of(const struct intern *t, const char *text, size_t size)
{
    uint64_t hash;

    _Static_assert(crypto_shorthash_BYTES == sizeof hash, "SipHash gives 64 bits");
    _Static_assert(crypto_shorthash_KEYBYTES == sizeof t->key, "SipHash takes 128 bits");
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)text, size, t->key);
    return hash;
}

/* The slot that holds the name, or the free one where it belongs. */
static size_t probe(const struct intern *t, const char *text, size_t size, uint64_t hash)
{
    size_t at = (size_t)hash & (t->slot_count - 1);

    for (; t->slots[at]; at = (at + 1) & (t->slot_count - 1)) {
        const struct intern_name *name = &t->names[t->slots[at] - 1];

        if (name->hash == hash && name->size == size && memcmp(name->text, text, size) == 0)
            break;
    }
    return at;
}

static void grow(struct intern *t)
{
    t->slot_count = t->slot_count ? t->slot_count * 2 : SLOTS_MIN;
    free(t->slots);
    t->slots = must_alloc(t->slot_count * sizeof *t->slots);
    for (int32_t i = 0; i < t->n; i++) {
        size_t at = (size_t)t->names[i].hash & (t->slot_count - 1);

        while (t->slots[at])
            at = (at + 1) & (t->slot_count - 1);
        t->slots[at] = i + 1;
    }
}

int32_t intern_add(struct intern *t, const char *text, size_t size)
{
    uint64_t hash = hash_of(t, text, size);
    size_t at;

    if ((size_t)t->n * 2 >= t->slot_count)
        grow(t);
    at = probe(t, text, size, hash);
    if (t->slots[at])
        return t->slots[at] - 1;
    if (t->n == INT32_MAX)
        return -1;
    if ((size_t)t->n == t->capacity) {
        t->capacity = t->capacity ? t->capacity * 2 : SLOTS_MIN;
        t->names = must_realloc(t->names, t->capacity, sizeof *t->names);
    }
    t->names[t->n] = (struct intern_name){arena_strndup(&t->texts, text, size), size, hash};
    t->slots[at] = ++t->n;
    return t->n - 1;
}

int32_t intern_find(const struct intern *t, const char *text, size_t size)
{
    return t->n ? t->slots[probe(t, text, size, hash_of(t, text, size))] - 1 : -1;
}
