/* defer.c - a request that somebody else finishes.
 *
 * libmicrohttpd keeps a suspended connection aside and does not look at it, so the call stays valid
 * until http_resume even when its client has gone. http_stop waits for deferred calls; what is
 * still out after that is abandoned: its client gets a 503, and the call lives on, without server
 * and connection, until the late http_resume frees it. Hence the reference count.
 */
#include "internal.h"

static void list_add(struct call *c)
{
    struct http_server *s = c->server;

    pthread_mutex_lock(&s->defer_lock);
    c->prev = NULL;
    c->next = s->deferred;
    if (c->next)
        c->next->prev = c;
    s->deferred = c;
    pthread_mutex_unlock(&s->defer_lock);
    atomic_fetch_add(&s->deferred_count, 1);
}

static void list_remove(struct call *c) /* with defer_lock held */
{
    struct http_server *s = c->server;

    *(c->prev ? &c->prev->next : &s->deferred) = c->next;
    if (c->next)
        c->next->prev = c->prev;
    atomic_fetch_sub(&s->deferred_count, 1);
}

bool http_defer(struct http_request *rq, http_handler *finish,
                void (*start)(struct http_request *rq, void *context), void *context)
{
    struct call *c = call_of(rq);

    rq->finish = finish;
    c->phase = PHASE_DEFERRED;
    atomic_fetch_add(&c->refs, 1);
    atomic_store(&c->deferred, DEFERRED);
    MHD_suspend_connection(connection_of(rq));
    list_add(c);
    if (start)
        start(rq, context);
    return true; /* the call may be on its way already: nothing of it is touched here */
}

void http_resume(struct http_request *rq)
{
    struct call *c = call_of(rq);
    struct http_server *s = c->server;
    int expected = DEFERRED;

    if (atomic_compare_exchange_strong(&c->deferred, &expected, RESUMED)) {
        /* The server cannot end before this call has its reply, nor while resuming > 0. */
        atomic_fetch_add(&s->resuming, 1);
        pthread_mutex_lock(&s->defer_lock);
        list_remove(c);
        pthread_mutex_unlock(&s->defer_lock);
        MHD_resume_connection(connection_of(rq));
        atomic_fetch_sub(&s->resuming, 1);
    }
    call_unref(c);
}

void defer_abandon(struct http_server *s)
{
    pthread_mutex_lock(&s->defer_lock);
    for (struct call *c = s->deferred, *next; c; c = next) {
        int expected = DEFERRED;

        next = c->next;
        if (!atomic_compare_exchange_strong(&c->deferred, &expected, ABANDONED))
            continue; /* http_resume is at it */
        list_remove(c);
        MHD_resume_connection(connection_of(&c->rq));
    }
    pthread_mutex_unlock(&s->defer_lock);
}
