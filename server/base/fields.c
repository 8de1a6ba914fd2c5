/* fields.c - reading a JSON object by its table. */
#include "plumbline/base/fields.h"

#include "plumbline/base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = 96 };

static bool read_value(const struct field *f, json_t *value, void *member, const char *path,
                       struct arena *a, struct error *err);

json_t *json_parse(const char *text, size_t size, struct error *err)
{
    json_error_t e;
    json_t *root = json_loadb(text ? text : "", size,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);

    if (!root)
        error_set(err, 400, "json.malformed", "", "Not valid JSON: %s (line %d, column %d).",
                  e.text, e.line, e.column);
    return root;
}

static const char *kind_name(enum field_kind kind)
{
    static const char *const names[] = {
        [FIELD_TEXT] = "a text",         [FIELD_INT] = "a whole number",
        [FIELD_REAL] = "a number",       [FIELD_BOOL] = "true or false",
        [FIELD_ENUM] = "a text",         [FIELD_TEXTS] = "a list of texts",
        [FIELD_OBJECT] = "an object",    [FIELD_OBJECTS] = "a list of objects",
        [FIELD_TIME] = "a time",         [FIELD_ANY] = "a value",
        [FIELD_NONE] = "nothing",
    };

    return names[kind];
}

static bool wrong_kind(const struct field *f, const char *path, struct error *err)
{
    return error_invalid(err, path, "\"%s\" must be %s.", path, kind_name(f->kind));
}

static bool read_text(const struct field *f, json_t *value, const char **out, const char *path,
                      struct error *err)
{
    const char *text = json_string_value(value);
    size_t bytes, length;

    if (!text)
        return error_invalid(err, path, "\"%s\" must be a text.", path);
    bytes = json_string_length(value);
    if (memchr(text, '\0', bytes))
        return error_invalid(err, path, "\"%s\" must not contain a NUL character.", path);
    length = utf8_length(text, bytes);
    if ((double)length < f->min)
        return length == 0 ? error_invalid(err, path, "\"%s\" must not be empty.", path)
                           : error_invalid(err, path, "\"%s\" needs at least %.0f characters.",
                                           path, f->min);
    if (f->max > 0 && (double)length > f->max)
        return error_invalid(err, path, "\"%s\" has %zu characters; at most %.0f are allowed.",
                             path, length, f->max);
    *out = text;
    return true;
}

static bool in_range(const struct field *f, double v, const char *path, struct error *err)
{
    if ((f->min == 0 && f->max == 0) || (v >= f->min && v <= f->max))
        return true;
    return error_invalid(err, path, "\"%s\" must be from %.10g to %.10g, not %.10g.", path, f->min,
                         f->max, v);
}

static bool read_choice(const struct field *f, json_t *value, int *out, const char *path,
                        struct error *err)
{
    const char *text = json_string_value(value);
    char list[160] = "";
    size_t used = 0;

    for (int i = 0; text && f->choices[i]; i++) {
        if (strcmp(text, f->choices[i]) == 0) {
            *out = i;
            return true;
        }
    }
    for (int i = 0; f->choices[i] && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
                                 f->choices[i]);
    return error_invalid(err, path, "\"%s\" must be one of: %s.", path, list);
}

static bool list_length(const struct field *f, size_t n, const char *path, struct error *err)
{
    if ((double)n < f->min)
        return error_invalid(err, path, "\"%s\" needs at least %.0f entries.", path, f->min);
    if (f->max > 0 && (double)n > f->max)
        return error_invalid(err, path, "\"%s\" has %zu entries; at most %.0f are allowed.", path,
                             n, f->max);
    return true;
}

static bool read_texts(const struct field *f, json_t *value, struct texts *out, const char *path,
                       struct arena *a, struct error *err)
{
    static const struct field entry = {.kind = FIELD_TEXT, .max = 100000};
    size_t n = json_array_size(value);
    const char **v;

    if (!json_is_array(value))
        return wrong_kind(f, path, err);
    if (!list_length(f, n, path, err))
        return false;
    v = arena_array(a, n, sizeof *v);
    for (size_t i = 0; i < n; i++) {
        char sub[PATH_SIZE];

        snprintf(sub, sizeof sub, "%.80s[%zu]", path, i);
        if (!read_text(&entry, json_array_get(value, i), &v[i], sub, err))
            return false;
    }
    out->v = v;
    out->n = n;
    return true;
}

