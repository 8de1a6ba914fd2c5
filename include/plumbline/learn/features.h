/* features.h - what the learner sees of an item: one row of numbers.
 *
 * Three extractors. Text gives sparse hashed counts (text.h), images a dense vector from a small
 * dictionary learned on the job's own images (picture.h), and users may bring vectors of their own
 * ("embedding":[...]). Rows are kept in a feature file (feature_file.h); training and prediction
 * read the same rows.
 *
 * A sparse row is an array of uint32_t, one a column that occurs, in rising order:
 * column << LEARN_COUNT_BITS | count. Counts end at LEARN_COUNT_MAX. Document frequencies are a
 * matter of training time, so nothing here depends on other items.
 */
#ifndef PLUMBLINE_LEARN_FEATURES_H
#define PLUMBLINE_LEARN_FEATURES_H

#include "plumbline/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LEARN_TEXT_BITS = 18, /* 2^18 columns: learning.md 2                        */
    LEARN_TEXT_WORDS = 1 << (LEARN_TEXT_BITS - 1), /* words from here, runs of characters below */
    LEARN_COUNT_BITS = 32 - LEARN_TEXT_BITS,
    LEARN_COUNT_MAX = (1 << LEARN_COUNT_BITS) - 1,
    LEARN_VECTOR_MAX = 16384, /* longest vector a user may bring                */
};

enum learn_kind { LEARN_TEXT = 1, LEARN_IMAGE = 2, LEARN_VECTOR = 3 };

/* Which extractor with which parameters. Two rows are comparable only when all of this, and for
 * images the dictionary, is equal. */
struct learn_extractor {
    uint32_t kind;     /* enum learn_kind                                                   */
    uint32_t version;  /* of the extractor's code; 1                                        */
    uint32_t columns;  /* TEXT 2^18; IMAGE 4 x atoms; VECTOR the vectors' length            */
    uint32_t atoms;    /* IMAGE: size of the dictionary; else 0                             */
    uint32_t side;     /* IMAGE: working width and height in pixels; else 0                 */
    uint32_t reserved; /* 0                                                                 */
    uint64_t seed;     /* IMAGE: of the dictionary's sample and start; else 0               */
};

struct learn_extractor learn_extractor_text(void);
struct learn_extractor learn_extractor_image(uint64_t seed);      /* 400 atoms, 32 x 32 pixels */
struct learn_extractor learn_extractor_vector(uint32_t columns);

/* False, field.invalid, when a field is outside what this version of the program knows. */
bool learn_extractor_check(const struct learn_extractor *x, struct error *err);
bool learn_extractor_equal(const struct learn_extractor *a, const struct learn_extractor *b);

/* One item's features. TEXT: n entries of uint32_t; the others: n = columns floats. data is NULL
 * where there are none (corrupt item, not extracted yet): such an item goes to people. */
struct learn_row {
    const void *data;
    size_t      n;
};

/* The rows of a job, indexed by the caller's row number 0..n-1. Borrowed memory. */
struct learn_rows {
    struct learn_extractor  extractor;
    const struct learn_row *row;
    size_t                  n;
};

#endif
