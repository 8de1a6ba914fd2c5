/* csv_rows.h - CSV with a header, read as a stream and row by row, with good errors.
 *
 * The reader knows which columns it wants and by which names; the file may have them in any order,
 * with others beside them, and may begin with a byte order mark. Quotes as in RFC 4180; spaces
 * around unquoted fields are dropped; empty lines are skipped. Every row must have as many fields
 * as the header. Fields must be UTF-8 without NUL.
 */
#ifndef PLUMBLINE_BASE_CSV_ROWS_H
#define PLUMBLINE_BASE_CSV_ROWS_H

#include "plumbline/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CSV_ROWS_COLUMNS_MAX = 8, CSV_ROWS_NAMES_MAX = 4, CSV_ROW_BYTES_MAX = 8 << 20 };

struct csv_column {
    const char *names[CSV_ROWS_NAMES_MAX]; /* without regard to case; the first is the main name */
    bool        may_be_empty;
};

struct csv_field {
    const char *text; /* NUL-terminated, gone after the call */
    size_t      size;
};

/* Called for every row: the wanted fields in the order of the columns, and the line it began on.
 * Returns false with *err filled to stop. */
typedef bool csv_row_fn(void *context, const struct csv_field *fields, size_t line,
                        struct error *err);

struct csv_rows; /* one file being read */

/* `source` (borrowed) names the file in messages, `columns` (borrowed) has n <= 8 entries. */
struct csv_rows *csv_rows_new(const char *source, const struct csv_column *columns, size_t n,
                              csv_row_fn *row, void *context);
void csv_rows_free(struct csv_rows *r); /* NULL is fine */

/* The next bytes, cut anywhere. After a failure only csv_rows_free may follow. Errors: 400
 * csv.malformed, field = the line number, for anything wrong with the file; or what `row` says. */
bool csv_rows_feed(struct csv_rows *r, const void *bytes, size_t count, struct error *err);
bool csv_rows_finish(struct csv_rows *r, struct error *err); /* after the last bytes */

/* All of an open stream through feed and finish. A read error is 500 internal. */
bool csv_rows_read(struct csv_rows *r, FILE *in, struct error *err);

/* Fills *err with 400 csv.malformed: "SOURCE, line N: " and the text. */
bool csv_rows_error(const struct csv_rows *r, size_t line, struct error *err, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));

/* One field, quoted where it has to be. Errors stay in the stream (ferror). */
void csv_write_field(FILE *out, const char *text, size_t size);

#endif
