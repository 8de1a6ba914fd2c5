/* job_access.c - who works on a job, and how a job goes away. */
#include "plumbline/store/jobs.h"
#include "plumbline/store/items.h"
#include "plumbline/store/touch.h"
#include "rows.h"

static bool replace(struct db *db, const char *clear, const char *add, int64_t job,
                    const int64_t *ids, int count, const char *noun, struct error *err)
{
    struct stmt *q = db_stmt(db, clear);

    stmt_bind_int(q, 1, job);
    if (!stmt_run(q, err))
        return false;
    for (int i = 0; i < count; i++) {
        struct error why = {0};

        q = db_stmt(db, add);
        stmt_bind_int(q, 1, job);
        stmt_bind_int(q, 2, ids[i]);
        if (!stmt_run(q, &why)) {
            if (why.status == 409) /* the foreign key */
                return error_not_found(err, noun, "There is no %s_%lld.", noun, (long long)ids[i]);
            *err = why;
            return false;
        }
    }
    return true;
}

bool job_set_people(struct db *db, int64_t job, const int64_t *people, int count,
                    struct error *err)
{
    static const char clear[] = "DELETE FROM job_person WHERE job = ?1";
    static const char add[] = "INSERT INTO job_person VALUES(?1, ?2) ON CONFLICT DO NOTHING";

    db_touch(db, TOUCH_JOB, job);
    return replace(db, clear, add, job, people, count, "person", err);
}

bool job_set_teams(struct db *db, int64_t job, const int64_t *teams, int count, struct error *err)
{
    static const char clear[] = "DELETE FROM job_team WHERE job = ?1";
    static const char add[] = "INSERT INTO job_team VALUES(?1, ?2) ON CONFLICT DO NOTHING";

    db_touch(db, TOUCH_JOB, job);
    return replace(db, clear, add, job, teams, count, "team", err);
}

static bool list_ids(struct db *db, const char *sql, int64_t job, struct arena *a, int64_t **out,
                     int *count, struct error *err)
{
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, job);
    while (stmt_row(q))
        *(int64_t *)rows_next(a, (void **)out, count, &capacity, sizeof **out) = row_int(q, 0);
    return stmt_done(q, err);
}

bool job_people(struct db *db, int64_t job, struct arena *a, int64_t **out, int *count,
                struct error *err)
{
    static const char sql[] = "SELECT person FROM job_person WHERE job = ?1";

    return list_ids(db, sql, job, a, out, count, err);
}

bool job_teams(struct db *db, int64_t job, struct arena *a, int64_t **out, int *count,
               struct error *err)
{
    static const char sql[] = "SELECT team FROM job_team WHERE job = ?1";

    return list_ids(db, sql, job, a, out, count, err);
}

/* What hangs on items ?1 to ?2, deleted a piece at a time so that other writers are not kept
 * waiting. */
#define SOME_ITEMS "(SELECT id FROM item WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3)"

static const char *const item_tables[] = {
    "DELETE FROM payload WHERE item IN " SOME_ITEMS,
    "DELETE FROM key_run WHERE first IN " SOME_ITEMS,
    "DELETE FROM slot WHERE item IN " SOME_ITEMS,
    "DELETE FROM guess WHERE item IN " SOME_ITEMS,
    "DELETE FROM opened WHERE item IN " SOME_ITEMS,
    "DELETE FROM item WHERE id IN " SOME_ITEMS,
};

static const char *const rest_tables[] = {
    "DELETE FROM label WHERE id IN (SELECT id FROM label WHERE job = ?1 LIMIT ?2)",
    "DELETE FROM answered WHERE (person, item) IN (SELECT person, item FROM answer WHERE job = ?1"
    " ORDER BY id LIMIT ?2)",
    "DELETE FROM answer_by WHERE (person, answer) IN (SELECT person, id FROM answer WHERE job = ?1"
    " ORDER BY id LIMIT ?2)",
    "DELETE FROM answer WHERE id IN (SELECT id FROM answer WHERE job = ?1 ORDER BY id LIMIT ?2)",
    "DELETE FROM item_key WHERE (job, hash) IN"
    " (SELECT job, hash FROM item_key WHERE job = ?1 LIMIT ?2)",
};

static const char *const small_tables[] = {
    "DELETE FROM front WHERE job = ?1",
    "DELETE FROM ask WHERE job = ?1",
    "DELETE FROM class_count WHERE job = ?1",
    "DELETE FROM pulse WHERE job = ?1",
    "DELETE FROM activity WHERE job = ?1", "DELETE FROM model WHERE job = ?1",
    "DELETE FROM round WHERE job = ?1",    "DELETE FROM import WHERE job = ?1",
    "DELETE FROM export WHERE job = ?1",   "DELETE FROM job_bucket WHERE job = ?1",
    "DELETE FROM tag WHERE kind = 0 AND id = ?1", /* TAG_JOB */
    "DELETE FROM job WHERE id = ?1",
};

static bool delete_items(struct db *db, const char *sql, int64_t job, int limit,
                         struct error *err)
{
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item_id(job, 0));
    stmt_bind_int(q, 2, item_last(job));
    stmt_bind_int(q, 3, limit);
    return stmt_run(q, err);
}

static bool delete_rows(struct db *db, const char *sql, int64_t job, int limit, struct error *err)
{
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    if (limit)
        stmt_bind_int(q, 2, limit);
    return stmt_run(q, err);
}

bool job_delete_some(struct db *db, int64_t id, int limit, bool *left, struct error *err)
{
    *left = false;
    for (size_t i = 0; i < sizeof item_tables / sizeof *item_tables; i++)
        if (!delete_items(db, item_tables[i], id, limit, err))
            return false;
    *left = db_changes(db) > 0;
    for (size_t i = 0; i < sizeof rest_tables / sizeof *rest_tables; i++) {
        if (!delete_rows(db, rest_tables[i], id, limit, err))
            return false;
        *left = *left || db_changes(db) > 0;
    }
    if (*left)
        return true;
    db_touch(db, TOUCH_JOB, id);
    for (size_t i = 0; i < sizeof small_tables / sizeof *small_tables; i++)
        if (!delete_rows(db, small_tables[i], id, 0, err))
            return false;
    return true;
}
