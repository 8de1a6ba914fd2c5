/* sheets.c - sorting the rows of multi-label answers. */
#include "sheets.h"

#include "plumbline/base/arena.h"

#include <stdlib.h>
#include <string.h>

static bool check(const struct consensus_answers *in, struct error *err)
{
    if (in->classes < 1 || in->items < 0 || in->annotators < 0)
        return error_invalid(err, "classes", "Consolidation needs at least one class");
    if (in->n > INT32_MAX)
        return error_invalid(err, "answers", "%zu rows are too many: at most %d", in->n, INT32_MAX);
    if ((size_t)in->annotators > CONSENSUS_ROWS_MAX / (size_t)in->classes)
        return error_invalid(err, "classes", "%d annotators with %d classes are too many: at most "
                             "%zu million pairs fit", in->annotators, in->classes,
                             CONSENSUS_ROWS_MAX / 1000000);
    for (size_t a = 0; a < in->n; a++)
        if (in->item[a] < 0 || in->item[a] >= in->items || in->annotator[a] < 0 ||
            in->annotator[a] >= in->annotators || in->label[a] < -1 || in->label[a] >= in->classes)
            return error_invalid(err, "answers", "Answer %zu has an item, annotator or class that "
                                 "is out of range", a);
    return true;
}

/* Row numbers by item, in order of input within an item; start is items + 1. */
static int32_t *sort_rows(const struct consensus_answers *in, size_t *start)
{
    int32_t *order = must_alloc(in->n * sizeof *order);

    for (size_t a = 0; a < in->n; a++)
        start[in->item[a] + 1]++;
    for (int32_t i = 0; i < in->items; i++)
        start[i + 1] += start[i];
    for (size_t a = 0; a < in->n; a++) /* start[i] moves to the item's end ... */
        order[start[in->item[a]]++] = (int32_t)a;
    for (int32_t i = in->items; i > 0; i--) /* ... and all move back by one item */
        start[i] = start[i - 1];
    start[0] = 0;
    return order;
}

static int compare_classes(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

    return (x > y) - (x < y);
}

/* While building: annotator_seat[j] and class_rank[k] are 1 + a place in the flat arrays; places
 * only grow, so a place before the item's first one means "not on this item yet". */
struct builder {
    const struct consensus_answers *in;
    const int32_t *row; /* the item's rows */
    size_t  rows;
    size_t *annotator_seat, *class_rank;
};

static void collect(struct sheets *s, int32_t item, const struct builder *b)
{
    size_t sheet = s->sheet_start[item], candidate = s->candidate_start[item];

    for (size_t r = 0; r < b->rows; r++) {
        int32_t j = b->in->annotator[b->row[r]], k = b->in->label[b->row[r]];

        if (b->annotator_seat[j] <= s->sheet_start[item]) {
            s->annotator[sheet] = j;
            b->annotator_seat[j] = ++sheet;
        }
        if (k >= 0 && b->class_rank[k] <= s->candidate_start[item]) {
            s->candidate[candidate] = k;
            b->class_rank[k] = ++candidate;
        }
    }
    s->sheet_start[item + 1] = sheet;
    s->candidate_start[item + 1] = candidate;
    qsort(s->candidate + s->candidate_start[item], candidate - s->candidate_start[item],
          sizeof *s->candidate, compare_classes);
    for (size_t c = s->candidate_start[item]; c < candidate; c++)
        b->class_rank[s->candidate[c]] = c + 1;
}

static void set_marks(struct sheets *s, int32_t item, const struct builder *b)
{
    size_t people = sheets_of(s, item), first = s->candidate_start[item];

    for (size_t c = first; c < s->candidate_start[item + 1]; c++)
        s->mark_start[c + 1] = s->mark_start[c] + people;
    for (size_t r = 0; r < b->rows; r++) {
        int32_t k = b->in->label[b->row[r]];
        size_t seat = b->annotator_seat[b->in->annotator[b->row[r]]] - 1 - s->sheet_start[item];
        uint8_t *mark;

        if (k < 0)
            continue;
        mark = &s->mark[s->mark_start[b->class_rank[k] - 1] + seat];
        s->duplicates += *mark;
        *mark = 1;
    }
}

/* How many marks there will be is known only after collecting, so this goes over the items twice:
 * `mark` is NULL the first time. */
static void build_items(struct sheets *s, struct builder *b, const int32_t *order,
                        const size_t *start)
{
    memset(b->annotator_seat, 0, (size_t)s->annotators * sizeof *b->annotator_seat);
    memset(b->class_rank, 0, (size_t)s->classes * sizeof *b->class_rank);
    for (int32_t i = 0; i < s->items; i++) {
        b->row = order + start[i];
        b->rows = start[i + 1] - start[i];
        collect(s, i, b);
        if (s->mark)
            set_marks(s, i, b);
    }
}

bool sheets_build(struct sheets *s, const struct consensus_answers *in, struct error *err)
{
    struct builder b = {.in = in};
    size_t *start, marks = 0;
    int32_t *order;

    if (!check(in, err))
        return false;
    *s = (struct sheets){.items = in->items, .annotators = in->annotators, .classes = in->classes};
    start = must_alloc(((size_t)in->items + 1) * sizeof *start);
    order = sort_rows(in, start);
    b.annotator_seat = must_alloc((size_t)in->annotators * sizeof *b.annotator_seat);
    b.class_rank = must_alloc((size_t)in->classes * sizeof *b.class_rank);
    s->sheet_start = must_alloc(((size_t)in->items + 1) * sizeof *s->sheet_start);
    s->candidate_start = must_alloc(((size_t)in->items + 1) * sizeof *s->candidate_start);
    s->annotator = must_alloc(in->n * sizeof *s->annotator);
    s->candidate = must_alloc(in->n * sizeof *s->candidate);
    build_items(s, &b, order, start);
    for (int32_t i = 0; i < s->items; i++)
        marks += sheets_of(s, i) * (s->candidate_start[i + 1] - s->candidate_start[i]);
    s->mark = must_alloc(marks);
    s->mark_start = must_alloc((s->candidate_start[s->items] + 1) * sizeof *s->mark_start);
    build_items(s, &b, order, start);
    free(b.annotator_seat);
    free(b.class_rank);
    free(start);
    free(order);
    return true;
}

void sheets_release(struct sheets *s)
{
    free(s->sheet_start);
    free(s->annotator);
    free(s->candidate_start);
    free(s->candidate);
    free(s->mark_start);
    free(s->mark);
    memset(s, 0, sizeof *s);
}
