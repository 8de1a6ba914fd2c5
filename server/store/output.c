/* output.c - output trees and their deliveries as rows. */
#include "plumbline/store/outputs.h"

#include "plumbline/store/items.h"
#include "rows.h"

bool output_get(struct db *db, int64_t job, struct arena *a, struct output_row *out,
                struct error *err)
{
    static const char sql[] =
        "SELECT label, manifest, round, done, problem, since, shown, failed FROM output WHERE job = ?1";
    struct stmt *q = db_stmt(db, sql);

    *out = (struct output_row){.job = job};
    stmt_bind_int(q, 1, job);
    if (stmt_row(q))
        *out = (struct output_row){.job = job,
                                   .label = row_int(q, 0),
                                   .manifest = row_int(q, 1),
                                   .round = row_int(q, 2),
                                   .done = row_int(q, 3),
                                   .problem = arena_strdup(a, row_text(q, 4)),
                                   .since = row_int(q, 5),
                                   .shown = row_int(q, 6),
                                   .failed = row_int(q, 7)};
    return stmt_done(q, err);
}

bool output_wishes(struct db *db, struct arena *a, struct output_wish **out, int *count,
                   struct error *err)
{
    static const char sql[] =
        "SELECT job.id, job.modified, job.output FROM job INDEXED BY job_output"
        " LEFT JOIN output AS o ON o.job = job.id WHERE job.output IS NOT NULL"
        " AND (coalesce(o.done, 0) = 0"
        "  OR EXISTS(SELECT 1 FROM label WHERE label.job = job.id AND label.id > o.label))";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    while (stmt_row(q)) {
        struct output_wish *w = rows_next(a, (void **)out, count, &capacity, sizeof **out);

        *w = (struct output_wish){row_int(q, 0), row_int(q, 1), arena_strdup(a, row_text(q, 2))};
    }
    return stmt_done(q, err);
}

bool output_unfinished(struct db *db, bool *any, struct error *err)
{
    static const char sql[] =
        "SELECT EXISTS(SELECT 1 FROM job INDEXED BY job_output"
        " LEFT JOIN output AS o ON o.job = job.id WHERE job.output IS NOT NULL"
        " AND o.problem IS NULL AND (job.state IN (3, 4, 6) AND coalesce(o.done, 0) = 0"
        "  OR EXISTS(SELECT 1 FROM delivery AS d WHERE d.job = job.id AND d.written = 0)"
        "  OR EXISTS(SELECT 1 FROM label WHERE label.job = job.id"
        "   AND label.id > coalesce(o.label, 0))))";
    int64_t yes = 0;
    bool ok = stmt_int(db_stmt(db, sql), &yes, err);

    *any = yes != 0;
    return ok;
}

static struct stmt *two(struct db *db, const char *sql, int64_t job, int64_t value)
{
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, value);
    return q;
}

bool output_set_problem(struct db *db, int64_t job, const char *problem, int64_t since,
                        struct error *err)
{
    static const char sql[] =
        "INSERT INTO output(job, since, problem) SELECT id, ?2, ?3 FROM job WHERE id = ?1"
        " ON CONFLICT(job) DO UPDATE SET since = ?2, problem = ?3";
    struct stmt *q = two(db, sql, job, since);

    stmt_bind_text(q, 3, problem);
    return stmt_run(q, err);
}

bool output_set_round(struct db *db, int64_t job, int64_t round, struct error *err)
{
    static const char sql[] = "INSERT INTO output(job, round) SELECT id, ?2 FROM job WHERE id = ?1"
                              " ON CONFLICT(job) DO UPDATE SET round = ?2";

    return stmt_run(two(db, sql, job, round), err);
}

bool output_set_manifest(struct db *db, const struct output_row *row, struct error *err)
{
    static const char sql[] =
        "INSERT INTO output(job, manifest, done, shown, failed)"
        " SELECT id, ?2, ?3, ?4, ?5 FROM job WHERE id = ?1"
        " ON CONFLICT(job) DO UPDATE SET manifest = ?2, done = ?3, shown = ?4, failed = ?5";
    struct stmt *q = two(db, sql, row->job, row->manifest);

    stmt_bind_int(q, 3, row->done);
    stmt_bind_int(q, 4, row->shown);
    stmt_bind_int(q, 5, row->failed);
    return stmt_run(q, err);
}

bool output_set_label(struct db *db, int64_t job, int64_t label, struct error *err)
{
    static const char sql[] = "INSERT INTO output(job, label) SELECT id, ?2 FROM job WHERE id = ?1"
                              " ON CONFLICT(job) DO UPDATE SET label = ?2, done = 0";

    return stmt_run(two(db, sql, job, label), err);
}

bool output_forget(struct db *db, int64_t job, struct error *err)
{
    static const char sql[] = "UPDATE job SET output = NULL WHERE id = ?1 AND output IS NOT NULL";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    return stmt_run(q, err);
}

/* ---- deliveries ---- */

#define DELIVERY_COLUMNS "job, number, iteration, first, last, created, written"

static bool read_delivery(struct stmt *q, struct delivery *out, bool *found, struct error *err)
{
    *found = stmt_row(q);
    if (*found)
        *out = (struct delivery){.job = row_int(q, 0),
                                 .number = row_int(q, 1),
                                 .iteration = row_int(q, 2),
                                 .first = row_int(q, 3),
                                 .last = row_int(q, 4),
                                 .created = row_int(q, 5),
                                 .written = row_int(q, 6) != 0};
    return stmt_done(q, err);
}

