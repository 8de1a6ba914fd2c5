/* key.c - the keys that tell whether an item is there already. */
#include "plumbline/store/items.h"

#include <endian.h>
#include <string.h>

bool key_run_put(struct db *db, int64_t first, const uint64_t *hashes, int n, struct error *err)
{
    static const char sql[] = "INSERT INTO key_run VALUES(?1, ?2)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, first);
    stmt_bind_blob(q, 2, hashes, (size_t)n * sizeof *hashes);
    return stmt_run(q, err);
}

bool key_run_scan(struct db *db, int64_t job, int64_t after, key_each *each, void *context,
                  struct error *err)
{
    static const char sql[] = "SELECT first, hashes FROM key_run WHERE first BETWEEN ?1 AND ?2"
                              " ORDER BY first";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item_next(job, after));
    stmt_bind_int(q, 2, item_last(job));
    while (stmt_row(q)) {
        size_t size;
        const char *bytes = row_blob(q, 1, &size);

        for (size_t i = 0; i + sizeof(uint64_t) <= size; i += sizeof(uint64_t)) {
            uint64_t hash;

            memcpy(&hash, bytes + i, sizeof hash);
            hash = le64toh(hash);
            each(context, row_int(q, 0), hash);
        }
    }
    return stmt_done(q, err);
}

bool key_one_scan(struct db *db, int64_t job, key_each *each, void *context, struct error *err)
{
    static const char sql[] = "SELECT hash FROM item_key WHERE job = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    while (stmt_row(q))
        each(context, 0, (uint64_t)row_int(q, 0));
    return stmt_done(q, err);
}

bool key_one_put(struct db *db, int64_t job, uint64_t hash, bool *added, struct error *err)
{
    static const char sql[] = "INSERT INTO item_key VALUES(?1, ?2) ON CONFLICT DO NOTHING";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, (int64_t)hash);
    if (!stmt_run(q, err))
        return false;
    *added = db_changes(db) > 0;
    return true;
}
