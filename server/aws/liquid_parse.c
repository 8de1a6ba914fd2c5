/* liquid_parse.c - tags into nodes.
 *
 * Blocks end at their own end tag. A tag that is wrong is reported and left out, and so is its
 * block's condition: a wrong `if` still ends at its `endif`, and shows nothing. A block that is
 * never closed ends with the template.
 */
#include "liquid_inner.h"

#include <string.h>

enum { TAG_NAME_SHOWN = 40 };

static struct liquid_node *nodes(struct liquid_parser *p, const char *const *ends);

/* Whether the block that began at `at` was closed by a tag `end`. */
static void closed(struct liquid_parser *p, const struct liquid_piece *begin, const char *end)
{
    if (p->ended.kind == PIECE_END && !p->r->stopped)
        liquid_error(p->r, begin->at, "SyntaxError", "'%.*s' has no '%s'.", (int)begin->name_size,
                     begin->name, end);
}

static struct liquid_branch *branch(struct liquid_parser *p, struct liquid_branch ***tail)
{
    struct liquid_branch *b = liquid_alloc(p->r, 1, sizeof *b);

    if (b) {
        **tail = b;
        *tail = &b->next;
    }
    return b;
}

/* A condition that cannot be read never holds. */
static const struct liquid_condition *condition(struct liquid_parser *p,
                                                const struct liquid_piece *tag)
{
    static const struct liquid_expr never_expr = {.kind = EXPR_LITERAL};
    static const struct liquid_condition never = {.left = &never_expr};
    const struct liquid_condition *c;
    struct liquid_tokens t;

    liquid_tokens(&t, p->r, tag->text, tag->size);
    c = liquid_condition_parse(&t);
    return c ? c : &never;
}

static bool ended_by(const struct liquid_parser *p, const char *word)
{
    return p->ended.kind == PIECE_TAG && liquid_is(p->ended.name, p->ended.name_size, word);
}

static struct liquid_node *parse_if(struct liquid_parser *p, const struct liquid_piece *tag)
{
    static const char *const if_ends[] = {"elsif", "else", "endif", NULL};
    static const char *const unless_ends[] = {"elsif", "else", "endunless", NULL};
    bool unless = liquid_is(tag->name, tag->name_size, "unless");
    const char *const *ends = unless ? unless_ends : if_ends;
    struct liquid_node *n = liquid_node_make(p->r, NODE_IF, tag->at);
    struct liquid_branch **tail, *b;

    if (!n)
        return NULL;
    tail = &n->branches;
    p->ended = *tag;
    do {
        if (!(b = branch(p, &tail)))
            return NULL;
        if (!ended_by(p, "else"))
            b->when = condition(p, &p->ended);
        b->negated = unless && b == n->branches;
        b->body = nodes(p, ends);
    } while (ended_by(p, "elsif") || ended_by(p, "else"));
    closed(p, tag, ends[2]);
    return n;
}

static struct liquid_node *parse_case(struct liquid_parser *p, const struct liquid_piece *tag)
{
    static const char *const ends[] = {"when", "else", "endcase", NULL};
    struct liquid_node *n = liquid_node_make(p->r, NODE_CASE, tag->at);
    struct liquid_branch **tail, *b;
    struct liquid_tokens t;
    bool ok;

    if (!n)
        return NULL;
    liquid_tokens(&t, p->r, tag->text, tag->size);
    ok = (n->pipeline.value = liquid_expr_parse(&t)) && liquid_ended(&t);
    tail = &n->branches;
    nodes(p, ends); /* what stands before the first `when` is not shown */
    while (ended_by(p, "when") || ended_by(p, "else")) {
        bool is_else = ended_by(p, "else");

        liquid_tokens(&t, p->r, p->ended.text, p->ended.size);
        if (!(b = branch(p, &tail)))
            return NULL;
        b->values = is_else ? NULL : liquid_values(&t, true);
        ok = ok && (is_else || b->values);
        b->body = nodes(p, ends);
    }
    closed(p, tag, "endcase");
    return ok ? n : NULL;
}

/* The name under which `offset: continue` finds where the last such loop ended. */
static size_t loop_symbol(struct liquid *r, const char *name, const struct liquid_tokens *t)
{
    const char *to = t->kind == TOKEN_END ? t->end : t->text;

    return liquid_symbol(r, name, (size_t)(to - name));
}

static bool for_options(struct liquid_tokens *t, struct liquid_node *n)
{
    while (!t->failed && t->kind != TOKEN_END) {
        if (liquid_word(t, "reversed"))
            n->reversed = true;
        else if (liquid_word(t, "limit") && liquid_mark(t, ':'))
            n->limit = liquid_expr_parse(t);
        else if (liquid_word(t, "offset") && liquid_mark(t, ':')) {
            n->go_on = liquid_word(t, "continue");
            n->offset = n->go_on ? NULL : liquid_expr_parse(t);
        } else if (!liquid_mark(t, ','))
            return liquid_wrong(t, "limit:, offset: or reversed");
    }
    return !t->failed;
}

