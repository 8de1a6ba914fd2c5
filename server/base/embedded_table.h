/* embedded_table.h - the form of the table that server/tools/embed.c writes. */
#ifndef PLUMBLINE_EMBEDDED_TABLE_H
#define PLUMBLINE_EMBEDDED_TABLE_H

#include "plumbline/base/embedded.h"

struct embedded_set {
    const char                 *name; /* NULL ends the list */
    const struct embedded_file *files; /* sorted by path */
    size_t                      count;
};

extern const struct embedded_set embedded_sets[];
extern const char embedded_content_hash[];

#endif
