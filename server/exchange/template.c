/* template.c - the header, instructions and labels of a worker template.
 *
 * Liquid is taken out first, leaving a mark, so that braces and quotes inside it cannot disturb the
 * HTML; an attribute that holds a mark is made by Liquid and says nothing here. Then the tree is
 * walked once in the order of the page. */
#include "plumbline/exchange/template.h"

#include "html.h"
#include "relaxed_json.h"

#include <string.h>

/* A mark is shorter than any Liquid that it stands for. */
enum { REGION_BYTES = 2 << 20, HEADER_MAX = 2000 };

/* ---- without Liquid ---- */

static size_t tag_word(const char *p, const char *end, const char **word)
{
    const char *q = p + 2;

    if (q < end && *q == '-')
        q++;
    while (q < end && strchr(" \t\r\n", *q))
        q++;
    *word = q;
    while (q < end && *q >= 'a' && *q <= 'z')
        q++;
    return (size_t)(q - *word);
}

/* Where the tag {% name %} begins at or after p, or NULL. */
static const char *find_tag(const char *p, const char *end, const char *name)
{
    const char *word;
    size_t n;

    while ((p = memmem(p, (size_t)(end - p), "{%", 2))) {
        n = tag_word(p, end, &word);
        if (n == strlen(name) && memcmp(word, name, n) == 0)
            return p;
        p += 2;
    }
    return NULL;
}

struct stripper {
    struct buf out;
    bool no_object, no_tag, no_comment, no_raw; /* no end of such is left */
};

static const char *after(const char *p, const char *end, const char *close, bool *none)
{
    const char *found = *none ? NULL : memmem(p, (size_t)(end - p), close, 2);

    *none = !found;
    return found ? found + 2 : NULL;
}

/* The object or tag at p, with what a comment hides; gives what comes behind it, NULL when it is
 * none. */
static const char *strip_one(struct stripper *s, const char *p, const char *end)
{
    const char *word, *next, *close = NULL;
    size_t n;

    next = p[1] == '{' ? after(p, end, "}}", &s->no_object) : after(p, end, "%}", &s->no_tag);
    if (!next)
        return NULL;
    n = p[1] == '%' ? tag_word(p, end, &word) : 0;
    if (n == 7 && memcmp(word, "comment", 7) == 0 && !s->no_comment) {
        close = find_tag(next, end, "endcomment");
        s->no_comment = !close;
    } else if (n == 3 && memcmp(word, "raw", 3) == 0 && !s->no_raw) {
        close = find_tag(next, end, "endraw");
        s->no_raw = !close;
        if (close)
            buf_add(&s->out, next, (size_t)(close - next));
    }
    return close ? close : next; /* the closing tag is taken out as any other */
}

static void strip_liquid(const char *p, size_t size, struct stripper *s)
{
    const char *end = p + size, *open, *next;

    *s = (struct stripper){.no_tag = false};
    buf_init(&s->out, TEMPLATE_MAX);
    while ((open = memchr(p, '{', (size_t)(end - p)))) {
        buf_add(&s->out, p, (size_t)(open - p));
        next =
            end - open > 1 && (open[1] == '{' || open[1] == '%') ? strip_one(s, open, end) : NULL;
        if (next)
            buf_add(&s->out, LIQUID_MARK, LIQUID_MARK_SIZE);
        else
            buf_add(&s->out, open, 1);
        p = next ? next : open + 1;
    }
    buf_add(&s->out, p, (size_t)(end - p));
}

/* ---- the walk ---- */

struct walk {
    struct arena *a;
    struct worker_template *t;
    const xmlNode *main;
    struct buf brief, full;
    struct error *err;
};

/* Elements that take an answer, other than form fields. */
static const char *const answering[] = {"crowd-image-classifier",
                                        "crowd-image-classifier-multi-select",
                                        "crowd-classifier",
                                        "crowd-classifier-multi-select",
                                        "crowd-bounding-box",
                                        "crowd-polygon",
                                        "crowd-polyline",
                                        "crowd-line",
                                        "crowd-keypoint",
                                        "crowd-semantic-segmentation",
                                        "crowd-instance-segmentation",
                                        "crowd-entity-annotation",
                                        "crowd-video-classifier",
                                        "crowd-video-object-detection",
                                        "crowd-video-object-tracking",
                                        "crowd-3d-point-cloud",
                                        NULL};

