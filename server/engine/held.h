/* held.h - which items each person has leased, in memory.
 *
 * In the database this would be an index by person, whose every entry lies on a page of its own: the
 * dearest part of a lease. The leases are few (LEASES_MAX a person and job), so they are kept here,
 * loaded at the start, and changed with the rows by the transitions of dispatch.h. A transition that
 * is rolled back leaves its traces; held_sync, which every lease begins with, notices and loads
 * anew. What the rows say decides: whoever takes items from here reads their slots. Any thread. */
#ifndef ENGINE_HELD_H
#define ENGINE_HELD_H

#include "plumbline/db/db.h"

#include <stdint.h>

struct held;

struct held *held_new(struct db *db, struct error *err);
void         held_free(struct held *h); /* NULL is fine */

/* On the writer's connection. */
bool held_sync(struct held *h, struct db *db, struct error *err);

void held_put(struct held *h, int64_t person, int64_t job, int64_t item);
void held_drop(struct held *h, int64_t person, int64_t item);
void held_drop_job(struct held *h, int64_t job);

int held_count(struct held *h, int64_t person, int64_t job);
/* Up to max items of the job; how many. */
int held_items(struct held *h, int64_t person, int64_t job, int64_t *items, int max);

#endif
