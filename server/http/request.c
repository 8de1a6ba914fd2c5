/* request.c - what a handler may ask of its request. */
#include "internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *http_header(const struct http_request *rq, const char *name)
{
    return MHD_lookup_connection_value(connection_of(rq), MHD_HEADER_KIND, name);
}

struct each_call {
    http_each *each;
    void      *context;
};

static enum MHD_Result pass_on(void *context, enum MHD_ValueKind kind, const char *name,
                               const char *value)
{
    const struct each_call *c = context;

    (void)kind;
    c->each(c->context, name, value ? value : "");
    return MHD_YES;
}

void http_each_header(const struct http_request *rq, http_each *each, void *context)
{
    struct each_call c = {each, context};

    MHD_get_connection_values(connection_of(rq), MHD_HEADER_KIND, pass_on, &c);
}

const char *http_cookie(const struct http_request *rq, const char *name)
{
    return MHD_lookup_connection_value(connection_of(rq), MHD_COOKIE_KIND, name);
}

const char *http_query_raw(const struct http_request *rq)
{
    return call_of(rq)->query_text;
}

bool http_is_secure(const struct http_request *rq)
{
    const char *proto = http_header(rq, "X-Forwarded-Proto");

    return proto && strcmp(proto, "https") == 0;
}

const char *http_query_text(const struct http_request *rq, const char *name)
{
    struct call *c = call_of(rq);
    const char *key, *value;
    char *rest;
    bool bad;

    rest = arena_strdup(&c->rq.arena, c->query_text);
    while (query_next(&rest, &key, &value, &bad))
        if (strcmp(key, name) == 0)
            return value;
    return NULL;
}

static bool plain_integer(const char *text)
{
    const char *digits = text + (*text == '-');

    return *digits && strspn(digits, "0123456789") == strlen(digits);
}

/* A query value as the JSON that fields_read expects for its field. What does not parse stays a
 * text, and fields_read then says what should have been there. */
static json_t *query_value(const struct field *f, const char *text)
{
    char *end;
    long long whole;
    double real;

    errno = 0;
    switch (f ? f->kind : FIELD_TEXT) {
    case FIELD_INT:
        whole = strtoll(text, &end, 10);
        return plain_integer(text) && errno == 0 ? json_integer(whole) : json_string(text);
    case FIELD_REAL:
        real = strtod(text, &end);
        return *text && strspn(text, "0123456789.eE+-") == strlen(text) && !*end && isfinite(real)
                   ? json_real(real) : json_string(text);
    case FIELD_BOOL:
        if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
            return json_true();
        if (strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
            return json_false();
        return json_string(text);
    default:
        return json_string(text);
    }
}

static const struct field *query_field(const struct field *spec, const char *name)
{
    for (; spec->kind != FIELD_NONE; spec++)
        if (strcmp(spec->name, name) == 0)
            return spec;
    return NULL;
}

/* A list is given as name=a&name=b; anything else only once. */
static bool query_add(json_t *object, const struct field *f, const char *name, const char *value,
                      struct error *err)
{
    json_t *list = json_object_get(object, name);

    if (f && f->kind == FIELD_TEXTS) {
        if (!list) {
            list = json_array();
            json_object_set_new(object, name, list);
        }
        json_array_append_new(list, json_string(value));
        return true;
    }
    if (list)
        return error_invalid(err, name, "\"%s\" is given twice.", name);
    json_object_set_new(object, name, query_value(f, value));
    return true;
}

bool request_query(struct call *c, struct error *err)
{
    const struct route *route = c->rq.route;
    const char *name, *value;
    char *rest;
    bool bad;

    if (!route->query)
        return true;
    c->rq.query = arena_alloc(&c->rq.arena, route->query_size);
    c->query_json = json_object();
    rest = arena_strdup(&c->rq.arena, c->query_text);
    while (query_next(&rest, &name, &value, &bad))
        if (!query_add(c->query_json, query_field(route->query, name), name, value, err))
            return false;
    if (bad)
        return error_set(err, 400, "query.malformed", "",
                         "The query string is not valid percent-encoded UTF-8.");
    return fields_read(route->query, c->query_json, c->rq.query, &c->rq.arena, err);
}
