/* liquid_eval.c - the value of an expression, of a chain of filters, of a condition. */
#include "liquid_inner.h"

#include <string.h>

/* A name is a loop's variable, else what was assigned, else a member of the variables. */
static struct liquid_value named(struct liquid *r, size_t symbol)
{
    const struct liquid_slot *slot = &r->slots[symbol];

    if (r->loop && liquid_is(slot->name, slot->size, "forloop"))
        return (struct liquid_value){.kind = LIQUID_LOOP, .loop = r->loop};
    if (slot->scoped)
        return slot->local;
    if (slot->assigned)
        return slot->value;
    return liquid_of_json(json_object_getn(r->variables, slot->name, slot->size));
}

/* Bounds that are no whole numbers count as Liquid's to_i makes them. */
static int64_t bound(struct liquid *r, const struct liquid_expr *e)
{
    struct liquid_value v = liquid_eval(r, e), number = liquid_number(&v);
    int64_t n = 0;

    liquid_whole(&number, &n);
    return n;
}

struct liquid_value liquid_eval(struct liquid *r, const struct liquid_expr *e)
{
    struct liquid_value v, key;

    if (!liquid_step(r, 0))
        return liquid_nil();
    if (e->kind == EXPR_LITERAL)
        return e->literal;
    if (e->kind == EXPR_RANGE) {
        int64_t from = bound(r, e->from);

        v = (struct liquid_value){.kind = LIQUID_RANGE};
        v.range.from = from;
        v.range.to = bound(r, e->to);
        return v;
    }
    v = named(r, e->symbol);
    for (const struct liquid_member *m = e->members; m && !r->stopped; m = m->next) {
        key = liquid_eval(r, m->by);
        v = liquid_member(r, &v, &key, m->dotted);
    }
    return v;
}

static bool run_call(struct liquid *r, const struct liquid_call *call, struct liquid_value *v)
{
    struct liquid_value args[LIQUID_ARGS_MAX], allow;

    for (int i = 0; i < call->n; i++)
        args[i] = liquid_eval(r, call->args[i]);
    if (call->allow_false && v->kind == LIQUID_BOOL && !v->truth) {
        allow = liquid_eval(r, call->allow_false);
        if (liquid_true(&allow))
            return true;
    }
    r->at = call->at;
    return liquid_step(r, 0) && call->filter->run(r, v, args, call->n);
}

bool liquid_run_pipeline(struct liquid *r, const struct liquid_pipeline *p,
                         struct liquid_value *out)
{
    *out = liquid_eval(r, p->value);
    for (const struct liquid_call *c = p->calls; c; c = c->next)
        if (!run_call(r, c, out) || r->stopped)
            return false;
    return !r->stopped;
}

static bool ordered(struct liquid *r, const struct liquid_condition *c,
                    const struct liquid_value *a, const struct liquid_value *b)
{
    int order;

    if (a->kind == LIQUID_NIL || b->kind == LIQUID_NIL)
        return false;
    if (!liquid_order(r, a, b, &order))
        return liquid_refuse(r, "These two values cannot be compared by size.");
    switch (c->compare) {
    case COMPARE_LESS:
        return order < 0;
    case COMPARE_MORE:
        return order > 0;
    case COMPARE_AT_MOST:
        return order <= 0;
    default:
        return order >= 0;
    }
}

static bool comparison(struct liquid *r, const struct liquid_condition *c)
{
    struct liquid_value a = liquid_eval(r, c->left), b;

    if (c->compare == COMPARE_TRUTH)
        return liquid_true(&a);
    b = liquid_eval(r, c->right);
    switch (c->compare) {
    case COMPARE_EQUAL:
        return liquid_equal(r, &a, &b);
    case COMPARE_DIFFERENT:
        return !liquid_equal(r, &a, &b);
    case COMPARE_CONTAINS:
        return liquid_contains(r, &a, &b);
    default:
        return ordered(r, c, &a, &b);
    }
}

bool liquid_holds(struct liquid *r, const struct liquid_condition *c)
{
    bool holds = comparison(r, c);

    /* Nothing has a side effect, so that those before need not be asked when it is settled. */
    for (c = c->before; c; c = c->before)
        if (c->both)
            holds = holds && comparison(r, c);
        else
            holds = holds || comparison(r, c);
    return holds;
}
