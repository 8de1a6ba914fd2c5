/* calibrate.h - scores to probabilities, and how sure one may be of a share.
 *
 * One temperature divides all scores of a model (Guo, Pleiss, Sun, Weinberger, "On calibration of
 * modern neural networks", ICML 2017); it is fitted on scores of items the model has not seen.
 */
#ifndef PLUMBLINE_LEARN_CALIBRATE_H
#define PLUMBLINE_LEARN_CALIBRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One score a decision. Two classes, single-label: one decision, which says class 0. Otherwise one
 * a class. */
struct learn_scores {
    const float   *z;     /* n x stride                                         */
    size_t         n;
    uint32_t       stride, decisions, n_classes;
    bool           multilabel;
    const int32_t *label; /* single-label: n classes, the truth                 */
    const uint8_t *sets;  /* multi-label: n x n_classes, the truth              */
};

/* p[n_classes] of one item: logistic of score / temperature, renormalised to sum 1 when
 * single-label. */
void learn_probabilities(const float *z, uint32_t decisions, uint32_t n_classes, bool multilabel,
                         double temperature, float *p);

/* What one would do with these probabilities. */
struct learn_choice {
    int32_t label;      /* the best class, the first of equals; multilabel: 0                    */
    float   confidence; /* its probability; multilabel: that the whole set (all p >= 0.5) is right,
                           the labels taken as independent */
    float   margin;     /* best less second best; multilabel: the smallest |2p - 1|              */
};
struct learn_choice learn_choose(const float *p, uint32_t n_classes, bool multilabel);

/* The temperature with the least log loss, by golden section between 1/20 and 20. Single-label:
 * loss of the true class; multi-label: loss of "the whole set is right". The truth is smoothed by
 * one pseudo-answer (Platt 1999), so that a sample without a mistake does not promise certainty. 1
 * when n is 0. */
double learn_temperature(const struct learn_scores *s);

/* One-sided lower bound of a share of which `right` of n were seen: Clopper-Pearson (exact) and
 * Wilson. `sure` is the confidence, 0.90 for example. 0 when n is 0. */
double learn_lower_bound_exact(size_t right, size_t n, double sure);
double learn_lower_bound_wilson(double share, size_t n, double sure);

/* Standard normal quantile of 0 < p < 1 (to 1e-9). */
double learn_normal_quantile(double p);

#endif
