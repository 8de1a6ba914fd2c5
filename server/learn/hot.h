/* hot.h - marks the few inner loops that gcc should vectorise even at -O2 (clang does so anyway). */
#ifndef LEARN_HOT_H
#define LEARN_HOT_H

#if defined(__GNUC__) && !defined(__clang__)
#define HOT __attribute__((optimize("O3", "no-math-errno")))
#else
#define HOT
#endif

#endif
