/* aws_setup.c - the thread that prepares jobs of the AWS door, one step of one job at a time.
 *
 *   no import yet      read label categories and template, write labels and begin the import
 *   import running     nothing
 *   import ended       start the job; complete it when every line came with a label; else fail it
 *
 * What is wrong with the request fails the job with a reason. A storage that cannot be reached fails
 * nothing: the job is tried again, at first soon, then each half a minute. */
#include "aws_setup.h"

#include "bucket.h"
#include "chain.h"
#include "conditions.h"
#include "import_copy.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/engine/aws_setup.h"
#include "plumbline/engine/imports.h"
#include "plumbline/engine/preparing.h"
#include "plumbline/store/aws.h"
#include "plumbline/store/transfers.h"
#include "rests.h"
#include "scheduler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct setup {
    struct rests rests; /* jobs whose storage could not be reached */
};

void *aws_setup_new(void)
{
    return must_alloc(sizeof(struct setup));
}

void aws_setup_free(void *own)
{
    free(own);
}

/* ---- how it ends ---- */

struct outcome {
    int64_t        job;
    enum job_state state;
    const char    *reason;
};

/* Unless somebody has stopped it meanwhile. */
static bool end_write(struct db *db, void *context, struct error *err)
{
    const struct outcome *o = context;
    struct arena a;
    struct job job;
    bool ok;

    arena_init(&a);
    ok = job_get_bare(db, o->job, &a, &job, err) &&
         (job.state != JOB_INITIALIZING || o->state == JOB_INITIALIZING ||
          job_set_state(db, o->job, o->state, o->reason, err)) &&
         aws_job_set_setup(db, o->job, AWS_SETUP_DONE, err);
    arena_release(&a);
    return ok;
}

/* JOB_INITIALIZING: whatever it is, it is nothing of ours any more. */
static bool end(struct service *s, const struct job *job, enum job_state state, const char *reason,
                struct error *err)
{
    struct outcome o = {.job = job->id, .state = state, .reason = reason};

    if (!writer_call(s->writer, end_write, &o, err))
        return false;
    log_info("job=%lld %s%s%s", (long long)job->id,
             state == JOB_INITIALIZING ? "is not prepared any more" : job_state_names[state],
             reason ? ": " : "", reason ? reason : "");
    service_publish_counts(s, job->id);
    service_wake(s);
    return true;
}

/* ---- labels, instructions, the import ---- */

struct beginning {
    struct service        *service;
    int64_t                job, model;
    const struct aws_plan *plan;
    struct arena          *arena;
};

static bool put_labels(struct db *db, const struct beginning *b, struct error *err)
{
    struct buf frozen;
    bool ok;

    buf_init(&frozen, 8 << 20);
    ok = label_set_freeze(&b->plan->labels, &frozen) ||
         error_invalid(err, "labels", "The labels are too long altogether (at most 8 MiB).");
    ok = ok && label_set_insert(db, b->job, b->plan->labels.version, frozen.data, err);
    buf_release(&frozen);
    return ok;
}

static bool begin_import(struct db *db, const struct beginning *b, struct error *err)
{
    struct import_uri_call import = {
        .service = b->service, .job = b->job, .uri = b->plan->manifest};
    int64_t from = b->plan->copied, id;

    if (from == 0)
        return imports_add_uri(db, &import, err);
    return import_insert(db, b->job, arena_printf(b->arena, "job_%lld:input", (long long)from),
                         import_copy_path(b->service, b->arena, from, CLONE_INPUT), 0, true, &id,
                         err);
}

static bool begin_write(struct db *db, void *context, struct error *err)
{
    const struct beginning *b = context;
    struct job job;

    if (!job_get(db, b->job, b->arena, &job, err))
        return false;
    if (job.state != JOB_INITIALIZING)
        return aws_job_set_setup(db, b->job, AWS_SETUP_DONE, err);
    job.label_set_version = b->plan->labels.version;
    job.instructions = b->plan->instructions;
    job.initial_model = b->model;
    job.modified = clock_now_us();
    return put_labels(db, b, err) && job_update(db, &job, err) &&
           aws_job_set_element(db, b->job, b->plan->element, err) &&
           begin_import(db, b, err);
}

