/* loop_train.c - the model of a round: train, score the random items out of fold, fit the
 * temperature, predict every item. */
#include "loop_round.h"

#include "plumbline/base/arena.h"
#include "random.h"

#include <stdlib.h>
#include <string.h>

enum { PROGRESS_ROWS = 20000 }; /* rows predicted between two words of progress */

/* Scores of the random items, which the model that scored them had not seen. */
struct held_out {
    float   *z;
    int32_t *label;
    uint8_t *sets;
    struct learn_scores scores;
};

static bool tell(struct round *r, double share, struct error *err)
{
    if (!r->progress || r->progress(r->context, share))
        return true;
    return error_set(err, 409, "learn.cancelled", "", "The training was cancelled.");
}

/* The labels to train on: not those of an open audit, nor of a validation set that is held out. */
static int32_t *training_labels(const struct round *r, bool held_out)
{
    int32_t *label = must_alloc((r->rows->n + 1) * sizeof *label);

    for (size_t i = 0; i < r->rows->n; i++) {
        uint8_t part = r->out->part[i];
        bool left_out = part == LEARN_PART_AUDIT || (held_out && part == LEARN_PART_RANDOM);

        label[i] = left_out ? LEARN_UNKNOWN : r->answers->label[i];
    }
    return label;
}

static void held_out_init(struct held_out *h, const struct round *r, const struct fit *f)
{
    const struct learn_answers *a = r->answers;

    h->z = must_alloc((r->rows->n + 1) * f->stride * sizeof *h->z);
    h->label = must_alloc((r->rows->n + 1) * sizeof *h->label);
    h->sets = must_alloc(a->multilabel ? r->rows->n * a->n_classes + 1 : 1);
    h->scores = (struct learn_scores){.z = h->z, .stride = f->stride,
                                      .decisions = f->decisions,
                                      .n_classes = a->n_classes, .multilabel = a->multilabel,
                                      .label = h->label, .sets = h->sets};
}

static void held_out_release(struct held_out *h)
{
    free(h->z);
    free(h->label);
    free(h->sets);
}

static void held_out_add(struct held_out *h, const struct round *r, size_t row, const float *z)
{
    const struct learn_answers *a = r->answers;
    size_t n = h->scores.n++;

    if (z)
        memcpy(h->z + n * h->scores.stride, z, h->scores.stride * sizeof *z);
    h->label[n] = a->label[row];
    if (a->multilabel)
        memcpy(h->sets + n * a->n_classes, a->sets + row * a->n_classes, a->n_classes);
}

/* 4-fold: a random item is scored by a model trained on the others and on all queried items. */
static void score_out_of_fold(struct round *r, struct fit *f, struct held_out *h)
{
    int8_t *fold = must_alloc(f->n);
    float *z = must_alloc(f->n * f->stride * sizeof *z);

    for (size_t i = 0; i < f->n; i++)
        fold[i] = r->out->part[f->row[i]] == LEARN_PART_RANDOM
                      ? (int8_t)(random_of((uint64_t)r->settings->seed, f->row[i]) % FOLDS) : -1;
    fit_out_of_fold(f, fold, z);
    for (size_t i = 0; i < f->n; i++)
        if (fold[i] >= 0)
            held_out_add(h, r, f->row[i], z + i * f->stride);
    free(fold);
    free(z);
}

static size_t longest_row(const struct learn_rows *rows)
{
    size_t longest = rows->extractor.kind == LEARN_TEXT ? 0 : rows->extractor.columns;

    for (size_t i = 0; i < rows->n; i++)
        if (rows->row[i].data && rows->row[i].n > longest)
            longest = rows->row[i].n;
    return longest;
}

struct scratch {
    uint32_t *column;
    float    *value, *z, *p;
};

static void scratch_init(struct scratch *s, const struct round *r, const struct learn_model *m)
{
    size_t longest = longest_row(r->rows) + 1;

    s->column = must_alloc(longest * sizeof *s->column);
    s->value = must_alloc(longest * sizeof *s->value);
    s->z = must_alloc((m->stride + 1) * sizeof *s->z);
    s->p = must_alloc((m->n_classes + 1) * sizeof *s->p);
}

static void scratch_release(struct scratch *s)
{
    free(s->column);
    free(s->value);
    free(s->z);
    free(s->p);
}