static bool for_head(struct liquid_parser *p, const struct liquid_piece *tag, struct liquid_node *n)
{
    struct liquid_tokens t;
    const char *name;

    liquid_tokens(&t, p->r, tag->text, tag->size);
    if (t.kind != TOKEN_NAME)
        return liquid_wrong(&t, "a name");
    name = t.text;
    n->symbol = liquid_symbol(p->r, t.text, t.size);
    liquid_next(&t);
    if (!liquid_word(&t, "in"))
        return liquid_wrong(&t, "'in'");
    if (!(n->pipeline.value = liquid_expr_parse(&t)))
        return false;
    n->continued = loop_symbol(p->r, name, &t);
    return for_options(&t, n);
}

static struct liquid_node *parse_for(struct liquid_parser *p, const struct liquid_piece *tag)
{
    static const char *const ends[] = {"else", "endfor", NULL};
    struct liquid_node *n = liquid_node_make(p->r, NODE_FOR, tag->at);
    struct liquid_branch **tail, *b;
    bool ok;

    if (!n)
        return NULL;
    ok = for_head(p, tag, n);
    tail = &n->branches;
    p->loops++;
    do {
        if (!(b = branch(p, &tail)))
            return NULL;
        b->body = nodes(p, ends);
    } while (ended_by(p, "else"));
    p->loops--;
    closed(p, tag, "endfor");
    return ok ? n : NULL;
}

static struct liquid_node *parse_capture(struct liquid_parser *p, const struct liquid_piece *tag)
{
    static const char *const ends[] = {"endcapture", NULL};
    struct liquid_node *n = liquid_node_make(p->r, NODE_CAPTURE, tag->at);
    struct liquid_tokens t;
    bool ok;

    if (!n)
        return NULL;
    liquid_tokens(&t, p->r, tag->text, tag->size);
    ok = t.kind == TOKEN_NAME || t.kind == TOKEN_TEXT || liquid_wrong(&t, "a name");
    if (ok) {
        n->symbol = liquid_symbol(p->r, t.text, t.size);
        liquid_next(&t);
        ok = liquid_ended(&t);
    }
    if (!(n->branches = liquid_alloc(p->r, 1, sizeof *n->branches)))
        return NULL;
    n->branches->body = nodes(p, ends);
    closed(p, tag, "endcapture");
    return ok ? n : NULL;
}

/* Gives the node, or NULL when there is nothing to show or it was wrong. */
static struct liquid_node *parse_tag(struct liquid_parser *p, const struct liquid_piece *tag)
{
    static const struct {
        const char *name;
        struct liquid_node *(*parse)(struct liquid_parser *p, const struct liquid_piece *tag);
    } tags[] = {
        {"if", parse_if},
        {"unless", parse_if},
        {"case", parse_case},
        {"for", parse_for},
        {"assign", liquid_parse_assign},
        {"capture", parse_capture},
        {"comment", liquid_parse_comment},
        {"raw", liquid_parse_raw},
        {"echo", liquid_parse_output},
        {"cycle", liquid_parse_cycle},
        {"increment", liquid_parse_count},
        {"decrement", liquid_parse_count},
        {"break", liquid_parse_jump},
        {"continue", liquid_parse_jump},
        {"#", liquid_parse_remark},
    };
    static const char *const inner[] = {"elsif",   "else",   "when",       "endif",  "endunless",
                                        "endcase", "endfor", "endcapture", "endraw", "endcomment"};
    int shown = tag->name_size > TAG_NAME_SHOWN ? TAG_NAME_SHOWN : (int)tag->name_size;

    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (liquid_is(tag->name, tag->name_size, tags[i].name))
            return tags[i].parse(p, tag);
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
        if (liquid_is(tag->name, tag->name_size, inner[i])) {
            liquid_error(p->r, tag->at, "SyntaxError", "'%s' belongs to no open block here.",
                         inner[i]);
            return NULL;
        }
    if (shown)
        liquid_error(p->r, tag->at, "UnknownTag", "There is no tag '%.*s'.", shown, tag->name);
    else
        liquid_error(p->r, tag->at, "SyntaxError", "A tag needs a name.");
    return NULL;
}

static bool listed(const struct liquid_piece *tag, const char *const *ends)
{
    for (; ends && *ends; ends++)
        if (liquid_is(tag->name, tag->name_size, *ends))
            return true;
    return false;
}

/* Nodes up to a tag of `ends` (left in p->ended) or the end of the template. */
static struct liquid_node *nodes(struct liquid_parser *p, const char *const *ends)
{
    struct liquid_node *first = NULL, **tail = &first, *n;
    struct liquid_piece piece;

    if (p->r->depth++ == LIQUID_DEPTH_MAX) {
        liquid_error(p->r, p->r->cursor, "LimitExceeded",
                     "Blocks stand inside each other at most %d deep.", LIQUID_DEPTH_MAX);
        p->r->stopped = true;
    }
    for (;;) {
        piece = liquid_scan(p->r);
        if (p->r->stopped)
            piece.kind = PIECE_END;
        p->r->at = piece.at;
        if (piece.kind == PIECE_END || (piece.kind == PIECE_TAG && listed(&piece, ends)))
            break;
        n = piece.kind == PIECE_TAG      ? parse_tag(p, &piece)
            : piece.kind == PIECE_OBJECT ? liquid_parse_output(p, &piece)
                                         : liquid_parse_text(p, &piece);
        if (n) {
            *tail = n;
            tail = &n->next;
        }
    }
    p->r->depth--;
    p->ended = piece;
    return first;
}

struct liquid_node *liquid_parse(struct liquid *r)
{
    struct liquid_parser p = {.r = r};

    return nodes(&p, NULL);
}
