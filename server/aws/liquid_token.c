/* liquid_token.c - the words inside braces: names, numbers, quoted texts, operators.
 *
 * A name may hold hyphens ("source-ref") and end in a question mark; a number may begin with a
 * minus. There are no escapes inside quotes, as in Liquid.
 */
#include "liquid_inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void liquid_tokens(struct liquid_tokens *t, struct liquid *r, const char *text, size_t size)
{
    *t = (struct liquid_tokens){.r = r, .p = text, .end = text + size};
    liquid_next(t);
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static void take(struct liquid_tokens *t, enum liquid_token_kind kind, const char *to)
{
    t->kind = kind;
    t->text = t->p;
    t->size = (size_t)(to - t->p);
    t->p = to;
}

static void name(struct liquid_tokens *t)
{
    const char *p = t->p;

    while (p < t->end && (name_start(*p) || digit(*p) || *p == '-'))
        p++;
    if (p < t->end && *p == '?')
        p++;
    take(t, TOKEN_NAME, p);
}

static void number(struct liquid_tokens *t)
{
    const char *p = t->p + (*t->p == '-');
    bool real = false;
    char text[64];

    while (p < t->end && digit(*p))
        p++;
    if (t->end - p >= 2 && *p == '.' && digit(p[1])) {
        real = true;
        for (p++; p < t->end && digit(*p); p++)
            ;
    }
    take(t, real ? TOKEN_REAL : TOKEN_INT, p);
    if (t->size >= sizeof text) {
        t->kind = TOKEN_BAD;
        return;
    }
    memcpy(text, t->text, t->size);
    text[t->size] = '\0';
    errno = 0;
    if (real)
        t->x = strtod(text, NULL);
    else
        t->n = strtoll(text, NULL, 10);
    if (errno)
        t->kind = TOKEN_BAD;
}

static void quoted(struct liquid_tokens *t)
{
    const char *to = memchr(t->p + 1, *t->p, (size_t)(t->end - t->p - 1));

    if (!to) {
        take(t, TOKEN_BAD, t->end);
        return;
    }
    take(t, TOKEN_TEXT, to + 1);
    t->text++;
    t->size -= 2;
}

void liquid_next(struct liquid_tokens *t)
{
    static const char *const pairs[] = {"==", "!=", "<>", "<=", ">=", ".."};
    char c;

    t->p += liquid_space(t->p, (size_t)(t->end - t->p));
    if (t->p == t->end) {
        take(t, TOKEN_END, t->p);
        return;
    }
    c = *t->p;
    if (name_start(c)) {
        name(t);
        return;
    }
    if (digit(c) || (c == '-' && t->end - t->p >= 2 && digit(t->p[1]))) {
        number(t);
        return;
    }
    if (c == '"' || c == '\'') {
        quoted(t);
        return;
    }
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (t->end - t->p >= 2 && memcmp(t->p, pairs[i], 2) == 0) {
            take(t, *pairs[i] == '.' ? TOKEN_RANGE : TOKEN_COMPARE, t->p + 2);
            return;
        }
    if (c == '<' || c == '>')
        take(t, TOKEN_COMPARE, t->p + 1);
    else
        take(t, c && strchr(".[]()|:,=", c) ? TOKEN_MARK : TOKEN_BAD, t->p + 1);
}

bool liquid_mark(struct liquid_tokens *t, char mark)
{
    if (t->kind != TOKEN_MARK || *t->text != mark)
        return false;
    liquid_next(t);
    return true;
}

bool liquid_word(struct liquid_tokens *t, const char *word)
{
    if (t->kind != TOKEN_NAME || !liquid_is(t->text, t->size, word))
        return false;
    liquid_next(t);
    return true;
}

bool liquid_wrong(struct liquid_tokens *t, const char *wanted)
{
    if (t->failed)
        return false;
    t->failed = true;
    if (t->kind == TOKEN_END)
        liquid_error(t->r, t->text, "SyntaxError", "%s is missing here.", wanted);
    else
        liquid_error(t->r, t->text, "SyntaxError", "Expected %s, not '%.*s'.", wanted,
                     t->size > 60 ? 60 : (int)t->size, t->text);
    return false;
}

bool liquid_ended(struct liquid_tokens *t)
{
    return !t->failed && (t->kind == TOKEN_END || liquid_wrong(t, "the end"));
}
