/* people.h - simulated annotators, right with a given chance. Private to cli/. */
#ifndef CLI_PEOPLE_H
#define CLI_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct people {
    int64_t        n;          /* how many: no item has more answers      */
    double         accuracy;   /* chance that an answer is right          */
    size_t         n_classes;
    const int32_t *truth;
    const uint8_t *truth_sets; /* multi-label, else NULL                  */
    uint64_t       random;
    int64_t        answers;    /* given so far                            */
};

/* The people's label of item i. `careful`: two answer and, where they differ, a third, as the
 * random sample of the loop asks when people make mistakes (design: learning.md 4.6); with three
 * different answers the first counts. set: n_classes, multi-label only; label is then 0. */
void people_answer(struct people *p, size_t i, bool careful, int32_t *label, uint8_t *set);

#endif
