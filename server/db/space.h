/* space.h - whether the disk has room for another commit and for copying the log back after it. */
#ifndef DB_SPACE_H
#define DB_SPACE_H

#include "plumbline/base/error.h"

/* 507 storage.full with figures when the file system of the database at `path` has too little left.
 * True where it does not tell how much it has. */
bool space_is_left(const char *path, struct error *err);

#endif
