/* sums.c - additions to rows that many pieces of a transaction add to, made once before its commit.
 *
 * Counters of a job change with every answer. One UPDATE for each costs as much as storing the
 * answer; one UPDATE a commit costs nothing, and no reader can tell the difference. */
#include "internal.h"

#include <string.h>

static struct sum *find(struct db *db, const char *sql, int64_t key)
{
    for (int i = 0; i < db->sums; i++)
        if (db->sum[i].sql == sql && db->sum[i].key == key)
            return &db->sum[i];
    return NULL;
}

bool db_sum(struct db *db, const char *sql, int64_t key, const int64_t *add, int n,
            struct error *err)
{
    struct sum *s = find(db, sql, key);

    if (!s) {
        if (db->sums == SUMS_MAX && !db_sums_write(db, err))
            return false;
        s = &db->sum[db->sums++];
        *s = (struct sum){.sql = sql, .key = key, .n = n};
    }
    for (int i = 0; i < n; i++)
        s->add[i] += add[i];
    db->sum_calls++;
    return true;
}

bool db_sums_write(struct db *db, struct error *err)
{
    bool ok = true;

    for (int i = 0; ok && i < db->sums; i++) {
        struct sum *s = &db->sum[i];
        struct stmt *q = db_stmt(db, s->sql);

        stmt_bind_int(q, 1, s->key);
        for (int k = 0; k < s->n; k++)
            stmt_bind_int(q, k + 2, s->add[k]);
        ok = stmt_run(q, err);
    }
    if (ok)
        db->sums = 0;
    return ok;
}

bool db_pressed(const struct db *db)
{
    return db->active ||
           (db->waiting && atomic_load_explicit(db->waiting, memory_order_relaxed) > 0);
}

/* ---- what a transaction has touched, for caches ---- */

void db_touch(struct db *db, int kind, int64_t key)
{
    struct touched *t = &db->touched;

    if (t->n > 0 && t->v[t->n - 1].kind == kind && t->v[t->n - 1].key == key)
        return;
    if (t->n < TOUCHED_MAX)
        t->v[t->n++] = (struct touch){kind, key};
    else
        t->overflow = true;
}
