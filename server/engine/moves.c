/* moves.c - an item's state and the counters of its job change together. */
#include "moves.h"

#include "plumbline/store/work.h"

bool move_slots(struct db *db, int64_t item, int taken, int done, struct slots *now,
                struct error *err)
{
    return item_slots(db, item, taken, done, &now->taken, &now->done, &now->wanted, &now->rank,
                      &now->state, err);
}

void count_state(struct job_counts *counts, enum item_state state, int64_t n)
{
    int64_t *const of[] = {
        [ITEM_WAITING] = &counts->waiting, [ITEM_OPEN] = &counts->open,
        [ITEM_ANSWERED] = &counts->answered, [ITEM_HUMAN] = &counts->human,
        [ITEM_MACHINE] = &counts->machine, [ITEM_FAILED] = &counts->failed,
    };

    if (state != ITEM_KEPT) /* not this job's to label: in no counter */
        *of[state] += n;
}

bool move_state(struct db *db, int64_t job, int64_t item, enum item_state from, enum item_state to,
                struct error *err)
{
    struct job_counts delta = {0};

    count_state(&delta, from, -1);
    count_state(&delta, to, +1);
    return item_set_state(db, item, to, err) && job_count_add(db, job, &delta, err);
}

bool move_failed(struct db *db, int64_t job, int64_t item, enum item_state from, const char *reason,
                 struct error *err)
{
    struct job_counts delta = {0};
    bool was;

    if (!guess_delete(db, item, &was, err))
        return false;
    delta.provisional = -(int64_t)was;
    return item_set_failure(db, item, reason, err) &&
           move_state(db, job, item, from, ITEM_FAILED, err) &&
           job_count_add(db, job, &delta, err);
}
