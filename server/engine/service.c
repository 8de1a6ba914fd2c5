/* service.c - opening and closing a data folder. */
#include "plumbline/engine/service.h"

#include "held.h"
#include "backup_make.h"
#include "folders.h"
#include "labels_cache.h"
#include "plumbline/engine/insight.h"
#include "leftovers.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/disk.h"
#include "plumbline/base/log.h"
#include "plumbline/engine/backups.h"
#include "plumbline/engine/remote.h"
#include "plumbline/store/counters.h"
#include "plumbline/store/outputs.h"
#include "plumbline/store/schema.h"
#include "plumbline/store/touch.h"
#include "plumbline/store/work.h"
#include "scheduler.h"
#include "windows.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* An older database is copied before its schema changes; a new one has nothing to lose. */
static bool migrate(const struct service *s, const char *path, struct error *err)
{
    struct db *db = db_open(path, DB_WRITE, err);
    int version, newest = schema_newest();
    bool ok = db && db_version(db, &version, err) && db_version_known(version, newest, err);

    if (ok && version > 0 && version < newest)
        ok = backup_before_migration(s->data_dir, version, newest, err);
    ok = ok && schema_migrate(db, err);
    db_close(db);
    return ok;
}

struct clock_call {
    int64_t offset;
};

static bool read_lease_clock(struct db *db, void *context, struct error *err)
{
    struct clock_call *c = context;

    return lease_clock_offset(db, clock_boot_id(), clock_now_us() - clock_monotonic_us(),
                              &c->offset, err);
}

/* ---- what caches must know ---- */

static void hear(void *context, const struct touched *touched)
{
    struct service *s = context;

    if (touched->overflow)
        for (int i = 0; i < HELD_VERSIONS; i++)
            atomic_fetch_add(&s->held_version[i], 1);
    if (touched->overflow) {
        atomic_fetch_add(&s->jobs_version, 1);
        atomic_fetch_add(&s->access_version, 1);
        atomic_fetch_add(&s->workforce_version, 1);
    }
    for (int i = 0; i < touched->n; i++) {
        const struct touch *t = &touched->v[i];

        if (t->kind == TOUCH_JOB)
            atomic_fetch_add(&s->jobs_version, 1);
        else if (t->kind == TOUCH_ACCESS)
            atomic_fetch_add(&s->access_version, 1);
        else if (t->kind == TOUCH_WORKFORCE)
            atomic_fetch_add(&s->workforce_version, 1);
        else
            atomic_fetch_add(&s->held_version[(uint64_t)t->key % HELD_VERSIONS], 1);
    }
}

unsigned service_jobs_version(struct service *s)
{
    return atomic_load(&s->jobs_version);
}

unsigned service_access_version(struct service *s)
{
    return atomic_load(&s->access_version);
}

unsigned service_workforce_version(struct service *s)
{
    return atomic_load(&s->workforce_version);
}

unsigned service_held_version(struct service *s, int64_t person)
{
    return atomic_load(&s->held_version[(uint64_t)person % HELD_VERSIONS]);
}

/* ---- opening ---- */

/* What the transitions keep in memory. */
static bool load_memory(struct service *s, struct error *err)
{
    struct db *db = db_pool_take(s->pool, err);
    int64_t hold = service_lease_now(s) + s->config.undo_seconds * SECOND_US;

    s->windows = db ? windows_new(db, hold, err) : NULL;
    s->held = s->windows ? held_new(db, err) : NULL;
    db_pool_give(s->pool, db);
    return s->held != NULL;
}

/* Nobody who uses no bucket is kept from work by what stands in the environment or in ~/.aws. */
static struct s3 *open_buckets(const struct s3_config *config, struct error *err)
{
    bool said = config->endpoint || config->profile || config->access_key_id || config->region;
    struct error why = {0};
    struct s3 *s3 = s3_open(config, &why);

    if (s3 || said) {
        *err = why;
        return s3;
    }
    log_warn("buckets cannot be used: %s", why.message);
    return s3_open_refusing(&why);
}

