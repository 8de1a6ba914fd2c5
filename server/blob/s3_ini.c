/* s3_ini.c - the files of AWS's tools: sections, `name = value`, comments, and settings indented under
 * a name without a value. Lines may be long (session tokens have a thousand characters and more), which
 * the packaged INI libraries cut at 200. */
#include "s3_internal.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 256 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* A part of the text without its outer blanks. */
struct piece {
    const char *from, *to;
};

static struct piece trimmed(const char *from, const char *to)
{
    while (from < to && is_blank(*from))
        from++;
    while (to > from && is_blank(to[-1]))
        to--;
    return (struct piece){from, to};
}

static void keep_name(struct piece p, char out[NAME_SIZE])
{
    size_t n = (size_t)(p.to - p.from);

    n = n < NAME_SIZE - 1 ? n : NAME_SIZE - 1;
    memcpy(out, p.from, n);
    out[n] = '\0';
}

/* A comment behind a value begins after a blank. */
static const char *without_comment(const char *from, const char *to)
{
    for (const char *p = from; p + 1 < to; p++)
        if (is_blank(*p) && (p[1] == '#' || p[1] == ';'))
            return p;
    return to;
}

struct state {
    char         section[NAME_SIZE], name[NAME_SIZE];
    bool         nested_allowed; /* the name's own line had no value */
    s3_ini_each *each;
    void        *context;
};

static bool read_section(struct state *st, struct piece line)
{
    const char *end = memchr(line.from, ']', (size_t)(line.to - line.from));

    if (!end)
        return false;
    keep_name(trimmed(line.from + 1, end), st->section);
    st->nested_allowed = false;
    st->each(st->context, st->section, NULL, NULL, "");
    return true;
}

static bool read_setting(struct state *st, struct piece line, bool indented)
{
    const char *equals = memchr(line.from, '=', (size_t)(line.to - line.from));
    char name[NAME_SIZE];
    struct piece value;
    char *text;

    if (indented && !st->nested_allowed)
        return true; /* a value goes on: none that is looked for has more than one line */
    if (!equals || !*st->section)
        return false;
    keep_name(trimmed(line.from, equals), name);
    value = trimmed(equals + 1, without_comment(equals, line.to));
    if (!*name)
        return false;
    text = must_alloc((size_t)(value.to - value.from) + 1);
    memcpy(text, value.from, (size_t)(value.to - value.from));
    if (indented) {
        st->each(st->context, st->section, st->name, name, text);
    } else {
        memcpy(st->name, name, sizeof name);
        st->nested_allowed = !*text;
        st->each(st->context, st->section, name, NULL, text);
    }
    explicit_bzero(text, strlen(text));
    free(text);
    return true;
}

bool s3_ini_read(const char *text, size_t size, s3_ini_each *each, void *context, int *line)
{
    const char *end = text + size, *at = text;
    struct state st = {.each = each, .context = context};

    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    for (*line = 1; at < end; (*line)++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        bool indented = is_blank(*at);
        struct piece p = trimmed(at, stop ? stop : end);

        at = stop ? stop + 1 : end;
        if (p.from == p.to || *p.from == '#' || *p.from == ';')
            continue;
        if (memchr(p.from, '\0', (size_t)(p.to - p.from)))
            return false;
        if (!indented && *p.from == '[' ? !read_section(&st, p) : !read_setting(&st, p, indented))
            return false;
    }
    return true;
}
