/* em.c - the steps that Dawid-Skene and its kin have in common. */
#include "em.h"

#include "infer.h"
#include "plumbline/base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Stands for "practically impossible" where a log of 0 would be needed. */
static const double PROBABILITY_MIN = 1e-30;

void em_init(struct em *em, const struct csr *csr, const struct consensus_settings *settings)
{
    size_t k = (size_t)csr->classes, m = (size_t)csr->annotators;

    *em = (struct em){.csr = csr, .settings = settings, .classes = k};
    em->p = must_alloc((size_t)csr->items * k * sizeof *em->p);
    em->log_prior = must_alloc(k * sizeof *em->log_prior);
    em->right = must_alloc(m * sizeof *em->right);
    em->given = must_alloc(m * sizeof *em->given);
    for (size_t slot = 0; slot < csr->n; slot++)
        em->given[csr->annotator[slot]]++;
    for (int32_t i = 0; i < csr->items; i++)
        if (em_gold(em, i) >= 0)
            em->p[(size_t)i * k + (size_t)em_gold(em, i)] = 1;
    for (size_t c = 0; c < k; c++)
        em->log_prior[c] = (float)-log((double)k);
}

void em_release(struct em *em)
{
    free(em->p);
    free(em->log_prior);
    free(em->right);
    free(em->given);
    confusion_release(&em->confusion);
    memset(em, 0, sizeof *em);
}

double em_count_right(struct em *em)
{
    const struct csr *csr = em->csr;
    double sum = 0;

    memset(em->right, 0, (size_t)csr->annotators * sizeof *em->right);
    for (int32_t i = 0; i < csr->items; i++) {
        const float *p = em->p + (size_t)i * em->classes;

        for (size_t slot = csr->start[i]; slot < csr->start[i + 1]; slot++) {
            em->right[csr->annotator[slot]] += p[csr->label[slot]];
            sum += p[csr->label[slot]];
        }
    }
    return sum;
}

void em_estimate_prior(struct em *em)
{
    double *sum = must_alloc(em->classes * sizeof *sum), items = 0;

    for (int32_t i = 0; i < em->csr->items; i++) {
        const float *p = em->p + (size_t)i * em->classes;

        if (csr_count(em->csr, i) == 0 && em_gold(em, i) < 0)
            continue;
        items++;
        for (size_t k = 0; k < em->classes; k++)
            sum[k] += p[k];
    }
    for (size_t k = 0; k < em->classes; k++)
        em->log_prior[k] = (float)(items > 0 ? log(fmax(sum[k] / items, PROBABILITY_MIN))
                                             : -log((double)em->classes));
    free(sum);
}

double em_expect(struct em *em)
{
    size_t n = em->classes;
    float *q = must_alloc(n * sizeof *q), *p = em->p;
    double change = 0, likelihood = 0;

    for (int32_t i = 0; i < em->csr->items; i++, p += n) {
        int32_t gold = em_gold(em, i);
        double log_sum = confusion_expect(&em->confusion, em->log_prior, i, q);
        float moved = 0;

        if (gold >= 0) {
            likelihood += log_sum + log(fmax((double)q[gold], PROBABILITY_MIN));
            continue;
        }
        likelihood += log_sum;
        for (size_t k = 0; k < n; k++) {
            moved += fabsf(q[k] - p[k]);
            p[k] = q[k];
        }
        change += (double)moved;
    }
    free(q);
    em->log_likelihood = likelihood;
    em->iterations++;
    return em->csr->items ? change / ((double)em->csr->items * (double)n) : 0;
}

void em_start_from(struct em *em, const struct consensus_parameters *start)
{
    for (int32_t i = 0; i < em->csr->items; i++)
        if (em_gold(em, i) < 0)
            infer_item(start, em->csr, i, em->p + (size_t)i * em->classes);
}
