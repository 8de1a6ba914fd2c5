/* encode.h - feature rows to the columns of a model. Private to learn/.
 *
 * TEXT: counts become (1 + log count) * idf over the columns the training rows have (Salton and
 * Buckley 1988), runs and words each L2-normalised to half of the row. Dense kinds: each column
 * standardised over the job's items, the whole divided by the root of the number of columns. So every
 * row has length about 1, and one strength of regularisation suits every extractor. */
#ifndef LEARN_ENCODE_H
#define LEARN_ENCODE_H

#include "plumbline/learn/features.h"

struct encoder {
    struct learn_extractor extractor;
    uint32_t  columns; /* of the model                                                   */
    int32_t  *map;     /* TEXT: 2^18, the model's column or -1; else NULL                */
    uint32_t *hashed;  /* TEXT: columns, the hashed column of each, rising; else NULL    */
    float    *idf;     /* TEXT: columns; else NULL                                       */
    float    *shift, *scale; /* dense: columns; else NULL                                */
};

/* Learns the encoding from all rows (document frequencies, means), keeping the columns that occur
 * in the n_train rows `train` and at least twice in all; at most columns_max of them. */
void encoder_learn(struct encoder *e, const struct learn_rows *rows, const uint32_t *train,
                   size_t n_train, size_t columns_max);
void encoder_release(struct encoder *e);
bool encoder_restore_map(struct encoder *e); /* map from hashed; false when that is not rising */

/* One row: TEXT up to row->n entries into column and value; dense e->columns floats into value.
 * Returns the number of entries. */
size_t encoder_row(const struct encoder *e, const struct learn_row *row, uint32_t *column,
                   float *value);

#endif
