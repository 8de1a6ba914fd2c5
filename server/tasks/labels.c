/* labels.c - reading, changing and writing a label set.
 *
 * A client's list goes through one field table into `struct entry`, is trimmed and checked entry by
 * entry, and is then either a first version (create) or laid over the version before (update). The
 * checks that concern the set as a whole (unique names, ids, hot keys; number of visible labels)
 * run on the finished set, so create, update and thaw cannot differ in what they allow.
 */
#include "plumbline/tasks/labels.h"

#include "plumbline/base/fields.h"
#include "plumbline/base/utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    const char *id, *name, *description, *color, *hot_key;
    bool        hidden;
};

static const struct field entry_fields[] = {
    {.name = "id", .kind = FIELD_TEXT, .at = offsetof(struct entry, id), .min = 1, .max = 64},
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct entry, name), .required = true},
    {.name = "description", .kind = FIELD_TEXT, .at = offsetof(struct entry, description),
     .max = LABEL_TEXT_MAX},
    {.name = "color", .kind = FIELD_TEXT, .at = offsetof(struct entry, color)},
    {.name = "hot_key", .kind = FIELD_TEXT, .at = offsetof(struct entry, hot_key)},
    {.name = "hidden", .kind = FIELD_BOOL, .at = offsetof(struct entry, hidden)},
    FIELD_END};

/* Well separated for every kind of colour vision, in order of assignment (worst pair of the twelve:
 * CIEDE2000 13.4 under simulated protanopia, deuteranopia and tritanopia). */
static const char *const colors[LABEL_COLORS] = {
    "#308cf6", "#eadd24", "#9f0c54", "#f48cae", "#562acf", "#96f0aa",
    "#8c6c9b", "#bebdf7", "#5f5a1f", "#57a314", "#a4685e", "#006666"};

const char *label_color(size_t k)
{
    return colors[k % LABEL_COLORS];
}

/* Bytes of the white space at the start of valid UTF-8: ASCII, no-break, ideographic. */
static size_t space(const char *p)
{
    if (*p == ' ' || (*p >= '\t' && *p <= '\r'))
        return 1;
    if (strncmp(p, "\xC2\xA0", 2) == 0)
        return 2;
    return strncmp(p, "\xE3\x80\x80", 3) == 0 ? 3 : 0;
}

const char *label_name_trim(struct arena *a, const char *text)
{
    const char *end;
    size_t n;

    while ((n = space(text)) > 0)
        text += n;
    end = text;
    for (const char *p = text; *p;) {
        n = space(p);
        p += n ? n : 1;
        if (!n)
            end = p;
    }
    return arena_strndup(a, text, (size_t)(end - text));
}

bool label_name_check(const char *name, const char *path, struct error *err)
{
    size_t length = utf8_length(name, strlen(name));

    if (length == 0)
        return error_invalid(err, path, "A label needs a name.");
    if (length > LABEL_NAME_MAX)
        return error_invalid(err, path, "A label's name has at most %d characters, this one %zu.",
                             LABEL_NAME_MAX, length);
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            return error_invalid(err, path,
                                 "A label's name cannot hold line breaks or control characters.");
    return true;
}

