/* csr.c - checking and sorting the answers.
 *
 * A counting sort by item that keeps the order of input; then, item by item, an annotator's earlier
 * answers give way to the last one, which takes the place of the first. */
#include "csr.h"

#include "plumbline/base/arena.h"

#include <stdlib.h>
#include <string.h>

static bool check(const struct consensus_answers *in, struct error *err)
{
    if (in->classes < 1 || in->items < 0 || in->annotators < 0)
        return error_invalid(err, "classes", "Consolidation needs at least one class");
    if ((size_t)in->items > CONSENSUS_POSTERIOR_MAX / (size_t)in->classes)
        return error_invalid(err, "classes",
                             "%d items with %d classes are too many: at most %zu million "
                             "probabilities fit", in->items, in->classes,
                             CONSENSUS_POSTERIOR_MAX / 1000000);
    if ((size_t)in->annotators > CONSENSUS_ROWS_MAX / (size_t)in->classes)
        return error_invalid(err, "classes",
                             "%d annotators with %d classes are too many: at most %zu million "
                             "pairs fit", in->annotators, in->classes,
                             CONSENSUS_ROWS_MAX / 1000000);
    if (in->n > INT32_MAX)
        return error_invalid(err, "answers", "%zu answers are too many: at most %d", in->n,
                             INT32_MAX);
    for (size_t a = 0; a < in->n; a++)
        if (in->item[a] < 0 || in->item[a] >= in->items || in->annotator[a] < 0 ||
            in->annotator[a] >= in->annotators || in->label[a] < 0 || in->label[a] >= in->classes)
            return error_invalid(err, "answers", "Answer %zu has an item, annotator or class "
                                 "that is out of range", a);
    for (int32_t i = 0; in->gold && i < in->items; i++)
        if (in->gold[i] < -1 || in->gold[i] >= in->classes)
            return error_invalid(err, "gold", "The known class of item %d is out of range", i);
    return true;
}

/* Moves the answers together, leaving out superseded ones. seen[j] is 1 + the place of annotator
 * j's answer; places only grow, so a place before the item's start means "not on this item". */
static void drop_superseded(struct csr *csr)
{
    size_t *seen = must_alloc(((size_t)csr->annotators + 1) * sizeof *seen), to = 0, from = 0;

    for (int32_t i = 0; i < csr->items; i++) {
        size_t first = to, end = csr->start[i + 1];

        csr->start[i] = first;
        for (; from < end; from++) {
            int32_t j = csr->annotator[from];

            if (seen[j] > first) {
                csr->label[seen[j] - 1] = csr->label[from];
                continue;
            }
            csr->annotator[to] = j;
            csr->label[to] = csr->label[from];
            seen[j] = ++to;
        }
    }
    csr->start[csr->items] = to;
    csr->duplicates = csr->n - to;
    csr->n = to;
    free(seen);
}

bool csr_build(struct csr *csr, const struct consensus_answers *in, struct error *err)
{
    size_t *next;

    if (!check(in, err))
        return false;
    *csr = (struct csr){.items = in->items, .annotators = in->annotators, .classes = in->classes,
                        .n = in->n, .gold = in->gold};
    csr->start = must_alloc(((size_t)in->items + 1) * sizeof *csr->start);
    csr->annotator = must_alloc(in->n * sizeof *csr->annotator);
    csr->label = must_alloc(in->n * sizeof *csr->label);
    for (size_t a = 0; a < in->n; a++)
        csr->start[in->item[a] + 1]++;
    for (int32_t i = 0; i < in->items; i++)
        csr->start[i + 1] += csr->start[i];
    next = must_alloc(((size_t)in->items + 1) * sizeof *next);
    memcpy(next, csr->start, ((size_t)in->items + 1) * sizeof *next);
    for (size_t a = 0; a < in->n; a++) {
        size_t place = next[in->item[a]]++;

        csr->annotator[place] = in->annotator[a];
        csr->label[place] = in->label[a];
    }
    free(next);
    drop_superseded(csr);
    return true;
}

void csr_release(struct csr *csr)
{
    free(csr->start);
    free(csr->annotator);
    free(csr->label);
    memset(csr, 0, sizeof *csr);
}
