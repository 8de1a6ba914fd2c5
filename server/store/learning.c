/* learning.c - models, rounds, and the dashboard's numbers as rows. */
#include "plumbline/store/learning.h"

#include "plumbline/base/clock.h"
#include "rows.h"

#include <math.h>

bool model_insert(struct db *db, int64_t job, int64_t round, const void *bytes, size_t size,
                  const char *sha256, const char *recipe, int64_t *id, struct error *err)
{
    static const char sql[] = "INSERT INTO model(job, round, bytes, sha256, recipe, created)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, round);
    stmt_bind_blob(q, 3, bytes, size);
    stmt_bind_text(q, 4, sha256);
    stmt_bind_text(q, 5, recipe);
    stmt_bind_int(q, 6, clock_now_us());
    if (!stmt_run(q, err))
        return false;
    *id = db_last_id(db);
    return true;
}

bool model_bytes(struct db *db, int64_t id, struct arena *a, const void **bytes, size_t *size,
                 struct error *err)
{
    static const char sql[] = "SELECT bytes FROM model WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_int(q, 1, id);
    found = stmt_row(q);
    if (found) {
        const void *row = row_blob(q, 0, size);

        *bytes = arena_strndup(a, row ? row : "", *size);
    }
    return stmt_done(q, err) &&
           (found || error_not_found(err, "model", "There is no model_%lld.", (long long)id));
}

bool model_recipe(struct db *db, int64_t id, struct arena *a, const char **recipe,
                  struct error *err)
{
    static const char sql[] = "SELECT recipe FROM model WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_int(q, 1, id);
    found = stmt_row(q);
    if (found)
        *recipe = arena_strdup(a, row_text(q, 0));
    return stmt_done(q, err) &&
           (found || error_not_found(err, "model", "There is no model_%lld.", (long long)id));
}

bool model_newest(struct db *db, int64_t job, int64_t *id, struct error *err)
{
    static const char sql[] = "SELECT coalesce(max(id), 0) FROM model WHERE job = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    return stmt_int(q, id, err);
}

bool round_insert(struct db *db, const struct round_row *r, struct error *err)
{
    static const char sql[] = "INSERT INTO round VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
                              " ?11, ?12, ?13, ?14, ?15) ON CONFLICT(job, number) DO UPDATE SET"
                              " human = ?3, auto = ?4, rest = ?5, estimate = ?6, low = ?7,"
                              " high = ?8, target = ?9, decision = ?10, sentence = ?11,"
                              " model = ?12, seconds = ?13, report = ?14, created = ?15";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, r->job);
    stmt_bind_int(q, 2, r->number);
    stmt_bind_int(q, 3, r->human);
    stmt_bind_int(q, 4, r->automatic);
    stmt_bind_int(q, 5, r->rest);
    stmt_bind_real(q, 6, r->estimate);
    stmt_bind_real(q, 7, r->low);
    stmt_bind_real(q, 8, r->high);
    stmt_bind_real(q, 9, r->target);
    stmt_bind_text(q, 10, r->decision);
    stmt_bind_text(q, 11, r->sentence);
    if (r->model)
        stmt_bind_int(q, 12, r->model);
    stmt_bind_real(q, 13, r->seconds);
    stmt_bind_text(q, 14, r->report);
    stmt_bind_int(q, 15, clock_now_us());
    return stmt_run(q, err);
}

bool round_list(struct db *db, int64_t job, struct arena *a, struct round_row **out, int *count,
                struct error *err)
{
    static const char sql[] =
        "SELECT number, human, auto, rest, estimate, low, high, target, decision, sentence, model,"
        " seconds, report, created FROM round WHERE job = ?1 ORDER BY number";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, job);
    while (stmt_row(q)) {
        struct round_row *r = rows_next(a, (void **)out, count, &capacity, sizeof **out);

        *r = (struct round_row){.job = job,
                                .number = row_int(q, 0),
                                .human = row_int(q, 1),
                                .automatic = row_int(q, 2),
                                .rest = row_int(q, 3),
                                .estimate = row_real(q, 4),
                                .low = row_real(q, 5),
                                .high = row_real(q, 6),
                                .target = row_real(q, 7),
                                .decision = arena_strdup(a, row_text(q, 8)),
                                .sentence = arena_strdup(a, row_text(q, 9)),
                                .model = row_int(q, 10),
                                .seconds = row_real(q, 11),
                                .report = arena_strdup(a, row_text(q, 12)),
                                .created = row_int(q, 13)};
    }
    return stmt_done(q, err);
}

