/* output.c - jobs with buckets, and the threads that write their trees.
 *
 * A few threads take turns: each takes the job that has waited longest, does the next thing for it and
 * looks again. A bucket that does not answer holds a thread for as long as the client tries; so at most
 * two threads are with one bucket, and at most two with jobs in trouble, while the others go on. After
 * trouble a job rests, up to a minute; a change of the job by a lead ends the rest. */
#include "output_parts.h"

#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/engine/output.h"
#include "scheduler.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OF_BUCKET = 2, MOST_TROUBLED = 2, REST_MAX_S = 60 };
static const int64_t LIST_EVERY_US = SECOND_US / 2, IDLE_US = SECOND_US;

struct entry {
    int64_t job;
    int64_t modified; /* of the job, when it was last listed */
    int64_t due;      /* monotonic */
    int     tries;    /* failures in a row */
    char    bucket[S3_BUCKET_MAX + 1];
    char    code[48]; /* of the last failure; "" after a success */
    bool    busy, listed;
};

struct outputs {
    pthread_mutex_t lock;
    struct entry   *v;
    size_t          n, room;
    int64_t         listed; /* monotonic */
    unsigned        dice;
};

struct outputs *outputs_new(void)
{
    struct outputs *o = must_alloc(sizeof *o);

    pthread_mutex_init(&o->lock, NULL);
    o->dice = (unsigned)clock_now_us();
    return o;
}

void outputs_free(struct outputs *o)
{
    if (!o)
        return;
    pthread_mutex_destroy(&o->lock);
    free(o->v);
    free(o);
}

/* ---- which jobs there are ---- */

static struct entry *entry_of(struct outputs *o, int64_t job)
{
    for (size_t i = 0; i < o->n; i++)
        if (o->v[i].job == job)
            return &o->v[i];
    return NULL;
}

static struct entry *add(struct outputs *o, int64_t job)
{
    if (o->n == o->room) {
        o->room = o->room ? 2 * o->room : 16;
        o->v = must_realloc(o->v, o->room, sizeof *o->v);
    }
    o->v[o->n] = (struct entry){.job = job};
    return &o->v[o->n++];
}

static void take_wish(struct outputs *o, struct s3 *s3, const struct output_wish *w)
{
    struct entry *e = entry_of(o, w->job);
    struct s3_place place = {0};
    struct error err = {0};

    if (!e)
        e = add(o, w->job);
    else if (e->modified != w->modified && e->tries > 0)
        e->due = 0;
    e->modified = w->modified;
    e->listed = true;
    if (s3_place_parse(s3, w->uri, &place, &err)) /* else: the first write will say so */
        snprintf(e->bucket, sizeof e->bucket, "%s", place.bucket);
}

static bool list(struct outputs *o, struct service *s, struct error *err)
{
    struct db *db = db_pool_take(s->pool, err);
    struct output_wish *wishes;
    struct arena a;
    int count = 0;
    size_t kept = 0;
    bool ok;

    if (!db)
        return false;
    arena_init(&a);
    ok = output_wishes(db, &a, &wishes, &count, err);
    db_pool_give(s->pool, db);
    for (size_t i = 0; ok && i < o->n; i++)
        o->v[i].listed = false;
    for (int i = 0; ok && i < count; i++)
        take_wish(o, s->s3, &wishes[i]);
    for (size_t i = 0; ok && i < o->n; i++)
        if (o->v[i].listed || o->v[i].busy)
            o->v[kept++] = o->v[i];
    o->n = ok ? kept : o->n;
    arena_release(&a);
    return ok;
}

static struct entry *pick(struct outputs *o, int64_t now)
{
    struct entry *best = NULL;
    int troubled = 0;

    for (size_t i = 0; i < o->n; i++)
        troubled += o->v[i].busy && o->v[i].tries > 0;
    for (size_t i = 0; i < o->n; i++) {
        struct entry *e = &o->v[i];
        int same = 0;

        if (e->busy || e->due > now || (e->tries > 0 && troubled >= MOST_TROUBLED) ||
            (best && best->due <= e->due))
            continue;
        for (size_t j = 0; j < o->n; j++)
            same += o->v[j].busy && strcmp(o->v[j].bucket, e->bucket) == 0;
        if (same < MOST_OF_BUCKET)
            best = e;
    }
    return best;
}

/* ---- one step of one job ---- */

struct problem_call {
    int64_t     job, since;
    const char *text;
};

static bool problem_write(struct db *db, void *context, struct error *err)
{
    const struct problem_call *c = context;

    return output_set_problem(db, c->job, c->text, c->since, err);
}

