/* known_keys.c - a table of hashes a job, brought up to date from the runs in the database. */
#include "known_keys.h"

#include "plumbline/base/clock.h"
#include "plumbline/base/hash_table.h"
#include "plumbline/store/items.h"

#include <stdlib.h>

enum { JOBS_KEPT = 4 };

static const int64_t KEPT_US = INT64_C(600) * 1000000;

struct keys {
    int64_t           job;   /* 0: free */
    int64_t           after; /* runs that begin up to here are in the table */
    bool              begun; /* the keys that stand one by one are */
    int64_t           used;
    struct hash_table table;
};

struct known_keys {
    const char  *folder;
    struct keys *now;
    struct keys  v[JOBS_KEPT];
};

struct known_keys *known_keys_new(const char *folder)
{
    struct known_keys *k = must_alloc(sizeof *k);

    k->folder = folder;
    return k;
}

static void let_go(struct keys *keys)
{
    hash_table_release(&keys->table);
    *keys = (struct keys){0};
}

void known_keys_free(struct known_keys *k)
{
    for (int i = 0; k && i < JOBS_KEPT; i++)
        let_go(&k->v[i]);
    free(k);
}

void known_keys_forget(struct known_keys *k, int64_t job)
{
    for (int i = 0; i < JOBS_KEPT; i++)
        if (k->v[i].job == job)
            let_go(&k->v[i]);
}

void known_keys_rest(struct known_keys *k)
{
    int64_t before = clock_monotonic_us() - KEPT_US;

    for (int i = 0; i < JOBS_KEPT; i++)
        if (k->v[i].job && k->v[i].used < before)
            let_go(&k->v[i]);
}

static struct keys *keys_of(struct known_keys *k, int64_t job)
{
    struct keys *oldest = &k->v[0];

    for (int i = 0; i < JOBS_KEPT; i++) {
        if (k->v[i].job == job)
            return &k->v[i];
        if (k->v[i].used < oldest->used)
            oldest = &k->v[i];
    }
    let_go(oldest);
    oldest->job = job;
    oldest->table.folder = k->folder;
    return oldest;
}

static void take_key(void *context, int64_t first, uint64_t hash)
{
    struct keys *keys = context;

    hash_table_add(&keys->table, hash);
    if (first > keys->after)
        keys->after = first;
}

bool known_keys_open(struct known_keys *k, struct db *db, int64_t job, struct error *err)
{
    struct keys *keys = k->now = keys_of(k, job);

    keys->used = clock_monotonic_us();
    if (!keys->begun && !key_one_scan(db, job, take_key, keys, err))
        return false;
    keys->begun = true;
    return key_run_scan(db, job, keys->after, take_key, keys, err);
}

bool known_keys_add(struct known_keys *k, uint64_t key)
{
    return hash_table_add(&k->now->table, key);
}