/* An attribute as one line of plain text, "" when there is none or Liquid has a part in it. */
static const char *plain_attribute(const xmlNode *node, const char *name, struct arena *a)
{
    const char *value = html_attribute(node, name, a);
    char *line, *to;

    if (!value || strstr(value, LIQUID_MARK) || strlen(value) > HEADER_MAX)
        return "";
    line = to = arena_alloc(a, strlen(value) + 1);
    for (const char *p = value; *p; p++)
        if ((unsigned char)*p > ' ' && *p != 0x7F)
            *to++ = *p;
        else if (to > line && to[-1] != ' ')
            *to++ = ' ';
    if (to > line && to[-1] == ' ')
        to[-1] = '\0';
    return line;
}

static bool region(struct walk *w, const xmlNode *node)
{
    static const char *const brief[] = {"short-instructions", "short-summary", NULL};
    static const char *const full[] = {"full-instructions", "detailed-instructions", NULL};
    const char *example = html_is(node, "positive-example")   ? "Good example"
                          : html_is(node, "negative-example") ? "Bad example"
                                                              : NULL;

    if (html_is_one_of(node, brief)) {
        html_markdown(node, w->a, &w->brief);
        return true;
    }
    if (!example && !html_is_one_of(node, full))
        return false;
    if (!*w->t->full_header)
        w->t->full_header = plain_attribute(node, "header", w->a);
    if (example && node->children)
        buf_printf(&w->full, "%s### %s", w->full.size ? "\n\n" : "", example);
    html_markdown(node, w->a, &w->full);
    return true;
}

static void element(struct walk *w, const xmlNode *node)
{
    if (!html_is_one_of(node, answering)) {
        if (html_is(node, "crowd-instructions") && !*w->t->full_header)
            w->t->full_header = plain_attribute(node, "link-text", w->a);
        return;
    }
    if (w->t->elements++ > 0)
        return;
    w->main = node;
    w->t->element = arena_strdup(w->a, (const char *)node->name);
    w->t->name = plain_attribute(node, "name", w->a);
    w->t->header = plain_attribute(node, "header", w->a);
    w->t->overlay = html_attribute(node, "overlay", w->a) != NULL;
}

/* Instructions are not looked into for elements: they may show some as an example. */
static void walk(struct walk *w, const xmlNode *node)
{
    for (const xmlNode *n = node->children; n; n = n->next)
        if (n->type == XML_ELEMENT_NODE && !region(w, n)) {
            element(w, n);
            walk(w, n);
        }
}

/* ---- labels ---- */

static bool labels_wrong(struct walk *w, const char *what)
{
    return error_set(w->err, 422, "template.labels", "", "The labels of %s cannot be read: %s",
                     w->t->element, what);
}

/* A label is its name, or an object with it. */
static bool label(struct walk *w, json_t *item, size_t i)
{
    const char *name =
        json_string_value(json_is_object(item) ? json_object_get(item, "label") : item);
    size_t n;

    if (!name)
        return labels_wrong(w, arena_printf(w->a, "Number %zu is no text.", i + 1));
    name += strspn(name, " \t\r\n");
    n = strlen(name);
    while (n && strchr(" \t\r\n", name[n - 1]))
        n--;
    if (n == 0)
        return labels_wrong(w, arena_printf(w->a, "Number %zu is empty.", i + 1));
    w->t->labels[i] = arena_strndup(w->a, name, n);
    return true;
}

static bool labels_list(struct walk *w, json_t *list)
{
    json_t *item;
    size_t i;

    if (!json_is_array(list))
        return labels_wrong(w, "They are no list.");
    if (json_array_size(list) > TEMPLATE_LABELS_MAX)
        return labels_wrong(w, arena_printf(w->a, "There are more than %d.", TEMPLATE_LABELS_MAX));
    w->t->labels = arena_array(w->a, json_array_size(list) + 1, sizeof *w->t->labels);
    json_array_foreach(list, i, item) if (!label(w, item, i)) return false;
    w->t->label_count = i;
    w->t->literal_labels = i > 0;
    return true;
}

