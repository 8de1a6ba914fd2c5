/* items.c - items become rows: one by itself, or a piece of an import. */
#include "plumbline/engine/items.h"

#include "moves.h"
#include "plumbline/base/clock.h"
#include "plumbline/store/transfers.h"

#include <endian.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

uint64_t items_key(const char *key)
{
    uint64_t hash;

    crypto_generichash((unsigned char *)&hash, sizeof hash, (const unsigned char *)key,
                       strlen(key), NULL, 0);
    return le64toh(hash);
}

static enum item_state first_state(const struct item_in *in)
{
    return in->failed ? ITEM_FAILED : in->kept ? ITEM_KEPT : ITEM_WAITING;
}

/* Is there room for n more items, and are they wanted? */
static bool check_job(const struct job *job, int64_t n, struct error *err)
{
    if (job->state > JOB_PAUSED)
        return error_conflict(err, "job.ended", "The job is %s; items can no longer be added.",
                              job_state_names[job->state]);
    if (job->next_line + n - 1 > ITEM_LINE_MAX)
        return error_conflict(err, "job.full", "A job has at most %lld items.",
                              (long long)ITEM_LINE_MAX + 1);
    return true;
}

static struct item_new row_of(const struct job *job, int64_t line, const struct item_in *in,
                              struct job_counts *delta)
{
    struct item_new row = {.id = item_id(job->id, line),
                           .wanted = job->annotators_per_item,
                           .state = first_state(in),
                           .payload = in->payload};

    row.payload.key = in->id;
    count_state(delta, first_state(in), 1);
    return row;
}

/* Adds n items and counts them. */
static bool add(struct db *db, const struct job *job, const struct item_in *v, int n,
                struct job_counts *delta, struct error *err)
{
    struct item_new rows[ITEM_MANY];

    for (int i = 0, m; i < n; i += m) {
        for (m = 0; m < ITEM_MANY && i + m < n; m++)
            rows[m] = row_of(job, job->next_line + i + m, &v[i + m], delta);
        if (!item_insert(db, rows, m, err))
            return false;
    }
    return job_add_lines(db, job->id, n, err) && job_count_add(db, job->id, delta, err);
}

bool items_add_one(struct db *db, void *context, struct error *err)
{
    struct item_call *c = context;
    struct job_counts delta = {0};
    struct arena a;
    struct job job;
    bool added = false, ok;

    arena_init(&a);
    ok = job_get(db, c->job, &a, &job, err) && check_job(&job, 1, err) &&
         key_one_put(db, job.id, c->in->key, &added, err);
    c->id = added ? item_id(job.id, job.next_line) : 0;
    ok = ok && (!added || add(db, &job, c->in, 1, &delta, err));
    arena_release(&a);
    return ok;
}

static bool in_order(struct db *db, const struct items_piece *p, struct error *err)
{
    int64_t lines;

    if (!import_lines(db, p->import, &lines, err))
        return false;
    return lines == p->from ||
           error_conflict(err, "import.order", "A piece of the import before this one is missing.");
}

static bool put_keys(struct db *db, const struct items_piece *p, int64_t first, struct error *err)
{
    uint64_t *hashes = must_alloc((size_t)p->n * sizeof *hashes);
    bool ok;

    for (int i = 0; i < p->n; i++)
        hashes[i] = htole64(p->v[i].key);
    ok = key_run_put(db, first, hashes, p->n, err);
    free(hashes);
    return ok;
}

static bool put_progress(struct db *db, const struct items_piece *p, int64_t failed,
                         struct error *err)
{
    struct import_step step = {.lines = p->lines,
                               .added = p->n - failed,
                               .duplicates = p->duplicates,
                               .failed = failed,
                               .bytes = p->bytes,
                               .bytes_total = p->bytes_total};

    for (int i = 0; i < p->n_errors; i++)
        if (!import_error_put(db, p->import, p->errors[i].line, p->errors[i].code,
                              p->errors[i].message, err))
            return false;
    return import_add(db, p->import, &step, err);
}

static bool add_piece(struct db *db, const struct items_piece *p, const struct job *job,
                      struct error *err)
{
    struct job_counts delta = {0};

    for (int i = 0; i < p->n_buckets; i++)
        if (!job_bucket_put(db, job->id, p->bucket[i], err))
            return false;
    return (p->n == 0 || (add(db, job, p->v, p->n, &delta, err) &&
                          put_keys(db, p, item_id(job->id, job->next_line), err))) &&
           put_progress(db, p, delta.failed, err);
}

bool items_add_piece(struct db *db, void *context, struct error *err)
{
    struct items_piece *p = context;
    int64_t started = clock_monotonic_us();
    struct arena a;
    struct job job;
    bool ok;

    arena_init(&a);
    ok = job_get(db, p->job, &a, &job, err) && check_job(&job, p->n, err) &&
         in_order(db, p, err) && add_piece(db, p, &job, err);
    arena_release(&a);
    p->run_us = clock_monotonic_us() - started;
    return ok;
}
