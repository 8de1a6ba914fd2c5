/* dispatch.c - leasing, answering, undoing. */
#include "plumbline/engine/dispatch.h"

#include "moves.h"
#include "plumbline/base/clock.h"
#include "plumbline/store/items.h"

#include <string.h>

const char *const none_reason_names[] = {NULL, "none_left", "paused", "ended", "waiting"};

/* ---- leasing ---- */

static int why_none(const struct job *job)
{
    if (job->state == JOB_PAUSED || job->state == JOB_INITIALIZING)
        return NONE_PAUSED;
    if (job->state != JOB_IN_PROGRESS)
        return NONE_ENDED;
    if (job->counts.waiting > 0 || job->counts.open > 0 || job->counts.answered > 0)
        return NONE_WAITING;
    return NONE_LEFT;
}

static bool lease_one(struct db *db, const struct lease_call *c, const struct job *job,
                      int64_t item, struct error *err)
{
    struct slots now;
    int64_t until = service_lease_now(c->service) + job->lease_seconds * SECOND_US;

    if (!slot_lease(db, item, c->person, job->id, clock_now_us(), until, err) ||
        !move_slots(db, item, +1, 0, &now, err))
        return false;
    return now.taken < now.wanted || front_remove(db, job->id, now.rank, item, err);
}

bool dispatch_lease(struct db *db, void *context, struct error *err)
{
    struct lease_call *c = context;
    struct arena a;
    struct job job;
    struct slot *held;
    int64_t item, rank, from = INT64_MIN;
    int holding;
    bool ok = false;

    arena_init(&a);
    c->count = 0;
    c->none = NONE_HERE;
    if (!job_get_bare(db, c->job, &a, &job, err) ||
        !slot_held(db, c->person, c->job, &a, &held, &holding, err))
        goto out;
    while (job.state == JOB_IN_PROGRESS && c->count < c->want &&
           holding + c->count < LEASES_MAX) {
        if (!front_first(db, c->job, c->person, from, &item, &rank, err))
            goto out;
        if (item == 0)
            break;
        if (!lease_one(db, c, &job, item, err))
            goto out;
        c->items[c->count++] = item;
        from = rank;
    }
    if (c->count == 0 && holding == 0)
        c->none = why_none(&job);
    ok = true;
out:
    arena_release(&a);
    return ok;
}

/* ---- answering ---- */

static bool lease_not_found(struct error *err)
{
    return error_set(err, 404, "lease.not_found", "lease", "You never had this task.");
}

/* All the answers are there: the window of undo begins. The caller adds *delta to the job. */
static bool complete(struct db *db, struct service *s, int64_t item, int64_t job, int64_t person,
                     const struct slots *now, struct job_counts *delta, struct error *err)
{
    int64_t due = service_lease_now(s) + s->config.undo_seconds * SECOND_US;

    count_state(delta, ITEM_OPEN, -1);
    count_state(delta, ITEM_ANSWERED, +1);
    return front_remove(db, job, now->rank, item, err) &&
           item_set_state(db, item, ITEM_ANSWERED, err) &&
           settle_put(db, item, job, person, due, err);
}

static bool store_answer(struct db *db, struct answer_call *c, struct slot *slot, int status,
                         struct error *err)
{
    struct answer a = {.item = c->item,
                       .person = c->person,
                       .job = slot->job,
                       .status = status,
                       .class_index = c->class_index,
                       .body = c->body,
                       .previous = slot->answer,
                       .label_set_version = c->label_set_version,
                       .accepted = slot->since,
                       .elapsed_ms = c->elapsed_ms,
                       .active_ms = c->active_ms};

    a.has_idem = c->has_idem;
    memcpy(a.idem, c->idem, sizeof a.idem);
    if (!answer_insert(db, &a, err))
        return false;
    c->answer = a.id;
    slot->answer = a.id;
    slot->state = status == ANSWER_EXTRA ? SLOT_EXTRA : SLOT_ANSWERED;
    slot->has_idem = c->has_idem;
    memcpy(slot->idem, c->idem, sizeof slot->idem);
    return slot_set(db, slot, err);
}

