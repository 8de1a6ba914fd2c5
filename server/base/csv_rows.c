/* csv_rows.c - the wall around libcsv.
 *
 * libcsv finds fields and rows but knows no line numbers. So bytes are handed to it line by line,
 * and what it reports in the meantime belongs to that line. Its callbacks cannot fail; the first
 * error is kept and everything after it ignored. */
#include "plumbline/base/csv_rows.h"

#include "plumbline/base/arena.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/utf8.h"

#include <csv.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { READ_BYTES = 1 << 16, BOM_BYTES = 3 };

struct csv_rows {
    const char *source;
    const struct csv_column *columns;
    size_t      n;
    csv_row_fn *row;
    void       *context;

    struct csv_parser parser;
    size_t   line, row_line;   /* the line being fed; the one the row began on */
    size_t   row_bytes;        /* fed since the last row ended */
    size_t   fields, header_fields; /* of this row; of the header, 0 = not read */
    size_t   place[CSV_ROWS_COLUMNS_MAX]; /* field number of each column, SIZE_MAX = not there */
    struct csv_field found[CSV_ROWS_COLUMNS_MAX];
    struct buf texts;   /* the wanted fields, copied, since libcsv uses its buffer again */
    size_t   offset[CSV_ROWS_COLUMNS_MAX]; /* of each column's copy in texts */
    unsigned char start[BOM_BYTES];
    size_t   start_size; /* bytes of the start still being looked at for a mark */
    bool     started, after_return, failed;
    struct error error;
};

bool csv_rows_error(const struct csv_rows *r, size_t line, struct error *err, const char *format,
                    ...)
{
    char text[300], at[32];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(at, sizeof at, "%zu", line);
    return error_set(err, 400, "csv.malformed", at, "%s, line %zu: %s", r->source, line, text);
}

static void fail(struct csv_rows *r, const char *text)
{
    if (!r->failed)
        csv_rows_error(r, r->row_line, &r->error, "%s", text);
    r->failed = true;
}

struct csv_rows *csv_rows_new(const char *source, const struct csv_column *columns, size_t n,
                              csv_row_fn *row, void *context)
{
    struct csv_rows *r = must_alloc(sizeof *r);

    r->source = source;
    r->columns = columns;
    r->n = n;
    r->row = row;
    r->context = context;
    r->line = r->row_line = 1;
    for (size_t c = 0; c < n; c++)
        r->place[c] = SIZE_MAX;
    buf_init(&r->texts, CSV_ROW_BYTES_MAX + CSV_ROWS_COLUMNS_MAX); /* with a NUL after each */
    csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL);
    return r;
}

void csv_rows_free(struct csv_rows *r)
{
    if (!r)
        return;
    csv_free(&r->parser);
    buf_release(&r->texts);
    free(r);
}

static bool has_name(const struct csv_column *column, const char *name)
{
    for (size_t i = 0; i < CSV_ROWS_NAMES_MAX && column->names[i]; i++)
        if (strcasecmp(column->names[i], name) == 0)
            return true;
    return false;
}

static void take_header_field(struct csv_rows *r, const char *text)
{
    for (size_t c = 0; c < r->n; c++) {
        if (!has_name(&r->columns[c], text))
            continue;
        if (r->place[c] != SIZE_MAX)
            fail(r, "The header names a column twice");
        r->place[c] = r->fields;
    }
}

static void on_field(void *bytes, size_t size, void *context)
{
    struct csv_rows *r = context;
    const char *text = size ? bytes : "";

    if (r->failed)
        return;
    if (!utf8_is_valid(text, size) || memchr(text, '\0', size))
        fail(r, "The text is not UTF-8");
    else if (!r->header_fields)
        take_header_field(r, text);
    for (size_t c = 0; r->header_fields && c < r->n; c++)
        if (r->place[c] == r->fields) {
            r->offset[c] = r->texts.size;
            r->found[c].size = size;
            buf_add(&r->texts, text, size);
            buf_add(&r->texts, "", 1);
        }
    r->fields++;
}

static void finish_header(struct csv_rows *r)
{
    r->header_fields = r->fields;
    for (size_t c = 0; c < r->n; c++)
        if (r->place[c] == SIZE_MAX) {
            char text[200];

            snprintf(text, sizeof text, "The header has no column \"%s\"", r->columns[c].names[0]);
            fail(r, text);
        }
}

