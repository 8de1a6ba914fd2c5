/* confusion.c - the confusion matrices' door: which layout, and the E step over it. */
#include "confusion.h"

#include "plumbline/base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to so many numbers (16 MB of counts and as much of logs) the dense layout is used. */
static const size_t DENSE_MAX = 4u << 20;

/* No pseudo-answer is smaller, so that a probability of 0, whose log would spread as NaN, cannot
 * arise from annotators who were never wrong, or always. */
static const float PSEUDO_MIN = 1e-6f;

void confusion_init(struct confusion *c, const struct csr *csr)
{
    size_t m = (size_t)csr->annotators, k = (size_t)csr->classes;

    *c = (struct confusion){.csr = csr, .classes = k, .annotators = m};
    c->diagonal = must_alloc(m * sizeof *c->diagonal);
    c->off_diagonal = must_alloc(m * sizeof *c->off_diagonal);
    c->row = must_alloc(m * k * sizeof *c->row);
    c->is_dense = m * k <= DENSE_MAX / k;
    if (c->is_dense)
        dense_init(c);
    else
        sparse_init(c);
}

void confusion_release(struct confusion *c)
{
    free(c->diagonal);
    free(c->off_diagonal);
    free(c->row);
    free(c->count);
    free(c->log);
    free(c->group_start);
    free(c->group_label);
    free(c->entry_start);
    free(c->entry_truth);
    free(c->entry_count);
    free(c->entry_log);
    free(c->slot_group);
    free(c->member);
    free(c->member_start);
    free(c->base);
    memset(c, 0, sizeof *c);
}

void confusion_count(struct confusion *c, const float *p)
{
    memset(c->row, 0, c->annotators * c->classes * sizeof *c->row);
    if (c->is_dense)
        dense_count(c, p);
    else
        sparse_count(c, p);
}

void confusion_logs(struct confusion *c)
{
    for (size_t j = 0; j < c->annotators; j++) {
        c->diagonal[j] = fmaxf(c->diagonal[j], PSEUDO_MIN);
        c->off_diagonal[j] = fmaxf(c->off_diagonal[j], PSEUDO_MIN);
    }
    if (c->is_dense)
        dense_logs(c);
    else
        sparse_logs(c);
}

static void add_dense(const struct confusion *c, size_t slot, float *q)
{
    const struct csr *csr = c->csr;
    size_t n = c->classes;

    run_add(q, c->log + ((size_t)csr->annotator[slot] * n + (size_t)csr->label[slot]) * n, n);
}

static void add_sparse(const struct confusion *c, size_t slot, float *q)
{
    const float *base = c->base + (size_t)c->csr->annotator[slot] * c->classes;
    size_t group = (size_t)c->slot_group[slot];

    run_add(q, base, c->classes);
    for (size_t e = c->entry_start[group]; e < c->entry_start[group + 1]; e++)
        q[c->entry_truth[e]] += c->entry_log[e];
}

double confusion_expect(const struct confusion *c, const float *log_prior, int32_t item, float *q)
{
    size_t from = c->csr->start[item], to = c->csr->start[item + 1];

    memcpy(q, log_prior, c->classes * sizeof *q);
    if (c->is_dense)
        for (size_t slot = from; slot < to; slot++)
            add_dense(c, slot, q);
    else
        for (size_t slot = from; slot < to; slot++)
            add_sparse(c, slot, q);
    return log_normalise(q, c->classes);
}

void confusion_export(struct confusion *c, struct consensus_parameters *out)
{
    out->annotators = (int32_t)c->annotators;
    out->classes = (int32_t)c->classes;
    for (size_t j = 0; j < c->annotators; j++)
        for (size_t k = 0; k < c->classes; k++)
            c->row[j * c->classes + k] +=
                c->diagonal[j] + (float)(c->classes - 1) * c->off_diagonal[j];
    if (c->is_dense)
        dense_export(c, out);
    else
        sparse_export(c, out);
    out->diagonal = c->diagonal;
    out->off_diagonal = c->off_diagonal;
    out->row = c->row;
    c->diagonal = c->off_diagonal = c->row = NULL;
}
