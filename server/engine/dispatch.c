/* dispatch.c - leasing, answering, undoing. */
#include "plumbline/engine/dispatch.h"

#include "fill.h"
#include "held.h"
#include "lifetime.h"
#include "moves.h"
#include "windows.h"
#include "plumbline/base/clock.h"
#include "plumbline/store/items.h"
#include "plumbline/store/opened.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

const char *const none_reason_names[] = {NULL, "none_left", "paused", "ended", "waiting"};

/* ---- leasing ---- */

enum { FILL_ON_DEMAND = 100 };

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

/* The payload is read here, where its page is at hand, to spare the reply a transaction of its own. */
static bool lease_one(struct db *db, struct lease_call *c, int64_t id, int64_t lease_seconds,
                      struct error *err)
{
    int64_t now = clock_now_us(),
            until = service_lease_now(c->service) + lease_seconds * SECOND_US;
    struct task *task = &c->tasks[c->count++];
    struct item item;

    task->slot = (struct slot){.item = id, .person = c->person, .job = c->job, .since = now,
                               .until = until};
    if (!item_get(db, id, &item, err) || !slot_lease(db, &task->slot, c->arena, err) ||
        !item_progress(db, id, item.taken + 1, item.done, err) ||
        !payload_get(db, id, c->arena, &task->payload, err))
        return false;
    held_put(c->service->held, c->person, c->job, id);
    return item.taken + 1 < item.wanted || front_remove(db, c->job, item.rank, id, err);
}

static bool find_why_none(struct db *db, struct lease_call *c, struct error *err)
{
    struct arena a;
    struct job job;
    bool ok;

    arena_init(&a);
    ok = job_get_bare(db, c->job, &a, &job, err);
    c->none = ok ? why_none(&job) : NONE_HERE;
    arena_release(&a);
    return ok;
}

bool dispatch_lease(struct db *db, void *context, struct error *err)
{
    struct lease_call *c = context;
    int64_t item, rank, lease_seconds, from = INT64_MIN;
    enum job_state state;
    bool filled = false;
    int holding;

    c->count = 0;
    c->none = NONE_HERE;
    if (!job_pace(db, c->job, &state, &lease_seconds, err) ||
        !held_sync(c->service->held, db, err))
        return false;
    holding = held_count(c->service->held, c->person, c->job);
    while (state == JOB_IN_PROGRESS && c->count < c->want && holding + c->count < LEASES_MAX) {
        if (!front_first(db, c->job, c->person, from, &item, &rank, err))
            return false;
        if (item == 0 && !filled) { /* nobody waits for the next tick while items do */
            struct fill_call fill = {
                .service = c->service, .job = c->job, .limit = FILL_ON_DEMAND};

            filled = true;
            if (!fill_front(db, &fill, err))
                return false;
            continue;
        }
        if (item == 0)
            break;
        if (!lease_one(db, c, item, lease_seconds, err))
            return false;
        from = rank;
    }
    return c->count > 0 || holding > 0 || find_why_none(db, c, err);
}

static int by_age(const void *a, const void *b)
{
    const struct slot *x = a, *y = b;

    return x->since != y->since ? (x->since > y->since) - (x->since < y->since)
                                : (x->item > y->item) - (x->item < y->item);
}

bool dispatch_held(struct service *s, struct db *db, int64_t job, int64_t person, struct arena *a,
                   struct slot **out, int *count, struct error *err)
{
    int64_t items[4 * LEASES_MAX]; /* what was taken back comes on top */
    int n = held_items(s->held, person, job, items, 4 * LEASES_MAX);
    struct slot *slots = arena_array(a, (size_t)n, sizeof *slots);

    *out = slots;
    *count = 0;
    for (int i = 0; i < n; i++) {
        bool found;

        if (!slot_get(db, items[i], person, a, &slots[*count], &found, err))
            return false;
        *count += found && slots[*count].state == SLOT_LEASED;
    }
    qsort(slots, (size_t)*count, sizeof *slots, by_age);
    return true;
}

int dispatch_held_count(struct service *s, int64_t job, int64_t person)
{
    return held_count(s->held, person, job);
}

/* ---- answering ---- */

static bool lease_not_found(struct error *err)
{
    return error_set(err, 404, "lease.not_found", "lease", "You never had this task.");
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
    held_drop(c->service->held, c->person, c->item);
    return slot_answered(db, slot, err);
}

/* When as many people have skipped the item as were asked for, or nobody is left who could answer,
 * the answers there are will do. */
static bool enough_as_it_is(struct db *db, const struct item *item, bool *enough,
                            struct error *err)
{
    int64_t skips;
    bool left;

