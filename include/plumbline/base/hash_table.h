/* hash_table.h - a set of 64-bit hashes, with a number beside each where asked for.
 *
 * Open addressing, at most 3/4 full: 8 bytes of hash (and 4 of number) a slot. A table larger than
 * HASH_TABLE_OWN bytes lies in an unnamed file of its folder, which is mapped: millions of hashes are
 * then pages that the system may write back, not memory of the process. Where the folder is not given
 * or has no room it stays in memory. The hashes must be good ones: their low bits are the slot.
 */
#ifndef PLUMBLINE_BASE_HASH_TABLE_H
#define PLUMBLINE_BASE_HASH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HASH_TABLE_OWN = 4 << 20 };

struct hash_table { /* zeroed is an empty set in memory */
    uint64_t   *hashes; /* 0: free */
    uint32_t   *numbers; /* NULL: not asked for */
    size_t      n, capacity, bytes;
    const char *folder;   /* borrowed; set before the first use, or NULL */
    bool        numbered; /* likewise */
};

/* True when the hash is new. */
bool hash_table_add(struct hash_table *t, uint64_t hash);

/* The number beside the hash, 0 for a new one; valid until the next call. `numbered` tables only. */
uint32_t *hash_table_number(struct hash_table *t, uint64_t hash);

void hash_table_release(struct hash_table *t); /* empty again, with its folder */

#endif
