/* scheduler.c - threads, one or a few for each kind of work, so that a long import never keeps an
 * answer from being consolidated. Each looks for work, does it, and sleeps when there is none. */
#include "scheduler.h"

#include "autolabel.h"
#include "aws_setup.h"
#include "consolidate.h"
#include "fetch.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/engine/backups.h"
#include "plumbline/engine/dispatch.h"
#include "output_parts.h"
#include "tick.h"
#include "transfer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

/* One look for work; true: there was some, look again at once. */
typedef bool look(struct service *s, void *own);

static const struct {
    const char *name;
    look       *run;
    int         sleep_ms;
    int         nice; /* so that what takes all of a core takes it from nobody who waits */
} kinds[] = {
    {"tick", tick_run, 200, 0},
    {"import", transfer_import_next, 1000, 5},
    {"export", transfer_export_next, 1000, 0},
    {"autolabel", autolabel_next, 500, 0},
    {"backup", backups_next, 1000, 10},
    {"fetch", fetch_next, 1000, 5},
    {"setup", aws_setup_next, 1000, 0},
    {"output", output_next, 500, 5}, /* as many as buckets may be slow at once; see output.c */
    {"output", output_next, 500, 5},
    {"output", output_next, 500, 5},
    {"output", output_next, 500, 5},
};

enum { KINDS = sizeof kinds / sizeof *kinds, TICK = 0, IMPORT = 1, FETCH = 5, SETUP = 6 };

struct worker {
    struct scheduler *scheduler;
    pthread_t         thread;
    int               kind;
    void             *own;
    bool              started;
    atomic_uint       empty; /* looks since the last one of any thread that found work */
};

struct scheduler {
    struct service *service;
    pthread_mutex_t lock;
    pthread_cond_t  wake;
    uint64_t        wakes;
    atomic_bool     stop;
    struct outputs *outputs; /* shared by their threads */
    struct worker   worker[KINDS];
};

static void wait_for_work(struct scheduler *sc, int sleep_ms, uint64_t seen)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += sleep_ms % 1000 * 1000000L;
    until.tv_sec += sleep_ms / 1000 + until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&sc->lock);
    while (!atomic_load(&sc->stop) && sc->wakes == seen)
        if (pthread_cond_timedwait(&sc->wake, &sc->lock, &until) != 0)
            break;
    pthread_mutex_unlock(&sc->lock);
}

static void *worker_main(void *context)
{
    struct worker *w = context;
    struct scheduler *sc = w->scheduler;

    if (kinds[w->kind].nice)
        setpriority(PRIO_PROCESS, 0, kinds[w->kind].nice); /* on Linux of this thread only */
    while (!atomic_load(&sc->stop)) {
        uint64_t seen;

        pthread_mutex_lock(&sc->lock);
        seen = sc->wakes;
        pthread_mutex_unlock(&sc->lock);
        if (kinds[w->kind].run(sc->service, w->own)) {
            for (int i = 0; i < KINDS; i++)
                atomic_store(&sc->worker[i].empty, 0);
            continue;
        }
        atomic_fetch_add(&w->empty, 1);
        wait_for_work(sc, kinds[w->kind].sleep_ms, seen);
    }
    return NULL;
}

bool scheduler_start(struct service *s, struct error *err)
{
    struct scheduler *sc = must_alloc(sizeof *sc);
    pthread_condattr_t monotonic;

    s->scheduler = sc; /* the threads look at it */
    sc->service = s;
    pthread_mutex_init(&sc->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&sc->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    sc->worker[TICK].own = tick_new();
    sc->worker[FETCH].own = fetch_new();
    sc->worker[SETUP].own = aws_setup_new();
    sc->worker[IMPORT].own = transfer_import_new(s);
    sc->outputs = outputs_new();
    for (int i = 0; i < KINDS; i++) {
        struct worker *w = &sc->worker[i];

        if (kinds[i].run == output_next)
            w->own = sc->outputs;
        w->scheduler = sc;
        w->kind = i;
        w->started = pthread_create(&w->thread, NULL, worker_main, w) == 0;
        if (!w->started) {
            error_internal(err, "The %s thread cannot be started.", kinds[i].name);
            scheduler_stop(sc);
            s->scheduler = NULL;
            return NULL;
        }
        pthread_setname_np(w->thread, kinds[i].name);
    }
    return sc;
}

void scheduler_stop(struct scheduler *sc)
{
    if (!sc)
        return;
    pthread_mutex_lock(&sc->lock);
    atomic_store(&sc->stop, true);
    pthread_cond_broadcast(&sc->wake);
    pthread_mutex_unlock(&sc->lock);
    for (int i = 0; i < KINDS; i++)
        if (sc->worker[i].started)
            pthread_join(sc->worker[i].thread, NULL);
    tick_free(sc->worker[TICK].own);
    transfer_import_free(sc->worker[IMPORT].own);
    fetch_free(sc->worker[FETCH].own);
    aws_setup_free(sc->worker[SETUP].own);
    outputs_free(sc->outputs);
    pthread_cond_destroy(&sc->wake);
    pthread_mutex_destroy(&sc->lock);
    sc->service->scheduler = NULL;
    free(sc);
}

void scheduler_wake(struct scheduler *sc)
{
    if (!sc)
        return;
    pthread_mutex_lock(&sc->lock);
    sc->wakes++;
    pthread_cond_broadcast(&sc->wake);
    pthread_mutex_unlock(&sc->lock);
}

bool scheduler_stopping(const struct scheduler *sc)
{
    return sc && atomic_load(&sc->stop);
}

bool scheduler_idle(struct scheduler *sc)
{
    for (int i = 0; i < KINDS; i++)
        if (atomic_load(&sc->worker[i].empty) < 2)
            return false;
    return true;
}
