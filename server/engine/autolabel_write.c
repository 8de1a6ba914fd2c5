/* autolabel_write.c - what a round found becomes rows, in pieces that leave the writer free.
 *
 * The order makes it safe to be cut off anywhere: first the model and the guesses, then in one
 * transaction the round, the loop's state and the list of items to ask (cut off before it, the round
 * is run again); last, when the loop has ended, the guesses become labels until none is left. */
#include "autolabel.h"
#include "conditions.h"
#include "moves.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/engine/dispatch.h"
#include "plumbline/learn/model.h"
#include "plumbline/store/asks.h"
#include "plumbline/store/learning.h"
#include "plumbline/store/opened.h"
#include "plumbline/store/work.h"

#include <math.h>
#include <stdlib.h>

enum { PIECE = 500, STATE_JSON_MAX = 1 << 16, RECIPE_MAX = 256 << 20 };

struct outcome {
    struct service            *service;
    const struct job          *job;
    const struct loop_items   *in;
    const struct learn_result *result;
    double                     seconds;
    int64_t                    model, round;
    size_t                     from; /* next row, for pieces */
};

static bool is_unlabelled(uint8_t state)
{
    return state <= ITEM_ANSWERED;
}

/* ---- guesses ---- */

static bool put_guesses(struct db *db, void *context, struct error *err)
{
    struct outcome *o = context;
    const struct learn_result *r = o->result;
    struct job_counts delta = {0};
    int done = 0;

    for (; o->from < o->in->n && done < PIECE; o->from++) {
        size_t row = o->from;
        struct item item;
        int old;
        double p;
        int64_t model;

        if (!o->in->id[row] || !is_unlabelled(o->in->state[row]) || r->label[row] < 0)
            continue;
        if (!item_get(db, o->in->id[row], &item, err))
            return false;
        if (!is_unlabelled((uint8_t)item.state))
            continue; /* labelled since the arrays were read */
        if (!guess_get(db, item.id, &old, &p, &model, err) ||
            !guess_put(db, item.id, o->job->id, r->label[row], r->confidence[row], o->model, err))
            return false;
        delta.provisional += old < 0;
        done++;
    }
    return job_count_add(db, o->job->id, &delta, err);
}

/* ---- the round itself ---- */

/* Everything that is needed to train the same model again. */
static bool recipe_json(const struct outcome *o, struct buf *out)
{
    const struct loop_items *in = o->in;
    char library[LEARN_LIBRARY_SIZE];
    bool first = true;

    learn_library(library);
    buf_printf(out, "{\"job\":%lld,\"seed\":%lld,\"label_set_version\":%lld,\"features\":\"%s\","
                    "\"learner\":\"%s\",\"labels\":[",
               (long long)o->job->id, (long long)o->job->id,
               (long long)o->job->label_set_version, o->job->type, library);
    for (size_t row = 0; row < in->n; row++) {
        if (in->label[row] < 0)
            continue;
        buf_printf(out, "%s[%lld,%d]", first ? "" : ",", (long long)in->id[row],
                   (int)in->label[row]);
        first = false;
    }
    return buf_puts(out, "]}");
}

static bool store_model(struct db *db, void *context, struct error *err)
{
    struct outcome *o = context;
    const struct buf *bytes = &o->result->model;
    char digest[BLOB_NAME_SIZE];
    struct buf recipe;
    bool ok;

    buf_init(&recipe, RECIPE_MAX);
    blob_digest(bytes->data, bytes->size, digest);
    ok = recipe_json(o, &recipe) ||
         error_internal(err, "The recipe of the model is too long.");
    ok = ok && model_insert(db, o->job->id, o->round, bytes->data, bytes->size, digest,
                            recipe.data, &o->model, err);
    buf_release(&recipe);
    return ok;
}

static bool report_json(const struct outcome *o, struct buf *out)
{
    const struct learn_report *r = &o->result->report;

    buf_printf(out, "{\"random\":%lld,\"failed\":%lld,\"needed\":%.6f,\"threshold\":%.6f,"
                    "\"over_threshold\":%lld,\"validation_accuracy\":%.6f,\"temperature\":%.6f,"
                    "\"cpu_seconds\":%.3f,\"bills\":[",
               (long long)r->random, (long long)r->failed, r->needed,
               r->threshold > 1 ? 1.0 : r->threshold, (long long)r->over_threshold,
               r->validation_accuracy, r->temperature, r->cpu_seconds);
    for (int64_t i = 0; i < r->bills; i++)
        buf_printf(out, "%s{\"target\":%.4f,\"human\":%lld}", i ? "," : "", r->bill[i].target,
                   (long long)r->bill[i].human);
    return buf_puts(out, "]}");
}

