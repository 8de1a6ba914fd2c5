/* copy.c - the online backup of SQLite, in steps.
 *
 * The source's connection holds a read transaction throughout. Without it, each commit of another
 * connection would make sqlite3_backup_step begin at the first page again, and under steady writes the
 * copy would never end. VACUUM INTO would end too, but stalls commits for up to 165 ms. */
#include "plumbline/db/copy.h"

#include "internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum {
    STEP_PAGES = 1024,
    REST_US = 1000,
    SYNC_STEPS = 8, /* 32 MB: what a slow disk gathers before it is written out */
};

static const char copy_pragmas[] = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                                   "PRAGMA cache_size=-2000;";

/* Its first read is the moment of the copy. */
static struct db *open_source(const char *path, struct error *err)
{
    struct db *db = db_open(path, DB_READ, err);

    if (!db)
        return NULL;
    if (db_begin_read(db, err) && db_script(db, "SELECT 1 FROM sqlite_schema LIMIT 1", err))
        return db;
    db_close(db);
    return NULL;
}

static bool copy_failed(sqlite3 *copy, int rc, const char *to, struct error *err)
{
    if ((rc & 0xff) == SQLITE_FULL)
        return error_set(err, 507, "storage.full", "",
                         "The disk of %.200s is full: the copy of the database does not fit.", to);
    return error_set(err, 503, "storage.failed", "", "The database cannot be copied to %.200s: %s.",
                     to, copy ? sqlite3_errmsg(copy) : sqlite3_errstr(rc));
}

/* Keeps what is not yet on the disk small, so that other files' syncs do not wait behind it. */
static void write_out(int fd, int64_t bytes)
{
    sync_file_range(fd, 0, bytes, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
}

static bool run_steps(sqlite3_backup *backup, sqlite3 *copy, const char *to, int fd,
                      db_copy_pace *pace, void *context, struct error *err)
{
    const struct timespec rest = {.tv_nsec = REST_US * 1000L};
    int rc;

    for (int n = 1; (rc = sqlite3_backup_step(backup, STEP_PAGES)) == SQLITE_OK; n++) {
        int64_t pages = sqlite3_backup_pagecount(backup),
                done = pages - sqlite3_backup_remaining(backup);

        if (pace && !pace(context, done * 4096, pages * 4096, err))
            return false;
        if (n % SYNC_STEPS == 0)
            write_out(fd, done * 4096);
        nanosleep(&rest, NULL);
    }
    return rc == SQLITE_DONE || copy_failed(copy, rc, to, err);
}

static bool copy_into(struct db *source, sqlite3 *copy, const char *to, int fd,
                      db_copy_pace *pace, void *context, struct error *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(copy, "main", source->sqlite, "main");
    bool ok;
    int rc;

    if (!backup)
        return copy_failed(copy, sqlite3_errcode(copy), to, err);
    ok = run_steps(backup, copy, to, fd, pace, context, err);
    rc = sqlite3_backup_finish(backup);
    return ok && (rc == SQLITE_OK || copy_failed(copy, rc, to, err));
}

bool db_copy(const char *from, const char *to, db_copy_pace *pace, void *context,
             struct error *err)
{
    struct db *source = open_source(from, err);
    sqlite3 *copy = NULL;
    bool ok = false;
    int fd = -1, rc;

    if (!source)
        return false;
    fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        error_system(err, "The copy of the database, %.200s, cannot be made", to);
        db_close(source);
        return false;
    }
    rc = sqlite3_open_v2(to, &copy, SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(copy, copy_pragmas, NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        copy_failed(copy, rc, to, err);
    else
        ok = copy_into(source, copy, to, fd, pace, context, err);
    sqlite3_close(copy);
    db_close(source);
    if (ok && fsync(fd) != 0)
        ok = error_system(err, "The copy of the database, %.200s, cannot be written", to);
    close(fd);
    if (!ok)
        unlink(to);
    return ok;
}
