/* reply.c - every reply leaves through reply_response, every error body through reply_error.
 *
 * So every reply has its request id and the security headers, and every error the same shape.
 */
#include "internal.h"

#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Nothing from elsewhere, no inline script or style; images also from blobs the UI made itself, and
 * from where the app says that pictures lie. The Trusted Types policy is for worker addresses. */
static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:%s%s; "
    "media-src 'self' blob:; connect-src 'self'%s%s; worker-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types plumbline";

static void put(struct MHD_Response *r, const char *name, const char *value)
{
    if (MHD_add_response_header(r, name, value) != MHD_YES)
        log_warn("reply header %s is not usable", name);
}

void http_add_header(struct http_request *rq, const char *name, const char *value)
{
    struct call *c = call_of(rq);
    struct header *h = arena_alloc(&rq->arena, sizeof *h);

    h->name = arena_strdup(&rq->arena, name);
    h->value = arena_strdup(&rq->arena, value);
    h->next = c->headers;
    c->headers = h;
}

static bool has_header(const struct call *c, const char *name)
{
    for (const struct header *h = c->headers; h; h = h->next)
        if (strcasecmp(h->name, name) == 0)
            return true;
    return false;
}

static void put_page_policy(struct call *c, struct MHD_Response *r)
{
    const struct http_app *app = &c->server->app;
    const char *more = app->picture_origins ? app->picture_origins(&c->rq) : NULL;
    const char *space = more ? " " : "";

    more = more ? more : "";
    put(r, "Content-Security-Policy",
        arena_printf(&c->rq.arena, page_policy, space, more, space, more));
}

static void put_headers(struct call *c, const char *type, struct MHD_Response *r)
{
    if (type)
        put(r, "Content-Type", type);
    if (type && strncmp(type, "text/html", 9) == 0 && !has_header(c, "Content-Security-Policy"))
        put_page_policy(c, r);
    put(r, "X-Content-Type-Options", "nosniff");
    put(r, "Referrer-Policy", "same-origin");
    put(r, "X-Request-Id", c->rq.id);
    if (!has_header(c, "Cache-Control"))
        put(r, "Cache-Control", "no-store");
    if (atomic_load_explicit(&c->server->stopping, memory_order_relaxed))
        put(r, "Connection", "close");
    for (const struct header *h = c->headers; h; h = h->next)
        put(r, h->name, h->value);
}

bool reply_response(struct call *c, unsigned status, const char *type, struct MHD_Response *take)
{
    if (!take || c->phase == PHASE_REPLIED) {
        log_error("id=%s %s", c->rq.id, take ? "was replied to twice" : "no memory for the reply");
        c->cut |= !take;
        if (take)
            MHD_destroy_response(take);
        return true;
    }
    put_headers(c, type, take);
    c->phase = PHASE_REPLIED;
    c->status = status;
    c->replied_us = clock_monotonic_us();
    c->cut = MHD_queue_response(connection_of(&c->rq), status, take) != MHD_YES;
    MHD_destroy_response(take);
    if (c->counted)
        atomic_fetch_sub(&c->server->pending, 1);
    c->counted = false;
    metrics_reply(c);
    return true;
}

/* ---- errors ---- */

/* Messages may hold a piece of what a client sent, cut in the middle of a character. */
static void put_text(struct buf *b, const char *text)
{
    char copy[sizeof(((struct error *)0)->message)];
    size_t size = strlen(text), at = 0;

    memcpy(copy, text, size + 1);
    while ((at += utf8_valid_prefix(copy + at, size - at)) < size)
        copy[at] = '?';
    buf_json_text(b, copy);
}

static void write_plain_error(const struct http_request *rq, const struct error *e,
                              struct buf *out)
{
    buf_puts(out, "{\"code\":");
    put_text(out, e->code);
    buf_puts(out, ",\"message\":");
    put_text(out, e->message);
    buf_puts(out, ",\"field\":");
    put_text(out, e->field);
    buf_printf(out, ",\"id\":\"%s\"}", rq->id);
}

