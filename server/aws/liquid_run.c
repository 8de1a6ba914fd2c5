/* liquid_run.c - nodes into text. */
#include "liquid_inner.h"

enum flow { GO_ON, LEAVE, NEXT_ONE }; /* LEAVE: break; NEXT_ONE: continue */

static enum flow run(struct liquid *r, const struct liquid_node *n);

static void output(struct liquid *r, const struct liquid_node *n)
{
    struct liquid_value v;

    if (liquid_run_pipeline(r, &n->pipeline, &v))
        liquid_print_value(r, &v);
}

static void assign(struct liquid *r, const struct liquid_node *n)
{
    struct liquid_value v;

    if (liquid_run_pipeline(r, &n->pipeline, &v)) {
        r->slots[n->symbol].value = v;
        r->slots[n->symbol].assigned = true;
    }
}

/* What was captured is escaped already. */
static enum flow capture(struct liquid *r, const struct liquid_node *n)
{
    struct liquid_slot *slot = &r->slots[n->symbol];
    struct buf *before = r->out, text;
    enum flow flow;
    char *copy;

    buf_init(&text, LIQUID_OUTPUT_MAX);
    r->out = &text;
    r->captures++;
    flow = run(r, n->branches->body);
    r->captures--;
    r->out = before;
    copy = liquid_keep(r, text.data ? text.data : "", text.size);
    if (copy) {
        slot->value = liquid_of_text(copy, text.size);
        slot->value.safe = true;
        slot->assigned = true;
    }
    buf_release(&text);
    return flow;
}

static enum flow run_if(struct liquid *r, const struct liquid_node *n)
{
    for (const struct liquid_branch *b = n->branches; b && liquid_step(r, 0); b = b->next)
        if (!b->when || liquid_holds(r, b->when) != b->negated)
            return run(r, b->body);
    return GO_ON;
}

static enum flow run_case(struct liquid *r, const struct liquid_node *n)
{
    struct liquid_value of = liquid_eval(r, n->pipeline.value), with;

    for (const struct liquid_branch *b = n->branches; b && liquid_step(r, 0); b = b->next) {
        if (!b->values)
            return run(r, b->body);
        for (const struct liquid_values *v = b->values; v && !r->stopped; v = v->next) {
            with = liquid_eval(r, v->value);
            if (liquid_equal(r, &of, &with))
                return run(r, b->body);
        }
    }
    return GO_ON;
}

/* A number given as limit or offset; false when there is none. */
static bool whole(struct liquid *r, const struct liquid_expr *e, size_t *out)
{
    struct liquid_value v, number;
    int64_t n;

    if (!e)
        return false;
    v = liquid_eval(r, e);
    if (v.kind == LIQUID_NIL)
        return false;
    number = liquid_number(&v);
    if (!liquid_whole(&number, &n))
        return false;
    *out = n < 0 ? 0 : (size_t)n;
    return true;
}

/* Items first .. first + n of the collection. */
static enum flow loop(struct liquid *r, const struct liquid_node *n,
                      const struct liquid_value *items, size_t first, size_t count)
{
    struct liquid_loop here = {0, (int64_t)(count > INT64_MAX ? INT64_MAX : count), r->loop};
    struct liquid_value outer = r->slots[n->symbol].local;
    bool outer_scoped = r->slots[n->symbol].scoped;
    enum flow flow = GO_ON;

    for (size_t i = 0; i < count && flow != LEAVE && liquid_step(r, 0); i++) {
        struct liquid_slot *slot = &r->slots[n->symbol];

        here.index = (int64_t)i;
        r->loop = &here;
        slot->local = liquid_item(items, n->reversed ? first + count - 1 - i : first + i);
        slot->scoped = true;
        flow = run(r, n->branches->body);
    }
    r->loop = here.parent;
    r->slots[n->symbol].local = outer;
    r->slots[n->symbol].scoped = outer_scoped;
    return GO_ON;
}

static enum flow run_for(struct liquid *r, const struct liquid_node *n)
{
    struct liquid_value of = liquid_eval(r, n->pipeline.value), items = liquid_listed(r, &of);
    size_t count = liquid_count(r, &items), first = 0, limit;

    if (n->go_on)
        first = r->slots[n->continued].continued;
    else
        whole(r, n->offset, &first);
    if (first > count)
        first = count;
    count -= first;
    if (whole(r, n->limit, &limit) && limit < count)
        count = limit;
    r->slots[n->continued].continued = first + count;
    if (count)
        return loop(r, n, &items, first, count);
    return n->branches->next ? run(r, n->branches->next->body) : GO_ON;
}

static void cycle(struct liquid *r, const struct liquid_node *n)
{
    const struct liquid_values *v = n->values;
    struct liquid_slot *slot = &r->slots[n->symbol];
    struct liquid_value value;

    for (int64_t i = 0; i < slot->count && v && liquid_step(r, 0); i++)
        v = v->next;
    if (!v) {
        v = n->values;
        slot->count = 0;
    }
    slot->count++;
    value = liquid_eval(r, v->value);
    liquid_print_value(r, &value);
}

static void count(struct liquid *r, const struct liquid_node *n)
{
    struct liquid_slot *slot = &r->slots[n->symbol];
    struct liquid_value value = liquid_of_int(n->by < 0 ? slot->count - 1 : slot->count);

    slot->count += n->by;
    liquid_print_value(r, &value);
}

static enum flow run_one(struct liquid *r, const struct liquid_node *n)
{
    r->at = n->at;
    switch (n->kind) {
    case NODE_TEXT:
        liquid_print(r, n->text, n->size);
        return GO_ON;
    case NODE_OUTPUT:
        output(r, n);
        return GO_ON;
    case NODE_ASSIGN:
        assign(r, n);
        return GO_ON;
    case NODE_CAPTURE:
        return capture(r, n);
    case NODE_IF:
        return run_if(r, n);
    case NODE_CASE:
        return run_case(r, n);
    case NODE_FOR:
        return run_for(r, n);
    case NODE_CYCLE:
        cycle(r, n);
        return GO_ON;
    case NODE_COUNT:
        count(r, n);
        return GO_ON;
    case NODE_BREAK:
        return LEAVE;
    case NODE_CONTINUE:
        return NEXT_ONE;
    }
    return GO_ON;
}

static enum flow run(struct liquid *r, const struct liquid_node *n)
{
    enum flow flow = GO_ON;

    for (; n && flow == GO_ON && liquid_step(r, 0); n = n->next)
        flow = run_one(r, n);
    return flow;
}

void liquid_run(struct liquid *r, const struct liquid_node *node)
{
    run(r, node);
}
