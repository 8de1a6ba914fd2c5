/* classes.h - many answers to "which class is it?" become one label with a probability.
 *
 * Plain arrays in, plain arrays out; deterministic; nothing is kept between calls. Items,
 * annotators and classes are numbers from 0. An annotator counts once on an item: of several
 * answers the last in the arrays counts.
 *
 * The methods, one file each:
 *   CONSENSUS_SDS           shrunken Dawid-Skene (dawid_skene.c), the default. Dawid and Skene,
 *                           "Maximum likelihood estimation of observer error-rates using the EM
 *                           algorithm", Applied Statistics 28, 1979, with pseudo-answers that keep
 *                           annotators with few answers near the crowd's mean.
 *   CONSENSUS_MAJORITY      the class with most answers, ties to the lowest index (majority.c)
 *   CONSENSUS_GROUND_TRUTH  SageMaker Ground Truth's variant (ground_truth.c)
 */
#ifndef PLUMBLINE_CONSENSUS_CLASSES_H
#define PLUMBLINE_CONSENSUS_CLASSES_H

#include "plumbline/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum consensus_method { CONSENSUS_SDS, CONSENSUS_MAJORITY, CONSENSUS_GROUND_TRUTH };

/* The largest posterior matrix, in numbers (items x classes): 2 GB of floats. */
#define CONSENSUS_POSTERIOR_MAX ((size_t)500 * 1000 * 1000)

/* The largest table of annotators x classes, in numbers. */
#define CONSENSUS_ROWS_MAX ((size_t)250 * 1000 * 1000)

/* Borrowed by every call. */
struct consensus_answers {
    int32_t        items, annotators, classes; /* classes >= 1 */
    size_t         n;                          /* answers */
    const int32_t *item, *annotator, *label;   /* n each */
    const int32_t *gold; /* NULL, or for every item its known class, -1 = not known */
};

/* What a fit has learnt of the annotators: enough to judge new answers, and the confusion matrices
 * for people to look at. Sparse: only pairs (true class, answered class) with a count are listed.
 *
 * Annotator j's groups are g = group_start[j] .. group_start[j+1]-1, by rising answered class
 * group_label[g]; the group's entries are e = entry_start[g] .. entry_start[g+1]-1, by rising true
 * class entry_truth[e], each an expected number of answers entry_count[e]. The estimated
 * probability that j answers c where k is true is
 *     (count(k,c) + (k == c ? diagonal[j] : off_diagonal[j])) / row[j * classes + k]
 * with the pseudo-answers diagonal and off_diagonal; row holds the sums over c. */
struct consensus_parameters {
    enum consensus_method method;
    int32_t  annotators, classes;
    double   crowd_accuracy; /* what is assumed of an annotator never seen */
    float   *log_prior;      /* classes: log of the class prior */
    float   *diagonal, *off_diagonal; /* annotators; both 0 for one who gave no answer */
    float   *row;            /* annotators x classes */
    size_t  *group_start;    /* annotators + 1 */
    int32_t *group_label;    /* groups */
    size_t  *entry_start;    /* groups + 1 */
    int32_t *entry_truth;    /* entries */
    float   *entry_count;    /* entries */
};

struct consensus_settings {
    enum consensus_method method;
    int max_rounds; /* 0: the method's own (100, or 20 for Ground Truth) */
    const struct consensus_parameters *start; /* NULL, or a former fit of the same method and
                                                 classes to start from; ignored by majority */
};

struct consensus_result {
    enum consensus_method method;
    int32_t  items, annotators, classes;
    size_t   answers;      /* that counted */
    size_t   duplicates;   /* answers set aside because the annotator answered the item again */
    int32_t *label;        /* items: the most probable class, the lowest index on ties */
    float   *raw;          /* items x classes: posterior as the method computes it; rows sum to 1.
                              Over-confident; for majority the share of votes. See below */
    float   *posterior;    /* items: calibrated probability of `label`, for every decision */
    int32_t *item_answers; /* items: answers that counted */
    float   *accuracy;     /* annotators: expected share of right answers; the crowd's mean for one
                              without answers. NULL after consensus_classes_infer */
    int32_t *annotator_answers; /* annotators. NULL after consensus_classes_infer */
    int      iterations;
    double   log_likelihood; /* of the answers, at the last E step; 0 for majority */
};

/* Labels every item. Items without answers get the class prior (majority: all classes alike).
 * On success *result is filled: consensus_result_release it. parameters may be NULL; otherwise it
 * is filled too: consensus_parameters_release it. On failure both are untouched.
 * Errors: field.invalid for an index out of range, no classes, start parameters that do not fit,
 * a result larger than CONSENSUS_POSTERIOR_MAX or CONSENSUS_ROWS_MAX. */
bool consensus_classes_fit(const struct consensus_answers *answers,
                           const struct consensus_settings *settings,
                           struct consensus_result *result,
                           struct consensus_parameters *parameters, struct error *err);

/* One E step for new answers, given what a fit has learnt: costs what the answers are, not what
 * the fit was. Items are numbered within the batch; annotators as in the fit, and every number
 * from parameters->annotators up to answers->annotators - 1 is somebody never seen, who is taken to
 * be like the crowd's mean. */
bool consensus_classes_infer(const struct consensus_parameters *parameters,
                             const struct consensus_answers *answers,
                             struct consensus_result *result, struct error *err);

/* The calibrated posterior of one item: `classes` floats that sum to 1 (see calibrate.h). */
void consensus_item_posterior(const struct consensus_result *result, int32_t item, float *out);

/* The estimated probability that the annotator answers `label` where `truth` is the class; for an
 * annotator never seen the crowd's. */
double consensus_confusion(const struct consensus_parameters *parameters, int32_t annotator,
                           int32_t truth, int32_t label);

void consensus_result_release(struct consensus_result *result);
void consensus_parameters_release(struct consensus_parameters *parameters);

#endif
