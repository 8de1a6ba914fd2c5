/* loop_opinion.c - what a model of earlier work thinks of the items, while there is none of this job. */
#include "loop_round.h"

#include "plumbline/base/arena.h"

#include <stdlib.h>
#include <string.h>

/* Of a class of the model: its index here, or -1. */
static int32_t find_class(const struct learn_answers *a, const char *name)
{
    for (uint32_t k = 0; k < a->n_classes; k++)
        if (strcmp(a->class_names[k], name) == 0)
            return (int32_t)k;
    return -1;
}

/* Rows are comparable only with the same extractor and, for images, dictionary. */
static bool same_features(const struct round *r, const struct learn_model *m)
{
    size_t size;
    const void *dictionary = learn_model_dictionary(m, &size);

    if (!learn_extractor_equal(learn_model_extractor(m), &r->rows->extractor))
        return false;
    return r->rows->extractor.kind != LEARN_IMAGE ||
           (dictionary && size == r->dictionary_size &&
            memcmp(dictionary, r->dictionary, size) == 0);
}

/* A new array, or NULL when a class is not known here. */
static int32_t *map_classes(const struct round *r, const struct learn_model *m)
{
    uint32_t n = learn_model_classes(m);
    int32_t *to = must_alloc((n + 1) * sizeof *to);

    for (uint32_t k = 0; k < n; k++) {
        to[k] = find_class(r->answers, learn_model_class(m, k));
        if (to[k] < 0) {
            free(to);
            return NULL;
        }
    }
    return to;
}

bool round_guess(struct round *r, struct error *err)
{
    const struct learn_model *m = r->answers->opinion;
    int32_t *to;
    bool ok;

    if (!m || r->out->state.rounds > 0 || r->answers->multilabel || learn_model_is_multilabel(m) ||
        !same_features(r, m))
        return true;
    to = map_classes(r, m);
    if (!to)
        return true;
    ok = round_predict(r, m, err);
    for (size_t i = 0; ok && i < r->rows->n; i++)
        if (r->out->label[i] >= 0)
            r->out->label[i] = to[r->out->label[i]];
    r->out->guessed = ok;
    free(to);
    return ok;
}
