/* figures.c - see figures.h. */
#include "plumbline/store/figures.h"

#include <string.h>

static bool read_jobs(struct db *db, struct figures *out, struct error *err)
{
    static const char sql[] =
        "SELECT job.state, count(*), sum(c.waiting), sum(c.open), sum(c.answered), sum(c.human),"
        " sum(c.machine), sum(c.failed), sum(c.answers), sum(c.skips), sum(c.provisional)"
        " FROM job JOIN job_count AS c ON c.job = job.id GROUP BY job.state";
    struct job_counts *n = &out->counts;
    int64_t *const sums[] = {&n->waiting, &n->open,    &n->answered, &n->human,      &n->machine,
                             &n->failed,  &n->answers, &n->skips,    &n->provisional};
    struct stmt *q = db_stmt(db, sql);

    while (stmt_row(q)) {
        int64_t state = row_int(q, 0);

        if (state >= 0 && state <= JOB_STOPPED)
            out->jobs[state] = row_int(q, 1);
        for (int i = 0; i < 9; i++)
            *sums[i] += row_int(q, 2 + i);
    }
    return stmt_done(q, err);
}

static bool read_transfers(struct db *db, const char *sql, struct transfer_figures *out,
                           struct error *err)
{
    struct stmt *q = db_stmt(db, sql);

    while (stmt_row(q)) {
        int64_t state = row_int(q, 0);

        if (state >= 0 && state <= TRANSFER_FAILED)
            out[state] = (struct transfer_figures){row_int(q, 1), row_int(q, 2), row_int(q, 3)};
    }
    return stmt_done(q, err);
}

static bool read_one(struct db *db, const char *sql, int64_t now, int64_t *out, struct error *err)
{
    struct stmt *q = db_stmt(db, sql);

    if (now)
        stmt_bind_int(q, 1, now);
    if (stmt_row(q))
        *out = row_int(q, 0);
    return stmt_done(q, err);
}

bool figures_read(struct db *db, int64_t now, struct figures *out, struct error *err)
{
    /* The index of held tasks (slot.state = 1) is all that SQLite reads for `leases`. */
    static const char leases[] = "SELECT count(*) FROM slot WHERE state = 1",
                      people[] = "SELECT count(*) FROM person WHERE active = 1",
                      sessions[] = "SELECT count(*) FROM session WHERE expires > ?1",
                      imports[] = "SELECT state, count(*), sum(lines), 0 FROM import"
                                  " GROUP BY state",
                      exports[] = "SELECT state, count(*), sum(lines), sum(bytes) FROM export"
                                  " GROUP BY state";

    memset(out, 0, sizeof *out);
    return read_jobs(db, out, err) && read_one(db, leases, 0, &out->leases, err) &&
           read_one(db, people, 0, &out->people, err) &&
           read_one(db, sessions, now, &out->sessions, err) &&
           read_transfers(db, imports, out->imports, err) &&
           read_transfers(db, exports, out->exports, err);
}
