/* blas.h - the wall around OpenBLAS: products and eigenvectors, one thread. Private to learn/. */
#ifndef LEARN_BLAS_H
#define LEARN_BLAS_H

#include <stdbool.h>
#include <stddef.h>

/* c[m x n] = a[m x k] · b[n x k]ᵀ, all row by row. */
void blas_multiply(const float *a, const float *b, float *c, size_t m, size_t n, size_t k);

/* c[m x n] = a[m x k] · b[k x n]. */
void blas_multiply_plain(const float *a, const float *b, float *c, size_t m, size_t n, size_t k);

/* c[m x n] = a[k x m]ᵀ · b[k x n]. */
void blas_multiply_transposed(const float *a, const float *b, float *c, size_t m, size_t n,
                              size_t k);

/* Adds aᵀ·a of a[m x n] to sum[n x n] (both triangles). */
void blas_add_squares(const float *a, double *sum, size_t m, size_t n);

/* Eigenvectors of the symmetric matrix a[n x n] into its rows, eigenvalues rising. */
bool blas_symmetric_eigen(double *a, double *values, size_t n);

#endif
