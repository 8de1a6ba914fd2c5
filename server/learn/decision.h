/* decision.h - the values of all decisions of a linear model at once. Private to learn/.
 *
 * Weights of one column stand together, w[column * stride + decision], the constant's last: one
 * pass over a row's entries serves all classes. */
#ifndef LEARN_DECISION_H
#define LEARN_DECISION_H

#include <stddef.h>
#include <stdint.h>

uint32_t decision_stride(uint32_t decisions); /* rounded up to a multiple of 4 where over 1 */

/* z[stride] = w·x for one encoded row (column NULL: dense). */
void decision_values(const float *w, uint32_t columns, uint32_t stride, const uint32_t *column,
                     const float *value, size_t n, float *z);

#endif
