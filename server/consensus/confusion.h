/* confusion.h - every annotator's confusion matrix during a fit. Private to this room.
 *
 * The expected counts of (true class k, answered class c), plus pseudo-answers in closed form:
 * diagonal[j] on k == c and off_diagonal[j] elsewhere. Two layouts behind one door:
 *   dense.c   all classes x classes numbers of every annotator, where they are few; exact
 *   sparse.c  otherwise: only answered classes and only counts that matter
 */
#ifndef CONSENSUS_CONFUSION_H
#define CONSENSUS_CONFUSION_H

#include "csr.h"
#include "runs.h"

struct confusion {
    const struct csr *csr;
    size_t   classes, annotators;
    float   *diagonal, *off_diagonal; /* annotators: set by the method before confusion_logs */
    float   *row;                     /* annotators x classes: sums over the answered class */

    bool     is_dense;
    float   *count, *log; /* dense: [annotator][answered][true] */

    /* sparse: see struct consensus_parameters for the first five */
    size_t  *group_start;
    int32_t *group_label;
    size_t   groups;
    size_t  *entry_start;
    int32_t *entry_truth;
    float   *entry_count, *entry_log; /* entry_log: what the entry adds to the row's base */
    size_t   entry_capacity;
    int32_t *slot_group; /* csr.n: the group an answer belongs to            */
    int32_t *member;     /* csr.n: items by group                            */
    size_t  *member_start; /* groups + 1                                     */
    float   *base;       /* annotators x classes: log probability of a pair without an entry */
};

void confusion_init(struct confusion *c, const struct csr *csr);
void confusion_release(struct confusion *c);

/* M step, first half: expected counts from posteriors p (items x classes). */
void confusion_count(struct confusion *c, const float *p);

/* M step, second half: logs of the shrunken, normalised rows. Pseudo-answers are floored so that no
 * probability is 0. */
void confusion_logs(struct confusion *c);

/* E step of one item: q = log_prior + the logs of its answers, then exp and normalised. Returns the
 * log of the sum before normalising. */
double confusion_expect(const struct confusion *c, const float *log_prior, int32_t item, float *q);

/* Hands the counts over as parameters (log_prior and crowd_accuracy are the method's to fill). */
void confusion_export(struct confusion *c, struct consensus_parameters *out);

/* The layouts; confusion.c is the only caller. */
void dense_init(struct confusion *c);
void dense_count(struct confusion *c, const float *p);
void dense_logs(struct confusion *c);
void dense_export(const struct confusion *c, struct consensus_parameters *out);
void sparse_init(struct confusion *c);
void sparse_count(struct confusion *c, const float *p);
void sparse_logs(struct confusion *c);
void sparse_export(const struct confusion *c, struct consensus_parameters *out);

#endif
