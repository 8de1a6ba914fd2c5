/* multilabel.h - many answers to "which of these classes are in it?" become, for every item, the
 * classes somebody chose, each with the probability that it is really there.
 *
 * Every class is a two-class question of its own (chosen, not chosen), answered by everyone who
 * answered the item: who saw the item and did not choose the class said no.
 *
 *   CONSENSUS_SDS           one model for all classes (multilabel_em.c): an annotator's hit rate
 *                           and false alarm rate per class, shrunk towards what the annotator does
 *                           in all classes and what the crowd does in that class. With few answers
 *                           the classes so share the annotator's figures, with many each has its
 *                           own.
 *   CONSENSUS_MAJORITY      the share of people who chose the class
 *   CONSENSUS_GROUND_TRUTH  consensus_classes_fit once a class over all answers; time grows with
 *                           classes x answers
 */
#ifndef PLUMBLINE_CONSENSUS_MULTILABEL_H
#define PLUMBLINE_CONSENSUS_MULTILABEL_H

#include "plumbline/consensus/classes.h"

struct consensus_multilabel_result {
    enum consensus_method method;
    int32_t  items, annotators, classes;
    size_t   answers;    /* pairs of item and annotator */
    size_t   duplicates; /* rows that said the same again */
    size_t  *start;      /* items + 1: the item's classes are start[i] .. start[i+1]-1 */
    int32_t *label;      /* every class with at least one vote, rising within an item */
    int32_t *votes;      /* how many chose it */
    float   *raw;        /* P(chosen) as the method computes it; for majority the share of votes */
    float   *posterior;  /* the same, calibrated as in calibrate.h */
    int32_t *item_answers; /* items: people who answered */
    float   *accuracy;   /* annotators: expected share of right decisions on the classes somebody
                            chose; the crowd's mean for one without any */
    int32_t *annotator_answers; /* annotators: items answered */
    int      iterations; /* of the longest fit */
};

/* answers->label may be -1: the annotator answered the item and chose none. Several rows of one
 * annotator on one item are several chosen classes; -1 beside others has no effect. answers->gold
 * and settings->start must be NULL. On success *result is filled; release it. Errors: as
 * consensus_classes_fit. */
bool consensus_multilabel_fit(const struct consensus_answers *answers,
                              const struct consensus_settings *settings,
                              struct consensus_multilabel_result *result, struct error *err);

void consensus_multilabel_release(struct consensus_multilabel_result *result);

#endif