/* When as many people have skipped the item as were asked for, or nobody is left who could answer,
 * the answers there are will do. */
static bool enough_as_it_is(struct db *db, const struct answer_call *c, int64_t job,
                            struct slots *now, struct error *err)
{
    int64_t skips;
    bool left;

    if (now->done >= now->wanted)
        return true;
    if (!slot_skips(db, c->item, &skips, err) || !slot_anyone_left(db, c->item, job, &left, err))
        return false;
    if (skips >= now->wanted || !left)
        now->wanted = now->done;
    return true;
}

/* A first answer on a slot that counts. */
static bool answer_counts(struct db *db, struct answer_call *c, struct slot *slot, bool retake,
                          struct error *err)
{
    struct slots now;
    struct job_counts delta = {.answers = 1};

    if (!store_answer(db, c, slot, ANSWER_COUNTS, err) ||
        !move_slots(db, c->item, retake ? 1 : 0, 1, &now, err) ||
        !answer_book(db, slot->job, c->person, clock_now_us(), 1, c->active_ms, err) ||
        !settle_hurry(db, c->person, err))
        return false;
    if (now.state == ITEM_OPEN && now.taken == now.done && !enough_as_it_is(db, c, slot->job, &now, err))
        return false;
    if (now.state == ITEM_OPEN && now.done >= now.wanted) {
        if (!complete(db, c->service, c->item, slot->job, c->person, &now, &delta, err))
            return false;
    } else if (retake && now.taken >= now.wanted &&
               !front_remove(db, slot->job, now.rank, c->item, err)) {
        return false;
    }
    return job_count_add(db, slot->job, &delta, err);
}

/* A changed mind, while the item is not consolidated yet. */
static bool answer_changes(struct db *db, struct answer_call *c, struct slot *slot,
                           const struct item *item, struct error *err)
{
    struct answer old;
    struct arena a;
    bool ok = false;

    arena_init(&a);
    if (item->state != ITEM_OPEN && item->state != ITEM_ANSWERED) {
        error_conflict(err, "answer.settled",
                       "The answers of this item were already merged into a label.");
        goto out;
    }
    ok = answer_get(db, slot->answer, &a, &old, err) &&
         answer_set_status(db, old.id, ANSWER_SUPERSEDED, err) &&
         store_answer(db, c, slot, ANSWER_COUNTS, err) &&
         answer_book(db, slot->job, c->person, old.created, -1, old.active_ms, err) &&
         answer_book(db, slot->job, c->person, clock_now_us(), 1, c->active_ms, err);
out:
    arena_release(&a);
    return ok;
}

/* The lease was over. The slot is taken again when the item still has room for it; otherwise the
 * answer is kept beside those that count. */
static bool answer_late(struct db *db, struct answer_call *c, struct slot *slot,
                        const struct item *item, struct error *err)
{
    c->late = true;
    if (item->state == ITEM_OPEN && item->taken < item->wanted)
        return answer_counts(db, c, slot, true, err);
    c->extra = true;
    return store_answer(db, c, slot, ANSWER_EXTRA, err);
}

/* Whether this key was sent before on this slot, for the answer that counts or for one that it
 * supersedes: a retry may come late. *answer 0: no. */
static bool find_sent(struct db *db, const struct slot *slot, const uint8_t idem[16],
                      int64_t *answer, struct error *err)
{
    struct arena a;
    bool ok = true;

    *answer = slot->state == SLOT_ANSWERED || slot->state == SLOT_EXTRA ? slot->answer : 0;
    if (*answer && slot->has_idem && memcmp(idem, slot->idem, sizeof slot->idem) == 0)
        return true;
    arena_init(&a);
    while (*answer) {
        struct answer sent;

        ok = answer_get(db, *answer, &a, &sent, err);
        if (!ok || (sent.has_idem && memcmp(idem, sent.idem, sizeof sent.idem) == 0))
            break;
        *answer = sent.previous;
    }
    arena_release(&a);
    return ok;
}