static bool color_check(struct arena *a, const char **color, const char *path, struct error *err)
{
    char *lower;

    if (!*color)
        return true;
    lower = arena_strdup(a, *color);
    for (char *p = lower; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    if (strlen(lower) != 7 || lower[0] != '#' || strspn(lower + 1, "0123456789abcdef") != 6)
        return error_invalid(err, path, "'%.40s' is not a colour of the form #rrggbb.", *color);
    *color = lower;
    return true;
}

static bool hot_key_check(const char *key, const char *path, struct error *err)
{
    const char *digit = key;

    if (!key)
        return true;
    if (strncmp(key, "Shift+", 6) == 0)
        digit += 6;
    if (digit[0] >= '0' && digit[0] <= '9' && digit[1] == '\0')
        return true;
    return error_invalid(err, path, "'%.40s' is not one of the keys 1 to 9, 0, Shift+1 to Shift+0.",
                         key);
}

static bool entry_read(json_t *object, size_t i, struct arena *a, struct label *out,
                       struct error *err)
{
    struct entry in = {0};
    struct error inner = {0};

    if (!fields_read(entry_fields, object, &in, a, &inner))
        return error_set(err, inner.status, inner.code,
                         arena_printf(a, "labels[%zu]%s%s", i, *inner.field ? "." : "",
                                      inner.field),
                         "%s", inner.message);
    *out = (struct label){.id = arena_strdup(a, in.id),
                          .name = label_name_trim(a, in.name),
                          .description =
                              in.description && *in.description ? arena_strdup(a, in.description)
                                                                : NULL,
                          .color = in.color && *in.color ? in.color : NULL,
                          .hot_key = in.hot_key && *in.hot_key ? arena_strdup(a, in.hot_key) : NULL,
                          .hidden = in.hidden};
    return label_name_check(out->name, arena_printf(a, "labels[%zu].name", i), err) &&
           color_check(a, &out->color, arena_printf(a, "labels[%zu].color", i), err) &&
           hot_key_check(out->hot_key, arena_printf(a, "labels[%zu].hot_key", i), err);
}

static bool entries_read(json_t *list, struct arena *a, struct label **out, size_t *n,
                         struct error *err)
{
    size_t i;
    json_t *object;

    if (!json_is_array(list))
        return error_invalid(err, "labels", "The labels are a list.");
    *n = json_array_size(list);
    *out = arena_array(a, *n + 1, sizeof **out);
    json_array_foreach (list, i, object)
        if (!entry_read(object, i, a, &(*out)[i], err))
            return false;
    return true;
}

/* Index of the first label that repeats an earlier one's text, or -1. Sorted pointers, since a set
 * may have a thousand labels and all its history. */
static int text_order(const void *x, const void *y)
{
    const char *const *a = *(const char *const *const *)x;
    const char *const *b = *(const char *const *const *)y;
    int order = strcmp(*a, *b);

    return order ? order : (a > b) - (a < b);
}

static int repeated(const struct label *v, size_t n, size_t at, bool visible_only, struct arena *a)
{
    const char ***sorted = arena_array(a, n + 1, sizeof *sorted);
    size_t count = 0;
    int first = -1;

    for (size_t i = 0; i < n; i++) {
        const char **text = (const char **)(void *)((char *)&v[i] + at);

        if (*text && !(visible_only && v[i].hidden))
            sorted[count++] = text;
    }
    qsort(sorted, count, sizeof *sorted, text_order);
    for (size_t i = 1; i < count; i++)
        if (strcmp(*sorted[i - 1], *sorted[i]) == 0) {
            int k = (int)((struct label *)(void *)((char *)sorted[i] - at) - v);

            first = first < 0 || k < first ? k : first;
        }
    return first;
}

static bool set_check(const struct label *v, size_t n, struct arena *a, struct error *err)
{
    size_t visible = 0;
    int k;

    for (size_t i = 0; i < n; i++)
        visible += !v[i].hidden;
    if (visible < LABELS_MIN || visible > LABELS_MAX)
        return error_invalid(err, "labels", "A job has %d to %d labels, not %zu.", LABELS_MIN,
                             LABELS_MAX, visible);
    if ((k = repeated(v, n, offsetof(struct label, name), false, a)) >= 0)
        return error_invalid(err, arena_printf(a, "labels[%d].name", k),
                             "There is another label named '%.200s'%s.", v[k].name,
                             v[k].hidden ? " (hidden)" : "");
    if ((k = repeated(v, n, offsetof(struct label, id), false, a)) >= 0)
        return error_invalid(err, arena_printf(a, "labels[%d].id", k),
                             "There is another label with the id '%.64s'.", v[k].id);
    if ((k = repeated(v, n, offsetof(struct label, hot_key), true, a)) >= 0)
        return error_invalid(err, arena_printf(a, "labels[%d].hot_key", k),
                             "The key %s already belongs to another label.", v[k].hot_key);
    return true;
}

/* Gives class k what its entry left open. */
static void complete(struct label *label, size_t k, struct arena *a)
{
    if (!label->id)
        label->id = arena_printf(a, "label_%zu", k + 1);
    if (!label->color)
        label->color = label_color(k);
}

bool label_set_create(json_t *list, struct arena *a, struct label_set *out, struct error *err)
{
    struct label *v;
    size_t n;

    if (!entries_read(list, a, &v, &n, err))
        return false;
    for (size_t k = 0; k < n; k++)
        complete(&v[k], k, a);
    if (!set_check(v, n, a, err))
        return false;
    *out = (struct label_set){.v = v, .n = n, .version = 1};
    return true;
}

/* The class an entry speaks of: by id, else the hidden label of its name, else -1 for a new one. */
static bool entry_place(const struct label_set *old, const struct label *in, size_t i,
                        struct arena *a, int *k, struct error *err)
{
    *k = -1;
    if (in->id) {
        *k = label_set_find_id(old, in->id);
        if (*k < 0)
            return error_invalid(err, arena_printf(a, "labels[%zu].id", i),
                                 "There is no label with the id '%.64s'.", in->id);
        return true;
    }
    *k = label_set_find(old, in->name);
    if (*k >= 0 && !old->v[*k].hidden)
        *k = -1; /* a second label of that name: the check of the whole set will say so */
    return true;
}

bool label_set_update(const struct label_set *old, json_t *list, struct arena *a,
                      struct label_set *out, struct error *err)
{
    struct label *in, *v;
    bool *named;
    size_t n = old->n, count;

    if (!entries_read(list, a, &in, &count, err))
        return false;
    v = arena_array(a, old->n + count + 1, sizeof *v);
    named = arena_array(a, old->n + count + 1, sizeof *named);
    for (size_t k = 0; k < old->n; k++) {
        v[k] = old->v[k];
        v[k].hidden = true; /* until an entry names it */
    }
    for (size_t i = 0; i < count; i++) {
        int k;

        if (!entry_place(old, &in[i], i, a, &k, err))
            return false;
        if (k >= 0 && named[k])
            return error_invalid(err, arena_printf(a, "labels[%zu].id", i),
                                 "The label '%.200s' is in the list twice.", in[i].name);
        if (k < 0)
            k = (int)n++;
        named[k] = true;
        if (!in[i].id && (size_t)k < old->n)
            in[i].id = old->v[k].id;
        if (!in[i].color && (size_t)k < old->n)
            in[i].color = old->v[k].color;
        v[k] = in[i];
        complete(&v[k], (size_t)k, a);
    }
    if (!set_check(v, n, a, err))
        return false;
    *out = (struct label_set){.v = v, .n = n, .version = old->version + 1};
    return true;
}

json_t *label_set_json(const struct label_set *set, bool hidden)
{
    json_t *list = json_array();

    for (size_t k = 0; k < set->n; k++) {
        struct entry e = {set->v[k].id,    set->v[k].name,    set->v[k].description,
                          set->v[k].color, set->v[k].hot_key, set->v[k].hidden};
        json_t *object;

        if (e.hidden && !hidden)
            continue;
        object = fields_write(entry_fields, &e);
        if (!e.hidden)
            json_object_del(object, "hidden");
        json_array_append_new(list, object);
    }
    return list;
}

bool label_set_freeze(const struct label_set *set, struct buf *out)
{
    json_t *all = json_pack("{s:I, s:o}", "version", (json_int_t)set->version, "labels",
                            label_set_json(set, true));
    char *text = json_dumps(all, JSON_COMPACT);
    bool ok = text && buf_puts(out, text);

    free(text);
    json_decref(all);
    return ok;
}

bool label_set_thaw(const char *text, size_t size, struct arena *a, struct label_set *out,
                    struct error *err)
{
    json_t *all = json_parse(text, size, err);
    bool ok = false;
    struct label *v;
    size_t n;

    if (!all)
        return false;
    if (!json_is_integer(json_object_get(all, "version"))) {
        error_invalid(err, "version", "A stored label set names its version.");
        goto out;
    }
    if (!entries_read(json_object_get(all, "labels"), a, &v, &n, err))
        goto out;
    for (size_t k = 0; k < n; k++)
        complete(&v[k], k, a);
    if (n > 0 && !set_check(v, n, a, err))
        goto out;
    *out = (struct label_set){
        .v = v, .n = n, .version = json_integer_value(json_object_get(all, "version"))};
    ok = true;
out:
    json_decref(all);
    return ok;
}

int label_set_find(const struct label_set *set, const char *name)
{
    for (size_t k = 0; k < set->n; k++)
        if (strcmp(set->v[k].name, name) == 0)
            return (int)k;
    return -1;
}

int label_set_find_id(const struct label_set *set, const char *id)
{
    for (size_t k = 0; k < set->n; k++)
        if (strcmp(set->v[k].id, id) == 0)
            return (int)k;
    return -1;
}
