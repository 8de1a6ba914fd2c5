/* schedule.h - when the next backup is due, and how the last ones went; private to engine/. */
#ifndef ENGINE_SCHEDULE_H
#define ENGINE_SCHEDULE_H

#include "plumbline/engine/backups.h"

#include <jansson.h>

/* When the next one is due: `every` after the last one, soon after a failure, at once when that time
 * has passed while nobody served, or when the last one lies in the future (the clock was wrong). Pure;
 * UTC microseconds. */
int64_t schedule_next(const struct backup_schedule *s, int64_t now);

/* The file DIR/backups/schedule.json. Reading: what cannot be read is as if it were not there.
 * files: the names that this service wrote to the folder of the schedule, an array of texts. */
bool schedule_save(const char *data_dir, const struct backup_schedule *s, json_t *files,
                   struct error *err);
json_t *schedule_files(const char *data_dir); /* a new reference, never NULL */

#endif