/* What went wrong inside is for the log; over the Unix socket it is the owner who asks. */
static void hide_details(const struct call *c, struct error *e)
{
    if (e->status != 507) /* the writer says so once a second, not with every request */
        log_error("id=%s code=%s %s", c->rq.id, e->code, e->message);
    if (e->status == 500 && !c->rq.local)
        error_set(e, 500, "internal", "",
                  "Something went wrong inside the server. The log has the details under %s.",
                  c->rq.id);
}

void reply_error(struct call *c, const struct error *given)
{
    const struct route *route = c->rq.route;
    const char *type = "application/json";
    struct MHD_Response *r;
    struct error e = *given;
    struct buf body;
    unsigned status;
    size_t size;

    if (e.status < 400 || e.status > 599)
        e.status = 500;
    if (e.status >= 500 && e.status != 503)
        hide_details(c, &e);
    status = (unsigned)e.status;
    buf_init(&body, 8192);
    if (route && route->write_error)
        route->write_error(&c->rq, &e, &status, &type, &body);
    else
        write_plain_error(&c->rq, &e, &body);
    size = body.size;
    c->bytes = (int64_t)size;
    if (given != &c->rq.error)
        c->rq.error = *given; /* its code is for the log */
    r = MHD_create_response_from_buffer(size, buf_take(&body), MHD_RESPMEM_MUST_FREE);
    if (r && status == 401 && !has_header(c, "WWW-Authenticate"))
        put(r, "WWW-Authenticate", "Bearer");
    if (r && (status == 503 || status == 429) && !has_header(c, "Retry-After"))
        put(r, "Retry-After", "1");
    reply_response(c, status, type, r);
}

/* ---- what handlers call ---- */

static bool reply_owned(struct http_request *rq, unsigned status, const char *type, char *bytes,
                        size_t size)
{
    call_of(rq)->bytes = (int64_t)size;
    return reply_response(call_of(rq), status, type,
                          MHD_create_response_from_buffer(size, bytes, MHD_RESPMEM_MUST_FREE));
}

static bool reply_internal(struct http_request *rq, const char *what)
{
    struct error e = {0};

    error_internal(&e, "%s of %s", what, rq->path);
    reply_error(call_of(rq), &e);
    return true;
}

bool http_reply_json(struct http_request *rq, unsigned status, json_t *take)
{
    char *text = take ? json_dumps(take, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

    json_decref(take);
    if (!text)
        return reply_internal(rq, "unwritable JSON in the reply");
    return reply_owned(rq, status, "application/json", text, strlen(text));
}

bool http_reply_struct(struct http_request *rq, unsigned status, const struct field *spec,
                       const void *in)
{
    struct buf text;

    buf_init(&text, REPLY_MAX);
    fields_print(spec, in, &text);
    return http_reply_text(rq, status, "application/json", &text);
}

bool http_reply_fields(struct http_request *rq, const void *in)
{
    unsigned status = rq->route->status ? rq->route->status : 200;

    if (!rq->route->reply)
        return reply_internal(rq, "no reply fields in the route");
    return http_reply_struct(rq, status, rq->route->reply, in);
}

bool http_reply_text(struct http_request *rq, unsigned status, const char *type, struct buf *take)
{
    size_t size = take->size;

    if (take->overflow) {
        buf_release(take);
        return reply_internal(rq, "too large a reply");
    }
    return reply_owned(rq, status, type, buf_take(take), size);
}

bool http_reply_bytes(struct http_request *rq, unsigned status, const char *type, const void *bytes,
                      size_t size)
{
    call_of(rq)->bytes = (int64_t)size;
    return reply_response(call_of(rq), status, type,
                          MHD_create_response_from_buffer(size, (void *)(uintptr_t)bytes,
                                                          MHD_RESPMEM_MUST_COPY));
}

bool http_reply_empty(struct http_request *rq, unsigned status)
{
    static char nothing[1];

    return reply_response(call_of(rq), status, NULL,
                          MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT));
}
