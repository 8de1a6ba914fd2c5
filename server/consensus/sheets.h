/* sheets.h - multi-label answers by item: who answered it, which classes somebody chose, and who
 * chose which. Private to this room. */
#ifndef CONSENSUS_SHEETS_H
#define CONSENSUS_SHEETS_H

#include "plumbline/consensus/classes.h"

struct sheets {
    int32_t  items, annotators, classes;
    size_t   duplicates;
    size_t  *sheet_start;     /* items + 1 */
    int32_t *annotator;       /* sheets, in order of first appearance */
    size_t  *candidate_start; /* items + 1 */
    int32_t *candidate;       /* the chosen classes, rising within an item */
    size_t  *mark_start;      /* candidates + 1 */
    uint8_t *mark;            /* candidate x the item's sheets: 1 = this annotator chose it */
};

bool sheets_build(struct sheets *s, const struct consensus_answers *in, struct error *err);
void sheets_release(struct sheets *s);

static inline size_t sheets_of(const struct sheets *s, int32_t item)
{
    return s->sheet_start[item + 1] - s->sheet_start[item];
}

/* The method of multilabel_em.c: fills raw (candidates: P(chosen)); returns the rounds. */
int multilabel_em(const struct sheets *s, int max_rounds, float *raw);

#endif
