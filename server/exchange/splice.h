/* splice.h - taking members out of a JSON line, or finding them, without parsing the rest. */
#ifndef PLUMBLINE_EXCHANGE_SPLICE_H
#define PLUMBLINE_EXCHANGE_SPLICE_H

#include "plumbline/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends the object in `raw` up to, but without, its closing brace, leaving out the members called
 * `name` and `name`-metadata. *members = how many members were kept. False, with nothing appended
 * that counts, when raw is not an object; what is inside values is not checked (the reader has). */
bool line_splice(const char *raw, size_t size, const char *name, struct buf *out, size_t *members);

struct member {
    const char *name;
    const char *value; /* its bytes in the line, without white space around; NULL: not there */
    size_t      size;
};

/* Finds members of the object in `raw` by name; of two with one name the last counts, as a parser
 * has it. False, with no value set, when raw is not an object. */
bool line_members(const char *raw, size_t size, struct member *v, size_t n);

#endif
