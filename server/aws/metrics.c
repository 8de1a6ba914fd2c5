/* metrics.c - how often each operation was called, and what came of it. As many numbers as the door
 * has operations: what a client invents is counted as one. */
#include "door.h"

#include "plumbline/base/prom.h"

#include <stdlib.h>

enum { OPERATIONS_MAX = 64 };

struct aws_tally {
    atomic_ullong v[OPERATIONS_MAX + 1][AWS_OUTCOMES]; /* [0]: no operation that is known */
};

static const char *const outcome_names[AWS_OUTCOMES] = {"done", "refused", "failed"};

struct aws_tally *aws_tally_new(void)
{
    return must_alloc(sizeof(struct aws_tally));
}

void aws_tally_free(struct aws_tally *t)
{
    free(t);
}

void aws_tally_add(struct aws_call *c, enum aws_outcome outcome)
{
    size_t at = c->operation ? (size_t)(c->operation - aws_operations) + 1 : 0;

    if (at <= OPERATIONS_MAX)
        atomic_fetch_add_explicit(&c->aws->tally->v[at][outcome], 1, memory_order_relaxed);
}

void aws_metrics(void *context, struct buf *out)
{
    const struct aws *w = context;

    prom_family(out, "plumbline_aws_operations_total", "counter",
                "Calls of AWS clients by operation and outcome.");
    for (size_t i = 0; i <= aws_operations_count && i <= OPERATIONS_MAX; i++) {
        for (int o = 0; o < AWS_OUTCOMES; o++) {
            unsigned long long n = atomic_load(&w->tally->v[i][o]);
            struct buf labels;

            if (n == 0)
                continue;
            buf_init(&labels, 256);
            prom_label(&labels, "operation", i ? aws_operations[i - 1].name : "none");
            prom_label(&labels, "outcome", outcome_names[o]);
            prom_count(out, "plumbline_aws_operations_total", labels.data, n);
            buf_release(&labels);
        }
    }
}
