/* chain.c - the model that a chained job begins with. */
#include "chain.h"

#include "plumbline/learn/model.h"
#include "plumbline/store/learning.h"

#include <string.h>

static bool knows(const struct learn_model *m, const struct label_set *labels)
{
    uint32_t n = learn_model_classes(m);
    bool all = n == labels->n;

    for (uint32_t k = 0; all && k < n; k++)
        all = label_set_find(labels, learn_model_class(m, k)) >= 0;
    return all;
}

bool chain_model_fits(struct db *db, int64_t model, const struct label_set *labels, bool *fits,
                      struct error *err)
{
    struct learn_model *m = NULL;
    struct error why = {0};
    const void *bytes;
    struct arena a;
    size_t size;
    bool there;

    *fits = false;
    arena_init(&a);
    there = model_bytes(db, model, &a, &bytes, &size, &why);
    if (there)
        m = learn_model_read(bytes, size, &why);
    if (m)
        *fits = knows(m, labels);
    learn_model_free(m);
    arena_release(&a);
    if (there || why.status == 404)
        return true;
    *err = why;
    return false;
}

bool chain_newest_model(struct db *db, const struct job *earlier, const struct job *job,
                        const struct label_set *labels, int64_t *model, struct error *err)
{
    bool fits;

    *model = 0;
    if (!job->auto_enabled || strcmp(earlier->type, job->type) != 0 ||
        strcmp(earlier->label_attribute, job->label_attribute) != 0)
        return true;
    if (!model_newest(db, earlier->id, model, err) ||
        (*model > 0 && !chain_model_fits(db, *model, labels, &fits, err)))
        return false;
    if (*model > 0 && !fits)
        *model = 0;
    return true;
}
