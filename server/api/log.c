/* log.c - the line that each request leaves in the log, and the log's settings while it runs.
 *
 * Of an address the path is logged, never the query. Parts of it that are secrets (a join link's
 * token) are left out, and where no route says what a part is, so is whatever looks like one. */
#include "context.h"

#include "plumbline/base/buf.h"
#include "plumbline/base/log.h"

#include <string.h>

enum { TOKEN_LIKE = 32 }; /* our tokens have 43 characters */

static const char token_letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_%";

static bool has_secret(const char *route)
{
    return strstr(route, "{token}") != NULL;
}

static bool looks_like_token(const char *part)
{
    return strspn(part, token_letters) >= TOKEN_LIKE;
}

/* The path with everything like a token taken out; in the request's memory. */
static const char *safe_path(const struct http_request *rq)
{
    struct buf out;
    const char *copy;

    buf_init(&out, 4096);
    for (const char *part = rq->path; *part;) {
        size_t n = strcspn(part, "/");

        if (looks_like_token(part))
            buf_puts(&out, "(left-out)");
        else
            buf_add(&out, part, n);
        part += n;
        if (*part)
            buf_add(&out, part++, 1);
    }
    copy = arena_strndup((struct arena *)&rq->arena, out.data ? out.data : "", out.size);
    buf_release(&out);
    return copy;
}

void log_finished(const struct http_request *rq, const struct http_done *done)
{
    const char *route = rq->route ? rq->route->path : NULL;
    struct log_request r = {.id = rq->id,
                            .method = done->method,
                            .route = route,
                            .path = route ? rq->path : NULL,
                            .code = done->code,
                            .remote = done->remote,
                            .forwarded = done->forwarded,
                            .status = done->status,
                            .took_us = done->took_us,
                            .bytes = done->bytes,
                            .person = rq->person};

    if (!route)
        r.path = safe_path(rq);
    else if (has_secret(route))
        r.path = route;
    log_request(&r);
}

/* ---- GET and PUT /api/v1/log ---- */

struct log_view {
    int  level, requests; /* indexes into the names */
    bool has_level, has_requests;
};

static const struct field log_fields[] = {
    {.name = "level", .kind = FIELD_ENUM, .at = offsetof(struct log_view, level),
     .present = AT(struct log_view, has_level), .choices = log_level_names,
     .help = "What is less grave is not logged"},
    {.name = "requests", .kind = FIELD_ENUM, .at = offsetof(struct log_view, requests),
     .present = AT(struct log_view, has_requests), .choices = log_requests_names,
     .help = "Which requests have a line: none, those that took a second or failed inside, all"},
    FIELD_END};

static bool get_log(struct http_request *rq, struct error *err)
{
    struct log_view v = {(int)log_get_level(), (int)log_get_requests(), true, true};

    (void)err;
    return http_reply_fields(rq, &v);
}

static bool put_log(struct http_request *rq, struct error *err)
{
    const struct log_view *in = rq->in;

    if (!in->has_level && !in->has_requests)
        return error_invalid(err, "level", "Say which level, which requests, or both.");
    if (in->has_requests)
        log_set_requests((enum log_requests)in->requests);
    if (in->has_level)
        log_set_level((enum log_level)in->level);
    return get_log(rq, err);
}

const struct route log_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/log", .who = WHO_ADMIN, .run = get_log, .status = 200,
     .reply = log_fields, .reply_name = "Log", .tag = "Service",
     .summary = "What is logged at present"},
    {.method = HTTP_PUT, .path = "/api/v1/log", .who = WHO_ADMIN, .run = put_log,
     .takes = HTTP_BODY_JSON, .body = log_fields, .in_size = sizeof(struct log_view),
     .status = 200, .reply = log_fields, .reply_name = "Log", .tag = "Service",
     .summary = "Logs more or less, until the next start"},
    {0}};
