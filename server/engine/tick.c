/* tick.c - what must happen soon: leases run out, answers are merged, new items open, jobs end. */
#include "tick.h"

#include "autolabel.h"
#include "conditions.h"
#include "consolidate.h"
#include "fill.h"
#include "lifetime.h"
#include "moves.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/engine/dispatch.h"
#include "plumbline/store/asks.h"
#include "plumbline/store/learning.h"
#include "plumbline/store/people.h"
#include "plumbline/store/transfers.h"
#include "plumbline/store/work.h"

#include <stdlib.h>
#include <string.h>

enum { FITS_KEPT = 32, FILL_PIECE = FILL_MAX, JOBS_PER_TICK = 1000, STOP_PIECE = 500, BOOK_PIECE = 2000, BOOK_PRESSED = 150,
       CONSOLIDATE_MANY = 250 };
static const int64_t BOOK_EVERY_US = 400000;

struct tick {
    struct fit *fit[FITS_KEPT]; /* the last fits, by job; a job that is not here fits anew */
    int         next;
    int64_t     swept;  /* when old rows were last removed */
    int64_t     booked; /* when the counters of people were last brought up to date */
};

void *tick_new(void)
{
    return must_alloc(sizeof(struct tick));
}

void tick_free(void *own)
{
    struct tick *t = own;

    for (int i = 0; t && i < FITS_KEPT; i++)
        fit_free(t->fit[i]);
    free(t);
}

static struct fit *fit_of(struct tick *t, int64_t job)
{
    for (int i = 0; i < FITS_KEPT; i++)
        if (t->fit[i] && fit_job(t->fit[i]) == job)
            return t->fit[i];
    t->next = (t->next + 1) % FITS_KEPT;
    fit_free(t->fit[t->next]);
    return t->fit[t->next] = fit_new(job);
}

/* ---- opening items ---- */

static bool fill_job(struct service *s, const struct job *job, struct db *db, struct error *err)
{
    struct fill_call f = {.service = s, .job = job->id, .limit = FILL_PIECE};
    int64_t room = job->open_items - job->counts.open;
    bool asked;

    /* A tenth at a time, so that a full front is not topped up one item a tick. */
    if (job->counts.waiting == 0 || room <= 0 || conditions_room(job) == 0 ||
        (room < job->open_items / 10 && job->counts.open > 0))
        return true;
    if (autolabel_steers(job) && (!ask_any(db, job->id, &asked, err) || !asked))
        return err->status == 0;
    do {
        if (!writer_call(s->writer, fill_front, &f, err))
            return false;
    } while (f.opened == FILL_PIECE);
    return true;
}

/* ---- ending ---- */

struct stop {
    struct service *service;
    int64_t         job;
    int             count;
};

/* Items with an answer are merged as they are; the others go back to waiting. */
static bool stop_item(struct db *db, struct stop *st, int64_t item, struct error *err)
{
    struct slots now;

    if (!move_slots(db, item, 0, 0, &now, err) ||
        !front_remove(db, st->job, now.rank, item, err))
        return false;
    if (now.done == 0)
        return move_state(db, st->job, item, ITEM_OPEN, ITEM_WAITING, err);
    return move_state(db, st->job, item, ITEM_OPEN, ITEM_ANSWERED, err);
}

static bool stop_write(struct db *db, void *context, struct error *err)
{
    struct stop *st = context;
    int64_t items[STOP_PIECE];

    if (!item_open_list(db, st->job, 0, STOP_PIECE, items, &st->count, err))
        return false;
    for (int i = 0; i < st->count; i++)
        if (!stop_item(db, st, items[i], err))
            return false;
    return ask_clear(db, st->job, err);
}

struct end {
    int64_t        job;
    enum job_state state;
    const char    *failure;
};

static bool end_write(struct db *db, void *context, struct error *err)
{
    struct end *e = context;

    return ask_clear(db, e->job, err) && job_set_state(db, e->job, e->state, e->failure, err);
}

static bool end_job(struct service *s, struct fit *fit, const struct job *job,
                    enum job_state state, struct error *err)
{
    struct end e = {.job = job->id, .state = state};

    if (state != JOB_COMPLETED) /* the reason, where nobody had asked for it */
        e.failure = job->failure;
    if (job->counts.answers > 0 && !consolidate_again(s, fit, job, err))
        return false;
    if (!writer_call(s->writer, end_write, &e, err))
        return false;
    log_info("job=%lld %s", (long long)job->id, job_state_names[state]);
    service_publish_counts(s, job->id);
    return true;
}

static bool stop_job(struct service *s, struct fit *fit, const struct job *job, struct error *err)
{
    struct stop st = {.service = s, .job = job->id};

    if (job->counts.open > 0)
        return writer_call(s->writer, stop_write, &st, err);
    return job->counts.answered > 0 || end_job(s, fit, job, conditions_end(job), err);
}

static bool is_complete(const struct job *job, struct db *db, bool *complete, struct error *err)
{
    bool importing;

    *complete = false;
    if (job->counts.waiting + job->counts.open + job->counts.answered > 0)
        return true;
    if (!import_running_of(db, job->id, &importing, err))
        return false;
    *complete = !importing;
    return true;
}

/* As if somebody had stopped it, with the reason. */
static bool stop_because(struct service *s, const struct job *job, const char *reason,
                         struct error *err)
{
    struct end e = {.job = job->id, .state = JOB_STOPPING, .failure = reason};

