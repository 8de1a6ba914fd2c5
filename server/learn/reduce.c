/* reduce.c - principal components by randomised subspace iteration.
 *
 * Halko, Martinsson, Tropp, "Finding structure with randomness", SIAM Review 53 (2011), algorithm
 * 4.4: a random basis is multiplied by XᵀX a few times and orthonormalised after each product. It
 * costs a few matrix products, where all eigenvectors of 1600 columns would take seconds. The exact
 * components do not matter, only that their span holds nearly all of the variance. */
#include "reduce.h"

#include "blas.h"
#include "plumbline/base/arena.h"
#include "random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE_ROWS = 2000, ITERATIONS = 2, BLOCK = 256 };

void reduction_release(struct reduction *v)
{
    free(v->basis);
    *v = (struct reduction){0};
}

/* An evenly spread sample of the encoded rows: x[count x columns]. */
static float *sample_rows(const struct encoder *e, const struct learn_rows *rows, size_t *count)
{
    size_t with = 0, seen = 0;
    float *x;

    for (size_t i = 0; i < rows->n; i++)
        with += rows->row[i].data != NULL;
    x = must_realloc(NULL, (with < SAMPLE_ROWS ? with : SAMPLE_ROWS) + 1,
                     e->columns * sizeof *x);
    *count = 0;
    for (size_t i = 0; i < rows->n; i++) {
        if (!rows->row[i].data)
            continue;
        if (with <= SAMPLE_ROWS || seen * SAMPLE_ROWS / with == *count)
            encoder_row(e, &rows->row[i], NULL, x + (*count)++ * e->columns);
        seen++;
    }
    return x;
}

/* Makes the rows of a[n x columns] orthonormal: a := L^-½ Uᵀ a, where a aᵀ = U L Uᵀ. Directions
 * that are no more than rounding are dropped; returns how many are left. */
static uint32_t orthonormalise(float *a, uint32_t n, uint32_t columns)
{
    float *gram = must_realloc(NULL, (size_t)n * n + 1, sizeof *gram);
    float *rotated = must_realloc(NULL, (size_t)n * columns + 1, sizeof *rotated);
    double *u = must_realloc(NULL, (size_t)n * n + 1, sizeof *u);
    double *values = must_alloc((n + 1) * sizeof *values);
    uint32_t left = 0;

    blas_multiply(a, a, gram, n, n, columns);
    for (size_t i = 0; i < (size_t)n * n; i++)
        u[i] = gram[i];
    if (blas_symmetric_eigen(u, values, n))
        for (uint32_t k = n; k-- > 0 && values[k] > 1e-6 * values[n - 1] && values[k] > 0; left++)
            for (uint32_t j = 0; j < n; j++)
                gram[(size_t)left * n + j] = (float)(u[(size_t)k * n + j] / sqrt(values[k]));
    blas_multiply_plain(gram, a, rotated, left, columns, n);
    memcpy(a, rotated, (size_t)left * columns * sizeof *a);
    free(gram);
    free(rotated);
    free(u);
    free(values);
    return left;
}

static void random_basis(float *basis, size_t n)
{
    uint64_t random = 1;

    for (size_t i = 0; i < n; i++)
        basis[i] = (float)(random_unit(&random) - 0.5);
}

void reduction_learn(struct reduction *v, const struct encoder *e, const struct learn_rows *rows)
{
    float *x, *y;
    size_t n;

    *v = (struct reduction){.columns = e->columns};
    if (e->extractor.kind == LEARN_TEXT || e->columns <= REDUCED_MAX)
        return;
    x = sample_rows(e, rows, &n);
    y = must_realloc(NULL, (n + 1) * REDUCED_MAX, sizeof *y);
    v->kept = REDUCED_MAX;
    v->basis = must_realloc(NULL, (size_t)REDUCED_MAX * e->columns, sizeof *v->basis);
    random_basis(v->basis, (size_t)REDUCED_MAX * e->columns);
    for (int k = 0; k < ITERATIONS && v->kept > 0; k++) {
        blas_multiply(v->basis, x, y, v->kept, n, e->columns); /* y[kept x n] = basis · xᵀ */
        v->kept = orthonormalise(y, v->kept, (uint32_t)n);
        blas_multiply_plain(y, x, v->basis, v->kept, e->columns, n);
        v->kept = orthonormalise(v->basis, v->kept, e->columns);
    }
    free(x);
    free(y);
}

static struct solver_rows *sparse_rows(const struct encoder *e, const struct learn_rows *rows,
                                       const uint32_t *pick, size_t n)
{
    size_t entries = 0, longest = 0;
    struct solver_rows *out;
    uint32_t *column;
    float *value;

    for (size_t i = 0; i < n; i++) {
        entries += rows->row[pick[i]].n;
        if (rows->row[pick[i]].n > longest)
            longest = rows->row[pick[i]].n;
    }
    out = solver_rows_new(n, entries, e->columns);
    column = must_realloc(NULL, longest + 1, sizeof *column);
    value = must_realloc(NULL, longest + 1, sizeof *value);
    for (size_t i = 0; i < n; i++) {
        size_t used = encoder_row(e, &rows->row[pick[i]], column, value);

        solver_rows_add(out, column, value, used);
    }
    free(column);
    free(value);
    return out;
}

/* Dense rows, a block at a time, so that never all of them stand in memory unreduced. */
static struct solver_rows *dense_rows(const struct reduction *v, const struct encoder *e,
                                      const struct learn_rows *rows, const uint32_t *pick, size_t n)
{
    uint32_t columns = v->kept > 0 ? v->kept : e->columns;
    struct solver_rows *out = solver_rows_new(n, n * columns, columns);
    float *x = must_realloc(NULL, BLOCK, e->columns * sizeof *x);
    float *y = must_realloc(NULL, BLOCK, columns * sizeof *y);

    for (size_t i = 0; i < n; i += BLOCK) {
        size_t m = n - i < BLOCK ? n - i : BLOCK;

        for (size_t k = 0; k < m; k++)
            encoder_row(e, &rows->row[pick[i + k]], NULL, x + k * e->columns);
        if (v->kept > 0)
            blas_multiply(x, v->basis, y, m, columns, e->columns);
        for (size_t k = 0; k < m; k++)
            solver_rows_add(out, NULL, (v->kept > 0 ? y : x) + k * columns, columns);
    }
    free(x);
    free(y);
    return out;
}

struct solver_rows *reduction_rows(const struct reduction *v, const struct encoder *e,
                                   const struct learn_rows *rows, const uint32_t *pick, size_t n)
{
    return e->extractor.kind == LEARN_TEXT ? sparse_rows(e, rows, pick, n)
                                           : dense_rows(v, e, rows, pick, n);
}

float *reduction_expand(const struct reduction *v, float *w, uint32_t stride)
{
    float *full;

    if (v->kept == 0)
        return w;
    full = must_realloc(NULL, (size_t)v->columns + 1, stride * sizeof *full);
    blas_multiply_transposed(v->basis, w, full, v->columns, stride, v->kept);
    memcpy(full + (size_t)v->columns * stride, w + (size_t)v->kept * stride,
           stride * sizeof *full);
    free(w);
    return full;
}
