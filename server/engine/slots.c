/* slots.c - skipping, giving back, extending, drafts, and leases that run out. */
#include "held.h"
#include "moves.h"
#include "plumbline/base/clock.h"
#include "plumbline/engine/dispatch.h"
#include "plumbline/store/opened.h"

#include <stdio.h>

enum { SWEEP_MAX = 500 };

/* The caller's slot, which must be a running lease (or one that ran out, with `late`). */
static bool find_lease(struct db *db, struct slot_call *c, bool late, struct arena *a,
                       struct slot *slot, struct error *err)
{
    bool found;

    if (!item_today(db, &c->item, err) ||
        !slot_get(db, c->item, c->person, a, slot, &found, err))
        return false;
    if (!found || (c->job && c->job != slot->job))
        return error_set(err, 404, "lease.not_found", "lease", "You never had this task.");
    c->job = slot->job;
    if (slot->state == SLOT_LEASED || (late && slot->state == SLOT_LET_GO))
        return true;
    return error_conflict(err, "lease.gone",
                          slot->state == SLOT_LET_GO
                              ? "Your time for this task was over, and it went back."
                              : "You have already finished this task.");
}

/* Ends a lease without an answer: the place on the item is free again. */
static bool let_go(struct db *db, struct service *s, struct slot *slot, enum slot_state state,
                   struct error *err)
{
    struct slots now;

    slot->state = state;
    held_drop(s->held, slot->person, slot->item);
    if (!slot_set(db, slot, err) || !move_slots(db, slot->item, -1, 0, &now, err))
        return false;
    return now.state != ITEM_OPEN || front_put(db, slot->job, now.rank, slot->item, err);
}

bool dispatch_release(struct db *db, void *context, struct error *err)
{
    struct slot_call *c = context;
    struct arena a;
    struct slot slot;
    bool ok;

    arena_init(&a);
    ok = find_lease(db, c, false, &a, &slot, err) && let_go(db, c->service, &slot, SLOT_LET_GO, err);
    arena_release(&a);
    return ok;
}

/* As many people have declined as were asked for, or nobody is left to ask: with an answer the item
 * is consolidated as it is, without one it is given up. */
static bool declined_by_all(struct db *db, const struct slot *slot, int64_t skips,
                            struct error *err)
{
    struct slots now;
    char reason[160];
    bool left;

    if (!move_slots(db, slot->item, 0, 0, &now, err))
        return false;
    if (now.state != ITEM_OPEN || !slot_anyone_left(db, slot->item, slot->job, &left, err))
        return now.state != ITEM_OPEN;
    if (skips < now.wanted && left)
        return true;
    if (!front_remove(db, slot->job, now.rank, slot->item, err))
        return false;
    if (now.taken > now.done) /* somebody still has it */
        return true;
    if (now.done > 0)
        return move_state(db, slot->job, slot->item, ITEM_OPEN, ITEM_ANSWERED, err);
    snprintf(reason, sizeof reason, "Skipped by %lld %s (%s).", (long long)skips,
             skips == 1 ? "person" : "people", slot->reason);
    return move_failed(db, slot->job, slot->item, ITEM_OPEN, reason, err);
}

bool dispatch_skip(struct db *db, void *context, struct error *err)
{
    struct slot_call *c = context;
    struct arena a;
    struct slot slot;
    struct job_counts delta = {.skips = 1};
    int64_t skips;
    bool ok = false, leased;

    arena_init(&a);
    if (!find_lease(db, c, true, &a, &slot, err))
        goto out;
    leased = slot.state == SLOT_LEASED;
    slot.reason = c->reason;
    slot.comment = c->comment;
    slot.state = SLOT_SKIPPED;
    slot.since = clock_now_us();
    ok = (leased ? let_go(db, c->service, &slot, SLOT_SKIPPED, err) : slot_set(db, &slot, err)) &&
         job_count_add(db, slot.job, &delta, err) && slot_skips(db, slot.item, &skips, err) &&
         declined_by_all(db, &slot, skips, err);
out:
    arena_release(&a);
    return ok;
}

bool dispatch_extend(struct db *db, void *context, struct error *err)
{
    struct slot_call *c = context;
    struct arena a;
    struct slot slot;
    struct job job;
    bool ok = false;

    arena_init(&a);
    if (!find_lease(db, c, false, &a, &slot, err) || !job_get(db, slot.job, &a, &job, err))
        goto out;
    c->until = service_lease_now(c->service) + job.lease_seconds * SECOND_US;
    ok = slot_extend(db, c->item, c->person, c->until, err);
out:
    arena_release(&a);
    return ok;
}

bool dispatch_draft(struct db *db, void *context, struct error *err)
{
    struct slot_call *c = context;
    struct arena a;
    struct slot slot;
    bool ok = false;

    arena_init(&a);
    if (!find_lease(db, c, true, &a, &slot, err))
        goto out;
    if (c->revision <= slot.draft_revision) {
        error_conflict(err, "draft.older", "A newer draft (revision %lld) is already here.",
                       (long long)slot.draft_revision);
        goto out;
    }
    ok = slot_set_draft(db, c->item, c->person, c->draft, c->revision, err);
out:
    arena_release(&a);
    return ok;
}

bool dispatch_sweep(struct db *db, void *context, struct error *err)
{
    struct sweep_call *c = context;
    struct arena a;
    struct slot *over;
    int limit = c->limit > 0 && c->limit < SWEEP_MAX ? c->limit : SWEEP_MAX;
    bool ok = false;

    arena_init(&a);
    c->swept = 0;
    if (!slot_expired(db, service_lease_now(c->service), limit, &a, &over, &c->swept, err))
        goto out;
    for (int i = 0; i < c->swept; i++)
        if (!let_go(db, c->service, &over[i], SLOT_LET_GO, err))
            goto out;
    ok = true;
out:
    arena_release(&a);
    return ok;
}

static bool count_opened(struct db *db, int64_t job, int opened, struct error *err)
{
    struct job_counts delta = {0};

    count_state(&delta, ITEM_WAITING, -opened);
    count_state(&delta, ITEM_OPEN, opened);
    return job_count_add(db, job, &delta, err);
}

bool dispatch_open_range(struct db *db, const struct job *job, int64_t first, int64_t last,
                         int64_t due, int *opened, struct error *err)
{
    return item_open_range(db, job->id, first, last, job->annotators_per_item, opened, err) &&
           (due == 0 || opened_put_range(db, first, last, due, err)) &&
           count_opened(db, job->id, *opened, err);
}

bool dispatch_open(struct db *db, const struct job *job, const int64_t *items, int count,
                   int64_t rank, int64_t due, int *opened, struct error *err)
{
    *opened = 0;
    for (int i = 0; i < count; i++) {
        bool was_waiting;

        if (!item_open(db, items[i], rank + i, job->annotators_per_item, &was_waiting, err))
            return false;
        if (!was_waiting)
            continue;
        if (!front_put(db, job->id, rank + i, items[i], err) ||
            (due > 0 && !opened_put(db, items[i], due, err)))
            return false;
        ++*opened;
    }
    return count_opened(db, job->id, *opened, err);
}
