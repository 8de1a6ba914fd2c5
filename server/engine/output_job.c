/* output_job.c - what a job's output tree wants next.
 *
 * In this order: files of a delivery that is open; a new delivery, when labels have waited for two
 * seconds or have become many; files of a finished round; the manifests, when the job has started (so
 * that a bucket that is not there is seen at once), with the first labels, and then once a minute while
 * labels come or items fail; and when the job has ended, all manifests anew, after which the tree is done. Each is noted in
 * a row when it is there, so that a kill costs one of them, which is written again. */
#include "output_parts.h"

#include "plumbline/base/clock.h"
#include "plumbline/engine/output.h"
#include "plumbline/exchange/tree.h"
#include "plumbline/store/learning.h"
#include "round_files.h"

#include <stdlib.h>

enum {
    DELIVERY_MAX = 1000, /* labels by people in one delivery */
    LOOK_MAX = 10000,    /* labels of any origin that are looked at for it */
};
static const int64_t GATHER_US = 2 * SECOND_US, MANIFEST_EVERY_US = 60 * SECOND_US;

const char *const output_state_names[] = {"none", "writing", "waiting", "done", NULL};

const char *output_tree_uri(struct arena *a, const struct job *job)
{
    return bucket_join(a, job->output, job->name);
}

bool output_job_ended(const struct job *job)
{
    return job->state == JOB_COMPLETED || job->state == JOB_STOPPED || job->state == JOB_FAILED;
}

bool output_view(struct db *db, const struct job *job, struct arena *a, struct output_view *out,
                 struct error *err)
{
    struct output_row row;

    if (!output_get(db, job->id, a, &row, err))
        return false;
    *out = (struct output_view){.uri = output_tree_uri(a, job),
                                .problem = row.problem,
                                .since = row.problem ? row.since : 0,
                                .written = row.manifest};
    out->manifest = bucket_join(a, out->uri, tree_manifest_path);
    if (row.done)
        out->state = row.manifest ? OUTPUT_DONE : OUTPUT_NONE;
    else if (row.problem)
        out->state = OUTPUT_WAITING;
    else
        out->state = job->state == JOB_INITIALIZING && !row.manifest ? OUTPUT_NONE : OUTPUT_WRITING;
    return true;
}

/* ---- deliveries ---- */

struct delivery_call {
    struct delivery delivery;
    int64_t         label; /* where there is nothing to deliver: labels up to it are seen */
};

static bool insert_write(struct db *db, void *context, struct error *err)
{
    const struct delivery_call *c = context;

    return c->label ? output_set_label(db, c->delivery.job, c->label, err)
                    : delivery_insert(db, &c->delivery, err);
}

static bool written_write(struct db *db, void *context, struct error *err)
{
    return delivery_set_written(db, context, err);
}

/* Names of files tell seconds: no two deliveries of a job share one, also when a clock jumps. */
static bool number_and_name(struct output_work *w, struct delivery *d, struct error *err)
{
    struct delivery before;
    int64_t now = clock_now_us();
    bool any;

    if (!delivery_newest(w->db, w->job.id, &before, &any, err))
        return false;
    d->number = any ? before.number + 1 : 1;
    d->created = any && now < before.created + SECOND_US ? before.created + SECOND_US : now;
    return true;
}

/* The labels from v[0] on that belong together: of one iteration. Machine labels go with any. */
static int gather(const struct round_row *rounds, int n_rounds, const struct label_mark *v, int n,
                  int64_t *iteration, int *human)
{
    int i;

    *iteration = 0;
    *human = 0;
    for (i = 0; i < n && *human < DELIVERY_MAX; i++) {
        int64_t own;

        if (!v[i].human)
            continue;
        own = round_iteration(rounds, n_rounds, v[i].created);
        if (*iteration && own != *iteration)
            break;
        *iteration = own;
        ++*human;
    }
    return i;
}

static bool is_ripe(const struct output_work *w, const struct label_mark *first, int human, int n)
{
    int64_t waited = clock_now_us() - first->created;

    return human >= DELIVERY_MAX || n == LOOK_MAX || output_job_ended(&w->job) ||
           waited >= GATHER_US || waited < 0; /* less than nothing: the clock was set back */
}

static bool deliver_labels(struct output_work *w, const struct label_mark *v, int n,
                           struct error *err)
{
    struct delivery_call call = {.delivery = {.job = w->job.id, .first = v[0].id}};
    struct delivery *d = &call.delivery;
    struct round_row *rounds;
    int n_rounds, human, used;

