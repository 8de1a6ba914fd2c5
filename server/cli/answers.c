/* answers.c - reading the answers of `plumbline consolidate`. */
#include "plumbline/cli/answers.h"

#include "plumbline/base/csv_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ITEM, ANNOTATOR, LABEL, COLUMNS };

void answers_init(struct answers_table *t, bool several)
{
    memset(t, 0, sizeof *t);
    intern_init(&t->items);
    intern_init(&t->annotators);
    intern_init(&t->labels);
    t->several = several;
}

void answers_release(struct answers_table *t)
{
    intern_release(&t->items);
    intern_release(&t->annotators);
    intern_release(&t->labels);
    free(t->label_order);
    free(t->item);
    free(t->annotator);
    free(t->label);
    memset(t, 0, sizeof *t);
}

static void reserve(struct answers_table *t)
{
    if (t->n < t->capacity)
        return;
    t->capacity = t->capacity ? t->capacity * 2 : 1024;
    t->item = must_realloc(t->item, t->capacity, sizeof *t->item);
    t->annotator = must_realloc(t->annotator, t->capacity, sizeof *t->annotator);
    t->label = must_realloc(t->label, t->capacity, sizeof *t->label);
}

static bool add_row(void *context, const struct csv_field *f, size_t line, struct error *err)
{
    struct answers_table *t = context;

    (void)line;
    if (t->n >= INT32_MAX)
        return error_invalid(err, "answers", "The file has more than %d answers", INT32_MAX);
    reserve(t);
    t->item[t->n] = intern_add(&t->items, f[ITEM].text, f[ITEM].size);
    t->annotator[t->n] = intern_add(&t->annotators, f[ANNOTATOR].text, f[ANNOTATOR].size);
    t->label[t->n] = f[LABEL].size ? intern_add(&t->labels, f[LABEL].text, f[LABEL].size) : -1;
    t->n++;
    return true;
}

struct ordered {
    const struct intern_name *name;
    bool    is_number;
    double  value;
    int32_t index;
};

static int compare_labels(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    size_t common = x->name->size < y->name->size ? x->name->size : y->name->size;
    int order;

    if (x->is_number != y->is_number)
        return x->is_number ? -1 : 1;
    if (x->is_number && x->value != y->value)
        return x->value < y->value ? -1 : 1;
    order = memcmp(x->name->text, y->name->text, common); /* UTF-8 sorts by code point */
    return order ? order : (x->name->size > y->name->size) - (x->name->size < y->name->size);
}

/* Only what people write as numbers: strtod alone would also take "nan", "inf" and "0x1". */
static bool parse_number(const struct intern_name *name, double *value)
{
    char *end;

    if (strspn(name->text, "+-.0123456789eE") != name->size)
        return false;
    *value = strtod(name->text, &end);
    return end == name->text + name->size && isfinite(*value);
}

static void sort_labels(struct answers_table *t)
{
    struct ordered *labels = must_alloc((size_t)t->labels.n * sizeof *labels);
    int32_t *class_of = must_alloc((size_t)t->labels.n * sizeof *class_of);

    for (int32_t l = 0; l < t->labels.n; l++) {
        labels[l] = (struct ordered){.name = &t->labels.names[l], .index = l};
        labels[l].is_number = parse_number(labels[l].name, &labels[l].value);
    }
    qsort(labels, (size_t)t->labels.n, sizeof *labels, compare_labels);
    t->label_order = must_alloc((size_t)t->labels.n * sizeof *t->label_order);
    for (int32_t k = 0; k < t->labels.n; k++) {
        t->label_order[k] = labels[k].index;
        class_of[labels[k].index] = k;
    }
    for (size_t a = 0; a < t->n; a++)
        if (t->label[a] >= 0)
            t->label[a] = class_of[t->label[a]];
    free(labels);
    free(class_of);
}

static struct csv_rows *reader(struct answers_table *t, const char *source)
{
    static const struct csv_column one[] = {
        {.names = {"item", "task"}}, {.names = {"annotator", "worker"}}, {.names = {"label"}}};
    static const struct csv_column several[] = {
        {.names = {"item", "task"}}, {.names = {"annotator", "worker"}},
        {.names = {"label"}, .may_be_empty = true}};

    return csv_rows_new(source, t->several ? several : one, COLUMNS, add_row, t);
}

bool answers_read(struct answers_table *t, FILE *in, const char *source, struct error *err)
{
    struct csv_rows *rows = reader(t, source);
    bool ok = csv_rows_read(rows, in, err);

    csv_rows_free(rows);
    if (ok)
        sort_labels(t);
    return ok;
}

bool answers_read_bytes(struct answers_table *t, const void *bytes, size_t count,
                        const char *source, struct error *err)
{
    struct csv_rows *rows = reader(t, source);
    bool ok = csv_rows_feed(rows, bytes, count, err) && csv_rows_finish(rows, err);

    csv_rows_free(rows);
    if (ok)
        sort_labels(t);
    return ok;
}

const struct intern_name *answers_label(const struct answers_table *t, int32_t class_)
{
    return &t->labels.names[t->label_order[class_]];
}
