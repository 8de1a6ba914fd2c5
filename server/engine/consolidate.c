/* consolidate.c - the answers of finished items become labels.
 *
 * Items come in units: those whose window of undo has ended. While a job is small, every unit fits
 * anew on all answers of the job; later a unit is judged with what the last fit learnt of the
 * annotators (one E step, whose cost is the unit's), and the fit is renewed when the answers have
 * grown by a tenth, in a bounded share of a core. At the end of the job one fit over everything supersedes the labels that
 * come out differently, so that the result does not depend on how the units were cut. */
#include "consolidate.h"

#include "fit.h"
#include "moves.h"
#include "windows.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/clock.h"
#include "plumbline/consensus/calibrate.h"
#include "plumbline/store/learning.h"
#include "plumbline/store/opened.h"
#include "plumbline/store/work.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNIT_MAX = 500,
    WRITE_MAX = 250,            /* items of one piece of the writer: a few milliseconds */
    WRITE_PRESSED = 40,         /* the same while requests wait */
    ALWAYS_FIT_ANSWERS = 1000,  /* a full fit takes a millisecond up to here */
    FIT_REST = 15,              /* after a fit that took t the next comes no earlier than 15 t later */
    SHOWN_CLASSES = 10,
};

static const double CHANGE_WORTH_WRITING = 0.01; /* of a posterior */

struct fit {
    int64_t                     job, answers; /* behind the parameters */
    struct consensus_parameters parameters;
    bool                        fitted;
    int64_t                     rest_until; /* monotonic */
    struct idmap                people; /* the parameters' annotators */
};

struct fit *fit_new(int64_t job)
{
    struct fit *f = must_alloc(sizeof *f);

    f->job = job;
    return f;
}

static void forget(struct fit *f)
{
    if (f->fitted)
        consensus_parameters_release(&f->parameters);
    idmap_release(&f->people);
    f->fitted = false;
}

void fit_free(struct fit *f)
{
    if (!f)
        return;
    forget(f);
    free(f);
}

int64_t fit_job(const struct fit *f)
{
    return f->job;
}

static enum consensus_method method_of(const struct job *job)
{
    switch (job->consolidation) {
    case CONSOLIDATION_MAJORITY:
        return CONSENSUS_MAJORITY;
    case CONSOLIDATION_GROUND_TRUTH:
        return CONSENSUS_GROUND_TRUTH;
    default:
        return CONSENSUS_SDS;
    }
}

static struct consensus_answers arrays(const struct answer_table *t, int32_t annotators,
                                       size_t classes)
{
    return (struct consensus_answers){.items = t->items.n,
                                      .annotators = annotators,
                                      .classes = (int32_t)classes,
                                      .n = t->n,
                                      .item = t->item,
                                      .annotator = t->person,
                                      .label = t->label};
}

/* ---- writing a unit ---- */

struct unit {
    struct service                *service;
    const struct job              *job;
    const struct answer_table     *table;
    const struct consensus_result *result;
    const int64_t                 *items; /* to be labelled now */
    int                            count;
    bool                           again; /* supersede instead of label for the first time */
    bool                           annotators; /* result has accuracies worth storing */
    int                            from;       /* next of items */
    float                         *posterior;  /* scratch, a class each */
    struct buf                    *shown;      /* scratch */
};

/* The largest posteriors as JSON [[class, p], …]. */
static void posteriors_json(const struct consensus_result *r, int32_t item, float *p,
                            struct buf *out)
{
    buf_clear(out);
    consensus_item_posterior(r, item, p);
    for (int n = 0; n < SHOWN_CLASSES; n++) {
        int32_t best = -1;

        for (int32_t k = 0; k < r->classes; k++)
            if (p[k] >= 0.0005F && (best < 0 || p[k] > p[best]))
                best = k;
        if (best < 0)
            break;
        buf_printf(out, "%s[%d,%.4g]", n ? "," : "[", (int)best, round(p[best] * 1e4) / 1e4);
        p[best] = 0;
    }
    buf_puts(out, out->size ? "]" : "[]");
}

static double exported_confidence(const struct unit *u, int32_t at)
{
    const struct consensus_result *r = u->result;
    double p = r->posterior[at];

    if (r->method == CONSENSUS_GROUND_TRUTH) /* as it computes it, over-confident or not */
        p = r->raw[(size_t)at * (size_t)r->classes + (size_t)r->label[at]];
    return consensus_exported_confidence(p, r->item_answers[at]);
}

