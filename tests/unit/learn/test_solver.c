/* test_solver.c - liblinear behind its wall: known optima, weights of rows as copies, determinism,
 * one-sided problems; and the reduction of dense rows, which must not change what w·x means. */
#include "../../../server/learn/decision.h"
#include "../../../server/learn/reduce.h"
#include "../../../server/learn/solver.h"
#include "../check.h"
#include "plumbline/learn/model.h"

#include <math.h>
#include <stdlib.h>

enum { N = 60, COLUMNS = 3, DECISIONS = 3, WEIGHTS = (COLUMNS + 1) * 4 };

struct toy {
    float   x[3 * N][COLUMNS];
    uint8_t wanted[3 * N * DECISIONS], copies[3 * N];
    size_t  n;
};

static void toy_add(struct toy *t, int i, uint8_t copies)
{
    float *x = t->x[t->n];

    for (int c = 0; c < COLUMNS; c++)
        x[c] = (float)((i * 37 + c * 11) % 23) / 23 - 0.5f;
    t->wanted[t->n * DECISIONS + (x[0] > 0.1f ? 0 : x[1] > 0 ? 1 : 2)] = 1;
    t->copies[t->n++] = copies;
}

static void toy_train(const struct toy *t, double c, float *w)
{
    struct solver_rows *rows = solver_rows_new(t->n, t->n * COLUMNS, COLUMNS);
    struct solver_problem p = {.rows = rows, .decisions = DECISIONS, .stride = 4,
                               .wanted = t->wanted, .copies = t->copies, .c = c};

    for (size_t i = 0; i < t->n; i++)
        solver_rows_add(rows, NULL, t->x[i], COLUMNS);
    solver_train(&p, w);
    solver_rows_free(rows);
}

/* ½|w|² + C sum copies log(1 + exp(-y w.x)), all decisions together. */
static double objective(const struct toy *t, double c, const float *w)
{
    double sum = 0;

    for (size_t i = 0; i < t->n; i++) {
        float z[4];

        decision_values(w, COLUMNS, 4, NULL, t->x[i], COLUMNS, z);
        for (size_t d = 0; d < DECISIONS; d++)
            sum += c * t->copies[i] * log1p(exp(t->wanted[i * DECISIONS + d] ? -z[d] : z[d]));
    }
    for (int k = 0; k < WEIGHTS; k++)
        sum += 0.5 * w[k] * w[k];
    return sum;
}

/* No weight can be moved by `step` for a smaller objective. */
static bool is_optimum(const struct toy *t, double c, const float *w, float step)
{
    double best = objective(t, c, w);
    float moved[WEIGHTS];

    memcpy(moved, w, sizeof moved);
    for (int k = 0; k < WEIGHTS; k++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            moved[k] = w[k] + (float)sign * step;
            if (objective(t, c, moved) <= best)
                return false;
        }
        moved[k] = w[k];
    }
    return true;
}

/* x = 1 is y, x = -1 is not: by symmetry the constant's weight is 0 and w = 2 C sigma(-w). */
static void test_known_answer(void)
{
    static const struct { double c, w; } cases[] = {{0.5, 0.401058}, {1, 0.674831}, {8, 1.965672}};
    const float x[] = {1, -1};
    const uint8_t wanted[] = {1, 0}, copies[] = {1, 1};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct solver_rows *rows = solver_rows_new(2, 2, 1);
        struct solver_problem p = {.rows = rows, .decisions = 1, .stride = 1, .wanted = wanted,
                                   .copies = copies, .c = cases[i].c};
        float w[2], z;

        solver_rows_add(rows, NULL, &x[0], 1);
        solver_rows_add(rows, NULL, &x[1], 1);
        solver_train(&p, w);
        CHECK_NEAR("weight", w[0], cases[i].w, 0.02 * cases[i].w);
        CHECK_NEAR("constant", w[1], 0, 0.02);
        solver_scores(rows, 1, w, 1, &z);
        CHECK_NEAR("score", z, w[1] - w[0], 1e-6);
        solver_rows_free(rows);
    }
}

static void test_optimum(void)
{
    struct toy t = {0};
    float w[WEIGHTS], again[WEIGHTS];

    for (int i = 0; i < N; i++)
        toy_add(&t, i, i % 5 == 0 ? 3 : 1);
    toy_train(&t, 10, w);
    CHECK("at the optimum of weighted rows", is_optimum(&t, 10, w, 0.1f));
    for (size_t i = 0; i < t.n; i++)
        t.copies[i] = 1;
    CHECK("which is not that of plain rows", !is_optimum(&t, 10, w, 0.1f));
    for (size_t i = 0; i < t.n; i++)
        t.copies[i] = i % 5 == 0 ? 3 : 1;
    CHECK("padding is 0", w[3] == 0 && w[WEIGHTS - 1] == 0);
    srand(77); /* what else used rand() does not matter */
    toy_train(&t, 10, again);
    CHECK("the same bytes again", memcmp(w, again, sizeof w) == 0);
}

