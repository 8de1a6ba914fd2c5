/* writer.c - group commit: the queue is taken whole, committed once, and answered after the fsync.
 *
 * There is no linger: while one group is being committed the next one gathers, which is all the
 * grouping a busy service needs, and an idle service answers at once. */
#include "plumbline/db/writer.h"

#include "internal.h"
#include "plumbline/base/arena.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    QUEUE_MAX = 4096, /* beyond it the service says 503 rather than let replies grow old */
    GROUP_MAX = 256,
    CHECKPOINT_MS = 200,
};

static const int64_t WAL_TRUNCATE_BYTES = 64 << 20;

struct writer {
    pthread_mutex_t       lock;
    pthread_cond_t        wake, tick;
    struct write         *head, **tail;
    bool                  idle, stop;
    struct db            *db;
    char                 *path;
    pthread_t             thread, checkpointer;
    struct writer_numbers numbers;
};

static struct write *take_group(struct writer *w)
{
    struct write *group, **cut;

    pthread_mutex_lock(&w->lock);
    while (!w->head && !w->stop) {
        w->idle = true;
        pthread_cond_wait(&w->wake, &w->lock);
    }
    w->idle = false;
    group = w->head;
    cut = &w->head;
    for (int n = 0; *cut && n < GROUP_MAX; n++) {
        cut = &(*cut)->next;
        w->numbers.queued--;
    }
    w->head = *cut;
    *cut = NULL;
    if (!w->head)
        w->tail = &w->head;
    pthread_mutex_unlock(&w->lock);
    return group;
}

/* One piece in a savepoint of its own, so that its failure undoes nothing else. */
static void run_piece(struct db *db, struct write *piece)
{
    static const char open[] = "SAVEPOINT piece", keep[] = "RELEASE piece",
                      undo[] = "ROLLBACK TO piece";

    memset(&piece->error, 0, sizeof piece->error);
    if (!stmt_run(db_stmt(db, open), &piece->error))
        return;
    if (!piece->run(db, piece->context, &piece->error)) {
        if (piece->error.status == 0)
            error_internal(&piece->error, "a write failed without saying why");
        stmt_run(db_stmt(db, undo), NULL);
    }
    stmt_run(db_stmt(db, keep), NULL);
}

static void fail_group(struct write *group, const struct error *err)
{
    for (struct write *p = group; p; p = p->next)
        if (p->error.status == 0)
            p->error = *err;
}

static void commit_group(struct writer *w, struct write *group)
{
    struct error err = {0};
    int64_t started = clock_monotonic_us(), pieces = 0, failures = 0;

    if (db_begin(w->db, &err)) {
        for (struct write *p = group; p; p = p->next)
            run_piece(w->db, p);
        if (!db_commit(w->db, &err))
            db_rollback(w->db);
    }
    if (err.status) {
        log_error("commit failed: %s", err.message);
        fail_group(group, &err);
    }
    for (struct write *p = group; p; p = p->next) {
        pieces++;
        failures += p->error.status != 0;
    }
    pthread_mutex_lock(&w->lock);
    w->numbers.commits++;
    w->numbers.pieces += pieces;
    w->numbers.failures += failures;
    w->numbers.commit_us += clock_monotonic_us() - started;
    pthread_mutex_unlock(&w->lock);
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

    while ((group = take_group(w)))
        commit_group(w, group);
    return NULL;
}

/* Copies the log back into the database beside the writer, so that no commit pays for it. */
static void *checkpointer_main(void *context)
{
    struct writer *w = context;
    struct error err = {0};
    struct db *db = db_open(w->path, DB_WRITE, &err);
    int64_t seen = -1;

    if (!db)
        log_error("no checkpointer: %s", err.message);
    pthread_mutex_lock(&w->lock);
    while (!w->stop) {
        struct timespec until;
        int64_t commits, wal = 0;
        bool quiet;

        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += CHECKPOINT_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&w->tick, &w->lock, &until);
        commits = w->numbers.commits;
        quiet = w->idle;
        if (commits == seen || !db)
            continue;
        seen = commits;
        pthread_mutex_unlock(&w->lock);
        db_checkpoint(db, false, &wal);
        if (wal > WAL_TRUNCATE_BYTES && quiet)
            db_checkpoint(db, true, &wal);
        pthread_mutex_lock(&w->lock);
        w->numbers.wal_bytes = wal;
        w->numbers.checkpoints++;
    }
    pthread_mutex_unlock(&w->lock);
    db_close(db);
    return NULL;
}

struct writer *writer_start(const char *path, struct error *err)
{
    struct writer *w = must_alloc(sizeof *w);
    pthread_condattr_t monotonic;

    w->db = db_open(path, DB_WRITE, err);
    if (!w->db) {
        free(w);
        return NULL;
    }
    w->tail = &w->head;
    w->path = must_strdup(path);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->tick, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_create(&w->thread, NULL, writer_main, w);
    pthread_create(&w->checkpointer, NULL, checkpointer_main, w);
    pthread_setname_np(w->thread, "writer");
    pthread_setname_np(w->checkpointer, "checkpointer");
    return w;
}

void writer_stop(struct writer *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_signal(&w->wake);
    pthread_cond_signal(&w->tick);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_join(w->checkpointer, NULL);
    db_checkpoint(w->db, true, NULL);
    db_close(w->db);
    pthread_cond_destroy(&w->tick);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    free(w->path);
    free(w);
}

static void enqueue(struct writer *w, struct write *piece)
{
    piece->next = NULL;
    *w->tail = piece;
    w->tail = &piece->next;
    w->numbers.queued++;
    if (w->idle)
        pthread_cond_signal(&w->wake);
}

bool writer_post(struct writer *w, struct write *piece, struct error *err)
{
    bool room;

    pthread_mutex_lock(&w->lock);
    room = w->numbers.queued < QUEUE_MAX && !w->stop;
    if (room)
        enqueue(w, piece);
    pthread_mutex_unlock(&w->lock);
    return room || error_set(err, 503, "overloaded", "",
                             "The service has more to write than it can keep up with. Please try "
                             "again in a moment.");
}

struct call {
    struct write piece;
    sem_t        done;
};

static void call_done(struct write *piece)
{
    sem_post(&((struct call *)piece)->done);
}

bool writer_call(struct writer *w, write_run *run, void *context, struct error *err)
{
    struct call call = {.piece = {.run = run, .context = context, .done = call_done}};

    sem_init(&call.done, 0, 0);
    pthread_mutex_lock(&w->lock);
    enqueue(w, &call.piece);
    pthread_mutex_unlock(&w->lock);
    while (sem_wait(&call.done) != 0) /* a signal: wait on */
        ;
    sem_destroy(&call.done);
    if (call.piece.error.status == 0)
        return true;
    if (err)
        *err = call.piece.error;
    return false;
}

void writer_numbers(struct writer *w, struct writer_numbers *out)
{
    pthread_mutex_lock(&w->lock);
    *out = w->numbers;
    pthread_mutex_unlock(&w->lock);
}
