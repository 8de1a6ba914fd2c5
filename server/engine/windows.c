#include "windows.h"

#include "plumbline/base/arena.h"
#include "plumbline/store/work.h"

#include <pthread.h>
#include <stdlib.h>

struct window {
    int64_t person, item, until; /* item 0: none open */
};

struct windows {
    pthread_mutex_t lock;
    int64_t         hold;
    struct idmap    held; /* completed before the start */
    struct window  *v; /* in order of person: as many as have worked since the start */
    size_t          n, capacity;
};

struct windows *windows_new(struct db *db, int64_t hold, struct error *err)
{
    struct windows *w = must_alloc(sizeof *w);
    int64_t items[500], after = 0;
    int n;

    pthread_mutex_init(&w->lock, NULL);
    w->hold = hold;
    do {
        if (!item_answered(db, 0, after, 500, items, &n, err)) {
            windows_free(w);
            return NULL;
        }
        for (int i = 0; i < n; i++)
            idmap_add(&w->held, items[i]);
        after = n > 0 ? items[n - 1] : 0;
    } while (n == 500);
    return w;
}

void windows_free(struct windows *w)
{
    if (!w)
        return;
    pthread_mutex_destroy(&w->lock);
    idmap_release(&w->held);
    free(w->v);
    free(w);
}

static size_t place_of(const struct windows *w, int64_t person)
{
    size_t low = 0, high = w->n;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (w->v[middle].person < person)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct window *window_of(struct windows *w, int64_t person)
{
    size_t at = place_of(w, person);

    if (at < w->n && w->v[at].person == person)
        return &w->v[at];
    if (w->n == w->capacity) {
        w->capacity = w->capacity ? w->capacity * 2 : 64;
        w->v = must_realloc(w->v, w->capacity, sizeof *w->v);
    }
    for (size_t i = w->n++; i > at; i--)
        w->v[i] = w->v[i - 1];
    w->v[at] = (struct window){.person = person};
    return &w->v[at];
}

void windows_open(struct windows *w, int64_t person, int64_t item, int64_t until)
{
    pthread_mutex_lock(&w->lock);
    *window_of(w, person) = (struct window){person, item, until};
    pthread_mutex_unlock(&w->lock);
}

void windows_close(struct windows *w, int64_t person)
{
    pthread_mutex_lock(&w->lock);
    window_of(w, person)->item = 0;
    pthread_mutex_unlock(&w->lock);
}

void windows_waiting(struct windows *w, int64_t now, struct idmap *items)
{
    pthread_mutex_lock(&w->lock);
    if (now >= w->hold && w->held.n > 0)
        idmap_release(&w->held);
    for (int32_t i = 0; i < w->held.n; i++)
        idmap_add(items, w->held.id[i]);
    for (size_t i = 0; i < w->n; i++)
        if (w->v[i].item && w->v[i].until > now)
            idmap_add(items, w->v[i].item);
    pthread_mutex_unlock(&w->lock);
}
