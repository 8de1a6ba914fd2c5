/* sparse.c - confusion matrices for many classes or many annotators.
 *
 * A thousand classes would mean a million numbers an annotator, nearly all of them pure
 * pseudo-answers. So only groups (annotator, answered class) that occur are kept, and in a group
 * only true classes with a real count. Everything else has one value an annotator and true class,
 * `base`; an entry stores what it adds to that.
 *
 * The counts take a sparse E step (Neal and Hinton, "A view of the EM algorithm that justifies
 * incremental, sparse, and other variants", 1998): of an item's posterior only classes with at
 * least TRUTH_MIN take part. Without it an item with one answer would spread a thousandth of a
 * count over every class. The posteriors themselves stay complete. */
#include "confusion.h"

#include "plumbline/base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float TRUTH_MIN = 0.01f;

/* order = the slots, stably sorted by key (0 <= key < keys). from = NULL: as they stand. */
static void sort_slots(const int32_t *key, size_t keys, const int32_t *from, size_t n,
                       int32_t *order)
{
    size_t *next = must_alloc((keys + 1) * sizeof *next);

    for (size_t s = 0; s < n; s++)
        next[key[s] + 1]++;
    for (size_t k = 0; k < keys; k++)
        next[k + 1] += next[k];
    for (size_t s = 0; s < n; s++) {
        int32_t slot = from ? from[s] : (int32_t)s;

        order[next[key[slot]]++] = slot;
    }
    free(next);
}

/* Numbers the groups along the sorted slots; notes each group's label and where it begins. */
static void number_groups(struct confusion *c, const int32_t *order)
{
    const struct csr *csr = c->csr;
    int32_t annotator = -1, label = -1;

    for (size_t s = 0; s < csr->n; s++) {
        int32_t slot = order[s];

        if (csr->annotator[slot] != annotator || csr->label[slot] != label) {
            annotator = csr->annotator[slot];
            label = csr->label[slot];
            c->group_label[c->groups] = label;
            c->member_start[c->groups++] = s;
            c->group_start[annotator + 1]++;
        }
        c->slot_group[slot] = (int32_t)c->groups - 1;
    }
    c->member_start[c->groups] = csr->n;
    for (size_t j = 0; j < c->annotators; j++)
        c->group_start[j + 1] += c->group_start[j];
}

void sparse_init(struct confusion *c)
{
    const struct csr *csr = c->csr;
    int32_t *by_label = must_alloc(csr->n * sizeof *by_label);
    int32_t *slot_item = must_alloc(csr->n * sizeof *slot_item);

    c->member = must_alloc(csr->n * sizeof *c->member);
    c->slot_group = must_alloc(csr->n * sizeof *c->slot_group);
    c->group_label = must_alloc(csr->n * sizeof *c->group_label);
    c->member_start = must_alloc((csr->n + 1) * sizeof *c->member_start);
    c->group_start = must_alloc((c->annotators + 1) * sizeof *c->group_start);
    c->base = must_alloc(c->annotators * c->classes * sizeof *c->base);
    sort_slots(csr->label, c->classes, NULL, csr->n, by_label);
    sort_slots(csr->annotator, c->annotators, by_label, csr->n, c->member);
    number_groups(c, c->member);
    for (int32_t i = 0; i < csr->items; i++)
        for (size_t slot = csr->start[i]; slot < csr->start[i + 1]; slot++)
            slot_item[slot] = i;
    for (size_t s = 0; s < csr->n; s++)
        c->member[s] = slot_item[c->member[s]];
    c->entry_start = must_alloc((c->groups + 1) * sizeof *c->entry_start);
    free(by_label);
    free(slot_item);
}

/* The posteriors' classes that count, item by item. */
struct sparse_rows {
    size_t  *start; /* items + 1 */
    int32_t *truth;
    float   *p;
};

static void rows_build(struct sparse_rows *rows, const struct csr *csr, const float *p)
{
    size_t n = (size_t)csr->classes, all = (size_t)csr->items * n, kept = 0, e = 0;

    for (size_t at = 0; at < all; at++)
        kept += p[at] >= TRUTH_MIN;
    rows->start = must_alloc(((size_t)csr->items + 1) * sizeof *rows->start);
    rows->truth = must_alloc(kept * sizeof *rows->truth);
    rows->p = must_alloc(kept * sizeof *rows->p);
    for (int32_t i = 0; i < csr->items; i++, p += n) {
        for (size_t k = 0; k < n; k++)
            if (p[k] >= TRUTH_MIN) {
                rows->truth[e] = (int32_t)k;
                rows->p[e++] = p[k];
            }
        rows->start[i + 1] = e;
    }
}

