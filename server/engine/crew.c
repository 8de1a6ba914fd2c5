/* crew.c - threads that take the next piece of what is at hand until none is left. */
#include "crew.h"

#include "plumbline/base/arena.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

enum { HELPERS_MAX = 16 };

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t  given, done;
    crew_work      *work; /* under way */
    void           *context;
    int             n;
    atomic_int      next;
    unsigned        number; /* of what is under way */
    int             busy;   /* threads that have not finished with it */
    bool            stop;
    int             helpers, started;
    pthread_t       thread[HELPERS_MAX];
};

struct crew *crew_new(int helpers)
{
    struct crew *c = must_alloc(sizeof *c);

    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->given, NULL);
    pthread_cond_init(&c->done, NULL);
    c->helpers = helpers < HELPERS_MAX ? helpers : HELPERS_MAX;
    return c;
}

void crew_free(struct crew *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    pthread_cond_broadcast(&c->given);
    pthread_mutex_unlock(&c->lock);
    for (int i = 0; i < c->started; i++)
        pthread_join(c->thread[i], NULL);
    pthread_cond_destroy(&c->given);
    pthread_cond_destroy(&c->done);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static void take_part(struct crew *c)
{
    int i;

    while ((i = atomic_fetch_add(&c->next, 1)) < c->n)
        c->work(c->context, i);
}

static void *helper_main(void *context)
{
    struct crew *c = context;
    unsigned seen = 0;

    pthread_mutex_lock(&c->lock);
    for (;;) {
        while (!c->stop && c->number == seen)
            pthread_cond_wait(&c->given, &c->lock);
        if (c->stop)
            break;
        seen = c->number;
        pthread_mutex_unlock(&c->lock);
        take_part(c);
        pthread_mutex_lock(&c->lock);
        if (--c->busy == 0)
            pthread_cond_signal(&c->done);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* With the lock held: a new one finds this piece of work as the first that it has not seen. */
static void start_helpers(struct crew *c)
{
    while (c->n > 1 && c->started < c->helpers &&
           pthread_create(&c->thread[c->started], NULL, helper_main, c) == 0)
        c->started++;
}

void crew_run(struct crew *c, crew_work *work, void *context, int n)
{
    pthread_mutex_lock(&c->lock);
    c->work = work;
    c->context = context;
    c->n = n;
    atomic_store(&c->next, 0);
    c->number++;
    start_helpers(c);
    c->busy = c->started;
    pthread_cond_broadcast(&c->given);
    pthread_mutex_unlock(&c->lock);
    take_part(c);
    pthread_mutex_lock(&c->lock);
    while (c->busy > 0)
        pthread_cond_wait(&c->done, &c->lock);
    pthread_mutex_unlock(&c->lock);
}
