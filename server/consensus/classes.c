/* classes.c - the door of the room for classes: checks, sorts, lets the chosen method work and
 * hands the result over. */
#include "plumbline/consensus/classes.h"

#include "em.h"
#include "infer.h"
#include "plumbline/base/arena.h"
#include "plumbline/consensus/calibrate.h"

#include <stdlib.h>
#include <string.h>

static bool check_settings(const struct consensus_answers *answers,
                           const struct consensus_settings *settings, struct error *err)
{
    const struct consensus_parameters *start = settings->start;

    if (start && settings->method != CONSENSUS_MAJORITY &&
        (start->method != settings->method || start->classes != answers->classes))
        return error_invalid(err, "start", "The start parameters are of another method or of %d "
                             "classes instead of %d", start->classes, answers->classes);
    return true;
}

/* One class: there is nothing to learn, and shares of "the other classes" would divide by 0. */
static void fit_one_class(struct em *em)
{
    for (int32_t i = 0; i < em->csr->items; i++)
        em->p[i] = 1;
    em->crowd_accuracy = 1;
    em_count_right(em);
    confusion_init(&em->confusion, em->csr);
    confusion_count(&em->confusion, em->p);
    for (int32_t j = 0; j < em->csr->annotators; j++)
        em->confusion.diagonal[j] = 1;
    confusion_logs(&em->confusion);
}

static void run(struct em *em)
{
    if (em->classes == 1)
        fit_one_class(em);
    else if (em->settings->method == CONSENSUS_MAJORITY)
        majority_fit(em);
    else if (em->settings->method == CONSENSUS_GROUND_TRUTH)
        ground_truth_fit(em);
    else
        dawid_skene_fit(em);
}

/* label, calibrated posterior and number of answers of every item, from result->raw. */
static void label_items(struct consensus_result *result, const struct csr *csr)
{
    size_t items = (size_t)result->items, n = (size_t)result->classes;
    float *calibrated = must_alloc(n * sizeof *calibrated);

    result->label = must_alloc(items * sizeof *result->label);
    result->posterior = must_alloc(items * sizeof *result->posterior);
    result->item_answers = must_alloc(items * sizeof *result->item_answers);
    for (int32_t i = 0; i < result->items; i++) {
        const float *raw = result->raw + (size_t)i * n;
        size_t best = 0;

        for (size_t k = 1; k < n; k++)
            best = raw[k] > raw[best] ? k : best;
        result->label[i] = (int32_t)best;
        result->item_answers[i] = csr_count(csr, i);
        consensus_item_posterior(result, i, calibrated);
        result->posterior[i] = calibrated[best];
    }
    free(calibrated);
}

static void hand_over(struct em *em, struct consensus_result *result)
{
    const struct csr *csr = em->csr;

    *result = (struct consensus_result){
        .method = em->settings->method, .items = csr->items, .annotators = csr->annotators,
        .classes = csr->classes, .answers = csr->n, .duplicates = csr->duplicates,
        .iterations = em->iterations, .log_likelihood = em->log_likelihood, .raw = em->p};
    if (em->settings->method != CONSENSUS_MAJORITY)
        em_count_right(em); /* by the final posteriors; majority counted against its winners */
    result->accuracy = must_alloc((size_t)csr->annotators * sizeof *result->accuracy);
    for (int32_t j = 0; j < csr->annotators; j++)
        result->accuracy[j] = (float)(em->given[j] ? em->right[j] / em->given[j]
                                                   : em->crowd_accuracy);
    result->annotator_answers = em->given;
    em->p = NULL;
    em->given = NULL;
    label_items(result, csr);
}

bool consensus_classes_fit(const struct consensus_answers *answers,
                           const struct consensus_settings *settings,
                           struct consensus_result *result,
                           struct consensus_parameters *parameters, struct error *err)
{
    struct csr csr;
    struct em em;

    if (!check_settings(answers, settings, err) || !csr_build(&csr, answers, err))
        return false;
    em_init(&em, &csr, settings);
    run(&em);
    if (parameters) {
        *parameters = (struct consensus_parameters){.method = settings->method,
                                                    .crowd_accuracy = em.crowd_accuracy};
        confusion_export(&em.confusion, parameters);
        parameters->log_prior = em.log_prior;
        em.log_prior = NULL;
    }
    confusion_release(&em.confusion); /* before the result's own arrays are made */
    hand_over(&em, result);
    em_release(&em);
    csr_release(&csr);
    return true;
}

bool consensus_classes_infer(const struct consensus_parameters *parameters,
                             const struct consensus_answers *answers,
                             struct consensus_result *result, struct error *err)
{
    size_t n = (size_t)parameters->classes;
    struct csr csr;
    double likelihood = 0;

    if (parameters->classes != answers->classes)
        return error_invalid(err, "classes", "The answers have %d classes, the parameters %d",
                             answers->classes, parameters->classes);
    if (!csr_build(&csr, answers, err))
        return false;
    *result = (struct consensus_result){
        .method = parameters->method, .items = csr.items, .annotators = csr.annotators,
        .classes = csr.classes, .answers = csr.n, .duplicates = csr.duplicates, .iterations = 1};
    result->raw = must_alloc((size_t)csr.items * n * sizeof *result->raw);
    for (int32_t i = 0; i < csr.items; i++) {
        float *q = result->raw + (size_t)i * n;

        likelihood += infer_item(parameters, &csr, i, q);
        if (csr.gold && csr.gold[i] >= 0) {
            memset(q, 0, n * sizeof *q);
            q[csr.gold[i]] = 1;
        }
    }
    result->log_likelihood = likelihood;
    label_items(result, &csr);
    csr_release(&csr);
    return true;
}

void consensus_item_posterior(const struct consensus_result *result, int32_t item, float *out)
{
    size_t n = (size_t)result->classes;
    const float *raw = result->raw + (size_t)item * n;

    if (result->method == CONSENSUS_MAJORITY)
        memcpy(out, raw, n * sizeof *out);
    else
        consensus_temper(raw, n, consensus_temperature(result->item_answers[item]), out);
}

void consensus_result_release(struct consensus_result *r)
{
    free(r->label);
    free(r->raw);
    free(r->posterior);
    free(r->item_answers);
    free(r->accuracy);
    free(r->annotator_answers);
    memset(r, 0, sizeof *r);
}

void consensus_parameters_release(struct consensus_parameters *p)
{
    free(p->log_prior);
    free(p->diagonal);
    free(p->off_diagonal);
    free(p->row);
    free(p->group_start);
    free(p->group_label);
    free(p->entry_start);
    free(p->entry_truth);
    free(p->entry_count);
    memset(p, 0, sizeof *p);
}
