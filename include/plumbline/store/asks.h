/* asks.h - items that the auto-labelling loop wants people to see, best first: what `front` is
 * filled from in jobs with auto-labelling. */
#ifndef PLUMBLINE_STORE_ASKS_H
#define PLUMBLINE_STORE_ASKS_H

#include "plumbline/db/db.h"

bool ask_put(struct db *db, int64_t job, int64_t rank, int64_t item, struct error *err);
bool ask_clear(struct db *db, int64_t job, struct error *err);

/* The first `limit` of the list; *count is how many there are. */
bool ask_first(struct db *db, int64_t job, int limit, int64_t *ranks, int64_t *items, int *count,
               struct error *err);
bool ask_remove(struct db *db, int64_t job, int64_t rank, int64_t item, struct error *err);
bool ask_any(struct db *db, int64_t job, bool *any, struct error *err);

/* Takes items that nobody has touched out of front and back to waiting, at most `limit`; *count is
 * how many. The caller keeps the job's counters. */
bool front_withdraw(struct db *db, int64_t job, int limit, int64_t *items, int *count,
                    struct error *err);

/* Open items of a job after `after`, by id. */
bool item_open_list(struct db *db, int64_t job, int64_t after, int limit, int64_t *items,
                    int *count, struct error *err);

#endif
