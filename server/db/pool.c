/* pool.c - reading connections, lent for the length of a request. */
#include "plumbline/base/arena.h"
#include "plumbline/db/db.h"

#include <pthread.h>
#include <stdlib.h>

enum { POOL_KEEP = 16 };

struct db_pool {
    pthread_mutex_t lock;
    char           *path;
    struct db      *idle[POOL_KEEP];
    int             count;
};

struct db_pool *db_pool_new(const char *path)
{
    struct db_pool *p = must_alloc(sizeof *p);

    pthread_mutex_init(&p->lock, NULL);
    p->path = must_strdup(path);
    return p;
}

void db_pool_free(struct db_pool *p)
{
    if (!p)
        return;
    while (p->count > 0)
        db_close(p->idle[--p->count]);
    pthread_mutex_destroy(&p->lock);
    free(p->path);
    free(p);
}

struct db *db_pool_take(struct db_pool *p, struct error *err)
{
    struct db *db = NULL;

    pthread_mutex_lock(&p->lock);
    if (p->count > 0)
        db = p->idle[--p->count];
    pthread_mutex_unlock(&p->lock);
    return db ? db : db_open(p->path, DB_READ, err);
}

void db_pool_give(struct db_pool *p, struct db *db)
{
    if (!db)
        return;
    pthread_mutex_lock(&p->lock);
    if (p->count < POOL_KEEP) {
        p->idle[p->count++] = db;
        db = NULL;
    }
    pthread_mutex_unlock(&p->lock);
    db_close(db);
}
