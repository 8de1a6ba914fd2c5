#include "fill.h"

#include "autolabel.h"
#include "conditions.h"
#include "lifetime.h"
#include "plumbline/engine/dispatch.h"
#include "plumbline/store/asks.h"
#include "plumbline/store/work.h"

static bool fill_in_order(struct db *db, const struct job *job, int limit, int64_t due,
                          int *opened, struct error *err)
{
    int64_t items[FILL_MAX], last;
    int count;

    if (!item_waiting(db, job->id, job->filled, limit, items, &count, err))
        return false;
    if (count == 0 && job->filled > 0) /* some may have come back behind us */
        return job_set_filled(db, job->id, 0, err);
    if (count == 0)
        return true;
    last = items[count - 1];
    if (last - items[0] < 2 * count) /* nearly all of them, as a rule */
        return dispatch_open_range(db, job, items[0], last, due, opened, err) &&
               job_set_filled(db, job->id, last, err);
    return dispatch_open(db, job, items, count, items[0], due, opened, err) &&
           job_set_filled(db, job->id, last, err);
}

static bool fill_asked(struct db *db, const struct job *job, int limit, int64_t due, int *opened,
                       struct error *err)
{
    int64_t items[FILL_MAX], ranks[FILL_MAX];
    int count;

    if (!ask_first(db, job->id, limit, ranks, items, &count, err))
        return false;
    for (int i = 0; i < count; i++) {
        int one;

        if (!dispatch_open(db, job, &items[i], 1, ranks[i], due, &one, err) ||
            !ask_remove(db, job->id, ranks[i], items[i], err))
            return false;
        *opened += one;
    }
    return true;
}

bool fill_front(struct db *db, void *context, struct error *err)
{
    struct fill_call *f = context;
    struct arena a;
    struct job job;
    int64_t room, allowed;
    bool ok = false;

    arena_init(&a);
    f->opened = 0;
    if (!job_get_bare(db, f->job, &a, &job, err))
        goto out;
    room = job.open_items - job.counts.open;
    allowed = conditions_room(&job);
    if (room > allowed)
        room = allowed;
    if (room > f->limit)
        room = f->limit;
    ok = job.state != JOB_IN_PROGRESS || room <= 0 ||
         (autolabel_steers(&job) ? fill_asked : fill_in_order)(
             db, &job, (int)room, lifetime_due(f->service, &job), &f->opened, err);
out:
    arena_release(&a);
    return ok;
}
