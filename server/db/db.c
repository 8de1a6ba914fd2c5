/* db.c - the wall around SQLite: connections and transactions. Statements are in stmt.c. */
#include "plumbline/db/db.h"

#include "internal.h"
#include "plumbline/base/arena.h"
#include "plumbline/base/disk.h"
#include "plumbline/base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUSY_MS = 20000 };

/* Reasons for the numbers: design measurements; an autocheckpoint inside a commit triples its p99,
 * so the writer's own thread does it. */
static const char common_pragmas[] = "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                                     "PRAGMA mmap_size=1073741824;";
static const char read_pragmas[] = "PRAGMA query_only=ON; PRAGMA cache_size=-2000;";
static const char write_pragmas[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                    "PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-8000;";

/* The errno behind SQLITE_IOERR; SQLite does not keep that of a failed commit with the connection,
 * but with the file: of the log, or of the database. */
static int cause_of(struct db *db)
{
    sqlite3_file *log = NULL;
    int cause = sqlite3_system_errno(db->sqlite);

    if (cause == 0 &&
        sqlite3_file_control(db->sqlite, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
        log && log->pMethods)
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &cause);
    if (cause == 0)
        sqlite3_file_control(db->sqlite, "main", SQLITE_FCNTL_LAST_ERRNO, &cause);
    return cause;
}

/* SQLite calls only one of the reasons for a full disk by its name. */
static bool io_error(struct db *db, const char *reason, struct error *err)
{
    int cause = db && db->sqlite ? cause_of(db) : 0;

    switch (cause) {
    case EDQUOT:
    case EFBIG:
    case ENOSPC:
    case EROFS:
        return disk_error_of(err, cause, "Nothing was stored");
    default:
        return error_set(err, 503, "storage.failed", "", "The database failed: %s%s%s.", reason,
                         cause ? ", " : "", cause ? strerror(cause) : "");
    }
}

bool db_fail(struct db *db, int rc, struct error *err)
{
    const char *reason = db && db->sqlite ? sqlite3_errmsg(db->sqlite) : sqlite3_errstr(rc);

    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
        return error_set(err, 409, "storage.constraint", "", "The database refused it: %s.",
                         reason);
    case SQLITE_FULL:
        return error_set(err, 507, "storage.full", "",
                         "The disk is full. Nothing was stored; free some space and try again.");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return io_error(db, reason, err);
    case SQLITE_READONLY:
        return error_set(err, 503, "storage.read_only", "",
                         "The data folder cannot be written to. Nothing was stored.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, 503, "storage.busy", "", "The database is busy. Please try again.");
    default:
        return error_set(err, 503, "storage.failed", "", "The database failed: %s.", reason);
    }
}

/* SQLite would count every allocation of every connection under one lock, which all threads would
 * then wait for. Nobody reads the counts. */
static void configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct db *db_open(const char *path, enum db_mode mode, struct error *err)
{
    struct db *db = must_alloc(sizeof *db);
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE |
                (mode == DB_WRITE ? SQLITE_OPEN_CREATE : 0);
    int rc;

    pthread_once(&once, configure);
    rc = sqlite3_open_v2(path, &db->sqlite, flags, NULL);
    if (rc != SQLITE_OK) {
        error_set(err, 503, "storage.open", "", "The database %s cannot be opened: %s.", path,
                  db->sqlite ? sqlite3_errmsg(db->sqlite) : sqlite3_errstr(rc));
        goto fail;
    }
    sqlite3_extended_result_codes(db->sqlite, 1);
    sqlite3_busy_timeout(db->sqlite, BUSY_MS);
    if (!db_script(db, common_pragmas, err) ||
        !db_script(db, mode == DB_WRITE ? write_pragmas : read_pragmas, err))
        goto fail;
    return db;
fail:
    db_close(db);
    return NULL;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    stmt_free_all(db);
    sqlite3_close(db->sqlite);
    free(db);
}

bool db_script(struct db *db, const char *sql, struct error *err)
{
    int rc = sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK || db_fail(db, rc, err);
}

int64_t db_last_id(struct db *db)
{
    return sqlite3_last_insert_rowid(db->sqlite);
}

int64_t db_changes(struct db *db)
{
    return sqlite3_changes64(db->sqlite);
}

bool db_begin(struct db *db, struct error *err)
{
    static const char sql[] = "BEGIN IMMEDIATE";

    return stmt_run(db_stmt(db, sql), err);
}

bool db_commit(struct db *db, struct error *err)
{
    static const char sql[] = "COMMIT";

    return db_sums_write(db, err) && stmt_run(db_stmt(db, sql), err);
}

int64_t db_undone(const struct db *db)
{
    return db->undone;
}

void db_rollback(struct db *db)
{
    static const char sql[] = "ROLLBACK";

    db->sums = 0;
    db->undone++;
    if (!sqlite3_get_autocommit(db->sqlite))
        stmt_run(db_stmt(db, sql), NULL);
}

bool db_begin_read(struct db *db, struct error *err)
{
    static const char sql[] = "BEGIN";

    return stmt_run(db_stmt(db, sql), err);
}

void db_end_read(struct db *db)
{
    db_rollback(db);
}

const char *db_library_version(void)
{
    return sqlite3_libversion();
}

/* Without a timeout: to cut the log SQLite takes the writer's lock first and waits for readers then,
 * so that a long export would stop all writing. */
bool db_copy_back(struct db *db, bool truncate, int64_t *wal_bytes, struct error *err)
{
    int pages = 0, done = 0, rc;

    sqlite3_busy_timeout(db->sqlite, 0);
    rc = sqlite3_wal_checkpoint_v2(db->sqlite, NULL,
                                   truncate ? SQLITE_CHECKPOINT_TRUNCATE
                                            : SQLITE_CHECKPOINT_PASSIVE,
                                   &pages, &done);
    sqlite3_busy_timeout(db->sqlite, BUSY_MS);
    if (wal_bytes)
        *wal_bytes = pages > 0 ? (int64_t)pages * 4096 : 0;
    return rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED ||
           db_fail(db, rc, err);
}

void db_checkpoint(struct db *db, bool truncate, int64_t *wal_bytes)
{
    db_copy_back(db, truncate, wal_bytes, NULL);
}

bool db_check(struct db *db, bool quick, char *out, size_t size, struct error *err)
{
    static const char full_sql[] = "PRAGMA integrity_check(1)", quick_sql[] = "PRAGMA quick_check(1)";
    struct stmt *q = db_stmt(db, quick ? quick_sql : full_sql);

    snprintf(out, size, "no answer");
    if (stmt_row(q))
        snprintf(out, size, "%s", row_text(q, 0));
    return stmt_done(q, err);
}
