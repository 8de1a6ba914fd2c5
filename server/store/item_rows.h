/* item_rows.h - reading items and payloads from a statement's columns; private to store/. */
#ifndef STORE_ITEM_ROWS_H
#define STORE_ITEM_ROWS_H

#include "plumbline/store/items.h"

#define ITEM_COLUMNS                                                                               \
    "item.id, item.state, item.wanted, item.taken, item.done, item.rank, item.part, item.class,"  \
    " item.posterior, item.label"

void read_item(struct stmt *q, struct item *out); /* ITEM_COLUMNS are the first columns */
/* line, key, media, width, height, orientation, failure, remote from column `at` on. */
void read_payload(struct stmt *q, int at, struct arena *a, struct payload *out);

#endif
