/* writer.c - group commit: the queue is taken whole, committed once, and answered after the fsync.
 *
 * There is no linger: while one group is being committed the next one gathers, which is all the
 * grouping a busy service needs, and an idle service answers at once.
 *
 * Bulk work (imports, labels, deletions) waits in a queue of its own. While requests come it gets a
 * share of the time: after a piece that took t the next one comes no earlier than LOW_REST * t later,
 * also when nobody waits at that moment: somebody may come in the middle of it, and what it writes
 * keeps the disk busy. Whoever makes such pieces keeps them to a few milliseconds.
 *
 * When the disk refuses a write or an fsync, the group fails as a whole and every piece of it is told
 * so. Nothing acknowledged stands on what was refused: SQLite moves its end of the log only behind
 * the fsync, so readers never see the frames of a failed commit, and the next commit writes all of
 * its own frames again, over them, before its own fsync. (An fsync that failed and is merely called
 * again may lie: the kernel drops what it could not write. Here it is never called again for the
 * same bytes.) A checkpoint that fails likewise copies everything again, since its progress is
 * recorded behind the fsync of the database. Only a crash right after a failed commit may find it
 * whole in the log and keep it: its sender was told "failed" and repeats it under the same key. */
#include "plumbline/db/writer.h"

#include "checkpointer.h"
#include "group.h"
#include "internal.h"
#include "plumbline/base/arena.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "space.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    QUEUE_MAX = 4096, /* beyond it the service says 503 rather than let replies grow old */
    GROUP_MAX = 256,
    LOW_REST = 9,         /* bulk work gets a tenth of a writer that requests wait for */
    LOW_REST_ACTIVE = 15, /* and a sixteenth of one that has had some lately: p99 of requests beside
                           * an import is then below twice that without (bench) */
    ACTIVE_US = 50000,
    FULL_REST_US = 100000,
};

struct queue {
    struct write *head, **tail;
};

struct writer {
    pthread_mutex_t       lock;
    pthread_cond_t        wake;
    struct queue          requests, low;
    int64_t               active_until; /* monotonic; requests came lately */
    int64_t               low_ended, low_took; /* monotonic; the last bulk piece, with its commit */
    bool                  idle, stop;
    struct db            *db;
    char                 *path;
    struct checkpointer  *checkpointer;
    pthread_t             thread;
    struct error          failure;    /* of the last commit; status 0: it went well */
    int64_t               failing_us; /* monotonic: since when */
    int64_t               full_until; /* monotonic: the next try on a full disk */
    writer_listener      *listener;
    void                 *listener_context;
    struct writer_numbers numbers;
    atomic_int            waiting; /* requests in the queue */
    struct histogram      wait, group, commit;
};

static void put(struct queue *q, struct write *piece)
{
    piece->next = NULL;
    piece->queued_us = clock_monotonic_us();
    *q->tail = piece;
    q->tail = &piece->next;
}

/* Moves up to `max` pieces to the end of *group; returns its new end. */
static struct write **move(struct queue *q, int max, struct write **end, int *moved)
{
    struct write **cut = &q->head;

    for (*moved = 0; *cut && *moved < max; ++*moved)
        cut = &(*cut)->next;
    if (*moved == 0)
        return end;
    *end = q->head;
    q->head = *cut;
    *cut = NULL;
    if (!q->head)
        q->tail = &q->head;
    return cut;
}

/* When the next bulk piece may come; 0: at once. */
static int64_t low_after(const struct writer *w, int64_t now)
{
    if (w->requests.head)
        return w->low_ended + LOW_REST * w->low_took;
    return now < w->active_until ? w->low_ended + LOW_REST_ACTIVE * w->low_took : 0;
}

static void sleep_at_most(struct writer *w, int64_t us)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += us % SECOND_US * 1000;
    until.tv_sec += us / SECOND_US + until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&w->wake, &w->lock, &until);
}

static void wait_for_work(struct writer *w)
{
    while (!w->requests.head && !w->stop) {
        int64_t now = clock_monotonic_us(), after = low_after(w, now);

        if (w->low.head && after <= now)
            break;
        w->idle = true;
        if (w->low.head) {
            sleep_at_most(w, after - now);
        } else {
            pthread_cond_wait(&w->wake, &w->lock);
        }
    }
    w->idle = false;
}

