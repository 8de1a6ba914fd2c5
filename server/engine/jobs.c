/* jobs.c - making jobs, changing them, moving them through their states. */
#include "plumbline/engine/jobs.h"

#include "files.h"
#include "held.h"
#include "lifetime.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/utf8.h"
#include "plumbline/store/outputs.h"
#include "plumbline/store/transfers.h"
#include "plumbline/store/work.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

enum { NAME_MAX_CHARS = 63, DELETE_PIECE = 1000 };

/* Ground Truth's pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62} */
static bool check_name(const char *name, struct error *err)
{
    size_t n = strlen(name), letters = 0;

    for (size_t i = 0; i < n; i++) {
        if (isalnum((unsigned char)name[i]) && (unsigned char)name[i] < 0x80)
            letters++;
        else if (name[i] != '-')
            return error_invalid(err, "name", "A job's name has only letters, digits and hyphens; "
                                              "use the title for everything else.");
    }
    if (letters > NAME_MAX_CHARS || n > NAME_MAX_CHARS)
        return error_invalid(err, "name", "A job's name has at most %d characters.",
                             NAME_MAX_CHARS);
    if (n == 0 || name[0] == '-' || name[n - 1] == '-')
        return error_invalid(err, "name", "A job's name begins and ends with a letter or a digit.");
    return true;
}

bool jobs_check_new(struct job *job, struct error *err)
{
    const struct task_type *type = task_type_find(job->type);

    if (!check_name(job->name, err))
        return false;
    if (!type || type->multi_label)
        return error_invalid(err, "type", "\"%s\" is not a task type that a job can have yet; use "
                                          "image-classification or text-classification.",
                             job->type);
    if (!job->title || !*job->title)
        job->title = job->name;
    if (!job->label_attribute)
        job->label_attribute = type->default_attribute;
    return task_attribute_check(type, job->label_attribute, err);
}

static bool check_output(struct service *s, const char *uri, struct error *err)
{
    struct s3_place place;
    struct error why = {0};

    if (utf8_length(uri, strlen(uri)) > OUTPUT_MAX)
        return error_invalid(err, "output", "The output's URI has at most %d characters.",
                             OUTPUT_MAX);
    return s3_place_parse(s->s3, uri, &place, &why) ||
           error_invalid(err, "output", "%s", why.message);
}

bool jobs_set_output(struct service *s, struct job *job, const char *uri, struct error *err)
{
    if (uri == job->output || (uri && job->output && strcmp(uri, job->output) == 0))
        return true;
    if (job->state != JOB_INITIALIZING)
        return error_conflict(err, "job.output_fixed", "The job has been started; where its output "
                                                       "goes can no longer be changed.");
    if (uri && !check_output(s, uri, err))
        return false;
    job->output = uri;
    return true;
}

static bool check_labels(const struct job *job, const struct label_set *set, struct error *err)
{
    return task_labels_check(task_type_find(job->type), set, err);
}

static bool freeze(const struct label_set *set, struct buf *out, struct error *err)
{
    return label_set_freeze(set, out) ||
           error_invalid(err, "labels", "The labels are too long altogether (at most 8 MiB).");
}

static bool set_access(struct db *db, const struct job_call *c, struct error *err)
{
    if (c->people_count >= 0 &&
        !job_set_people(db, c->job.id, c->people, c->people_count, err))
        return false;
    return c->teams_count < 0 || job_set_teams(db, c->job.id, c->teams, c->teams_count, err);
}

bool jobs_create(struct db *db, void *context, struct error *err)
{
    struct job_call *c = context;
    struct label_set set;
    struct arena a;
    struct buf frozen;
    bool ok;

    arena_init(&a);
    buf_init(&frozen, 8 << 20);
    ok = label_set_create(c->labels, &a, &set, err) && check_labels(&c->job, &set, err) &&
         freeze(&set, &frozen, err);
    if (ok) {
        c->job.label_set_version = set.version;
        c->job.instructions_version = 1;
        ok = job_insert(db, &c->job, frozen.data, err) && set_access(db, c, err);
    }
    buf_release(&frozen);
    arena_release(&a);
    return ok;
}

static bool update_labels(struct db *db, struct job_call *c, struct error *err)
{
    struct label_set old, set;
    struct arena a;
    struct buf frozen;
    const char *json;
    bool ok;

    arena_init(&a);
    buf_init(&frozen, 8 << 20);
    ok = label_set_get(db, c->job.id, c->job.label_set_version, &a, &json, err) &&
         label_set_thaw(json, strlen(json), &a, &old, err) &&
         label_set_update(&old, c->labels, &a, &set, err) && check_labels(&c->job, &set, err) &&
         freeze(&set, &frozen, err) &&
         label_set_insert(db, c->job.id, set.version, frozen.data, err);
    if (ok)
        c->job.label_set_version = set.version;
    buf_release(&frozen);
    arena_release(&a);
    return ok;
}

