/* majority.c - plain voting. The posterior is the share of votes; ties go to the lowest class
 * index, so that runs repeat. The annotators' matrices are counted against the winners. */
#include "em.h"

#include "plumbline/base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void majority_shares(const struct csr *csr, int32_t item, float *q)
{
    size_t n = (size_t)csr->classes, votes = csr->start[item + 1] - csr->start[item];

    for (size_t k = 0; k < n; k++)
        q[k] = votes ? 0 : 1 / (float)n;
    for (size_t slot = csr->start[item]; slot < csr->start[item + 1]; slot++)
        q[csr->label[slot]]++;
    for (size_t k = 0; votes && k < n; k++)
        q[k] /= (float)votes;
}

/* One-hot rows of the winning classes, for counting. */
static float *winners(const struct em *em)
{
    size_t n = em->classes;
    float *sure = must_alloc((size_t)em->csr->items * n * sizeof *sure);

    for (int32_t i = 0; i < em->csr->items; i++) {
        const float *p = em->p + (size_t)i * n;
        size_t best = 0;

        for (size_t k = 1; k < n; k++)
            best = p[k] > p[best] ? k : best;
        sure[(size_t)i * n + best] = 1;
    }
    return sure;
}

void majority_fit(struct em *em)
{
    float *sure, *shares;
    double right;

    for (int32_t i = 0; i < em->csr->items; i++)
        if (em_gold(em, i) < 0)
            majority_shares(em->csr, i, em->p + (size_t)i * em->classes);
    sure = winners(em);
    confusion_init(&em->confusion, em->csr);
    confusion_count(&em->confusion, sure);
    shares = em->p;
    em->p = sure;
    right = em_count_right(em);
    em_estimate_prior(em);
    em->p = shares;
    em->crowd_accuracy = em->csr->n ? right / (double)em->csr->n : 1 / (double)em->classes;
    for (int32_t j = 0; j < em->csr->annotators; j++) {
        em->confusion.diagonal[j] = (float)em->crowd_accuracy;
        em->confusion.off_diagonal[j] =
            (float)((1 - em->crowd_accuracy) / fmax((double)em->classes - 1, 1));
    }
    confusion_logs(&em->confusion);
    free(sure);
}