static bool store_round(struct db *db, struct outcome *o, struct error *err)
{
    const struct learn_report *r = &o->result->report;
    struct round_row row = {.job = o->job->id,
                            .number = o->round,
                            .human = r->human,
                            .automatic = r->automatic,
                            .rest = r->rest,
                            .estimate = r->estimate < 0 ? 0 : r->estimate,
                            .low = r->low,
                            .high = r->high,
                            .target = o->job->auto_target,
                            .decision = learn_decision_name(o->result->decision),
                            .sentence = r->reason,
                            .model = o->model,
                            .seconds = o->seconds};
    struct buf report;
    bool ok;

    if (!o->result->trained && o->result->decision == LEARN_ASK)
        return true; /* nothing was found yet: the first items are chosen */
    buf_init(&report, STATE_JSON_MAX);
    report_json(o, &report);
    row.report = report.data;
    ok = round_insert(db, &row, err);
    buf_release(&report);
    return ok;
}

static bool store_state(struct db *db, struct outcome *o, struct error *err)
{
    struct learn_state state = o->result->state;
    struct buf json;
    bool ok;

    state.decision = o->result->decision;
    buf_init(&json, STATE_JSON_MAX);
    ok = learn_state_write(&state, &json) && job_set_loop(db, o->job->id, json.data, err);
    buf_release(&json);
    return ok;
}

static bool store_parts(struct db *db, struct outcome *o, struct error *err)
{
    for (size_t row = 0; row < o->in->n; row++)
        if (o->in->id[row] && o->result->part[row] != o->in->part[row] &&
            !item_set_part(db, o->in->id[row], o->result->part[row], err))
            return false;
    return true;
}

/* Items that nobody has touched make room for those that teach more. */
static bool withdraw(struct db *db, struct outcome *o, struct error *err)
{
    struct job_counts delta = {0};
    int64_t items[PIECE];
    int count;

    do {
        if (!front_withdraw(db, o->job->id, PIECE, items, &count, err))
            return false;
        for (int i = 0; o->job->availability_seconds > 0 && i < count; i++)
            if (!opened_remove(db, items[i], err))
                return false;
        delta.waiting += count;
        delta.open -= count;
    } while (count == PIECE);
    return job_count_add(db, o->job->id, &delta, err);
}

static bool store_asks(struct db *db, struct outcome *o, struct error *err)
{
    const struct learn_result *r = o->result;

    if (!ask_clear(db, o->job->id, err) || !withdraw(db, o, err))
        return false;
    for (size_t i = 0; i < r->n_ask; i++) {
        size_t row = r->ask[i];

        if (o->in->id[row] && is_unlabelled(o->in->state[row]) &&
            !ask_put(db, o->job->id, (int64_t)i, o->in->id[row], err))
            return false;
    }
    return true;
}

static bool write_outcome(struct db *db, void *context, struct error *err)
{
    struct outcome *o = context;

    if (!store_round(db, o, err) || !store_state(db, o, err) || !store_parts(db, o, err) ||
        !store_asks(db, o, err))
        return false;
    if (o->result->decision == LEARN_STOP)
        return job_set_state(db, o->job->id, JOB_STOPPING, o->result->report.reason, err);
    return true;
}

static void publish_round(const struct outcome *o)
{
    const struct learn_report *r = &o->result->report;
    json_t *json;

    if (!o->service->publish)
        return;
    json = json_pack("{s:I, s:I, s:I, s:f, s:f, s:f, s:f, s:s, s:s}", "round",
                     (json_int_t)o->round, "human", (json_int_t)r->human, "rest",
                     (json_int_t)r->rest, "estimate", r->estimate < 0 ? 0.0 : r->estimate, "low",
                     r->low, "high", r->high, "target", o->job->auto_target, "decision",
                     learn_decision_name(o->result->decision), "sentence", r->reason);
    o->service->publish(o->service->publish_context, o->job->id, "round", json);
    json_decref(json);
}

bool autolabel_write(struct service *s, const struct job *job, const struct loop_items *in,
                     const struct learn_result *result, double seconds, struct error *err)
{
    struct outcome o = {.service = s,
                        .job = job,
                        .in = in,
                        .result = result,
                        .seconds = seconds,
                        .round = result->state.rounds};

    log_info("job=%lld round=%lld %s: %s", (long long)job->id, (long long)o.round,
             learn_decision_name(result->decision), result->report.reason);
    if (result->trained && !writer_call_low(s->writer, store_model, &o, err))
        return false;
    if (result->guessed)
        o.model = job->initial_model;
    while ((result->trained || result->guessed) && result->decision != LEARN_REFUSE && o.from < in->n)
        if (!writer_call_low(s->writer, put_guesses, &o, err))
            return false;
    if (!writer_call(s->writer, write_outcome, &o, err))
        return false;
    publish_round(&o);
    return result->decision != LEARN_FINISH || autolabel_finish(s, job, err);
}

