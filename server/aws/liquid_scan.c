/* liquid_scan.c - the template cut into text, {{ objects }} and {% tags %}.
 *
 * A hyphen inside the braces takes the white space on that side of them away. The first closing
 * braces end an object or tag, also inside quotes, as in Liquid. Opening braces that are never
 * closed are an error and then text.
 */
#include "liquid_inner.h"

#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

size_t liquid_space(const char *text, size_t size)
{
    size_t n = 0;

    while (n < size && is_space(text[n]))
        n++;
    return n;
}

bool liquid_is(const char *text, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(text, word, size) == 0;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The next "{{" or "{%" at or after p, or the end. */
static const char *opening(const struct liquid *r, const char *p)
{
    while (p < r->end && (p = memchr(p, '{', (size_t)(r->end - p)))) {
        if (r->end - p >= 2 && (p[1] == '{' || p[1] == '%'))
            return p;
        p++;
    }
    return r->end;
}

/* Fills *out with the object or tag that opens at p and moves the cursor behind it. False when it
 * is not closed. */
static bool braces(struct liquid *r, const char *p, struct liquid_piece *out)
{
    bool tag = p[1] == '%', *hopeless = tag ? &r->no_tag_end : &r->no_object_end;
    const char *from = p + 2, *to;

    to = *hopeless ? NULL : memmem(from, (size_t)(r->end - from), tag ? "%}" : "}}", 2);
    if (!to) {
        *hopeless = true;
        return false;
    }
    r->cursor = to + 2;
    if (from < to && *from == '-')
        from++;
    r->trim_next = from < to && to[-1] == '-';
    to -= r->trim_next;
    from += liquid_space(from, (size_t)(to - from));
    while (to > from && is_space(to[-1]))
        to--;
    *out = (struct liquid_piece){
        tag ? PIECE_TAG : PIECE_OBJECT, p, from, (size_t)(to - from), NULL, 0};
    if (!tag)
        return true;
    out->name = from;
    if (from < to && *from == '#') /* a remark */
        from++;
    else
        while (from < to && is_word(*from))
            from++;
    out->name_size = (size_t)(from - out->name);
    from += liquid_space(from, (size_t)(to - from));
    out->text = from;
    out->size = (size_t)(to - from);
    return true;
}

static struct liquid_piece text_piece(struct liquid *r, const char *from, const char *to)
{
    struct liquid_piece piece = {PIECE_TEXT, from, from, 0, NULL, 0};

    if (r->trim_next)
        piece.text += liquid_space(from, (size_t)(to - from));
    r->trim_next = false;
    r->cursor = to;
    if (r->end - to > 2 && to[2] == '-')
        while (to > piece.text && is_space(to[-1]))
            to--;
    piece.size = (size_t)(to - piece.text);
    return piece;
}

struct liquid_piece liquid_scan(struct liquid *r)
{
    struct liquid_piece piece = {.kind = PIECE_END, .at = r->end};
    const char *p = opening(r, r->cursor);

    if (r->cursor == r->end)
        return piece;
    if (p > r->cursor)
        return text_piece(r, r->cursor, p);
    if (braces(r, p, &piece))
        return piece;
    liquid_error(r, p, "SyntaxError", "'%.2s' is never closed.", p);
    return text_piece(r, p, opening(r, p + 2));
}

/* The first word of what may be a tag at p. */
static const char *tag_name(const struct liquid *r, const char *p, size_t *size)
{
    const char *from = p + 2, *to;

    if (from < r->end && *from == '-')
        from++;
    from += liquid_space(from, (size_t)(r->end - from));
    for (to = from; to < r->end && is_word(*to); to++)
        ;
    *size = (size_t)(to - from);
    return from;
}

/* What stands between is no tag, so a name is looked at before its closing braces are looked for:
 * a thousand openings with one end far away would else be read a thousand times. */
bool liquid_skip(struct liquid *r, const char *begin, const char *end, const char **text,
                 size_t *size)
{
    const char *p = r->cursor, *name;
    bool trim = r->trim_next, closed = false;
    struct liquid_piece piece;
    int inside = 1;
    size_t n;

    *text = r->cursor + (trim ? liquid_space(p, (size_t)(r->end - p)) : 0);
    r->trim_next = false;
    while (!closed && (p = opening(r, p)) < r->end) {
        name = p[1] == '%' ? tag_name(r, p, &n) : NULL;
        if (name && begin && liquid_is(name, n, begin))
            inside++;
        else if (name && liquid_is(name, n, end) && --inside <= 0)
            closed = braces(r, p, &piece);
        if (!closed)
            p += 2;
    }
    if (!closed)
        p = r->cursor = r->end;
    *size = p > *text ? (size_t)(p - *text) : 0;
    if (closed && r->end - p > 2 && p[2] == '-')
        while (*size && is_space((*text)[*size - 1]))
            --*size;
    return closed;
}
