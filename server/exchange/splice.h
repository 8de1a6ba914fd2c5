/* splice.h - taking members out of a JSON line without touching the rest of its bytes. */
#ifndef PLUMBLINE_EXCHANGE_SPLICE_H
#define PLUMBLINE_EXCHANGE_SPLICE_H

#include "plumbline/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends the object in `raw` up to, but without, its closing brace, leaving out the members called
 * `name` and `name`-metadata. *members = how many members were kept. False, with nothing appended
 * that counts, when raw is not an object; what is inside values is not checked (the reader has). */
bool line_splice(const char *raw, size_t size, const char *name, struct buf *out, size_t *members);

#endif
