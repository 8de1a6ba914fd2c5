/* db.h - connections, prepared statements, transactions.
 *
 * SQL stands next to its binds in store/, as a string constant whose address is the cache key: each
 * connection prepares it once. Parameters are numbered ?1 ?2 … and always bound, never formatted in.
 * A connection is used by one thread at a time.
 *
 *     static const char sql[] = "SELECT name FROM person WHERE id = ?1";
 *     struct stmt *q = db_stmt(db, sql);
 *
 *     stmt_bind_int(q, 1, id);
 *     if (stmt_row(q))
 *         name = arena_strdup(a, row_text(q, 0));
 *     return stmt_done(q, err);
 */
#ifndef PLUMBLINE_DB_DB_H
#define PLUMBLINE_DB_DB_H

#include "plumbline/base/error.h"

#include <stddef.h>
#include <stdint.h>

struct db;
struct stmt;

enum db_mode {
    DB_READ,  /* the database must exist; 2 MB of cache */
    DB_WRITE, /* created when absent; WAL, synchronous=FULL, 8 MB of cache */
};

/* 503 storage.* when the file cannot be opened. The caller closes. */
struct db *db_open(const char *path, enum db_mode mode, struct error *err);
void       db_close(struct db *db); /* NULL is fine */

/* Never NULL: a statement that does not compile fails in stmt_done, with the reason in the log. */
struct stmt *db_stmt(struct db *db, const char *sql);

void stmt_bind_int(struct stmt *q, int at, int64_t value);
void stmt_bind_real(struct stmt *q, int at, double value);
void stmt_bind_text(struct stmt *q, int at, const char *text); /* borrowed until stmt_done; NULL is NULL */
void stmt_bind_text_n(struct stmt *q, int at, const char *text, size_t bytes);
void stmt_bind_blob(struct stmt *q, int at, const void *bytes, size_t size);
void stmt_bind_null(struct stmt *q, int at);

bool        stmt_row(struct stmt *q); /* steps; true when a row stands ready */
int64_t     row_int(struct stmt *q, int column);
double      row_real(struct stmt *q, int column);
const char *row_text(struct stmt *q, int column); /* valid until the next stmt_row; NULL is NULL */
const void *row_blob(struct stmt *q, int column, size_t *size);
bool        row_is_null(struct stmt *q, int column);

/* Resets the statement for its next use. False when a step failed: 409 storage.constraint, 507
 * storage.full, 503 storage.failed. */
bool stmt_done(struct stmt *q, struct error *err);

/* stmt_row once, for statements without rows, then stmt_done. */
bool stmt_run(struct stmt *q, struct error *err);

/* True when a row came; *value is its first column. False without a row or on failure (see err). */
bool stmt_int(struct stmt *q, int64_t *value, struct error *err);

int64_t db_last_id(struct db *db);
int64_t db_changes(struct db *db); /* rows touched by the last statement */

/* ---- counters ----
 * Adds add[0..n) to what `sql` (UPDATE t SET a = a + ?2, b = b + ?3 … WHERE key = ?1) will add to the
 * row of that key, once, before the commit of the running transaction. Who reads such a row inside
 * a transaction that writes calls db_sums_write first. */
enum { DB_SUM_COLUMNS = 10 };
bool db_sum(struct db *db, const char *sql, int64_t key, const int64_t *add, int n,
            struct error *err);
bool db_sums_write(struct db *db, struct error *err);

/* How often something was rolled back on this connection, all or a part of a transaction: what a
 * transition has noted outside of the database is then no longer true. */
int64_t db_undone(const struct db *db);

/* Requests wait for the running transaction, or have come lately: bulk work keeps its piece short.
 * Never outside the writer. */
bool db_pressed(const struct db *db);

/* ---- caches ----
 * Says that this transaction changes something that caches know under (kind, key); whoever listens
 * to the writer hears of it after the commit. The kinds are store/touch.h's. */
void db_touch(struct db *db, int kind, int64_t key);

enum { TOUCHED_MAX = 512 };
struct touched {
    int  n;
    bool overflow; /* more than fit: everything may have changed */
    struct touch {
        int     kind;
        int64_t key;
    } v[TOUCHED_MAX];
};

/* Runs SQL text with any number of statements: schema work only. */
bool db_script(struct db *db, const char *sql, struct error *err);

bool db_begin(struct db *db, struct error *err); /* BEGIN IMMEDIATE */
bool db_commit(struct db *db, struct error *err);
void db_rollback(struct db *db);

/* A consistent read: everything read until db_end_read comes from one moment, that of the first
 * statement after db_begin_read. Also cheaper than as many reads with a lock each. */
bool db_begin_read(struct db *db, struct error *err);
void db_end_read(struct db *db);

/* PASSIVE checkpoint, or with `truncate` one that also cuts the log to nothing; never waits for
 * anybody: it does less, or nothing, while others read or write. *wal_bytes gets the size of the log.
 * Both may be NULL. False when the disk refused it. */
bool db_copy_back(struct db *db, bool truncate, int64_t *wal_bytes, struct error *err);
void db_checkpoint(struct db *db, bool truncate, int64_t *wal_bytes); /* whatever comes of it */

/* "ok" or the first line of PRAGMA integrity_check (quick = quick_check); static storage per call. */
bool db_check(struct db *db, bool quick, char *out, size_t size, struct error *err);

const char *db_library_version(void);

/* ---- migrations ---- */
struct migration {
    int         number; /* 1, 2, 3 … without a gap */
    const char *name, *sql;
};

/* Brings the database to the newest number, each step in one transaction that also sets
 * PRAGMA user_version. 409 storage.newer when the file is newer than this program. */
bool db_migrate(struct db *db, const struct migration *list, int count, struct error *err);
bool db_version(struct db *db, int *version, struct error *err); /* 0: an empty database */

/* 409 storage.newer, in words, for a schema number above the newest this program knows. */
bool db_version_known(int version, int newest, struct error *err);

/* ---- a pool of reading connections ---- */
struct db_pool;
struct db_pool *db_pool_new(const char *path);
void            db_pool_free(struct db_pool *p); /* every connection must have been given back */
struct db      *db_pool_take(struct db_pool *p, struct error *err);
void            db_pool_give(struct db_pool *p, struct db *db);

#endif
