/* autolabel.c - when a job's loop is due, its rows go to a child as arrays, and what comes back is
 * written down. The request path never waits for any of it. */
#include "autolabel.h"

#include "conditions.h"
#include "files.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/engine/child.h"
#include "plumbline/learn/child.h"
#include "plumbline/store/asks.h"
#include "plumbline/store/aws.h"
#include "plumbline/store/items.h"
#include "plumbline/store/learning.h"
#include "plumbline/store/transfers.h"
#include "scheduler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS_MAX = 1000 };

static bool read_state(const struct job *job, struct learn_state *state)
{
    memset(state, 0, sizeof *state);
    return job->loop && learn_state_read(state, job->loop, strlen(job->loop), NULL);
}

bool autolabel_steers(const struct job *job)
{
    struct learn_state state;

    if (!job->auto_enabled)
        return false;
    if (!read_state(job, &state))
        return true; /* the first round is still to come */
    if (state.decision == LEARN_FINISH) /* its guesses are just becoming labels */
        return job->counts.provisional > 0;
    return state.decision == LEARN_ASK || state.decision == LEARN_AUDIT;
}

void loop_items_release(struct loop_items *in)
{
    free(in->id);
    free(in->state);
    free(in->label);
    free(in->part);
    memset(in, 0, sizeof *in);
}

static bool take_item(void *context, const struct item *item, struct error *err)
{
    struct loop_items *in = context;
    size_t row = (size_t)item->line;

    (void)err;
    if (row >= in->n)
        return true; /* added after the count was read: the next round sees it */
    in->id[row] = item->id;
    in->state[row] = (uint8_t)item->state;
    in->part[row] = (uint8_t)item->part;
    if (item->state == ITEM_HUMAN)
        in->label[row] = item->class_index;
    else if (item->state == ITEM_FAILED || item->state == ITEM_KEPT)
        in->label[row] = LEARN_EXCLUDED;
    else
        in->label[row] = LEARN_UNKNOWN;
    return true;
}

bool loop_items_load(struct loop_items *in, struct db *db, const struct job *job,
                     struct error *err)
{
    size_t n = (size_t)job->next_line;

    *in = (struct loop_items){.n = n,
                              .id = must_alloc(n * sizeof *in->id),
                              .state = must_alloc(n),
                              .label = must_alloc(n * sizeof *in->label),
                              .part = must_alloc(n)};
    for (size_t i = 0; i < n; i++)
        in->label[i] = LEARN_EXCLUDED;
    return item_scan(db, job->id, take_item, in, err);
}

static struct learn_settings settings_of(const struct job *job)
{
    struct learn_settings s;

    learn_settings_default(&s);
    s.target = job->auto_target;
    s.seed = job->id;
    s.whole_set = job->auto_all;
    s.most_human = job->auto_max_human;
    s.most_share = (double)job->auto_max_share / 100;
    s.front = job->open_items;
    return s;
}

/* ---- is a round due? ---- */

static bool is_due(struct db *db, const struct job *job, bool *due, struct error *err)
{
    const struct job_counts *c = &job->counts;
    struct learn_state state;
    bool importing, asked;

    *due = false;
    if (!job->auto_enabled || c->waiting + c->open + c->answered == 0)
        return true;
    if (!read_state(job, &state)) {
        if (!import_running_of(db, job->id, &importing, err))
            return false;
        *due = !importing;
        return true;
    }
    if (state.decision == LEARN_FINISH) {
        *due = c->provisional > 0; /* cut off while the labels were being written */
        return true;
    }
    if (state.decision == LEARN_REFUSE || state.decision == LEARN_STOP)
        return true;
    if (c->human >= state.due) {
        *due = true;
        return true;
    }
    if (!ask_any(db, job->id, &asked, err))
        return false;
    *due = !asked && c->open == 0 && c->answered == 0; /* some that were asked have failed */
    return true;
}

/* ---- one round ---- */

