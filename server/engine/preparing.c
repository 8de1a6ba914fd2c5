/* preparing.c - jobs of the AWS door before they can start, as a lead sees them. The reason of a wait is
 * kept as the job's note, which the end of the preparing overwrites. */
#include "plumbline/engine/preparing.h"

#include "plumbline/base/log.h"
#include "plumbline/store/aws.h"
#include "plumbline/store/transfers.h"

#include <string.h>

static bool is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

struct note {
    int64_t     job;
    const char *problem;
};

/* Unless it has started or ended meanwhile: the note is about something else then. */
static bool note_write(struct db *db, void *context, struct error *err)
{
    const struct note *n = context;
    struct arena a;
    struct job job;
    bool ok;

    arena_init(&a);
    ok = job_get_bare(db, n->job, &a, &job, err) &&
         (job.state != JOB_INITIALIZING || job_set_note(db, n->job, n->problem, err));
    arena_release(&a);
    return ok;
}

void preparing_tell(struct service *s, const struct job *job, const struct error *why)
{
    struct note note = {job->id, why->status ? why->message : NULL};
    struct error err = {0};

    if (is_same(job->failure, note.problem))
        return;
    if (!writer_call_low(s->writer, note_write, &note, &err) && err.status != 404)
        log_warn("job=%lld: %s", (long long)job->id, err.message);
}

/* Once labels and template are read it is the import that may have to wait. */
static bool find_problem(struct db *db, const struct job *job, struct arena *a, const char **out,
                         struct error *err)
{
    struct import_row *rows;
    int count;

    *out = job->failure;
    if (*out)
        return true;
    if (!import_list(db, job->id, a, &rows, &count, err))
        return false;
    for (int i = 0; i < count && !*out; i++)
        if (rows[i].state == TRANSFER_RUNNING)
            *out = rows[i].message;
    return true;
}

bool preparing_view(struct db *db, const struct job *job, struct arena *a, struct preparing *out,
                    struct error *err)
{
    struct aws_job row;
    bool found;

    *out = (struct preparing){0};
    if (job->state != JOB_INITIALIZING)
        return true;
    if (!aws_job_get(db, job->id, a, &row, &found, err))
        return err->status == 0;
    out->is = found && row.setup != AWS_SETUP_DONE;
    return !out->is || find_problem(db, job, a, &out->problem, err);
}
