/* line_keys.h - tells repeated lines of one upload apart. */
#ifndef PLUMBLINE_EXCHANGE_LINE_KEYS_H
#define PLUMBLINE_EXCHANGE_LINE_KEYS_H

#include <stddef.h>
#include <stdint.h>

/* A set of 64-bit hashes, open addressing, at most 3/4 full; `counts` only in the table of those
 * that came more than once, so that a line costs 8 to 16 bytes. */
struct hash_table {
    uint64_t *hashes; /* 0 = free */
    uint32_t *counts;
    size_t    n, capacity;
};

struct line_keys {
    struct hash_table once, again;
};

/* How often the hash has been added, this time included. A zeroed struct is empty. */
uint32_t line_keys_add(struct line_keys *keys, uint64_t hash);
void     line_keys_release(struct line_keys *keys);

#endif
