/* fetch.c - the pictures that people will be given next are fetched and looked at before.
 *
 * Of each running job only the first places of its front are looked at, so that neither the number
 * of items nor the size of the cache matters: what is not fetched yet is fetched when its turn
 * comes. A person who is faster gets the task all the same, and the picture's own route fetches
 * it.
 *
 * A picture that is not there or is none fails its item, as long as nobody has it: who holds it
 * sees why it cannot be shown, and skips. A refusal for this one key counts as not there only
 * after some tries, and only while others of its bucket can be read. Everything else waits. */
#include "fetch.h"

#include "crew.h"
#include "moves.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/engine/remote.h"
#include "plumbline/store/work.h"
#include "scheduler.h"

#include <stdlib.h>
#include <string.h>

enum {
    AHEAD = 300,   /* places of a job's front */
    BATCH = 48,    /* pictures, whose findings are written together */
    HELPERS = 3,
    TRIED = 4096,  /* a power of two */
    DENIED_TRIES = 10,
};
static const int64_t PAUSE_FIRST_US = SECOND_US, PAUSE_MOST_US = 60 * SECOND_US;

/* When an item may be tried again; two that meet here are at worst tried too early. */
struct tried {
    int64_t item, until, pause;
    int     denied;
};

struct fetcher {
    struct tried tried[TRIED];
    struct crew *crew;
};

struct piece {
    struct unseen_picture picture;
    struct remote_look    look;
    struct error          error;
    enum remote_fault     fault;
    bool                  failed; /* the item */
};

struct batch {
    struct service *service;
    struct piece    v[BATCH];
    int             n;
};

static struct tried *tried_of(struct fetcher *f, int64_t item)
{
    uint64_t h = (uint64_t)item * UINT64_C(0x9E3779B97F4A7C15);
    struct tried *t = &f->tried[h >> 52];

    if (t->item != item)
        *t = (struct tried){.item = item};
    return t;
}

static bool rests(const struct fetcher *f, int64_t item)
{
    const struct tried *t = &f->tried[(uint64_t)item * UINT64_C(0x9E3779B97F4A7C15) >> 52];

    return t->item == item && t->until > clock_monotonic_us();
}

static void put_off(struct fetcher *f, const struct piece *p)
{
    struct tried *t = tried_of(f, p->picture.item);

    t->pause = t->pause ? 2 * t->pause : PAUSE_FIRST_US;
    if (t->pause > PAUSE_MOST_US)
        t->pause = PAUSE_MOST_US;
    t->until = clock_monotonic_us() + t->pause;
    t->denied += p->fault == REMOTE_DENIED;
}

/* ---- what to fetch ---- */

static bool choose_of(struct fetcher *f, struct db *db, int64_t job, struct arena *a,
                      struct batch *b, struct error *err)
{
    struct unseen_picture *v = arena_array(a, AHEAD, sizeof *v);
    int count;

    if (!payload_unseen(db, job, AHEAD, AHEAD, a, v, &count, err))
        return false;
    for (int i = 0; i < count && b->n < BATCH; i++)
        if (!rests(f, v[i].item))
            b->v[b->n++].picture = v[i];
    return true;
}

static bool choose(struct fetcher *f, struct db *db, struct arena *a, struct batch *b,
                   struct error *err)
{
    int64_t *jobs;
    int count;

    if (!job_remote_list(db, a, &jobs, &count, err))
        return false;
    for (int i = 0; i < count && b->n < BATCH; i++)
        if (!choose_of(f, db, jobs[i], a, b, err))
            return false;
    return true;
}

/* ---- fetching ---- */

void *fetch_new(void)
{
    struct fetcher *f = must_alloc(sizeof *f);

    f->crew = crew_new(HELPERS);
    return f;
}

void fetch_free(void *own)
{
    struct fetcher *f = own;

    if (!f)
        return;
    crew_free(f->crew);
    free(f);
}

