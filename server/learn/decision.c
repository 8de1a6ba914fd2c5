/* decision.c - w·x, vectorised over the decisions. */
#include "decision.h"

#include "hot.h"

uint32_t decision_stride(uint32_t decisions)
{
    return decisions == 1 ? 1 : (decisions + 3) & ~3u;
}

/* The compiler makes one copy for each constant stride it is called with. */
static inline __attribute__((always_inline)) void dot(const float *restrict w, uint32_t columns,
                                                      uint32_t stride,
                                                      const uint32_t *restrict column,
                                                      const float *restrict value, size_t n,
                                                      float *restrict z)
{
    const float *constant = w + (size_t)columns * stride;

    for (uint32_t d = 0; d < stride; d++)
        z[d] = constant[d];
    for (size_t k = 0; k < n; k++) {
        const float *from = w + (size_t)(column ? column[k] : k) * stride;
        float v = value[k];

        for (uint32_t d = 0; d < stride; d++)
            z[d] += v * from[d];
    }
}

HOT void decision_values(const float *w, uint32_t columns, uint32_t stride, const uint32_t *column,
                         const float *value, size_t n, float *z)
{
    if (stride == 1)
        dot(w, columns, 1, column, value, n, z);
    else if (stride == 4)
        dot(w, columns, 4, column, value, n, z);
    else if (stride == 12)
        dot(w, columns, 12, column, value, n, z);
    else
        dot(w, columns, stride & ~3u, column, value, n, z);
}
