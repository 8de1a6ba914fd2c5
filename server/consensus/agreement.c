/* agreement.c - Krippendorff's alpha and Cohen's kappa. */
#include "plumbline/consensus/agreement.h"

#include "csr.h"
#include "plumbline/base/arena.h"

#include <stdlib.h>

/* coefficient = 1 - (1 - observed) / (1 - expected), and 1 where chance leaves no room. */
static void conclude(struct consensus_agreement *out)
{
    out->is_defined = true;
    out->coefficient = out->expected < 1 ? 1 - (1 - out->observed) / (1 - out->expected) : 1;
}

static int32_t value_of(const struct csr *csr, size_t slot, int32_t only_class)
{
    return only_class < 0 ? csr->label[slot] : csr->label[slot] == only_class;
}

/* Adds one item's answers to the totals; returns its agreeing ordered pairs / (answers - 1). `here`
 * is all zeros and stays so. */
static double count_item(const struct csr *csr, int32_t item, int32_t only_class, double *here,
                         double *total)
{
    double pairs = 0, answers = csr_count(csr, item);

    for (size_t slot = csr->start[item]; slot < csr->start[item + 1]; slot++) {
        int32_t k = value_of(csr, slot, only_class);

        pairs += 2 * here[k]++; /* with every earlier one of the class, both ways round */
        total[k]++;
    }
    for (size_t slot = csr->start[item]; slot < csr->start[item + 1]; slot++)
        here[value_of(csr, slot, only_class)] = 0;
    return pairs / (answers - 1);
}

bool consensus_alpha(const struct consensus_answers *answers, int32_t only_class,
                     struct consensus_agreement *out, struct error *err)
{
    struct consensus_agreement a = {0};
    struct csr csr;
    double *here, *total, agreeing = 0, by_chance = 0, n;
    size_t values;

    if (only_class >= answers->classes)
        return error_invalid(err, "class", "Class %d is out of range", only_class);
    if (!csr_build(&csr, answers, err))
        return false;
    values = only_class < 0 ? (size_t)csr.classes : 2;
    here = must_alloc(values * sizeof *here);
    total = must_alloc(values * sizeof *total);
    for (int32_t i = 0; i < csr.items; i++)
        if (csr_count(&csr, i) >= 2) {
            agreeing += count_item(&csr, i, only_class, here, total);
            a.items++;
            a.answers += (size_t)csr_count(&csr, i);
        }
    n = (double)a.answers;
    for (size_t k = 0; k < values; k++)
        by_chance += total[k] * (total[k] - 1);
    if (a.items) {
        a.observed = agreeing / n;
        a.expected = by_chance / (n * (n - 1));
        conclude(&a);
    }
    *out = a;
    free(here);
    free(total);
    csr_release(&csr);
    return true;
}

/* The annotator's class on the item, or -1. */
static int32_t answer_of(const struct csr *csr, int32_t item, int32_t annotator)
{
    for (size_t slot = csr->start[item]; slot < csr->start[item + 1]; slot++)
        if (csr->annotator[slot] == annotator)
            return csr->label[slot];
    return -1;
}

bool consensus_kappa(const struct consensus_answers *answers, int32_t first, int32_t second,
                     struct consensus_agreement *out, struct error *err)
{
    struct consensus_agreement a = {0};
    struct csr csr;
    double *by_first, *by_second, n;

    if (first < 0 || second < 0 || first >= answers->annotators || second >= answers->annotators)
        return error_invalid(err, "annotator", "Annotators %d and %d are not both in range", first,
                             second);
    if (!csr_build(&csr, answers, err))
        return false;
    by_first = must_alloc((size_t)csr.classes * sizeof *by_first);
    by_second = must_alloc((size_t)csr.classes * sizeof *by_second);
    for (int32_t i = 0; i < csr.items; i++) {
        int32_t x = answer_of(&csr, i, first), y = answer_of(&csr, i, second);

        if (x < 0 || y < 0)
            continue;
        a.items++;
        a.observed += x == y;
        by_first[x]++;
        by_second[y]++;
    }
    n = (double)a.items;
    a.answers = 2 * a.items;
    for (int32_t k = 0; a.items && k < csr.classes; k++)
        a.expected += by_first[k] / n * (by_second[k] / n);
    if (a.items) {
        a.observed /= n;
        conclude(&a);
    }
    *out = a;
    free(by_first);
    free(by_second);
    csr_release(&csr);
    return true;
}
