/* em.h - what the methods of expectation maximisation share during a fit. Private to this room. */
#ifndef CONSENSUS_EM_H
#define CONSENSUS_EM_H

#include "confusion.h"

struct em {
    const struct csr *csr;
    const struct consensus_settings *settings;
    size_t   classes;
    float   *p;         /* items x classes: the posteriors */
    float   *log_prior; /* classes */
    double  *right;     /* annotators: expected number of right answers */
    int32_t *given;     /* annotators: answers given */
    double   crowd_accuracy;
    struct confusion confusion;
    int      iterations;
    double   log_likelihood;
};

/* Allocates everything; p starts with the known classes as certain and the rest as 0. */
void em_init(struct em *em, const struct csr *csr, const struct consensus_settings *settings);
void em_release(struct em *em);

static inline int32_t em_gold(const struct em *em, int32_t item)
{
    return em->csr->gold ? em->csr->gold[item] : -1;
}

/* em->right from the posteriors; returns the sum of all. */
double em_count_right(struct em *em);

/* log_prior: the mean posterior of the items with an answer or a known class; uniform if none. */
void em_estimate_prior(struct em *em);

/* E step with the confusion matrices: new posteriors and log likelihood; known classes stay.
 * Returns the mean absolute change of the posterior. */
double em_expect(struct em *em);

/* p from the parameters of a former fit. */
void em_start_from(struct em *em, const struct consensus_parameters *start);

/* The methods: each leaves posteriors, parameters and figures in *em. */
void majority_fit(struct em *em);
void one_coin_fit(struct em *em); /* posteriors only; the start of dawid_skene_fit */
void dawid_skene_fit(struct em *em);
void ground_truth_fit(struct em *em);

/* Votes of one item as shares; all classes alike where there are none. */
void majority_shares(const struct csr *csr, int32_t item, float *q);

#endif
