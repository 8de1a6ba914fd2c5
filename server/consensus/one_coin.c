/* one_coin.c - every annotator is right with one probability, and errs evenly over the other
 * classes. The start of Dawid-Skene: from here it does not fall into the poor optima that voting
 * can lead to.
 *
 * The class prior stays uniform on purpose: an estimated one can collapse onto a single class,
 * since with one number an annotator a frequent class explains everything. Four pseudo-answers,
 * 70 % of them right, keep annotators with few answers near the crowd. */
#include "em.h"

#include "plumbline/base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 100 };

static const double PSEUDO_ANSWERS = 4, PSEUDO_ACCURACY = 0.7, CHANGE_MIN = 1e-5;

/* How much one answer of the annotator adds to the log posterior of its class. */
static void answer_weights(const struct em *em, float *weight)
{
    double others = (double)em->classes - 1;

    for (int32_t j = 0; j < em->csr->annotators; j++) {
        double accuracy = (em->right[j] + PSEUDO_ANSWERS * PSEUDO_ACCURACY) /
                          (em->given[j] + PSEUDO_ANSWERS);

        weight[j] = (float)log(accuracy * others / (1 - accuracy));
    }
}

static double expect(struct em *em, const float *weight, float *q)
{
    const struct csr *csr = em->csr;
    size_t n = em->classes;
    float *p = em->p;
    double change = 0;

    for (int32_t i = 0; i < csr->items; i++, p += n) {
        float moved = 0;

        if (em_gold(em, i) >= 0)
            continue;
        memset(q, 0, n * sizeof *q);
        for (size_t slot = csr->start[i]; slot < csr->start[i + 1]; slot++)
            q[csr->label[slot]] += weight[csr->annotator[slot]];
        log_normalise(q, n);
        for (size_t k = 0; k < n; k++) {
            moved += fabsf(q[k] - p[k]);
            p[k] = q[k];
        }
        change += (double)moved;
    }
    em->iterations++;
    return change / ((double)csr->items * (double)n);
}

void one_coin_fit(struct em *em)
{
    float *weight = must_alloc((size_t)em->csr->annotators * sizeof *weight);
    float *q = must_alloc(em->classes * sizeof *q);

    for (int32_t i = 0; i < em->csr->items; i++)
        if (em_gold(em, i) < 0)
            majority_shares(em->csr, i, em->p + (size_t)i * em->classes);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        em_count_right(em);
        answer_weights(em, weight);
        if (expect(em, weight, q) < CHANGE_MIN)
            break;
    }
    free(weight);
    free(q);
}
