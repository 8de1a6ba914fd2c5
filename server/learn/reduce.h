/* reduce.h - dense rows to fewer numbers for training, and weights back. Private to learn/.
 *
 * The solver takes 16 bytes an entry and a pass costs rows x columns; images have 1600 columns and
 * users' vectors up to 16384. Training therefore works in the space of the first REDUCED_MAX
 * principal components of the job's items: on ten classes of photographs 512 of 1600 lose nothing
 * (59.2 % right), 256 lose a point. Since the components are orthonormal, w·(V x) = (Vᵀw)·x: the model keeps one weight for each original
 * column, and predicting knows nothing of this. */
#ifndef LEARN_REDUCE_H
#define LEARN_REDUCE_H

#include "encode.h"
#include "solver.h"

enum { REDUCED_MAX = 512 };

struct reduction {
    uint32_t kept;  /* components; 0: rows are used as they are */
    uint32_t columns;
    float   *basis; /* kept x columns, orthonormal rows         */
};

/* Learns the components from the encoded rows of all items (a sample of them where there are many);
 * none where the encoding is sparse or has no more than REDUCED_MAX columns. */
void reduction_learn(struct reduction *v, const struct encoder *e, const struct learn_rows *rows);
void reduction_release(struct reduction *v);

/* The rows `pick`, encoded and reduced; all must have features. The caller frees. */
struct solver_rows *reduction_rows(const struct reduction *v, const struct encoder *e,
                                   const struct learn_rows *rows, const uint32_t *pick, size_t n);

/* Weights of reduced columns, (kept + 1) x stride, to those of the encoder's, the constant's last;
 * frees w and returns the new ones, or w itself when nothing was reduced. */
float *reduction_expand(const struct reduction *v, float *w, uint32_t stride);

#endif
