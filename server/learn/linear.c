/* linear.c - the wall around liblinear, the only file that includes <linear.h>.
 *
 * Each decision is a binary problem of its own over pointers to rows that exist once: a fold or a
 * weight only changes which pointers are given, and how often. */
#include "solver.h"

#include "hot.h"
#include "plumbline/base/arena.h"
#include "plumbline/learn/model.h"

#include <linear.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Stop when the largest violation in the gradient is below this, liblinear's own default for its
 * dual solvers. On ag_news 0.01 takes 1.4 times the time and moves one text of 1520. */
static const double ENOUGH = 0.1;

struct solver_rows {
    uint32_t columns;
    size_t   n, used;            /* rows, nodes                                            */
    size_t              *start;  /* of each row in node[]; it ends with the constant and -1 */
    struct feature_node *node;
};

struct solver_rows *solver_rows_new(size_t n, size_t entries, uint32_t columns)
{
    struct solver_rows *r = must_alloc(sizeof *r);

    r->columns = columns;
    r->start = must_realloc(NULL, n + 1, sizeof *r->start);
    r->node = must_realloc(NULL, entries + 2 * n + 1, sizeof *r->node);
    return r;
}

void solver_rows_free(struct solver_rows *r)
{
    if (!r)
        return;
    free(r->start);
    free(r->node);
    free(r);
}

static void add_node(struct solver_rows *r, int index, double value)
{
    r->node[r->used++] = (struct feature_node){.index = index, .value = value};
}

void solver_rows_add(struct solver_rows *r, const uint32_t *column, const float *value, size_t n)
{
    r->start[r->n++] = r->used;
    for (size_t k = 0; k < n; k++)
        if (value[k] != 0)
            add_node(r, (int)(column ? column[k] : k) + 1, value[k]);
    add_node(r, (int)r->columns + 1, 1);
    add_node(r, -1, 0);
}

static void say_nothing(const char *text)
{
    (void)text;
}

/* The rows of the problem, each as often as it counts. */
static size_t gather(const struct solver_problem *p, struct feature_node **x, size_t *row)
{
    const struct solver_rows *r = p->rows;
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++)
        for (uint8_t k = 0; k < p->copies[i]; k++) {
            x[n] = r->node + r->start[i];
            row[n++] = i;
        }
    return n;
}

/* Decision d into its place in w. Where all rows are of one kind the model has that one class, and
 * its weights speak for it, whichever it is. */
static void train_decision(const struct solver_problem *p, const struct problem *q, uint32_t d,
                           float *w)
{
    const struct parameter parameter = {.solver_type = L2R_LR_DUAL, .eps = ENOUGH, .C = p->c};
    struct model *m;
    double sign;

    srand(1);
    m = train(q, &parameter);
    sign = m->label[0] > 0 ? 1 : -1;
    for (int c = 0; c < q->n; c++)
        w[(size_t)c * p->stride + d] = (float)(sign * m->w[c]);
    free_and_destroy_model(&m);
}

static size_t copies_of(const struct solver_problem *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->rows->n; i++)
        n += p->copies[i];
    return n;
}

void solver_train(const struct solver_problem *p, float *w)
{
    size_t most = copies_of(p) + 1;
    struct problem q = {.n = (int)p->rows->columns + 1, .bias = 1};
    size_t *row = must_realloc(NULL, most, sizeof *row), n;

    q.x = must_realloc(NULL, most, sizeof *q.x);
    q.y = must_realloc(NULL, most, sizeof *q.y);
    n = gather(p, q.x, row);
    q.l = (int)n;
    memset(w, 0, (size_t)q.n * p->stride * sizeof *w);
    set_print_string_function(say_nothing);
    for (uint32_t d = 0; d < p->decisions && n > 0; d++) {
        for (size_t k = 0; k < n; k++)
            q.y[k] = p->wanted[row[k] * p->decisions + d] ? 1 : -1;
        train_decision(p, &q, d, w);
    }
    free(row);
    free(q.x);
    free(q.y);
}

HOT void solver_scores(const struct solver_rows *r, size_t i, const float *w, uint32_t stride,
                       float *z)
{
    memset(z, 0, stride * sizeof *z);
    for (const struct feature_node *x = r->node + r->start[i]; x->index > 0; x++) {
        const float *from = w + (size_t)(x->index - 1) * stride;
        float value = (float)x->value;

        for (uint32_t d = 0; d < stride; d++)
            z[d] += value * from[d];
    }
}

void learn_library(char name[LEARN_LIBRARY_SIZE])
{
    snprintf(name, LEARN_LIBRARY_SIZE, "liblinear %d.%02d L2R_LR_DUAL", liblinear_version / 100,
             liblinear_version % 100);
}
