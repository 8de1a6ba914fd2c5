#include "checkpointer.h"

#include "plumbline/base/arena.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* PASSIVE five times a second never stops the writer and keeps the log near 50 MB under load; a log
 * that has grown beyond WAL_TRUNCATE_BYTES is cut when the writer has nothing to do. */
enum { CHECKPOINT_MS = 200, REFUSED_REST = 5 /* of these, before the next try */ };
static const int64_t WAL_TRUNCATE_BYTES = 64 << 20;

struct checkpointer {
    pthread_mutex_t lock;
    pthread_cond_t  tick;
    pthread_t       thread;
    struct writer  *writer;
    struct db      *db;
    bool            stop;
    int64_t         wal_bytes, checkpoints, spent_us;
};

static void wait_for_tick(struct checkpointer *c)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += CHECKPOINT_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&c->tick, &c->lock, &until);
}

static void *checkpointer_main(void *context)
{
    static log_gate gate;
    struct checkpointer *c = context;
    int64_t seen = -1;
    int rest = 0;

    pthread_mutex_lock(&c->lock);
    while (!c->stop) {
        int64_t commits, wal = 0, started;
        bool idle;

        wait_for_tick(c);
        pthread_mutex_unlock(&c->lock);
        commits = writer_commits(c->writer, &idle);
        started = clock_monotonic_us();
        if (commits != seen && --rest < 0) {
            struct error err = {0};

            rest = 0;
            seen = commits;
            if (db_copy_back(c->db, false, &wal, &err) && wal > WAL_TRUNCATE_BYTES && idle)
                db_copy_back(c->db, true, &wal, &err);
            if (err.status) { /* nothing is lost by it: the log keeps what was not copied */
                seen = -1;
                rest = REFUSED_REST;
                if (log_gate_opens(&gate))
                    log_warn("the log cannot be copied into the database: %s", err.message);
            }
        }
        pthread_mutex_lock(&c->lock);
        if (wal > 0) {
            c->wal_bytes = wal;
            c->checkpoints++;
            c->spent_us += clock_monotonic_us() - started;
        }
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

struct checkpointer *checkpointer_start(const char *path, struct writer *w, struct error *err)
{
    struct checkpointer *c = must_alloc(sizeof *c);
    pthread_condattr_t monotonic;

    c->writer = w;
    c->db = db_open(path, DB_WRITE, err);
    if (!c->db) {
        free(c);
        return NULL;
    }
    pthread_mutex_init(&c->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&c->tick, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_create(&c->thread, NULL, checkpointer_main, c);
    pthread_setname_np(c->thread, "checkpointer");
    return c;
}

void checkpointer_stop(struct checkpointer *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    pthread_cond_signal(&c->tick);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    db_close(c->db);
    pthread_cond_destroy(&c->tick);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

void checkpointer_numbers(struct checkpointer *c, struct writer_numbers *out)
{
    pthread_mutex_lock(&c->lock);
    out->wal_bytes = c->wal_bytes;
    out->checkpoints = c->checkpoints;
    out->checkpoint_us = c->spent_us;
    pthread_mutex_unlock(&c->lock);
}