    if (!round_list(w->db, w->job.id, &w->arena, &rounds, &n_rounds, err))
        return false;
    used = gather(rounds, n_rounds, v, n, &d->iteration, &human);
    d->last = v[used - 1].id;
    if (human == 0)
        call.label = d->last;
    else if (!number_and_name(w, d, err))
        return false;
    return writer_call_low(w->service->writer, insert_write, &call, err);
}

static bool new_delivery(struct output_work *w, bool *made, struct error *err)
{
    struct label_mark first, *v;
    int n, human = 0;

    *made = false;
    if (!label_marks(w->db, w->job.id, w->row.label, 1, &first, &n, err) || n == 0)
        return err->status == 0;
    v = arena_array(&w->arena, LOOK_MAX, sizeof *v);
    if (!label_marks(w->db, w->job.id, w->row.label, LOOK_MAX, v, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        human += v[i].human;
    if (n == 0 || !is_ripe(w, &v[0], human, n))
        return true;
    *made = true;
    return deliver_labels(w, v, n, err);
}

static bool open_delivery(struct output_work *w, bool *found, struct error *err)
{
    struct delivery d;

    if (!delivery_open(w->db, w->job.id, &d, found, err) || !*found)
        return err->status == 0;
    return output_write_delivery(w, &d, err) &&
           writer_call_low(w->service->writer, written_write, &d, err);
}

/* ---- rounds ---- */

struct mark_call {
    int64_t job, value;
};

static bool round_write(struct db *db, void *context, struct error *err)
{
    const struct mark_call *c = context;

    return output_set_round(db, c->job, c->value, err);
}

static bool next_round(struct output_work *w, bool *found, struct error *err)
{
    struct round_row *v;
    int n;

    *found = false;
    if (!round_list(w->db, w->job.id, &w->arena, &v, &n, err))
        return false;
    for (int i = 0; i < n && !*found; i++) {
        struct mark_call mark = {.job = w->job.id, .value = v[i].number};

        *found = v[i].number > w->row.round;
        if (*found && (!output_write_round(w, &v[i], err) ||
                       !writer_call_low(w->service->writer, round_write, &mark, err)))
            return false;
    }
    return true;
}

/* ---- manifests ---- */

static bool manifest_write(struct db *db, void *context, struct error *err)
{
    return output_set_manifest(db, context, err);
}

/* What a manifest that is made now has in it, or more: it is read anew, after this. */
static struct output_row now(const struct output_work *w)
{
    return (struct output_row){.job = w->job.id,
                               .manifest = clock_now_us(),
                               .shown = w->row.label,
                               .failed = w->job.counts.failed};
}

static bool is_due(const struct output_work *w, const struct output_row *mark)
{
    if (w->job.state == JOB_INITIALIZING)
        return false;
    if (w->row.manifest == 0 || (w->row.shown == 0 && mark->shown > 0))
        return true;
    return (mark->shown > w->row.shown || mark->failed > w->row.failed) &&
           llabs(mark->manifest - w->row.manifest) >= MANIFEST_EVERY_US;
}

static bool refresh(struct output_work *w, struct error *err)
{
    struct output_row mark = now(w);

    return !is_due(w, &mark) ||
           (output_write_manifests(w, w->row.manifest, err) &&
            writer_call_low(w->service->writer, manifest_write, &mark, err));
}

/* A job that failed before it had any item has nothing to write. */
static bool finish(struct output_work *w, struct error *err)
{
    struct output_row mark = now(w);
    bool empty = w->job.state == JOB_FAILED && w->job.next_line == 0;

    mark.done = mark.manifest;
    if (!empty && !(output_write_machine(w, err) && output_write_manifests(w, 0, err)))
        return false;
    if (empty)
        mark.manifest = 0;
    return writer_call_low(w->service->writer, manifest_write, &mark, err);
}

bool output_step(struct output_work *w, bool *more, struct error *err)
{
    if (!open_delivery(w, more, err) || *more)
        return err->status == 0;
    if (!new_delivery(w, more, err) || *more) {
        w->only_rows = *more;
        return err->status == 0;
    }
    if (!next_round(w, more, err) || *more)
        return err->status == 0;
    if (!output_job_ended(&w->job))
        return refresh(w, err);
    return w->row.done ? true : finish(w, err);
}
