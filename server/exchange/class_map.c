/* class_map.c - a table of class names: CSV with the header from,to. */
#include "plumbline/exchange/manifest.h"

#include "plumbline/base/buf.h"
#include "plumbline/base/utf8.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLASS_MAP_MAX = 4 << 20 }; /* bytes of the file */

struct pair {
    const char *from, *to;
};

struct map_reader {
    struct arena *a;
    const char   *cells[2]; /* of the row being read */
    size_t        n;        /* cells of the row, may pass 2 */
    bool          header_seen;
    struct pair  *pairs;
    size_t        count, capacity;
    int           row;
    bool          failed;
    struct error *err;
};

static void on_cell(void *bytes, size_t size, void *ctx)
{
    struct map_reader *m = ctx;

    if (m->n < 2)
        m->cells[m->n] = arena_strndup(m->a, size ? bytes : "", size);
    m->n++;
}

static bool row_fault(const struct map_reader *m)
{
    char line[32];

    snprintf(line, sizeof line, "row %d", m->row);
    if (!m->header_seen)
        return error_set(m->err, 422, "source.invalid", line,
                         "A class map begins with the header from,to.");
    return error_set(m->err, 422, "source.invalid", line,
                     "Row %d of the class map has %zu columns; it must have two, both filled.",
                     m->row, m->n);
}

static void on_row(int c, void *ctx)
{
    struct map_reader *m = ctx;
    bool good = m->n == 2 && *m->cells[0] && *m->cells[1];

    (void)c;
    m->row++;
    if (!m->header_seen && good)
        good = strcmp(m->cells[0], "from") == 0 && strcmp(m->cells[1], "to") == 0;
    if (!good && !m->failed)
        m->failed = !row_fault(m);
    if (m->header_seen && good) {
        if (m->count == m->capacity) {
            m->capacity = m->capacity ? m->capacity * 2 : 64;
            m->pairs = must_realloc(m->pairs, m->capacity, sizeof *m->pairs);
        }
        m->pairs[m->count++] = (struct pair){m->cells[0], m->cells[1]};
    }
    m->header_seen = true;
    m->n = 0;
}

static int pair_order(const void *x, const void *y)
{
    return strcmp(((const struct pair *)x)->from, ((const struct pair *)y)->from);
}

/* Sorts the pairs into *out; two that map one class are an error. */
static bool finish(struct map_reader *m, struct class_map *out)
{
    if (m->count)
        qsort(m->pairs, m->count, sizeof *m->pairs, pair_order);
    out->n = m->count;
    out->from = arena_array(m->a, m->count + 1, sizeof *out->from);
    out->to = arena_array(m->a, m->count + 1, sizeof *out->to);
    for (size_t i = 0; i < m->count; i++) {
        if (i > 0 && strcmp(m->pairs[i - 1].from, m->pairs[i].from) == 0)
            return error_set(m->err, 422, "source.invalid", "from",
                             "The class map maps '%.200s' twice.", m->pairs[i].from);
        out->from[i] = m->pairs[i].from;
        out->to[i] = m->pairs[i].to;
    }
    return true;
}

bool class_map_parse(const char *text, size_t size, struct arena *a, struct class_map *out,
                     struct error *err)
{
    struct map_reader m = {.a = a, .err = err};
    struct csv_parser parser;
    bool ok = false;

    *out = (struct class_map){0};
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        size -= 3;
    }
    if (!utf8_is_valid(text, size) || (size > 0 && memchr(text, '\0', size)))
        return error_set(err, 422, "source.invalid", "", "The class map is not UTF-8 text.");
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return error_internal(err, "The CSV parser refused to start.");
    if (csv_parse(&parser, text, size, on_cell, on_row, &m) != size ||
        csv_fini(&parser, on_cell, on_row, &m) != 0)
        error_set(err, 422, "source.invalid", "",
                  "A quotation mark in row %d of the class map is out of place.", m.row + 1);
    else if (!m.failed && !m.header_seen)
        row_fault(&m);
    else if (!m.failed)
        ok = finish(&m, out);
    csv_free(&parser);
    free(m.pairs);
    return ok;
}

bool class_map_read(const char *path, struct arena *a, struct class_map *out, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char bytes[16384];
    struct buf text;
    ssize_t n = -1;
    bool ok = false;

    buf_init(&text, CLASS_MAP_MAX);
    if (fd < 0) {
        error_set(err, errno == ENOENT ? 404 : 422, "source.not_found", "",
                  "The class map %s cannot be opened: %s.", path, strerror(errno));
        goto out;
    }
    while (!text.overflow && ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0)
            buf_add(&text, bytes, (size_t)n);
    if (text.overflow)
        error_set(err, 422, "source.invalid", "", "The class map %s is larger than %d MiB.", path,
                  CLASS_MAP_MAX >> 20);
    else if (n < 0)
        error_system(err, "Reading %s failed", path);
    else
        ok = class_map_parse(text.data ? text.data : "", text.size, a, out, err);
out:
    if (fd >= 0)
        close(fd);
    buf_release(&text);
    return ok;
}

const char *class_map_find(const struct class_map *map, const char *name)
{
    size_t low = 0, high = map->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, map->from[middle]);

        if (order == 0)
            return map->to[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