/* ---- the end: guesses become labels ---- */

struct finishing {
    const struct job *job;
    int64_t           round, after;
    int64_t           room; /* how many more the machine may label */
    double            estimate;
    bool              more;
};

static bool label_guess(struct db *db, struct finishing *f, const struct guess_row *g,
                        struct job_counts *delta, struct error *err)
{
    struct label_row l = {.item = g->item,
                          .job = f->job->id,
                          .origin = LABEL_MACHINE,
                          .class_index = g->class_index,
                          .posterior = g->p,
                          .confidence = round(g->p * 100) / 100,
                          .method = f->job->consolidation,
                          .model = g->model,
                          .round = f->round,
                          .estimate = f->estimate,
                          .label_set_version = f->job->label_set_version,
                          .created = clock_now_us()};
    struct item item;
    bool was;

    if (!item_get(db, g->item, &item, err))
        return false;
    if (item.state > ITEM_OPEN || item.taken > 0)
        return true; /* somebody has it in hand: their answer will be the label */
    if (f->job->auto_max_share > 0 && (item.part != LEARN_PART_AUTO || f->room <= 0))
        return true; /* beyond the limit: only what the loop was surest of */
    f->room--;
    if (item.state == ITEM_OPEN && (!front_remove(db, f->job->id, item.rank, item.id, err) ||
                                    !opened_remove(db, item.id, err)))
        return false;
    count_state(delta, (enum item_state)item.state, -1);
    count_state(delta, ITEM_MACHINE, 1);
    delta->provisional--;
    return label_apply(db, &l, &item, ITEM_MACHINE, err) && guess_delete(db, g->item, &was, err);
}

static bool find_room(struct db *db, struct finishing *f, struct error *err)
{
    struct arena a;
    struct job job;
    bool ok;

    arena_init(&a);
    ok = job_get_bare(db, f->job->id, &a, &job, err);
    f->room = ok ? conditions_machine_room(&job) : 0;
    arena_release(&a);
    return ok;
}

static bool finish_piece(struct db *db, void *context, struct error *err)
{
    struct finishing *f = context;
    struct guess_row rows[PIECE];
    struct job_counts delta = {0};
    int count;

    if (!guess_list(db, f->job->id, f->after, PIECE, rows, &count, err) ||
        !find_room(db, f, err))
        return false;
    for (int i = 0; i < count; i++)
        if (!label_guess(db, f, &rows[i], &delta, err))
            return false;
    f->more = count == PIECE;
    if (count > 0)
        f->after = rows[count - 1].item;
    return machine_book(db, f->job->id, clock_now_us(), delta.machine, err) &&
           job_count_add(db, f->job->id, &delta, err);
}

static bool drop_left(struct db *db, void *context, struct error *err)
{
    struct finishing *f = context;
    struct job_counts delta = {0};
    struct guess_row rows[PIECE];
    int count;
    bool was;

    if (!guess_list(db, f->job->id, 0, PIECE, rows, &count, err))
        return false;
    for (int i = 0; i < count; i++)
        if (!guess_delete(db, rows[i].item, &was, err))
            return false;
    delta.provisional = -count;
    f->more = count == PIECE;
    return job_count_add(db, f->job->id, &delta, err);
}

bool autolabel_finish(struct service *s, const struct job *job, struct error *err)
{
    struct finishing f = {.job = job, .more = true};
    struct round_row *rounds;
    struct arena a;
    struct db *db = db_pool_take(s->pool, err);
    int count = 0;
    bool ok;

    if (!db)
        return false;
    arena_init(&a);
    ok = round_list(db, job->id, &a, &rounds, &count, err);
    if (ok && count > 0) {
        f.round = rounds[count - 1].number;
        f.estimate = rounds[count - 1].estimate;
    }
    db_pool_give(s->pool, db);
    arena_release(&a);
    while (ok && f.more) {
        ok = writer_call_low(s->writer, finish_piece, &f, err);
        service_publish_counts(s, job->id);
    }
    f.more = true; /* items that people are at: their guess has no more use */
    while (ok && f.more)
        ok = writer_call_low(s->writer, drop_left, &f, err);
    return ok;
}
