/* items.c - a piece of an import becomes rows. */
#include "plumbline/engine/items.h"

#include "moves.h"
#include "plumbline/store/transfers.h"

#include <sodium.h>
#include <string.h>

/* 64 bits of BLAKE2b: two of ten million keys meet with a chance of 3 in a million. */
static int64_t hash_key(const char *key)
{
    int64_t hash;

    crypto_generichash((unsigned char *)&hash, sizeof hash, (const unsigned char *)key,
                       strlen(key), NULL, 0);
    return hash;
}

static enum item_state first_state(const struct item_in *in)
{
    return in->failed ? ITEM_FAILED : in->kept ? ITEM_KEPT : ITEM_WAITING;
}

static bool add_one(struct db *db, struct items_call *c, const struct job *job, int64_t line,
                    const struct item_in *in, struct job_counts *delta, struct error *err)
{
    struct item_new row = {.job = job->id,
                           .line = line,
                           .wanted = job->annotators_per_item,
                           .state = first_state(in),
                           .key_hash = hash_key(in->key),
                           .payload = in->payload};
    int64_t id;

    row.payload.key = in->id;
    if (!item_insert(db, &row, &id, err))
        return false;
    if (id == 0) {
        c->duplicates++;
        return true;
    }
    c->added++;
    c->last_item = id;
    count_state(delta, first_state(in), 1);
    return true;
}

static bool note_errors(struct db *db, const struct items_call *c, struct error *err)
{
    for (int i = 0; i < c->n_errors; i++)
        if (!import_error_put(db, c->import, c->errors[i].line, c->errors[i].code,
                              c->errors[i].message, err))
            return false;
    return true;
}

bool items_add(struct db *db, void *context, struct error *err)
{
    struct items_call *c = context;
    struct job_counts delta = {0};
    struct arena a;
    struct job job;
    int failed = 0;
    bool ok = false;

    arena_init(&a);
    c->added = c->duplicates = 0;
    if (!job_get(db, c->job, &a, &job, err))
        goto out;
    if (job.state > JOB_PAUSED) {
        error_conflict(err, "job.ended", "The job is %s; items can no longer be added.",
                       job_state_names[job.state]);
        goto out;
    }
    for (int i = 0; i < c->n; i++) {
        int64_t before = c->added;

        if (!add_one(db, c, &job, job.next_line + c->added, &c->v[i], &delta, err))
            goto out;
        failed += c->v[i].failed && c->added > before;
    }
    ok = job_add_lines(db, job.id, c->added, err) && job_count_add(db, job.id, &delta, err) &&
         (c->import == 0 ||
          (import_add(db, c->import, c->lines, c->added - failed, c->duplicates, failed, err) &&
           note_errors(db, c, err)));
out:
    arena_release(&a);
    return ok;
}
