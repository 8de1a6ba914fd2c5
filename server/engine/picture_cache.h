/* picture_cache.h - files under DIR/cache/pictures, at most so many bytes of them; private to
 * engine/.
 *
 * A file is named after the SHA-256 of a URI: ab/<62 hex digits>, and ab/<62 hex digits>.160.jpg
 * for something made from it. Each appears whole under its name or not at all, and is one of its
 * own when room is needed: the longest unused go first. */
#ifndef ENGINE_PICTURE_CACHE_H
#define ENGINE_PICTURE_CACHE_H

#include "plumbline/base/error.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

struct picture_cache;

/* Looks at nothing yet. `folder` is made when missing; `limit` in bytes. */
struct picture_cache *picture_cache_new(const char *folder, int64_t limit);
void                  picture_cache_free(struct picture_cache *c); /* NULL is fine */

/* Opens a file (variant NULL: the picture itself); false: it is not there. The caller closes *fd. */
bool picture_cache_open(struct picture_cache *c, const char *uri, const char *variant, int *fd,
                        int64_t *size);

/* A file to write to, which picture_cache_keep gives its name to. The caller closes *fd, and
 * unlinks `temporary` when it is not kept. Errors of base/disk.h. */
bool picture_cache_begin(struct picture_cache *c, char temporary[PATH_MAX], int *fd,
                         struct error *err);
bool picture_cache_keep(struct picture_cache *c, const char *temporary, int fd, const char *uri,
                        const char *variant, struct error *err);

/* Forgets a picture: what is there is not what it should be. */
void picture_cache_drop(struct picture_cache *c, const char *uri);

/* Counts what is there, once, and removes what a killed process left; before that bytes are 0. */
void    picture_cache_count(struct picture_cache *c);
int64_t picture_cache_bytes(struct picture_cache *c);
int64_t picture_cache_limit(const struct picture_cache *c);

#endif
