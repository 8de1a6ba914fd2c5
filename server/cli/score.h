/* score.h - how good consolidated labels are, where the truth is known. Private to this room. */
#ifndef CLI_SCORE_H
#define CLI_SCORE_H

#include "plumbline/cli/answers.h"

/* What was decided: item i has the classes label[start[i]] .. label[start[i+1]-1]. */
struct decided {
    int32_t items;
    size_t *start;      /* items + 1 */
    int32_t *label;
    double  *confidence; /* one a label */
    double  *none;      /* items: confidence that it has no label; NULL where it must have one */
};

struct score {
    double accuracy; /* share of scored items whose labels are exactly the true ones */
    double macro_f1; /* mean over labels that are true or decided somewhere in the scored items */
    size_t items;    /* scored: in the truth and among the answers */
};

struct score score_decided(const struct answers_table *answers, const struct truth_table *truth,
                           const struct decided *decided);

#endif
