/* disk.h - files that are written so that a reply can mean "it is on disk", and what to say when
 * the disk refuses.
 */
#ifndef PLUMBLINE_BASE_DISK_H
#define PLUMBLINE_BASE_DISK_H

#include "plumbline/base/error.h"

#include <stddef.h>

/* Fills *err from errno and returns false: 507 storage.full for a full disk or quota, 503
 * storage.read_only where nothing may be written, 503 storage.failed for everything else. All three
 * may pass, and the request may be tried again. `what` says what could not be done: "The upload
 * cannot be stored". */
bool disk_error(struct error *err, const char *what, ...) __attribute__((format(printf, 2, 3)));

/* The same for a cause that was kept: an errno. */
bool disk_error_of(struct error *err, int cause, const char *what);

/* True when an error is one of these (or a database that says the same): it is worth trying again. */
bool disk_may_recover(const struct error *err);

/* Writes all of it, over short writes and signals; false with errno set. */
bool disk_write(int fd, const void *bytes, size_t size);

/* Makes new names in the folder of `path` durable; false with errno set. */
bool disk_sync_folder_of(const char *path);

#endif
