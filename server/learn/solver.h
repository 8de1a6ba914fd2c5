/* solver.h - one-vs-rest logistic regression with L2 penalty, solved by liblinear. Private to
 * learn/; linear.c is the only file that includes <linear.h>.
 *
 * Fan, Chang, Hsieh, Wang, Lin, "LIBLINEAR: a library for large linear classification", JMLR 9
 * (2008). For every decision d it minimises
 *     ½|w_d|² + C sum_i copies_i log(1 + exp(-y_id w_d·x_i)),   y = ±1,
 * a constant 1 appended to each row, by the dual coordinate descent of Yu, Huang, Lin, Machine
 * Learning 85 (2011) (liblinear's L2R_LR_DUAL): the fastest of its solvers on sparse text, and on
 * dense rows of length about 1.
 *
 * liblinear has process-wide state, rand() and a print hook. Each training starts with srand(1), so
 * the same rows give the same weights; one thread of a process may train at a time, and other
 * threads must leave rand() alone meanwhile. The service trains in child processes. */
#ifndef LEARN_SOLVER_H
#define LEARN_SOLVER_H

#include <stddef.h>
#include <stdint.h>

/* Rows as liblinear wants them, 16 bytes an entry: made once, and shared by all decisions and all
 * folds. */
struct solver_rows;

/* Room for n rows with at most `entries` entries in all, over `columns` columns. */
struct solver_rows *solver_rows_new(size_t n, size_t entries, uint32_t columns);
void solver_rows_free(struct solver_rows *r); /* NULL is fine */

/* Appends a row; column NULL: dense, value[n = columns]. Zeros are not kept. */
void solver_rows_add(struct solver_rows *r, const uint32_t *column, const float *value, size_t n);

struct solver_problem {
    const struct solver_rows *rows;
    uint32_t       decisions, stride; /* decision_stride(decisions)                     */
    const uint8_t *wanted; /* rows x decisions: 1 where y = +1                          */
    const uint8_t *copies; /* rows: the weight of each, 0 leaves it out. liblinear has
                              costs per class only, so the row is given so many times   */
    double         c;
};

/* w[(columns + 1) * stride], weights of one column beside each other, the constant's last. A
 * decision without any row is 0 everywhere. */
void solver_train(const struct solver_problem *p, float *w);

/* z[stride] of row i. */
void solver_scores(const struct solver_rows *r, size_t i, const float *w, uint32_t stride,
                   float *z);

#endif
