/* backup_make.h - one archive, from a data folder that is in use; private to engine/. */
#ifndef ENGINE_BACKUP_MAKE_H
#define ENGINE_BACKUP_MAKE_H

#include "plumbline/engine/backups.h"

struct backup_making {
    const char        *data_dir;
    struct backup_wish wish;
    int                fd; /* a new regular file, or the writing end of a pipe that does not block */
    /* Called often, with the bytes written so far; false, with *err filled, ends it. */
    bool (*go_on)(void *context, int64_t bytes, struct error *err);
    void *context;
};

/* Copies the database beside itself (DIR/backups holds the copy for as long as this takes), checks the
 * copy, and writes it and the blobs to fd. The copy and the blobs agree: a blob is on disk before the
 * row that names it, and no blob is ever deleted. Slow on purpose: it rests between pieces and keeps
 * what waits to reach the disk small, so that requests go on. */
bool backup_make(const struct backup_making *m, struct error *err);

/* Copies the database to DIR/backups before migration `number` and keeps the newest three of these.
 * 507 and other errors say what to do. */
bool backup_before_migration(const char *data_dir, int from, int to, struct error *err);

#endif