/* The next group; *low when its last piece is bulk work. NULL: stop. */
static struct write *take_group(struct writer *w, bool *low)
{
    struct write *group = NULL, **end = &group;
    int64_t now;
    int moved;

    pthread_mutex_lock(&w->lock);
    wait_for_work(w);
    now = clock_monotonic_us();
    *low = w->low.head && (w->stop || low_after(w, now) <= now);
    w->db->active = now < w->active_until;
    end = move(&w->requests, GROUP_MAX, end, &moved);
    w->numbers.queued -= moved;
    atomic_fetch_sub(&w->waiting, moved);
    if (moved > 0)
        w->active_until = now + ACTIVE_US;
    if (*low) {
        move(&w->low, 1, end, &moved);
        w->numbers.low_queued -= moved;
    }
    pthread_mutex_unlock(&w->lock);
    return group;
}

static void fail_group(struct write *group, const struct error *err)
{
    for (struct write *p = group; p; p = p->next)
        if (p->error.status == 0)
            p->error = *err;
}

static void count_group(struct writer *w, const struct write *group, int64_t started, bool low)
{
    int64_t now = clock_monotonic_us(), pieces = 0;

    pthread_mutex_lock(&w->lock);
    for (const struct write *p = group; p; p = p->next) {
        pieces++;
        histogram_add(&w->wait, &histogram_commit_us, started - p->queued_us);
        w->numbers.failures += p->error.status != 0;
    }
    w->numbers.pieces += pieces;
    w->numbers.commits++;
    w->numbers.commit_us += now - started;
    if (low) {
        w->low_ended = now;
        w->low_took = now - started;
    }
    pthread_mutex_unlock(&w->lock);
    histogram_add(&w->group, &histogram_group_size, pieces);
    histogram_add(&w->commit, &histogram_commit_us, now - started);
}

/* One line when it begins, one a second while it lasts, one when it is over. */
static void note_health(struct writer *w, const struct error *err)
{
    static log_gate gate;
    int64_t now = clock_monotonic_us();

    if (err->status == 0 && w->failure.status == 0) /* only this thread writes it */
        return;
    pthread_mutex_lock(&w->lock);
    if (w->failure.status == 0)
        w->failing_us = now;
    w->failure = *err;
    pthread_mutex_unlock(&w->lock);
    if (err->status == 0)
        log_warn("commits succeed again after %.1f s", (double)(now - w->failing_us) / 1e6);
    else if (log_gate_opens(&gate))
        log_error("commit failed: %s", err->message);
}

bool writer_health(struct writer *w, struct error *err)
{
    char since[CLOCK_TEXT_SIZE];
    struct error failure;
    int64_t ago;

    pthread_mutex_lock(&w->lock);
    failure = w->failure;
    ago = clock_monotonic_us() - w->failing_us;
    pthread_mutex_unlock(&w->lock);
    if (failure.status == 0)
        return true;
    return error_set(err, failure.status, failure.code, "", "Since %s nothing can be stored. %.300s",
                     clock_text(clock_now_us() - ago, since), failure.message);
}

/* Where space runs out (or a commit has just met the end of it, by a quota that space.c does not see)
 * the log is copied back and cut first, which is all that helps; when it does not, commits are
 * refused, and that is tried again ten times a second at most. */
static bool has_space(struct writer *w, struct error *err)
{
    int64_t now;

    if (w->failure.status != 507 && space_is_left(w->path, err))
        return true;
    now = clock_monotonic_us();
    if (w->failure.status == 507 && now < w->full_until) {
        *err = w->failure;
        return false;
    }
    memset(err, 0, sizeof *err);
    w->full_until = now + FULL_REST_US;
    return db_copy_back(w->db, false, NULL, err) && db_copy_back(w->db, true, NULL, err) &&
           space_is_left(w->path, err);
}

static void commit(struct writer *w, struct write *group, bool low)
{
    struct error err = {0};
    int64_t started = clock_monotonic_us();

    if (has_space(w, &err) && group_commit(w->db, group, &err)) {
        if (w->listener && (w->db->touched.n > 0 || w->db->touched.overflow))
            w->listener(w->listener_context, &w->db->touched);
    } else {
        fail_group(group, &err);
    }
    note_health(w, &err);
    count_group(w, group, started, low);
    while (group) { /* done() may free the piece */
        struct write *next = group->next;

        group->done(group);
        group = next;
    }
}

