/* liquid_filter_list.c - filters of lists. A value that is no list counts as a list of one, nil as
 * an empty one; an object gives its pairs. */
#include "liquid_inner.h"

#include <stdlib.h>
#include <string.h>

typedef const struct liquid_value *values_in;

/* A copy of the list to work on; NULL: stop. */
static struct liquid_value *copied(struct liquid *r, const struct liquid_value *v, size_t *n)
{
    bool many = liquid_is_list(v) || liquid_is_object(v) || v->kind == LIQUID_NIL;
    struct liquid_value items = many ? liquid_listed(r, v) : liquid_of_list(v, 1), *out;

    *n = liquid_count(r, &items);
    out = liquid_alloc(r, *n, sizeof *out);
    if (!out || !liquid_step(r, *n * sizeof *out))
        return NULL;
    for (size_t i = 0; i < *n; i++)
        out[i] = liquid_item(&items, i);
    return out;
}

static bool first(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    struct liquid_value key = liquid_of_text("first", 5);

    (void)args;
    (void)n;
    *v = liquid_is_list(v) || liquid_is_object(v) ? liquid_member(r, v, &key, true) : liquid_nil();
    return true;
}

static bool last(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    struct liquid_value key = liquid_of_text("last", 4);

    (void)args;
    (void)n;
    *v = liquid_is_list(v) || liquid_is_object(v) ? liquid_member(r, v, &key, true) : liquid_nil();
    return true;
}

static bool size(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    size_t count = liquid_count(r, v);

    (void)args;
    (void)n;
    *v = liquid_of_int(count > INT64_MAX ? INT64_MAX : (int64_t)count);
    return true;
}

static bool join(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    struct liquid_value between = liquid_arg_text(r, args, n, 0, " "), text;
    size_t count;
    struct liquid_value *items = copied(r, v, &count);
    struct buf out;

    buf_init(&out, LIQUID_OUTPUT_MAX);
    for (size_t i = 0; items && i < count && liquid_step(r, between.text.size); i++) {
        if (i)
            buf_add(&out, between.text.p, between.text.size);
        text = liquid_text(r, &items[i]);
        if (out.overflow || !liquid_step(r, text.text.size))
            break;
        buf_add(&out, text.text.p, text.text.size);
    }
    *v = liquid_kept(r, &out);
    return items != NULL;
}

static bool reverse(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    size_t count;
    struct liquid_value *items = copied(r, v, &count), swap;

    (void)args;
    (void)n;
    if (!items)
        return false;
    for (size_t i = 0; i < count / 2; i++) {
        swap = items[i];
        items[i] = items[count - 1 - i];
        items[count - 1 - i] = swap;
    }
    *v = liquid_of_list(items, count);
    return true;
}

struct sorted {
    struct liquid_value item, key;
    size_t place;
};

/* Numbers, then texts, then all else in the order it had, nil last. */
static int rank(const struct liquid_value *v)
{
    if (v->kind == LIQUID_INT || v->kind == LIQUID_REAL)
        return 0;
    return v->kind == LIQUID_TEXT ? 1 : v->kind == LIQUID_NIL ? 3 : 2;
}

static int by_key(const void *x, const void *y, void *rendering)
{
    const struct sorted *a = x, *b = y;
    int order = rank(&a->key) - rank(&b->key);

    if (order == 0 && rank(&a->key) < 2)
        liquid_order(rendering, &a->key, &b->key, &order);
    return order ? order : (a->place > b->place) - (a->place < b->place);
}

static struct liquid_value small(struct liquid *r, const struct liquid_value *v)
{
    struct liquid_value copy = *v;

    if (v->kind == LIQUID_TEXT)
        liquid_filter_find("downcase", 8)->run(r, &copy, NULL, 0);
    return copy;
}

static bool sort_items(struct liquid *r, struct liquid_value *v, values_in args, int n,
                       bool natural)
{
    size_t count;
    struct liquid_value *items = copied(r, v, &count);
    struct sorted *s = items ? liquid_alloc(r, count, sizeof *s) : NULL;

    for (size_t i = 0; s && i < count && liquid_step(r, 0); i++) {
        s[i] = (struct sorted){items[i], items[i], i};
        if (n)
            s[i].key = liquid_member(r, &items[i], &args[0], true);
        if (natural)
            s[i].key = small(r, &s[i].key);
    }
    if (!s || r->stopped)
        return false;
    qsort_r(s, count, sizeof *s, by_key, r);
    for (size_t i = 0; i < count; i++)
        items[i] = s[i].item;
    *v = liquid_of_list(items, count);
    return true;
}