static void publish(const struct output_work *w, const char *problem)
{
    json_t *json;

    if (!w->service->publish)
        return;
    json = json_pack("{s:s, s:s*}", "state",
                     output_state_names[problem ? OUTPUT_WAITING : OUTPUT_WRITING], "problem",
                     problem);
    w->service->publish(w->service->publish_context, w->job.id, "output", json);
    json_decref(json);
}

/* Shown and logged once for as long as it is the same trouble, whichever of the files met it. `code` is
 * that of the step before, and becomes this one's. */
static void note_problem(struct output_work *w, const struct error *why, char code[48])
{
    const char *problem = why->status ? why->message : NULL;
    struct problem_call call = {.job = w->job.id, .text = problem};
    bool same = problem ? w->row.problem && strcmp(why->code, code) == 0 : !w->row.problem;
    struct error err = {0};

    if (problem)
        call.since = w->row.problem ? w->row.since : clock_now_us();
    if (!same && !writer_call_low(w->service->writer, problem_write, &call, &err))
        return; /* the disk is full: the next step says it again */
    snprintf(code, sizeof why->code, "%s", why->code);
    if (same)
        return;
    if (problem)
        log_warn("job=%lld output waits: %s", (long long)w->job.id, problem);
    else
        log_info("job=%lld output goes on", (long long)w->job.id);
    publish(w, problem);
}

static bool was_done(struct output_work *w)
{
    struct error err = {0};
    struct output_row row;

    return output_get(w->db, w->job.id, &w->arena, &row, &err) && row.done && !w->row.done;
}

/* False: trouble. */
static bool step(struct service *s, int64_t job, char code[48], bool *more)
{
    struct output_work w = {.service = s};
    struct error err = {0};
    bool ok = false, stopped;

    bucket_patience(*code != '\0');
    *more = false;
    arena_init(&w.arena);
    w.db = db_pool_take(s->pool, &err);
    if (w.db && job_get(w.db, job, &w.arena, &w.job, &err) &&
        output_get(w.db, job, &w.arena, &w.row, &err)) {
        w.uri = w.job.output ? output_tree_uri(&w.arena, &w.job) : "";
        ok = !w.job.output || output_step(&w, more, &err);
        stopped = scheduler_stopping(s->scheduler) && !ok;
        if (!stopped && !w.only_rows) /* which ends no trouble */
            note_problem(&w, &err, code);
        if (ok && was_done(&w)) {
            log_info("job=%lld output is complete", (long long)job);
            publish(&w, NULL);
        }
    } else {
        ok = err.status == 404; /* deleted: it will not be listed again */
    }
    db_pool_give(s->pool, w.db);
    arena_release(&w.arena);
    return ok;
}

/* 1 s, 2 s, 4 s … and up to half as much again, so that jobs do not all come at once. */
static int64_t rest_us(struct outputs *o, int tries)
{
    int64_t seconds = tries > 6 ? REST_MAX_S : INT64_C(1) << (tries - 1);

    if (seconds > REST_MAX_S * 2 / 3)
        seconds = REST_MAX_S * 2 / 3;
    return seconds * SECOND_US + seconds * (rand_r(&o->dice) % 1000) * SECOND_US / 2000;
}

static void book(struct outputs *o, int64_t job, const char *code, bool ok, bool more)
{
    struct entry *e = entry_of(o, job);
    int64_t now = clock_monotonic_us();

    if (!e)
        return;
    e->busy = false;
    snprintf(e->code, sizeof e->code, "%s", code);
    e->tries = ok ? 0 : e->tries + 1;
    e->due = !ok ? now + rest_us(o, e->tries) : more ? now : now + IDLE_US;
}

bool output_next(struct service *s, void *own)
{
    static log_gate gate;
    struct outputs *o = own;
    struct error err = {0};
    bool worked = false;

    while (!scheduler_stopping(s->scheduler)) {
        int64_t now = clock_monotonic_us(), job = 0;
        struct entry *e;
        char code[sizeof e->code];
        bool ok, more;

        pthread_mutex_lock(&o->lock);
        if (now - o->listed >= LIST_EVERY_US) {
            o->listed = now;
            list(o, s, &err);
        }
        e = pick(o, now);
        if (e) {
            e->busy = true;
            job = e->job;
            memcpy(code, e->code, sizeof code);
        }
        pthread_mutex_unlock(&o->lock);
        if (!job)
            break;
        ok = step(s, job, code, &more);
        worked = worked || more;
        pthread_mutex_lock(&o->lock);
        book(o, job, code, ok, more);
        pthread_mutex_unlock(&o->lock);
    }
    if (err.status && log_gate_opens(&gate))
        log_warn("output: %s", err.message);
    return worked;
}