/* The held-out validation set is scored by the model itself. */
static void score_validation(struct round *r, const struct learn_model *m, struct scratch *s,
                             struct held_out *h)
{
    for (size_t i = 0; i < r->rows->n; i++)
        if (r->out->part[i] == LEARN_PART_RANDOM && r->answers->label[i] >= 0 &&
            r->rows->row[i].data) {
            model_scores(m, &r->rows->row[i], s->column, s->value, s->z);
            held_out_add(h, r, i, s->z);
        }
}

/* Confidence and outcome of each held-out item, for thresholds and the report. */
static void judge(struct round *r, const struct held_out *h, float *p)
{
    const struct learn_scores *s = &h->scores;
    size_t right = 0;

    r->validation = must_alloc((s->n + 1) * sizeof *r->validation);
    r->n_validation = s->n;
    for (size_t i = 0; i < s->n; i++) {
        struct learn_choice c;
        bool good = true;

        learn_probabilities(s->z + i * s->stride, s->decisions, s->n_classes, s->multilabel,
                            r->temperature, p);
        c = learn_choose(p, s->n_classes, s->multilabel);
        if (!s->multilabel)
            good = c.label == s->label[i];
        for (uint32_t k = 0; s->multilabel && k < s->n_classes; k++)
            good = good && (p[k] >= 0.5f) == (s->sets[i * s->n_classes + k] != 0);
        r->validation[i].confidence = c.confidence;
        r->validation[i].right = good;
        right += good;
    }
    r->out->report.validation_accuracy = s->n > 0 ? (double)right / (double)s->n : -1;
}

static bool predict_all(struct round *r, const struct learn_model *m, struct scratch *s,
                        struct error *err)
{
    struct learn_result *out = r->out;

    if (m->multilabel)
        out->sets = must_alloc(r->rows->n * m->n_classes + 1);
    for (size_t i = 0; i < r->rows->n; i++) {
        struct learn_choice c;

        if (i % PROGRESS_ROWS == 0 &&
            !tell(r, 0.6 + 0.4 * (double)i / (double)r->rows->n, err))
            return false;
        if (!r->rows->row[i].data)
            continue;
        model_scores(m, &r->rows->row[i], s->column, s->value, s->z);
        learn_probabilities(s->z, m->decisions, m->n_classes, m->multilabel, m->temperature, s->p);
        c = learn_choose(s->p, m->n_classes, m->multilabel);
        out->label[i] = c.label;
        out->confidence[i] = c.confidence;
        out->margin[i] = c.margin;
        for (uint32_t k = 0; m->multilabel && k < m->n_classes; k++)
            out->sets[i * m->n_classes + k] = s->p[k] >= 0.5f;
    }
    return true;
}

bool round_predict(struct round *r, const struct learn_model *m, struct error *err)
{
    struct scratch scratch;
    bool ok;

    scratch_init(&scratch, r, m);
    ok = predict_all(r, m, &scratch, err);
    scratch_release(&scratch);
    return ok;
}

bool round_train(struct round *r, bool validation_is_held_out, struct error *err)
{
    int32_t *label = training_labels(r, validation_is_held_out);
    struct learn_training t = {.rows = r->rows, .dictionary = r->dictionary,
                               .dictionary_size = r->dictionary_size,
                               .n_classes = r->answers->n_classes,
                               .class_names = r->answers->class_names,
                               .multilabel = r->answers->multilabel, .label = label,
                               .sets = r->answers->sets, .weight = r->answers->weight,
                               .queried = true, .seed = (uint64_t)r->settings->seed};
    struct learn_model *m = NULL;
    struct scratch scratch = {0};
    struct held_out h = {0};
    struct fit f = {0};
    bool ok = false;

    if (!tell(r, 0, err) || !fit_train(&f, &t, err) || !tell(r, 0.3, err))
        goto out;
    held_out_init(&h, r, &f);
    if (!validation_is_held_out)
        score_out_of_fold(r, &f, &h);
    m = fit_model(&f, 1);
    scratch_init(&scratch, r, m);
    if (validation_is_held_out)
        score_validation(r, m, &scratch, &h);
    m->temperature = r->temperature = learn_temperature(&h.scores);
    r->out->report.temperature = m->temperature;
    judge(r, &h, scratch.p);
    if (!predict_all(r, m, &scratch, err))
        goto out;
    r->out->trained = true;
    r->out->state.rounds++;
    ok = learn_model_write(m, &r->out->model) ||
         error_internal(err, "The model does not fit into memory.");
out:
    learn_model_free(m);
    scratch_release(&scratch);
    held_out_release(&h);
    fit_release(&f);
    free(label);
    return ok;
}
