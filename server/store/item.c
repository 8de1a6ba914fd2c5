/* item.c - items and their payload as rows. */
#include "plumbline/store/items.h"

#include "item_rows.h"
#include "rows.h"

#include <math.h>

const char *const item_state_names[] = {"waiting", "open",   "answered", "labelled",
                                        "labelled", "failed", "kept",     NULL};

static bool insert_payload(struct db *db, const struct payload *p, int64_t id, struct error *err)
{
    static const char sql[] = "INSERT INTO payload(item, line, key, media, width, height,"
                              " orientation, failure, remote)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_text(q, 2, p->line);
    stmt_bind_text(q, 3, p->key);
    stmt_bind_text(q, 4, p->media);
    stmt_bind_int(q, 5, p->width);
    stmt_bind_int(q, 6, p->height);
    stmt_bind_int(q, 7, p->orientation);
    stmt_bind_text(q, 8, p->failure);
    stmt_bind_text(q, 9, p->remote);
    return stmt_run(q, err);
}

static bool insert_item(struct db *db, const struct item_new *item, struct error *err)
{
    static const char sql[] = "INSERT INTO item(id, state, wanted) VALUES(?1, ?2, ?3)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item->id);
    stmt_bind_int(q, 2, item->state);
    stmt_bind_int(q, 3, item->wanted);
    return stmt_run(q, err);
}

/* ITEM_MANY rows in one statement, which costs half of what as many statements do. */
#define ROW(a, b, c) "(?" #a ", ?" #b ", ?" #c ")"
#define ROWS                                                                                       \
    ROW(1, 2, 3) ", " ROW(4, 5, 6) ", " ROW(7, 8, 9) ", " ROW(10, 11, 12) ", "                     \
    ROW(13, 14, 15) ", " ROW(16, 17, 18) ", " ROW(19, 20, 21) ", " ROW(22, 23, 24) ", "            \
    ROW(25, 26, 27) ", " ROW(28, 29, 30) ", " ROW(31, 32, 33) ", " ROW(34, 35, 36) ", "            \
    ROW(37, 38, 39) ", " ROW(40, 41, 42) ", " ROW(43, 44, 45) ", " ROW(46, 47, 48) ", "            \
    ROW(49, 50, 51) ", " ROW(52, 53, 54) ", " ROW(55, 56, 57) ", " ROW(58, 59, 60) ", "            \
    ROW(61, 62, 63) ", " ROW(64, 65, 66) ", " ROW(67, 68, 69) ", " ROW(70, 71, 72) ", "            \
    ROW(73, 74, 75) ", " ROW(76, 77, 78) ", " ROW(79, 80, 81) ", " ROW(82, 83, 84) ", "            \
    ROW(85, 86, 87) ", " ROW(88, 89, 90) ", " ROW(91, 92, 93) ", " ROW(94, 95, 96)

#define ROW_4(a, b, c, d) "(?" #a ", ?" #b ", ?" #c ", ?" #d ")"
#define ROWS_4                                                                                     \
    ROW_4(1, 2, 3, 4) ", " ROW_4(5, 6, 7, 8) ", " ROW_4(9, 10, 11, 12) ", "                        \
    ROW_4(13, 14, 15, 16) ", " ROW_4(17, 18, 19, 20) ", " ROW_4(21, 22, 23, 24) ", "               \
    ROW_4(25, 26, 27, 28) ", " ROW_4(29, 30, 31, 32) ", " ROW_4(33, 34, 35, 36) ", "               \
    ROW_4(37, 38, 39, 40) ", " ROW_4(41, 42, 43, 44) ", " ROW_4(45, 46, 47, 48) ", "               \
    ROW_4(49, 50, 51, 52) ", " ROW_4(53, 54, 55, 56) ", " ROW_4(57, 58, 59, 60) ", "               \
    ROW_4(61, 62, 63, 64) ", " ROW_4(65, 66, 67, 68) ", " ROW_4(69, 70, 71, 72) ", "               \
    ROW_4(73, 74, 75, 76) ", " ROW_4(77, 78, 79, 80) ", " ROW_4(81, 82, 83, 84) ", "               \
    ROW_4(85, 86, 87, 88) ", " ROW_4(89, 90, 91, 92) ", " ROW_4(93, 94, 95, 96) ", "               \
    ROW_4(97, 98, 99, 100) ", " ROW_4(101, 102, 103, 104) ", " ROW_4(105, 106, 107, 108) ", "      \
    ROW_4(109, 110, 111, 112) ", " ROW_4(113, 114, 115, 116) ", " ROW_4(117, 118, 119, 120) ", "   \
    ROW_4(121, 122, 123, 124) ", " ROW_4(125, 126, 127, 128)

