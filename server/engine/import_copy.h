/* import_copy.h - items are copied from another job, as an import like any other; private to engine/.
 *
 * The lines of that job, as they came or as it would export them at one moment, become a file in
 * DIR/uploads (complete, or not there at all), which is then read line by line; line n of it is item n
 * of that job, whose pictures need not be fetched, decoded or stored again. */
#ifndef ENGINE_IMPORT_COPY_H
#define ENGINE_IMPORT_COPY_H

#include "plumbline/engine/clone.h"
#include "plumbline/store/items.h"
#include "plumbline/store/transfers.h"

/* Where the lines of a copy go: a new name, which says what it is a copy of. In the arena. */
const char *import_copy_path(const struct service *s, struct arena *a, int64_t from,
                             enum clone_lines lines);

/* The job that the import copies from; 0: it copies nothing. */
int64_t import_copy_from(const struct import_row *row);

/* Makes row->path, unless it is there. 404 when the job is gone, 503 import.interrupted, errors of the
 * disk. */
bool import_copy_write(struct service *s, const struct import_row *row, struct error *err);

/* What is stored of line `line` of that job: media, remote, sizes and failure; texts in the arena. */
bool import_copy_payload(struct service *s, int64_t from, int64_t line, struct arena *a,
                         struct payload *out, struct error *err);

#endif
