/* logistic.h - one-vs-rest logistic regression with L2 penalty. Private to learn/.
 *
 * For every decision d it minimises ½|w_d|² + C sum_i weight_i log(1 + exp(-y_id w_d·x_i)),
 * y = ±1, over the rows in use; a constant column of 1 is added to each row.
 *
 * Weights of one column stand together: w[column * stride + decision]; the constant's come last. */
#ifndef LEARN_LOGISTIC_H
#define LEARN_LOGISTIC_H

#include "matrix.h"

struct logistic_problem {
    const struct matrix *x;
    uint32_t       decisions;
    const uint8_t *wanted; /* x->n x decisions: 1 where y = +1               */
    const float   *weight; /* x->n, > 0; 0 leaves the row out                */
    double         c;
    uint64_t       seed;   /* of the order in which rows are visited         */
};

struct logistic_state {
    uint32_t stride;  /* decisions, rounded up to a multiple of 4 where over 1 */
    float   *w;       /* (x->columns + 1) * stride                             */
    float   *alpha;   /* x->n * stride: dual variables, 0..C weight            */
    int      sweeps;  /* over the rows that were needed                        */
};

uint32_t logistic_stride(uint32_t decisions);

/* Trains from `s`: all 0 and NULL for a first time, or the state of a problem that differs little
 * (other weights), whose result is then reached in a few sweeps. */
void logistic_train(const struct logistic_problem *p, struct logistic_state *s);
void logistic_copy(struct logistic_state *to, const struct logistic_state *from,
                 const struct logistic_problem *p);
void logistic_release(struct logistic_state *s);

/* z[stride] = w·x for one encoded row (column NULL: dense). */
void logistic_scores(const float *w, uint32_t columns, uint32_t stride, const uint32_t *column,
                   const float *value, size_t n, float *z);

#endif
