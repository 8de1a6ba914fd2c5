/* csv_rows.c - a CSV row into the object that the same line would be in JSON.
 *
 * A row may span lines, inside quotation marks. So that a row has the same size limit as a JSON
 * line, and is known whole before it is parsed, the end of a row is found here by a small scanner
 * that follows libcsv's rule (a quotation mark opens a quoted cell only at the cell's start);
 * libcsv then takes the row apart.
 */
#include "reader.h"

#include "plumbline/base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

size_t csv_rows_end(struct csv_rows *csv, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = p[i];

        if (csv->place == CSV_QUOTED) {
            if (c == '"')
                csv->place = CSV_QUOTE_IN_QUOTED;
        } else if (c == '\n') {
            csv->place = CSV_FIELD_START;
            return i;
        } else if (c == ',') {
            csv->place = CSV_FIELD_START;
        } else if (csv->place == CSV_QUOTE_IN_QUOTED && c == '"') {
            csv->place = CSV_QUOTED;
        } else if (csv->place == CSV_QUOTE_IN_QUOTED || csv->place == CSV_CLOSED) {
            csv->stray = csv->stray || (c != ' ' && c != '\t' && c != '\r');
            csv->place = CSV_CLOSED;
        } else if (csv->place == CSV_FIELD_START && c != ' ' && c != '\t') {
            csv->place = c == '"' ? CSV_QUOTED : CSV_PLAIN;
        }
    }
    return n;
}

static void on_cell(void *bytes, size_t n, void *ctx)
{
    struct csv_rows *csv = ctx;

    buf_add(&csv->cells, bytes, n);
    if (csv->n < COLUMNS_MAX)
        csv->ends[csv->n] = csv->cells.size;
    csv->n++;
}

static void on_row(int c, void *ctx)
{
    struct csv_rows *csv = ctx;

    (void)c;
    csv->rows++;
}

/* Takes one row apart into csv->cells. */
static bool split(struct csv_rows *csv, const char *raw, size_t size, struct error *err)
{
    if (!csv->ready) {
        if (csv_init(&csv->parser, 0) != 0)
            return error_internal(err, "The CSV parser refused to start.");
        csv->ready = true;
        csv->ends = must_alloc(COLUMNS_MAX * sizeof *csv->ends);
    }
    csv->cells.max = size + 1;
    buf_clear(&csv->cells);
    csv->n = 0;
    csv->rows = 0;
    if (csv_parse(&csv->parser, raw, size, on_cell, on_row, csv) != size ||
        csv_fini(&csv->parser, on_cell, on_row, csv) != 0)
        return error_internal(err, "The CSV parser failed: %s.",
                              csv_strerror(csv_error(&csv->parser)));
    return true;
}

static const char *cell(const struct csv_rows *csv, size_t i, size_t *size)
{
    size_t from = i ? csv->ends[i - 1] : 0;

    *size = csv->ends[i] - from;
    return csv->cells.data ? csv->cells.data + from : "";
}

static int column(const struct csv_rows *csv, const char *name)
{
    for (size_t i = 0; i < csv->column_count; i++)
        if (strcasecmp(csv->columns[i], name) == 0)
            return (int)i;
    return -1;
}

static void rename_column(struct csv_rows *csv, const char *from, const char *to)
{
    int i = column(csv, from);

    if (i < 0 || column(csv, to) >= 0)
        return;
    free(csv->columns[i]);
    csv->columns[i] = must_strdup(to);
}

/* Gives the columns we know their own spelling, and the aliases their meaning in this job. */
static void settle_columns(struct csv_rows *csv, enum task_media media)
{
    static const char *const known[] = {"source", "source-ref", "id"};

    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        int i = column(csv, known[k]);

        if (i >= 0) {
            free(csv->columns[i]);
            csv->columns[i] = must_strdup(known[k]);
        }
    }
    if (column(csv, "source") >= 0 || column(csv, "source-ref") >= 0)
        return;
    if (media != TASK_IMAGE)
        rename_column(csv, "text", "source");
    if (media == TASK_TEXT && column(csv, "source") >= 0)
        return;
    rename_column(csv, "image", "source-ref");
    rename_column(csv, "file", "source-ref");
}

