/* intern.h - names as numbers: the first name seen is 0, the next new one 1, and so on.
 *
 * A hash table over the names' bytes (any bytes, NUL included). Hashed by SipHash with a key of the
 * table's own, so that nobody can choose names that collide; the numbers depend on the order of
 * arrival only. Not thread-safe: one thread at a time.
 */
#ifndef PLUMBLINE_BASE_INTERN_H
#define PLUMBLINE_BASE_INTERN_H

#include "plumbline/base/arena.h"

#include <stddef.h>
#include <stdint.h>

struct intern_name {
    const char *text; /* followed by a NUL; lives as long as the table */
    size_t      size;
    uint64_t    hash;
};

struct intern {
    struct intern_name *names; /* in order of first appearance */
    int32_t             n;
    size_t              capacity;
    int32_t            *slots; /* open addressing: number of the name + 1, 0 = free */
    size_t              slot_count;
    unsigned char       key[16];
    struct arena        texts;
};

void intern_init(struct intern *t);    /* no allocation, cannot fail */
void intern_release(struct intern *t); /* frees the names too        */

/* The name's number, a new one when it was not there. -1 when INT32_MAX names are in it. */
int32_t intern_add(struct intern *t, const char *text, size_t size);

/* The name's number, or -1. */
int32_t intern_find(const struct intern *t, const char *text, size_t size);

#endif
