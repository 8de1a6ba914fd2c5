/* ask.c - the loop's list of wanted items as rows. */
#include "plumbline/store/asks.h"
#include "plumbline/store/items.h"

static bool put(struct db *db, const char *sql, int64_t job, int64_t rank, int64_t item,
                struct error *err)
{
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, rank);
    stmt_bind_int(q, 3, item);
    return stmt_run(q, err);
}

bool ask_put(struct db *db, int64_t job, int64_t rank, int64_t item, struct error *err)
{
    static const char sql[] = "INSERT INTO ask VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING";

    return put(db, sql, job, rank, item, err);
}

bool ask_remove(struct db *db, int64_t job, int64_t rank, int64_t item, struct error *err)
{
    static const char sql[] = "DELETE FROM ask WHERE job = ?1 AND rank = ?2 AND item = ?3";

    return put(db, sql, job, rank, item, err);
}

bool ask_clear(struct db *db, int64_t job, struct error *err)
{
    static const char sql[] = "DELETE FROM ask WHERE job = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    return stmt_run(q, err);
}

bool ask_first(struct db *db, int64_t job, int limit, int64_t *ranks, int64_t *items, int *count,
               struct error *err)
{
    static const char sql[] = "SELECT rank, item FROM ask WHERE job = ?1 ORDER BY rank, item"
                              " LIMIT ?2";
    struct stmt *q = db_stmt(db, sql);

    *count = 0;
    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, limit);
    while (stmt_row(q)) {
        ranks[*count] = row_int(q, 0);
        items[(*count)++] = row_int(q, 1);
    }
    return stmt_done(q, err);
}

bool ask_any(struct db *db, int64_t job, bool *any, struct error *err)
{
    static const char sql[] = "SELECT EXISTS(SELECT 1 FROM ask WHERE job = ?1)";
    struct stmt *q = db_stmt(db, sql);
    int64_t yes = 0;
    bool ok;

    stmt_bind_int(q, 1, job);
    ok = stmt_int(q, &yes, err);
    *any = yes != 0;
    return ok;
}

static bool list(struct stmt *q, int64_t *items, int *count, struct error *err)
{
    *count = 0;
    while (stmt_row(q))
        items[(*count)++] = row_int(q, 0);
    return stmt_done(q, err);
}

bool front_withdraw(struct db *db, int64_t job, int limit, int64_t *items, int *count,
                    struct error *err)
{
    static const char sql[] = "SELECT front.item FROM front JOIN item ON item.id = front.item"
                              " WHERE front.job = ?1 AND item.taken = 0"
                              " AND NOT EXISTS(SELECT 1 FROM slot WHERE slot.item = front.item)"
                              " LIMIT ?2";
    static const char wait[] = "UPDATE item SET state = 0 WHERE id = ?1";
    static const char leave[] = "DELETE FROM front WHERE job = ?1"
                                " AND rank = (SELECT rank FROM item WHERE id = ?2) AND item = ?2";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, limit);
    if (!list(q, items, count, err))
        return false;
    for (int i = 0; i < *count; i++) {
        q = db_stmt(db, leave);
        stmt_bind_int(q, 1, job);
        stmt_bind_int(q, 2, items[i]);
        if (!stmt_run(q, err))
            return false;
        q = db_stmt(db, wait);
        stmt_bind_int(q, 1, items[i]);
        if (!stmt_run(q, err))
            return false;
    }
    return true;
}

bool item_open_list(struct db *db, int64_t job, int64_t after, int limit, int64_t *items,
                    int *count, struct error *err)
{
    static const char sql[] = "SELECT id FROM item INDEXED BY item_state"
                              " WHERE state = 1 AND state > 0 AND id BETWEEN ?1 AND ?2"
                              " ORDER BY id LIMIT ?3";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item_next(job, after));
    stmt_bind_int(q, 2, item_last(job));
    stmt_bind_int(q, 3, limit);
    return list(q, items, count, err);
}