bool jobs_update(struct db *db, void *context, struct error *err)
{
    struct job_call *c = context;

    if (c->labels && !update_labels(db, c, err))
        return false;
    if (c->new_instructions)
        c->job.instructions_version++;
    c->job.modified = clock_now_us();
    if (c->new_lifetime && !lifetime_renew(db, c->service, &c->job, err))
        return false;
    return job_update(db, &c->job, err) && set_access(db, c, err);
}

/* ---- states ---- */

static bool wrong_state(const struct job *job, const char *verb, struct error *err)
{
    return error_conflict(err, "job.state", "The job is %s; it cannot be %s now.",
                          job_state_names[job->state], verb);
}

static bool start(struct db *db, const struct job *job, struct error *err)
{
    const struct job_counts *c = &job->counts;

    if (job->state != JOB_INITIALIZING)
        return wrong_state(job, "started", err);
    if (c->waiting + c->open + c->human + c->machine == 0)
        return error_conflict(err, "job.no_items", "The job has no usable items yet. Add some "
                                                   "first.");
    return job_set_state(db, job->id, JOB_IN_PROGRESS, NULL, err);
}

bool jobs_act(struct db *db, void *context, struct error *err)
{
    struct action_call *c = context;
    struct arena a;
    struct job job;
    bool ok = false;

    arena_init(&a);
    if (!job_get(db, c->job, &a, &job, err))
        goto out;
    switch (c->action) {
    case JOB_START:
        ok = start(db, &job, err);
        break;
    case JOB_PAUSE:
        ok = job.state == JOB_IN_PROGRESS ? job_set_state(db, job.id, JOB_PAUSED, NULL, err)
                                          : wrong_state(&job, "paused", err);
        break;
    case JOB_RESUME:
        ok = job.state == JOB_PAUSED ? job_set_state(db, job.id, JOB_IN_PROGRESS, NULL, err) &&
                                           lifetime_renew(db, c->service, &job, err)
                                     : wrong_state(&job, "resumed", err);
        break;
    case JOB_STOP:
        ok = job.state <= JOB_PAUSED ? job_set_state(db, job.id, JOB_STOPPING, NULL, err)
                                     : wrong_state(&job, "stopped", err);
        break;
    }
out:
    arena_release(&a);
    return ok;
}

/* ---- deleting ---- */

struct delete_call {
    int64_t job;
    bool    left;
    /* Files that go when the rows that name them are gone. */
    struct arena       arena;
    struct export_row *exports;
    const char       **uploads;
    int                n_exports, n_uploads;
};

static bool hide(struct db *db, void *context, struct error *err)
{
    struct delete_call *c = context;

    /* What is in its bucket stays as it is: half a job must not replace it. */
    return job_set_state(db, c->job, JOB_STOPPED, "The job is being deleted.", err) &&
           output_forget(db, c->job, err) &&
           front_clear(db, c->job, err);
}

static bool note_files(struct db *db, void *context, struct error *err)
{
    struct delete_call *c = context;

    return export_list(db, c->job, -1, &c->arena, &c->exports, &c->n_exports, err) &&
           import_uploads(db, c->job, &c->arena, &c->uploads, &c->n_uploads, err);
}

static bool delete_piece(struct db *db, void *context, struct error *err)
{
    struct delete_call *c = context;

    return job_delete_some(db, c->job, DELETE_PIECE, &c->left, err);
}

static bool delete_rows(struct service *s, struct delete_call *c, struct error *err)
{
    if (!writer_call(s->writer, hide, c, err) || !writer_call(s->writer, note_files, c, err))
        return false;
    while (c->left)
        if (!writer_call_low(s->writer, delete_piece, c, err))
            return false;
    return true;
}

bool jobs_delete(struct service *s, int64_t job, struct error *err)
{
    struct delete_call c = {.job = job, .left = true};
    bool ok;

    arena_init(&c.arena);
    ok = delete_rows(s, &c, err);
    for (int i = 0; ok && i < c.n_exports; i++)
        files_forget_export(s, &c.exports[i]);
    for (int i = 0; ok && i < c.n_uploads; i++) {
        unlink(c.uploads[i]);
        unlink(arena_printf(&c.arena, "%s.part", c.uploads[i]));
    }
    if (ok) {
        held_drop_job(s->held, job);
        files_forget_job(s, job);
    }
    arena_release(&c.arena);
    return ok;
}
