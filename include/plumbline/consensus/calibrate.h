/* calibrate.h - from the numbers of expectation maximisation to probabilities one can act on.
 *
 * Dawid-Skene takes annotators' errors as independent. They are not: hard items are hard for
 * everybody, so the product over n answers is too sure of itself (expected calibration error 8 to
 * 15 % on public sets). Tempering divides the log posterior by T = 1 + 0.2 (n - 1): one answer is
 * taken at its word, each further one counts less. The order of the classes is unchanged.
 */
#ifndef PLUMBLINE_CONSENSUS_CALIBRATE_H
#define PLUMBLINE_CONSENSUS_CALIBRATE_H

#include <stddef.h>
#include <stdint.h>

/* T for an item with that many answers; 1 for none or one. */
double consensus_temperature(int32_t answers);

/* out[k] = raw[k]^(1/T), scaled to sum 1. `out` may be `raw`. */
void consensus_temper(const float *raw, size_t classes, double temperature, float *out);

/* The confidence as Ground Truth's manifests show it: two decimals, and 0.00 where fewer than two
 * people answered, since nothing was consolidated. */
double consensus_exported_confidence(double probability, int32_t answers);

#endif