static bool labels(struct walk *w)
{
    const char *text = w->main ? html_attribute(w->main, "labels", w->a) : NULL;
    struct error inner = {0};
    json_t *list;
    bool ok;

    if (w->main && !text)
        text = html_attribute(w->main, "categories", w->a);
    if (!text || strstr(text, LIQUID_MARK) || text[strspn(text, " \t\r\n")] == '\0')
        return true;
    if (!(list = relaxed_json_read(text, &inner)))
        return labels_wrong(w, inner.message);
    ok = labels_list(w, list);
    json_decref(list);
    return ok;
}

static void none_label(struct walk *w)
{
    const char *text = w->main ? html_attribute(w->main, "exclusion-category", w->a) : NULL;
    json_t *object = text && !strstr(text, LIQUID_MARK) ? relaxed_json_read(text, NULL) : NULL;
    const char *words = json_string_value(json_object_get(object, "text"));

    if (words)
        w->t->none_label = arena_strdup(w->a, words);
    json_decref(object);
}

/* ---- together ---- */

static void instructions(const struct worker_template *t, struct arena *a, struct buf *out)
{
    const struct {
        const char *header, *text;
    } parts[] = {{t->header, t->short_instructions},
                 {t->full_header, strcmp(t->full_instructions, t->short_instructions) != 0
                                      ? t->full_instructions
                                      : ""}};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *header = parts[i].header;

        if (i > 0 && !*parts[i].text)
            continue;
        if (i > 0 && !*header && out->size)
            header = "Full instructions";
        if (*header) {
            buf_puts(out, out->size ? "\n\n## " : "## ");
            markdown_text(out, header, a);
        }
        if (*parts[i].text)
            buf_printf(out, "%s%s", out->size ? "\n\n" : "", parts[i].text);
    }
}

char *worker_template_instructions(const struct worker_template *t, struct arena *a)
{
    struct buf out;
    char *text;

    buf_init(&out, 2 * (size_t)REGION_BYTES);
    instructions(t, a, &out);
    text = arena_strdup(a, out.data ? out.data : "");
    buf_release(&out);
    return text;
}

static bool read_tree(struct walk *w, const xmlDoc *doc)
{
    struct buf all;
    bool ok;

    walk(w, (const xmlNode *)doc);
    if (!markdown_check(&w->brief, w->err) || !markdown_check(&w->full, w->err))
        return false;
    w->t->short_instructions = arena_strdup(w->a, w->brief.data ? w->brief.data : "");
    w->t->full_instructions = arena_strdup(w->a, w->full.data ? w->full.data : "");
    none_label(w);
    buf_init(&all, 2 * (size_t)REGION_BYTES);
    instructions(w->t, w->a, &all);
    ok = markdown_check(&all, w->err) && labels(w);
    buf_release(&all);
    return ok;
}

bool worker_template_read(const char *html, size_t size, struct arena *a,
                          struct worker_template *out, struct error *err)
{
    struct worker_template t = {.element = "",
                                .name = "",
                                .header = "",
                                .short_instructions = "",
                                .full_header = "",
                                .full_instructions = "",
                                .none_label = ""};
    struct walk w = {.a = a, .t = &t, .err = err};
    struct stripper s;
    xmlDoc *doc = NULL;
    bool ok;

    if (!html_check(html, size, err))
        return false;
    strip_liquid(html, size, &s);
    buf_init(&w.brief, REGION_BYTES);
    buf_init(&w.full, REGION_BYTES);
    ok = html_read(s.out.data ? s.out.data : "", s.out.size, a, &doc, err) &&
         (!doc || read_tree(&w, doc));
    if (ok)
        *out = t;
    xmlFreeDoc(doc);
    buf_release(&s.out);
    buf_release(&w.brief);
    buf_release(&w.full);
    return ok;
}
