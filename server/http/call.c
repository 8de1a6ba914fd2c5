/* call.c - the life of one request; the file that hides libmicrohttpd's many callbacks.
 *
 * libmicrohttpd calls once with the headers, once per piece of the body, once when the body is
 * over, and again after a resume. Headers: route, person, role, query, announced length, in this
 * order, so that a stranger's body is never read. Body over: parse, then the handler. A refused
 * request with a small body has it read and dropped first, so that the connection lives on.
 */
#include "internal.h"

#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char *const method_names[METHODS] = {
    [HTTP_GET] = "GET",     [HTTP_POST] = "POST",     [HTTP_PUT] = "PUT",
    [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
};

/* splitmix64 (Steele, Lea, Flood 2014): spreads a counter, so that ids do not tell how many there
 * were; nothing secret hangs on them. */
static uint64_t spread(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static void write_id(struct call *c)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t x = spread(c->server->id_seed +
                        atomic_fetch_add_explicit(&c->server->id_next, 1, memory_order_relaxed));

    for (int i = 0; i < ID_BYTES; i++, x >>= 4)
        c->rq.id[i] = digits[x & 15];
}

void *call_begin(void *context, const char *target, struct MHD_Connection *connection)
{
    const struct door *door = context;
    struct call *c = must_alloc(sizeof *c);
    const union MHD_ConnectionInfo *info;
    const char *path = target;
    size_t size;

    if (!path) /* a request line of one word */
        path = "";
    else if (strncasecmp(path, "http://", 7) == 0) /* as a proxy would get it: RFC 9112 3.2.2 */
        path += 7 + strcspn(path + 7, "/?");
    size = strcspn(path, "?");
    c->server = door->server;
    c->rq.app = c->server->app.context;
    c->rq.local = door->local;
    c->rq.connection = connection;
    c->rq.spool_fd = -1;
    c->started_us = clock_monotonic_us();
    atomic_init(&c->refs, 1);
    arena_init(&c->rq.arena);
    write_id(c);
    c->rq.path = arena_strndup(&c->rq.arena, path, size);
    if (path[size] == '?')
        c->query_text = arena_strdup(&c->rq.arena, path + size + 1);
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    c->peer = info ? info->socket_context : NULL;
    return c;
}

static void peer_is(struct call *c, enum peer_state state)
{
    if (!c->peer)
        return;
    atomic_store_explicit(&c->peer->received, 0, memory_order_relaxed);
    atomic_store_explicit(&c->peer->since_us, clock_monotonic_us(), memory_order_relaxed);
    atomic_store_explicit(&c->peer->state, (int)state, memory_order_release);
}

/* ---- headers ---- */

static bool read_method(struct call *c, const char *name, enum http_method *out)
{
    c->head = strcmp(name, "HEAD") == 0;
    if (c->head)
        name = "GET";
    for (int m = 0; m < METHODS; m++) {
        if (strcmp(name, method_names[m]) == 0) {
            *out = (enum http_method)m;
            return true;
        }
    }
    return false;
}

static bool refuse_method(struct call *c, unsigned methods, struct error *err)
{
    char allow[64] = "";
    size_t used = 0;

    for (int m = 0; m < METHODS; m++)
        if (methods & 1u << m)
            used += (size_t)snprintf(allow + used, sizeof allow - used, "%s%s", used ? ", " : "",
                                     m == HTTP_GET ? "GET, HEAD" : method_names[m]);
    http_add_header(&c->rq, "Allow", allow);
    return error_set(err, 405, "method.not_allowed", "", "This address answers to %s only.", allow);
}

static bool find_route(struct call *c, const char *method_name, struct error *err)
{
    char *path = arena_strdup(&c->rq.arena, c->rq.path);
    enum http_method method = HTTP_GET;
    bool known = read_method(c, method_name, &method);
    struct matched m;

    switch (router_match(c->server->router, path, method, &m)) {
    case MATCH_ROUTE:
        if (!known)
            return refuse_method(c, 1u << HTTP_GET, err);
        c->entry = m.entry;
        c->rq.route = m.entry->route;
        memcpy(c->rq.param, m.param, sizeof m.param);
        return true;
    case MATCH_METHOD:
        return refuse_method(c, m.methods, err);
    case MATCH_MALFORMED:
        return error_set(err, 400, "path.malformed", "",
                         "The path is not percent-encoded UTF-8, or climbs out of its folder.");
    case MATCH_NONE:
        break;
    }
    return error_set(err, 404, "path.not_found", "", "There is nothing at this address.");
}

static bool check_person(struct call *c, struct error *err)
{
    const struct http_app *app = &c->server->app;
    struct http_request *rq = &c->rq;

    if (rq->route->who & HTTP_PUBLIC)
        return true;
    if (app->authenticate && !app->authenticate(rq, err))
        return false;
    if (rq->roles & rq->route->who)
        return true;
    if (!rq->roles)
        return error_set(err, 401, "session.required", "", "Please sign in.");
    if (app->forbid)
        app->forbid(rq, err);
    if (!err->status)
        error_set(err, 403, "role.forbidden", "", "Your role does not allow this.");
    return false;
}

static bool check_open(const struct call *c, struct error *err)
{
    return !atomic_load(&c->server->stopping) ||
           error_set(err, 503, "server.stopping", "", "The server is stopping.");
}

/* Somebody mistyped an address into a browser: the UI says so, in its own words. */
static bool show_not_found(struct call *c, const struct error *err)
{
    const char *accepted = http_header(&c->rq, "Accept");
    struct error e = {0};

    return err->status == 404 && !c->entry && !body_announced(c) && accepted &&
           strstr(accepted, "text/html") && strncmp(c->rq.path, "/api/", 5) != 0 &&
           asset_shell(&c->rq, 404, &e);
}