static bool header_cell(struct csv_rows *csv, size_t i, struct error *err)
{
    size_t size;
    const char *text = cell(csv, i, &size);
    char *name = must_alloc(size + 1);

    memcpy(name, text, size);
    csv->columns[csv->column_count++] = name;
    if (size == 0)
        return error_set(err, 422, "source.invalid", "line 1",
                         "Column %zu of the CSV header has no name.", i + 1);
    if (name[0] == '$')
        return error_set(err, 422, "source.invalid", "line 1",
                         "The column name \"%.100s\" begins with $, which is not allowed.", name);
    for (size_t k = 0; k < i; k++)
        if (strcmp(csv->columns[k], name) == 0)
            return error_set(err, 422, "source.invalid", "line 1",
                             "The CSV header names the column \"%.100s\" twice.", name);
    return true;
}

static bool header(struct manifest_reader *r, const char *raw, size_t size, struct error *err)
{
    struct csv_rows *csv = &r->csv;

    if (!utf8_is_valid(raw, size) || memchr(raw, '\0', size))
        return error_set(err, 422, "source.invalid", "line 1", "The CSV header is not UTF-8.");
    if (!split(csv, raw, size, err))
        return false;
    if (csv->n == 0 || csv->n > COLUMNS_MAX || csv->rows > 1)
        return error_set(err, 422, "source.invalid", "line 1",
                         "The CSV header has %zu columns in %d rows; 1 to %d columns in one row "
                         "are read.",
                         csv->n, csv->rows, COLUMNS_MAX);
    csv->columns = must_alloc(csv->n * sizeof *csv->columns);
    for (size_t i = 0; i < csv->n; i++)
        if (!header_cell(csv, i, err))
            return false;
    settle_columns(csv, r->options.media);
    if (column(csv, "source") < 0 && column(csv, "source-ref") < 0)
        return error_set(err, 422, "source.invalid", "line 1",
                         "The CSV header names none of the columns source, source-ref, text, file "
                         "and image that this job could read.");
    return true;
}

static json_t *row_object(const struct csv_rows *csv)
{
    json_t *object = json_object();

    for (size_t i = 0; i < csv->column_count; i++) {
        size_t size;
        const char *text = cell(csv, i, &size);

        /* An empty cell is no value, but an empty text stays visible to the check. */
        if (size > 0 || (strcmp(csv->columns[i], "source") == 0 && column(csv, "source-ref") < 0))
            json_object_set_new_nocheck(object, csv->columns[i], json_stringn_nocheck(text, size));
    }
    return object;
}

bool csv_rows_line(struct manifest_reader *r, const char *raw, size_t size, struct error *err)
{
    struct csv_rows *csv = &r->csv;
    json_t *object;
    char *json;
    bool good, ok, stray = csv->stray;

    csv->stray = false;
    if (!csv->columns && stray)
        return error_set(err, 422, "source.invalid", "line 1",
                         "A quotation mark in the CSV header is not doubled.");
    if (!csv->columns)
        return header(r, raw, size, err);
    if (!reader_bytes_ok(r, raw, size, &good, err) || !split(csv, raw, size, err))
        return false;
    if (!good)
        return true;
    if (stray)
        return reader_bad(r, raw, size, false, "line.quote", err,
                          "A quotation mark inside a quoted cell is not doubled.");
    if (csv->rows > 1)
        return reader_bad(r, raw, size, false, "line.columns", err,
                          "The row holds a carriage return outside quotation marks.");
    if (csv->n != csv->column_count)
        return reader_bad(r, raw, size, false, "line.columns", err,
                          "The row has %zu columns, the header %zu.", csv->n, csv->column_count);
    object = row_object(csv);
    json = json_dumps(object, JSON_COMPACT);
    ok = json ? reader_item(r, json, strlen(json), object, err)
              : error_internal(err, "A CSV row could not be written as JSON.");
    free(json);
    json_decref(object);
    return ok;
}

bool csv_rows_looks(const char *head, size_t size)
{
    static const char *const names[] = {"source", "source-ref", "text", "file", "image"};
    size_t line = 0;

    while (line < size && head[line] != '\n')
        line++;
    for (size_t from = 0, to; from <= line; from = to + 1) {
        size_t a, b;

        for (to = from; to < line && head[to] != ',';)
            to++;
        for (a = from; a < to && strchr(" \t\"", head[a]);)
            a++;
        for (b = to; b > a && strchr(" \t\"\r", head[b - 1]);)
            b--;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            if (b - a == strlen(names[k]) && strncasecmp(head + a, names[k], b - a) == 0)
                return true;
    }
    return false;
}

void csv_rows_release(struct csv_rows *csv)
{
    for (size_t i = 0; i < csv->column_count; i++)
        free(csv->columns[i]);
    free(csv->columns);
    free(csv->ends);
    buf_release(&csv->cells);
    if (csv->ready)
        csv_free(&csv->parser);
    *csv = (struct csv_rows){0};
}