static bool insert_items(struct db *db, const struct item_new *v, struct error *err)
{
    static const char sql[] = "INSERT INTO item(id, state, wanted) VALUES " ROWS;
    struct stmt *q = db_stmt(db, sql);

    for (int i = 0; i < ITEM_MANY; i++) {
        stmt_bind_int(q, 3 * i + 1, v[i].id);
        stmt_bind_int(q, 3 * i + 2, v[i].state);
        stmt_bind_int(q, 3 * i + 3, v[i].wanted);
    }
    return stmt_run(q, err);
}

static bool insert_texts(struct db *db, const struct item_new *v, struct error *err)
{
    static const char sql[] = "INSERT INTO payload(item, line, key) VALUES " ROWS;
    struct stmt *q = db_stmt(db, sql);

    for (int i = 0; i < ITEM_MANY; i++) {
        stmt_bind_int(q, 3 * i + 1, v[i].id);
        stmt_bind_text(q, 3 * i + 2, v[i].payload.line);
        stmt_bind_text(q, 3 * i + 3, v[i].payload.key);
    }
    return stmt_run(q, err);
}

static bool insert_remotes(struct db *db, const struct item_new *v, struct error *err)
{
    static const char sql[] = "INSERT INTO payload(item, line, key, remote) VALUES " ROWS_4;
    struct stmt *q = db_stmt(db, sql);

    for (int i = 0; i < ITEM_MANY; i++) {
        stmt_bind_int(q, 4 * i + 1, v[i].id);
        stmt_bind_text(q, 4 * i + 2, v[i].payload.line);
        stmt_bind_text(q, 4 * i + 3, v[i].payload.key);
        stmt_bind_text(q, 4 * i + 4, v[i].payload.remote);
    }
    return stmt_run(q, err);
}

/* A full row of items whose payload is a line, perhaps an id, and, with `remote`, a URI. */
static bool are_lines(const struct item_new *v, int n, bool remote)
{
    for (int i = 0; i < n; i++)
        if (v[i].payload.media || v[i].payload.failure || v[i].payload.width ||
            (v[i].payload.remote && !remote))
            return false;
    return n == ITEM_MANY;
}

bool item_insert(struct db *db, const struct item_new *v, int n, struct error *err)
{
    if (are_lines(v, n, false))
        return insert_items(db, v, err) && insert_texts(db, v, err);
    if (are_lines(v, n, true))
        return insert_items(db, v, err) && insert_remotes(db, v, err);
    for (int i = 0; i < n; i++)
        if (!insert_item(db, &v[i], err) || !insert_payload(db, &v[i].payload, v[i].id, err))
            return false;
    return true;
}

void read_item(struct stmt *q, struct item *out)
{
    int64_t id = row_int(q, 0);

    *out = (struct item){.id = id,
                         .job = item_job(id),
                         .line = item_line(id),
                         .state = (int)row_int(q, 1),
                         .wanted = row_int(q, 2),
                         .taken = row_int(q, 3),
                         .done = row_int(q, 4),
                         .rank = row_int(q, 5),
                         .part = row_int(q, 6),
                         .class_index = row_is_null(q, 7) ? -1 : (int)row_int(q, 7),
                         .posterior = row_is_null(q, 8) ? NAN : row_real(q, 8),
                         .label = row_int(q, 9)};
}

