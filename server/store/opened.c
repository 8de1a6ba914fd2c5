/* opened.c - when open items leave people, as rows. */
#include "plumbline/store/opened.h"

#include "plumbline/store/items.h"

bool opened_put(struct db *db, int64_t item, int64_t due_clock, struct error *err)
{
    static const char sql[] = "INSERT INTO opened(item, due) VALUES(?1, ?2)"
                              " ON CONFLICT(item) DO UPDATE SET due = excluded.due";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item);
    stmt_bind_int(q, 2, due_clock);
    return stmt_run(q, err);
}

bool opened_put_range(struct db *db, int64_t first, int64_t last, int64_t due_clock,
                      struct error *err)
{
    static const char sql[] = "INSERT INTO opened(item, due) SELECT id, ?3 FROM item"
                              " WHERE id BETWEEN ?1 AND ?2 AND state = 1 ON CONFLICT DO NOTHING";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, first);
    stmt_bind_int(q, 2, last);
    stmt_bind_int(q, 3, due_clock);
    return stmt_run(q, err);
}

bool opened_remove(struct db *db, int64_t item, struct error *err)
{
    static const char sql[] = "DELETE FROM opened WHERE item = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item);
    return stmt_run(q, err);
}

bool opened_due(struct db *db, int64_t job, int64_t now_clock, int limit, int64_t *items,
                int *count, struct error *err)
{
    static const char sql[] = "SELECT item FROM opened INDEXED BY opened_due"
                              " WHERE item >> 32 = ?1 AND due <= ?2 ORDER BY due LIMIT ?3";
    struct stmt *q = db_stmt(db, sql);

    *count = 0;
    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, now_clock);
    stmt_bind_int(q, 3, limit);
    while (stmt_row(q))
        items[(*count)++] = row_int(q, 0);
    return stmt_done(q, err);
}

bool item_leave(struct db *db, int64_t item, struct error *err)
{
    static const char sql[] = "UPDATE item SET state = 2, taken = done, wanted = done"
                              " WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item);
    return stmt_run(q, err);
}