/* A model that the request names must know these labels; that of an earlier job, whose output this one
 * goes on from, is taken where it does. */
static bool choose_model(struct db *db, const struct job *job, const struct aws_plan *plan,
                         struct arena *a, int64_t *model, char reason[AWS_REASON_SIZE],
                         struct error *err)
{
    struct job earlier;
    bool fits, found;

    *model = job->initial_model;
    if (!job->auto_enabled)
        return true;
    if (*model > 0) {
        if (!chain_model_fits(db, *model, &plan->labels, &fits, err))
            return false;
        if (!fits)
            snprintf(reason, AWS_REASON_SIZE, CLIENT_ERROR "The initial active learning model "
                     "%lld was trained for other labels.", (long long)*model);
        return fits || error_set(err, 422, "aws.request", "", "%s", reason);
    }
    return aws_setup_earlier(db, plan->manifest, a, &earlier, &found, err) &&
           (!found || chain_newest_model(db, &earlier, job, &plan->labels, model, err));
}

/* No connection to the database is held while the bucket is asked. */
static bool begin(struct service *s, const struct job *job, json_t *request, struct arena *a,
                  char reason[AWS_REASON_SIZE], struct error *err)
{
    struct aws_plan plan;
    struct beginning b = {.service = s, .job = job->id, .plan = &plan, .arena = a};
    struct db *db;
    bool ok;

    if (!aws_setup_read(s, job, request, a, &plan, reason, err))
        return false;
    db = db_pool_take(s->pool, err);
    ok = db && choose_model(db, job, &plan, a, &b.model, reason, err);
    db_pool_give(s->pool, db);
    if (!ok || !writer_call(s->writer, begin_write, &b, err))
        return false;
    log_info("job=%lld labels=%zu reads its manifest", (long long)job->id, plan.labels.n);
    service_wake(s);
    return true;
}

/* ---- the import has ended ---- */

/* What is known of a job at one look. */
struct look {
    struct job               job;
    json_t                  *request;
    const struct import_row *import; /* of the manifest; NULL: not begun */
    const char              *bad_line; /* the first one's message, or NULL */
    bool                     expired;
};

static bool conclude(struct service *s, const struct look *at, struct error *err)
{
    const struct import_row *import = at->import;
    const struct job_counts *c = &at->job.counts;
    char reason[AWS_REASON_SIZE];

    if (import->state == TRANSFER_FAILED) {
        snprintf(reason, sizeof reason, CLIENT_ERROR "Unable to read the input manifest %.500s: "
                 "%s", import->source, import->message ? import->message : "");
        return end(s, &at->job, JOB_FAILED, reason, err);
    }
    if (c->waiting + c->open + c->answered > 0)
        return end(s, &at->job, JOB_IN_PROGRESS, NULL, err);
    if (at->job.next_line > c->human + c->machine + c->failed) /* the others are kept */
        return end(s, &at->job, JOB_COMPLETED, NULL, err);
    snprintf(reason, sizeof reason, CLIENT_ERROR "The input manifest %.500s has no line that can "
             "be labeled%s%s", import->source, at->bad_line ? ": " : ".",
             at->bad_line ? at->bad_line : "");
    return end(s, &at->job, JOB_FAILED, reason, err);
}

/* ---- one step of one job ---- */

static bool find_import(struct service *s, struct db *db, struct look *at, struct arena *a,
                        struct error *err)
{
    const struct job *job = &at->job;
    const char *uri = aws_setup_manifest(at->request);
    const struct label_set *labels =
        service_labels_take(s, db, job->id, job->label_set_version, err);
    struct import_error *errors;
    struct import_row *rows;
    bool known;
    int count;

    if (!labels)
        return false;
    known = labels->n > 0;
    service_labels_give(s, labels);
    if (!known || !uri)
        return true;
    if (!import_list(db, job->id, a, &rows, &count, err))
        return false;
    for (int i = 0; i < count; i++)
        if (rows[i].owned &&
            (strcmp(rows[i].source, uri) == 0 || import_copy_from(&rows[i]) > 0))
            at->import = &rows[i];
    if (!at->import || !import_error_list(db, at->import->id, 1, a, &errors, &count, err))
        return !at->import;
    at->bad_line = count > 0 ? errors[0].message : NULL;
    return true;
}

