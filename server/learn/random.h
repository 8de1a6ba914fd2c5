/* random.h - the room's own random numbers: the same on every machine, no hidden state.
 * Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014
 * (SplitMix64). */
#ifndef LEARN_RANDOM_H
#define LEARN_RANDOM_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t random_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline uint64_t random_next(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    return random_mix(*state);
}

static inline double random_unit(uint64_t *state) /* 0 <= x < 1 */
{
    return (double)(random_next(state) >> 11) * 0x1p-53;
}

static inline size_t random_below(uint64_t *state, size_t n) /* n >= 1 */
{
    return (size_t)(((unsigned __int128)random_next(state) * n) >> 64);
}

/* A number that depends on seed and item only: items in its order are a random permutation that
 * stays the same when others join. */
static inline uint64_t random_of(uint64_t seed, uint64_t item)
{
    return random_mix(random_mix(seed * UINT64_C(0x9E3779B97F4A7C15) + 1) + item);
}

#endif
