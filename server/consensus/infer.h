/* infer.h - the posterior of one item from the parameters of a fit. Private to this room. */
#ifndef CONSENSUS_INFER_H
#define CONSENSUS_INFER_H

#include "csr.h"

/* Fills q with the normalised posterior; returns the log of the sum (0 for majority). */
double infer_item(const struct consensus_parameters *p, const struct csr *csr, int32_t item,
                  float *q);

#endif
