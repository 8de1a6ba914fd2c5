/* labels_cache.c - a small set of parsed label sets with reference counts. */
#include "labels_cache.h"

#include "plumbline/engine/service.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_SIZE = 64 };

struct entry {
    struct label_set set; /* first: what is lent is a pointer to it */
    struct arena     arena;
    int64_t          job, used;
    int              lent;
    bool             kept; /* in the table; otherwise freed when given back */
};

struct label_cache {
    pthread_mutex_t lock;
    struct entry   *entry[CACHE_SIZE];
    int64_t         uses;
};

struct label_cache *label_cache_new(void)
{
    struct label_cache *c = must_alloc(sizeof *c);

    pthread_mutex_init(&c->lock, NULL);
    return c;
}

static void entry_free(struct entry *e)
{
    if (!e)
        return;
    arena_release(&e->arena);
    free(e);
}

void label_cache_free(struct label_cache *c)
{
    if (!c)
        return;
    for (int i = 0; i < CACHE_SIZE; i++)
        entry_free(c->entry[i]);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static struct entry *find(struct label_cache *c, int64_t job, int64_t version)
{
    for (int i = 0; i < CACHE_SIZE; i++) {
        struct entry *e = c->entry[i];

        if (e && e->job == job && e->set.version == version) {
            e->lent++;
            e->used = ++c->uses;
            return e;
        }
    }
    return NULL;
}

/* Takes the place of the entry that was used longest ago among those nobody holds. */
static void keep(struct label_cache *c, struct entry *e)
{
    int place = -1;

    for (int i = 0; i < CACHE_SIZE; i++) {
        if (!c->entry[i]) {
            place = i;
            break;
        }
        if (c->entry[i]->lent == 0 && (place < 0 || c->entry[i]->used < c->entry[place]->used))
            place = i;
    }
    if (place < 0)
        return;
    entry_free(c->entry[place]);
    c->entry[place] = e;
    e->kept = true;
    e->used = ++c->uses;
}

const struct label_set *service_labels_find(struct service *s, int64_t job, int64_t version)
{
    struct label_cache *c = s->label_cache;
    struct entry *e;

    pthread_mutex_lock(&c->lock);
    e = find(c, job, version);
    pthread_mutex_unlock(&c->lock);
    return e ? &e->set : NULL;
}

const struct label_set *service_labels_take(struct service *s, struct db *db, int64_t job,
                                            int64_t version, struct error *err)
{
    struct label_cache *c = s->label_cache;
    const struct label_set *known = service_labels_find(s, job, version);
    struct entry *e;
    const char *json;

    if (known)
        return known;
    e = must_alloc(sizeof *e);
    arena_init(&e->arena);
    e->job = job;
    e->lent = 1;
    if (!label_set_get(db, job, version, &e->arena, &json, err) ||
        !label_set_thaw(json, strlen(json), &e->arena, &e->set, err)) {
        entry_free(e);
        return NULL;
    }
    pthread_mutex_lock(&c->lock);
    keep(c, e);
    pthread_mutex_unlock(&c->lock);
    return &e->set;
}

void service_labels_give(struct service *s, const struct label_set *set)
{
    struct entry *e = (struct entry *)(void *)set;
    bool last;

    if (!set)
        return;
    pthread_mutex_lock(&s->label_cache->lock);
    last = --e->lent == 0 && !e->kept;
    pthread_mutex_unlock(&s->label_cache->lock);
    if (last)
        entry_free(e);
}
