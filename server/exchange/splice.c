/* splice.c - a scanner that knows just enough JSON to find the members of a line's outermost
 * object.
 *
 * Parsing and writing a line again would change its numbers (0.10 becomes 0.1) and its spacing, and
 * cost more than the rest of an export. So members are found by their brackets and quotation marks,
 * and copied with the white space around them.
 */
#include "splice.h"

#include <jansson.h>
#include <string.h>

struct scan {
    const char *p, *end;
};

static void skip_white(struct scan *s)
{
    while (s->p < s->end && memchr(" \t\r\n", *s->p, 4))
        s->p++;
}

static bool take(struct scan *s, char c)
{
    skip_white(s);
    if (s->p == s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

/* Over a text; p stands on its opening mark. Long texts are nearly all of an export: their bytes are
 * looked at by memchr, and one by one only from the first backslash on. */
static bool skip_text(struct scan *s)
{
    const char *mark = memchr(s->p + 1, '"', (size_t)(s->end - s->p) - 1);
    const char *escape = mark ? memchr(s->p, '\\', (size_t)(mark - s->p)) : NULL;

    if (mark && !escape) {
        s->p = mark + 1;
        return true;
    }
    for (s->p = escape ? escape : s->p + 1; s->p < s->end; s->p++) {
        if (*s->p == '\\')
            s->p++;
        else if (*s->p == '"') {
            s->p++;
            return true;
        }
    }
    s->p = s->end; /* a backslash may have led past it */
    return false;
}

/* Over one value of any kind. */
static bool skip_value(struct scan *s)
{
    const char *from;
    int depth = 0;

    skip_white(s);
    from = s->p;
    while (s->p < s->end) {
        char c = *s->p;

        if (c == '"') {
            if (!skip_text(s))
                return false;
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}'))
            break;
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (depth < 0)
            return false;
        s->p++;
    }
    return depth == 0 && s->p > from;
}

/* Is the key (with its quotation marks) the name with the tail behind it? */
static bool key_is(const char *key, size_t size, const char *name, const char *tail)
{
    size_t n = strlen(name), m = strlen(tail);
    json_t *decoded;
    const char *text;
    bool same;

    if (!memchr(key, '\\', size))
        return size == n + m + 2 && memcmp(key + 1, name, n) == 0 &&
               memcmp(key + 1 + n, tail, m) == 0;
    decoded = json_loadb(key, size, JSON_DECODE_ANY, NULL);
    text = json_string_value(decoded);
    same = text && strncmp(text, name, n) == 0 && strcmp(text + n, tail) == 0;
    json_decref(decoded);
    return same;
}

static bool ends_here(struct scan *s)
{
    skip_white(s);
    return s->p == s->end;
}

/* Over one member; false when there is none. Trailing white space is not part of it. */
static bool skip_member(struct scan *s, const char **key, size_t *key_size, const char **value,
                        const char **to)
{
    skip_white(s);
    if (s->p == s->end || *s->p != '"')
        return false;
    *key = s->p;
    if (!skip_text(s))
        return false;
    *key_size = (size_t)(s->p - *key);
    if (!take(s, ':'))
        return false;
    skip_white(s);
    *value = s->p;
    if (!skip_value(s))
        return false;
    *to = s->p;
    while (memchr(" \t\r\n", (*to)[-1], 4))
        (*to)--;
    return true;
}

static bool splice(struct scan *s, const char *name, struct buf *out, size_t *members)
{
    const char *from, *key, *value, *to;
    struct scan empty;
    size_t key_size;

    empty = *s;
    if (take(&empty, '}'))
        return ends_here(&empty);
    do {
        from = s->p;
        if (!skip_member(s, &key, &key_size, &value, &to))
            return false;
        if (!key_is(key, key_size, name, "") && !key_is(key, key_size, name, "-metadata")) {
            if ((*members)++)
                buf_add(out, ",", 1);
            buf_add(out, from, (size_t)(to - from));
        }
    } while (take(s, ','));
    return take(s, '}') && ends_here(s);
}

bool line_splice(const char *raw, size_t size, const char *name, struct buf *out, size_t *members)
{
    struct scan s = {raw, raw + size};
    size_t start = out->size;

    *members = 0;
    if (size > 0 && take(&s, '{')) {
        buf_add(out, "{", 1);
        if (splice(&s, name, out, members))
            return !out->overflow;
    }
    out->size = start;
    *members = 0;
    return false;
}

static bool find(struct scan *s, struct member *v, size_t n)
{
    const char *key, *value, *to;
    size_t key_size;

    if (!take(s, '{'))
        return false;
    if (take(s, '}'))
        return ends_here(s);
    do {
        if (!skip_member(s, &key, &key_size, &value, &to))
            return false;
        for (size_t i = 0; i < n; i++) {
            if (key_is(key, key_size, v[i].name, "")) {
                v[i].value = value;
                v[i].size = (size_t)(to - value);
            }
        }
    } while (take(s, ','));
    return take(s, '}') && ends_here(s);
}

bool line_members(const char *raw, size_t size, struct member *v, size_t n)
{
    struct scan s = {raw, raw + size};

    for (size_t i = 0; i < n; i++)
        v[i].value = NULL;
    if (size > 0 && find(&s, v, n))
        return true;
    for (size_t i = 0; i < n; i++)
        v[i].value = NULL;
    return false;
}