static bool apply_label(struct db *db, const struct unit *u, const struct item *item, int32_t at,
                        struct error *err)
{
    const struct consensus_result *r = u->result;
    struct label_row l = {.item = item->id,
                          .job = u->job->id,
                          .origin = LABEL_HUMAN,
                          .class_index = r->label[at],
                          .posterior = r->posterior[at],
                          .confidence = exported_confidence(u, at),
                          .method = u->job->consolidation,
                          .answers = r->item_answers[at],
                          .label_set_version = u->job->label_set_version,
                          .created = clock_now_us()};

    posteriors_json(r, at, u->posterior, u->shown);
    l.posteriors = u->shown->data;
    return label_apply(db, &l, item, ITEM_HUMAN, err);
}

/* A complete item gets its label, unless an undo came in between. */
static bool label_one(struct db *db, const struct unit *u, int64_t id, struct error *err)
{
    int32_t at = idmap_find(&u->table->items, id);
    struct job_counts delta = {.answered = -1, .human = 1};
    struct item item;
    bool guessed;

    if (!item_get(db, id, &item, err))
        return false;
    if (item.state != ITEM_ANSWERED || at < 0)
        return true;
    if (!guess_delete(db, id, &guessed, err))
        return false;
    delta.provisional = -(int64_t)guessed;
    if (u->job->availability_seconds > 0 && !opened_remove(db, id, err))
        return false;
    return apply_label(db, u, &item, at, err) && job_count_add(db, u->job->id, &delta, err);
}

static bool relabel_one(struct db *db, const struct unit *u, int64_t id, struct error *err)
{
    int32_t at = idmap_find(&u->table->items, id);
    struct item item;

    if (!item_get(db, id, &item, err))
        return false;
    if (item.state != ITEM_HUMAN || at < 0 ||
        (item.class_index == u->result->label[at] &&
         fabs(item.posterior - u->result->posterior[at]) < CHANGE_WORTH_WRITING))
        return true;
    return apply_label(db, u, &item, at, err);
}

static bool write_annotators(struct db *db, const struct unit *u, struct error *err)
{
    for (int32_t j = 0; j < u->table->people.n; j++)
        if (!annotator_set(db, u->job->id, u->table->people.id[j], u->result->annotator_answers[j],
                           u->result->accuracy[j], err))
            return false;
    return true;
}

static bool write_unit(struct db *db, void *context, struct error *err)
{
    struct unit *u = context;
    int most = db_pressed(db) ? WRITE_PRESSED : WRITE_MAX;
    int end = u->from + most < u->count ? u->from + most : u->count;

    for (int i = u->from; i < end; i++)
        if (!(u->again ? relabel_one : label_one)(db, u, u->items[i], err))
            return false;
    if (u->annotators && end == u->count &&
        (!write_annotators(db, u, err) ||
         !job_set_fitted(db, u->job->id, (int64_t)u->table->n, u->again, err)))
        return false;
    u->from = end;
    return true;
}

/* ---- fitting ---- */

static bool fit_all(struct service *s, struct fit *f, const struct job *job, size_t classes,
                    struct answer_table *table, struct consensus_result *result, struct db *db,
                    struct error *err)
{
    struct consensus_settings settings = {.method = method_of(job)};
    struct consensus_parameters parameters;
    struct consensus_answers in;
    int64_t started = clock_monotonic_us(), now;

    (void)s;
    if (!answer_table_load(table, db, job->id, err))
        return false;
    in = arrays(table, table->people.n, classes);
    if (!consensus_classes_fit(&in, &settings, result, &parameters, err))
        return false;
    forget(f);
    f->parameters = parameters;
    f->fitted = true;
    f->answers = (int64_t)table->n;
    now = clock_monotonic_us();
    f->rest_until = now + FIT_REST * (now - started);
    for (int32_t j = 0; j < table->people.n; j++)
        idmap_add(&f->people, table->people.id[j]);
    return true;
}

