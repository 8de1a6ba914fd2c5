/* keeper.c - the one timer thread: pings event streams and cuts clients that send too slowly.
 *
 * libmicrohttpd closes a connection that is silent for idle_seconds, but one byte a minute would
 * keep it for days. Here headers must be complete within twice idle_seconds of the connection's
 * last request (an idle keep-alive connection is closed before that anyway), and a body must come
 * at SLOWEST bytes a second on average after the same grace.
 */
#include "internal.h"

#include "plumbline/base/clock.h"

#include <sys/socket.h>
#include <time.h>

enum { SLOWEST = 1024 };

static bool is_slow(struct peer *p, int64_t now, int64_t grace_us)
{
    int64_t since = atomic_load_explicit(&p->since_us, memory_order_relaxed);

    switch ((enum peer_state)atomic_load_explicit(&p->state, memory_order_acquire)) {
    case PEER_IDLE:
        return now - since > grace_us;
    case PEER_BODY:
        return now - since > grace_us + atomic_load_explicit(&p->received, memory_order_relaxed) *
                                            (SECOND_US / SLOWEST);
    case PEER_BUSY:
        break;
    }
    return false;
}

/* The lock keeps the descriptor from being closed, and given to somebody else, in between. */
static void cut_slow(struct http_server *s, int64_t now)
{
    int64_t grace_us = 2 * (int64_t)s->config.idle_seconds * SECOND_US;

    pthread_mutex_lock(&s->peers_lock);
    for (struct peer *p = s->peers; p; p = p->next) {
        if (is_slow(p, now, grace_us)) {
            shutdown(p->fd, SHUT_RDWR);
            atomic_store_explicit(&p->state, PEER_BUSY, memory_order_relaxed); /* once is enough */
            atomic_fetch_add_explicit(&s->slow, 1, memory_order_relaxed);
        }
    }
    pthread_mutex_unlock(&s->peers_lock);
}

static void *keep(void *context)
{
    struct http_server *s = context;
    struct timespec next;

    clock_gettime(CLOCK_MONOTONIC, &next);
    pthread_mutex_lock(&s->keeper_lock);
    while (!s->keeper_stop) {
        next.tv_sec++;
        while (!s->keeper_stop &&
               pthread_cond_timedwait(&s->keeper_wake, &s->keeper_lock, &next) == 0)
            ;
        pthread_mutex_unlock(&s->keeper_lock);
        streams_ping(s, clock_monotonic_us());
        cut_slow(s, clock_monotonic_us());
        clock_gettime(CLOCK_MONOTONIC, &next);
        pthread_mutex_lock(&s->keeper_lock);
    }
    pthread_mutex_unlock(&s->keeper_lock);
    return NULL;
}

bool keeper_start(struct http_server *s, struct error *err)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&s->keeper_wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&s->keeper_lock, NULL);
    if (pthread_create(&s->keeper, NULL, keep, s) == 0)
        return true;
    pthread_cond_destroy(&s->keeper_wake);
    pthread_mutex_destroy(&s->keeper_lock);
    return error_internal(err, "no thread for the server's timer");
}

void keeper_stop(struct http_server *s)
{
    pthread_mutex_lock(&s->keeper_lock);
    s->keeper_stop = true;
    pthread_cond_signal(&s->keeper_wake);
    pthread_mutex_unlock(&s->keeper_lock);
    pthread_join(s->keeper, NULL);
    pthread_cond_destroy(&s->keeper_wake);
    pthread_mutex_destroy(&s->keeper_lock);
}
