/* dense.c - confusion matrices as [annotator][answered class][true class], so that both steps of EM
 * add whole runs of consecutive numbers. */
#include "confusion.h"

#include "plumbline/base/arena.h"

#include <math.h>
#include <string.h>

/* Counts under this share of the pseudo-answers are left out when parameters are handed over. */
static const float EXPORT_SHARE = 0.01f, EXPORT_MIN = 1e-6f;

void dense_init(struct confusion *c)
{
    size_t n = c->annotators * c->classes * c->classes;

    c->count = must_alloc(n * sizeof *c->count);
    c->log = must_alloc(n * sizeof *c->log);
}

void dense_count(struct confusion *c, const float *p)
{
    const struct csr *csr = c->csr;
    size_t n = c->classes;

    memset(c->count, 0, c->annotators * n * n * sizeof *c->count);
    for (int32_t i = 0; i < csr->items; i++, p += n)
        for (size_t slot = csr->start[i]; slot < csr->start[i + 1]; slot++) {
            size_t group = (size_t)csr->annotator[slot] * n + (size_t)csr->label[slot];

            run_add(c->count + group * n, p, n);
        }
    for (size_t j = 0; j < c->annotators; j++)
        for (size_t label = 0; label < n; label++)
            run_add(c->row + j * n, c->count + (j * n + label) * n, n);
}

void dense_logs(struct confusion *c)
{
    size_t n = c->classes;

    for (size_t j = 0; j < c->annotators; j++) {
        const float *count = c->count + j * n * n;
        float *out = c->log + j * n * n;
        float pseudo = c->diagonal[j] + (float)(n - 1) * c->off_diagonal[j];

        for (size_t label = 0; label < n; label++)
            for (size_t k = 0; k < n; k++)
                out[label * n + k] =
                    logf((count[label * n + k] +
                          (k == label ? c->diagonal[j] : c->off_diagonal[j])) /
                         (c->row[j * n + k] + pseudo));
    }
}

static bool worth_keeping(const struct confusion *c, size_t at)
{
    float off = c->off_diagonal[at / (c->classes * c->classes)];

    return c->count[at] > fmaxf(EXPORT_MIN, EXPORT_SHARE * off);
}

/* Every (annotator, answered class) is a group here, with or without entries. */
void dense_export(const struct confusion *c, struct consensus_parameters *out)
{
    size_t n = c->classes, groups = c->annotators * n, entries = 0, e = 0;

    for (size_t at = 0; at < groups * n; at++)
        entries += worth_keeping(c, at);
    out->group_start = must_alloc((c->annotators + 1) * sizeof *out->group_start);
    out->group_label = must_alloc(groups * sizeof *out->group_label);
    out->entry_start = must_alloc((groups + 1) * sizeof *out->entry_start);
    out->entry_truth = must_alloc(entries * sizeof *out->entry_truth);
    out->entry_count = must_alloc(entries * sizeof *out->entry_count);
    for (size_t j = 0; j <= c->annotators; j++)
        out->group_start[j] = j * n;
    for (size_t g = 0; g < groups; g++) {
        out->group_label[g] = (int32_t)(g % n);
        for (size_t k = 0; k < n; k++)
            if (worth_keeping(c, g * n + k)) {
                out->entry_truth[e] = (int32_t)k;
                out->entry_count[e++] = c->count[g * n + k];
            }
        out->entry_start[g + 1] = e;
    }
}
