/* logistic.c - the solver of logistic.h: dual coordinate ascent, all decisions of a row at once.
 *
 * Yu, Huang, Lin, "Dual coordinate descent methods for logistic regression and maximum entropy
 * models", Machine Learning 85 (2011), give the dual: w = sum_i alpha_i y_i x_i with alpha_i in
 * (0, C), and at the optimum alpha_i = C sigma(-y_i w·x_i). One row's alpha, the others fixed, is
 * the root of
 *     f(d) = alpha + d - C sigma(-(m + Q d)),   m = y w·x,  Q = |x|²,
 * which rises everywhere with slope 1 .. 1 + CQ/4: a few Newton steps from d = 0 do. |f(0)| / C is
 * how far the row is from its optimum, as a probability: it is the stopping rule.
 *
 * Why not liblinear: it solves one class after the other, 16 bytes an entry, and cannot start from
 * a solution. Here a row's entries are read once for all classes, weights of rows are exact, and
 * the four folds of a round start from the model of all rows. */
#include "logistic.h"

#include "hot.h"
#include "plumbline/base/arena.h"
#include "random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SWEEPS_MAX = 60, NEWTON_MAX = 8 };

static const float ENOUGH = 0.02f; /* worst distance from the optimum, as a probability          */
static const float STILL = 0.002f; /* steps smaller than this share of C are not worth a pass     */

uint32_t logistic_stride(uint32_t decisions)
{
    return decisions == 1 ? 1 : (decisions + 3) & ~3u;
}

void logistic_release(struct logistic_state *s)
{
    free(s->w);
    free(s->alpha);
    *s = (struct logistic_state){0};
}

void logistic_copy(struct logistic_state *to, const struct logistic_state *from,
                 const struct logistic_problem *p)
{
    size_t weights = ((size_t)p->x->columns + 1) * from->stride, duals = p->x->n * from->stride;

    to->stride = from->stride;
    to->w = must_realloc(to->w, weights + 1, sizeof *to->w);
    to->alpha = must_realloc(to->alpha, duals + 1, sizeof *to->alpha);
    memcpy(to->w, from->w, weights * sizeof *to->w);
    memcpy(to->alpha, from->alpha, duals * sizeof *to->alpha);
}

/* The compiler makes one copy of these for each constant stride it is called with. */
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

static inline __attribute__((always_inline)) void add(float *restrict w, uint32_t columns,
                                                      uint32_t stride,
                                                      const uint32_t *restrict column,
                                                      const float *restrict value, size_t n,
                                                      const float *restrict step)
{
    float *constant = w + (size_t)columns * stride;

    for (uint32_t d = 0; d < stride; d++)
        constant[d] += step[d];
    for (size_t k = 0; k < n; k++) {
        float *to = w + (size_t)(column ? column[k] : k) * stride;
        float v = value[k];

        for (uint32_t d = 0; d < stride; d++)
            to[d] += v * step[d];
    }
}

#define BY_STRIDE(call, w, columns, stride, column, value, n, z)                                   \
    do {                                                                                           \
        if ((stride) == 1)                                                                         \
            call(w, columns, 1, column, value, n, z);                                              \
        else if ((stride) == 4)                                                                    \
            call(w, columns, 4, column, value, n, z);                                              \
        else if ((stride) == 12)                                                                   \
            call(w, columns, 12, column, value, n, z);                                             \
        else                                                                                       \
            call(w, columns, (stride) & ~3u, column, value, n, z);                                 \
    } while (0)

HOT void logistic_scores(const float *w, uint32_t columns, uint32_t stride, const uint32_t *column,
                         const float *value, size_t n, float *z)
{
    BY_STRIDE(dot, w, columns, stride, column, value, n, z);
}

HOT static void add_scaled(float *w, uint32_t columns, uint32_t stride, const uint32_t *column,
                           const float *value, size_t n, const float *step)
{
    BY_STRIDE(add, w, columns, stride, column, value, n, step);
}

static float sigmoid(float t)
{
    return 1 / (1 + expf(-t));
}

/* The row's step for one decision; adds it to *alpha, returns it; *gap is |f(0)| / C. The root lies
 * between alpha = 0 and alpha = C; a Newton step that leaves what is left of that is halved. */