static void fetch_one(void *context, int i)
{
    struct batch *b = context;
    struct piece *p = &b->v[i];

    if (!scheduler_stopping(b->service->scheduler) &&
        !remote_look_at(b->service, p->picture.remote, &p->look, &p->error))
        p->fault = remote_fault_of(b->service, p->picture.remote, &p->error);
}

/* ---- writing down what was found ---- */

static bool fail_item(struct db *db, struct piece *p, struct error *err)
{
    char reason[sizeof p->error.message + 32];
    struct item item;

    if (!item_get(db, p->picture.item, &item, err))
        return false;
    p->failed = item.state == ITEM_OPEN && item.taken == 0 && item.done == 0;
    if (!p->failed)
        return true;
    if (strncmp(p->error.code, "image.", 6) == 0 && p->error.status == 422)
        snprintf(reason, sizeof reason, "ClientError: %.200s is no usable picture. %.180s",
                 p->picture.remote, p->error.message);
    else
        snprintf(reason, sizeof reason, "ClientError: %s", p->error.message);
    return front_remove(db, item.job, item.rank, item.id, err) &&
           move_failed(db, item.job, item.id, ITEM_OPEN, reason, err);
}

static bool write_batch(struct db *db, void *context, struct error *err)
{
    struct batch *b = context;

    for (int i = 0; i < b->n; i++) {
        struct piece *p = &b->v[i];
        struct payload_probe probe = {p->picture.item, p->look.width, p->look.height,
                                      p->look.orientation};
        struct error why = {0};
        bool ok = true;

        if (p->error.status == 0 && p->look.width > 0)
            ok = payload_set_probe(db, &probe, &why);
        else if (p->fault == REMOTE_LOST)
            ok = fail_item(db, p, &why);
        if (!ok && why.status != 404) { /* else deleted meanwhile */
            *err = why;
            return false;
        }
    }
    return true;
}

/* True when something has changed. */
static bool finish(struct service *s, struct fetcher *f, struct batch *b)
{
    static log_gate gate;
    struct error err = {0};
    int64_t told = 0;
    bool changed = false;

    for (int i = 0; i < b->n; i++)
        if (b->v[i].fault == REMOTE_DENIED &&
            tried_of(f, b->v[i].picture.item)->denied + 1 >= DENIED_TRIES)
            b->v[i].fault = REMOTE_LOST;
    if (!writer_call_low(s->writer, write_batch, b, &err)) {
        if (log_gate_opens(&gate))
            log_warn("fetch: %s", err.message);
        return false;
    }
    for (int i = 0; i < b->n; i++) {
        struct piece *p = &b->v[i];

        if (p->error.status && !p->failed) {
            put_off(f, p);
            if (p->fault == REMOTE_WAIT && strcmp(p->error.code, "s3.stopped") != 0 &&
                log_gate_opens(&gate))
                log_warn("fetch: %s", p->error.message);
        }
        changed = changed || p->failed || p->look.width > 0;
        if (p->failed) {
            log_info("item=%lld failed: %s", (long long)p->picture.item, p->error.message);
            if (told != item_job(p->picture.item))
                service_publish_counts(s, told = item_job(p->picture.item));
        }
    }
    return changed;
}

bool fetch_next(struct service *s, void *own)
{
    static log_gate gate;
    struct batch *b = must_alloc(sizeof *b);
    struct error err = {0};
    struct db *db = db_pool_take(s->pool, &err);
    struct arena a;
    bool changed = false;

    remote_rest(s);
    arena_init(&a);
    b->service = s;
    if (db)
        choose(own, db, &a, b, &err);
    db_pool_give(s->pool, db);
    if (!err.status && b->n > 0) {
        crew_run(((struct fetcher *)own)->crew, fetch_one, b, b->n);
        changed = !scheduler_stopping(s->scheduler) && finish(s, own, b);
    }
    if (err.status && log_gate_opens(&gate))
        log_warn("fetch: %s", err.message);
    arena_release(&a);
    free(b);
    return changed;
}