    *enough = false;
    if (!slot_skips(db, item->id, &skips, err) ||
        !slot_anyone_left(db, item->id, item->job, &left, err))
        return false;
    *enough = skips >= item->wanted || !left;
    return true;
}

/* The item as it is with this answer; *complete when no other is needed. */
static bool count_answer(struct db *db, struct item *item, bool retake, bool *complete,
                         struct error *err)
{
    bool in_front = item->taken < item->wanted;

    item->done++;
    item->taken += retake;
    *complete = item->state == ITEM_OPEN && item->done >= item->wanted;
    if (item->state == ITEM_OPEN && !*complete && item->taken == item->done &&
        !enough_as_it_is(db, item, complete, err))
        return false;
    if (in_front && (*complete || item->taken >= item->wanted) &&
        !front_remove(db, item->job, item->rank, item->id, err))
        return false;
    return (*complete ? item_complete : item_progress)(db, item->id, item->taken, item->done, err);
}

/* A first answer on a slot that counts. */
static bool answer_counts(struct db *db, struct answer_call *c, struct slot *slot,
                          struct item *item, bool retake, struct error *err)
{
    struct service *s = c->service;
    struct job_counts delta = {.answers = 1};
    bool complete;

    if (!store_answer(db, c, slot, ANSWER_COUNTS, err) ||
        !count_answer(db, item, retake, &complete, err))
        return false;
    if (complete) {
        count_state(&delta, ITEM_OPEN, -1);
        count_state(&delta, ITEM_ANSWERED, +1);
        windows_open(s->windows, c->person, item->id,
                     service_lease_now(s) + s->config.undo_seconds * SECOND_US);
    } else {
        windows_close(s->windows, c->person);
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
         answer_set_status(db, old.id, ANSWER_SUPERSEDED, err) && answer_unbook(db, &old, err) &&
         store_answer(db, c, slot, ANSWER_COUNTS, err);
out:
    arena_release(&a);
    return ok;
}

/* The lease was over. The slot is taken again when the item still has room for it; otherwise the
 * answer is kept beside those that count. */
static bool answer_late(struct db *db, struct answer_call *c, struct slot *slot,
                        struct item *item, struct error *err)
{
    c->late = true;
    if (item->state == ITEM_OPEN && item->taken < item->wanted)
        return answer_counts(db, c, slot, item, true, err);
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

static bool same_json(const char *a, const char *b)
{
    json_t *x, *y;
    bool same = strcmp(a, b) == 0;

    if (same)
        return true;
    x = json_loads(a, JSON_DECODE_ANY, NULL);
    y = json_loads(b, JSON_DECODE_ANY, NULL);
    same = x && y && json_equal(x, y);
    json_decref(x);
    json_decref(y);
    return same;
}

/* A retry says what it said before. A key that comes with something else is a client's mistake, which
 * must not be answered as if that something were stored. */
static bool check_retry(struct db *db, const struct answer_call *c, struct error *err)
{
    struct answer sent;
    struct arena a;
    bool ok;

    arena_init(&a);
    ok = answer_get(db, c->answer, &a, &sent, err) &&
         (same_json(sent.body, c->body) ||
          error_set(err, 422, "answer.key_reused", "Idempotency-Key",
                    "This Idempotency-Key was used for another answer to this item, which stands. "
                    "To change your mind, send the new answer with a key of its own."));
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
    if (!item_today(db, &c->item, err) || !slot_get(db, c->item, c->person, &a, &slot, &found, err))
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
            ok = check_retry(db, c, err);
            goto out;
        }
    }
    if (slot.state == SLOT_SKIPPED) {
        error_conflict(err, "lease.skipped", "You skipped this item.");
        goto out;
    }
    if (!item_get(db, c->item, &item, err))
        ok = false;
    else if (slot.state == SLOT_LEASED)
        ok = answer_counts(db, c, &slot, &item, false, err);
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

    slot->state = SLOT_LEASED;
    slot->until = service_lease_now(c->service) + job->lease_seconds * SECOND_US;
    slot->answer = 0;
    slot->has_idem = false; /* the same answer may be given again */
    if (!answer_set_status(db, old->id, ANSWER_WITHDRAWN, err) || !slot_set(db, slot, err) ||
        !answer_unbook(db, old, err) ||
        !job_count_add(db, slot->job, &delta, err) ||
        !move_slots(db, slot->item, 0, -1, &now, err))
        return false;
    held_put(c->service->held, c->person, slot->job, slot->item);
    if (job->availability_seconds > 0 &&
        !opened_put(db, slot->item, lifetime_due(c->service, job), err))
        return false;
    return now.state != ITEM_ANSWERED ||
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
