/* bucket.c - which buckets jobs have their pictures in. */
#include "plumbline/store/jobs.h"
#include "rows.h"

bool job_bucket_put(struct db *db, int64_t job, const char *bucket, struct error *err)
{
    static const char sql[] = "INSERT INTO job_bucket VALUES(?1, ?2) ON CONFLICT DO NOTHING";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_text(q, 2, bucket);
    return stmt_run(q, err);
}

static bool list_texts(struct stmt *q, struct arena *a, const char ***out, int *count,
                       struct error *err)
{
    int capacity = 0;

    *out = NULL;
    *count = 0;
    while (stmt_row(q)) {
        const char **text = rows_next(a, (void **)out, count, &capacity, sizeof **out);

        *text = arena_strdup(a, row_text(q, 0));
    }
    return stmt_done(q, err);
}

bool job_bucket_list(struct db *db, struct arena *a, const char ***out, int *count,
                     struct error *err)
{
    static const char sql[] = "SELECT DISTINCT bucket FROM job_bucket"
                              " JOIN job ON job.id = job_bucket.job WHERE job.state < 3";

    return list_texts(db_stmt(db, sql), a, out, count, err);
}

bool job_remote_list(struct db *db, struct arena *a, int64_t **out, int *count, struct error *err)
{
    static const char sql[] = "SELECT id FROM job WHERE state = 1"
                              " AND EXISTS(SELECT 1 FROM job_bucket WHERE job = job.id)";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    while (stmt_row(q))
        *(int64_t *)rows_next(a, (void **)out, count, &capacity, sizeof **out) = row_int(q, 0);
    return stmt_done(q, err);
}

bool job_output_list(struct db *db, struct arena *a, const char ***out, int *count,
                     struct error *err)
{
    static const char sql[] =
        "SELECT DISTINCT job.output FROM job INDEXED BY job_output"
        " LEFT JOIN output AS o ON o.job = job.id WHERE job.output IS NOT NULL"
        " AND coalesce(o.done, 0) = 0 LIMIT 100";

    return list_texts(db_stmt(db, sql), a, out, count, err);
}

bool job_bucket_sample(struct db *db, const char *bucket, struct arena *a, const char **uri,
                       struct error *err)
{
    static const char sql[] =
        "SELECT p.remote FROM (SELECT min(job) AS job FROM job_bucket WHERE bucket = ?1) AS b"
        " CROSS JOIN (SELECT item, remote FROM payload) AS p"
        " WHERE p.item BETWEEN b.job << 32 AND (b.job << 32) + 1000"
        " AND substr(p.remote, 1, length(?1) + 6) = 's3://' || ?1 || '/' LIMIT 1";
    struct stmt *q = db_stmt(db, sql);

    *uri = NULL;
    stmt_bind_text(q, 1, bucket);
    if (stmt_row(q))
        *uri = arena_strdup(a, row_text(q, 0));
    return stmt_done(q, err);
}