bool annotator_set(struct db *db, int64_t job, int64_t person, int64_t fitted, double accuracy,
                   struct error *err)
{
    static const char sql[] = "UPDATE annotator SET fitted = ?3, accuracy = ?4"
                              " WHERE job = ?1 AND person = ?2";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, person);
    stmt_bind_int(q, 3, fitted);
    stmt_bind_real(q, 4, accuracy);
    return stmt_run(q, err);
}

bool annotator_list(struct db *db, int64_t job, struct arena *a, struct annotator_row **out,
                    int *count, struct error *err)
{
    static const char sql[] =
        "SELECT n.person, n.answers, n.active_ms, n.fitted, n.accuracy, person.name"
        " FROM annotator AS n JOIN person ON person.id = n.person"
        " WHERE n.job = ?1 ORDER BY n.answers DESC, n.person";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, job);
    while (stmt_row(q)) {
        struct annotator_row *r = rows_next(a, (void **)out, count, &capacity, sizeof **out);

        *r = (struct annotator_row){.person = row_int(q, 0),
                                    .answers = row_int(q, 1),
                                    .active_ms = row_int(q, 2),
                                    .fitted = row_int(q, 3),
                                    .accuracy = row_is_null(q, 4) ? NAN : row_real(q, 4),
                                    .name = arena_strdup(a, row_text(q, 5))};
    }
    return stmt_done(q, err);
}

bool activity_list(struct db *db, int64_t job, bool by_minute, int64_t from, struct arena *a,
                   struct activity_row **out, int *count, struct error *err)
{
    static const char hours[] =
        "SELECT hour, sum(CASE WHEN person > 0 THEN answers ELSE 0 END),"
        " sum(CASE WHEN person = 0 THEN answers ELSE 0 END) FROM activity"
        " WHERE job = ?1 AND hour >= ?2 GROUP BY hour ORDER BY hour";
    static const char minutes[] = "SELECT minute, answers, machine FROM pulse"
                                  " WHERE job = ?1 AND minute >= ?2 ORDER BY minute";
    int64_t unit = (by_minute ? 60 : 3600) * SECOND_US;
    struct stmt *q = db_stmt(db, by_minute ? minutes : hours);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, from / unit);
    while (stmt_row(q)) {
        struct activity_row *r = rows_next(a, (void **)out, count, &capacity, sizeof **out);

        *r = (struct activity_row){row_int(q, 0) * unit, row_int(q, 1), row_int(q, 2)};
    }
    return stmt_done(q, err);
}

bool activity_sweep(struct db *db, int64_t before, struct error *err)
{
    static const char sql[] = "DELETE FROM pulse WHERE minute < ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, before / (60 * SECOND_US));
    return stmt_run(q, err);
}

bool class_counts(struct db *db, int64_t job, struct arena *a, struct class_count **out,
                  int *count, struct error *err)
{
    static const char sql[] = "SELECT class, sum(human), sum(machine) FROM class_count"
                              " WHERE job = ?1 GROUP BY class ORDER BY class";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, job);
    while (stmt_row(q)) {
        struct class_count *r = rows_next(a, (void **)out, count, &capacity, sizeof **out);

        *r = (struct class_count){(int)row_int(q, 0), row_int(q, 1), row_int(q, 2)};
    }
    return stmt_done(q, err);
}

bool answer_scan_newest(struct db *db, int64_t job, int limit, answer_seen *each, void *context,
                        struct error *err)
{
    static const char sql[] =
        "SELECT answer.item, answer.person, answer.class, CASE item.state WHEN 3 THEN item.class END"
        " FROM answer INDEXED BY answer_job CROSS JOIN item ON item.id = answer.item"
        " WHERE answer.job = ?1 AND answer.status = 0 ORDER BY answer.id DESC LIMIT ?2";
    struct stmt *q = db_stmt(db, sql);
    bool ok = true;

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, limit);
    while (ok && stmt_row(q))
        ok = each(context, row_int(q, 0), row_int(q, 1),
                  row_is_null(q, 2) ? -1 : (int)row_int(q, 2),
                  row_is_null(q, 3) ? -1 : (int)row_int(q, 3), err);
    return stmt_done(q, ok ? err : NULL) && ok;
}
