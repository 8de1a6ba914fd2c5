#include "held_cache.h"

#include "plumbline/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 512, WAYS = 4, LOCKS = 64, BODY_MAX = 8192, HELD_SECONDS = 10 };

struct entry {
    struct held_key key;
    int64_t         made; /* wall clock: one that is set ends the entry, whose times were on it */
    char           *body;  /* NULL: empty */
    size_t          size;
};

struct held_cache {
    pthread_mutex_t lock[LOCKS]; /* of the sets with the same number modulo LOCKS */
    struct entry    entry[SETS][WAYS]; /* the newest in front */
};

struct held_cache *held_cache_new(void)
{
    struct held_cache *c = must_alloc(sizeof *c);

    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_init(&c->lock[i], NULL);
    return c;
}

void held_cache_free(struct held_cache *c)
{
    if (!c)
        return;
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&c->lock[i]);
    for (int i = 0; i < SETS * WAYS; i++)
        free(c->entry[i / WAYS][i % WAYS].body);
    free(c);
}

struct held_key held_key(struct http_request *rq, int64_t job, int64_t n)
{
    struct service *s = service_of(rq);

    return (struct held_key){rq->person, job, n, service_held_version(s, rq->person),
                             service_jobs_version(s)};
}

static size_t place_of(const struct held_key *k)
{
    uint64_t h = ((uint64_t)k->person * 31 + (uint64_t)k->job) * UINT64_C(0x9E3779B97F4A7C15);

    return (size_t)(h >> 32) % SETS;
}

static struct entry *find(struct held_cache *c, size_t at, const struct held_key *k)
{
    for (struct entry *e = c->entry[at]; e < c->entry[at] + WAYS; e++)
        if (e->body && e->key.person == k->person && e->key.job == k->job && e->key.n == k->n)
            return e;
    return NULL;
}

bool held_cache_reply(struct http_request *rq, const struct held_key *key)
{
    struct held_cache *c = api_of(rq)->held;
    size_t at = place_of(key);
    const struct entry *e;
    char body[BODY_MAX];
    size_t size = 0;
    int64_t now = clock_now_us();

    pthread_mutex_lock(&c->lock[at % LOCKS]);
    e = find(c, at, key);
    if (e && e->key.held == key->held && e->key.jobs == key->jobs && now >= e->made &&
        now - e->made < HELD_SECONDS * SECOND_US) {
        size = e->size;
        memcpy(body, e->body, size);
    }
    pthread_mutex_unlock(&c->lock[at % LOCKS]);
    return size > 0 && http_reply_bytes(rq, 200, "application/json", body, size);
}

void held_cache_put(struct http_request *rq, const struct held_key *key, const struct buf *body)
{
    struct held_cache *c = api_of(rq)->held;
    size_t at = place_of(key);
    struct entry *set = c->entry[at], *e;

    if (body->overflow || body->size == 0 || body->size > BODY_MAX)
        return;
    pthread_mutex_lock(&c->lock[at % LOCKS]);
    e = find(c, at, key);
    if (!e) { /* the oldest goes */
        struct entry last = set[WAYS - 1];

        memmove(set + 1, set, (WAYS - 1) * sizeof *set);
        *set = last;
        e = set;
    }
    e->body = must_realloc(e->body, body->size, 1);
    memcpy(e->body, body->data, body->size);
    e->size = body->size;
    e->key = *key;
    e->made = clock_now_us();
    pthread_mutex_unlock(&c->lock[at % LOCKS]);
}
