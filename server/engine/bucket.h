/* bucket.h - what the engine puts into buckets; private to engine/. All of it blocks, and fails with
 * the errors of blob/s3.h, or 503 s3.stopped when the service is stopping. */
#ifndef ENGINE_BUCKET_H
#define ENGINE_BUCKET_H

#include "plumbline/engine/service.h"

/* How long calls of this thread into buckets try before they fail: less than usual, so that people hear
 * soon why something waits, but where that is known (`again`) as long as the client was told, so that
 * a storage that is only slow is waited for. */
void bucket_patience(bool again);

/* prefix/path, with one slash between them; in the arena. */
const char *bucket_join(struct arena *a, const char *prefix, const char *path);

/* An object of any size. */
bool bucket_put(struct service *s, const char *uri, const void *bytes, size_t size,
                const char *type, struct error *err);

/* The whole of an open file. */
bool bucket_put_fd(struct service *s, const char *uri, int fd, const char *type,
                   struct error *err);

/* An unnamed file of the data folder, for what must be whole before it is sent. The caller closes. */
bool bucket_spool(struct service *s, int *fd, struct error *err);

#endif