static bool open_parts(struct service *s, struct error *err)
{
    struct clock_call clock = {0};
    char path[PATH_MAX], folder[PATH_MAX];

    snprintf(path, sizeof path, "%s/plumbline.db", s->data_dir);
    if (!folder_lock(s->data_dir, &s->lock_fd, err))
        return false;
    restore_recover(s->data_dir);
    if (!migrate(s, path, err))
        return false;
    snprintf(folder, sizeof folder, "%s/uploads", s->data_dir);
    if (!folder_make(folder, err))
        return false;
    snprintf(folder, sizeof folder, "%s/exports", s->data_dir);
    if (!folder_make(folder, err))
        return false;
    snprintf(folder, sizeof folder, "%s/cache", s->data_dir);
    s->cache_dir = must_strdup(folder);
    if (!folder_make(folder, err))
        return false;
    s->blobs = blob_store_open(s->data_dir, err);
    s->vault = s->blobs ? vault_open(s->data_dir, err) : NULL;
    s->s3 = s->vault ? open_buckets(&s->config.s3, err) : NULL;
    s->writer = s->s3 ? writer_start(path, hear, s, err) : NULL;
    if (!s->writer)
        return false;
    s->pool = db_pool_new(path);
    s->label_cache = label_cache_new();
    s->insights = insight_cache_new();
    s->remote = remote_new(s);
    if (!writer_call(s->writer, read_lease_clock, &clock, err))
        return false;
    s->clock_offset = clock.offset;
    if (!load_memory(s, err))
        return false;
    return leftovers_remove(s, err) && backups_open(s, err);
}

struct service *service_open(const struct service_config *config, struct error *err)
{
    struct service *s = must_alloc(sizeof *s);

    s->config = *config;
    s->lock_fd = -1;
    s->started = clock_now_us();
    s->started_boot = clock_monotonic_us();
    if (!folder_make(config->data_dir, err))
        goto fail;
    s->data_dir = realpath(config->data_dir, NULL);
    if (!s->data_dir) {
        error_system(err, "The data folder %s cannot be used", config->data_dir);
        goto fail;
    }
    if (!open_parts(s, err))
        goto fail;
    return s;
fail:
    service_close(s);
    return NULL;
}

void service_close(struct service *s)
{
    if (!s)
        return;
    service_rest(s);
    backups_close(s);
    writer_stop(s->writer);
    db_pool_free(s->pool);
    label_cache_free(s->label_cache);
    insight_cache_free(s->insights);
    remote_free(s->remote);
    windows_free(s->windows);
    held_free(s->held);
    blob_store_free(s->blobs);
    vault_free(s->vault);
    s3_close(s->s3);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    free(s->cache_dir);
    free(s->data_dir);
    free(s);
}

bool service_run(struct service *s, struct error *err)
{
    return scheduler_start(s, err); /* its threads look at s->scheduler from their first moment */
}

bool service_idle(struct service *s, bool *idle, struct error *err)
{
    struct db *db = db_pool_take(s->pool, err);
    bool unfinished = false, unwritten = false;
    bool ok = db && store_unfinished(db, &unfinished, err) &&
              output_unfinished(db, &unwritten, err);

    db_pool_give(s->pool, db);
    *idle = ok && !unfinished && !unwritten && scheduler_idle(s->scheduler);
    return ok;
}

/* What waits for a bucket would keep the threads for as long as it is tried again. */
void service_rest(struct service *s)
{
    if (s->s3)
        s3_stop(s->s3);
    scheduler_stop(s->scheduler);
}

void service_wake(struct service *s)
{
    scheduler_wake(s->scheduler);
}

int64_t service_lease_now(const struct service *s)
{
    return clock_monotonic_us() + s->clock_offset;
}

int64_t service_database_bytes(const struct service *s)
{
    char path[PATH_MAX];
    struct stat st;

    snprintf(path, sizeof path, "%s/plumbline.db", s->data_dir);
    return stat(path, &st) == 0 ? st.st_size : 0;
}

int64_t service_lease_to_wall(const struct service *s, int64_t lease_us)
{
    return lease_us - service_lease_now(s) + clock_now_us();
}

void service_publish_counts(struct service *s, int64_t job)
{
    struct error err = {0};
    struct arena a;
    struct db *db;
    struct job j;

    if (!s->publish)
        return;
    db = db_pool_take(s->pool, &err);
    if (!db)
        return;
    arena_init(&a);
    if (job_get(db, job, &a, &j, &err)) {
        const struct job_counts *c = &j.counts;
        json_t *json = json_pack(
            "{s:s, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}}", "state",
            job_state_names[j.state], "counts", "total",
            (json_int_t)(c->waiting + c->open + c->answered + c->human + c->machine + c->failed),
            "human", (json_int_t)c->human, "machine", (json_int_t)c->machine, "failed",
            (json_int_t)c->failed, "unlabelled", (json_int_t)(c->waiting + c->open + c->answered),
            "open", (json_int_t)c->open, "waiting", (json_int_t)c->waiting, "answers",
            (json_int_t)c->answers, "skips", (json_int_t)c->skips, "provisional",
            (json_int_t)c->provisional);

        s->publish(s->publish_context, job, "counts", json);
        json_decref(json);
    }
    arena_release(&a);
    db_pool_give(s->pool, db);
}