static void finish_row(struct csv_rows *r)
{
    char text[200] = "";

    if (r->fields != r->header_fields)
        snprintf(text, sizeof text, "%zu field%s where the header has %zu", r->fields,
                 r->fields == 1 ? "" : "s", r->header_fields);
    for (size_t c = 0; !*text && c < r->n; c++)
        if (!r->columns[c].may_be_empty && r->found[c].size == 0)
            snprintf(text, sizeof text, "The %s is empty", r->columns[c].names[0]);
    if (*text)
        fail(r, text);
    for (size_t c = 0; !*text && c < r->n; c++)
        r->found[c].text = r->texts.data + r->offset[c];
    if (!*text && !r->row(r->context, r->found, r->row_line, &r->error))
        r->failed = true;
}

static void on_row(int end, void *context)
{
    struct csv_rows *r = context;

    (void)end;
    if (!r->failed && r->fields) {
        if (r->header_fields)
            finish_row(r);
        else
            finish_header(r);
    }
    buf_clear(&r->texts);
    r->fields = r->row_bytes = 0;
}

static bool conclude(struct csv_rows *r, bool parsed, struct error *err)
{
    if (!parsed)
        fail(r, "A quotation mark is out of place: a field with quotes, commas or line breaks goes "
                "in quotes, and quotes inside it are doubled");
    if (r->failed && err)
        *err = r->error;
    return !r->failed;
}

/* A line with its end, or a part of one. */
static bool feed_line(struct csv_rows *r, const unsigned char *bytes, size_t count,
                      struct error *err)
{
    unsigned char last = bytes[count - 1];

    if (r->row_bytes == 0)
        r->row_line = r->line;
    r->row_bytes += count;
    if (r->row_bytes > CSV_ROW_BYTES_MAX)
        fail(r, "The row is longer than 8 MiB; is a closing quotation mark missing?");
    if (r->failed ||
        csv_parse(&r->parser, bytes, count, on_field, on_row, r) != count || r->failed)
        return conclude(r, r->failed, err);
    if (last == '\r' || (last == '\n' && !r->after_return))
        r->line++;
    r->after_return = last == '\r';
    if (r->fields == 0 && (last == '\r' || last == '\n') && !r->parser.quoted)
        r->row_bytes = 0; /* an empty line */
    return true;
}

static bool feed(struct csv_rows *r, const unsigned char *bytes, size_t count, struct error *err)
{
    while (count) {
        size_t size = 0;

        while (size < count && bytes[size] != '\n' && bytes[size] != '\r')
            size++;
        size += size < count;
        if (!feed_line(r, bytes, size, err))
            return false;
        bytes += size;
        count -= size;
    }
    return true;
}

/* Looks at the first three bytes for a byte order mark, then lets them through. */
static bool start(struct csv_rows *r, struct error *err)
{
    static const unsigned char mark[BOM_BYTES] = {0xef, 0xbb, 0xbf};
    size_t size = r->start_size;

    r->started = true;
    if (size == BOM_BYTES && memcmp(r->start, mark, BOM_BYTES) == 0)
        return true;
    return feed(r, r->start, size, err);
}

bool csv_rows_feed(struct csv_rows *r, const void *bytes, size_t count, struct error *err)
{
    const unsigned char *from = bytes;

    while (count && !r->started) {
        r->start[r->start_size++] = *from++;
        count--;
        if (r->start_size == BOM_BYTES && !start(r, err))
            return false;
    }
    return feed(r, from, count, err);
}

bool csv_rows_finish(struct csv_rows *r, struct error *err)
{
    if (!r->started && !start(r, err))
        return false;
    if (csv_fini(&r->parser, on_field, on_row, r) != 0)
        return conclude(r, false, err);
    if (!r->failed && !r->header_fields)
        fail(r, "The file is empty; it needs a header line");
    return conclude(r, true, err);
}

bool csv_rows_read(struct csv_rows *r, FILE *in, struct error *err)
{
    unsigned char *block = must_alloc(READ_BYTES);
    bool ok = true;
    size_t n;

    while (ok && (n = fread(block, 1, READ_BYTES, in)) > 0)
        ok = csv_rows_feed(r, block, n, err);
    if (ok && ferror(in))
        ok = error_system(err, "Reading %s failed", r->source);
    free(block);
    return ok && csv_rows_finish(r, err);
}

void csv_write_field(FILE *out, const char *text, size_t size)
{
    bool plain = size == 0 || (text[0] != ' ' && text[size - 1] != ' ' && text[0] != '\t' &&
                               text[size - 1] != '\t');

    for (size_t i = 0; plain && i < size; i++)
        plain = text[i] != ',' && text[i] != '"' && text[i] != '\n' && text[i] != '\r';
    if (plain)
        fwrite(text, 1, size, out);
    else
        csv_fwrite(out, text, size);
}
