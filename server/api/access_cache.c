/* access_cache.c - who a credential belongs to, remembered between requests.
 *
 * Looking it up costs as much as the rest of a quick request. An entry counts only as long as its
 * version is the cache's: access_cache_forget raises that, after the write that takes a right away
 * is on disk and before anybody hears of it. A lookup that began before such a write may end after
 * it, and would put back what is no longer true; hence the version it began with goes with it. */
#include "context.h"

#include "plumbline/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 1024, WAYS = 4 }; /* the set by the hash's first bits; the newest entry is in front */

struct access_cache {
    pthread_mutex_t lock;
    uint64_t        version;
    struct entry {
        struct credential credential;
        uint64_t          version; /* 0: empty */
    } entry[SETS][WAYS];
};

struct access_cache *access_cache_new(void)
{
    struct access_cache *c = must_alloc(sizeof *c);

    pthread_mutex_init(&c->lock, NULL);
    c->version = 1;
    return c;
}

void access_cache_free(struct access_cache *c)
{
    if (!c)
        return;
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static struct entry *set_of(struct access_cache *c, const uint8_t hash[SECRET_HASH_SIZE])
{
    return c->entry[(hash[0] | hash[1] << 8) % SETS];
}

/* NULL: not there, or no longer true. */
static struct entry *find(struct access_cache *c, const uint8_t hash[SECRET_HASH_SIZE])
{
    struct entry *set = set_of(c, hash);

    for (int i = 0; i < WAYS; i++)
        if (set[i].version == c->version &&
            memcmp(set[i].credential.hash, hash, SECRET_HASH_SIZE) == 0)
            return &set[i];
    return NULL;
}

bool access_cache_find(struct access_cache *c, const uint8_t hash[SECRET_HASH_SIZE],
                       struct credential *out, uint64_t *version)
{
    const struct entry *e;
    bool found;

    pthread_mutex_lock(&c->lock);
    *version = c->version;
    e = find(c, hash);
    found = e && (e->credential.expires == 0 || e->credential.expires >= clock_now_us());
    if (found)
        *out = e->credential;
    pthread_mutex_unlock(&c->lock);
    return found;
}

void access_cache_put(struct access_cache *c, const struct credential *credential,
                      uint64_t version)
{
    struct entry *set = set_of(c, credential->hash), *e;

    pthread_mutex_lock(&c->lock);
    e = find(c, credential->hash);
    if (!e) { /* the oldest goes */
        memmove(set + 1, set, (WAYS - 1) * sizeof *set);
        e = set;
    }
    if (version == c->version)
        *e = (struct entry){*credential, version};
    pthread_mutex_unlock(&c->lock);
}

void access_cache_forget(struct access_cache *c)
{
    pthread_mutex_lock(&c->lock);
    c->version++;
    pthread_mutex_unlock(&c->lock);
}
