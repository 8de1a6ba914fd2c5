/* liquid_filter_html.c - escaping, and what Ground Truth adds to Liquid.
 *
 * Every output is escaped unless its last filters say that it is done: `escape`, `escape_once` and
 * `skip_autoescape` mark a text as it is to be printed, and only filters that cannot spoil that
 * (strip, newline_to_br, default) keep the mark. Any other filter behind them drops it: what cannot
 * be known to be safe is escaped. */
#include "liquid_inner.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef const struct liquid_value *values_in;

static bool escape(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    struct liquid_value text = liquid_text(r, v);

    (void)args;
    (void)n;
    if (!v->safe)
        *v = liquid_escape(r, &text, false);
    return true;
}

static bool escape_once(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    struct liquid_value text = liquid_text(r, v);

    (void)args;
    (void)n;
    *v = liquid_escape(r, &text, true);
    return true;
}

static bool skip_autoescape(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    (void)args;
    (void)n;
    *v = liquid_text(r, v);
    v->safe = true;
    return true;
}

static bool to_json(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    (void)args;
    (void)n;
    *v = liquid_json(r, v);
    return true;
}

static bool grant_read_access(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    const struct liquid_options *o = r->options;
    char *uri, *url;

    (void)args;
    (void)n;
    if (v->kind != LIQUID_TEXT || v->text.size < 5 || memcmp(v->text.p, "s3://", 5) != 0 ||
        memchr(v->text.p, '\0', v->text.size) || !o->grant_read_access)
        return true;
    uri = liquid_keep(r, v->text.p, v->text.size);
    url = uri ? o->grant_read_access(o->ctx, uri) : NULL;
    if (url) {
        size_t size = strlen(url);
        char *copy = liquid_keep(r, url, size);

        *v = copy ? liquid_of_text(copy, size) : liquid_nil();
    }
    free(url);
    return uri != NULL;
}

/* nil, false and what is empty give way. */
static bool run_default(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    struct liquid_value empty = {.kind = LIQUID_EMPTY};

    if (!liquid_true(v) || liquid_equal(r, v, &empty))
        *v = n ? args[0] : liquid_of_text("", 0);
    return true;
}

static bool newline_to_br(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    bool safe = v->safe;
    struct liquid_value text = liquid_text(r, v);
    const char *p = text.text.p, *end = p + text.text.size, *line;
    struct buf out;

    (void)args;
    (void)n;
    buf_init(&out, LIQUID_OUTPUT_MAX);
    while (liquid_step(r, 0) && (line = memchr(p, '\n', (size_t)(end - p)))) {
        buf_add(&out, p, (size_t)(line - p) - (line > p && line[-1] == '\r'));
        buf_puts(&out, "<br />\n");
        p = line + 1;
    }
    buf_add(&out, p, (size_t)(end - p));
    *v = liquid_kept(r, &out);
    v->safe = safe;
    return true;
}

/* What ends the markup that begins at p ("<"): its last byte, or NULL. */
static const char *markup_end(const char *p, const char *end, bool *hopeless)
{
    static const struct {
        const char *begin, *end;
    } whole[] = {{"<script", "</script>"}, {"<style", "</style>"}, {"<!--", "-->"}};
    const char *found;

    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        size_t size = strlen(whole[i].begin), close = strlen(whole[i].end);

        if ((size_t)(end - p) < size || strncasecmp(p, whole[i].begin, size) != 0 || hopeless[i])
            continue;
        found = memmem(p + size, (size_t)(end - p) - size, whole[i].end, close);
        if (found)
            return found + close - 1;
        hopeless[i] = true;
    }
    return memchr(p, '>', (size_t)(end - p));
}

static bool strip_html(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    struct liquid_value text = liquid_text(r, v);
    const char *p = text.text.p, *end = p + text.text.size, *tag, *close;
    bool hopeless[3] = {false};
    struct buf out;

    (void)args;
    (void)n;
    buf_init(&out, LIQUID_OUTPUT_MAX);
    while (liquid_step(r, 0) && (tag = memchr(p, '<', (size_t)(end - p))) &&
           (close = markup_end(tag, end, hopeless))) {
        buf_add(&out, p, (size_t)(tag - p));
        p = close + 1;
    }
    buf_add(&out, p, (size_t)(end - p));
    *v = liquid_kept(r, &out);
    return true;
}

const struct liquid_filter liquid_html_filters[] = {
    {"escape", 0, 0, escape},
    {"escape_once", 0, 0, escape_once},
    {"skip_autoescape", 0, 0, skip_autoescape},
    {"to_json", 0, 0, to_json},
    {"grant_read_access", 0, 0, grant_read_access},
    {"default", 0, 1, run_default},
    {"newline_to_br", 0, 0, newline_to_br},
    {"strip_html", 0, 0, strip_html},
    {NULL, 0, 0, NULL},
};
