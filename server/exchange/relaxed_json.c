/* relaxed_json.c - JSON as people write it into attributes. */
#include "relaxed_json.h"

#include "plumbline/base/buf.h"
#include "plumbline/base/utf8.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    const char *text, *p;
    int depth;
    struct error *err;
};

static json_t *value(struct reader *r);

static json_t *wrong(struct reader *r, const char *wanted)
{
    size_t at = utf8_length(r->text, (size_t)(r->p - r->text)) + 1;

    if (*r->p)
        error_set(r->err, 422, "json.malformed", "", "%s is expected at character %zu, not '%.1s'.",
                  wanted, at, (unsigned char)*r->p < 0x80 ? r->p : "?");
    else
        error_set(r->err, 422, "json.malformed", "", "%s is missing at the end.", wanted);
    return NULL;
}

static void space(struct reader *r)
{
    while (*r->p == ' ' || (*r->p >= '\t' && *r->p <= '\r'))
        r->p++;
}

static bool mark(struct reader *r, char c)
{
    space(r);
    if (*r->p != c)
        return false;
    r->p++;
    return true;
}

/* \uXXXX as UTF-8, and half of a pair with its other half. */
static bool unicode(struct reader *r, struct buf *out)
{
    char quoted[16];
    size_t n = 6;
    json_t *json;

    if (strncmp(r->p + 1, "ud", 2) == 0 || strncmp(r->p + 1, "uD", 2) == 0)
        n = strlen(r->p) >= 12 && r->p[6] == '\\' && r->p[7] == 'u' ? 12 : 6;
    if (strlen(r->p) < n)
        return false;
    snprintf(quoted, sizeof quoted, "\"%.*s\"", (int)n, r->p);
    json = json_loads(quoted, JSON_DECODE_ANY, NULL);
    if (!json)
        return false;
    buf_puts(out, json_string_value(json));
    json_decref(json);
    r->p += n;
    return true;
}

static bool escape(struct reader *r, struct buf *out)
{
    static const char letters[] = "bfnrt", means[] = "\b\f\n\r\t";
    const char *found;
    char c = r->p[1];

    if (c == 'u')
        return unicode(r, out);
    if (c == '\0')
        return false;
    found = strchr(letters, c);
    buf_add(out, found ? &means[found - letters] : &c, 1);
    r->p += 2;
    return true;
}

static json_t *text(struct reader *r)
{
    char quote = *r->p++;
    json_t *json = NULL;
    struct buf out;

    buf_init(&out, 4 << 20);
    while (*r->p && *r->p != quote) {
        if (*r->p != '\\')
            buf_add(&out, r->p++, 1);
        else if (!escape(r, &out))
            break;
    }
    if (*r->p != quote || out.overflow) {
        wrong(r, *r->p ? "A known escape" : "The closing quote");
    } else {
        r->p++;
        json = json_stringn(out.data ? out.data : "", out.size);
        if (!json)
            wrong(r, "Valid text");
    }
    buf_release(&out);
    return json;
}

static size_t word_size(const char *p)
{
    size_t n = 0;

    while ((p[n] >= 'a' && p[n] <= 'z') || (p[n] >= 'A' && p[n] <= 'Z') ||
           (p[n] >= '0' && p[n] <= '9') || strchr("_-+.$", p[n]) || (unsigned char)p[n] >= 0x80) {
        if (p[n] == '\0')
            break;
        n++;
    }
    return n;
}

/* A number, true, false or null; those are as in JSON. */
static json_t *word(struct reader *r)
{
    size_t n = word_size(r->p);
    json_t *json = n && n < 64 ? json_loadb(r->p, n, JSON_DECODE_ANY, NULL) : NULL;

    if (!json)
        return wrong(r, "A value");
    r->p += n;
    return json;
}

static json_t *list(struct reader *r)
{
    json_t *json = json_array(), *item;

    while (!mark(r, ']')) {
        item = value(r);
        if (!item)
            goto failed;
        json_array_append_new(json, item);
        if (mark(r, ','))
            continue;
        space(r);
        if (*r->p != ']') {
            wrong(r, "',' or ']'");
            goto failed;
        }
    }
    return json;
failed:
    json_decref(json);
    return NULL;
}

static json_t *name(struct reader *r)
{
    size_t n;

    space(r);
    if (*r->p == '"' || *r->p == '\'')
        return text(r);
    n = word_size(r->p);
    if (n == 0)
        return wrong(r, "A name");
    r->p += n;
    return json_stringn(r->p - n, n);
}

static json_t *object(struct reader *r)
{
    json_t *json = json_object(), *key = NULL, *member;

    while (!mark(r, '}')) {
        if (!(key = name(r)))
            goto failed;
        if (!mark(r, ':')) {
            wrong(r, "':'");
            goto failed;
        }
        if (!(member = value(r)))
            goto failed;
        json_object_set_new_nocheck(json, json_string_value(key), member);
        json_decref(key);
        key = NULL;
        if (mark(r, ','))
            continue;
        space(r);
        if (*r->p != '}') {
            wrong(r, "',' or '}'");
            goto failed;
        }
    }
    return json;
failed:
    json_decref(key);
    json_decref(json);
    return NULL;
}

static json_t *value(struct reader *r)
{
    json_t *json;

    space(r);
    if (*r->p == '"' || *r->p == '\'')
        return text(r);
    if (*r->p != '[' && *r->p != '{')
        return word(r);
    if (r->depth == RELAXED_DEPTH_MAX)
        return wrong(r, "Less depth");
    r->depth++;
    json = *r->p++ == '[' ? list(r) : object(r);
    r->depth--;
    return json;
}

json_t *relaxed_json_read(const char *source, struct error *err)
{
    struct reader r = {.text = source, .p = source, .err = err};
    json_t *json = value(&r);

    space(&r);
    if (!json || !*r.p)
        return json;
    wrong(&r, "The end");
    json_decref(json);
    return NULL;
}
