/* liquid_filter_text.c - filters that make one text of another. Letters change case within ASCII.
 */
#include "liquid_inner.h"

#include "plumbline/base/utf8.h"

#include <string.h>

typedef const struct liquid_value *values_in;

/* Two texts as one. */
static bool give_joined(struct liquid *r, struct liquid_value *v, struct liquid_value a,
                        struct liquid_value b)
{
    struct buf out;

    buf_init(&out, LIQUID_OUTPUT_MAX);
    buf_add(&out, a.text.p, a.text.size);
    buf_add(&out, b.text.p, b.text.size);
    *v = liquid_kept(r, &out);
    return true;
}

static bool append(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    return give_joined(r, v, liquid_text(r, v), liquid_arg_text(r, args, n, 0, ""));
}

static bool prepend(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    return give_joined(r, v, liquid_arg_text(r, args, n, 0, ""), liquid_text(r, v));
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool change(struct liquid *r, struct liquid_value *v, char (*first)(char),
                   char (*rest)(char))
{
    struct liquid_value text = liquid_text(r, v);
    char *copy = liquid_keep(r, text.text.p, text.text.size);

    if (!copy)
        return false;
    for (size_t i = 0; i < text.text.size; i++)
        copy[i] = i == 0 ? first(copy[i]) : rest(copy[i]);
    *v = liquid_of_text(copy, text.text.size);
    return true;
}

static bool upcase(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    (void)args;
    (void)n;
    return change(r, v, upper, upper);
}

static bool downcase(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    (void)args;
    (void)n;
    return change(r, v, lower, lower);
}

static bool capitalize(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    (void)args;
    (void)n;
    return change(r, v, upper, lower);
}

/* White space at the ends is never part of a character reference, so an escaped text stays one. */
static bool trim(struct liquid *r, struct liquid_value *v, bool left, bool right)
{
    bool safe = v->safe;
    struct liquid_value text = liquid_text(r, v);
    const char *p = text.text.p;
    size_t size = text.text.size, space = left ? liquid_space(p, size) : 0;

    p += space;
    size -= space;
    while (right && size && liquid_space(p + size - 1, 1))
        size--;
    *v = liquid_of_text(p, size);
    v->safe = safe;
    return liquid_step(r, text.text.size);
}

static bool strip(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    (void)args;
    (void)n;
    return trim(r, v, true, true);
}

static bool lstrip(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    (void)args;
    (void)n;
    return trim(r, v, true, false);
}

static bool rstrip(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    (void)args;
    (void)n;
    return trim(r, v, false, true);
}

enum which { ALL, FIRST, LAST };

/* The last place of `what` in p..end, or NULL. */
static const char *last_place(struct liquid *r, const char *p, const char *end,
                              struct liquid_value what)
{
    const char *found = NULL, *next;

    while (liquid_step(r, what.text.size) &&
           (next = memmem(p, (size_t)(end - p), what.text.p, what.text.size))) {
        found = next;
        p = next + 1;
    }
    return found;
}

static bool exchange(struct liquid *r, struct liquid_value *v, enum which which,
                     struct liquid_value what, struct liquid_value with)
{
    struct liquid_value text = liquid_text(r, v);
    const char *p = text.text.p, *end = p + text.text.size, *found;
    struct buf out;

    if (what.text.size == 0 || !liquid_step(r, text.text.size)) {
        *v = text;
        return true;
    }
    buf_init(&out, LIQUID_OUTPUT_MAX);
    found = which == LAST ? last_place(r, p, end, what)
                          : memmem(p, (size_t)(end - p), what.text.p, what.text.size);
    while (found && !out.overflow && liquid_step(r, with.text.size)) {
        buf_add(&out, p, (size_t)(found - p));
        buf_add(&out, with.text.p, with.text.size);
        p = found + what.text.size;
        found = which == ALL ? memmem(p, (size_t)(end - p), what.text.p, what.text.size) : NULL;
    }
    buf_add(&out, p, (size_t)(end - p));
    *v = liquid_kept(r, &out);
    return true;
}

static bool replace(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    return exchange(r, v, ALL, liquid_text(r, &args[0]), liquid_arg_text(r, args, n, 1, ""));
}

static bool replace_first(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    return exchange(r, v, FIRST, liquid_text(r, &args[0]), liquid_arg_text(r, args, n, 1, ""));
}

static bool replace_last(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    return exchange(r, v, LAST, liquid_text(r, &args[0]), liquid_arg_text(r, args, n, 1, ""));
}

static bool strip_newlines(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    struct liquid_value none = liquid_of_text("", 0);

    (void)args;
    (void)n;
    return exchange(r, v, ALL, liquid_of_text("\r", 1), none) &&
           exchange(r, v, ALL, liquid_of_text("\n", 1), none);
}

static bool url_encode(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    struct liquid_value text = liquid_text(r, v);
    struct buf out;

    (void)args;
    (void)n;
    buf_init(&out, LIQUID_OUTPUT_MAX);
    for (size_t i = 0; liquid_step(r, 0) && i < text.text.size; i++) {
        unsigned char c = (unsigned char)text.text.p[i];

        if (c == ' ')
            buf_add(&out, "+", 1);
        else if (upper((char)c) != lower((char)c) || (c >= '0' && c <= '9') ||
                 (c && strchr("_.-~", c)))
            buf_add(&out, &text.text.p[i], 1);
        else
            buf_printf(&out, "%%%02X", c);
    }
    *v = liquid_kept(r, &out);
    return true;
}

static int hex_digit(char c)
{
    c = lower(c);
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool url_decode(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    struct liquid_value text = liquid_text(r, v);
    const char *p = text.text.p, *end = p + text.text.size;
    struct buf out;

    (void)args;
    (void)n;
    buf_init(&out, LIQUID_OUTPUT_MAX);
    for (; liquid_step(r, 0) && p < end; p++) {
        int high = *p == '%' && end - p > 2 ? hex_digit(p[1]) : -1;
        int low = high >= 0 ? hex_digit(p[2]) : -1;
        char c = low >= 0 ? (char)(high * 16 + low) : *p == '+' ? ' ' : *p;

        buf_add(&out, &c, 1);
        p += low >= 0 ? 2 : 0;
    }
    *v = liquid_kept(r, &out);
    return utf8_is_valid(v->text.p, v->text.size) || liquid_refuse(r, "That is not valid UTF-8.");
}

const struct liquid_filter liquid_text_filters[] = {
    {"append", 1, 1, append},
    {"prepend", 1, 1, prepend},
    {"upcase", 0, 0, upcase},
    {"downcase", 0, 0, downcase},
    {"capitalize", 0, 0, capitalize},
    {"strip", 0, 0, strip},
    {"lstrip", 0, 0, lstrip},
    {"rstrip", 0, 0, rstrip},
    {"strip_newlines", 0, 0, strip_newlines},
    {"replace", 1, 2, replace},
    {"replace_first", 1, 2, replace_first},
    {"replace_last", 2, 2, replace_last},
    {"remove", 1, 1, replace},
    {"remove_first", 1, 1, replace_first},
    {"remove_last", 1, 1, replace_last},
    {"url_encode", 0, 0, url_encode},
    {"url_decode", 0, 0, url_decode},
    {NULL, 0, 0, NULL},
};
