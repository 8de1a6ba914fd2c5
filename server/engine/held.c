#include "held.h"

#include "plumbline/base/arena.h"
#include "plumbline/store/work.h"

#include <pthread.h>
#include <stdlib.h>

struct lease {
    int64_t job, item;
};

struct holder {
    int64_t       person;
    struct lease *v;
    int           n, capacity;
};

struct held {
    pthread_mutex_t lock;
    struct holder  *v; /* in order of person */
    size_t          n, capacity;
    int64_t         undone; /* db_undone when it was loaded */
};

/* ---- people ---- */

static size_t place_of(const struct held *h, int64_t person)
{
    size_t low = 0, high = h->n;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (h->v[middle].person < person)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct holder *find(const struct held *h, int64_t person)
{
    size_t at = place_of(h, person);

    return at < h->n && h->v[at].person == person ? &h->v[at] : NULL;
}

static struct holder *find_or_add(struct held *h, int64_t person)
{
    size_t at = place_of(h, person);

    if (at < h->n && h->v[at].person == person)
        return &h->v[at];
    if (h->n == h->capacity) {
        h->capacity = h->capacity ? h->capacity * 2 : 64;
        h->v = must_realloc(h->v, h->capacity, sizeof *h->v);
    }
    for (size_t i = h->n++; i > at; i--)
        h->v[i] = h->v[i - 1];
    h->v[at] = (struct holder){.person = person};
    return &h->v[at];
}

/* ---- leases ---- */

static void put(struct held *h, int64_t person, int64_t job, int64_t item)
{
    struct holder *p = find_or_add(h, person);

    for (int i = 0; i < p->n; i++)
        if (p->v[i].item == item)
            return;
    if (p->n == p->capacity) {
        p->capacity = p->capacity ? p->capacity * 2 : 4;
        p->v = must_realloc(p->v, (size_t)p->capacity, sizeof *p->v);
    }
    p->v[p->n++] = (struct lease){job, item};
}

void held_put(struct held *h, int64_t person, int64_t job, int64_t item)
{
    pthread_mutex_lock(&h->lock);
    put(h, person, job, item);
    pthread_mutex_unlock(&h->lock);
}

void held_drop(struct held *h, int64_t person, int64_t item)
{
    struct holder *p;

    pthread_mutex_lock(&h->lock);
    p = find(h, person);
    for (int i = 0; p && i < p->n; i++)
        if (p->v[i].item == item)
            p->v[i--] = p->v[--p->n];
    pthread_mutex_unlock(&h->lock);
}

void held_drop_job(struct held *h, int64_t job)
{
    pthread_mutex_lock(&h->lock);
    for (size_t k = 0; k < h->n; k++)
        for (int i = 0; i < h->v[k].n; i++)
            if (h->v[k].v[i].job == job)
                h->v[k].v[i--] = h->v[k].v[--h->v[k].n];
    pthread_mutex_unlock(&h->lock);
}

int held_items(struct held *h, int64_t person, int64_t job, int64_t *items, int max)
{
    const struct holder *p;
    int count = 0;

    pthread_mutex_lock(&h->lock);
    p = find(h, person);
    for (int i = 0; p && i < p->n && count < max; i++)
        if (p->v[i].job == job)
            items[count++] = p->v[i].item;
    pthread_mutex_unlock(&h->lock);
    return count;
}

int held_count(struct held *h, int64_t person, int64_t job)
{
    const struct holder *p;
    int count = 0;

    pthread_mutex_lock(&h->lock);
    p = find(h, person);
    for (int i = 0; p && i < p->n; i++)
        count += p->v[i].job == job;
    pthread_mutex_unlock(&h->lock);
    return count;
}

/* ---- loading ---- */

static void load_one(void *context, int64_t person, int64_t job, int64_t item)
{
    put(context, person, job, item);
}

static bool load(struct held *h, struct db *db, struct error *err)
{
    bool ok;

    pthread_mutex_lock(&h->lock);
    for (size_t i = 0; i < h->n; i++)
        h->v[i].n = 0;
    h->undone = db_undone(db);
    ok = slot_leased(db, load_one, h, err);
    pthread_mutex_unlock(&h->lock);
    return ok;
}

struct held *held_new(struct db *db, struct error *err)
{
    struct held *h = must_alloc(sizeof *h);

    pthread_mutex_init(&h->lock, NULL);
    if (load(h, db, err)) {
        h->undone = 0; /* the writer's connection is another */
        return h;
    }
    held_free(h);
    return NULL;
}

void held_free(struct held *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < h->n; i++)
        free(h->v[i].v);
    free(h->v);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

bool held_sync(struct held *h, struct db *db, struct error *err)
{
    return h->undone == db_undone(db) || load(h, db, err);
}
