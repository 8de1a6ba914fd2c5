/* stmt.c - statements, prepared once per connection and found again by the address of their text. */
#include "internal.h"
#include "plumbline/base/arena.h"
#include "plumbline/base/log.h"

#include <stdlib.h>
#include <string.h>

static struct stmt **bucket_of(struct db *db, const char *sql)
{
    uintptr_t h = (uintptr_t)sql >> 4;

    return &db->bucket[(h ^ (h >> 8)) % STMT_BUCKETS];
}

struct stmt *db_stmt(struct db *db, const char *sql)
{
    struct stmt **at = bucket_of(db, sql), *q;
    int rc;

    for (q = *at; q; q = q->next)
        if (q->sql == sql)
            return q;
    q = must_alloc(sizeof *q);
    q->db = db;
    q->sql = sql;
    rc = sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &q->sqlite, NULL);
    if (rc != SQLITE_OK) {
        log_error("statement does not compile: %s: %s", sqlite3_errmsg(db->sqlite), sql);
        q->rc = rc;
    }
    q->next = *at;
    *at = q;
    return q;
}

void stmt_free_all(struct db *db)
{
    for (size_t i = 0; i < STMT_BUCKETS; i++) {
        while (db->bucket[i]) {
            struct stmt *q = db->bucket[i];

            db->bucket[i] = q->next;
            sqlite3_finalize(q->sqlite);
            free(q);
        }
    }
}

void stmt_bind_int(struct stmt *q, int at, int64_t value)
{
    sqlite3_bind_int64(q->sqlite, at, value);
}

void stmt_bind_real(struct stmt *q, int at, double value)
{
    sqlite3_bind_double(q->sqlite, at, value);
}

void stmt_bind_text(struct stmt *q, int at, const char *text)
{
    sqlite3_bind_text(q->sqlite, at, text, -1, SQLITE_STATIC);
}

void stmt_bind_text_n(struct stmt *q, int at, const char *text, size_t bytes)
{
    sqlite3_bind_text64(q->sqlite, at, text, bytes, SQLITE_STATIC, SQLITE_UTF8);
}

void stmt_bind_blob(struct stmt *q, int at, const void *bytes, size_t size)
{
    if (size == 0)
        sqlite3_bind_zeroblob(q->sqlite, at, 0);
    else
        sqlite3_bind_blob64(q->sqlite, at, bytes, size, SQLITE_STATIC);
}

void stmt_bind_null(struct stmt *q, int at)
{
    sqlite3_bind_null(q->sqlite, at);
}

bool stmt_row(struct stmt *q)
{
    if (!q->sqlite)
        return false;
    q->rc = sqlite3_step(q->sqlite);
    return q->rc == SQLITE_ROW;
}

int64_t row_int(struct stmt *q, int column)
{
    return sqlite3_column_int64(q->sqlite, column);
}

double row_real(struct stmt *q, int column)
{
    return sqlite3_column_double(q->sqlite, column);
}

const char *row_text(struct stmt *q, int column)
{
    return (const char *)sqlite3_column_text(q->sqlite, column);
}

const void *row_blob(struct stmt *q, int column, size_t *size)
{
    const void *bytes = sqlite3_column_blob(q->sqlite, column);

    *size = (size_t)sqlite3_column_bytes(q->sqlite, column);
    return bytes;
}

bool row_is_null(struct stmt *q, int column)
{
    return sqlite3_column_type(q->sqlite, column) == SQLITE_NULL;
}

bool stmt_done(struct stmt *q, struct error *err)
{
    int rc = q->rc;
    bool ok = rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE;

    if (!ok)
        db_fail(q->db, rc, err); /* before the reset, which forgets the message */
    if (q->sqlite) {
        sqlite3_reset(q->sqlite);
        sqlite3_clear_bindings(q->sqlite);
        q->rc = SQLITE_OK;
    }
    return ok;
}

bool stmt_run(struct stmt *q, struct error *err)
{
    stmt_row(q);
    return stmt_done(q, err);
}

bool stmt_int(struct stmt *q, int64_t *value, struct error *err)
{
    bool found = stmt_row(q);

    if (found)
        *value = row_int(q, 0);
    return stmt_done(q, err) && found;
}
