/* remote.h - pictures that lie in buckets: fetched when they are needed, kept in DIR/cache/pictures
 * (at most config.s3_cache bytes, the longest unused go first), never part of a backup. */
#ifndef PLUMBLINE_ENGINE_REMOTE_H
#define PLUMBLINE_ENGINE_REMOTE_H

#include "plumbline/engine/service.h"

/* Opens the picture's bytes, from the cache or the bucket. Blocks: not on a pool thread. 413
 * image.too_large beyond IMAGE_FILE_MAX; errors of blob/s3.h. The caller closes *fd. */
bool remote_open(struct service *s, const char *uri, int *fd, int64_t *size, struct error *err);

/* The same without asking the bucket: false without error when it is not in the cache. */
bool remote_cached(struct service *s, const char *uri, int *fd, int64_t *size);

/* Likewise for something made from it, such as "160.jpg"; remote_put_variant keeps it. */
bool remote_cached_variant(struct service *s, const char *uri, const char *variant, int *fd, int64_t *size);
bool remote_put_variant(struct service *s, const char *uri, const char *variant, const void *bytes,
                        size_t size, struct error *err);

#endif
