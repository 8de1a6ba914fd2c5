/* classification.c - answers and labels that are classes.
 *
 * A single-label answer is {"label":"x"}, a multi-label one {"labels":["x","y"]}; Ground Truth's
 * classifier elements give the same two objects, so a worker response is the answer under the
 * element's name. In a manifest a class is its index, with the name beside it in the metadata.
 */
#include "classification.h"

#include "plumbline/base/utf8.h"

#include <stdlib.h>
#include <string.h>

static int int_order(const void *x, const void *y)
{
    int a = *(const int *)x, b = *(const int *)y;

    return (a > b) - (a < b);
}

size_t classes_sort(int *v, size_t n)
{
    size_t kept = 0;

    if (n == 0)
        return 0;
    qsort(v, n, sizeof *v, int_order);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || v[i] != v[kept - 1])
            v[kept++] = v[i];
    return kept;
}

/* The answer's one member; anything beside it is refused by name, as everywhere in the API. */
static bool answer_member(json_t *answer, const char *name, json_t **out, struct error *err)
{
    const char *key;
    json_t *value;

    if (!json_is_object(answer))
        return error_set(err, 422, "answer.invalid", "answer",
                         "The answer is an object with \"%s\".", name);
    json_object_foreach (answer, key, value)
        if (strcmp(key, name) != 0)
            return error_set(err, 422, "answer.invalid", "answer",
                             "The answer has an unknown field \"%.60s\"; it takes \"%s\" only.",
                             key, name);
    *out = json_object_get(answer, name);
    if (!*out)
        return error_set(err, 422, "answer.invalid", "answer", "The answer lacks \"%s\".", name);
    return true;
}

static bool class_read(const struct label_set *set, json_t *value, bool allow_hidden,
                       const char *field, int *out, struct error *err)
{
    const char *name = json_string_value(value);
    int k;

    if (!name)
        return error_set(err, 422, "answer.invalid", field, "\"%s\" is the name of a label.",
                         field);
    k = strlen(name) == json_string_length(value) ? label_set_find(set, name) : -1;
    if (k < 0)
        return error_set(err, 422, "answer.invalid", field, "There is no label '%.200s'.", name);
    if (set->v[k].hidden && !allow_hidden)
        return error_set(err, 422, "answer.invalid", field,
                         "The label '%.200s' was removed from this job.", name);
    *out = k;
    return true;
}

bool class_answer_check(const struct task_type *type, const struct label_set *set, json_t *answer,
                        bool allow_hidden, struct arena *a, struct task_classes *out,
                        struct error *err)
{
    json_t *value, *entry;
    size_t i, n;
    int *v;

    if (!answer_member(answer, type->multi_label ? "labels" : "label", &value, err))
        return false;
    if (!type->multi_label) {
        v = arena_array(a, 1, sizeof *v);
        if (!class_read(set, value, allow_hidden, "answer.label", v, err))
            return false;
        *out = (struct task_classes){v, 1};
        return true;
    }
    n = json_array_size(value);
    if (!json_is_array(value))
        return error_set(err, 422, "answer.invalid", "answer.labels",
                         "\"answer.labels\" is a list of label names; [] says none of these.");
    if (n > set->n)
        return error_set(err, 422, "answer.invalid", "answer.labels",
                         "The list has %zu entries, the job only %zu labels.", n, set->n);
    v = arena_array(a, n + 1, sizeof *v);
    json_array_foreach (value, i, entry)
        if (!class_read(set, entry, allow_hidden, arena_printf(a, "answer.labels[%zu]", i), &v[i],
                        err))
            return false;
    *out = (struct task_classes){v, classes_sort(v, n)};
    return true;
}

bool class_answer_write(const struct task_type *type, const struct label_set *set,
                        const struct task_classes *answer, struct buf *out)
{
    if (!type->multi_label)
        return buf_puts(out, "{\"label\":") && buf_json_text(out, set->v[answer->v[0]].name) &&
               buf_puts(out, "}");
    buf_puts(out, "{\"labels\":[");
    for (size_t i = 0; i < answer->n; i++) {
        buf_puts(out, i ? "," : "");
        buf_json_text(out, set->v[answer->v[i]].name);
    }
    return buf_puts(out, "]}") && !out->overflow;
}

bool class_label_value(const struct task_type *type, const struct label_set *set,
                       const struct task_label *label, struct buf *out)
{
    (void)set;
    if (!type->multi_label)
        return buf_int(out, label->classes.v[0]);
    buf_puts(out, "[");
    for (size_t i = 0; i < label->classes.n; i++)
        buf_printf(out, "%s%d", i ? "," : "", label->classes.v[i]);
    return buf_puts(out, "]") && !out->overflow;
}

/* Two decimals, as in real exports; what is not a number (no consolidation) counts as 0.00. */
static double confidence(const struct task_label *label, size_t i)
{
    double c = label->confidence ? label->confidence[i] : 0;

    return c > 1 ? 1 : c > 0 ? c : 0;
}

bool class_label_metadata(const struct task_type *type, const struct label_set *set,
                          const struct task_label *label, struct buf *out)
{
    const struct task_classes *c = &label->classes;

    if (!type->multi_label)
        return buf_puts(out, "\"class-name\":") && buf_json_text(out, set->v[c->v[0]].name) &&
               buf_puts(out, ",\"confidence\":") && buf_fixed(out, confidence(label, 0), 2);
    buf_puts(out, "\"class-map\":{");
    for (size_t i = 0; i < c->n; i++) {
        buf_printf(out, "%s\"%d\":", i ? "," : "", c->v[i]);
        buf_json_text(out, set->v[c->v[i]].name);
    }
    buf_puts(out, "},\"confidence-map\":{");
    for (size_t i = 0; i < c->n; i++)
        buf_printf(out, "%s\"%d\":%.2f", i ? "," : "", c->v[i], confidence(label, i));
    return buf_puts(out, "}") && !out->overflow;
}