/* The end of the loop, or of the job, and why. */
struct give_up {
    int64_t     job;
    const char *reason;
};

static bool never_cancelled(void *context, double share)
{
    (void)share;
    return !scheduler_stopping(((struct service *)context)->scheduler);
}

static bool call_child(struct service *s, const char *path, const struct loop_items *in,
                       const struct learn_answers *answers, const struct job *job,
                       struct learn_result *result, struct error *err)
{
    struct learn_settings settings = settings_of(job);
    struct learn_state state;
    struct child child;

    read_state(job, &state);
    for (int tried = 0;; tried++) {
        struct learn_child ends;

        if (!child_start(&child, "round", s->config.child_memory, err))
            return false;
        ends = (struct learn_child){.to_child = child.to, .from_child = child.from};
        if (learn_child_round_call(&ends, path, in->n, answers, &settings, &state, never_cancelled,
                                   s, result, err)) {
            child_finish(&child, NULL);
            return true;
        }
        child_kill(&child);
        if (strcmp(err->code, "learn.child_gone") != 0 || tried + 1 >= CHILDREN_TRIED)
            return false;
    }
}

/* Ground Truth fails a job when more than a tenth of its first random sample fails: so do jobs that
 * were made at its door. True with *reason "" when all is well. */
static bool judge_sample(struct db *db, const struct job *job, const struct loop_items *in,
                         char reason[CONDITIONS_NOTE_SIZE], struct error *err)
{
    struct learn_state state;
    struct aws_job row;
    struct arena a;
    long long failed = 0;
    bool of_door, ok;

    *reason = '\0';
    if (!read_state(job, &state) || state.rounds > 0)
        return true;
    for (size_t i = 0; i < in->n; i++)
        failed += in->part[i] == LEARN_PART_RANDOM && in->state[i] == ITEM_FAILED;
    if (failed * 10 <= state.random_size)
        return true;
    arena_init(&a);
    ok = aws_job_get(db, job->id, &a, &row, &of_door, err);
    if (ok && of_door)
        snprintf(reason, CONDITIONS_NOTE_SIZE, CLIENT_ERROR "More than 10 %% of the first random "
                 "sample failed: %lld of %lld items.", failed, (long long)state.random_size);
    arena_release(&a);
    return ok;
}

static bool fail_write(struct db *db, void *context, struct error *err)
{
    const struct give_up *f = context;

    return ask_clear(db, f->job, err) &&
           job_set_state(db, f->job, JOB_STOPPING, f->reason, err);
}

/* NULL: there is none, or it is gone with its job; the loop then begins from nothing. */
static struct learn_model *initial_model(struct db *db, const struct job *job)
{
    struct learn_model *m = NULL;
    struct error err = {0};
    const void *bytes;
    struct arena a;
    size_t size;

    if (job->initial_model == 0)
        return NULL;
    arena_init(&a);
    if (model_bytes(db, job->initial_model, &a, &bytes, &size, &err))
        m = learn_model_read(bytes, size, &err);
    if (!m)
        log_warn("job=%lld begins without its initial model: %s", (long long)job->id, err.message);
    arena_release(&a);
    return m;
}

static bool train(struct service *s, struct db *db, const struct job *job,
                  const struct label_set *labels, struct error *err)
{
    const struct task_type *type = task_type_find(job->type);
    const char **names = must_alloc(labels->n * sizeof *names);
    struct learn_model *initial = initial_model(db, job);
    struct learn_answers answers = {
        .n_classes = (uint32_t)labels->n, .class_names = names, .opinion = initial};
    struct learn_result result;
    struct loop_items in = {0};
    int64_t started = clock_monotonic_us();
    char path[PATH_MAX], reason[CONDITIONS_NOTE_SIZE];
    struct give_up end = {.job = job->id, .reason = reason};
    bool ok = false;

    for (size_t k = 0; k < labels->n; k++)
        names[k] = labels->v[k].name;
    files_features_path(s, job->id, path);
    if (!features_update(s, db, job, type, initial, path, err) || !loop_items_load(&in, db, job, err) ||
        !judge_sample(db, job, &in, reason, err))
        goto out;
    if (*reason) {
        ok = writer_call(s->writer, fail_write, &end, err);
        goto out;
    }
    answers.label = in.label;
    answers.part = in.part;
    if (!call_child(s, path, &in, &answers, job, &result, err))
        goto out;
    ok = autolabel_write(s, job, &in, &result,
                         (double)(clock_monotonic_us() - started) / 1e6, err);
    learn_result_release(&result);
out:
    loop_items_release(&in);
    learn_model_free(initial);
    free(names);
    return ok;
}

