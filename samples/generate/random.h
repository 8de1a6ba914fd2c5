/* random.h - the same random numbers on every machine (SplitMix64; Steele, Lea, Flood 2014). */
#ifndef SAMPLES_RANDOM_H
#define SAMPLES_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

static inline uint64_t random_bits(struct random *r)
{
    uint64_t z = r->state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* 0 <= result < 1 */
static inline double random_real(struct random *r)
{
    return (double)(random_bits(r) >> 11) * 0x1p-53;
}

static inline double random_between(struct random *r, double low, double high)
{
    return low + (high - low) * random_real(r);
}

/* 0 <= result < n */
static inline int random_below(struct random *r, int n)
{
    return (int)(random_real(r) * n);
}

static inline bool random_chance(struct random *r, double p)
{
    return random_real(r) < p;
}

#endif
