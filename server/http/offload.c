/* offload.c - slow work off the pool's threads: a few threads, a bounded queue. */
#include "plumbline/http/offload.h"

#include <pthread.h>
#include <stdlib.h>

enum { QUEUE_MAX = 256, THREADS_MAX = 8 };

struct piece {
    struct http_request *rq;
    http_worker         *work;
    void                *context;
    struct http_offload *where;
    struct piece        *next;
};

struct http_offload {
    pthread_mutex_t lock;
    pthread_cond_t  wake;
    pthread_t       thread[THREADS_MAX];
    int             threads;
    struct piece   *head, **tail;
    int             waiting;
    bool            stop;
};

static void *offload_main(void *context)
{
    struct http_offload *o = context;

    for (;;) {
        struct piece *p;
        struct http_request *rq;
        bool stop;

        pthread_mutex_lock(&o->lock);
        while (!o->head && !o->stop)
            pthread_cond_wait(&o->wake, &o->lock);
        p = o->head;
        if (p) {
            o->head = p->next;
            if (!o->head)
                o->tail = &o->head;
            o->waiting--;
        }
        stop = o->stop;
        pthread_mutex_unlock(&o->lock);
        if (!p)
            return NULL;
        rq = p->rq;
        if (stop) /* whoever asked has been told that the server is stopping */
            error_set(&rq->error, 503, "server.stopping", "", "The server is stopping.");
        else if (!p->work(rq, p->context, &rq->error) && rq->error.status == 0)
            error_internal(&rq->error, "work failed without saying why");
        http_resume(rq); /* the piece lives in the request's arena: gone after this */
    }
}

struct http_offload *http_offload_start(const char *name, int threads, struct error *err)
{
    struct http_offload *o = must_alloc(sizeof *o);

    pthread_mutex_init(&o->lock, NULL);
    pthread_cond_init(&o->wake, NULL);
    o->tail = &o->head;
    for (; o->threads < threads && o->threads < THREADS_MAX; o->threads++) {
        if (pthread_create(&o->thread[o->threads], NULL, offload_main, o) != 0) {
            error_internal(err, "The %s thread cannot be started.", name);
            http_offload_stop(o);
            return NULL;
        }
        pthread_setname_np(o->thread[o->threads], name);
    }
    return o;
}

void http_offload_stop(struct http_offload *o)
{
    if (!o)
        return;
    pthread_mutex_lock(&o->lock);
    o->stop = true;
    pthread_cond_broadcast(&o->wake);
    pthread_mutex_unlock(&o->lock);
    for (int i = 0; i < o->threads; i++)
        pthread_join(o->thread[i], NULL);
    pthread_cond_destroy(&o->wake);
    pthread_mutex_destroy(&o->lock);
    free(o);
}

static void enqueue(struct http_request *rq, void *context)
{
    struct piece *p = context;
    struct http_offload *o = p->where;
    bool room;

    pthread_mutex_lock(&o->lock);
    room = o->waiting < QUEUE_MAX && !o->stop;
    if (room) {
        *o->tail = p;
        o->tail = &p->next;
        o->waiting++;
        pthread_cond_signal(&o->wake);
    }
    pthread_mutex_unlock(&o->lock);
    if (room)
        return;
    error_set(&rq->error, 503, "overloaded", "",
              "The service is busy. Please try again in a moment.");
    http_resume(rq);
}

bool http_offload(struct http_request *rq, struct http_offload *where, http_worker *work,
                  void *context, http_handler *finish)
{
    struct piece *p = arena_alloc(&rq->arena, sizeof *p);

    *p = (struct piece){.rq = rq, .work = work, .context = context, .where = where};
    return http_defer(rq, finish, enqueue, p);
}
