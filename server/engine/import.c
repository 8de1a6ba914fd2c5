/* import.c - the thread that imports: which one is next, how it ends, and when it must wait.
 *
 * One that waits for a bucket keeps nobody else's upload from being read: it rests, longer each
 * time, while others have their turn. */
#include "bucket.h"
#include "import_copy.h"
#include "import_fetch.h"
#include "import_lines.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/disk.h"
#include "plumbline/base/log.h"
#include "rests.h"
#include "scheduler.h"
#include "transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HELPERS = 7 };

struct importing {
    struct known_keys *known;
    struct crew       *crew; /* reads texts in buckets */
    struct rests       rests;
};

/* ---- waiting ---- */

struct note {
    int64_t     import;
    const char *problem;
};

static bool note_write(struct db *db, void *context, struct error *err)
{
    const struct note *n = context;

    return import_note(db, n->import, n->problem, err);
}

/* People see why it waits. */
static void note_problem(struct importer *im, const char *problem)
{
    struct note n = {im->row.id, problem};
    struct error err = {0};

    if ((!im->row.message || strcmp(im->row.message, problem) != 0) &&
        !writer_call_low(im->service->writer, note_write, &n, &err))
        log_warn("import=%lld: %s", (long long)im->row.id, err.message);
    import_publish(im, true);
}

/* ---- one import ---- */

struct finish {
    int64_t     import;
    bool        ok;
    const char *message;
};

static bool finish_write(struct db *db, void *context, struct error *err)
{
    struct finish *f = context;

    return import_finish(db, f->import, f->ok, f->message, err);
}

static bool read_lines(struct importer *im, struct importing *own, struct error *err)
{
    struct db *db = db_pool_take(im->service->pool, err);
    bool ok = db && known_keys_open(im->known, db, im->job.id, err);

    im->fresh = im->job.next_line == 0;
    db_pool_give(im->service->pool, db);
    if (!ok)
        return false;
    im->prober = prober_new(im->service);
    im->remote_texts = import_texts_new(im->service, own->crew,
                                        rests_any(&own->rests, im->row.id));
    ok = import_lines_read(im, err);
    import_texts_free(im->remote_texts);
    prober_free(im->prober);
    import_pipe_free(im->pipe);
    if (!ok)
        known_keys_forget(im->known, im->job.id);
    return ok;
}

static void is_on_its_way(void *context)
{
    import_publish(context, true);
}

/* Reads the source to its end, or as far as it goes. */
static bool read_all(struct importer *im, struct importing *own, struct error *err)
{
    struct s3_place place;

    im->type = task_type_find(im->job.type);
    if (import_copy_from(&im->row) && !import_copy_write(im->service, &im->row, err))
        return false;
    if (!import_is_remote(&im->row))
        return read_lines(im, own, err);
    if (!s3_place_parse(im->service->s3, im->row.source, &place, err))
        return false;
    im->remote = arena_printf(&im->texts, "s3://%s/%s", place.bucket, place.key);
    return import_fetch(im->service, &im->row, im->type->media, is_on_its_way, im, err) &&
           read_lines(im, own, err);
}

static bool end_import(struct importer *im, const struct error *why)
{
    struct finish finish = {.import = im->row.id, .ok = why->status == 0};
    struct error err = {0};

    finish.message = finish.ok ? NULL : why->message;
    if (!transfer_write(im->service, finish_write, &finish, &err)) {
        log_error("import=%lld cannot be finished: %s", (long long)im->row.id, err.message);
        return true;
    }
    if (im->row.owned)
        unlink(im->row.path);
    log_info("import=%lld job=%lld %s", (long long)im->row.id, (long long)im->job.id,
             finish.ok ? "done" : why->message);
    import_publish(im, true);
    service_wake(im->service);
    return true;
}

/* False: it must wait, for the next start, for a disk that takes what it reads, or for a bucket. */
static bool run_import(struct importer *im, struct importing *own)
{
    static log_gate gate;
    struct error err = {0};

    bucket_patience(rests_any(&own->rests, im->row.id));
    if (read_all(im, own, &err)) {
        rests_forget(&own->rests, im->row.id);
        return end_import(im, &(struct error){0});
    }
    if (strcmp(err.code, "import.interrupted") == 0 || strcmp(err.code, "s3.stopped") == 0 ||
        scheduler_stopping(im->service->scheduler))
        return false; /* taken up again at the next start */
    if (!disk_may_recover(&err) && err.status != 503) {
        rests_forget(&own->rests, im->row.id);
        return end_import(im, &err);
    }
    if (log_gate_opens(&gate))
        log_warn("import=%lld waits: %s", (long long)im->row.id, err.message);
    if (!disk_may_recover(&err)) {
        note_problem(im, err.message);
        rests_put_off(&own->rests, im->row.id);
        return true; /* others may have their turn */
    }
    return false; /* what is on disk is counted; it goes on behind that */
}

/* ---- the thread ---- */

void *transfer_import_new(struct service *s)
{
    struct importing *own = must_alloc(sizeof *own);

    own->known = known_keys_new(s->cache_dir);
    own->crew = crew_new(HELPERS);
    return own;
}

void transfer_import_free(void *context)
{
    struct importing *own = context;

    if (!own)
        return;
    known_keys_free(own->known);
    crew_free(own->crew);
    free(own);
}

/* The oldest that does not rest; *id 0: none. */
static bool find_next(struct importing *own, struct db *db, int64_t *id, struct error *err)
{
    int64_t after = 0;

    do {
        if (!import_running(db, after, id, err))
            return false;
        after = *id;
    } while (*id > 0 && rests_now(&own->rests, *id));
    return true;
}

bool transfer_import_next(struct service *s, void *context)
{
    static log_gate gate;
    struct importing *own = context;
    struct error err = {0};
    struct db *db = db_pool_take(s->pool, &err);
    struct importer *im = NULL;
    struct arena a;
    int64_t id = 0;
    bool found = false, goes_on = false;

    arena_init(&a);
    known_keys_rest(own->known);
    if (db && find_next(own, db, &id, &err) && id > 0) {
        im = must_alloc(sizeof *im);
        im->service = s;
        im->known = own->known;
        found = import_get(db, id, &a, &im->row, &err) &&
                job_get(db, im->row.job, &a, &im->job, &err);
    }
    db_pool_give(s->pool, db);
    if (found) {
        arena_init(&im->texts);
        goes_on = run_import(im, own);
        arena_release(&im->texts);
    }
    free(im);
    arena_release(&a);
    if (err.status && log_gate_opens(&gate))
        log_warn("import: %s", err.message);
    return goes_on;
}
