/* watch.c - breaking off what takes too long. SQLite's own progress handler is not called inside a
 * check of one large tree (3.40), sqlite3_interrupt is obeyed there. */
#include "internal.h"
#include "plumbline/base/arena.h"
#include "plumbline/db/copy.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOK_MS = 200 };

struct db_watch {
    pthread_mutex_t lock;
    pthread_cond_t  wake;
    pthread_t       thread;
    struct db      *db;
    db_go_on       *go_on;
    void           *context;
    bool            over;
};

static void *watch_main(void *context)
{
    struct db_watch *w = context;

    pthread_mutex_lock(&w->lock);
    while (!w->over) {
        struct timespec until;

        if (!w->go_on(w->context))
            sqlite3_interrupt(w->db->sqlite); /* again and again: the next statement is as long */
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += LOOK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&w->wake, &w->lock, &until);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct db_watch *db_watch_start(struct db *db, db_go_on *go_on, void *context)
{
    pthread_condattr_t monotonic;
    struct db_watch *w;

    if (!db || !go_on)
        return NULL;
    w = must_alloc(sizeof *w);
    w->db = db;
    w->go_on = go_on;
    w->context = context;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&w->thread, NULL, watch_main, w) == 0)
        return w;
    free(w); /* then it is not broken off */
    return NULL;
}

void db_watch_stop(struct db_watch *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->over = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

/* A file that is no database fails in the first statement. */
bool db_verify(const char *path, bool deep, db_go_on *go_on, void *context, int *version,
               struct error *err)
{
    struct error why = {0};
    struct db *db = db_open(path, DB_READ, &why);
    struct db_watch *watch = db_watch_start(db, go_on, context);
    char found[200] = "";
    bool ok = db && db_version(db, version, &why) &&
              db_check(db, !deep, found, sizeof found, &why);

    db_watch_stop(watch);
    db_close(db);
    if (ok && strcmp(found, "ok") == 0)
        return true;
    if (go_on && !go_on(context))
        return error_set(err, 503, "backup.interrupted", "", "The service was stopped.");
    return error_set(err, 422, "backup.damaged", "", "The database in it is damaged: %.300s",
                     ok ? found : why.message);
}
