/* agreement.h - how far people agree, beyond what chance would give.
 *
 * Answers as in classes.h: one annotator counts once on an item, the last answer counts. Items with
 * one answer say nothing about agreement and are left out.
 */
#ifndef PLUMBLINE_CONSENSUS_AGREEMENT_H
#define PLUMBLINE_CONSENSUS_AGREEMENT_H

#include "plumbline/consensus/classes.h"

struct consensus_agreement {
    bool   is_defined; /* false: no item with two answers; everything else is then 0 */
    double coefficient; /* 1 = full agreement, 0 = as by chance, below 0 = worse than chance */
    double observed, expected; /* share of agreement found, and expected by chance */
    size_t items, answers;     /* that took part */
};

/* Krippendorff's alpha for nominal data, any number of annotators and missing answers
 * (Krippendorff, "Content Analysis", 2004, ch. 11): 1 - observed / expected disagreement, with
 * pairs weighted so that every answer counts once. With only_class >= 0 the answers are taken as
 * "that class" or "another"; -1 = all classes. Where all answers are of one class alpha is 1
 * here: nobody disagreed, though nothing could be told apart. Errors: field.invalid for an index
 * out of range. */
bool consensus_alpha(const struct consensus_answers *answers, int32_t only_class,
                     struct consensus_agreement *out, struct error *err);

/* Cohen's kappa of two annotators over the items that both answered ("A coefficient of agreement
 * for nominal scales", 1960). Where both gave one and the same class throughout kappa is 1 here.
 * Errors: field.invalid for an index out of range. */
bool consensus_kappa(const struct consensus_answers *answers, int32_t first, int32_t second,
                     struct consensus_agreement *out, struct error *err);

#endif
