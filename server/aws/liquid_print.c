/* liquid_print.c - values as text: escaped output, JSON.
 *
 * A number with a fraction is printed with the fewest digits that read back as the same number, and
 * always with a fraction ("3.0"), as in Liquid. */
#include "liquid_inner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void full(struct liquid *r)
{
    if (r->stopped)
        return;
    r->stopped = true;
    liquid_error(r, r->at, "LimitExceeded", "The text is longer than allowed.");
}

/* What is captured counts as memory, and as output only where it is printed. */
void liquid_print(struct liquid *r, const char *text, size_t size)
{
    if (!liquid_step(r, size))
        return;
    if (r->captures > 0) {
        if (size > LIQUID_MEMORY_MAX - r->memory) {
            full(r);
            return;
        }
        r->memory += size;
    } else if (size > r->out_max - r->out->size) {
        full(r);
        return;
    }
    if (!buf_add(r->out, text, size))
        full(r);
}

static const char *reference(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static bool is_digit(char c, bool hex)
{
    return (c >= '0' && c <= '9') || (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Bytes of a character reference at p, such as "&lt;", "&#39;" or "&#x27;", or 0. */
static size_t reference_size(const char *p, const char *end)
{
    const char *q = p + 1, *from;
    bool number = q < end && *q == '#', hex;

    q += number;
    hex = number && q < end && (*q == 'x' || *q == 'X');
    from = q += hex;
    while (q < end && q - from < 32 && (is_digit(*q, hex) || (!number && is_letter(*q))))
        q++;
    return q > from && q < end && *q == ';' ? (size_t)(q + 1 - p) : 0;
}

/* Escapes into the buffer, or with NULL prints. */
static void escape(struct liquid *r, struct buf *b, const char *p, size_t size, bool once)
{
    const char *end = p + size, *from = p, *with;

    for (; p < end && !r->stopped; p++) {
        if (!(with = reference(*p)) || (once && *p == '&' && reference_size(p, end)))
            continue;
        if (b) {
            buf_add(b, from, (size_t)(p - from));
            buf_puts(b, with);
        } else {
            liquid_print(r, from, (size_t)(p - from));
            liquid_print(r, with, strlen(with));
        }
        from = p + 1;
    }
    if (b)
        buf_add(b, from, (size_t)(p - from));
    else
        liquid_print(r, from, (size_t)(p - from));
}

struct liquid_value liquid_kept(struct liquid *r, struct buf *b)
{
    size_t size = b->size;
    char *copy = NULL;

    if (b->overflow)
        full(r);
    else
        copy = liquid_keep(r, b->data ? b->data : "", size);
    buf_release(b);
    return copy ? liquid_of_text(copy, size) : liquid_of_text("", 0);
}

struct liquid_value liquid_escape(struct liquid *r, const struct liquid_value *text, bool once)
{
    struct liquid_value v;
    struct buf b;

    buf_init(&b, LIQUID_OUTPUT_MAX);
    if (liquid_step(r, text->text.size))
        escape(r, &b, text->text.p, text->text.size, once);
    v = liquid_kept(r, &b);
    v.safe = true;
    return v;
}

static void real_text(char *out, size_t size, double x)
{
    if (!isfinite(x)) {
        snprintf(out, size, "%s", isnan(x) ? "NaN" : x < 0 ? "-Infinity" : "Infinity");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, size, "%.*g", digits, x);
        if (strtod(out, NULL) == x)
            break;
    }
    if (!strpbrk(out, ".e"))
        snprintf(out + strlen(out), size - strlen(out), ".0");
}

static void json_text(struct buf *b, const char *p, size_t size)
{
    buf_add(b, "\"", 1);
    for (const char *end = p + size; p < end; p++) {
        unsigned char c = (unsigned char)*p;

        if (c == '"' || c == '\\')
            buf_printf(b, "\\%c", c);
        else if (c < 0x20)
            buf_printf(b, c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : "\\u%04x", c);
        else
            buf_add(b, p, 1);
    }
    buf_add(b, "\"", 1);
}

static void json_value(struct liquid *r, struct buf *b, const struct liquid_value *v, int depth);

static void json_object_text(struct liquid *r, struct buf *b, const json_t *object, int depth)
{
    bool more = false;

    buf_add(b, "{", 1);
    for (void *at = json_object_iter((json_t *)object); at && !r->stopped;
         at = json_object_iter_next((json_t *)object, at), more = true) {
        struct liquid_value v = liquid_of_json(json_object_iter_value(at));

        if (more)
            buf_add(b, ",", 1);
        json_text(b, json_object_iter_key(at), json_object_iter_key_len(at));
        buf_add(b, ":", 1);
        json_value(r, b, &v, depth + 1);
    }
    buf_add(b, "}", 1);
}

static void json_list_text(struct liquid *r, struct buf *b, const struct liquid_value *list,
                           int depth)
{
    size_t n = liquid_count(r, list);

    buf_add(b, "[", 1);
    for (size_t i = 0; i < n && !r->stopped && !b->overflow; i++) {
        struct liquid_value v = liquid_item(list, i);

        if (i)
            buf_add(b, ",", 1);
        json_value(r, b, &v, depth + 1);
    }
    buf_add(b, "]", 1);
}

static void json_value(struct liquid *r, struct buf *b, const struct liquid_value *v, int depth)
{
    char number[64];

    if (depth > LIQUID_DEPTH_MAX) {
        liquid_error(r, r->at, "LimitExceeded", "The value has more than %d levels.",
                     LIQUID_DEPTH_MAX);
        r->stopped = true;
    }
    if (!liquid_step(r, v->kind == LIQUID_TEXT ? v->text.size : 0))
        return;
    if (liquid_is_object(v)) {
        json_object_text(r, b, v->json, depth);
    } else if (liquid_is_list(v)) {
        json_list_text(r, b, v, depth);
    } else if (v->kind == LIQUID_TEXT) {
        json_text(b, v->text.p, v->text.size);
    } else if (v->kind == LIQUID_INT) {
        buf_int(b, v->n);
    } else if (v->kind == LIQUID_REAL && isfinite(v->x)) {
        real_text(number, sizeof number, v->x);
        buf_puts(b, number);
    } else {
        buf_puts(b, v->kind != LIQUID_BOOL ? "null" : v->truth ? "true" : "false");
    }
}

struct liquid_value liquid_json(struct liquid *r, const struct liquid_value *v)
{
    struct buf b;

    buf_init(&b, LIQUID_OUTPUT_MAX);
    json_value(r, &b, v, 0);
    return liquid_kept(r, &b);
}

static void join(struct liquid *r, struct buf *b, const struct liquid_value *v, int depth);

/* A list is its items one after another, an object its JSON. */
static void join_list(struct liquid *r, struct buf *b, const struct liquid_value *v, int depth)
{
    size_t n = liquid_count(r, v);

    for (size_t i = 0; i < n && !r->stopped && !b->overflow; i++) {
        struct liquid_value item = liquid_item(v, i);

        join(r, b, &item, depth + 1);
    }
}

static void join(struct liquid *r, struct buf *b, const struct liquid_value *v, int depth)
{
    char number[64];

    if (!liquid_step(r, v->kind == LIQUID_TEXT ? v->text.size : 0) || depth > LIQUID_DEPTH_MAX)
        return;
    if (v->kind == LIQUID_TEXT) {
        buf_add(b, v->text.p, v->text.size);
    } else if (v->kind == LIQUID_INT) {
        buf_int(b, v->n);
    } else if (v->kind == LIQUID_REAL) {
        real_text(number, sizeof number, v->x);
        buf_puts(b, number);
    } else if (v->kind == LIQUID_BOOL) {
        buf_puts(b, v->truth ? "true" : "false");
    } else if (v->kind == LIQUID_RANGE) {
        buf_printf(b, "%lld..%lld", (long long)v->range.from, (long long)v->range.to);
    } else if (liquid_is_object(v)) {
        json_value(r, b, v, 0);
    } else if (liquid_is_list(v)) {
        join_list(r, b, v, depth);
    }
}

struct liquid_value liquid_text(struct liquid *r, const struct liquid_value *v)
{
    struct buf b;

    if (v->kind == LIQUID_TEXT)
        return *v;
    buf_init(&b, LIQUID_OUTPUT_MAX);
    join(r, &b, v, 0);
    return liquid_kept(r, &b);
}

void liquid_print_value(struct liquid *r, const struct liquid_value *v)
{
    struct liquid_value text = liquid_text(r, v);

    if (v->safe)
        liquid_print(r, text.text.p, text.text.size);
    else
        escape(r, NULL, text.text.p, text.text.size, false);
}