/* Answers at once where nothing or too much would have to be read first. */
static void refuse(struct call *c, const struct error *err)
{
    bool small = c->chunked || c->length <= DRAIN_MAX;

    if (show_not_found(c, err))
        return;
    if (body_announced(c) && small && !http_header(&c->rq, "Expect")) {
        c->rq.error = *err;
        c->phase = PHASE_DRAIN;
        return;
    }
    reply_error(c, err);
}

static void handle_headers(struct call *c, const char *method)
{
    struct error err = {0}, length = {0};
    bool ok, framed;

    c->method = method;
    c->started_us = clock_monotonic_us();
    framed = body_length(c, &length);
    ok = check_open(c, &err) && find_route(c, method, &err) && check_person(c, &err) &&
         request_query(c, &err);
    if (ok && !framed) {
        err = length;
        ok = false;
    }
    ok = ok && body_prepare(c, &err);
    peer_is(c, body_announced(c) ? PEER_BODY : PEER_BUSY);
    c->phase = PHASE_BODY;
    if (!ok && framed) {
        refuse(c, &err);
    } else if (!ok) { /* where its body ends is not known: the connection cannot live on */
        http_add_header(&c->rq, "Connection", "close");
        reply_error(c, &err);
    }
}

/* ---- body over ---- */

static void run(struct call *c, http_handler *handler)
{
    struct error err = {0};
    bool ok;

    c->phase = PHASE_RUN;
    ok = handler(&c->rq, &err);
    if (c->phase != PHASE_RUN) /* replied, or handed over */
        return;
    if (ok || !err.status)
        error_internal(&err, "the handler of %s gave no reply", c->rq.path);
    reply_error(c, &err);
}

static void handle_request(struct call *c)
{
    struct error err = {0};

    peer_is(c, PEER_BUSY);
    c->counted = c->opened = true;
    atomic_fetch_add(&c->server->open, 1);
    atomic_fetch_add(&c->server->pending, 1);
    if (check_open(c, &err) && body_finish(c, &err))
        run(c, c->rq.route->run);
    else
        reply_error(c, &err);
}

static void handle_resumed(struct call *c)
{
    struct error stopping = {0};

    if (atomic_load(&c->deferred) == ABANDONED) {
        check_open(c, &stopping);
        reply_error(c, &stopping);
    } else if (c->rq.error.status) {
        reply_error(c, &c->rq.error);
    } else {
        run(c, c->rq.finish);
    }
}

enum MHD_Result call_handle(void *door, struct MHD_Connection *connection, const char *url,
                            const char *method, const char *version, const char *upload,
                            size_t *upload_size, void **context)
{
    struct call *c = *context;

    (void)door, (void)connection, (void)url, (void)version;
    if (*upload_size > 0) {
        if (!body_take(c, upload, *upload_size))
            return MHD_NO;
        *upload_size = 0;
        return MHD_YES;
    }
    switch (c->phase) {
    case PHASE_HEADERS:
        handle_headers(c, method);
        break;
    case PHASE_BODY:
        handle_request(c);
        break;
    case PHASE_DRAIN:
        peer_is(c, PEER_BUSY);
        reply_error(c, &c->rq.error);
        break;
    case PHASE_DEFERRED:
        handle_resumed(c);
        break;
    case PHASE_RUN:
    case PHASE_REPLIED:
        break;
    }
    return c->cut ? MHD_NO : MHD_YES;
}

/* ---- over ---- */

void call_unref(struct call *c)
{
    if (atomic_fetch_sub(&c->refs, 1) != 1)
        return;
    if (c->rq.release)
        c->rq.release(&c->rq);
    json_decref(c->rq.json);
    json_decref(c->query_json);
    buf_release(&c->rq.body);
    if (c->rq.spool_fd >= 0)
        close(c->rq.spool_fd);
    arena_release(&c->rq.arena);
    free(c);
}

static void tell_log(struct call *c, unsigned status)
{
    const struct http_app *app = &c->server->app;
    struct http_done done = {.status = status,
                             .took_us = c->replied_us - c->started_us,
                             .bytes = c->head ? 0 : c->bytes,
                             .method = c->method,
                             .code = *c->rq.error.code ? c->rq.error.code : NULL,
                             .remote = c->peer ? c->peer->remote : NULL};

    if (!app->log)
        return;
    done.forwarded = remote_forwarded(c);
    app->log(&c->rq, &done);
}

void call_completed(void *door, struct MHD_Connection *connection, void **context,
                    enum MHD_RequestTerminationCode why)
{
    struct call *c = *context;
    struct http_server *s;
    unsigned status;

    (void)door, (void)connection;
    if (!c)
        return;
    *context = NULL;
    s = c->server;
    status = c->status ? c->status : why == MHD_REQUEST_TERMINATED_WITH_ERROR ? 400 : 499;
    if (!c->replied_us) {
        c->replied_us = clock_monotonic_us();
        atomic_fetch_add_explicit(&s->aborted, 1, memory_order_relaxed);
    }
    atomic_fetch_add_explicit(&s->finished, 1, memory_order_relaxed);
    tell_log(c, status);
    body_release(c);
    peer_is(c, PEER_IDLE);
    if (c->counted)
        atomic_fetch_sub(&s->pending, 1);
    if (c->opened)
        atomic_fetch_sub(&s->open, 1);
    call_unref(c);
}
