/* infer.c - judging new answers by what is known of the annotators. */
#include "infer.h"

#include "em.h"

#include <math.h>
#include <string.h>

/* The group of (annotator, label), or -1: the groups are sorted by label. */
static ptrdiff_t find_group(const struct consensus_parameters *p, int32_t annotator, int32_t label)
{
    size_t low = p->group_start[annotator], high = p->group_start[annotator + 1];

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (p->group_label[middle] == label)
            return (ptrdiff_t)middle;
        if (p->group_label[middle] < label)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

static void add_stranger(const struct consensus_parameters *p, int32_t label, float *q)
{
    double accuracy = p->crowd_accuracy;
    double wrong = fmax((1 - accuracy) / ((double)p->classes - 1), 1e-9);

    q[label] += (float)log(fmax(accuracy, 1e-9) / wrong);
}

static void add_answer(const struct consensus_parameters *p, int32_t annotator, int32_t label,
                       float *q)
{
    size_t n = (size_t)p->classes;
    const float *row = p->row + (size_t)annotator * n;
    float off = p->off_diagonal[annotator], diagonal = p->diagonal[annotator];
    ptrdiff_t group = find_group(p, annotator, label);
    bool diagonal_done = false;

    for (size_t k = 0; k < n; k++)
        q[k] += logf(off / row[k]);
    if (group >= 0)
        for (size_t e = p->entry_start[group]; e < p->entry_start[group + 1]; e++) {
            bool is_diagonal = p->entry_truth[e] == label;
            float pseudo = is_diagonal ? diagonal : off;

            q[p->entry_truth[e]] += logf((p->entry_count[e] + pseudo) / off);
            diagonal_done = diagonal_done || is_diagonal;
        }
    if (!diagonal_done)
        q[label] += logf(diagonal / off);
}

double infer_item(const struct consensus_parameters *p, const struct csr *csr, int32_t item,
                  float *q)
{
    if (p->method == CONSENSUS_MAJORITY) {
        majority_shares(csr, item, q);
        return 0;
    }
    memcpy(q, p->log_prior, (size_t)p->classes * sizeof *q);
    for (size_t slot = csr->start[item]; slot < csr->start[item + 1]; slot++) {
        int32_t j = csr->annotator[slot];

        if (j < p->annotators)
            add_answer(p, j, csr->label[slot], q);
        else
            add_stranger(p, csr->label[slot], q);
    }
    return log_normalise(q, (size_t)p->classes);
}

double consensus_confusion(const struct consensus_parameters *p, int32_t annotator, int32_t truth,
                           int32_t label)
{
    double count = 0, pseudo;
    ptrdiff_t group;

    if (p->classes == 1)
        return 1;
    if (annotator < 0 || annotator >= p->annotators)
        return truth == label ? p->crowd_accuracy
                              : (1 - p->crowd_accuracy) / ((double)p->classes - 1);
    pseudo = truth == label ? p->diagonal[annotator] : p->off_diagonal[annotator];
    group = find_group(p, annotator, label);
    for (size_t e = group < 0 ? 0 : p->entry_start[group];
         group >= 0 && e < p->entry_start[group + 1]; e++)
        if (p->entry_truth[e] == truth)
            count = p->entry_count[e];
    return (count + pseudo) / p->row[(size_t)annotator * (size_t)p->classes + (size_t)truth];
}
