/* blas.c - the only file that speaks to OpenBLAS (CBLAS and its LAPACK).
 *
 * OpenBLAS has process-wide threads. A child that learns is one of several, and sums must not
 * depend on how many cores there are: every call here runs on one thread. The library starts its
 * threads when it is loaded; who spawns a child sets OPENBLAS_NUM_THREADS=1 so that it starts
 * none.
 *
 * It also chooses its kernels when it is loaded, by the processor's model number. Version 0.3.21
 * takes those of 2004 ("Prescott", a third of the speed) for a processor newer than its list, which
 * is what later versions correct by looking at what the processor can do. We look ourselves, before
 * the first call, and let the library choose again. */
#include "blas.h"

#include "plumbline/base/arena.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

void dsyev_(const char *job, const char *half, const int *n, double *a, const int *lda,
            double *values, double *work, const int *size, int *info, size_t job_length,
            size_t half_length); /* Fortran: the lengths of the texts come last */

#if defined(__x86_64__)
/* Exported by builds that carry kernels for many processors; NULL in others. */
void gotoblas_dynamic_init(void) __attribute__((weak));
void gotoblas_dynamic_quit(void) __attribute__((weak));

static const char *better_kernels(void)
{
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return "SkylakeX";
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? "Haswell" : NULL;
}

static void choose_kernels(void)
{
    const char *better = better_kernels();

    if (!better || getenv("OPENBLAS_CORETYPE") || !gotoblas_dynamic_init ||
        !gotoblas_dynamic_quit || strcmp(openblas_get_corename(), "Prescott") != 0)
        return;
    setenv("OPENBLAS_CORETYPE", better, 0);
    gotoblas_dynamic_quit();
    gotoblas_dynamic_init();
}
#else
static void choose_kernels(void) {}
#endif

static void prepare(void)
{
    static bool done;

    if (!done)
        choose_kernels();
    done = true;
    openblas_set_num_threads(1);
}

void blas_multiply(const float *a, const float *b, float *c, size_t m, size_t n, size_t k)
{
    prepare();
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1, a, (int)k, b,
                (int)k, 0, c, (int)n);
}

void blas_multiply_plain(const float *a, const float *b, float *c, size_t m, size_t n, size_t k)
{
    prepare();
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a, (int)k, b,
                (int)n, 0, c, (int)n);
}

void blas_multiply_transposed(const float *a, const float *b, float *c, size_t m, size_t n,
                              size_t k)
{
    prepare();
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a, (int)m, b,
                (int)n, 0, c, (int)n);
}

void blas_add_squares(const float *a, double *sum, size_t m, size_t n)
{
    float *product = must_alloc(n * n * sizeof *product);

    prepare();
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

    prepare();
    dsyev_("V", "U", &order, a, &order, values, work, &size, &info, 1, 1);
    free(work);
    return info == 0;
}
