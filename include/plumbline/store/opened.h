/* opened.h - when open items leave people, in jobs whose items have a life (availability_seconds).
 * Times are on the lease clock. A row may outlive the item's being open, until it is due. */
#ifndef PLUMBLINE_STORE_OPENED_H
#define PLUMBLINE_STORE_OPENED_H

#include "plumbline/db/db.h"

bool opened_put(struct db *db, int64_t item, int64_t due_clock, struct error *err);
/* Every open item from first to last that has no row yet. */
bool opened_put_range(struct db *db, int64_t first, int64_t last, int64_t due_clock,
                      struct error *err);
bool opened_remove(struct db *db, int64_t item, struct error *err);

/* Items of the job that are due, the longest due first; into `items`, which has room for `limit`. */
bool opened_due(struct db *db, int64_t job, int64_t now_clock, int limit, int64_t *items,
                int *count, struct error *err);

/* An open item with an answer becomes answered, and wants no more than it has. */
bool item_leave(struct db *db, int64_t item, struct error *err);

#endif