/* The import before the job: its counters are then those after the last line. */
static bool look_at(struct service *s, int64_t id, struct look *at, struct arena *a,
                    struct error *err)
{
    struct db *db = db_pool_take(s->pool, err);
    struct aws_job row;
    bool found, ok;

    ok = db && job_get(db, id, a, &at->job, err) && aws_job_get(db, id, a, &row, &found, err) &&
         (found || error_not_found(err, "job", "The job is gone.")) &&
         conditions_expired(s, db, &at->job, &at->expired, err);
    at->request = ok ? json_parse(row.request, strlen(row.request), err) : NULL;
    ok = at->request && find_import(s, db, at, a, err) && job_get(db, id, a, &at->job, err);
    db_pool_give(s->pool, db);
    return ok;
}

/* *worked: something was done, so that there may be more. */
static bool step(struct service *s, const struct look *at, struct arena *a, bool *worked,
                 struct error *err)
{
    char reason[AWS_REASON_SIZE] = "";

    *worked = true;
    if (at->job.state != JOB_INITIALIZING)
        return end(s, &at->job, JOB_INITIALIZING, NULL, err);
    if (at->expired)
        return end(s, &at->job, JOB_FAILED, CLIENT_ERROR "The labeling job could not be prepared "
                   "within 30 days and has expired.", err);
    if (at->import) {
        *worked = at->import->state != TRANSFER_RUNNING;
        return !*worked || conclude(s, at, err);
    }
    if (begin(s, &at->job, at->request, a, reason, err) || !*reason)
        return err->status == 0;
    *err = (struct error){0};
    return end(s, &at->job, JOB_FAILED, reason, err);
}

static bool run_one(struct service *s, struct setup *own, int64_t id)
{
    struct error err = {0};
    struct look at = {.job.id = id};
    struct arena a;
    bool worked = false;

    arena_init(&a);
    bucket_patience(rests_any(&own->rests, id));
    if (!look_at(s, id, &at, &a, &err) || !step(s, &at, &a, &worked, &err)) {
        worked = false;
        if (!scheduler_stopping(s->scheduler) && rests_put_off(&own->rests, id))
            log_warn("job=%lld cannot be prepared yet: %s", (long long)id, err.message);
    }
    if (!scheduler_stopping(s->scheduler))
        preparing_tell(s, &at.job, &err);
    json_decref(at.request);
    arena_release(&a);
    return worked;
}

bool aws_setup_next(struct service *s, void *context)
{
    struct setup *own = context;
    static log_gate gate;
    struct error err = {0};
    bool worked = false, ok = true;
    int64_t job = 0;

    do {
        struct db *db = db_pool_take(s->pool, &err);

        ok = db && aws_job_next(db, job, &job, &err) && job > 0;
        db_pool_give(s->pool, db);
        if (ok && !rests_now(&own->rests, job))
            worked = run_one(s, own, job) || worked;
    } while (ok && !scheduler_stopping(s->scheduler));
    if (err.status && log_gate_opens(&gate))
        log_warn("setup: %s", err.message);
    return worked;
}

/* ---- earlier jobs ---- */

bool aws_setup_earlier(struct db *db, const char *manifest_uri, struct arena *a, struct job *out,
                       bool *found, struct error *err)
{
    static const char tail[] = "/manifests/output/output.manifest";
    size_t size = strlen(manifest_uri), n;
    struct error why = {0};
    const char *name;
    char *folder;

    *found = false;
    if (size <= sizeof tail || strcmp(manifest_uri + size - (sizeof tail - 1), tail) != 0)
        return true;
    folder = arena_strndup(a, manifest_uri, size - (sizeof tail - 1));
    name = strrchr(folder, '/');
    if (!name)
        return true;
    if (!job_by_name(db, name + 1, a, out, &why)) {
        if (why.status != 404)
            *err = why;
        return why.status == 404;
    }
    n = out->output ? strlen(out->output) : 0;
    while (n > 0 && out->output[n - 1] == '/')
        n--;
    *found = n > 0 && n == (size_t)(name - folder) && strncmp(out->output, folder, n) == 0;
    return true;
}
