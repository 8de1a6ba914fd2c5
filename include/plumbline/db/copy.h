/* copy.h - a database copied while it is in use. */
#ifndef PLUMBLINE_DB_COPY_H
#define PLUMBLINE_DB_COPY_H

#include "plumbline/base/error.h"

#include <stdint.h>

/* Called between the steps of a copy; false, with *err filled, ends it. */
typedef bool db_copy_pace(void *context, int64_t bytes, int64_t total, struct error *err);

/* Writes the database `from`, as it is at one moment, to the new file `to`, in steps of 4 MB with a
 * rest after each, and syncs it. Writers and readers of `from` go on meanwhile: the steps read in one
 * transaction, so that a write never makes the copy begin anew; the log grows by what is written
 * until the end. Memory does not depend on the size. pace may be NULL. `to` is removed on failure.
 * Errors: storage.*. */
bool db_copy(const char *from, const char *to, db_copy_pace *pace, void *context,
             struct error *err);

/* While it is started, whatever runs on `db` is broken off within a moment of go_on saying no: a look
 * at a large database takes minutes, and a service has ten seconds to end. go_on is called from a
 * thread of the watch, five times a second. */
struct db;
struct db_watch;
typedef bool     db_go_on(void *context);
struct db_watch *db_watch_start(struct db *db, db_go_on *go_on, void *context);
void             db_watch_stop(struct db_watch *w); /* before the database is closed; NULL is fine */

/* Whether the database in this file is whole: PRAGMA quick_check, or integrity_check when deep.
 * *version gets its schema number. go_on as in db_watch_start, NULL: to the end. 422 backup.damaged
 * with what SQLite found; 503 backup.interrupted. */
bool db_verify(const char *path, bool deep, db_go_on *go_on, void *context, int *version,
               struct error *err);

#endif
