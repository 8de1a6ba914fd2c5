/* liquid_filter_cut.c - filters that take texts apart: split, slice, truncate. Positions and
 * lengths are in code points. */
#include "liquid_inner.h"

#include "plumbline/base/utf8.h"

#include <string.h>

typedef const struct liquid_value *values_in;

struct list {
    struct liquid_value *v;
    size_t n, room;
};

static bool add(struct liquid *r, struct list *l, const char *p, size_t size)
{
    struct liquid_value *more;

    if (l->n == l->room) {
        l->room = l->room ? l->room * 2 : 16;
        more = liquid_alloc(r, l->room, sizeof *more);
        if (!more)
            return false;
        if (l->n)
            memcpy(more, l->v, l->n * sizeof *more);
        l->v = more;
    }
    l->v[l->n++] = liquid_of_text(p, size);
    return true;
}

static size_t word_size(const char *p, size_t size)
{
    size_t n = 0;

    while (n < size && liquid_space(p + n, 1) == 0)
        n++;
    return n;
}

/* By white space, by nothing (into characters), or by a text; empty parts at the end are dropped.
 */
static bool split_up(struct liquid *r, struct list *l, struct liquid_value text,
                     struct liquid_value by)
{
    const char *p = text.text.p, *end = p + text.text.size, *found;
    bool words = liquid_is(by.text.p, by.text.size, " ");
    size_t n;

    while (p < end && !r->stopped) {
        if (words) {
            p += liquid_space(p, (size_t)(end - p));
            n = word_size(p, (size_t)(end - p));
            found = p + n;
        } else if (by.text.size == 0) {
            n = utf8_offset(p, (size_t)(end - p), 1);
            found = p + n;
        } else {
            found = memmem(p, (size_t)(end - p), by.text.p, by.text.size);
            n = found ? (size_t)(found - p) : (size_t)(end - p);
        }
        if (!(words && n == 0) && !add(r, l, p, n))
            return false;
        p = words || by.text.size == 0 ? found : found ? found + by.text.size : end;
    }
    while (l->n && l->v[l->n - 1].text.size == 0)
        l->n--;
    return !r->stopped;
}

static bool split(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    struct list l = {NULL, 0, 0};

    (void)n;
    if (!liquid_step(r, 0) || !split_up(r, &l, liquid_text(r, v), liquid_text(r, &args[0])))
        return false;
    *v = liquid_of_list(l.v, l.n);
    return true;
}

static bool slice(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    int64_t from = liquid_arg_int(args, n, 0, 0), count = liquid_arg_int(args, n, 1, 1);
    struct liquid_value in = liquid_is_list(v) ? *v : liquid_text(r, v), *part;
    size_t length = liquid_count(r, &in), start, end;

    if (length > INT64_MAX)
        return liquid_refuse(r, "The range is too long.");
    if (from < 0)
        from += (int64_t)length;
    if (from < 0 || (size_t)from > length || count < 0)
        from = (int64_t)length, count = 0;
    start = (size_t)from;
    end = (uint64_t)count > length - start ? length : start + (size_t)count;
    if (in.kind == LIQUID_TEXT) {
        start = utf8_offset(in.text.p, in.text.size, start);
        end = utf8_offset(in.text.p, in.text.size, end);
        *v = liquid_of_text(in.text.p + start, end - start);
        return true;
    }
    if (!(part = liquid_alloc(r, end - start, sizeof *part)) ||
        !liquid_step(r, (end - start) * sizeof *part))
        return false;
    for (size_t i = start; i < end; i++)
        part[i - start] = liquid_item(&in, i);
    *v = liquid_of_list(part, end - start);
    return true;
}

static bool give_cut(struct liquid *r, struct liquid_value *v, const char *p, size_t size,
                     struct liquid_value tail)
{
    struct buf out;

    buf_init(&out, LIQUID_OUTPUT_MAX);
    buf_add(&out, p, size);
    buf_add(&out, tail.text.p, tail.text.size);
    *v = liquid_kept(r, &out);
    return true;
}

/* The length counts the dots with it. */
static bool truncate_text(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    struct liquid_value text = liquid_text(r, v), tail = liquid_arg_text(r, args, n, 1, "...");
    int64_t length = liquid_arg_int(args, n, 0, 50), room;

    if (length < 0)
        length = 0;
    if ((uint64_t)length >= liquid_count(r, &text)) {
        *v = text;
        return true;
    }
    room = length - (int64_t)liquid_count(r, &tail);
    return give_cut(r, v, text.text.p,
                    room > 0 ? utf8_offset(text.text.p, text.text.size, (size_t)room) : 0, tail);
}

static bool truncate_words(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    struct liquid_value text = liquid_text(r, v), tail = liquid_arg_text(r, args, n, 1, "...");
    int64_t words = liquid_arg_int(args, n, 0, 15);
    const char *p = text.text.p, *end = p + text.text.size, *cut = p;

    *v = text;
    for (int64_t i = 0; i < (words < 1 ? 1 : words) && p < end && liquid_step(r, 0); i++) {
        p += liquid_space(p, (size_t)(end - p));
        p += word_size(p, (size_t)(end - p));
        cut = p;
    }
    p += liquid_space(p, (size_t)(end - p));
    if (p == end || !liquid_step(r, text.text.size))
        return true;
    return give_cut(r, v, text.text.p, (size_t)(cut - text.text.p), tail);
}

const struct liquid_filter liquid_cut_filters[] = {
    {"split", 1, 1, split},
    {"slice", 1, 2, slice},
    {"truncate", 0, 2, truncate_text},
    {"truncatewords", 0, 2, truncate_words},
    {NULL, 0, 0, NULL},
};