static void rows_release(struct sparse_rows *rows)
{
    free(rows->start);
    free(rows->truth);
    free(rows->p);
}

static int compare_classes(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

    return (x > y) - (x < y);
}

static void entries_reserve(struct confusion *c, size_t wanted)
{
    if (wanted <= c->entry_capacity)
        return;
    c->entry_capacity = wanted + wanted / 2;
    c->entry_truth = must_realloc(c->entry_truth, c->entry_capacity, sizeof *c->entry_truth);
    c->entry_count = must_realloc(c->entry_count, c->entry_capacity, sizeof *c->entry_count);
    c->entry_log = must_realloc(c->entry_log, c->entry_capacity, sizeof *c->entry_log);
}

/* Adds up one group in `sum` (all zeros and no `mark` set) and appends
 * its entries. The diagonal always has one, since its pseudo-answers differ from the base. */
static size_t count_group(struct confusion *c, size_t g, const struct sparse_rows *rows,
                          float *sum, bool *mark, int32_t *touched)
{
    size_t n = 0, e = c->entry_start[g];

    touched[n++] = c->group_label[g];
    mark[c->group_label[g]] = true;
    for (size_t s = c->member_start[g]; s < c->member_start[g + 1]; s++) {
        int32_t i = c->member[s];

        for (size_t r = rows->start[i]; r < rows->start[i + 1]; r++) {
            int32_t k = rows->truth[r];

            if (!mark[k])
                touched[n++] = k;
            mark[k] = true;
            sum[k] += rows->p[r];
        }
    }
    qsort(touched, n, sizeof *touched, compare_classes);
    entries_reserve(c, e + n);
    for (size_t t = 0; t < n; t++, e++) {
        c->entry_truth[e] = touched[t];
        c->entry_count[e] = sum[touched[t]];
        sum[touched[t]] = 0;
        mark[touched[t]] = false;
    }
    return e;
}

void sparse_count(struct confusion *c, const float *p)
{
    struct sparse_rows rows;
    float *sum = must_alloc(c->classes * sizeof *sum);
    bool *mark = must_alloc(c->classes * sizeof *mark);
    int32_t *touched = must_alloc(c->classes * sizeof *touched);

    rows_build(&rows, c->csr, p);
    for (size_t j = 0; j < c->annotators; j++)
        for (size_t g = c->group_start[j]; g < c->group_start[j + 1]; g++) {
            c->entry_start[g + 1] = count_group(c, g, &rows, sum, mark, touched);
            for (size_t e = c->entry_start[g]; e < c->entry_start[g + 1]; e++)
                c->row[j * c->classes + (size_t)c->entry_truth[e]] += c->entry_count[e];
        }
    rows_release(&rows);
    free(sum);
    free(mark);
    free(touched);
}

void sparse_logs(struct confusion *c)
{
    for (size_t j = 0; j < c->annotators; j++) {
        float off = c->off_diagonal[j], diagonal = c->diagonal[j];
        float pseudo = diagonal + (float)(c->classes - 1) * off;
        size_t at = j * c->classes;

        for (size_t k = 0; k < c->classes; k++)
            c->base[at + k] = logf(off / (c->row[at + k] + pseudo));
        for (size_t g = c->group_start[j]; g < c->group_start[j + 1]; g++)
            for (size_t e = c->entry_start[g]; e < c->entry_start[g + 1]; e++)
                c->entry_log[e] = logf((c->entry_count[e] + (c->entry_truth[e] == c->group_label[g]
                                                                 ? diagonal : off)) / off);
    }
}

static void *copy_of(const void *from, size_t count, size_t size)
{
    void *copy = must_alloc(count * size);

    if (count)
        memcpy(copy, from, count * size);
    return copy;
}

void sparse_export(const struct confusion *c, struct consensus_parameters *out)
{
    size_t entries = c->entry_start[c->groups];

    out->group_start = copy_of(c->group_start, c->annotators + 1, sizeof *out->group_start);
    out->group_label = copy_of(c->group_label, c->groups, sizeof *out->group_label);
    out->entry_start = copy_of(c->entry_start, c->groups + 1, sizeof *out->entry_start);
    out->entry_truth = copy_of(c->entry_truth, entries, sizeof *out->entry_truth);
    out->entry_count = copy_of(c->entry_count, entries, sizeof *out->entry_count);
}
