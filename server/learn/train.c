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

    for (size_t i = 0; i < f->n; i++) {
        uint32_t row = f->row[i];
        uint8_t *wanted = f->wanted + i * f->decisions;

        if (t->multilabel)
            memcpy(wanted, t->sets + (size_t)row * t->n_classes, f->decisions);
        else if ((uint32_t)t->label[row] < f->decisions) /* two classes: 1 is "not class 0" */
            wanted[t->label[row]] = 1;
        f->copies[i] = t->weight ? t->weight[row] : 1;
    }
}

static void solve(const struct fit *f, const uint8_t *copies, float *w)
{
    const struct solver_problem p = {.rows = f->rows, .decisions = f->decisions,
                                     .stride = f->stride, .wanted = f->wanted, .copies = copies,
                                     .c = f->c};

    solver_train(&p, w);
}

static float *new_weights(const struct fit *f)
{
    return must_realloc(NULL, (size_t)f->columns + 1, f->stride * sizeof *f->w);
}

bool fit_train(struct fit *f, const struct learn_training *t, struct error *err)
{
    uint32_t decisions = classifier_decisions(t->n_classes, t->multilabel);

    *f = (struct fit){.training = t, .decisions = decisions, .stride = decision_stride(decisions),
                      .c = cost_for(t)};
    f->row = must_alloc((t->rows->n + 1) * sizeof *f->row);
    for (size_t i = 0; i < t->rows->n; i++)
        if (t->label[i] >= 0 && t->rows->row[i].data)
            f->row[f->n++] = (uint32_t)i;
    if (f->n == 0)
        return error_set(err, 422, "learn.no_labels", "",
                         "There is no labelled item to learn from.");
    encoder_learn(&f->encoder, t->rows, f->row, f->n, WEIGHTS_MAX / decisions);
    reduction_learn(&f->reduction, &f->encoder, t->rows);
    f->columns = f->reduction.kept > 0 ? f->reduction.kept : f->encoder.columns;
    f->rows = reduction_rows(&f->reduction, &f->encoder, t->rows, f->row, f->n);
    f->wanted = must_alloc(f->n * decisions);
    f->copies = must_alloc(f->n);
    fill_targets(f);
    f->w = new_weights(f);
    solve(f, f->copies, f->w);
    return true;
}

void fit_release(struct fit *f)
{
    encoder_release(&f->encoder);
    reduction_release(&f->reduction);
    solver_rows_free(f->rows);
    free(f->row);
    free(f->wanted);
    free(f->copies);
    free(f->w);
    *f = (struct fit){0};
}

void fit_out_of_fold(struct fit *f, const int8_t *fold, float *z)
{
    uint8_t *copies = must_alloc(f->n);
    float *w = new_weights(f);

    for (int which = 0; which < FOLDS; which++) {
        for (size_t i = 0; i < f->n; i++)
            copies[i] = fold[i] == which ? 0 : f->copies[i];
        solve(f, copies, w);
        for (size_t i = 0; i < f->n; i++)
            if (fold[i] == which)
                solver_scores(f->rows, i, w, f->stride, z + i * f->stride);
    }
    free(w);
    free(copies);
}

struct learn_model *fit_model(struct fit *f, double temperature)
{
    const struct learn_training *t = f->training;
    struct learn_model *m = must_alloc(sizeof *m);

    *m = (struct learn_model){.encoder = f->encoder, .n_classes = t->n_classes,
                              .decisions = f->decisions, .stride = f->stride,
                              .multilabel = t->multilabel,
                              .w = reduction_expand(&f->reduction, f->w, f->stride),
                              .temperature = temperature, .seed = t->seed};
    f->encoder = (struct encoder){0};
    f->w = NULL;
    learn_library(m->library);
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
    float *z = must_alloc(f->n * f->stride * sizeof *z);
    int8_t *fold = must_alloc(f->n);
    int32_t *label = must_alloc(f->n * sizeof *label);
    uint8_t *sets = must_alloc(t->multilabel ? f->n * t->n_classes : 1);
    struct learn_scores s = {.z = z, .n = f->n, .stride = f->stride,
                             .decisions = f->decisions, .n_classes = t->n_classes,
                             .multilabel = t->multilabel, .label = label, .sets = sets};
    double temperature;

    for (size_t i = 0; i < f->n; i++) {
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
