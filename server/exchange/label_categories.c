/* label_categories.c - the label category configuration file of image and text tasks. */
#include "plumbline/exchange/label_categories.h"

#include "plumbline/base/fields.h"
#include "plumbline/base/utf8.h"
#include "plumbline/exchange/template.h"
#include "plumbline/tasks/labels.h"

#include <string.h>

struct reader {
    struct arena *a;
    struct label_categories *out;
    struct error *err;
    json_t *seen; /* name -> its place */
};

static bool wrong(struct reader *r, const char *field, const char *message)
{
    return error_set(r->err, 422, "label_categories.invalid", field, "%s", message);
}

static bool is_empty(const json_t *value)
{
    return !value || json_is_null(value) ||
           (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

/* Keys of video frame and 3D tasks: what they ask for would be lost without a word. */
static bool no_video(struct reader *r, const json_t *object, const char *path)
{
    static const char *const keys[] = {"annotationType", "frameAttributes",
                                       "categoryGlobalAttributes", "categoryAttributes",
                                       "auditLabelAttributeName"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!is_empty(json_object_get(object, keys[i])))
            return wrong(r, arena_printf(r->a, "%s%s", path, keys[i]),
                         arena_printf(r->a,
                                      "\"%s\" is of video and 3D tasks; image and text tasks "
                                      "do not have it.",
                                      keys[i]));
    return true;
}

/* A text without NUL, or NULL; *ok is false when it is something else. */
static const char *text_of(struct reader *r, const json_t *object, const char *key,
                           const char *path, bool *ok)
{
    json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);

    if (!value || json_is_null(value))
        return NULL;
    if (text && strlen(text) == json_string_length(value))
        return text;
    *ok = wrong(r, path, arena_printf(r->a, "\"%s\" must be a text.", path));
    return NULL;
}

static bool name_read(struct reader *r, const json_t *entry, size_t i, const char **out)
{
    const char *path = arena_printf(r->a, "labels[%zu].label", i), *text;
    struct error inner = {0};
    json_t *before;
    bool ok = true;

    text = text_of(r, entry, "label", path, &ok);
    if (!text)
        return ok && wrong(r, path, "A label needs a name, its \"label\".");
    *out = label_name_trim(r->a, text);
    if (!label_name_check(*out, path, &inner))
        return wrong(r, path, inner.message);
    if ((before = json_object_get(r->seen, *out)))
        return wrong(r, path,
                     arena_printf(r->a, "'%.200s' is the name of labels[%lld] already.", *out,
                                  (long long)json_integer_value(before)));
    json_object_set_new(r->seen, *out, json_integer((json_int_t)i));
    return true;
}

static bool entry_read(struct reader *r, const json_t *entry, size_t i)
{
    const char *path = arena_printf(r->a, "labels[%zu]", i), *name = "", *full, *brief;
    bool ok = true;
    json_t *label;

    if (!json_is_object(entry))
        return wrong(r, path, "An entry of the labels is an object with \"label\".");
    if (!no_video(r, entry, arena_printf(r->a, "%s.", path)) || !name_read(r, entry, i, &name))
        return false;
    full =
        text_of(r, entry, "fullDisplayName", arena_printf(r->a, "%s.fullDisplayName", path), &ok);
    if (!ok)
        return false;
    brief =
        text_of(r, entry, "shortDisplayName", arena_printf(r->a, "%s.shortDisplayName", path), &ok);
    if (!ok)
        return false;
    if (full && utf8_length(full, strlen(full)) > LABEL_TEXT_MAX)
        return wrong(r, arena_printf(r->a, "%s.fullDisplayName", path),
                     arena_printf(r->a, "A label's display name has at most %d characters.",
                                  LABEL_TEXT_MAX));
    label = json_pack("{s:s}", "name", name);
    if (full && *full && strcmp(full, name) != 0)
        json_object_set_new(label, "description", json_string(full));
    json_array_append_new(r->out->labels, label);
    r->out->short_names[i] = brief && *brief ? arena_strdup(r->a, brief) : NULL;
    return true;
}

static bool entries_read(struct reader *r, const json_t *list)
{
    json_t *entry;
    size_t i, n = json_array_size(list);

    if (!json_is_array(list))
        return wrong(r, "labels", "The file needs \"labels\", a list.");
    if (n == 0 || n > LABELS_MAX)
        return wrong(r, "labels",
                     arena_printf(r->a, "There are 1 to %d labels, not %zu.", LABELS_MAX, n));
    r->out->short_names = arena_array(r->a, n, sizeof *r->out->short_names);
    json_array_foreach(list, i, entry) if (!entry_read(r, entry, i)) return false;
    return true;
}

static bool instruction(struct reader *r, const json_t *object, const char *key, const char **out)
{
    const char *path = arena_printf(r->a, "instructions.%s", key), *html;
    struct error inner = {0};
    bool ok = true;

    html = text_of(r, object, key, path, &ok);
    if (!html)
        return ok;
    *out = html_to_markdown(html, strlen(html), r->a, &inner);
    return *out || wrong(r, path, inner.message);
}

static bool instructions_read(struct reader *r, const json_t *object)
{
    struct label_categories *c = r->out;

    c->short_instructions = c->full_instructions = "";
    if (is_empty(object))
        return true;
    if (!json_is_object(object))
        return wrong(r, "instructions", "\"instructions\" must be an object.");
    if (!instruction(r, object, "shortInstruction", &c->short_instructions) ||
        !instruction(r, object, "fullInstruction", &c->full_instructions))
        return false;
    if (utf8_length(c->short_instructions, strlen(c->short_instructions)) +
            utf8_length(c->full_instructions, strlen(c->full_instructions)) >
        TEMPLATE_MARKDOWN_MAX)
        return wrong(r, "instructions",
                     arena_printf(r->a, "The instructions have more than %d characters.",
                                  TEMPLATE_MARKDOWN_MAX));
    return true;
}

static bool root_read(struct reader *r, const json_t *root)
{
    if (!json_is_object(root))
        return wrong(r, "", "The label category file holds one JSON object.");
    return no_video(r, root, "") && entries_read(r, json_object_get(root, "labels")) &&
           instructions_read(r, json_object_get(root, "instructions"));
}

bool label_categories_read(const char *text, size_t size, struct arena *a,
                           struct label_categories *out, struct error *err)
{
    struct label_categories c = {0};
    struct reader r = {.a = a, .out = &c, .err = err};
    struct error inner = {0};
    json_t *root;
    bool ok;

    if (size > LABEL_CATEGORIES_FILE_MAX)
        return wrong(&r, "",
                     arena_printf(a, "The file has %zu bytes; at most %d are read.", size,
                                  LABEL_CATEGORIES_FILE_MAX));
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        size -= 3;
    }
    if (!(root = json_parse(text, size, &inner)))
        return wrong(&r, "", inner.message);
    r.seen = json_object();
    c.labels = json_array();
    ok = root_read(&r, root);
    json_decref(r.seen);
    json_decref(root);
    if (ok)
        *out = c;
    else
        label_categories_release(&c);
    return ok;
}

void label_categories_release(struct label_categories *c)
{
    json_decref(c->labels);
    c->labels = NULL;
}
