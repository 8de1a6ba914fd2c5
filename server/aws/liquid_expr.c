/* liquid_expr.c - expressions into trees.
 *
 *     expression = literal | "(" expression ".." expression ")" | name { "." name | "[" expression
 * "]" } pipeline   = expression { "|" name [ ":" argument { "," argument } ] } condition  =
 * expression [ operator expression ] { ( "and" | "or" ) condition }
 */
#include "liquid_inner.h"

#include <string.h>

static struct liquid_expr *make(struct liquid_tokens *t, int kind)
{
    struct liquid_expr *e = liquid_alloc(t->r, 1, sizeof *e);

    if (e)
        e->kind = kind;
    else
        t->failed = true;
    return e;
}

static struct liquid_expr *literal(struct liquid_tokens *t, struct liquid_value value)
{
    struct liquid_expr *e = make(t, EXPR_LITERAL);

    if (e)
        e->literal = value;
    liquid_next(t);
    return e;
}

static bool word_literal(const struct liquid_tokens *t, struct liquid_value *out)
{
    static const struct {
        const char *word;
        struct liquid_value value;
    } words[] = {
        {"nil", {.kind = LIQUID_NIL}},
        {"null", {.kind = LIQUID_NIL}},
        {"true", {.kind = LIQUID_BOOL, .truth = true}},
        {"false", {.kind = LIQUID_BOOL, .truth = false}},
        {"empty", {.kind = LIQUID_EMPTY}},
        {"blank", {.kind = LIQUID_BLANK}},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (liquid_is(t->text, t->size, words[i].word)) {
            *out = words[i].value;
            return true;
        }
    return false;
}

static struct liquid_expr *range(struct liquid_tokens *t)
{
    struct liquid_expr *e = make(t, EXPR_RANGE);

    if (!e || !(e->from = liquid_expr_parse(t)))
        return NULL;
    if (t->kind != TOKEN_RANGE) {
        liquid_wrong(t, "'..'");
        return NULL;
    }
    liquid_next(t);
    if (!(e->to = liquid_expr_parse(t)))
        return NULL;
    if (!liquid_mark(t, ')')) {
        liquid_wrong(t, "')'");
        return NULL;
    }
    return e;
}

/* One ".name" or "[expression]"; the first mark is read. */
static struct liquid_member *member(struct liquid_tokens *t, bool dotted)
{
    struct liquid_member *m = liquid_alloc(t->r, 1, sizeof *m);

    if (!m)
        return NULL;
    m->dotted = dotted;
    if (dotted && t->kind != TOKEN_NAME) {
        liquid_wrong(t, "a name");
        return NULL;
    }
    m->by = dotted ? literal(t, liquid_of_text(t->text, t->size)) : liquid_expr_parse(t);
    if (!m->by)
        return NULL;
    if (!dotted && !liquid_mark(t, ']')) {
        liquid_wrong(t, "']'");
        return NULL;
    }
    return m;
}

static struct liquid_expr *path(struct liquid_tokens *t)
{
    struct liquid_expr *e = make(t, EXPR_PATH);
    struct liquid_member **tail;
    bool dotted;

    if (!e)
        return NULL;
    e->symbol = liquid_symbol(t->r, t->text, t->size);
    liquid_next(t);
    tail = &e->members;
    while ((dotted = liquid_mark(t, '.')) || liquid_mark(t, '[')) {
        *tail = member(t, dotted);
        if (!*tail)
            return NULL;
        tail = &(*tail)->next;
    }
    return e;
}

static struct liquid_expr *expr(struct liquid_tokens *t)
{
    struct liquid_value value;

    switch (t->kind) {
    case TOKEN_INT:
        return literal(t, liquid_of_int(t->n));
    case TOKEN_REAL:
        return literal(t, liquid_of_real(t->x));
    case TOKEN_TEXT:
        return literal(t, liquid_of_text(t->text, t->size));
    case TOKEN_NAME:
        return word_literal(t, &value) ? literal(t, value) : path(t);
    default:
        if (liquid_mark(t, '('))
            return range(t);
        liquid_wrong(t, "a value");
        return NULL;
    }
}

struct liquid_expr *liquid_expr_parse(struct liquid_tokens *t)
{
    struct liquid_expr *e = NULL;

    if (t->nesting == LIQUID_DEPTH_MAX)
        liquid_wrong(t, "fewer brackets inside each other");
    else if (!t->failed) {
        t->nesting++;
        e = expr(t);
        t->nesting--;
    }
    return e;
}

/* Behind the colon: values, and `allow_false: value`. */
static bool arguments(struct liquid_tokens *t, struct liquid_call *call)
{
    do {
        struct liquid_tokens before = *t;
        const struct liquid_expr *e;

        if (liquid_word(t, "allow_false") && liquid_mark(t, ':')) {
            if (!(call->allow_false = liquid_expr_parse(t)))
                return false;
            continue;
        }
        *t = before;
        if (call->n == LIQUID_ARGS_MAX)
            return liquid_wrong(t, "fewer arguments");
        if (!(e = liquid_expr_parse(t)))
            return false;
        call->args[call->n++] = e;
    } while (liquid_mark(t, ','));
    return true;
}

static bool filter_call(struct liquid_tokens *t, struct liquid_call *call)
{
    const char *name = t->text;
    size_t size = t->size;

    if (t->kind != TOKEN_NAME)
        return liquid_wrong(t, "the name of a filter");
    call->at = name;
    call->filter = liquid_filter_find(name, size);
    liquid_next(t);
    if (liquid_mark(t, ':') && !arguments(t, call))
        return false;
    if (!call->filter) {
        t->failed = true;
        liquid_error(t->r, name, "UnknownFilter", "There is no filter '%.*s'.",
                     size > 60 ? 60 : (int)size, name);
        return false;
    }
    if (call->n < call->filter->args_min || call->n > call->filter->args_max) {
        t->failed = true;
        liquid_error(t->r, name, "ArgumentError",
                     "The filter '%s' takes %d to %d arguments, not %d.", call->filter->name,
                     call->filter->args_min, call->filter->args_max, call->n);
        return false;
    }
    return true;
}

bool liquid_pipeline_parse(struct liquid_tokens *t, struct liquid_pipeline *out)
{
    struct liquid_call **tail = &out->calls;

    *out = (struct liquid_pipeline){.value = liquid_expr_parse(t)};
    while (out->value && liquid_mark(t, '|')) {
        *tail = liquid_alloc(t->r, 1, sizeof **tail);
        if (!*tail || !filter_call(t, *tail))
            return false;
        tail = &(*tail)->next;
    }
    return out->value != NULL;
}

static bool compare_word(struct liquid_tokens *t, enum liquid_compare *out)
{
    static const struct {
        const char *word;
        enum liquid_compare compare;
    } words[] = {{"==", COMPARE_EQUAL},   {"!=", COMPARE_DIFFERENT}, {"<>", COMPARE_DIFFERENT},
                 {"<", COMPARE_LESS},     {">", COMPARE_MORE},       {"<=", COMPARE_AT_MOST},
                 {">=", COMPARE_AT_LEAST}};

    if (liquid_word(t, "contains")) {
        *out = COMPARE_CONTAINS;
        return true;
    }
    for (size_t i = 0; t->kind == TOKEN_COMPARE && i < sizeof words / sizeof *words; i++)
        if (liquid_is(t->text, t->size, words[i].word)) {
            *out = words[i].compare;
            liquid_next(t);
            return true;
        }
    return false;
}

struct liquid_condition *liquid_condition_parse(struct liquid_tokens *t)
{
    struct liquid_condition *last = NULL, *c;

    for (;;) {
        c = liquid_alloc(t->r, 1, sizeof *c);
        if (!c || !(c->left = liquid_expr_parse(t)))
            return NULL;
        if (compare_word(t, &c->compare) && !(c->right = liquid_expr_parse(t)))
            return NULL;
        c->before = last;
        last = c;
        c->both = liquid_word(t, "and");
        if (!c->both && !liquid_word(t, "or"))
            return liquid_ended(t) ? last : NULL;
    }
}
