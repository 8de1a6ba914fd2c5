/* train.c - from labelled rows to a calibrated model. */
#include "classifier.h"

#include "plumbline/base/arena.h"
#include "random.h"

#include <stdlib.h>
#include <string.h>

/* How much a mistake costs against the length of the weights. Rows have length 1, so it does not
 * depend on the extractor's scale. Text: a labelled set as it comes wants 32; one whose items were
 * chosen for being hard wants 8 (the loop then needs two points fewer people). */
static const double C_TEXT = 32, C_TEXT_QUERIED = 8, C_DENSE = 6;

/* Weights a model may have: 200 MB of floats. With many classes columns that few training rows have
 * give way. */
enum { WEIGHTS_MAX = 50 * 1000 * 1000 };

uint32_t classifier_decisions(uint32_t n_classes, bool multilabel)
{
    return n_classes == 2 && !multilabel ? 1 : n_classes;
}

static double cost_for(const struct learn_training *t)
{
    if (t->rows->extractor.kind != LEARN_TEXT)
        return C_DENSE;
    return t->queried ? C_TEXT_QUERIED : C_TEXT;
}

static void fill_targets(struct fit *f)
{
    const struct learn_training *t = f->training;
    uint32_t decisions = f->problem.decisions;

    for (size_t i = 0; i < f->x.n; i++) {
        uint32_t row = f->row[i];

        if (t->multilabel)
            memcpy(f->wanted + i * decisions, t->sets + (size_t)row * t->n_classes, decisions);
        else if ((uint32_t)t->label[row] < decisions) /* two classes: class 1 is "not class 0" */
            f->wanted[i * decisions + (uint32_t)t->label[row]] = 1;
        f->weight[i] = t->weight ? t->weight[row] : 1;
    }
}

bool fit_train(struct fit *f, const struct learn_training *t, struct error *err)
{
    uint32_t decisions = classifier_decisions(t->n_classes, t->multilabel);
    size_t n = 0;

    *f = (struct fit){.training = t};
    f->row = must_alloc((t->rows->n + 1) * sizeof *f->row);
    for (size_t i = 0; i < t->rows->n; i++)
        if (t->label[i] >= 0 && t->rows->row[i].data)
            f->row[n++] = (uint32_t)i;
    if (n == 0)
        return error_set(err, 422, "learn.no_labels", "",
                         "There is no labelled item to learn from.");
    encoder_learn(&f->encoder, t->rows, f->row, n, WEIGHTS_MAX / decisions);
    encoder_matrix(&f->encoder, t->rows, f->row, n, &f->x);
    f->wanted = must_alloc(n * decisions);
    f->weight = must_alloc(n * sizeof *f->weight);
    f->problem = (struct logistic_problem){.x = &f->x, .decisions = decisions, .wanted = f->wanted,
                                           .weight = f->weight, .seed = t->seed,
                                           .c = cost_for(t)};
    fill_targets(f);
    logistic_train(&f->problem, &f->state);
    return true;
}

void fit_release(struct fit *f)
{
    encoder_release(&f->encoder);
    matrix_release(&f->x);
    logistic_release(&f->state);
    free(f->row);
    free(f->wanted);
    free(f->weight);
    *f = (struct fit){0};
}

static void score_fold(const struct fit *f, const struct logistic_state *s, const int8_t *fold,
                       int which, float *z)
{
    const struct matrix *x = &f->x;

    for (size_t i = 0; i < x->n; i++) {
        size_t begin = x->column ? x->start[i] : i * x->columns;
        size_t n = x->column ? x->start[i + 1] - begin : x->columns;

        if (fold[i] == which)
            logistic_scores(s->w, x->columns, s->stride, x->column ? x->column + begin : NULL,
                            x->value + begin, n, z + i * s->stride);
    }
}

void fit_out_of_fold(struct fit *f, const int8_t *fold, float *z)
{
    float *weight = must_alloc(f->x.n * sizeof *weight);
    struct logistic_problem p = f->problem;
    struct logistic_state s = {0};

    p.weight = weight;
    for (int which = 0; which < FOLDS; which++) {
        for (size_t i = 0; i < f->x.n; i++)
            weight[i] = fold[i] == which ? 0 : f->weight[i];
        logistic_copy(&s, &f->state, &p);
        logistic_train(&p, &s);
        score_fold(f, &s, fold, which, z);
    }
    logistic_release(&s);
    free(weight);
}

struct learn_model *fit_model(struct fit *f, double temperature)
{
    const struct learn_training *t = f->training;
    struct learn_model *m = must_alloc(sizeof *m);

    *m = (struct learn_model){.encoder = f->encoder, .n_classes = t->n_classes,
                              .decisions = f->problem.decisions, .stride = f->state.stride,
                              .multilabel = t->multilabel, .w = f->state.w,
                              .temperature = temperature, .seed = t->seed,
                              .library = "plumbline-logistic-1"};
    f->encoder = (struct encoder){0};
    f->state.w = NULL;
    m->class_name = must_alloc((t->n_classes + 1) * sizeof *m->class_name);
    for (uint32_t k = 0; k < t->n_classes; k++)
        m->class_name[k] = must_strdup(t->class_names[k]);
    if (t->dictionary && t->rows->extractor.kind == LEARN_IMAGE) {
        m->dictionary = must_alloc(t->dictionary_size + 1);
        m->dictionary_size = t->dictionary_size;
        memcpy(m->dictionary, t->dictionary, t->dictionary_size);
    }
    return m;
}

/* The temperature from 4-fold scores of all training rows. */
static double temperature_of(struct fit *f)
{
    const struct learn_training *t = f->training;
    float *z = must_alloc(f->x.n * f->state.stride * sizeof *z);
    int8_t *fold = must_alloc(f->x.n);
    int32_t *label = must_alloc(f->x.n * sizeof *label);
    uint8_t *sets = must_alloc(t->multilabel ? f->x.n * t->n_classes : 1);
    struct learn_scores s = {.z = z, .n = f->x.n, .stride = f->state.stride,
                             .decisions = f->problem.decisions, .n_classes = t->n_classes,
                             .multilabel = t->multilabel, .label = label, .sets = sets};
    double temperature;

    for (size_t i = 0; i < f->x.n; i++) {
        fold[i] = (int8_t)(random_of(t->seed, f->row[i]) % FOLDS);
        label[i] = t->label[f->row[i]];
        if (t->multilabel)
            memcpy(sets + i * t->n_classes, t->sets + (size_t)f->row[i] * t->n_classes,
                   t->n_classes);
    }
    fit_out_of_fold(f, fold, z);
    temperature = learn_temperature(&s);
    free(z);
    free(fold);
    free(label);
    free(sets);
    return temperature;
}

struct learn_model *learn_model_train(const struct learn_training *t, struct error *err)
{
    struct learn_model *m = NULL;
    struct fit f;

    if (fit_train(&f, t, err))
        m = fit_model(&f, temperature_of(&f));
    fit_release(&f);
    return m;
}