static float solve(float *alpha, float c, float margin, float squares, float *gap)
{
    float s = sigmoid(-margin), f = *alpha - c * s;
    float low = -*alpha, high = c - *alpha, d = 0;

    *gap = fabsf(f) / c;
    if (*gap < STILL)
        return 0;
    for (int i = 0; i < NEWTON_MAX && fabsf(f) >= STILL * c; i++) {
        float next = d - f / (1 + c * squares * s * (1 - s));

        if (f > 0)
            high = d;
        else
            low = d;
        d = next > low && next < high ? next : (low + high) / 2;
        s = sigmoid(-(margin + squares * d));
        f = *alpha + d - c * s;
    }
    *alpha += d;
    return d;
}

struct row {
    const uint32_t *column;
    const float    *value;
    size_t          n;
};

static struct row row_of(const struct matrix *x, size_t i)
{
    if (!x->column)
        return (struct row){NULL, x->value + i * x->columns, x->columns};
    return (struct row){x->column + x->start[i], x->value + x->start[i],
                        x->start[i + 1] - x->start[i]};
}

/* Visits row i; returns its distance from the optimum. z and step have room for a stride. */
static float visit(const struct logistic_problem *p, struct logistic_state *s, size_t i,
                   float squares, float *z, float *step)
{
    const uint8_t *wanted = p->wanted + i * p->decisions;
    struct row r = row_of(p->x, i);
    float c = (float)p->c * p->weight[i], worst = 0;
    bool moved = false;

    logistic_scores(s->w, p->x->columns, s->stride, r.column, r.value, r.n, z);
    for (uint32_t d = 0; d < p->decisions; d++) {
        float y = wanted[d] ? 1 : -1, gap;

        step[d] = y * solve(&s->alpha[i * s->stride + d], c, y * z[d], squares, &gap);
        worst = fmaxf(worst, gap);
        moved = moved || step[d] != 0;
    }
    if (moved)
        add_scaled(s->w, p->x->columns, s->stride, r.column, r.value, r.n, step);
    return worst;
}

/* Takes a row that is no longer in use out of w. */
static void forget(const struct logistic_problem *p, struct logistic_state *s, size_t i,
                   float *step)
{
    struct row r = row_of(p->x, i);
    bool any = false;

    for (uint32_t d = 0; d < p->decisions; d++) {
        float *alpha = &s->alpha[i * s->stride + d];

        step[d] = p->wanted[i * p->decisions + d] ? -*alpha : *alpha;
        any = any || *alpha != 0;
        *alpha = 0;
    }
    if (any)
        add_scaled(s->w, p->x->columns, s->stride, r.column, r.value, r.n, step);
}

static void squared_lengths(const struct matrix *x, float *squares)
{
    for (size_t i = 0; i < x->n; i++) {
        struct row r = row_of(x, i);
        double sum = 1; /* the constant */

        for (size_t k = 0; k < r.n; k++)
            sum += (double)r.value[k] * r.value[k];
        squares[i] = (float)sum;
    }
}

static void start(const struct logistic_problem *p, struct logistic_state *s)
{
    s->stride = logistic_stride(p->decisions);
    s->w = must_alloc((((size_t)p->x->columns + 1) * s->stride + 1) * sizeof *s->w);
    s->alpha = must_alloc((p->x->n * s->stride + 1) * sizeof *s->alpha);
}

void logistic_train(const struct logistic_problem *p, struct logistic_state *s)
{
    float *z, *step, *squares = must_alloc((p->x->n + 1) * sizeof *squares);
    uint32_t *order = must_alloc((p->x->n + 1) * sizeof *order);
    uint64_t random = p->seed;
    size_t n = 0;

    if (!s->w)
        start(p, s);
    z = must_alloc(2 * s->stride * sizeof *z);
    step = z + s->stride;
    squared_lengths(p->x, squares);
    for (size_t i = 0; i < p->x->n; i++) {
        if (p->weight[i] > 0)
            order[n++] = (uint32_t)i;
        else
            forget(p, s, i, step);
    }
    for (s->sweeps = 0; s->sweeps < SWEEPS_MAX && n > 0; s->sweeps++) {
        float worst = 0;

        for (size_t left = n; left > 0; left--) { /* a fresh random order each time */
            size_t k = random_below(&random, left);
            uint32_t i = order[k];

            order[k] = order[left - 1];
            order[left - 1] = i;
            worst = fmaxf(worst, visit(p, s, i, squares[i], z, step));
        }
        if (worst < ENOUGH)
            break;
    }
    free(z);
    free(squares);
    free(order);
}
