/* hot.h - marks the few inner loops that gcc should vectorise even at -O2, where sums may be taken
 * in any order and no number is infinite or NaN. */
#ifndef LEARN_HOT_H
#define LEARN_HOT_H

#if defined(__GNUC__) && !defined(__clang__)
#define HOT __attribute__((optimize("O3", "fast-math")))
#else
#define HOT
#endif

#endif