static bool run_round(struct service *s, struct db *db, const struct job *job, struct error *err)
{
    struct service_numbers *n = &s->numbers;
    const struct label_set *labels;
    int64_t started = clock_monotonic_us();
    struct learn_state state;
    bool ok;

    if (read_state(job, &state) && state.decision == LEARN_FINISH)
        return autolabel_finish(s, job, err);
    labels = service_labels_take(s, db, job->id, job->label_set_version, err);
    if (!labels)
        return false;
    atomic_fetch_add(&n->rounds_running, 1);
    ok = train(s, db, job, labels, err);
    atomic_fetch_sub(&n->rounds_running, 1);
    atomic_fetch_add(&n->rounds_failed, !ok && !scheduler_stopping(s->scheduler));
    if (ok)
        histogram_add(&n->round_us, &histogram_round_us, clock_monotonic_us() - started);
    service_labels_give(s, labels);
    return ok;
}

static bool find_due(struct db *db, struct arena *a, struct job *out, bool *found,
                     struct error *err)
{
    struct job_filter filter = {.state = JOB_IN_PROGRESS, .limit = JOBS_MAX};
    struct job *jobs;
    int count;

    *found = false;
    if (!job_list(db, &filter, a, &jobs, &count, err))
        return false;
    for (int i = count - 1; i >= 0 && !*found; i--) { /* the oldest first */
        if (!is_due(db, &jobs[i], found, err))
            return false;
        if (*found)
            *out = jobs[i];
    }
    return true;
}

/* A round that cannot run must not keep people from working: the job goes on without the machine,
 * and says why. */
static bool give_up_write(struct db *db, void *context, struct error *err)
{
    struct give_up *g = context;
    struct learn_state state = {.decision = LEARN_REFUSE};
    struct buf json;
    bool ok;

    buf_init(&json, 1 << 16);
    learn_state_write(&state, &json);
    ok = job_set_loop(db, g->job, json.data, err) && ask_clear(db, g->job, err) &&
         job_set_note(db, g->job, g->reason, err);
    buf_release(&json);
    return ok;
}

static void give_up(struct service *s, const struct job *job, const struct error *why)
{
    struct give_up g = {.job = job->id, .reason = why->message};
    struct error err = {0};

    log_error("job=%lld auto-labelling stopped: %s", (long long)job->id, why->message);
    if (!writer_call(s->writer, give_up_write, &g, &err))
        log_error("job=%lld: %s", (long long)job->id, err.message);
}

bool autolabel_next(struct service *s, void *own)
{
    static log_gate gate;
    struct error err = {0};
    struct db *db = db_pool_take(s->pool, &err);
    struct arena a;
    struct job job;
    bool found = false, ok = false;

    (void)own;
    arena_init(&a);
    if (db && find_due(db, &a, &job, &found, &err) && found) {
        ok = run_round(s, db, &job, &err);
        if (!ok && !scheduler_stopping(s->scheduler) && err.status != 503 && err.status != 507)
            give_up(s, &job, &err);
        if (ok) /* what fails is tried again at the usual pace */
            service_wake(s);
        service_publish_counts(s, job.id);
    }
    if (!ok && err.status && log_gate_opens(&gate))
        log_warn("auto-labelling: %s", err.message);
    db_pool_give(s->pool, db);
    arena_release(&a);
    return ok && found;
}
