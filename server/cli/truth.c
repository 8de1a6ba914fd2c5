/* truth.c - reading the known labels that `plumbline consolidate --truth` scores against. */
#include "plumbline/base/csv_rows.h"
#include "plumbline/base/fields.h"
#include "plumbline/cli/answers.h"

#include <stdlib.h>
#include <string.h>

enum { ITEM, LABEL, COLUMNS };

enum { TRUTH_BYTES_MAX = 1 << 30 };

void truth_init(struct truth_table *t, bool several)
{
    memset(t, 0, sizeof *t);
    intern_init(&t->items);
    intern_init(&t->labels);
    intern_init(&t->pairs);
    t->several = several;
}

void truth_release(struct truth_table *t)
{
    intern_release(&t->items);
    intern_release(&t->labels);
    intern_release(&t->pairs);
    free(t->item);
    free(t->label);
    memset(t, 0, sizeof *t);
}

/* What reading needs beside the table: the name of the file for messages. */
struct context {
    struct truth_table *t;
    const char *source;
};

static bool malformed(const struct context *c, size_t line, struct error *err, const char *text)
{
    char at[32];

    snprintf(at, sizeof at, "%zu", line);
    return error_set(err, 400, "truth.malformed", at, "%s, line %zu: %s", c->source, line, text);
}

static bool add(const struct context *c, const char *item, size_t item_size, const char *label,
                size_t label_size, size_t line, struct error *err)
{
    struct truth_table *t = c->t;
    int32_t known = t->items.n, i = intern_add(&t->items, item, item_size);
    int32_t l = label_size ? intern_add(&t->labels, label, label_size) : -1;
    int32_t pair[2] = {i, l}, pairs = t->pairs.n;

    if (intern_add(&t->pairs, (const char *)pair, sizeof pair) < pairs)
        return true;
    if (!t->several && i < known)
        return malformed(c, line, err, "The item has another label further up");
    if (t->n == t->capacity) {
        t->capacity = t->capacity ? t->capacity * 2 : 1024;
        t->item = must_realloc(t->item, t->capacity, sizeof *t->item);
        t->label = must_realloc(t->label, t->capacity, sizeof *t->label);
    }
    t->item[t->n] = i;
    t->label[t->n++] = l;
    return true;
}

static bool add_row(void *context, const struct csv_field *f, size_t line, struct error *err)
{
    return add(context, f[ITEM].text, f[ITEM].size, f[LABEL].text, f[LABEL].size, line, err);
}

/* A text or whole number of JSON as text; NULL when it is something else. */
static const char *scalar(const json_t *value, char number[32], size_t *size)
{
    if (json_is_string(value)) {
        *size = json_string_length(value);
        return json_string_value(value);
    }
    if (!json_is_integer(value))
        return NULL;
    *size = (size_t)snprintf(number, 32, "%lld", (long long)json_integer_value(value));
    return number;
}

static bool add_json_label(const struct context *c, const char *item, size_t item_size,
                           const json_t *label, size_t line, struct error *err)
{
    char number[32];
    size_t size;
    const char *text = scalar(label, number, &size);

    if (!text || (size == 0 && !c->t->several))
        return malformed(c, line, err, "The label is neither a text nor a whole number");
    return add(c, item, item_size, text, size, line, err);
}

static bool add_json(const struct context *c, const json_t *object, size_t line, struct error *err)
{
    const json_t *label = json_object_get(object, "label");
    char number[32];
    size_t size = 0;
    const char *item = scalar(json_object_get(object, "item"), number, &size);

    if (!item || size == 0)
        return malformed(c, line, err, "\"item\" is neither a text nor a whole number");
    if (!c->t->several || !json_is_array(label))
        return add_json_label(c, item, size, label, line, err);
    if (json_array_size(label) == 0)
        return add(c, item, size, "", 0, line, err);
    for (size_t l = 0; l < json_array_size(label); l++)
        if (!add_json_label(c, item, size, json_array_get(label, l), line, err))
            return false;
    return true;
}

static bool read_json_lines(const struct context *c, const char *bytes, size_t count,
                            struct error *err)
{
    const char *end = bytes + count;

    for (size_t line = 1; bytes < end; line++) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t size = (size_t)((stop ? stop : end) - bytes);
        struct error why = {0};
        json_t *object;
        bool ok;

        if (strspn(bytes, " \t\r") < size) {
            object = json_parse(bytes, size, &why);
            ok = object ? add_json(c, object, line, err) : malformed(c, line, err, why.message);
            json_decref(object);
            if (!ok)
                return false;
        }
        bytes += size + (stop != NULL);
    }
    return true;
}

/* bytes[count] is NUL. */
static bool read_text(struct truth_table *t, const char *bytes, size_t count, const char *source,
                      struct error *err)
{
    static const struct csv_column one[] = {{.names = {"item", "task"}},
                                            {.names = {"label", "truth"}}};
    static const struct csv_column several[] = {
        {.names = {"item", "task"}}, {.names = {"label", "truth"}, .may_be_empty = true}};
    struct context c = {t, source};
    struct csv_rows *rows;
    bool ok;

    if (bytes[strspn(bytes, " \t\r\n")] == '{')
        return read_json_lines(&c, bytes, count, err);
    rows = csv_rows_new(source, t->several ? several : one, COLUMNS, add_row, &c);
    ok = csv_rows_feed(rows, bytes, count, err) && csv_rows_finish(rows, err);
    csv_rows_free(rows);
    return ok;
}

bool truth_read_bytes(struct truth_table *t, const void *bytes, size_t count, const char *source,
                      struct error *err)
{
    char *text = must_alloc(count + 1);
    bool ok;

    if (count)
        memcpy(text, bytes, count);
    ok = read_text(t, text, count, source, err);
    free(text);
    return ok;
}

bool truth_read(struct truth_table *t, FILE *in, const char *source, struct error *err)
{
    size_t size = 0, capacity = 1 << 16, n;
    char *text = must_alloc(capacity);
    bool ok;

    while ((n = fread(text + size, 1, capacity - size - 1, in)) > 0) {
        size += n;
        if (size > TRUTH_BYTES_MAX)
            break;
        if (size + 1 == capacity)
            text = must_realloc(text, capacity *= 2, 1);
    }
    text[size] = '\0';
    if (ferror(in))
        ok = error_system(err, "Reading %s failed", source);
    else if (size > TRUTH_BYTES_MAX)
        ok = error_invalid(err, "truth", "%s is larger than 1 GiB", source);
    else
        ok = read_text(t, text, size, source, err);
    free(text);
    return ok;
}
