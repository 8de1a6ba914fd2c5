/* doctor_data.c - what the database says about itself. */
#include "doctor.h"
#include "folders.h"
#include "plumbline/base/clock.h"
#include "plumbline/store/counters.h"
#include "plumbline/store/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FAULTS_SHOWN = 5 };

static const char restore_it[] = "stop the service, keep a copy of the data folder, and `plumbline "
                                 "restore` the newest backup with --force";

/* Why this user cannot open the database, when that has nothing to do with what is in it; what to do
 * instead of restoring goes to *advice. NULL: it is not that. */
static const char *unreachable(struct doctor *d, const char **advice)
{
    const char *path = doctor_path(d, "plumbline.db"), *log = doctor_path(d, "plumbline.db-wal");
    const char *const files[] = {path, log, doctor_path(d, "plumbline.db-shm")};

    *advice = "run it as the user who runs plumbline (sudo -u …), or give that user the folder "
              "(chown -R)";
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (access(files[i], R_OK) != 0 && errno == EACCES)
            return arena_printf(d->arena, "permission to read %s is missing", files[i]);
    if (access(d->set->data_dir, W_OK) == 0)
        return NULL;
    if (errno == EROFS) {
        *advice = "mount it for writing (mount -o remount,rw) and look again: nothing is known to be "
                  "wrong with the database";
        return arena_printf(d->arena, "%s is read-only, and the log beside the database cannot be "
                            "opened there", d->set->data_dir);
    }
    return arena_printf(d->arena, "permission to write to %s is missing", d->set->data_dir);
}

/* A database that cannot be opened, or not be asked. */
static void say_unread(struct doctor *d, const char *found, const struct error *err)
{
    const char *advice, *why = unreachable(d, &advice);

    if (why)
        doctor_say(d, DOCTOR_FAIL, advice, "%s: %s", found, why);
    else
        doctor_say(d, DOCTOR_FAIL, restore_it, *err->message ? "%s. %s" : "%s%s", found,
                   err->message);
}

void doctor_database(struct doctor *d)
{
    char found[300] = "", size[BYTES_TEXT_SIZE];
    struct error err = {0};
    struct stat st = {0};
    const char *path = doctor_path(d, "plumbline.db");

    if (stat(path, &st) != 0) {
        doctor_say(d, DOCTOR_FAIL, "say which folder with --data", "there is none");
        return;
    }
    if (!d->db || !db_check(d->db, !d->set->deep, found, sizeof found, &err)) {
        if (!d->db)
            db_close(db_open(path, DB_READ, &err));
        say_unread(d, "it cannot be read", &err);
    } else if (strcmp(found, "ok") != 0) {
        doctor_say(d, DOCTOR_FAIL, restore_it, "it is damaged: %s", found);
    } else {
        doctor_ok(d, "%s, whole (%s)", bytes_text(st.st_size, size),
                  d->set->deep ? "integrity_check" : "quick_check; --deep looks closer");
    }
}

void doctor_schema(struct doctor *d)
{
    int newest = schema_newest();

    if (d->schema < 0)
        say_unread(d, "the database cannot be asked for its schema", &(struct error){0});
    else if (d->schema > newest)
        doctor_say(d, DOCTOR_FAIL, "use that program, or restore an older backup",
                   "the database was made by a newer Plumbline (schema %d, this program knows %d)",
                   d->schema, newest);
    else if (d->schema < newest)
        doctor_say(d, DOCTOR_WARN, "the next start of the service does it, after a copy to backups/",
                   "schema %d is to be brought to %d", d->schema, newest);
    else
        doctor_ok(d, "schema %d, the newest", d->schema);
}

/* ---- counters ---- */

struct faults {
    struct doctor *d;
    int            n;
};

static bool on_fault(void *context, const struct counter_fault *fault, struct error *err)
{
    struct faults *f = context;

    (void)err;
    if (++f->n <= FAULTS_SHOWN)
        doctor_say(f->d, DOCTOR_FAIL, "stop the service and run `plumbline doctor "
                   "--repair-counters`", "%s of %s: kept %lld, counted %lld", fault->counter,
                   fault->subject, (long long)fault->kept, (long long)fault->counted);
    return true;
}

void doctor_counters(struct doctor *d)
{
    struct faults f = {.d = d};
    struct error err = {0};
    int checked = 0;
    bool ok;

    if (!d->db || d->schema != schema_newest()) {
        doctor_ok(d, "not counted: the database is not of this program's schema");
        return;
    }
    ok = db_begin_read(d->db, &err) && counters_check(d->db, on_fault, &f, &checked, &err);
    db_end_read(d->db);
    if (!ok)
        doctor_say(d, DOCTOR_FAIL, restore_it, "they cannot be counted. %s", err.message);
    else if (f.n > FAULTS_SHOWN)
        doctor_say(d, DOCTOR_FAIL, "stop the service and run `plumbline doctor --repair-counters`",
                   "%d more are wrong", f.n - FAULTS_SHOWN);
    else if (f.n == 0)
        doctor_ok(d, "%d kinds agree with a full count", checked);
}

void doctor_foreign_keys(struct doctor *d)
{
    struct error err = {0};
    int64_t n = 0;

    if (!d->db || !store_orphans(d->db, &n, &err))
        say_unread(d, "they cannot be checked", &err);
    else if (n > 0)
        doctor_say(d, DOCTOR_FAIL, restore_it, "%lld rows point to rows that are gone",
                   (long long)n);
    else
        doctor_ok(d, "every row points to rows that are there");
}

/* ---- the clock ---- */

static const int64_t YEAR_US = INT64_C(31556952) * SECOND_US;

/* How far the wall clock has moved against boot time since the service was started. */
static int64_t jump(const struct service *s)
{
    return (clock_now_us() - s->started) - (clock_monotonic_us() - s->started_boot);
}

void doctor_clock(struct doctor *d)
{
    int64_t now = clock_now_us(), newest = 0, moved = d->set->service ? jump(d->set->service) : 0;
    long long year = 1970 + now / YEAR_US;
    char text[CLOCK_TEXT_SIZE];

    clock_text(now, text);
    if (year < 2025 || year > 2100)
        doctor_say(d, DOCTOR_FAIL, "set the clock, and switch time synchronisation on",
                   "it says %s", text);
    else if (d->db && d->schema == schema_newest() && store_newest_time(d->db, &newest, NULL) &&
             newest > now + 60 * SECOND_US)
        doctor_say(d, DOCTOR_FAIL, "set the clock; if the data is what is wrong, it will be right "
                   "again when that time has come",
                   "it says %s, %lld s behind the newest entry of the database", text,
                   (long long)((newest - now) / SECOND_US));
    else if (llabs(moved) > 60 * SECOND_US)
        doctor_say(d, DOCTOR_WARN, "look at the time synchronisation of this machine; leases are kept "
                   "on a clock that does not jump", "it has jumped by %lld s since the service was "
                   "started", (long long)(moved / SECOND_US));
    else
        doctor_ok(d, "%s", text);
}
