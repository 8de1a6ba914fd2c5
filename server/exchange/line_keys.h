/* line_keys.h - tells repeated lines of one upload apart. */
#ifndef PLUMBLINE_EXCHANGE_LINE_KEYS_H
#define PLUMBLINE_EXCHANGE_LINE_KEYS_H

#include "plumbline/base/hash_table.h"

/* Numbers only in the table of those that came more than once, so that most lines cost 8 to 21
 * bytes. */
struct line_keys {
    struct hash_table once, again;
};

void line_keys_init(struct line_keys *keys, const char *folder); /* of hash_table.h, borrowed */
void line_keys_release(struct line_keys *keys);

/* How often the hash has been added, this time included. */
uint32_t line_keys_add(struct line_keys *keys, uint64_t hash);

#endif
