/* source.h - the bytes of a manifest, gunzipped where they are gzipped; private to exchange/. */
#ifndef EXCHANGE_SOURCE_H
#define EXCHANGE_SOURCE_H

#include "plumbline/base/error.h"

#include <stddef.h>
#include <stdint.h>

struct source;

/* Looks at the first bytes. `name` is for messages; both are borrowed. NULL with *err filled. */
struct source *source_open(int fd, const char *name, struct error *err);
void           source_close(struct source *s); /* not fd; NULL is fine */

/* Some of the bytes, 0 at the end, -1 with *err filled: 500, 422 source.invalid (broken gzip). */
long source_read(struct source *s, void *bytes, size_t size, struct error *err);

/* -1 where what is read is what is there; else the bytes of the packed file that have been used. */
int64_t source_packed(const struct source *s);

#endif
