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

/* Whether the database in this file is whole: PRAGMA quick_check, or integrity_check when deep.
 * *version gets its schema number. `pace` is asked now and then whether to go on (NULL: yes). 422
 * backup.damaged with what SQLite found. */
bool db_verify(const char *path, bool deep, db_copy_pace *pace, void *context, int *version,
               struct error *err);

#endif
