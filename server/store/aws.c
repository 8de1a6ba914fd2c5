/* aws.c - the workforce and tags as rows. */
#include "plumbline/store/aws.h"

#include "plumbline/base/clock.h"
#include "plumbline/store/touch.h"
#include "rows.h"

bool workforce_get(struct db *db, struct arena *a, struct workforce *out, bool *found,
                   struct error *err)
{
    static const char sql[] = "SELECT name, config, created, modified FROM workforce WHERE one = 1";
    struct stmt *q = db_stmt(db, sql);

    *found = stmt_row(q);
    if (*found)
        *out = (struct workforce){.name = arena_strdup(a, row_text(q, 0)),
                                  .config = arena_strdup(a, row_text(q, 1)),
                                  .created = row_int(q, 2),
                                  .modified = row_int(q, 3)};
    return stmt_done(q, err);
}

bool workforce_put(struct db *db, const char *name, const char *config, const void *secret,
                   size_t secret_size, struct error *err)
{
    static const char sql[] =
        "INSERT INTO workforce(one, name, config, secret, created, modified)"
        " VALUES(1, ?1, ?2, ?3, ?4, ?4) ON CONFLICT(one) DO UPDATE SET name = ?1, config = ?2,"
        " secret = coalesce(?3, secret), modified = ?4";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_text(q, 1, name);
    stmt_bind_text(q, 2, config);
    if (secret)
        stmt_bind_blob(q, 3, secret, secret_size);
    else
        stmt_bind_null(q, 3);
    stmt_bind_int(q, 4, clock_now_us());
    db_touch(db, TOUCH_WORKFORCE, 0);
    return stmt_run(q, err);
}

bool workforce_delete(struct db *db, struct error *err)
{
    static const char sql[] = "DELETE FROM workforce WHERE one = 1";

    db_touch(db, TOUCH_WORKFORCE, 0);
    return tag_drop_all(db, TAG_WORKFORCE, WORKFORCE_ID, err) && stmt_run(db_stmt(db, sql), err);
}

bool tag_put(struct db *db, enum tag_kind kind, int64_t id, const char *key, const char *value,
             struct error *err)
{
    static const char sql[] = "INSERT INTO tag(kind, id, key, value) VALUES(?1, ?2, ?3, ?4)"
                              " ON CONFLICT(kind, id, key) DO UPDATE SET value = ?4";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, kind);
    stmt_bind_int(q, 2, id);
    stmt_bind_text(q, 3, key);
    stmt_bind_text(q, 4, value);
    return stmt_run(q, err);
}

bool tag_drop(struct db *db, enum tag_kind kind, int64_t id, const char *key, struct error *err)
{
    static const char sql[] = "DELETE FROM tag WHERE kind = ?1 AND id = ?2 AND key = ?3";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, kind);
    stmt_bind_int(q, 2, id);
    stmt_bind_text(q, 3, key);
    return stmt_run(q, err);
}

bool tag_drop_all(struct db *db, enum tag_kind kind, int64_t id, struct error *err)
{
    static const char sql[] = "DELETE FROM tag WHERE kind = ?1 AND id = ?2";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, kind);
    stmt_bind_int(q, 2, id);
    return stmt_run(q, err);
}

bool tag_list(struct db *db, enum tag_kind kind, int64_t id, const char *after, struct arena *a,
              struct tag **out, int *count, struct error *err)
{
    static const char sql[] = "SELECT key, value FROM tag WHERE kind = ?1 AND id = ?2"
                              " AND (?3 IS NULL OR key > ?3) ORDER BY key";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, kind);
    stmt_bind_int(q, 2, id);
    stmt_bind_text(q, 3, after);
    while (stmt_row(q)) {
        struct tag *t = rows_next(a, (void **)out, count, &capacity, sizeof **out);

        *t = (struct tag){arena_strdup(a, row_text(q, 0)), arena_strdup(a, row_text(q, 1))};
    }
    return stmt_done(q, err);
}
