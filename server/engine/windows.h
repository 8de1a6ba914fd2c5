/* windows.h - the windows of undo: which completed items may still change because the person who
 * completed them may yet take the answer back.
 *
 * A window ends when its time is over or when the person gives another answer; only then is the item
 * merged into a label. (A job that is being stopped does not wait.) At most one window a person is open, so all of them are
 * in memory. After a restart nobody knows how long the answers have been there: the items that were
 * completed before it have a whole window again. Any thread. */
#ifndef ENGINE_WINDOWS_H
#define ENGINE_WINDOWS_H

#include "fit.h"

struct windows;

/* Times are on the lease clock. The items that are completed now, of all jobs, wait until `hold`.
 * NULL on failure. */
struct windows *windows_new(struct db *db, int64_t hold, struct error *err);
void            windows_free(struct windows *w); /* NULL is fine */

/* The person has completed the item. Ends the person's last window. */
void windows_open(struct windows *w, int64_t person, int64_t item, int64_t until);
/* The person went on to something else. */
void windows_close(struct windows *w, int64_t person);

/* Adds the items that must wait at `now`. */
void windows_waiting(struct windows *w, int64_t now, struct idmap *items);

#endif
