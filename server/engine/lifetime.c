/* lifetime.c - open items whose time is over leave people. */
#include "lifetime.h"

#include "held.h"
#include "moves.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/store/asks.h"
#include "plumbline/store/opened.h"
#include "plumbline/store/work.h"

enum { PIECE = 200 };

static const char EXPIRED[] = "ClientError: Annotation tasks expired";

int64_t lifetime_due(const struct service *s, const struct job *job)
{
    return job->availability_seconds > 0
               ? service_lease_now(s) + job->availability_seconds * SECOND_US
               : 0;
}

bool lifetime_renew(struct db *db, const struct service *s, const struct job *job,
                    struct error *err)
{
    int64_t due = lifetime_due(s, job), items[PIECE], after = 0;
    int count = PIECE;

    while (due > 0 && count == PIECE) {
        if (!item_open_list(db, job->id, after, PIECE, items, &count, err))
            return false;
        for (int i = 0; i < count; i++)
            if (!opened_put(db, items[i], due, err))
                return false;
        after = count > 0 ? items[count - 1] : after;
    }
    return true;
}

struct expiry {
    struct service *service;
    int64_t         job;
    int             seen, ended;
};

/* Whoever holds the item finds the lease gone; an answer on its way is kept beside those that count. */
static bool end_leases(struct db *db, struct service *s, int64_t item, struct error *err)
{
    struct slot *slots;
    struct arena a;
    int count;
    bool ok;

    arena_init(&a);
    ok = slot_of_item(db, item, &a, &slots, &count, err);
    for (int i = 0; ok && i < count; i++) {
        struct slots now;

        if (slots[i].state != SLOT_LEASED)
            continue;
        slots[i].state = SLOT_LET_GO;
        held_drop(s->held, slots[i].person, item);
        ok = slot_set(db, &slots[i], err) && move_slots(db, item, -1, 0, &now, err);
    }
    arena_release(&a);
    return ok;
}

static bool end_item(struct db *db, struct expiry *e, int64_t id, struct error *err)
{
    struct job_counts delta = {.open = -1, .answered = 1};
    struct item item;

    if (!item_get(db, id, &item, err) || !opened_remove(db, id, err))
        return false;
    if (item.state != ITEM_OPEN)
        return true;
    e->ended++;
    if (!end_leases(db, e->service, id, err) || !front_remove(db, e->job, item.rank, id, err))
        return false;
    if (item.done == 0)
        return move_failed(db, e->job, id, ITEM_OPEN, EXPIRED, err);
    return item_leave(db, id, err) && job_count_add(db, e->job, &delta, err);
}

static bool expire_write(struct db *db, void *context, struct error *err)
{
    struct expiry *e = context;
    int64_t items[PIECE];

    e->ended = 0;
    if (!opened_due(db, e->job, service_lease_now(e->service), PIECE, items, &e->seen, err))
        return false;
    for (int i = 0; i < e->seen; i++)
        if (!end_item(db, e, items[i], err))
            return false;
    return true;
}

bool lifetime_expire(struct service *s, struct db *db, const struct job *job, int *ended,
                     struct error *err)
{
    struct expiry e = {.service = s, .job = job->id};
    int64_t one;
    int any;

    *ended = 0;
    if (job->availability_seconds == 0 ||
        !opened_due(db, job->id, service_lease_now(s), 1, &one, &any, err))
        return job->availability_seconds == 0;
    if (any == 0)
        return true;
    do {
        if (!writer_call(s->writer, expire_write, &e, err))
            return false;
        *ended += e.ended;
    } while (e.seen == PIECE);
    if (*ended > 0)
        log_info("job=%lld items=%d left people after %lld s", (long long)job->id, *ended,
                 (long long)job->availability_seconds);
    return true;
}
