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

bool job_bucket_list(struct db *db, struct arena *a, const char ***out, int *count,
                     struct error *err)
{
    static const char sql[] = "SELECT DISTINCT bucket FROM job_bucket"
                              " JOIN job ON job.id = job_bucket.job WHERE job.state < 3";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    while (stmt_row(q)) {
        const char **name = rows_next(a, (void **)out, count, &capacity, sizeof **out);

        *name = arena_strdup(a, row_text(q, 0));
    }
    return stmt_done(q, err);
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