/* Only the unit's own answers, judged with the last fit. */
static bool infer_unit(struct fit *f, const int64_t *items, int count, size_t classes,
                       struct answer_table *table, struct consensus_result *result, struct db *db,
                       struct error *err)
{
    struct consensus_answers in;

    memset(table, 0, sizeof *table);
    for (int32_t j = 0; j < f->people.n; j++) /* the same numbers as in the fit */
        idmap_add(&table->people, f->people.id[j]);
    for (int i = 0; i < count; i++)
        if (!answer_of_item(db, items[i], answer_table_row, table, err))
            return false;
    in = arrays(table, table->people.n, classes);
    return consensus_classes_infer(&f->parameters, &in, result, err);
}

static bool fit_is_due(const struct fit *f, const struct job *job, size_t classes)
{
    if (!f->fitted || f->parameters.method != method_of(job) ||
        (size_t)f->parameters.classes != classes)
        return true;
    return clock_monotonic_us() > f->rest_until &&
           (job->counts.answers <= ALWAYS_FIT_ANSWERS ||
            job->counts.answers > f->answers + f->answers / 10);
}

static bool label_unit(struct service *s, struct fit *f, const struct job *job, size_t classes,
                       const int64_t *items, int count, bool again, struct db *db,
                       struct error *err)
{
    struct answer_table table = {0};
    struct consensus_result result = {0};
    struct buf shown;
    bool full = again || fit_is_due(f, job, classes);
    struct unit unit = {.service = s,
                        .job = job,
                        .table = &table,
                        .result = &result,
                        .items = items,
                        .count = count,
                        .again = again,
                        .annotators = full,
                        .posterior = must_alloc(classes * sizeof(float)),
                        .shown = &shown};
    bool ok = full ? fit_all(s, f, job, classes, &table, &result, db, err)
                   : infer_unit(f, items, count, classes, &table, &result, db, err);

    buf_init(&shown, 4096);
    if (ok && again) {
        unit.items = table.items.id;
        unit.count = table.items.n;
    }
    do
        ok = ok && writer_call_low(s->writer, write_unit, &unit, err);
    while (ok && unit.from < unit.count);
    free(unit.posterior);
    buf_release(&shown);
    consensus_result_release(&result);
    answer_table_release(&table);
    return ok;
}

static bool run_unit(struct service *s, struct fit *f, const struct job *job, const int64_t *items,
                     int count, bool again, struct error *err)
{
    struct db *db = db_pool_take(s->pool, err);
    const struct label_set *labels;
    bool ok = false;

    if (!db)
        return false;
    labels = service_labels_take(s, db, job->id, job->label_set_version, err);
    if (labels) {
        ok = label_unit(s, f, job, labels->n, items, count, again, db, err);
        service_labels_give(s, labels);
    }
    db_pool_give(s->pool, db);
    return ok;
}

/* Answered items whose window of undo is over. */
static bool find_due(struct service *s, struct db *db, const struct job *job, int64_t *items,
                     int *count, struct error *err)
{
    int64_t answered[UNIT_MAX], after = 0;
    struct idmap waiting = {0};
    bool ok;
    int n;

    *count = 0;
    if (job->state != JOB_STOPPING)
        windows_waiting(s->windows, service_lease_now(s), &waiting);
    do {
        ok = item_answered(db, job->id, after, UNIT_MAX, answered, &n, err);
        for (int i = 0; ok && i < n && *count < UNIT_MAX; i++)
            if (idmap_find(&waiting, answered[i]) < 0)
                items[(*count)++] = answered[i];
        after = n > 0 ? answered[n - 1] : 0;
    } while (ok && n == UNIT_MAX && *count < UNIT_MAX);
    idmap_release(&waiting);
    return ok;
}

bool consolidate_due(struct service *s, struct fit *f, const struct job *job, int *count,
                     struct error *err)
{
    struct db *db = db_pool_take(s->pool, err);
    int64_t items[UNIT_MAX];
    bool ok;

    *count = 0;
    if (!db)
        return false;
    ok = find_due(s, db, job, items, count, err);
    db_pool_give(s->pool, db);
    if (!ok || *count == 0)
        return ok;
    return run_unit(s, f, job, items, *count, false, err);
}

bool consolidate_again(struct service *s, struct fit *f, const struct job *job, struct error *err)
{
    return run_unit(s, f, job, NULL, 0, true, err);
}
