/* loop.c - one round: checks what came in, runs the job's rule, hands out the result. */
#include "loop_round.h"

#include "plumbline/base/arena.h"
#include "plumbline/base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES_MAX = 10000 };

void learn_result_release(struct learn_result *r)
{
    free(r->part);
    free(r->label);
    free(r->confidence);
    free(r->margin);
    free(r->sets);
    free(r->ask);
    buf_release(&r->model);
    *r = (struct learn_result){0};
}

static bool check_arrays(const struct learn_rows *rows, const struct learn_answers *a,
                         struct error *err)
{
    if (rows->n > UINT32_MAX / 2)
        return error_invalid(err, "items", "The learner takes at most 2 147 483 647 items.");
    if (a->n_classes < 1 || a->n_classes > CLASSES_MAX)
        return error_invalid(err, "classes", "The learner needs 1 to %d classes, not %u.",
                             CLASSES_MAX, a->n_classes);
    for (size_t i = 0; i < rows->n; i++) {
        int32_t limit = a->multilabel ? 1 : (int32_t)a->n_classes;

        if (a->label[i] < LEARN_EXCLUDED || a->label[i] >= limit)
            return error_invalid(err, "label", "Item %zu has class number %d of %u.", i,
                                 a->label[i], a->n_classes);
        if (a->part[i] > LEARN_PART_AUTO)
            return error_invalid(err, "part", "Item %zu has part %u.", i, a->part[i]);
        if (a->weight && a->weight[i] == 0)
            return error_invalid(err, "weight", "Item %zu has weight 0.", i);
    }
    if (a->multilabel && !a->sets)
        return error_invalid(err, "sets", "A multi-label job needs its label sets.");
    return true;
}

static void result_init(struct learn_result *out, const struct learn_rows *rows,
                        const struct learn_answers *answers, const struct learn_state *state)
{
    *out = (struct learn_result){.state = *state, .n = rows->n, .n_classes = answers->n_classes};
    out->part = must_alloc(rows->n + 1);
    memcpy(out->part, answers->part, rows->n);
    out->label = must_alloc((rows->n + 1) * sizeof *out->label);
    out->confidence = must_alloc((rows->n + 1) * sizeof *out->confidence);
    out->margin = must_alloc((rows->n + 1) * sizeof *out->margin);
    memset(out->label, 0xFF, rows->n * sizeof *out->label); /* -1 */
    buf_init(&out->model, (size_t)1 << 30);
    out->report.estimate = out->report.validation_accuracy = -1;
    out->report.threshold = 2;
    out->report.temperature = 1;
}

void round_count(struct round *r)
{
    struct learn_report *report = &r->out->report;

    report->items = (int64_t)r->rows->n;
    report->human = report->automatic = report->rest = report->random = report->failed = 0;
    for (size_t i = 0; i < r->rows->n; i++) {
        report->human += r->answers->label[i] >= 0;
        report->automatic += r->out->part[i] == LEARN_PART_AUTO && r->answers->label[i] < 0;
        report->rest += round_is_rest(r, i);
        report->failed += round_is_open(r, i) && !r->rows->row[i].data;
        report->random += r->out->part[i] == LEARN_PART_RANDOM;
    }
}

bool round_is_right(const struct round *r, size_t i)
{
    const struct learn_answers *a = r->answers;

    if (!a->multilabel)
        return r->out->label[i] == a->label[i];
    return memcmp(r->out->sets + i * a->n_classes, a->sets + i * a->n_classes, a->n_classes) == 0;
}

struct sure {
    float    confidence;
    uint32_t row;
};

static int by_confidence(const void *a, const void *b)
{
    const struct sure *x = a, *y = b;

    if (x->confidence != y->confidence)
        return x->confidence > y->confidence ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

size_t round_take_surest(struct round *r, size_t most, float confidence)
{
    struct sure *sure = must_alloc((r->rows->n + 1) * sizeof *sure);
    size_t n = 0;

    for (size_t i = 0; i < r->rows->n; i++)
        if (round_is_rest(r, i) && r->out->confidence[i] >= confidence)
            sure[n++] = (struct sure){r->out->confidence[i], (uint32_t)i};
    qsort(sure, n, sizeof *sure, by_confidence);
    n = n < most ? n : most;
    for (size_t i = 0; i < n; i++)
        r->out->part[sure[i].row] = LEARN_PART_AUTO;
    free(sure);
    return n;
}

void round_decide(struct round *r, enum learn_decision decision, const char *format, ...)
{
    va_list args;

    r->out->decision = r->out->state.decision = decision;
    va_start(args, format);
    vsnprintf(r->out->report.reason, sizeof r->out->report.reason, format, args);
    va_end(args);
}

bool round_at_limit(struct round *r)
{
    const struct learn_report *report = &r->out->report;
    const struct learn_settings *s = r->settings;
    int64_t most = round_share_up(s->most_share, r->rows->n);

    if (s->most_human > 0 && report->human >= s->most_human)
        round_decide(r, LEARN_STOP, "The limit of %lld items labelled by people is reached; %lld "
                     "items stay unlabelled.", (long long)s->most_human,
                     (long long)(report->rest + report->failed));
    else if (s->most_share > 0 && report->human + report->automatic >= most)
        round_decide(r, LEARN_STOP, "The limit of %.1f %% labelled items is reached; %lld items "
                     "stay unlabelled.", 100 * s->most_share,
                     (long long)(report->rest + report->failed));
    else
        return false;
    return true;
}

bool learn_round(const struct learn_rows *rows, const void *dictionary, size_t dictionary_size,
                 const struct learn_answers *answers, const struct learn_settings *settings,
                 const struct learn_state *state, learn_progress *progress, void *context,
                 struct learn_result *out, struct error *err)
{
    struct round r = {.rows = rows, .dictionary = dictionary, .dictionary_size = dictionary_size,
                      .answers = answers, .settings = settings, .progress = progress,
                      .context = context, .out = out, .temperature = 1};
    double start = clock_cpu_seconds();
    bool ok;

    if (!learn_settings_check(settings, err) || !check_arrays(rows, answers, err))
        return false;
    result_init(out, rows, answers, state);
    round_shuffle(&r);
    ok = settings->rule == LEARN_RULE_DEFAULT ? round_default(&r, err)
                                              : round_ground_truth(&r, err);
    out->report.cpu_seconds = clock_cpu_seconds() - start;
    if (settings->most_human > 0 && out->state.due > settings->most_human)
        out->state.due = settings->most_human;
    free(r.shuffled);
    free(r.validation);
    if (!ok)
        learn_result_release(out);
    return ok;
}