bool dispatch_was_sent(struct db *db, int64_t item, int64_t person, const uint8_t idem[16],
                       bool *sent, struct error *err)
{
    struct arena a;
    struct slot slot;
    int64_t answer = 0;
    bool found, ok;

    arena_init(&a);
    ok = slot_get(db, item, person, &a, &slot, &found, err) &&
         (!found || find_sent(db, &slot, idem, &answer, err));
    *sent = ok && answer != 0;
    arena_release(&a);
    return ok;
}

bool dispatch_answer(struct db *db, void *context, struct error *err)
{
    struct answer_call *c = context;
    struct arena a;
    struct slot slot;
    struct item item;
    bool found, ok = false;

    arena_init(&a);
    c->again = c->late = c->extra = false;
    if (!slot_get(db, c->item, c->person, &a, &slot, &found, err))
        goto out;
    if (!found || slot.job != c->job) { /* the answer was checked by the labels of c->job */
        lease_not_found(err);
        goto out;
    }
    if (c->has_idem) {
        if (!find_sent(db, &slot, c->idem, &c->answer, err))
            goto out;
        c->again = c->answer != 0;
        c->extra = c->again && slot.state == SLOT_EXTRA;
        if (c->again) {
            ok = true;
            goto out;
        }
    }
    if (slot.state == SLOT_SKIPPED) {
        error_conflict(err, "lease.skipped", "You skipped this item.");
        goto out;
    }
    if (slot.state == SLOT_LEASED)
        ok = answer_counts(db, c, &slot, false, err);
    else if (!item_get(db, c->item, &item, err))
        ok = false;
    else if (slot.state == SLOT_ANSWERED)
        ok = answer_changes(db, c, &slot, &item, err);
    else
        ok = answer_late(db, c, &slot, &item, err);
out:
    arena_release(&a);
    return ok;
}

/* ---- undoing ---- */

static bool take_back(struct db *db, struct undo_call *c, const struct answer *old,
                      struct slot *slot, const struct job *job, struct error *err)
{
    struct slots now;
    struct job_counts delta = {.answers = -1};
    bool was;

    slot->state = SLOT_LEASED;
    slot->until = service_lease_now(c->service) + job->lease_seconds * SECOND_US;
    slot->answer = 0;
    slot->has_idem = false; /* the same answer may be given again */
    if (!answer_set_status(db, old->id, ANSWER_WITHDRAWN, err) || !slot_set(db, slot, err) ||
        !answer_book(db, slot->job, c->person, old->created, -1, old->active_ms, err) ||
        !job_count_add(db, slot->job, &delta, err) ||
        !move_slots(db, slot->item, 0, -1, &now, err))
        return false;
    if (now.state != ITEM_ANSWERED)
        return true;
    return settle_remove(db, slot->item, &was, err) &&
           move_state(db, slot->job, slot->item, ITEM_ANSWERED, ITEM_OPEN, err);
}

bool dispatch_undo(struct db *db, void *context, struct error *err)
{
    struct undo_call *c = context;
    struct arena a;
    struct answer old;
    struct slot slot;
    struct item item;
    struct job job;
    bool found, ok = false;

    arena_init(&a);
    if (!answer_get(db, c->answer, &a, &old, err))
        goto out;
    if (old.person != c->person) { /* as if it were not there */
        error_not_found(err, "answer", "There is no ans_%lld.", (long long)c->answer);
        goto out;
    }
    c->item = old.item;
    c->job = old.job;
    if (!slot_get(db, old.item, c->person, &a, &slot, &found, err) ||
        !item_get(db, old.item, &item, err) || !job_get(db, old.job, &a, &job, err))
        goto out;
    if (!found || slot.answer != old.id || old.status != ANSWER_COUNTS ||
        (item.state != ITEM_OPEN && item.state != ITEM_ANSWERED)) {
        error_conflict(err, "answer.settled", "This answer can no longer be taken back.");
        goto out;
    }
    ok = take_back(db, c, &old, &slot, &job, err);
out:
    arena_release(&a);
    return ok;
}
