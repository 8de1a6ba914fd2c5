/* remote.h - pictures that lie in buckets: fetched when they are needed, kept in
 * DIR/cache/pictures (at most config.s3_cache bytes, the longest unused go first), never part of a
 * backup.
 *
 * Nothing is kept but what the media child has read to its end, so what is here may be decoded
 * like a blob. A picture is taken to be the same for as long as its URI is. Calls that may fetch
 * block: not on a pool thread. Several that want the same picture fetch it once.
 *
 * A bucket that cannot be reached rests for a while (half a second at first, then longer, at most
 * half a minute): meanwhile all that would fetch from it fails at once, so that nobody waits in a
 * queue of time-outs. */
#ifndef PLUMBLINE_ENGINE_REMOTE_H
#define PLUMBLINE_ENGINE_REMOTE_H

#include "plumbline/engine/service.h"

struct remote; /* struct service, remote */
struct remote *remote_new(struct service *s);
void           remote_free(struct remote *r); /* NULL is fine */

/* Opens the picture's bytes, from the cache or the bucket. 413 image.too_large beyond
 * IMAGE_FILE_MAX; 422 image.* when it is none; errors of blob/s3.h and base/disk.h. The caller
 * closes *fd. */
bool remote_open(struct service *s, const char *uri, int *fd, int64_t *size, struct error *err);

/* The same without asking the bucket: false without error when it is not in the cache. */
bool remote_cached(struct service *s, const char *uri, int *fd, int64_t *size);

/* Likewise for something made from it, such as "160.jpg", which fetching makes;
 * remote_put_variant keeps another. */
bool remote_cached_variant(struct service *s, const char *uri, const char *variant, int *fd,
                           int64_t *size);
bool remote_put_variant(struct service *s, const char *uri, const char *variant, const void *bytes,
                        size_t size, struct error *err);

/* Upright size and orientation (EXIF, 1 to 8), as the media child tells them; the picture is in the
 * cache then, with its thumbnail. */
struct remote_look {
    int64_t width, height, orientation;
};
bool remote_look_at(struct service *s, const char *uri, struct remote_look *out, struct error *err);

/* How sure it is that an error is about this one picture, and not about the bucket or us. */
enum remote_fault {
    REMOTE_WAIT,   /* try again later */
    REMOTE_DENIED, /* refused; others of the bucket could be read lately */
    REMOTE_LOST,   /* not there, too large, or no picture: it will not get better */
};
enum remote_fault remote_fault_of(struct service *s, const char *uri, const struct error *err);

/* Seconds until the bucket of this picture is asked again; at least 1. */
int remote_retry_after(struct service *s, const char *uri);

/* Now and then: ends children that nobody has needed for a while. */
void remote_rest(struct service *s);

struct remote_numbers {
    int64_t bytes, limit;             /* of the cache */
    int64_t hits, misses;             /* opened from the cache, or not there */
    int64_t fetches, failures;        /* asked of a bucket; of these, failed */
};
void remote_numbers(struct service *s, struct remote_numbers *out);

#endif
