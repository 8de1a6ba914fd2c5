/* system.c - health, metrics, the documentation of the API. */
#include "context.h"

#include "plumbline/store/schema.h"

static bool get_health(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_json(rq, 200, json_pack("{s:s}", "status", "ok"));
}

static bool touch(struct db *db, void *context, struct error *err)
{
    (void)context;
    return schema_touch(db, err); /* a real write: a full disk shows here */
}

static bool ready(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_json(rq, 200, json_pack("{s:s}", "status", "ready"));
}

/* A refused write is told with the time since when nothing is stored. */
static void write_not_ready(struct http_request *rq, const struct error *e, unsigned *status,
                            const char **type, struct buf *out)
{
    struct error why = *e;

    (void)type;
    writer_health(service_of(rq)->writer, &why);
    *status = (unsigned)why.status;
    buf_puts(out, "{\"code\":");
    buf_json_text(out, why.code);
    buf_puts(out, ",\"message\":");
    buf_json_text(out, why.message);
    buf_printf(out, ",\"field\":\"\",\"id\":\"%s\"}", rq->id);
}

static bool get_ready(struct http_request *rq, struct error *err)
{
    (void)err;
    return api_write(rq, touch, NULL, ready);
}

static bool get_openapi(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_json(rq, 200, api_openapi());
}

const struct route system_routes[] = {
    {.method = HTTP_GET, .path = "/healthz", .who = HTTP_PUBLIC, .run = get_health, .status = 200,
     .reply_type = "application/json", .tag = "Service", .summary = "The process is alive"},
    {.method = HTTP_GET, .path = "/readyz", .who = HTTP_PUBLIC, .run = get_ready, .status = 200,
     .write_error = write_not_ready,
     .reply_type = "application/json", .errors = "503 storage.failed, 503 storage.read_only, 507 "
                                              "storage.full",
     .tag = "Service", .summary = "The service can write to its database"},
    {.method = HTTP_GET, .path = "/api/v1/openapi.json", .who = HTTP_PUBLIC, .run = get_openapi,
     .status = 200, .reply_type = "application/json", .tag = "Service",
     .summary = "This documentation"},
    {0}};
