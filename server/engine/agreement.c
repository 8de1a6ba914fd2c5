/* agreement.c - a job's newest answers, measured. */
#include "plumbline/engine/agreement.h"

#include "fit.h"
#include "plumbline/consensus/agreement.h"
#include "plumbline/store/work.h"

#include <string.h>

enum { NEWEST = 20000 };

static bool add(void *context, int64_t item, int64_t person, int class_index, struct error *err)
{
    (void)err;
    if (class_index >= 0)
        answer_table_add(context, item, person, class_index);
    return true;
}

bool agreement_of_job(struct service *s, struct db *db, const struct job *job, size_t classes,
                      struct agreement *out, struct error *err)
{
    struct answer_table t;
    struct consensus_answers in;
    struct consensus_agreement a;
    bool ok;

    (void)s;
    memset(out, 0, sizeof *out);
    if (job->annotators_per_item < 2)
        return true;
    memset(&t, 0, sizeof t);
    ok = answer_scan_newest(db, job->id, NEWEST, add, &t, err);
    in = (struct consensus_answers){.items = t.items.n,
                                    .annotators = t.people.n,
                                    .classes = (int32_t)classes,
                                    .n = t.n,
                                    .item = t.item,
                                    .annotator = t.person,
                                    .label = t.label};
    ok = ok && consensus_alpha(&in, -1, &a, err);
    if (ok && a.is_defined)
        *out = (struct agreement){a.coefficient, a.observed, (int64_t)a.items};
    answer_table_release(&t);
    return ok;
}
