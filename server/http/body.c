/* body.c - the request's body: how much of it, and where it goes.
 *
 * Content-Length is judged before a byte is read; a chunked body is judged as it comes. What is too
 * large is thrown away as it arrives and answered with 413 at its end, because libmicrohttpd takes
 * no answer in the middle of an upload; after DRAIN_MAX more bytes the connection is cut instead.
 * Bodies in memory are also counted over all requests, so that many large uploads at once meet a
 * 503 and not the system's memory limit.
 */
#include "internal.h"

#include "plumbline/base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool too_large(const struct call *c, struct error *err)
{
    return error_set(err, 413, "body.too_large", "",
                     "The body is too large; at most %zu bytes are allowed here.", c->body_max);
}

/* Many clients send {} where there is nothing to say. */
enum { NOTHING_MAX = 16 };

static bool unexpected(struct error *err)
{
    return error_set(err, 400, "body.unexpected", "", "No body is expected here.");
}

static bool is_nothing(const struct buf *body)
{
    char solid[NOTHING_MAX + 1];
    size_t n = 0;

    for (size_t i = 0; i < body->size; i++)
        if (!strchr(" \t\r\n", body->data[i]))
            solid[n++] = body->data[i];
    return n == 0 || (n == 2 && memcmp(solid, "{}", 2) == 0);
}

static bool has_required(const struct field *spec)
{
    for (; spec && spec->kind != FIELD_NONE; spec++)
        if (spec->required)
            return true;
    return false;
}

static bool malformed(struct error *err, const char *what)
{
    return error_set(err, 400, "request.malformed", "", "%s", what);
}

struct lengths {
    int contents, transfers;
};

static enum MHD_Result count_lengths(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    struct lengths *n = context;

    (void)kind, (void)value;
    n->contents += strcasecmp(name, "Content-Length") == 0;
    n->transfers += strcasecmp(name, "Transfer-Encoding") == 0;
    return MHD_YES;
}

/* Two lengths, or a length and chunks, are how one request is smuggled in another's body past a
 * proxy: RFC 9112 6.3. */
bool body_length(struct call *c, struct error *err)
{
    const char *length = http_header(&c->rq, "Content-Length");
    const char *transfer = http_header(&c->rq, "Transfer-Encoding");
    struct lengths n = {0};
    char *end;

    if (!length && !transfer)
        return true;
    MHD_get_connection_values(connection_of(&c->rq), MHD_HEADER_KIND, count_lengths, &n);
    if (n.contents + n.transfers > 1)
        return malformed(err, "The length of the body is given more than once.");
    c->chunked = transfer != NULL;
    if (transfer && strcasecmp(transfer, "chunked") != 0)
        return malformed(err, "The only transfer encoding understood is chunked.");
    if (!length)
        return true;
    errno = 0;
    c->length = strtoll(length, &end, 10);
    c->has_length = true;
    if (errno || *end || c->length < 0)
        return malformed(err, "The Content-Length is not a number.");
    return true;
}

bool body_announced(const struct call *c)
{
    return c->chunked || c->length > 0;
}

static bool is_json(const char *type)
{
    size_t size = strcspn(type, "; \t");

    return (size == 16 && strncasecmp(type, "application/json", 16) == 0) ||
           (size > 17 && strncasecmp(type, "application/", 12) == 0 &&
            strncasecmp(type + size - 5, "+json", 5) == 0);
}

static bool check_type(const struct call *c, struct error *err)
{
    const char *type = http_header(&c->rq, "Content-Type");

    if (c->rq.route->takes != HTTP_BODY_JSON || (type && is_json(type)))
        return true;
    return error_set(err, 415, "body.type", "",
                     "The body must be JSON, with Content-Type: application/json.");
}

static bool open_spool(struct call *c, struct error *err)
{
    const char *dir = c->server->temp_dir;
    char *path;
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0) { /* a file system without O_TMPFILE */
        path = arena_printf(&c->rq.arena, "%s/upload-XXXXXX", dir);
        fd = mkostemp(path, O_CLOEXEC);
        if (fd < 0)
            return disk_error(err, "The upload cannot be stored");
        unlink(path);
    }
    c->rq.spool_fd = fd;
    return true;
}