static bool sort(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    return sort_items(r, v, args, n, false);
}

static bool sort_natural(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    return sort_items(r, v, args, n, true);
}

static bool seen(struct liquid *r, const struct liquid_value *v, size_t n,
                 const struct liquid_value *key, values_in by)
{
    for (size_t i = 0; i < n && !r->stopped; i++) {
        struct liquid_value other = by ? liquid_member(r, &v[i], by, true) : v[i];

        if (liquid_equal(r, &other, key))
            return true;
    }
    return false;
}

static bool uniq(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    size_t count, kept = 0;
    struct liquid_value *items = copied(r, v, &count), key;

    for (size_t i = 0; items && i < count && !r->stopped; i++) {
        key = n ? liquid_member(r, &items[i], &args[0], true) : items[i];
        if (!seen(r, items, kept, &key, n ? &args[0] : NULL))
            items[kept++] = items[i];
    }
    *v = liquid_of_list(items, items ? kept : 0);
    return items != NULL;
}

static bool compact(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    size_t count, kept = 0;
    struct liquid_value *items = copied(r, v, &count), key;

    for (size_t i = 0; items && i < count && liquid_step(r, 0); i++) {
        key = n ? liquid_member(r, &items[i], &args[0], true) : items[i];
        if (key.kind != LIQUID_NIL)
            items[kept++] = items[i];
    }
    *v = liquid_of_list(items, items ? kept : 0);
    return items != NULL;
}

static bool map(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    size_t count;
    struct liquid_value *items = copied(r, v, &count);

    (void)n;
    for (size_t i = 0; items && i < count && liquid_step(r, 0); i++)
        items[i] = liquid_member(r, &items[i], &args[0], true);
    *v = liquid_of_list(items, items ? count : 0);
    return items != NULL;
}

/* Those whose member is the value, or with no value given, is true. */
static bool where(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    size_t count, kept = 0;
    struct liquid_value *items = copied(r, v, &count), key;

    for (size_t i = 0; items && i < count && liquid_step(r, 0); i++) {
        key = liquid_member(r, &items[i], &args[0], true);
        if (n > 1 ? liquid_equal(r, &key, &args[1]) : liquid_true(&key))
            items[kept++] = items[i];
    }
    *v = liquid_of_list(items, items ? kept : 0);
    return items != NULL;
}

static bool concat(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    size_t a, b;
    struct liquid_value *left = copied(r, v, &a), *right = copied(r, &args[0], &b), *both;

    (void)n;
    if (!left || !right || !(both = liquid_alloc(r, a + b, sizeof *both)))
        return false;
    if (a)
        memcpy(both, left, a * sizeof *both);
    if (b)
        memcpy(both + a, right, b * sizeof *both);
    *v = liquid_of_list(both, a + b);
    return true;
}

static bool sum(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    const struct liquid_filter *plus = liquid_filter_find("plus", 4);
    struct liquid_value total = liquid_of_int(0), part;
    size_t count;
    struct liquid_value *items = copied(r, v, &count);

    for (size_t i = 0; items && i < count && liquid_step(r, 0); i++) {
        part = n ? liquid_member(r, &items[i], &args[0], true) : items[i];
        if (!plus->run(r, &total, &part, 1))
            return false;
    }
    *v = total;
    return items != NULL;
}

const struct liquid_filter liquid_list_filters[] = {
    {"size", 0, 0, size},
    {"first", 0, 0, first},
    {"last", 0, 0, last},
    {"join", 0, 1, join},
    {"reverse", 0, 0, reverse},
    {"sort", 0, 1, sort},
    {"sort_natural", 0, 1, sort_natural},
    {"uniq", 0, 1, uniq},
    {"compact", 0, 1, compact},
    {"map", 1, 1, map},
    {"where", 1, 2, where},
    {"concat", 1, 1, concat},
    {"sum", 0, 1, sum},
    {NULL, 0, 0, NULL},
};
