/* probers.c - a few media children, kept while pictures come and ended when none do. */
#include "probers.h"

#include "plumbline/base/clock.h"

#include <pthread.h>
#include <stdlib.h>

enum { MOST = 4 };
static const int64_t IDLE_US = 20 * SECOND_US;

struct probers {
    struct service *service;
    pthread_mutex_t lock;
    pthread_cond_t  given;
    struct prober  *idle[MOST];
    int64_t         since[MOST]; /* when it was given back */
    int             n, taken;
};

struct probers *probers_new(struct service *s)
{
    struct probers *p = must_alloc(sizeof *p);

    p->service = s;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->given, NULL);
    return p;
}

void probers_free(struct probers *p)
{
    if (!p)
        return;
    for (int i = 0; i < p->n; i++)
        prober_free(p->idle[i]);
    pthread_cond_destroy(&p->given);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

struct prober *probers_take(struct probers *p)
{
    struct prober *one = NULL;

    pthread_mutex_lock(&p->lock);
    while (p->taken == MOST)
        pthread_cond_wait(&p->given, &p->lock);
    p->taken++;
    if (p->n > 0) /* the one used last: the others may come to an end */
        one = p->idle[--p->n];
    pthread_mutex_unlock(&p->lock);
    return one ? one : prober_new(p->service);
}

void probers_give(struct probers *p, struct prober *one)
{
    pthread_mutex_lock(&p->lock);
    p->taken--;
    p->since[p->n] = clock_monotonic_us();
    p->idle[p->n++] = one;
    pthread_cond_signal(&p->given);
    pthread_mutex_unlock(&p->lock);
}

void probers_rest(struct probers *p)
{
    int64_t now = clock_monotonic_us();
    struct prober *over = NULL;

    pthread_mutex_lock(&p->lock);
    if (p->n > 0 && p->since[0] + IDLE_US < now) {
        over = p->idle[0];
        p->n--;
        for (int i = 0; i < p->n; i++) {
            p->idle[i] = p->idle[i + 1];
            p->since[i] = p->since[i + 1];
        }
    }
    pthread_mutex_unlock(&p->lock);
    prober_free(over);
}
