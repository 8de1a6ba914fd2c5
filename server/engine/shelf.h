/* shelf.h - a folder of backups: what its files are called, and which of them may go; private to
 * engine/.
 *
 *     plumbline-20260731T101500Z.tar.zst               by the schedule
 *     plumbline-now-20260731T101500Z.tar.zst           by hand
 *     plumbline-before-0004-20260731T101500Z.db        before migration 4
 *
 * A second one of the same second ends in "Z-2" and so on. A file gets its name when it is whole and
 * was read back. Files with other names are not ours. */
#ifndef ENGINE_SHELF_H
#define ENGINE_SHELF_H

#include "plumbline/engine/backups.h"

#include <jansson.h>

/* False: not a file of ours. *time in UTC microseconds. */
bool shelf_parse(const char *name, enum backup_kind *kind, int64_t *time);

/* A name that is free in the folder. migration: the number, for BACKUP_MIGRATION. */
void shelf_name(const char *folder, enum backup_kind kind, int64_t time, int migration,
                enum backup_compression compression, char out[BACKUP_ID_SIZE]);

/* The backups of a folder, newest first, as rows that are done. *rows is the caller's to free. */
bool shelf_scan(const char *folder, struct backup_row **rows, int *count, struct error *err);

/* Which of `rows` (newest first) go so that `keep` of the kind are left: sets drop[i]. The one called
 * `good` stays whatever its age: it is known to be whole. Pure. */
void shelf_choose(const struct backup_row *rows, int count, enum backup_kind kind, int keep,
                  const char *good, bool *drop);

/* Removes what shelf_choose picks among the names in `own`, an array of texts: several services may
 * share a folder, and none may remove what another wrote. NULL: all in the folder are its own. */
bool shelf_retain(const char *folder, enum backup_kind kind, int keep, const char *good,
                  json_t *own, struct error *err);

/* Removes what a process that was killed left half-written in the folder (names beginning with
 * ".plumbline-") at least as many seconds ago. */
void shelf_sweep(const char *folder, int64_t age_seconds);

#endif
