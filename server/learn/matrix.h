/* matrix.h - the rows a linear model is trained on: floats, sparse or dense, each row of length
 * about 1, so that one strength of regularisation suits every extractor. Private to learn/. */
#ifndef LEARN_MATRIX_H
#define LEARN_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sparse: entries start[i] .. start[i+1]-1 of column[] and value[]. Dense: column is NULL, row i is
 * value + i * columns. */
struct matrix {
    size_t    n;       /* rows    */
    uint32_t  columns;
    size_t   *start;   /* n + 1; dense: NULL */
    uint32_t *column;
    float    *value;
};

void matrix_release(struct matrix *m);

#endif