bool body_prepare(struct call *c, struct error *err)
{
    const struct route *route = c->rq.route;

    c->body_max = route->body_max ? route->body_max : BODY_DEFAULT;
    if (route->takes == HTTP_BODY_NONE) {
        if (c->length > NOTHING_MAX)
            return unexpected(err);
        c->body_max = NOTHING_MAX;
        buf_init(&c->rq.body, c->body_max);
        return true;
    }
    if (c->length > 0 && (uint64_t)c->length > c->body_max)
        return too_large(c, err);
    if (body_announced(c) && !check_type(c, err))
        return false;
    buf_init(&c->rq.body, c->body_max);
    if (route->takes == HTTP_BODY_SPOOL)
        return open_spool(c, err);
    return true;
}

static void take_in_memory(struct call *c, const char *bytes, size_t size)
{
    int64_t all = atomic_fetch_add(&c->server->body_bytes, (int64_t)size) + (int64_t)size;

    c->body_charged += (int64_t)size;
    if (all > BODY_MEMORY_MAX && c->rq.body.size + size > BODY_DEFAULT) {
        c->no_memory = true;
        buf_release(&c->rq.body);
        return;
    }
    buf_add(&c->rq.body, bytes, size);
}

static void take_on_disk(struct call *c, const char *bytes, size_t size)
{
    if (!disk_write(c->rq.spool_fd, bytes, size))
        c->write_failed = errno;
}

bool body_take(struct call *c, const char *bytes, size_t size)
{
    if (c->peer)
        atomic_fetch_add_explicit(&c->peer->received, (int64_t)size, memory_order_relaxed);
    if (c->phase == PHASE_DRAIN || c->too_large || c->no_memory || c->write_failed) {
        c->drained += (int64_t)size;
        return !c->chunked || c->drained <= DRAIN_MAX;
    }
    if ((uint64_t)c->rq.body_size + size > c->body_max) {
        c->too_large = true;
        buf_release(&c->rq.body);
        return true;
    }
    c->rq.body_size += (int64_t)size;
    if (c->rq.spool_fd >= 0)
        take_on_disk(c, bytes, size);
    else
        take_in_memory(c, bytes, size);
    return true;
}

static bool read_json(struct call *c, struct error *err)
{
    struct http_request *rq = &c->rq;

    if (rq->body.size == 0 && rq->route->method == HTTP_POST && rq->route->body &&
        !has_required(rq->route->body)) {
        rq->in = arena_alloc(&rq->arena, rq->route->in_size);
        return true;
    }
    if (rq->body.size == 0)
        return error_set(err, 400, "json.malformed", "", "The body is empty; JSON is expected.");
    rq->json = json_parse(rq->body.data, rq->body.size, err);
    if (!rq->json)
        return false;
    if (!rq->route->body)
        return true;
    rq->in = arena_alloc(&rq->arena, rq->route->in_size);
    return fields_read(rq->route->body, rq->json, rq->in, &rq->arena, err);
}

bool body_finish(struct call *c, struct error *err)
{
    if (c->too_large)
        return c->rq.route->takes == HTTP_BODY_NONE ? unexpected(err) : too_large(c, err);
    if (c->no_memory)
        return error_set(err, 503, "overloaded", "",
                         "Too many large uploads at once. Please try again.");
    if (c->write_failed)
        return disk_error_of(err, c->write_failed, "The upload cannot be stored");
    if (c->rq.spool_fd >= 0 && lseek(c->rq.spool_fd, 0, SEEK_SET) < 0)
        return error_system(err, "cannot rewind an upload");
    if (c->rq.route->takes == HTTP_BODY_JSON)
        return read_json(c, err);
    if (c->rq.route->takes == HTTP_BODY_NONE && !is_nothing(&c->rq.body))
        return unexpected(err);
    return true;
}

void body_release(struct call *c)
{
    if (c->body_charged)
        atomic_fetch_sub(&c->server->body_bytes, c->body_charged);
    c->body_charged = 0;
}