static void *writer_main(void *context)
{
    struct writer *w = context;
    struct write *group;
    bool low;

    while ((group = take_group(w, &low)))
        commit(w, group, low);
    return NULL;
}

struct writer *writer_start(const char *path, writer_listener *listener, void *context,
                            struct error *err)
{
    struct writer *w = must_alloc(sizeof *w);
    pthread_condattr_t monotonic;

    w->db = db_open(path, DB_WRITE, err);
    if (!w->db) {
        free(w);
        return NULL;
    }
    w->db->waiting = &w->waiting;
    w->path = must_strdup(path);
    w->listener = listener;
    w->listener_context = context;
    w->requests.tail = &w->requests.head;
    w->low.tail = &w->low.head;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    w->checkpointer = checkpointer_start(path, w, err);
    if (!w->checkpointer) {
        db_close(w->db);
        free(w->path);
        free(w);
        return NULL;
    }
    pthread_create(&w->thread, NULL, writer_main, w);
    pthread_setname_np(w->thread, "writer");
    return w;
}

void writer_stop(struct writer *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    checkpointer_stop(w->checkpointer);
    db_checkpoint(w->db, true, NULL);
    db_close(w->db);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    free(w->path);
    free(w);
}

/* A piece was put into a queue; with the lock held. */
static void wake(struct writer *w)
{
    if (w->numbers.queued > w->numbers.queued_most)
        w->numbers.queued_most = w->numbers.queued;
    if (w->idle)
        pthread_cond_signal(&w->wake);
}

bool writer_post(struct writer *w, struct write *piece, struct error *err)
{
    bool room;

    pthread_mutex_lock(&w->lock);
    room = w->numbers.queued < QUEUE_MAX && !w->stop;
    if (room) {
        put(&w->requests, piece);
        w->numbers.queued++;
        atomic_fetch_add(&w->waiting, 1);
        wake(w);
    }
    pthread_mutex_unlock(&w->lock);
    return room || error_set(err, 503, "overloaded", "",
                             "The service has more to write than it can keep up with. Please try "
                             "again in a moment.");
}

void writer_post_low(struct writer *w, struct write *piece)
{
    pthread_mutex_lock(&w->lock);
    put(&w->low, piece);
    w->numbers.low_queued++;
    wake(w);
    pthread_mutex_unlock(&w->lock);
}

/* ---- waiting for the result ---- */

struct call {
    struct write piece;
    sem_t        done;
};

static void call_done(struct write *piece)
{
    sem_post(&((struct call *)piece)->done);
}

static bool call(struct writer *w, bool low, write_run *run, void *context, struct error *err)
{
    struct call c = {.piece = {.run = run, .context = context, .done = call_done}};

    sem_init(&c.done, 0, 0);
    pthread_mutex_lock(&w->lock);
    put(low ? &w->low : &w->requests, &c.piece);
    w->numbers.queued += !low;
    atomic_fetch_add(&w->waiting, !low);
    w->numbers.low_queued += low;
    wake(w);
    pthread_mutex_unlock(&w->lock);
    while (sem_wait(&c.done) != 0) /* a signal: wait on */
        ;
    sem_destroy(&c.done);
    if (c.piece.error.status == 0)
        return true;
    if (err)
        *err = c.piece.error;
    return false;
}

bool writer_call(struct writer *w, write_run *run, void *context, struct error *err)
{
    return call(w, false, run, context, err);
}

bool writer_call_low(struct writer *w, write_run *run, void *context, struct error *err)
{
    return call(w, true, run, context, err);
}

int64_t writer_commits(struct writer *w, bool *idle)
{
    int64_t commits;

    pthread_mutex_lock(&w->lock);
    commits = w->numbers.commits;
    *idle = w->idle;
    pthread_mutex_unlock(&w->lock);
    return commits;
}

void writer_numbers(struct writer *w, struct writer_numbers *out)
{
    pthread_mutex_lock(&w->lock);
    *out = w->numbers;
    pthread_mutex_unlock(&w->lock);
    out->queue_limit = QUEUE_MAX;
    out->wait = &w->wait;
    out->group = &w->group;
    out->commit = &w->commit;
    checkpointer_numbers(w->checkpointer, out);
}
