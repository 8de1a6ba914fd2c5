/* liquid_value.c - what a value is: its truth, number, members, equality and order. */
#include "liquid_inner.h"

#include "plumbline/base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct liquid_value liquid_nil(void)
{
    return (struct liquid_value){.kind = LIQUID_NIL};
}

struct liquid_value liquid_of_int(int64_t n)
{
    return (struct liquid_value){.kind = LIQUID_INT, .n = n};
}

struct liquid_value liquid_of_real(double x)
{
    return (struct liquid_value){.kind = LIQUID_REAL, .x = x};
}

struct liquid_value liquid_of_bool(bool truth)
{
    return (struct liquid_value){.kind = LIQUID_BOOL, .truth = truth};
}

struct liquid_value liquid_of_text(const char *p, size_t size)
{
    return (struct liquid_value){.kind = LIQUID_TEXT, .text = {p, size}};
}

struct liquid_value liquid_of_list(const struct liquid_value *v, size_t n)
{
    return (struct liquid_value){.kind = LIQUID_LIST, .list = {v, n}};
}

struct liquid_value liquid_of_json(const json_t *json)
{
    switch (json ? json_typeof(json) : JSON_NULL) {
    case JSON_TRUE:
        return liquid_of_bool(true);
    case JSON_FALSE:
        return liquid_of_bool(false);
    case JSON_INTEGER:
        return liquid_of_int(json_integer_value(json));
    case JSON_REAL:
        return liquid_of_real(json_real_value(json));
    case JSON_STRING:
        return liquid_of_text(json_string_value(json), json_string_length(json));
    case JSON_ARRAY:
    case JSON_OBJECT:
        return (struct liquid_value){.kind = LIQUID_JSON, .json = json};
    default:
        return liquid_nil();
    }
}

bool liquid_true(const struct liquid_value *v)
{
    return v->kind != LIQUID_NIL && (v->kind != LIQUID_BOOL || v->truth);
}

bool liquid_is_list(const struct liquid_value *v)
{
    return v->kind == LIQUID_LIST || v->kind == LIQUID_RANGE ||
           (v->kind == LIQUID_JSON && json_is_array(v->json));
}

bool liquid_is_object(const struct liquid_value *v)
{
    return v->kind == LIQUID_JSON && json_is_object(v->json);
}

size_t liquid_count(struct liquid *r, const struct liquid_value *v)
{
    switch (v->kind) {
    case LIQUID_TEXT:
        return liquid_step(r, v->text.size) ? utf8_length(v->text.p, v->text.size) : 0;
    case LIQUID_JSON:
        return json_is_array(v->json) ? json_array_size(v->json) : json_object_size(v->json);
    case LIQUID_LIST:
        return v->list.n;
    case LIQUID_RANGE:
        if (v->range.from > v->range.to)
            return 0;
        return (size_t)((uint64_t)v->range.to - (uint64_t)v->range.from) + 1;
    default:
        return 0;
    }
}

static struct liquid_value pairs(struct liquid *r, const json_t *object)
{
    size_t n = json_object_size(object), i = 0;
    struct liquid_value *v = liquid_alloc(r, n * 3, sizeof *v), *both;

    if (!v || !liquid_step(r, n * sizeof *v))
        return liquid_of_list(NULL, 0);
    both = v + n;
    for (void *at = json_object_iter((json_t *)object); at;
         at = json_object_iter_next((json_t *)object, at), i++, both += 2) {
        both[0] = liquid_of_text(json_object_iter_key(at), json_object_iter_key_len(at));
        both[1] = liquid_of_json(json_object_iter_value(at));
        v[i] = liquid_of_list(both, 2);
    }
    return liquid_of_list(v, n);
}

struct liquid_value liquid_listed(struct liquid *r, const struct liquid_value *v)
{
    struct liquid_value *one;

    if (liquid_is_list(v))
        return *v;
    if (liquid_is_object(v))
        return pairs(r, v->json);
    if (v->kind != LIQUID_TEXT || v->text.size == 0 || !(one = liquid_alloc(r, 1, sizeof *one)))
        return liquid_of_list(NULL, 0);
    *one = *v;
    return liquid_of_list(one, 1);
}

