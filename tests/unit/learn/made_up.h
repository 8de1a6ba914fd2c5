/* made_up.h - small made-up jobs of vectors for the tests of the learner. */
#ifndef MADE_UP_H
#define MADE_UP_H

#include "plumbline/learn/loop.h"
#include "plumbline/learn/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MADE_UP_COLUMNS = 6, MADE_UP_MAX = 4000 };

struct made_up {
    struct learn_rows rows;
    struct learn_row  row[MADE_UP_MAX];
    float   vector[MADE_UP_MAX][MADE_UP_COLUMNS];
    int32_t truth[MADE_UP_MAX], label[MADE_UP_MAX];
    uint8_t part[MADE_UP_MAX], sets[MADE_UP_MAX * 3];
    uint64_t random;
};

static inline double made_up_unit(struct made_up *m)
{
    m->random = m->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(m->random >> 11) * 0x1p-53;
}

/* n items of `classes` (at most 3) classes around centres 2 apart, with noise of the given
 * width. */
static inline struct made_up *made_up_new(size_t n, int classes, double noise)
{
    struct made_up *m = calloc(1, sizeof *m);

    m->random = 7;
    m->rows = (struct learn_rows){.extractor = learn_extractor_vector(MADE_UP_COLUMNS),
                                  .row = m->row, .n = n};
    for (size_t i = 0; i < n; i++) {
        m->truth[i] = (int32_t)(made_up_unit(m) * classes);
        for (int c = 0; c < MADE_UP_COLUMNS; c++) {
            double spread = made_up_unit(m) + made_up_unit(m) + made_up_unit(m) - 1.5;

            m->vector[i][c] = (float)((c == m->truth[i] ? 2 : 0) + noise * spread);
        }
        m->row[i] = (struct learn_row){m->vector[i], MADE_UP_COLUMNS};
        m->label[i] = LEARN_UNKNOWN;
    }
    return m;
}

static const char *const made_up_names[] = {"apple", "pear", "plum"};

#endif