    log_info("job=%lld stops: %s", (long long)job->id, reason);
    return writer_call(s->writer, end_write, &e, err);
}

static bool stop_at_limit(struct service *s, const struct job *job, struct db *db, bool *stopped,
                          struct error *err)
{
    char note[CONDITIONS_NOTE_SIZE];
    bool importing;

    *stopped = false;
    if (!conditions_reached(job, note))
        return true;
    if (!import_running_of(db, job->id, &importing, err))
        return false;
    if (importing)
        return true;
    *stopped = true;
    return stop_because(s, job, note, err);
}

static bool stop_expired(struct service *s, const struct job *job, struct db *db, bool *stopped,
                         struct error *err)
{
    if (!conditions_expired(s, db, job, stopped, err))
        return false;
    return !*stopped ||
           stop_because(s, job, CLIENT_ERROR "The labeling job was not complete after 30 days and "
                                "has expired. What was labeled until then is in its output.", err);
}

/* ---- one job ---- */

static bool tick_job(struct service *s, struct fit *fit, const struct job *job, struct db *db,
                     bool *busy, struct error *err)
{
    bool complete, stopped;
    int count, expired;

    if (job->counts.answered > 0) {
        if (!consolidate_due(s, fit, job, &count, err))
            return false;
        *busy = *busy || count >= CONSOLIDATE_MANY; /* few: let some more come together */
        if (count > 0)
            service_publish_counts(s, job->id);
    }
    if (job->state == JOB_STOPPING) {
        *busy = *busy || job->counts.open > 0;
        return stop_job(s, fit, job, err);
    }
    if (!stop_expired(s, job, db, &stopped, err))
        return false;
    if (stopped || job->state != JOB_IN_PROGRESS)
        return true;
    if (!lifetime_expire(s, db, job, &expired, err))
        return false;
    if (expired > 0) {
        *busy = true; /* the counters have changed: look again */
        service_publish_counts(s, job->id);
        return true;
    }
    if (!fill_job(s, job, db, err) || !is_complete(job, db, &complete, err))
        return false;
    if (complete)
        return end_job(s, fit, job, JOB_COMPLETED, err);
    if (!stop_at_limit(s, job, db, &stopped, err))
        return false;
    *busy = *busy || stopped;
    return true;
}

static bool tick_state(struct service *s, struct tick *t, int state, struct db *db, bool *busy,
                       struct error *err)
{
    struct job_filter filter = {.state = state, .limit = JOBS_PER_TICK};
    static log_gate gate;
    struct arena a;
    struct job *jobs;
    int count;
    bool ok;

    arena_init(&a);
    ok = job_list(db, &filter, &a, &jobs, &count, err);
    for (int i = 0; ok && i < count; i++) {
        struct error why = {0};

        if (!tick_job(s, fit_of(t, jobs[i].id), &jobs[i], db, busy, &why) && log_gate_opens(&gate))
            log_warn("job=%lld tick: %s", (long long)jobs[i].id, why.message);
    }
    arena_release(&a);
    return ok;
}

/* ---- now and then ---- */

static const int64_t SWEEP_EVERY_US = 3600 * SECOND_US, PULSE_KEPT_US = 24 * 3600 * SECOND_US;

static bool sweep_write(struct db *db, void *context, struct error *err)
{
    int64_t now = clock_now_us();

    (void)context;
    return activity_sweep(db, now - PULSE_KEPT_US, err) && session_sweep(db, now, err);
}

static void sweep_old(struct service *s, struct tick *t)
{
    struct error err = {0};

    if (t->swept && clock_monotonic_us() < t->swept + SWEEP_EVERY_US)
        return;
    t->swept = clock_monotonic_us();
    if (!writer_call_low(s->writer, sweep_write, NULL, &err))
        log_warn("sweep: %s", err.message);
}

/* ---- the counters of people ---- */

static bool book_write(struct db *db, void *context, struct error *err)
{
    return answer_book(db, db_pressed(db) ? BOOK_PRESSED : BOOK_PIECE, context, err);
}

static void book_answers(struct service *s, struct tick *t, struct db *db)
{
    static log_gate gate;
    struct error err = {0};
    bool more = false;

    if (clock_monotonic_us() < t->booked + BOOK_EVERY_US)
        return;
    t->booked = clock_monotonic_us();
    if (answer_unbooked(db, &more, &err))
        while (more && writer_call_low(s->writer, book_write, &more, &err))
            ;
    if (err.status && log_gate_opens(&gate))
        log_warn("counters: %s", err.message);
}

bool tick_run(struct service *s, void *own)
{
    static log_gate gate;
    struct sweep_call sweep = {.service = s};
    struct error err = {0};
    struct db *db = db_pool_take(s->pool, &err);
    bool busy = false, over = false;

    sweep_old(s, own);
    if (db) {
        book_answers(s, own, db);
        over = slot_any_expired(db, service_lease_now(s), &err);
        for (int state = JOB_IN_PROGRESS; state <= JOB_STOPPING; state++)
            if (state != JOB_COMPLETED && state != JOB_FAILED)
                tick_state(s, own, state, db, &busy, &err);
    }
    db_pool_give(s->pool, db);
    if (over && writer_call(s->writer, dispatch_sweep, &sweep, &err)) {
        busy = busy || sweep.swept > 0;
        atomic_fetch_add(&s->numbers.leases_expired, sweep.swept);
    }
    if (err.status && log_gate_opens(&gate))
        log_warn("tick: %s", err.message);
    return busy && err.status == 0;
}