struct liquid_value liquid_item(const struct liquid_value *listed, size_t i)
{
    switch (listed->kind) {
    case LIQUID_LIST:
        return i < listed->list.n ? listed->list.v[i] : liquid_nil();
    case LIQUID_RANGE:
        return liquid_of_int((int64_t)((uint64_t)listed->range.from + i));
    case LIQUID_JSON:
        return liquid_of_json(json_array_get(listed->json, i));
    default:
        return liquid_nil();
    }
}

/* .size .first .last, where the value has no member of that name. */
static struct liquid_value property(struct liquid *r, const struct liquid_value *of,
                                    const struct liquid_value *key)
{
    const char *p = key->text.p;
    size_t size = key->text.size, n;
    struct liquid_value items;

    if (of->kind != LIQUID_TEXT && !liquid_is_list(of) && !liquid_is_object(of))
        return liquid_nil();
    n = liquid_count(r, of);
    if (liquid_is(p, size, "size"))
        return liquid_of_int(n > INT64_MAX ? INT64_MAX : (int64_t)n);
    if (of->kind == LIQUID_TEXT || n == 0)
        return liquid_nil();
    if (!liquid_is(p, size, "first") && !liquid_is(p, size, "last"))
        return liquid_nil();
    items = liquid_listed(r, of);
    return r->stopped ? liquid_nil() : liquid_item(&items, *p == 'f' ? 0 : n - 1);
}

static struct liquid_value loop_member(const struct liquid_loop *loop,
                                       const struct liquid_value *key)
{
    const char *p = key->text.p;
    size_t size = key->text.size;

    if (liquid_is(p, size, "index"))
        return liquid_of_int(loop->index + 1);
    if (liquid_is(p, size, "index0"))
        return liquid_of_int(loop->index);
    if (liquid_is(p, size, "rindex"))
        return liquid_of_int(loop->length - loop->index);
    if (liquid_is(p, size, "rindex0"))
        return liquid_of_int(loop->length - loop->index - 1);
    if (liquid_is(p, size, "length"))
        return liquid_of_int(loop->length);
    if (liquid_is(p, size, "first"))
        return liquid_of_bool(loop->index == 0);
    if (liquid_is(p, size, "last"))
        return liquid_of_bool(loop->index == loop->length - 1);
    if (liquid_is(p, size, "parentloop") && loop->parent)
        return (struct liquid_value){.kind = LIQUID_LOOP, .loop = loop->parent};
    return liquid_nil();
}

static struct liquid_value at_index(struct liquid *r, const struct liquid_value *of, int64_t i)
{
    size_t n = liquid_count(r, of);

    if (i < 0 && n <= INT64_MAX)
        i += (int64_t)n;
    return i >= 0 && (size_t)i < n ? liquid_item(of, (size_t)i) : liquid_nil();
}

/* A class id may be a number in one place and a member's name in another. */
struct liquid_value liquid_member(struct liquid *r, const struct liquid_value *of,
                                  const struct liquid_value *key, bool dotted)
{
    struct liquid_value name;
    json_t *found;

    if (liquid_is_object(of) && (key->kind == LIQUID_TEXT || key->kind == LIQUID_INT)) {
        name = liquid_text(r, key);
        found = r->stopped ? NULL : json_object_getn(of->json, name.text.p, name.text.size);
        if (found)
            return liquid_of_json(found);
    }
    if (liquid_is_list(of) && key->kind == LIQUID_INT)
        return at_index(r, of, key->n);
    if (key->kind != LIQUID_TEXT)
        return liquid_nil();
    if (of->kind == LIQUID_LOOP)
        return loop_member(of->loop, key);
    return dotted ? property(r, of, key) : liquid_nil();
}

static bool hollow(struct liquid *r, const struct liquid_value *v, bool blank)
{
    if (liquid_is_list(v) || liquid_is_object(v))
        return liquid_count(r, v) == 0;
    if (v->kind == LIQUID_TEXT)
        return (blank && liquid_step(r, v->text.size) ? liquid_space(v->text.p, v->text.size)
                                                      : 0) == v->text.size;
    return blank ? !liquid_true(v) : v->kind == LIQUID_EMPTY;
}

static bool is_number(const struct liquid_value *v)
{
    return v->kind == LIQUID_INT || v->kind == LIQUID_REAL;
}

