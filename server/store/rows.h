/* rows.h - collecting rows into an array in an arena; private to store/. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "plumbline/base/arena.h"
#include "plumbline/db/db.h"

#include <string.h>

/* Room for one more element; grows by doubling inside the arena. */
static inline void *rows_next(struct arena *a, void **rows, int *count, int *capacity, size_t size)
{
    if (*count == *capacity) {
        int more = *capacity ? *capacity * 2 : 16;
        void *grown = arena_array(a, (size_t)more, size);

        if (*count)
            memcpy(grown, *rows, (size_t)*count * size);
        *rows = grown;
        *capacity = more;
    }
    return (char *)*rows + (size_t)(*count)++ * size;
}

/* After an UPDATE or DELETE of one row: 404 when there was none. */
static inline bool rows_changed(struct db *db, bool ok, const char *noun, struct error *err)
{
    if (ok && db_changes(db) == 0)
        return error_not_found(err, noun, "There is no such %s.", noun);
    return ok;
}

#endif