static void test_copies(void)
{
    struct toy weighted = {0}, repeated = {0}, holes = {0}, without = {0};
    float w[WEIGHTS], v[WEIGHTS];

    for (int i = 0; i < N; i++) {
        toy_add(&weighted, i, i % 4 == 0 ? 3 : 1);
        for (int k = 0; k < (i % 4 == 0 ? 3 : 1); k++)
            toy_add(&repeated, i, 1);
        toy_add(&holes, i, i % 4 == 0 ? 0 : 1);
        if (i % 4 != 0)
            toy_add(&without, i, 1);
    }
    toy_train(&weighted, 10, w);
    toy_train(&repeated, 10, v);
    CHECK("a weight is so many copies", memcmp(w, v, sizeof w) == 0);
    toy_train(&holes, 10, w);
    CHECK("and other rows make another model", memcmp(w, v, sizeof w) != 0);
    toy_train(&without, 10, v);
    CHECK("no copy is no row", memcmp(w, v, sizeof w) == 0);
}

/* Nothing but one kind, or nothing at all, as happens to rare classes in a fold. */
static void test_one_sided(void)
{
    struct toy t = {0};
    float w[WEIGHTS], z[4];

    for (int i = 0; i < N; i++)
        toy_add(&t, i, 1);
    memset(t.wanted, 0, sizeof t.wanted);
    for (int i = 0; i < N; i++)
        t.wanted[i * DECISIONS + 1] = 1;
    toy_train(&t, 10, w);
    decision_values(w, COLUMNS, 4, NULL, t.x[0], COLUMNS, z);
    CHECK("always no", z[0] < -2 && z[2] < -2);
    CHECK("always yes", z[1] > 2);
    memset(t.copies, 0, sizeof t.copies);
    toy_train(&t, 10, w);
    decision_values(w, COLUMNS, 4, NULL, t.x[0], COLUMNS, z);
    CHECK("no rows say nothing", z[0] == 0 && z[1] == 0 && z[2] == 0);
}

enum { ITEMS = 300, WIDE = 600, DIRECTIONS = 5 };

/* |value|² and the part of it that the reduction keeps. */
static void lengths(const struct reduction *v, const float *value, double *whole, double *kept)
{
    *whole = *kept = 0;
    for (int c = 0; c < WIDE; c++)
        *whole += (double)value[c] * value[c];
    for (uint32_t k = 0; k < v->kept; k++) {
        double along = 0;

        for (uint32_t c = 0; c < WIDE; c++)
            along += (double)value[c] * v->basis[k * WIDE + c];
        *kept += along * along;
    }
}

/* Worst disagreement of any weights of reduced columns with the same weights expanded. */
static double expansion_error(const struct reduction *v, const struct encoder *e,
                              const struct learn_rows *rows, const uint32_t *pick)
{
    struct solver_rows *reduced = reduction_rows(v, e, rows, pick, ITEMS);
    float *w = malloc(((size_t)v->kept + 1) * sizeof *w), scores[ITEMS], value[WIDE], z;
    double worst = 0;

    for (uint32_t k = 0; k <= v->kept; k++)
        w[k] = (float)k - 1.5f;
    for (size_t i = 0; i < ITEMS; i++)
        solver_scores(reduced, i, w, 1, &scores[i]);
    w = reduction_expand(v, w, 1);
    for (size_t i = 0; i < ITEMS; i++) {
        encoder_row(e, &rows->row[i], NULL, value);
        decision_values(w, WIDE, 1, NULL, value, WIDE, &z);
        worst = fmax(worst, fabs(z - scores[i]));
    }
    solver_rows_free(reduced);
    free(w);
    return worst;
}

/* Items in the span of 5 directions among 600 columns: nothing may be lost. */
static void test_reduction(void)
{
    float *x = calloc(ITEMS * WIDE, sizeof *x), value[WIDE];
    struct learn_row row[ITEMS];
    struct learn_rows rows = {.extractor = learn_extractor_vector(WIDE), .row = row, .n = ITEMS};
    double worst = 0, whole, kept;
    uint32_t pick[ITEMS];
    struct reduction v;
    struct encoder e;

    for (int i = 0; i < ITEMS; i++) {
        for (int k = 0; k < WIDE * DIRECTIONS; k++)
            x[i * WIDE + k / DIRECTIONS] += (float)(sin(i * (k % DIRECTIONS + 1.7)) *
                                                    cos(k / DIRECTIONS * (k % DIRECTIONS + 0.3)));
        row[i] = (struct learn_row){x + i * WIDE, WIDE};
        pick[i] = (uint32_t)i;
    }
    encoder_learn(&e, &rows, pick, ITEMS, WIDE);
    reduction_learn(&v, &e, &rows);
    CHECK("few numbers are left", v.kept >= DIRECTIONS && v.kept < 50);
    for (int i = 0; i < ITEMS; i++) {
        encoder_row(&e, &row[i], NULL, value);
        lengths(&v, value, &whole, &kept);
        worst = fmax(worst, fabs(whole - kept) / whole);
    }
    CHECK("and nothing is lost", worst < 1e-3);
    CHECK("weights of all columns say the same", expansion_error(&v, &e, &rows, pick) < 1e-3);
    reduction_release(&v);
    encoder_release(&e);
    free(x);
}

static void test_library(void)
{
    char name[LEARN_LIBRARY_SIZE];

    learn_library(name);
    CHECK("liblinear is the learner", strncmp(name, "liblinear 2.", 12) == 0);
}

int main(void)
{
    test_known_answer();
    test_optimum();
    test_copies();
    test_one_sided();
    test_reduction();
    test_library();
    return check_done();
}