bool delivery_newest(struct db *db, int64_t job, struct delivery *out, bool *found,
                     struct error *err)
{
    static const char sql[] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE job = ?1"
                              " ORDER BY number DESC LIMIT 1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    return read_delivery(q, out, found, err);
}

bool delivery_open(struct db *db, int64_t job, struct delivery *out, bool *found,
                   struct error *err)
{
    static const char sql[] = "SELECT " DELIVERY_COLUMNS " FROM delivery INDEXED BY delivery_open"
                              " WHERE job = ?1 AND written = 0 ORDER BY number LIMIT 1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    return read_delivery(q, out, found, err);
}

bool delivery_insert(struct db *db, const struct delivery *d, struct error *err)
{
    static const char sql[] = "INSERT INTO delivery(" DELIVERY_COLUMNS ")"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0)";
    struct stmt *q;

    if (!output_set_label(db, d->job, d->last, err))
        return false;
    q = two(db, sql, d->job, d->number);
    stmt_bind_int(q, 3, d->iteration);
    stmt_bind_int(q, 4, d->first);
    stmt_bind_int(q, 5, d->last);
    stmt_bind_int(q, 6, d->created);
    return stmt_run(q, err);
}

bool delivery_set_written(struct db *db, const struct delivery *d, struct error *err)
{
    static const char sql[] = "UPDATE delivery SET written = 1 WHERE job = ?1 AND number = ?2";

    return stmt_run(two(db, sql, d->job, d->number), err);
}

static bool numbers(struct stmt *q, struct arena *a, int64_t **out, int *count, struct error *err)
{
    int capacity = 0;

    *out = NULL;
    *count = 0;
    while (stmt_row(q))
        *(int64_t *)rows_next(a, (void **)out, count, &capacity, sizeof **out) = row_int(q, 0);
    return stmt_done(q, err);
}

bool delivery_iterations(struct db *db, int64_t job, int64_t since, struct arena *a, int64_t **out,
                         int *count, struct error *err)
{
    static const char sql[] = "SELECT DISTINCT iteration FROM delivery WHERE job = ?1"
                              " AND created >= ?2 ORDER BY iteration";

    return numbers(two(db, sql, job, since), a, out, count, err);
}

bool delivery_machine_rounds(struct db *db, int64_t job, struct arena *a, int64_t **out,
                             int *count, struct error *err)
{
    static const char sql[] = "SELECT DISTINCT round FROM label WHERE job = ?1 AND origin = 2"
                              " AND round > 0 ORDER BY round";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    return numbers(q, a, out, count, err);
}

/* ---- what is in them ---- */

bool label_marks(struct db *db, int64_t job, int64_t after, int limit, struct label_mark *out,
                 int *count, struct error *err)
{
    static const char sql[] = "SELECT id, created, origin FROM label INDEXED BY label_job"
                              " WHERE job = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
    struct stmt *q = two(db, sql, job, after);

    *count = 0;
    stmt_bind_int(q, 3, limit);
    while (stmt_row(q))
        out[(*count)++] =
            (struct label_mark){row_int(q, 0), row_int(q, 1), row_int(q, 2) == LABEL_HUMAN};
    return stmt_done(q, err);
}

bool delivery_labels(struct db *db, const struct delivery *d, struct arena *a,
                     struct delivered **out, int *count, struct error *err)
{
    static const char sql[] =
        "SELECT label.id, label.item, label.previous, label.created, label.label_set_version,"
        " label.class, label.confidence, coalesce(before.origin, 0) = 1, label.answers"
        " FROM label INDEXED BY label_job LEFT JOIN label AS before ON before.id = label.previous"
        " WHERE label.job = ?1 AND label.id BETWEEN ?2 AND ?3 AND label.origin = 1"
        " ORDER BY label.id";
    struct stmt *q = two(db, sql, d->job, d->first);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 3, d->last);
    while (stmt_row(q)) {
        struct delivered *l = rows_next(a, (void **)out, count, &capacity, sizeof **out);

        *l = (struct delivered){.label = row_int(q, 0),
                                .item = row_int(q, 1),
                                .previous = row_int(q, 2),
                                .created = row_int(q, 3),
                                .label_set_version = row_int(q, 4),
                                .class_index = row_is_null(q, 5) ? -1 : (int)row_int(q, 5),
                                .confidence = row_real(q, 6),
                                .again = row_int(q, 7) != 0,
                                .answers = row_int(q, 8)};
    }
    return stmt_done(q, err);
}

bool answers_first(struct db *db, int64_t item, int64_t limit, struct arena *a,
                   struct scanned_answer **out, int *count, struct error *err)
{
    static const char sql[] =
        "SELECT slot.item, slot.person, slot.since, answer.accepted, answer.created,"
        " answer.active_ms, answer.class FROM slot CROSS JOIN answer ON answer.id = slot.answer"
        " WHERE slot.item = ?1 AND slot.state = 2 ORDER BY answer.id LIMIT ?2";
    struct stmt *q = two(db, sql, item, limit);
    struct scanned_answer one;
    int capacity = 0;

    *out = NULL;
    *count = 0;
    while (answer_scan_next(q, &one))
        *(struct scanned_answer *)rows_next(a, (void **)out, count, &capacity, sizeof **out) = one;
    return stmt_done(q, err);
}
