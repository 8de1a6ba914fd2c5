/* multilabel.c - the door for multi-label answers, with voting and Ground Truth's one fit a
 * class. */
#include "plumbline/consensus/multilabel.h"

#include "plumbline/base/arena.h"
#include "plumbline/consensus/calibrate.h"
#include "sheets.h"

#include <stdlib.h>
#include <string.h>

/* The share of people who chose each candidate; also counts the votes. */
static void vote(const struct sheets *s, int32_t *votes, float *raw)
{
    for (int32_t i = 0; i < s->items; i++)
        for (size_t c = s->candidate_start[i]; c < s->candidate_start[i + 1]; c++) {
            for (size_t a = s->mark_start[c]; a < s->mark_start[c + 1]; a++)
                votes[c] += s->mark[a];
            raw[c] = (float)votes[c] / (float)sheets_of(s, i);
        }
}

/* The candidate of the item that is class k, or candidate_start[item + 1]. next[item] walks
 * along the candidates as k rises. */
static size_t candidate_of(const struct sheets *s, int32_t item, int32_t k, size_t *next)
{
    while (next[item] < s->candidate_start[item + 1] && s->candidate[next[item]] < k)
        next[item]++;
    return next[item] < s->candidate_start[item + 1] && s->candidate[next[item]] == k
               ? next[item] : s->candidate_start[item + 1];
}

/* All sheets as answers to "is it class k?": label[sheet] = 0 or 1. */
static void ask_class(const struct sheets *s, int32_t k, size_t *next, int32_t *label)
{
    for (int32_t i = 0; i < s->items; i++) {
        size_t c = candidate_of(s, i, k, next), people = sheets_of(s, i);

        for (size_t a = 0; a < people; a++)
            label[s->sheet_start[i] + a] =
                c < s->candidate_start[i + 1] ? s->mark[s->mark_start[c] + a] : 0;
    }
}

static bool fit_each_class(const struct sheets *s, const struct consensus_settings *settings,
                           float *raw, int *iterations, struct error *err)
{
    size_t sheets = s->sheet_start[s->items];
    int32_t *item = must_alloc(sheets * sizeof *item), *label = must_alloc(sheets * sizeof *label);
    size_t *next = must_alloc(((size_t)s->items + 1) * sizeof *next);
    struct consensus_answers in = {s->items, s->annotators, 2, sheets, item, s->annotator, label,
                                   NULL};
    bool ok = true;

    memcpy(next, s->candidate_start, ((size_t)s->items + 1) * sizeof *next);
    for (int32_t i = 0; i < s->items; i++)
        for (size_t a = s->sheet_start[i]; a < s->sheet_start[i + 1]; a++)
            item[a] = i;
    for (int32_t k = 0; ok && k < s->classes; k++) {
        struct consensus_result one;

        ask_class(s, k, next, label);
        ok = consensus_classes_fit(&in, settings, &one, NULL, err);
        if (!ok)
            break;
        for (int32_t i = 0; i < s->items; i++) {
            size_t c = candidate_of(s, i, k, next);

            if (c < s->candidate_start[i + 1])
                raw[c] = one.raw[(size_t)i * 2 + 1];
        }
        *iterations = one.iterations > *iterations ? one.iterations : *iterations;
        consensus_result_release(&one);
    }
    free(item);
    free(label);
    free(next);
    return ok;
}

/* Expected share of right decisions; decisions on classes nobody chose would all be right and say
 * nothing. */
static void judge_annotators(const struct sheets *s, const float *raw, float *accuracy,
                             int32_t *answers)
{
    size_t people = (size_t)s->annotators;
    double *right = must_alloc(people * sizeof *right), *made = must_alloc(people * sizeof *made);
    double all_right = 0, all_made = 0;

    for (int32_t i = 0; i < s->items; i++)
        for (size_t a = 0; a < sheets_of(s, i); a++) {
            int32_t j = s->annotator[s->sheet_start[i] + a];

            answers[j]++;
            for (size_t c = s->candidate_start[i]; c < s->candidate_start[i + 1]; c++) {
                right[j] += s->mark[s->mark_start[c] + a] ? raw[c] : 1 - raw[c];
                made[j]++;
            }
        }
    for (size_t j = 0; j < people; j++) {
        all_right += right[j];
        all_made += made[j];
    }
    for (size_t j = 0; j < people; j++)
        accuracy[j] = (float)(made[j] > 0 ? right[j] / made[j]
                                          : all_made > 0 ? all_right / all_made : 1);
    free(right);
    free(made);
}

static void calibrate(struct consensus_multilabel_result *r)
{
    for (int32_t i = 0; i < r->items; i++)
        for (size_t c = r->start[i]; c < r->start[i + 1]; c++) {
            float two[2] = {1 - r->raw[c], r->raw[c]};

            if (r->method != CONSENSUS_MAJORITY)
                consensus_temper(two, 2, consensus_temperature(r->item_answers[i]), two);
            r->posterior[c] = two[1];
        }
}

static void hand_over(struct sheets *s, struct consensus_multilabel_result *r)
{
    r->items = s->items;
    r->annotators = s->annotators;
    r->classes = s->classes;
    r->answers = s->sheet_start[s->items];
    r->duplicates = s->duplicates;
    r->item_answers = must_alloc((size_t)s->items * sizeof *r->item_answers);
    for (int32_t i = 0; i < s->items; i++)
        r->item_answers[i] = (int32_t)sheets_of(s, i);
    r->accuracy = must_alloc((size_t)s->annotators * sizeof *r->accuracy);
    r->annotator_answers = must_alloc((size_t)s->annotators * sizeof *r->annotator_answers);
    judge_annotators(s, r->raw, r->accuracy, r->annotator_answers);
    r->start = s->candidate_start;
    r->label = s->candidate;
    s->candidate_start = NULL;
    s->candidate = NULL;
    calibrate(r);
}

bool consensus_multilabel_fit(const struct consensus_answers *answers,
                              const struct consensus_settings *settings,
                              struct consensus_multilabel_result *result, struct error *err)
{
    struct consensus_multilabel_result r = {.method = settings->method};
    struct sheets s;
    size_t candidates;
    bool ok = true;

    if (settings->start || answers->gold)
        return error_invalid(err, "start", "Multi-label answers take neither start parameters nor "
                             "known classes");
    if (!sheets_build(&s, answers, err))
        return false;
    candidates = s.candidate_start[s.items];
    r.votes = must_alloc(candidates * sizeof *r.votes);
    r.raw = must_alloc(candidates * sizeof *r.raw);
    r.posterior = must_alloc(candidates * sizeof *r.posterior);
    vote(&s, r.votes, r.raw);
    if (settings->method == CONSENSUS_SDS)
        r.iterations = multilabel_em(&s, settings->max_rounds, r.raw);
    else if (settings->method == CONSENSUS_GROUND_TRUTH)
        ok = fit_each_class(&s, settings, r.raw, &r.iterations, err);
    if (ok) {
        hand_over(&s, &r);
        *result = r;
    } else {
        consensus_multilabel_release(&r);
    }
    sheets_release(&s);
    return ok;
}

void consensus_multilabel_release(struct consensus_multilabel_result *r)
{
    free(r->start);
    free(r->label);
    free(r->votes);
    free(r->raw);
    free(r->posterior);
    free(r->item_answers);
    free(r->accuracy);
    free(r->annotator_answers);
    memset(r, 0, sizeof *r);
}