bool item_get(struct db *db, int64_t id, struct item *out, struct error *err)
{
    static const char sql[] = "SELECT " ITEM_COLUMNS " FROM item WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_int(q, 1, id);
    found = stmt_row(q);
    if (found)
        read_item(q, out);
    return stmt_done(q, err) &&
           (found || error_not_found(err, "item", "There is no item_%lld.", (long long)id));
}

bool item_scan(struct db *db, int64_t job, item_each *each, void *context, struct error *err)
{
    static const char sql[] = "SELECT " ITEM_COLUMNS " FROM item"
                              " WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
    struct stmt *q = db_stmt(db, sql);
    bool ok = true;

    stmt_bind_int(q, 1, item_id(job, 0));
    stmt_bind_int(q, 2, item_last(job));
    while (ok && stmt_row(q)) {
        struct item item;

        read_item(q, &item);
        ok = each(context, &item, err);
    }
    return stmt_done(q, ok ? err : NULL) && ok;
}

void read_payload(struct stmt *q, int at, struct arena *a, struct payload *out)
{
    *out = (struct payload){.line = arena_strdup(a, row_text(q, at)),
                            .key = arena_strdup(a, row_text(q, at + 1)),
                            .media = arena_strdup(a, row_text(q, at + 2)),
                            .width = row_int(q, at + 3),
                            .height = row_int(q, at + 4),
                            .orientation = row_int(q, at + 5),
                            .failure = arena_strdup(a, row_text(q, at + 6)),
                            .remote = arena_strdup(a, row_text(q, at + 7))};
}

bool payload_get(struct db *db, int64_t id, struct arena *a, struct payload *out,
                 struct error *err)
{
    static const char sql[] = "SELECT line, key, media, width, height, orientation, failure,"
                              " remote FROM payload WHERE item = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_int(q, 1, id);
    found = stmt_row(q);
    if (found)
        read_payload(q, 0, a, out);
    return stmt_done(q, err) &&
           (found || error_not_found(err, "item", "There is no item_%lld.", (long long)id));
}

bool payload_set_probe(struct db *db, const struct payload_probe *probe, struct error *err)
{
    static const char sql[] = "UPDATE payload SET width = ?2, height = ?3, orientation = ?4"
                              " WHERE item = ?1 AND remote IS NOT NULL";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, probe->item);
    stmt_bind_int(q, 2, probe->width);
    stmt_bind_int(q, 3, probe->height);
    stmt_bind_int(q, 4, probe->orientation);
    return stmt_run(q, err);
}

bool payload_unseen(struct db *db, int64_t job, int ahead, int limit, struct arena *a,
                    struct unseen_picture *out, int *count, struct error *err)
{
    static const char sql[] =
        "SELECT f.item, f.rank, item.taken, payload.remote FROM"
        " (SELECT item, rank FROM front WHERE job = ?1 ORDER BY rank, item LIMIT ?2) AS f"
        " CROSS JOIN payload ON payload.item = f.item CROSS JOIN item ON item.id = f.item"
        " WHERE payload.remote IS NOT NULL AND payload.width = 0 ORDER BY f.rank, f.item LIMIT ?3";
    struct stmt *q = db_stmt(db, sql);

    *count = 0;
    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, ahead);
    stmt_bind_int(q, 3, limit);
    while (stmt_row(q))
        out[(*count)++] = (struct unseen_picture){row_int(q, 0), row_int(q, 1), row_int(q, 2),
                                                  arena_strdup(a, row_text(q, 3))};
    return stmt_done(q, err);
}

bool item_set_state(struct db *db, int64_t id, enum item_state state, struct error *err)
{
    static const char sql[] = "UPDATE item SET state = ?2 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, state);
    return stmt_run(q, err);
}

bool item_set_part(struct db *db, int64_t id, int64_t part, struct error *err)
{
    static const char sql[] = "UPDATE item SET part = ?2 WHERE id = ?1 AND part <> ?2";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, part);
    return stmt_run(q, err);
}

bool item_set_failure(struct db *db, int64_t id, const char *reason, struct error *err)
{
    static const char sql[] = "UPDATE payload SET failure = ?2 WHERE item = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_text(q, 2, reason);
    return stmt_run(q, err);
}