static bool read_object(const struct field *spec, json_t *object, void *out, const char *path,
                        struct arena *a, struct error *err);

static bool read_objects(const struct field *f, json_t *value, struct objects *out,
                         const char *path, struct arena *a, struct error *err)
{
    size_t n = json_array_size(value);
    char *v;

    if (!json_is_array(value))
        return wrong_kind(f, path, err);
    if (!list_length(f, n, path, err))
        return false;
    v = arena_array(a, n, f->size);
    for (size_t i = 0; i < n; i++) {
        char sub[PATH_SIZE];

        snprintf(sub, sizeof sub, "%.80s[%zu]", path, i);
        if (!read_object(f->fields, json_array_get(value, i), v + i * f->size, sub, a, err))
            return false;
    }
    out->v = v;
    out->n = n;
    return true;
}

static bool read_value(const struct field *f, json_t *value, void *member, const char *path,
                       struct arena *a, struct error *err)
{
    switch (f->kind) {
    case FIELD_TEXT:
        return read_text(f, value, member, path, err);
    case FIELD_INT:
        if (!json_is_integer(value))
            return wrong_kind(f, path, err);
        if (!in_range(f, (double)json_integer_value(value), path, err))
            return false;
        *(int64_t *)member = json_integer_value(value);
        return true;
    case FIELD_REAL:
        if (!json_is_number(value) || !isfinite(json_number_value(value)))
            return wrong_kind(f, path, err);
        if (!in_range(f, json_number_value(value), path, err))
            return false;
        *(double *)member = json_number_value(value);
        return true;
    case FIELD_BOOL:
        if (!json_is_boolean(value))
            return wrong_kind(f, path, err);
        *(bool *)member = json_is_true(value);
        return true;
    case FIELD_ENUM:
        return read_choice(f, value, member, path, err);
    case FIELD_TEXTS:
        return read_texts(f, value, member, path, a, err);
    case FIELD_ANY:
        *(json_t **)member = value;
        return true;
    case FIELD_OBJECT:
        return read_object(f->fields, value, member, path, a, err);
    case FIELD_OBJECTS:
        return read_objects(f, value, member, path, a, err);
    case FIELD_TIME:
    case FIELD_NONE:
        break;
    }
    return error_internal(err, "field %s cannot be read", f->name);
}

static const struct field *find(const struct field *spec, const char *name)
{
    for (; spec->kind != FIELD_NONE; spec++)
        if (strcmp(spec->name, name) == 0)
            return spec;
    return NULL;
}

static void join(char out[PATH_SIZE], const char *path, const char *name)
{
    snprintf(out, PATH_SIZE, "%.60s%s%.30s", path, *path ? "." : "", name);
}

static bool read_object(const struct field *spec, json_t *object, void *out, const char *path,
                        struct arena *a, struct error *err)
{
    char sub[PATH_SIZE];
    const char *name;
    json_t *value;

    if (!json_is_object(object))
        return error_invalid(err, path, *path ? "\"%s\" must be an object."
                                              : "The body%s must be a JSON object.", path);
    json_object_foreach(object, name, value) {
        if (!find(spec, name)) {
            join(sub, path, name);
            return error_invalid(err, sub, "There is no field \"%s\" here.", sub);
        }
    }
    for (const struct field *f = spec; f->kind != FIELD_NONE; f++) {
        join(sub, path, f->name);
        value = json_object_get(object, f->name);
        if (!value || (json_is_null(value) && f->kind != FIELD_ANY)) {
            if (f->required)
                return error_invalid(err, sub, "\"%s\" is missing.", sub);
            continue;
        }
        if (!read_value(f, value, (char *)out + f->at, sub, a, err))
            return false;
        if (f->present)
            *(bool *)((char *)out + f->present - 1) = true;
    }
    return true;
}

bool fields_read(const struct field *spec, json_t *object, void *out, struct arena *a,
                 struct error *err)
{
    return read_object(spec, object, out, "", a, err);
}
