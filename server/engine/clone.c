/* clone.c - a new job with what an earlier one was told; import_copy.c brings its items. */
#include "plumbline/engine/clone.h"

#include "chain.h"
#include "import_copy.h"
#include "plumbline/engine/jobs.h"
#include "plumbline/store/transfers.h"

#include <string.h>

const char *const clone_lines_names[] = {"input", "output", NULL};

/* The new job as it is before it has an id. */
static bool describe(struct db *db, const struct clone_call *c, struct arena *a, struct job *old,
                     struct job *out, struct error *err)
{
    if (!job_get(db, c->from, a, old, err))
        return false;
    *out = *old;
    out->name = c->name;
    if (c->title)
        out->title = c->title;
    if (c->attribute)
        out->label_attribute = c->attribute;
    out->state = JOB_INITIALIZING;
    out->created_by = c->person;
    out->instructions_version = 1;
    out->initial_model = c->model;
    return jobs_check_new(out, err);
}

bool clone_prepare(struct db *db, struct clone_call *c, struct error *err)
{
    const struct label_set *labels;
    struct job old, job;
    struct arena a;
    bool ok;

    arena_init(&a);
    c->model = 0;
    ok = describe(db, c, &a, &old, &job, err);
    labels = ok ? service_labels_take(c->service, db, old.id, old.label_set_version, err) : NULL;
    ok = labels != NULL;
    if (ok && labels->n == 0)
        ok = error_conflict(err, "job.state", "The job is still being prepared: its labels are not "
                                              "known yet.");
    if (ok && c->lines == CLONE_OUTPUT)
        ok = chain_newest_model(db, &old, &job, labels, &c->model, err);
    if (labels)
        service_labels_give(c->service, labels);
    arena_release(&a);
    return ok;
}

static bool copy_people(struct db *db, int64_t from, int64_t to, struct arena *a, struct error *err)
{
    int64_t *people, *teams;
    int n_people, n_teams;

    return job_people(db, from, a, &people, &n_people, err) &&
           job_teams(db, from, a, &teams, &n_teams, err) &&
           job_set_people(db, to, people, n_people, err) &&
           job_set_teams(db, to, teams, n_teams, err);
}

bool clone_write(struct db *db, void *context, struct error *err)
{
    struct clone_call *c = context;
    const char *labels, *path, *source;
    struct job old, job;
    struct arena a;
    int64_t import;
    bool ok;

    arena_init(&a);
    ok = describe(db, c, &a, &old, &job, err) &&
         label_set_get(db, old.id, old.label_set_version, &a, &labels, err) &&
         job_insert(db, &job, labels, err) && copy_people(db, old.id, job.id, &a, err);
    c->job = ok ? job.id : 0;
    if (ok && old.next_line > 0) {
        path = import_copy_path(c->service, &a, old.id, c->lines);
        source = arena_printf(&a, "job_%lld:%s", (long long)old.id, clone_lines_names[c->lines]);
        ok = import_insert(db, job.id, source, path, 0, true, &import, err);
    }
    arena_release(&a);
    return ok;
}
