/* aws_job.c - jobs as the AWS door asks for them: their requests, and lists by its own rules. */
#include "plumbline/store/aws.h"
#include "rows.h"

bool aws_job_insert(struct db *db, const struct aws_job *row, struct error *err)
{
    static const char sql[] = "INSERT INTO aws_job(job, request, team, setup, element)"
                              " VALUES(?1, ?2, ?3, ?4, ?5)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, row->job);
    stmt_bind_text(q, 2, row->request);
    stmt_bind_int(q, 3, row->team);
    stmt_bind_int(q, 4, row->setup);
    stmt_bind_text(q, 5, row->element);
    return stmt_run(q, err);
}

bool aws_job_get(struct db *db, int64_t job, struct arena *a, struct aws_job *out, bool *found,
                 struct error *err)
{
    static const char sql[] = "SELECT job, team, setup, request, element FROM aws_job"
                              " WHERE job = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    *found = stmt_row(q);
    if (*found)
        *out = (struct aws_job){.job = row_int(q, 0),
                                .team = row_int(q, 1),
                                .setup = row_int(q, 2),
                                .request = arena_strdup(a, row_text(q, 3)),
                                .element = arena_strdup(a, row_text(q, 4))};
    return stmt_done(q, err);
}

bool aws_job_set_element(struct db *db, int64_t job, const char *element, struct error *err)
{
    static const char sql[] = "UPDATE aws_job SET element = ?2 WHERE job = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_text(q, 2, element);
    return stmt_run(q, err);
}

bool aws_job_set_setup(struct db *db, int64_t job, int64_t setup, struct error *err)
{
    static const char sql[] = "UPDATE aws_job SET setup = ?2 WHERE job = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, setup);
    return stmt_run(q, err);
}

bool aws_job_next(struct db *db, int64_t after, int64_t *job, struct error *err)
{
    static const char sql[] = "SELECT job FROM aws_job WHERE setup = 0 AND job > ?1"
                              " ORDER BY job LIMIT 1";
    struct stmt *q = db_stmt(db, sql);

    *job = 0;
    stmt_bind_int(q, 1, after);
    if (stmt_row(q))
        *job = row_int(q, 0);
    return stmt_done(q, err);
}

bool aws_model_job(struct db *db, int64_t model, int64_t *job, struct error *err)
{
    static const char sql[] = "SELECT job FROM model WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    *job = 0;
    stmt_bind_int(q, 1, model);
    if (stmt_row(q))
        *job = row_int(q, 0);
    return stmt_done(q, err);
}

/* ---- lists ---- */

/* A consumer that sees an end reads the output: it must be there. */
#define WRITTEN "(job.output IS NULL OR coalesce(o.done, 0) > 0)"
#define STATUS                                                                                     \
    "CASE job.state WHEN 0 THEN 'Initializing' WHEN 3 THEN iif(" WRITTEN                           \
    ", 'Completed', 'InProgress') WHEN 4 THEN 'Failed' WHEN 5 THEN 'Stopping'"                     \
    " WHEN 6 THEN iif(" WRITTEN ", 'Stopped', 'Stopping') ELSE 'InProgress' END"
#define REFERENCE "printf('%08x%014x', job.id, job.created)"
#define JOB_FROM                                                                                   \
    " FROM job LEFT JOIN aws_job AS a ON a.job = job.id LEFT JOIN output AS o ON o.job = job.id"
#define SORT_KEY                                                                                   \
    "CASE ?10 WHEN 0 THEN job.name_key WHEN 1 THEN printf('%020d', job.created) ELSE " STATUS " E" \
                                                                                              "ND"
#define MS(us) us " / 1000" /* times are shown so, and given back */
#define ROW_COLUMNS STATUS ", " REFERENCE ", coalesce(o.manifest, 0)"

#define FIND(order, beyond)                                                                        \
    "SELECT id, key, status, reference, manifest FROM (SELECT job.id AS id, " SORT_KEY             \
    " AS key, " STATUS " AS status, " REFERENCE                                                    \
    " AS reference, coalesce(o.manifest, 0) AS manifest" JOB_FROM                                  \
    " WHERE (?1 = 0 OR " MS("job.created") " > " MS(                                               \
        "?1") ")"                                                                                  \
              " AND (?2 = 0 OR " MS("job.created") " < " MS(                                       \
                  "?2") ")"                                                                        \
                        " AND (?3 = 0 OR " MS("job.modified") " > " MS(                            \
                            "?3") ")"                                                              \
                                  " AND (?4 = 0 OR " MS("job.modified") " < " MS(                  \
                                      "?4") ")"                                                    \
                                            " AND (?5 IS NULL OR instr(job.name, ?5) > 0)"         \
                                            " AND (?8 = 0 OR a.team = ?8 OR EXISTS(SELECT 1 FROM " \
                                            "job_team AS t"                                        \
                                            "  WHERE t.job = job.id AND t.team = ?8)"              \
                                            "  OR (?8 = -1 AND NOT EXISTS(SELECT 1 FROM job_team " \
                                            "AS t WHERE t.job = job.id)"                           \
                                            "   AND NOT EXISTS(SELECT 1 FROM job_person AS p "     \
                                            "WHERE p.job = job.id))))"                             \
                                            " WHERE (?6 IS NULL OR status = ?6) AND (?7 IS NULL "  \
                                            "OR instr(reference, ?7) > 0)"                         \
                                            " AND (?11 IS NULL OR (key, id) " beyond               \
                                            " (?11, ?12))"                                         \
                                            " ORDER BY key " order ", id " order " LIMIT ?9"

static struct aws_job_row read_row(struct stmt *q, struct arena *a)
{
    return (struct aws_job_row){.id = row_int(q, 0),
                                .key = arena_strdup(a, row_text(q, 1)),
                                .status = arena_strdup(a, row_text(q, 2)),
                                .reference = arena_strdup(a, row_text(q, 3)),
                                .manifest = row_int(q, 4)};
}

bool aws_job_find(struct db *db, const struct aws_job_filter *f, struct arena *a,
                  struct aws_job_row **out, int *count, struct error *err)
{
    static const char up[] = FIND("ASC", ">"), down[] = FIND("DESC", "<");
    struct stmt *q = db_stmt(db, f->descending ? down : up);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, f->created_after);
    stmt_bind_int(q, 2, f->created_before);
    stmt_bind_int(q, 3, f->modified_after);
    stmt_bind_int(q, 4, f->modified_before);
    stmt_bind_text(q, 5, f->name);
    stmt_bind_text(q, 6, f->status);
    stmt_bind_text(q, 7, f->reference);
    stmt_bind_int(q, 8, f->team);
    stmt_bind_int(q, 9, f->limit);
    stmt_bind_int(q, 10, f->sort);
    stmt_bind_text(q, 11, f->after ? f->after->key : NULL);
    stmt_bind_int(q, 12, f->after ? f->after->id : 0);
    while (stmt_row(q)) {
        struct aws_job_row *row = rows_next(a, (void **)out, count, &capacity, sizeof **out);

        *row = read_row(q, a);
    }
    return stmt_done(q, err);
}

bool aws_job_row_get(struct db *db, int64_t job, struct arena *a, struct aws_job_row *out,
                     struct error *err)
{
    static const char sql[] = "SELECT job.id, '', " ROW_COLUMNS JOB_FROM " WHERE job.id = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_int(q, 1, job);
    found = stmt_row(q);
    if (found)
        *out = read_row(q, a);
    return stmt_done(q, err) &&
           (found || error_not_found(err, "job", "There is no job_%lld.", (long long)job));
}
