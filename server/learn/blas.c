/* blas.c - the only file that speaks to OpenBLAS (CBLAS and its LAPACK).
 *
 * OpenBLAS has process-wide threads. A child that learns is one of several, and sums must not
 * depend on how many cores there are: every call here runs on one thread. The library starts its
 * threads when it is loaded; who spawns a child sets OPENBLAS_NUM_THREADS=1 so that it starts
 * none. */
#include "blas.h"

#include "plumbline/base/arena.h"

#include <cblas.h>
#include <stdlib.h>

void dsyev_(const char *job, const char *half, const int *n, double *a, const int *lda,
            double *values, double *work, const int *size, int *info, size_t job_length,
            size_t half_length); /* Fortran: the lengths of the texts come last */

void blas_multiply(const float *a, const float *b, float *c, size_t m, size_t n, size_t k)
{
    openblas_set_num_threads(1);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1, a, (int)k, b,
                (int)k, 0, c, (int)n);
}

void blas_add_squares(const float *a, double *sum, size_t m, size_t n)
{
    float *product = must_alloc(n * n * sizeof *product);

    openblas_set_num_threads(1);
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)n, (int)n, (int)m, 1, a, (int)n, a,
                (int)n, 0, product, (int)n);
    for (size_t i = 0; i < n * n; i++)
        sum[i] += product[i];
    free(product);
}

bool blas_symmetric_eigen(double *a, double *values, size_t n)
{
    int order = (int)n, size = 64 * order, info = 0; /* 64: more than the block size it wants */
    double *work = must_alloc((size_t)size * sizeof *work);

    openblas_set_num_threads(1);
    dsyev_("V", "U", &order, a, &order, values, work, &size, &info, 1, 1);
    free(work);
    return info == 0;
}
