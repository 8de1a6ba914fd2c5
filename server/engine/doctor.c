/* doctor.c - the table of checks. */
#include "doctor.h"

#include "folders.h"
#include "plumbline/db/copy.h"
#include "plumbline/store/counters.h"
#include "plumbline/store/schema.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *const doctor_level_names[] = {"ok", "warn", "fail", NULL};

static const struct {
    const char   *what;
    doctor_check *run;
    bool          data, slow, deep; /* needs a database; reads all of it; only when asked for */
} checks[] = {
    {"data folder", doctor_folder, false, false, false},
    {"secret.key", doctor_secret, true, false, false},
    {"service", doctor_service, false, false, false},
    {"disk", doctor_disks, false, false, false},
    {"clock", doctor_clock, false, false, false},
    {"migrations", doctor_schema, true, false, false},
    {"database", doctor_database, true, true, false},
    {"counters", doctor_counters, true, true, false},
    {"foreign keys", doctor_foreign_keys, true, true, true},
    {"log of the database", doctor_wal, true, false, false},
    {"pictures", doctor_pictures, false, false, false},
    {"processes", doctor_children, false, false, false},
    {"leftovers", doctor_leftovers, false, false, false},
    {"backups", doctor_backups, false, false, false},
    {"buckets", doctor_buckets, true, false, false},
    {"clock of the storage", doctor_bucket_clock, true, false, false}, /* behind "buckets" */
    {"pictures from buckets", doctor_cors, true, false, false},
    {"address", doctor_address, false, false, false},
    {"open files", doctor_descriptors, false, false, false},
};

enum { CHECKS = sizeof checks / sizeof *checks };

static void add(struct doctor *d, enum doctor_level level, const char *advice, const char *format,
                va_list args)
{
    struct doctor_report *r = d->report;
    char text[600];

    if ((int)r->n == d->capacity) {
        struct doctor_finding *more;

        d->capacity = d->capacity ? 2 * d->capacity : 32;
        more = arena_array(d->arena, (size_t)d->capacity, sizeof *more);
        if (r->n)
            memcpy(more, r->v, r->n * sizeof *more);
        r->v = more;
    }
    vsnprintf(text, sizeof text, format, args);
    r->v[r->n++] = (struct doctor_finding){.what = d->what,
                                           .level = level,
                                           .found = arena_strdup(d->arena, text),
                                           .advice = arena_strdup(d->arena, advice)};
    r->warnings += level == DOCTOR_WARN;
    r->failures += level == DOCTOR_FAIL;
}

void doctor_ok(struct doctor *d, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(d, DOCTOR_OK, NULL, format, args);
    va_end(args);
}

void doctor_say(struct doctor *d, enum doctor_level level, const char *advice, const char *format,
                ...)
{
    va_list args;

    va_start(args, format);
    add(d, level, advice, format, args);
    va_end(args);
}

const char *doctor_path(struct doctor *d, const char *name)
{
    return arena_printf(d->arena, "%s/%s", d->set->data_dir, name);
}

/* A database that cannot be opened is found by the check "database". */
static void open_database(struct doctor *d)
{
    const char *path = doctor_path(d, "plumbline.db");

    d->schema = -1;
    if (access(path, F_OK) != 0)
        return;
    d->db = db_open(path, DB_READ, NULL);
    if (d->db && !db_version(d->db, &d->schema, NULL))
        d->schema = -1;
}

void doctor_run(const struct doctor_settings *settings, struct arena *a,
                struct doctor_report *out)
{
    struct doctor d = {.set = settings, .arena = a, .report = out};
    struct db_watch *watch;
    bool there;

    *out = (struct doctor_report){0};
    there = access(doctor_path(&d, "plumbline.db"), F_OK) == 0; /* else "data folder" says so */
    open_database(&d);
    watch = db_watch_start(d.db, settings->go_on, settings->context);
    for (int i = 0; i < CHECKS; i++) {
        if ((checks[i].slow && settings->quick) || (checks[i].deep && !settings->deep) ||
            (checks[i].data && !there))
            continue;
        d.what = checks[i].what;
        checks[i].run(&d);
    }
    db_watch_stop(watch);
    db_close(d.db);
}

/* ---- repair ---- */

static bool count_fault(void *context, const struct counter_fault *fault, struct error *err)
{
    (void)fault, (void)err;
    ++*(int *)context;
    return true;
}

/* The counters of another schema are counted otherwise. */
static bool check_schema(struct db *db, const char *data_dir, struct error *err)
{
    int version, newest = schema_newest();

    if (!db_version(db, &version, err))
        return false;
    if (version > newest)
        return error_conflict(err, "storage.newer", "The database in %.250s was made by a newer "
                              "Plumbline (schema %d, this program knows %d); its counters were not "
                              "looked at. Use that program.", data_dir, version, newest);
    return version == newest ||
           error_conflict(err, "storage.older", "The database in %.250s is of schema %d and is to be "
                          "brought to %d first; its counters were not looked at. Start the service "
                          "once.", data_dir, version, newest);
}

bool doctor_repair_counters(const char *data_dir, int *faults, struct error *err)
{
    char path[PATH_MAX];
    int locked, checked, left = 0;
    struct db *db = NULL;
    bool ok = false;

    *faults = 0;
    if (!folder_lock(data_dir, &locked, err))
        return false;
    snprintf(path, sizeof path, "%s/plumbline.db", data_dir);
    db = db_open(path, DB_WRITE, err);
    if (!db || !check_schema(db, data_dir, err) || !db_begin(db, err))
        goto out;
    ok = counters_check(db, count_fault, faults, &checked, err) &&
         (*faults == 0 || (counters_repair(db, err) &&
                           counters_check(db, count_fault, &left, &checked, err))) &&
         (left == 0 || error_internal(err, "%d counters are still wrong after the repair; nothing "
                                      "was changed.", left)) &&
         db_commit(db, err);
    if (!ok)
        db_rollback(db);
out:
    db_close(db);
    close(locked);
    return ok;
}
