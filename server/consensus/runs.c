/* runs.c - log probabilities to probabilities. Half the time of a plain E step goes into
 * exponentials, so they are taken four at a time, the last one to three by expf.
 *
 * exp(x) = 2^n exp(r), n the whole number nearest to x / ln 2, |r| <= ln 2 / 2, exp(r) by its
 * Taylor series to r^6: the error is under 3e-7 of the value, about what single precision
 * carries. */
#include "runs.h"

#include <math.h>
#include <stdint.h>

typedef int32_t ints __attribute__((vector_size(16)));

/* Below, exp is under the smallest normal float; the result is then about 1e-38 rather than 0. */
static const float EXPONENT_MIN = -87;

/* ln 2 in two parts: n times the first is exact. */
static const float LN2_HIGH = 0.693359375f, LN2_LOW = -2.12194440e-4f, LOG2_E = 1.44269504f;

static inline floats larger(floats a, floats b)
{
    ints first = a > b;

    return (floats)(((ints)a & first) | ((ints)b & ~first));
}

/* exp of numbers that are at most 0. */
static inline floats exp_lanes(floats v)
{
    ints n;
    floats whole, r, series;

    v = larger(v, EXPONENT_MIN - (floats){0});
    n = __builtin_convertvector(v * LOG2_E - 0.5f, ints); /* towards zero: to the nearest */
    whole = __builtin_convertvector(n, floats);
    r = v - whole * LN2_HIGH - whole * LN2_LOW;
    series = 1 / 24.0f + r * (1 / 120.0f + r * (1 / 720.0f));
    series = 1 + r * (1 + r * (1 / 2.0f + r * (1 / 6.0f + r * series)));
    return series * (floats)((n + 127) * (1 << 23));
}

static float largest(const float *q, size_t n)
{
    float top = q[0];
    size_t k = 0;

    if (n >= LANES) {
        floats tops = run_load(q);

        for (k = LANES; k + LANES <= n; k += LANES)
            tops = larger(run_load(q + k), tops);
        top = fmaxf(fmaxf(tops[0], tops[1]), fmaxf(tops[2], tops[3]));
    }
    for (; k < n; k++)
        top = q[k] > top ? q[k] : top;
    return top;
}

double log_normalise(float *q, size_t n)
{
    float top = largest(q, n), sum, scale;
    floats sums = {0};
    size_t k = 0;

    for (; k + LANES <= n; k += LANES) {
        floats v = exp_lanes(run_load(q + k) - top);

        run_store(q + k, v);
        sums += v;
    }
    sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for (; k < n; k++) {
        q[k] = expf(q[k] - top);
        sum += q[k];
    }
    scale = 1 / sum;
    for (k = 0; k + LANES <= n; k += LANES)
        run_store(q + k, run_load(q + k) * scale);
    for (; k < n; k++)
        q[k] *= scale;
    return (double)top + log((double)sum);
}
