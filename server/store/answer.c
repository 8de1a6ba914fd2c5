/* answer.c - answers as rows. An answer is only ever added; a newer one supersedes it. */
#include "plumbline/base/clock.h"
#include "plumbline/store/work.h"
#include "rows.h"

bool answer_insert(struct db *db, struct answer *a, struct error *err)
{
    static const char sql[] =
        "INSERT INTO answer(item, person, job, status, class, body, previous, label_set_version,"
        " accepted, created, elapsed_ms, active_ms, idem)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    struct stmt *q = db_stmt(db, sql);

    a->created = clock_now_us();
    stmt_bind_int(q, 1, a->item);
    stmt_bind_int(q, 2, a->person);
    stmt_bind_int(q, 3, a->job);
    stmt_bind_int(q, 4, a->status);
    if (a->class_index >= 0)
        stmt_bind_int(q, 5, a->class_index);
    stmt_bind_text(q, 6, a->body);
    if (a->previous)
        stmt_bind_int(q, 7, a->previous);
    stmt_bind_int(q, 8, a->label_set_version);
    stmt_bind_int(q, 9, a->accepted);
    stmt_bind_int(q, 10, a->created);
    stmt_bind_int(q, 11, a->elapsed_ms);
    stmt_bind_int(q, 12, a->active_ms);
    if (a->has_idem)
        stmt_bind_blob(q, 13, a->idem, sizeof a->idem);
    if (!stmt_run(q, err))
        return false;
    a->id = db_last_id(db);
    return true;
}

#define ANSWER_COLUMNS                                                                             \
    "id, item, person, job, status, class, body, previous, label_set_version, accepted, created,"  \
    " elapsed_ms, active_ms, idem"

static void read_answer(struct stmt *q, struct arena *a, struct answer *out)
{
    size_t size;
    const void *idem = row_blob(q, 13, &size);

    *out = (struct answer){.id = row_int(q, 0),
                           .item = row_int(q, 1),
                           .person = row_int(q, 2),
                           .job = row_int(q, 3),
                           .status = (int)row_int(q, 4),
                           .class_index = row_is_null(q, 5) ? -1 : (int)row_int(q, 5),
                           .body = arena_strdup(a, row_text(q, 6)),
                           .previous = row_int(q, 7),
                           .label_set_version = row_int(q, 8),
                           .accepted = row_int(q, 9),
                           .created = row_int(q, 10),
                           .elapsed_ms = row_int(q, 11),
                           .active_ms = row_int(q, 12),
                           .has_idem = size == sizeof out->idem};
    if (out->has_idem)
        memcpy(out->idem, idem, sizeof out->idem);
}

bool answer_get(struct db *db, int64_t id, struct arena *a, struct answer *out, struct error *err)
{
    static const char sql[] = "SELECT " ANSWER_COLUMNS " FROM answer WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_int(q, 1, id);
    found = stmt_row(q);
    if (found)
        read_answer(q, a, out);
    return stmt_done(q, err) &&
           (found || error_not_found(err, "answer", "There is no ans_%lld.", (long long)id));
}

bool answer_set_status(struct db *db, int64_t id, enum answer_status status, struct error *err)
{
    static const char sql[] = "UPDATE answer SET status = ?2 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, status);
    return stmt_run(q, err);
}

bool answer_recent(struct db *db, int64_t person, int limit, struct arena *a, struct answer **out,
                   int *count, struct error *err)
{
    static const char sql[] =
        "SELECT * FROM (SELECT " ANSWER_COLUMNS " FROM answer"
        "  WHERE id > (SELECT answer FROM booked) AND person = ?1 AND status = 0"
        " UNION ALL SELECT " ANSWER_COLUMNS " FROM (SELECT answer AS known FROM answer_by"
        "   WHERE person = ?1 ORDER BY answer DESC LIMIT ?3) JOIN answer ON answer.id = known"
        "   WHERE status = 0) ORDER BY id DESC LIMIT ?2";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, person);
    stmt_bind_int(q, 2, limit);
    stmt_bind_int(q, 3, limit * 4); /* some may have been changed since */
    while (stmt_row(q))
        read_answer(q, a, rows_next(a, (void **)out, count, &capacity, sizeof **out));
    return stmt_done(q, err);
}

bool answer_count_since(struct db *db, int64_t person, int64_t hour, int64_t *count,
                        struct error *err)
{
    int64_t beyond = 0;
    static const char sql[] =
        "SELECT coalesce(sum(a.answers), 0) FROM annotator AS n JOIN activity AS a"
        " ON a.job = n.job AND a.person = n.person AND a.hour >= ?2 WHERE n.person = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, person);
    stmt_bind_int(q, 2, hour);
    if (!stmt_int(q, count, err) || !answer_beyond(db, person, 0, &beyond, err))
        return false;
    *count += beyond;
    return true;
}

static bool scan(struct stmt *q, answer_each *each, void *context, struct error *err)
{
    bool ok = true;

    while (ok && stmt_row(q))
        ok = each(context, row_int(q, 0), row_int(q, 1),
                  row_is_null(q, 2) ? -1 : (int)row_int(q, 2), err);
    return stmt_done(q, ok ? err : NULL) && ok;
}

bool answer_scan(struct db *db, int64_t job, answer_each *each, void *context, struct error *err)
{
    static const char sql[] = "SELECT item, person, class FROM answer INDEXED BY answer_job"
                              " WHERE job = ?1 AND status = 0 ORDER BY id";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    return scan(q, each, context, err);
}

bool answer_of_item(struct db *db, int64_t item, answer_each *each, void *context,
                    struct error *err)
{
    static const char sql[] = "SELECT slot.item, slot.person, answer.class FROM slot"
                              " JOIN answer ON answer.id = slot.answer"
                              " WHERE slot.item = ?1 AND slot.state = 2";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item);
    return scan(q, each, context, err);
}