static bool same_members(struct liquid *r, const struct liquid_value *a,
                         const struct liquid_value *b, int depth);

static bool same(struct liquid *r, const struct liquid_value *a, const struct liquid_value *b,
                 int depth)
{
    int order;

    if (!liquid_step(r, 0) || depth == LIQUID_DEPTH_MAX)
        return false;
    if ((is_number(a) && is_number(b)) || (a->kind == LIQUID_TEXT && b->kind == LIQUID_TEXT))
        return liquid_order(r, a, b, &order) && order == 0;
    if (liquid_is_list(a) && liquid_is_list(b))
        return same_members(r, a, b, depth);
    if (liquid_is_object(a) && liquid_is_object(b))
        return a->json == b->json || same_members(r, a, b, depth);
    if (a->kind != b->kind)
        return false;
    return a->kind == LIQUID_NIL || (a->kind == LIQUID_BOOL && a->truth == b->truth) ||
           (a->kind == LIQUID_LOOP && a->loop == b->loop);
}

static bool same_members(struct liquid *r, const struct liquid_value *a,
                         const struct liquid_value *b, int depth)
{
    size_t n = liquid_count(r, a);
    const char *key;
    json_t *value;

    if (n != liquid_count(r, b))
        return false;
    if (liquid_is_object(a)) {
        json_object_foreach((json_t *)a->json, key, value)
        {
            json_t *found = json_object_get(b->json, key);
            struct liquid_value x = liquid_of_json(value), y = liquid_of_json(found);

            if (!found || !same(r, &x, &y, depth + 1))
                return false;
        }
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        struct liquid_value x = liquid_item(a, i), y = liquid_item(b, i);

        if (!same(r, &x, &y, depth + 1))
            return false;
    }
    return true;
}

bool liquid_equal(struct liquid *r, const struct liquid_value *a, const struct liquid_value *b)
{
    if (b->kind == LIQUID_EMPTY || b->kind == LIQUID_BLANK)
        return a->kind == b->kind || hollow(r, a, b->kind == LIQUID_BLANK);
    if (a->kind == LIQUID_EMPTY || a->kind == LIQUID_BLANK)
        return hollow(r, b, a->kind == LIQUID_BLANK);
    return same(r, a, b, 0);
}

bool liquid_order(struct liquid *r, const struct liquid_value *a, const struct liquid_value *b,
                  int *order)
{
    double x, y;
    size_t n;

    if (a->kind == LIQUID_TEXT && b->kind == LIQUID_TEXT) {
        n = a->text.size < b->text.size ? a->text.size : b->text.size;
        liquid_step(r, n);
        *order = n ? memcmp(a->text.p, b->text.p, n) : 0;
        if (*order == 0)
            *order = (a->text.size > b->text.size) - (a->text.size < b->text.size);
        return true;
    }
    if (!is_number(a) || !is_number(b))
        return false;
    if (a->kind == LIQUID_INT && b->kind == LIQUID_INT) {
        *order = (a->n > b->n) - (a->n < b->n);
        return true;
    }
    x = a->kind == LIQUID_INT ? (double)a->n : a->x;
    y = b->kind == LIQUID_INT ? (double)b->n : b->x;
    *order = (x > y) - (x < y);
    return !isnan(x) && !isnan(y);
}

bool liquid_contains(struct liquid *r, const struct liquid_value *in, const struct liquid_value *v)
{
    struct liquid_value text;

    if (in->kind == LIQUID_NIL || v->kind == LIQUID_NIL)
        return false;
    if (liquid_is_list(in)) {
        size_t n = liquid_count(r, in);

        for (size_t i = 0; i < n && !r->stopped; i++) {
            struct liquid_value item = liquid_item(in, i);

            if (liquid_equal(r, &item, v))
                return true;
        }
        return false;
    }
    text = liquid_text(r, v);
    if (r->stopped)
        return false;
    if (liquid_is_object(in))
        return json_object_getn(in->json, text.text.p, text.text.size) != NULL;
    return in->kind == LIQUID_TEXT && liquid_step(r, in->text.size) &&
           memmem(in->text.p, in->text.size, text.text.p, text.text.size) != NULL;
}
