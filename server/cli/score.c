/* score.c - accuracy and macro F1. */
#include "score.h"

#include <stdlib.h>

/* Per label of the truth's numbering, with labels only people gave behind them. */
struct counts {
    double both, decided, true_;
};

/* Class of the answers -> label number in the counts. */
static int32_t *map_classes(const struct answers_table *answers, const struct truth_table *truth)
{
    int32_t *map = must_alloc((size_t)answers->labels.n * sizeof *map);

    for (int32_t k = 0; k < answers->labels.n; k++) {
        const struct intern_name *name = answers_label(answers, k);
        int32_t known = intern_find(&truth->labels, name->text, name->size);

        map[k] = known >= 0 ? known : truth->labels.n + k;
    }
    return map;
}

static bool has_label(const struct decided *d, const int32_t *map, int32_t item, int32_t label)
{
    for (size_t c = d->start[item]; c < d->start[item + 1]; c++)
        if (map[d->label[c]] == label)
            return true;
    return false;
}

static double macro_f1(const struct counts *counts, size_t n)
{
    double sum = 0, labels = 0;

    for (size_t l = 0; l < n; l++)
        if (counts[l].true_ + counts[l].decided > 0) {
            sum += 2 * counts[l].both / (counts[l].true_ + counts[l].decided);
            labels++;
        }
    return labels > 0 ? sum / labels : 0;
}

/* Reads the truth's rows: hits[i] = true labels that were decided, missing[i] = that were not, for
 * scored items; others keep -1. */
static void compare_rows(const struct answers_table *answers, const struct truth_table *truth,
                         const struct decided *d, const int32_t *map, struct counts *counts,
                         int32_t *hits, int32_t *missing)
{
    for (size_t r = 0; r < truth->n; r++) {
        const struct intern_name *name = &truth->items.names[truth->item[r]];
        int32_t item = intern_find(&answers->items, name->text, name->size);
        int32_t label = truth->label[r];

        if (item < 0)
            continue;
        hits[item] = hits[item] < 0 ? 0 : hits[item];
        if (label < 0)
            continue;
        counts[label].true_++;
        if (has_label(d, map, item, label)) {
            counts[label].both++;
            hits[item]++;
        } else {
            missing[item]++;
        }
    }
}

struct score score_decided(const struct answers_table *answers, const struct truth_table *truth,
                           const struct decided *d)
{
    size_t labels = (size_t)truth->labels.n + (size_t)answers->labels.n, right = 0;
    struct counts *counts = must_alloc(labels * sizeof *counts);
    int32_t *hits = must_alloc((size_t)d->items * sizeof *hits);
    int32_t *missing = must_alloc((size_t)d->items * sizeof *missing);
    int32_t *map = map_classes(answers, truth);
    struct score score = {0};

    for (int32_t i = 0; i < d->items; i++)
        hits[i] = -1;
    compare_rows(answers, truth, d, map, counts, hits, missing);
    for (int32_t i = 0; i < d->items; i++) {
        if (hits[i] < 0)
            continue;
        score.items++;
        right += missing[i] == 0 && (size_t)hits[i] == d->start[i + 1] - d->start[i];
        for (size_t c = d->start[i]; c < d->start[i + 1]; c++)
            counts[map[d->label[c]]].decided++;
    }
    score.accuracy = score.items ? (double)right / (double)score.items : 0;
    score.macro_f1 = macro_f1(counts, labels);
    free(counts);
    free(hits);
    free(missing);
    free(map);
    return score;
}
