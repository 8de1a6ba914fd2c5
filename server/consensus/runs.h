/* runs.h - arithmetic on runs of floats, four at a time. Private to this room. */
#ifndef CONSENSUS_RUNS_H
#define CONSENSUS_RUNS_H

#include <stddef.h>
#include <string.h>

/* The vector types of gcc and clang: SSE2, NEON, or plain code where there is neither. */
enum { LANES = 4 };
typedef float floats __attribute__((vector_size(16)));

static inline floats run_load(const float *from)
{
    floats v;

    memcpy(&v, from, sizeof v);
    return v;
}

static inline void run_store(float *to, floats v)
{
    memcpy(to, &v, sizeof v);
}

/* to[k] += from[k] */
static inline void run_add(float *to, const float *from, size_t n)
{
    size_t k = 0;

    for (; k + LANES <= n; k += LANES)
        run_store(to + k, run_load(to + k) + run_load(from + k));
    for (; k < n; k++)
        to[k] += from[k];
}

/* q[0..n-1], finite and n >= 1, becomes exp(q) scaled to sum 1; returns log(sum(exp(q))). */
double log_normalise(float *q, size_t n);

#endif
