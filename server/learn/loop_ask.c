/* loop_ask.c - the ranked list of what people should look at next. */
#include "loop_round.h"

#include "plumbline/base/arena.h"

#include <stdlib.h>

enum { FRONT = 1000 };

struct ranked {
    float    margin;
    uint32_t row;
};

static int by_margin(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->margin != y->margin)
        return x->margin < y->margin ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

void ask_begin(struct round *r, struct asking *a)
{
    const struct learn_settings *s = r->settings;
    int64_t limit = s->front > 0 ? s->front : FRONT, batch = round_batch(r);
    int64_t samples = round_count_open(r, LEARN_PART_RANDOM) +
                      round_count_open(r, LEARN_PART_AUDIT) +
                      round_count_open(r, LEARN_PART_QUERIED);

    limit = limit < batch ? batch : limit;
    limit = limit < samples ? samples : limit;
    if (s->most_human > 0 && limit > s->most_human - r->out->report.human)
        limit = s->most_human - r->out->report.human;
    a->limit = limit > 0 ? (size_t)limit : 0;
    a->listed = must_alloc(r->rows->n + 1);
    r->out->ask = must_alloc((a->limit + 1) * sizeof *r->out->ask);
    r->out->n_ask = 0;
}

static void add(struct round *r, struct asking *a, uint32_t row)
{
    if (r->out->n_ask >= a->limit || a->listed[row] || !round_is_open(r, row))
        return;
    a->listed[row] = 1;
    r->out->ask[r->out->n_ask++] = row;
}

void ask_part(struct round *r, struct asking *a, enum learn_part part)
{
    for (size_t i = 0; i < r->rows->n; i++)
        if (r->out->part[r->shuffled[i]] == part)
            add(r, a, r->shuffled[i]);
}

void ask_by_margin(struct round *r, struct asking *a, size_t most)
{
    struct ranked *ranked = must_alloc((r->rows->n + 1) * sizeof *ranked);
    size_t n = 0;

    for (size_t i = 0; i < r->rows->n; i++)
        if (round_is_rest(r, i) && !a->listed[i])
            ranked[n++] = (struct ranked){r->out->margin[i], (uint32_t)i};
    qsort(ranked, n, sizeof *ranked, by_margin);
    for (size_t i = 0; i < n && i < most; i++)
        add(r, a, ranked[i].row);
    free(ranked);
}

void ask_shuffled(struct round *r, struct asking *a, size_t most)
{
    for (size_t i = 0; i < r->rows->n && most > 0; i++) {
        uint32_t row = r->shuffled[i];

        if (!round_is_rest(r, row) || a->listed[row])
            continue;
        add(r, a, row);
        most--;
    }
}

/* Items without features close the list: the machine can never take them. */
void ask_end(struct round *r, struct asking *a)
{
    for (size_t i = 0; i < r->rows->n; i++)
        if (!r->rows->row[i].data)
            add(r, a, (uint32_t)i);
    free(a->listed);
    a->listed = NULL;
}
