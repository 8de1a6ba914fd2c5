/* internal.h - what the files of db/ share. */
#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H

#include "plumbline/db/db.h"

#include <sqlite3.h>
#include <stdatomic.h>

enum { STMT_BUCKETS = 256 };

struct stmt {
    struct db    *db;
    const char   *sql; /* the cache key */
    sqlite3_stmt *sqlite;
    struct stmt  *next; /* in its bucket */
    int           rc;   /* of the last step; SQLITE_OK before the first */
};

struct sum {
    const char *sql;
    int64_t     key, add[DB_SUM_COLUMNS];
    int         n;
};

enum { SUMS_MAX = 32 };

struct db {
    sqlite3       *sqlite;
    struct stmt   *bucket[STMT_BUCKETS];
    struct sum     sum[SUMS_MAX]; /* not yet written */
    int            sums;
    int64_t        sum_calls;     /* ever: tells whether a piece has added something */
    struct touched touched;       /* since the transaction began */
    int64_t        undone;
    bool           active;        /* the writer's: requests came lately */
    const atomic_int *waiting;    /* the writer's: requests in its queue; NULL elsewhere */
};

bool db_fail(struct db *db, int rc, struct error *err); /* returns false */
void stmt_free_all(struct db *db);

#endif
