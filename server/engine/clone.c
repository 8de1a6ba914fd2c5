/* clone.c - a new job with what an earlier one was told; import_copy.c brings its items. */
#include "plumbline/engine/clone.h"

#include "bucket.h"
#include "chain.h"
#include "import_copy.h"
#include "output_parts.h"
#include "plumbline/base/utf8.h"
#include "plumbline/engine/jobs.h"
#include "plumbline/exchange/tree.h"
#include "plumbline/store/aws.h"
#include "plumbline/store/transfers.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { TASK_TITLE_MAX = 128 }; /* of Ground Truth; those of REST may be longer */

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

static void set_text(json_t *request, const char *const *path, const char *text)
{
    for (; path[1]; path++)
        request = json_object_get(request, *path);
    if (json_is_object(request))
        json_object_set_new(request, *path, json_string(text));
}

/* Where the earlier job's output is the input, the manifest is that of its tree, if it has one. */
static char *request_of(const struct aws_job *said, const struct clone_call *c,
                        const struct job *old, const struct job *job, struct arena *a)
{
    static const char *const name[] = {"LabelingJobName", NULL};
    static const char *const attribute[] = {"LabelAttributeName", NULL};
    static const char *const title[] = {"HumanTaskConfig", "TaskTitle", NULL};
    static const char *const manifest[] = {"InputConfig", "DataSource", "S3DataSource",
                                           "ManifestS3Uri", NULL};
    json_t *request = json_loads(said->request, 0, NULL);
    char *text;

    set_text(request, name, job->name);
    set_text(request, attribute, job->label_attribute);
    if (c->title)
        set_text(request, title,
                 arena_strndup(a, job->title,
                               utf8_offset(job->title, strlen(job->title), TASK_TITLE_MAX)));
    if (c->lines == CLONE_OUTPUT && old->output)
        set_text(request, manifest,
                 bucket_join(a, output_tree_uri(a, old), tree_manifest_path));
    text = json_dumps(request, JSON_COMPACT);
    json_decref(request);
    return text;
}

/* A job of the AWS door: its clone is one as well, and needs no preparing. */
static bool copy_request(struct db *db, const struct clone_call *c, const struct job *old,
                         const struct job *job, struct arena *a, struct error *err)
{
    struct aws_job row;
    bool found, ok;
    char *text;

    if (!aws_job_get(db, old->id, a, &row, &found, err) || !found)
        return err->status == 0;
    text = request_of(&row, c, old, job, a);
    row.job = job->id;
    row.request = text;
    row.setup = AWS_SETUP_DONE;
    ok = text ? aws_job_insert(db, &row, err)
              : error_internal(err, "The request of job_%lld is damaged.", (long long)old->id);
    free(text);
    return ok;
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
         job_insert(db, &job, labels, err) && copy_people(db, old.id, job.id, &a, err) &&
         copy_request(db, c, &old, &job, &a, err);
    c->job = ok ? job.id : 0;
    if (ok && old.next_line > 0) {
        path = import_copy_path(c->service, &a, old.id, c->lines);
        source = arena_printf(&a, "job_%lld:%s", (long long)old.id, clone_lines_names[c->lines]);
        ok = import_insert(db, job.id, source, path, 0, true, &import, err);
    }
    arena_release(&a);
    return ok;
}
