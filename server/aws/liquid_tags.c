/* liquid_tags.c - objects, text, and the tags that are no blocks, into nodes. NULL: there is
 * nothing to show, or it was wrong and is reported. */
#include "liquid_inner.h"

struct liquid_node *liquid_node_make(struct liquid *r, enum liquid_node_kind kind, const char *at)
{
    struct liquid_node *n = liquid_alloc(r, 1, sizeof *n);

    if (n) {
        n->kind = kind;
        n->at = at;
    }
    return n;
}

struct liquid_values *liquid_values(struct liquid_tokens *t, bool with_or)
{
    struct liquid_values *first = NULL, **tail = &first;

    do {
        *tail = liquid_alloc(t->r, 1, sizeof **tail);
        if (!*tail || !((*tail)->value = liquid_expr_parse(t)))
            return NULL;
        tail = &(*tail)->next;
    } while (liquid_mark(t, ',') || (with_or && liquid_word(t, "or")));
    return liquid_ended(t) ? first : NULL;
}

struct liquid_node *liquid_parse_assign(struct liquid_parser *p, const struct liquid_piece *tag)
{
    struct liquid_node *n = liquid_node_make(p->r, NODE_ASSIGN, tag->at);
    struct liquid_tokens t;

    if (!n)
        return NULL;
    liquid_tokens(&t, p->r, tag->text, tag->size);
    if (t.kind == TOKEN_NAME) {
        n->symbol = liquid_symbol(p->r, t.text, t.size);
        liquid_next(&t);
        if (!liquid_mark(&t, '='))
            liquid_wrong(&t, "'='");
    } else {
        liquid_wrong(&t, "a name");
    }
    return !t.failed && liquid_pipeline_parse(&t, &n->pipeline) && liquid_ended(&t) ? n : NULL;
}

struct liquid_node *liquid_parse_output(struct liquid_parser *p, const struct liquid_piece *piece)
{
    struct liquid_node *n = liquid_node_make(p->r, NODE_OUTPUT, piece->at);
    struct liquid_tokens t;

    if (!n)
        return NULL;
    liquid_tokens(&t, p->r, piece->text, piece->size);
    return t.kind != TOKEN_END && liquid_pipeline_parse(&t, &n->pipeline) && liquid_ended(&t)
               ? n
               : NULL;
}

/* {% cycle 'a', 'b' %} or {% cycle group: 'a', 'b' %}: those of the same words go on together. */
struct liquid_node *liquid_parse_cycle(struct liquid_parser *p, const struct liquid_piece *tag)
{
    struct liquid_node *n = liquid_node_make(p->r, NODE_CYCLE, tag->at);
    struct liquid_tokens t, first;

    if (!n)
        return NULL;
    liquid_tokens(&t, p->r, tag->text, tag->size);
    first = t;
    n->symbol = liquid_symbol(p->r, tag->text, tag->size);
    liquid_next(&t);
    if (liquid_mark(&t, ':'))
        n->symbol = liquid_symbol(p->r, first.text, first.size);
    else
        t = first;
    return (n->values = liquid_values(&t, false)) ? n : NULL;
}

struct liquid_node *liquid_parse_count(struct liquid_parser *p, const struct liquid_piece *tag)
{
    struct liquid_node *n = liquid_node_make(p->r, NODE_COUNT, tag->at);
    struct liquid_tokens t;

    if (!n)
        return NULL;
    liquid_tokens(&t, p->r, tag->text, tag->size);
    n->by = liquid_is(tag->name, tag->name_size, "increment") ? 1 : -1;
    if (t.kind != TOKEN_NAME) {
        liquid_wrong(&t, "a name");
        return NULL;
    }
    n->symbol = liquid_symbol(p->r, t.text, t.size);
    liquid_next(&t);
    return liquid_ended(&t) ? n : NULL;
}

struct liquid_node *liquid_parse_jump(struct liquid_parser *p, const struct liquid_piece *tag)
{
    bool is_break = liquid_is(tag->name, tag->name_size, "break");

    if (p->loops > 0)
        return liquid_node_make(p->r, is_break ? NODE_BREAK : NODE_CONTINUE, tag->at);
    liquid_error(p->r, tag->at, "SyntaxError", "'%.*s' stands in no 'for'.", (int)tag->name_size,
                 tag->name);
    return NULL;
}

struct liquid_node *liquid_parse_raw(struct liquid_parser *p, const struct liquid_piece *tag)
{
    struct liquid_node *n = liquid_node_make(p->r, NODE_TEXT, tag->at);

    if (n && !liquid_skip(p->r, NULL, "endraw", &n->text, &n->size))
        liquid_error(p->r, tag->at, "SyntaxError", "'raw' has no 'endraw'.");
    return n;
}

struct liquid_node *liquid_parse_comment(struct liquid_parser *p, const struct liquid_piece *tag)
{
    const char *text;
    size_t size;

    if (!liquid_skip(p->r, "comment", "endcomment", &text, &size))
        liquid_error(p->r, tag->at, "SyntaxError", "'comment' has no 'endcomment'.");
    return NULL;
}

struct liquid_node *liquid_parse_remark(struct liquid_parser *p, const struct liquid_piece *tag)
{
    (void)p;
    (void)tag;
    return NULL;
}

struct liquid_node *liquid_parse_text(struct liquid_parser *p, const struct liquid_piece *piece)
{
    struct liquid_node *n = piece->size ? liquid_node_make(p->r, NODE_TEXT, piece->at) : NULL;

    if (n) {
        n->text = piece->text;
        n->size = piece->size;
    }
    return n;
}
