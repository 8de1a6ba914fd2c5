/* label_parse.c - reading the label that a manifest line already carries.
 *
 * Three forms are in use: the class name itself (hand-made manifests, CSV), a list of names, and
 * Ground Truth's class index, whose name stands in <attribute>-metadata as class-name (single) or
 * in class-map (multi-label). AWS prints the index as number or as text; a text of digits is taken
 * for an index only where the metadata or the label set gives that index a name and no class is
 * called so. A CSV cell holds a list as JSON text.
 */
#include "plumbline/tasks/task.h"

#include "classification.h"

#include <stdio.h>
#include <string.h>

struct reading {
    const char             *attribute;
    json_t                 *metadata;
    const struct label_set *set;
    struct arena           *a;
    struct error           *err;
};

/* The name that metadata or label set give class `index` (decimal text); NULL when they give
 * none. */
static const char *index_name(const struct reading *r, const char *index, bool single)
{
    const char *name = json_string_value(
        json_object_get(json_object_get(r->metadata, "class-map"), index));
    long k;
    char extra;

    if (!name && single)
        name = json_string_value(json_object_get(r->metadata, "class-name"));
    if (!name && r->set && sscanf(index, "%9ld%c", &k, &extra) == 1 && k >= 0 &&
        (size_t)k < r->set->n)
        name = r->set->v[k].name;
    return name;
}

static bool all_digits(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

static bool one_name(const struct reading *r, json_t *value, bool single, const char **out)
{
    const char *text = json_string_value(value), *name;
    char index[32];

    if (text) {
        name = all_digits(text) && !(r->set && label_set_find(r->set, text) >= 0)
                   ? index_name(r, text, single)
                   : NULL;
        *out = arena_strdup(r->a, name ? name : text);
        if (!**out || strlen(text) != json_string_length(value))
            return error_set(r->err, 422, "label.invalid", r->attribute,
                             "The label under \"%s\" is not a class name.", r->attribute);
        return true;
    }
    if (!json_is_integer(value))
        return error_set(r->err, 422, "label.invalid", r->attribute,
                         "The label under \"%s\" is neither a class name, nor a class index, nor a "
                         "list of them.",
                         r->attribute);
    snprintf(index, sizeof index, "%lld", (long long)json_integer_value(value));
    name = index_name(r, index, single);
    if (!name)
        return error_set(r->err, 422, "label.invalid", r->attribute,
                         "Class %s under \"%s\" has no name in \"%s-metadata\".", index,
                         r->attribute, r->attribute);
    *out = arena_strdup(r->a, name);
    return true;
}

static bool name_list(const struct reading *r, json_t *list, struct texts *out)
{
    size_t i, n = json_array_size(list);
    json_t *value;

    out->v = arena_array(r->a, n + 1, sizeof *out->v);
    out->n = n;
    json_array_foreach (list, i, value)
        if (!one_name(r, value, false, &out->v[i]))
            return false;
    return true;
}

/* A text that is a JSON list of texts, as a CSV cell holds it; a new reference or NULL. */
static json_t *list_in_text(const struct reading *r, json_t *value)
{
    const char *text = json_string_value(value);
    json_t *list, *entry;
    size_t i;

    if (!text || text[0] != '[' || (r->set && label_set_find(r->set, text) >= 0))
        return NULL;
    list = json_loadb(text, json_string_length(value), 0, NULL);
    json_array_foreach (list, i, entry) {
        if (!json_is_string(entry)) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

bool task_label_parse(json_t *line, const char *attribute, const struct label_set *set,
                      struct arena *a, struct texts *out, bool *found, struct error *err)
{
    json_t *value = json_object_get(line, attribute), *list = NULL;
    struct reading r = {attribute,
                        json_object_get(line, arena_printf(a, "%s-metadata", attribute)), set, a,
                        err};
    struct texts names = {0};
    bool ok;

    *found = value && !json_is_null(value);
    *out = names;
    if (!*found)
        return true;
    if (json_is_array(value)) {
        ok = name_list(&r, value, &names);
    } else if ((list = list_in_text(&r, value))) {
        ok = name_list(&r, list, &names);
    } else {
        names.v = arena_array(a, 1, sizeof *names.v);
        names.n = 1;
        ok = one_name(&r, value, true, &names.v[0]);
    }
    json_decref(list);
    if (ok)
        *out = names;
    return ok;
}

bool task_label_classes(const struct task_type *type, const struct label_set *set, json_t *line,
                        const char *attribute, struct arena *a, struct task_classes *out,
                        bool *found, struct error *err)
{
    struct texts names;
    int *v;

    *out = (struct task_classes){0};
    if (!task_label_parse(line, attribute, set, a, &names, found, err))
        return false;
    if (!*found)
        return true;
    if (!type->multi_label && names.n != 1)
        return error_set(err, 422, "label.invalid", attribute,
                         "The label under \"%s\" has %zu classes; a %s job takes one.", attribute,
                         names.n, type->name);
    v = arena_array(a, names.n + 1, sizeof *v);
    for (size_t i = 0; i < names.n; i++) {
        v[i] = label_set_find(set, names.v[i]);
        if (v[i] < 0)
            return error_set(err, 422, "label.invalid", attribute,
                             "The label '%.200s' under \"%s\" is not one of the job's labels.",
                             names.v[i], attribute);
    }
    *out = (struct task_classes){v, classes_sort(v, names.n)};
    return true;
}
