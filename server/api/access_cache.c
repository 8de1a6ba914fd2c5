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

enum { SLOTS = 1024 }; /* by the hash's first bits; a newcomer takes the place */

struct access_cache {
    pthread_mutex_t lock;
    uint64_t        version;
    struct entry {
        struct credential credential;
        uint64_t          version; /* 0: empty */
    } entry[SLOTS];
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

static struct entry *place(struct access_cache *c, const uint8_t hash[SECRET_HASH_SIZE])
{
    return &c->entry[(hash[0] | hash[1] << 8) % SLOTS];
}

bool access_cache_find(struct access_cache *c, const uint8_t hash[SECRET_HASH_SIZE],
                       struct credential *out, uint64_t *version)
{
    struct entry *e = place(c, hash);
    bool found;

    pthread_mutex_lock(&c->lock);
    *version = c->version;
    found = e->version == c->version &&
            memcmp(e->credential.hash, hash, SECRET_HASH_SIZE) == 0 &&
            (e->credential.expires == 0 || e->credential.expires >= clock_now_us());
    if (found)
        *out = e->credential;
    pthread_mutex_unlock(&c->lock);
    return found;
}

void access_cache_put(struct access_cache *c, const struct credential *credential,
                      uint64_t version)
{
    struct entry *e = place(c, credential->hash);

    pthread_mutex_lock(&c->lock);
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
