/* csr.h - the answers sorted by item, once (compressed sparse rows). Private to this room. */
#ifndef CONSENSUS_CSR_H
#define CONSENSUS_CSR_H

#include "plumbline/consensus/classes.h"

struct csr {
    int32_t  items, annotators, classes;
    size_t   n, duplicates; /* answers kept, and answers superseded by a later one */
    size_t  *start;         /* items + 1: the item's answers are start[i] .. start[i+1]-1 */
    int32_t *annotator;     /* n, in order of input within an item */
    int32_t *label;         /* n */
    const int32_t *gold;    /* borrowed; NULL or items */
};

/* Checks every index and sorts. On failure (field.invalid) nothing is allocated. */
bool csr_build(struct csr *csr, const struct consensus_answers *in, struct error *err);
void csr_release(struct csr *csr);

static inline int32_t csr_count(const struct csr *csr, int32_t item)
{
    return (int32_t)(csr->start[item + 1] - csr->start[item]);
}

#endif
