/* manager.c - see manager.h. */
#include "manager.h"

#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/base/notify.h"
#include "plumbline/store/figures.h"
#include "probe.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STATUS_S = 10, STARTING_S = 5, LOOK_S = 5 };

struct manager {
    pthread_mutex_t lock;
    pthread_cond_t  wake;
    pthread_t       thread;
    bool            stop;
    struct service *service; /* NULL: still starting */
    struct api     *api;
    char            address[128];
    uint16_t        port;
    /* the thread's own */
    int64_t            watchdog_us;
    bool               ready;
    char               status[96];
    struct write       piece; /* under way while `sent` */
    bool               sent;
    atomic_bool        back;
    int64_t            commits;
    unsigned long long finished;
};

/* ---- what is said ---- */

static void say_status(struct manager *m, const char *status)
{
    char line[128];

    if (strcmp(m->status, status) == 0)
        return;
    snprintf(m->status, sizeof m->status, "%s", status);
    snprintf(line, sizeof line, "STATUS=%s", m->status);
    notify_send(line);
}

static void say_jobs(struct manager *m)
{
    struct error err = {0};
    struct db *db = db_pool_take(m->service->pool, &err);
    struct figures f;
    char status[96];

    if (db && figures_read(db, clock_now_us(), &f, &err)) {
        int64_t n = f.jobs[JOB_IN_PROGRESS];

        snprintf(status, sizeof status, "serving %lld job%s, %lld tasks held", (long long)n,
                 n == 1 ? "" : "s", (long long)f.leases);
        say_status(m, status);
    }
    db_pool_give(m->service->pool, db);
}

static void become_ready(struct manager *m, int64_t limit_us)
{
    int status = probe_get(m->address, m->port, "/readyz", limit_us);

    m->ready = status == 200;
    if (m->ready)
        notify_send("READY=1");
    else
        say_status(m, status == 507 ? "not ready: the disk is full" : "not ready, see /readyz");
}

/* ---- a look at ourselves ---- */

static bool nothing(struct db *db, void *context, struct error *err)
{
    (void)db, (void)context, (void)err;
    return true;
}

static void came_back(struct write *piece)
{
    struct manager *m = piece->context;

    atomic_store(&m->back, true);
}

static bool wait_for_piece(struct manager *m, int64_t limit_us)
{
    int64_t until = clock_monotonic_us() + limit_us;
    struct timespec pause = {.tv_nsec = 5 * 1000000L};

    while (!atomic_load(&m->back) && clock_monotonic_us() < until)
        nanosleep(&pause, NULL);
    return atomic_load(&m->back);
}

/* A queue too full to take the piece, or too long to get it back in time, is no hang as long as
 * commits go on. */
static bool writer_lives(struct manager *m, int64_t limit_us)
{
    struct writer_numbers n;
    struct error err = {0};
    bool back, moved;

    if (!m->sent) {
        atomic_store(&m->back, false);
        m->piece = (struct write){.run = nothing, .context = m, .done = came_back};
        m->sent = writer_post(m->service->writer, &m->piece, &err);
    }
    back = m->sent && wait_for_piece(m, limit_us);
    if (back)
        m->sent = false;
    writer_numbers(m->service->writer, &n);
    moved = n.commits != m->commits;
    m->commits = n.commits;
    return back || moved;
}

/* With all connections taken nobody gets through, which says nothing about the pool. */
static bool pool_lives(struct manager *m, int64_t limit_us)
{
    struct http_server *http = api_http(m->api);
    bool answered = probe_get(m->address, m->port, "/healthz", limit_us) == 200;
    unsigned long long finished = http_finished(http);
    bool moved = finished != m->finished;

    m->finished = finished;
    return answered || moved || http_is_full(http);
}

/* False: no beat, and it is worth looking again soon. */
static bool look(struct manager *m)
{
    int64_t limit_us = m->watchdog_us / 8 < LOOK_S * SECOND_US ? m->watchdog_us / 8
                                                               : LOOK_S * SECOND_US;
    bool writer = writer_lives(m, limit_us), pool = pool_lives(m, limit_us);

    if (writer && pool)
        return notify_send("WATCHDOG=1");
    log_error("watchdog: %s", writer ? "no request is answered" : "the writer does not answer");
    return false;
}

/* ---- the thread ---- */

/* True: stop. */
static bool sleep_for(struct manager *m, int64_t us)
{
    struct timespec until;
    bool starting, stop;

    clock_gettime(CLOCK_MONOTONIC, &until);
    us += until.tv_nsec / 1000;
    until.tv_sec += us / SECOND_US;
    until.tv_nsec = us % SECOND_US * 1000;
    pthread_mutex_lock(&m->lock);
    starting = !m->service;
    while (!m->stop && starting == !m->service &&
           pthread_cond_timedwait(&m->wake, &m->lock, &until) == 0)
        ;
    stop = m->stop;
    pthread_mutex_unlock(&m->lock);
    return stop;
}

static bool serves(struct manager *m)
{
    bool yes;

    pthread_mutex_lock(&m->lock);
    yes = m->service != NULL;
    pthread_mutex_unlock(&m->lock);
    return yes;
}

/* One turn; how long to sleep until the next. */
static int64_t turn(struct manager *m)
{
    int64_t next = STATUS_S * SECOND_US;

    if (!serves(m)) { /* a migration may take its time */
        notify_send("EXTEND_TIMEOUT_USEC=30000000");
        return STARTING_S * SECOND_US;
    }
    if (!m->ready)
        become_ready(m, LOOK_S * SECOND_US);
    if (!m->ready) {
        notify_send("EXTEND_TIMEOUT_USEC=30000000");
        return SECOND_US;
    }
    say_jobs(m);
    if (m->watchdog_us) {
        int64_t pause = look(m) ? m->watchdog_us / 2 : m->watchdog_us / 16;

        if (pause < next)
            next = pause;
    }
    return next;
}

static void *manager_main(void *context)
{
    struct manager *m = context;

    while (!sleep_for(m, turn(m)))
        ;
    return NULL;
}

struct manager *manager_start(struct error *err)
{
    struct manager *m;
    pthread_condattr_t monotonic;

    if (!notify_wanted())
        return NULL;
    m = must_alloc(sizeof *m);
    m->watchdog_us = notify_watchdog_us();
    say_status(m, "opening the data folder, migrating the database if it is an older one");
    pthread_mutex_init(&m->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&m->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&m->thread, NULL, manager_main, m) != 0) {
        error_internal(err, "The thread for the service manager cannot be started.");
        free(m);
        return NULL;
    }
    pthread_setname_np(m->thread, "manager");
    return m;
}

void manager_serve(struct manager *m, struct service *s, struct api *api, const char *address,
                   uint16_t port)
{
    if (!m)
        return;
    pthread_mutex_lock(&m->lock);
    if (!*address || strcmp(address, "0.0.0.0") == 0)
        address = "127.0.0.1";
    else if (strcmp(address, "::") == 0)
        address = "::1";
    snprintf(m->address, sizeof m->address, "%s", address);
    m->port = port;
    m->api = api;
    m->service = s;
    pthread_cond_signal(&m->wake);
    pthread_mutex_unlock(&m->lock);
}

void manager_stop(struct manager *m)
{
    if (!m)
        return;
    pthread_mutex_lock(&m->lock);
    m->stop = true;
    pthread_cond_signal(&m->wake);
    pthread_mutex_unlock(&m->lock);
    pthread_join(m->thread, NULL);
}

void manager_free(struct manager *m)
{
    if (!m)
        return;
    pthread_cond_destroy(&m->wake);
    pthread_mutex_destroy(&m->lock);
    free(m);
}
