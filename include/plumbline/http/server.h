/* server.h - HTTP as the rest of the house sees it: a route table, a request, one reply.
 *
 * The room knows libmicrohttpd, routing, bodies, cookies, static files and metrics; nothing of jobs
 * or people. Who somebody is and what a role means comes in through struct http_app.
 *
 * A handler runs on a pool thread and must be short (under a millisecond). It reads the request and
 * then does exactly one of: reply (http_reply_*), return false with *err filled (the only way to an
 * error body), or hand over with http_defer: the connection is suspended, somebody else (writer
 * thread, worker thread) finishes the work and calls http_resume, and `finish` then replies on the
 * pool thread. Everything in rq->arena lives until the connection reports the request as complete.
 */
#ifndef PLUMBLINE_HTTP_SERVER_H
#define PLUMBLINE_HTTP_SERVER_H

#include "plumbline/base/arena.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/cidr.h"
#include "plumbline/base/error.h"
#include "plumbline/base/fields.h"

#include <stdatomic.h>
#include <stdint.h>

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE };
enum { HTTP_PARAMS_MAX = 4, HTTP_ID_SIZE = 24 };

struct http_request;
struct http_server;

typedef bool http_handler(struct http_request *rq, struct error *err);

enum http_body {
    HTTP_BODY_NONE,  /* a body is refused                                       */
    HTTP_BODY_JSON,  /* parsed and read by .body into a struct of .in_size      */
    HTTP_BODY_BYTES, /* in memory, rq->body                                     */
    HTTP_BODY_SPOOL, /* written to an unlinked temporary file, rq->spool_fd     */
};

/* One row of the map of the server. */
struct route {
    enum http_method method;
    const char      *path;    /* "/api/v1/jobs/{job}/items": a {name} takes one path part        */
    unsigned         who;     /* bits of the roles that may call it; HTTP_PUBLIC = nobody known  */
    http_handler    *run;
    enum http_body   takes;
    size_t           body_max;    /* bytes; 0 = 64 KiB for JSON                                  */
    const struct field *query;    /* query parameters, texts and numbers only, read into ->query */
    size_t           query_size;
    const struct field *body;     /* JSON body                                                   */
    size_t           in_size;
    unsigned         status;      /* of success: 200, 201, 202, 204                              */
    const struct field *reply;    /* documentation of the success body, or NULL                  */
    const char      *reply_name;  /* its component name: "Job"                                   */
    const char      *reply_type;  /* content type when it is not JSON                            */
    const char      *header, *header_help; /* a header of the request that it understands, or NULL */
    const char      *errors;      /* codes it may answer beside the common ones: "409 job.name_taken, …";
                                   * a status under 400 is another success: "206 part of it" */
    const char      *summary;     /* one line                                                    */
    const char      *tag;         /* group in the documentation                                  */
    bool             hidden;      /* not in the documentation (pages, static files)              */
    /* Another shape of error body (a door with a dialect of its own): writes the body, may change
     * the status and the content type. NULL = {code, message, field, id}. */
    void (*write_error)(struct http_request *rq, const struct error *e, unsigned *status,
                        const char **type, struct buf *out);
    void *own; /* what a table that is made at run time brings along for its handlers */
};

/* How a request ended, for the log. Texts live until the call returns. */
struct http_done {
    unsigned    status;    /* 499: the client went away before there was a reply */
    int64_t     took_us;   /* from the headers to the reply                      */
    int64_t     bytes;     /* of the reply's body; of an event stream: sent      */
    const char *method;    /* as the client wrote it, or NULL: not even that     */
    const char *code;      /* of the error body, or NULL                         */
    const char *remote;    /* address of the other end; "unix" for the socket    */
    const char *forwarded; /* X-Forwarded-For of a proxy on this computer, or NULL */
};

/* authenticate is not called for a public route; a handler that wants to know calls it itself. */
#define HTTP_PUBLIC 0x80000000u

struct http_request {
    struct arena        arena;
    const struct route *route;
    void               *app;                  /* http_app.context                                */
    char                id[HTTP_ID_SIZE];     /* in the log line, in every error, X-Request-Id   */
    const char         *path;
    const char         *param[HTTP_PARAMS_MAX]; /* values of {…}, percent-decoded, in order      */
    void               *query, *in;           /* structs of query_size and in_size, zeroed first */
    json_t             *json;                 /* the JSON body, freed with the request           */
    struct buf          body;                 /* HTTP_BODY_BYTES and the raw JSON text           */
    int                 spool_fd;             /* HTTP_BODY_SPOOL, at offset 0; closed afterwards */
    int64_t             body_size;
    bool                local;                /* came over the Unix socket: trusted              */
    int64_t             person;               /* set by authenticate; 0 = nobody                 */
    unsigned            roles;                /* bits the caller has                             */
    int64_t             session;              /* the session's or key's row, for authenticate    */
    bool                by_cookie;            /* needs the CSRF token on unsafe methods          */
    void               *user;                 /* the handler's own, across http_defer            */
    http_handler       *finish;               /* set by http_defer                               */
    struct error        error;                /* set by the deferred work; reported instead of finish */
    /* Set by a handler that put malloc'ed things behind `user`: called once when the request is
     * over. `finish` is no place to free: it need not run when the client has gone meanwhile. */
    void              (*release)(struct http_request *rq);
    void               *connection;           /* libmicrohttpd's                                 */
};

struct http_app {
    void *context;
    const struct route *const *tables; /* NULL-terminated list of tables, each ended by .path NULL */
    /* Fills person, roles, session, by_cookie from cookie or Authorization; false with 401 only for
     * a credential that is wrong; no credential at all leaves roles 0. Checks the CSRF token. */
    bool (*authenticate)(struct http_request *rq, struct error *err);
    /* The sentence for 403: which role is needed. */
    bool (*forbid)(struct http_request *rq, struct error *err);
    /* For the documentation: the cookie that authenticate reads, and the codes it may answer with
     * beside 401 session.required and 403 role.forbidden: of every method, and of unsafe ones. */
    const char *cookie_name, *authenticate_errors, *unsafe_errors;
    /* One call a request, when it is over. May be NULL. */
    void (*log)(const struct http_request *rq, const struct http_done *done);
    /* Origins beside our own that pages may read pictures from, "https://a https://b", in the request's
     * arena. The function or what it returns may be NULL: none. */
    const char *(*picture_origins)(struct http_request *rq);
    /* Paths that answer with the shell of the UI, NULL-terminated: "/jobs/{job}/items". NULL = the
     * list of this product's pages. */
    const char *const *pages;
};

struct http_config {
    const char *address;      /* "127.0.0.1" or "::1" or "0.0.0.0" */
    uint16_t    port;         /* 0 picks a free one */
    const char *unix_path;    /* a second door, or NULL; created with mode 0600 */
    const char *static_dir;   /* serve static files from here instead of the embedded ones, or NULL */
    const char *temp_dir;     /* for spooled bodies */
    unsigned    threads;      /* pool; 0 = as many as cores */
    unsigned    connections;  /* limit; 0 = 1000 */
    unsigned    idle_seconds; /* keep-alive and slow-client limit; 0 = 60 */
};

/* ---- life ---- */
struct http_server *http_start(const struct http_config *config, const struct http_app *app,
                               struct error *err);
uint16_t http_port(const struct http_server *s);
/* For a watchdog: requests that are over, and whether no further connection would be taken. */
unsigned long long http_finished(const struct http_server *s);
bool     http_is_full(const struct http_server *s);
void     http_stop(struct http_server *s); /* refuses new requests, ends event streams, waits, frees */

/* ---- reading the request ---- */
const char *http_header(const struct http_request *rq, const char *name); /* borrowed, or NULL */
/* Every header, in order of arrival. */
typedef void http_each(void *context, const char *name, const char *value);
void        http_each_header(const struct http_request *rq, http_each *each, void *context);
const char *http_cookie(const struct http_request *rq, const char *name);
const char *http_query_text(const struct http_request *rq, const char *name); /* NULL: not given */
const char *http_query_raw(const struct http_request *rq); /* undecoded, without the ?; or NULL */
bool        http_is_secure(const struct http_request *rq); /* X-Forwarded-Proto: https */
/* The address that the request comes from: the other end of the connection, or whom a proxy on this
 * computer names (ip_behind_proxy). False: over the Unix socket, or the proxy names no address. On
 * the request's own thread only, as for every header. */
bool        http_remote(struct http_request *rq, struct ip_address *out);

/* ---- replying; each returns true so that `return http_reply_…` reads well ---- */
bool http_reply_json(struct http_request *rq, unsigned status, json_t *take);
bool http_reply_fields(struct http_request *rq, const void *in); /* route->reply with route->status */
bool http_reply_struct(struct http_request *rq, unsigned status, const struct field *spec,
                       const void *in);
bool http_reply_text(struct http_request *rq, unsigned status, const char *type, struct buf *take);
bool http_reply_bytes(struct http_request *rq, unsigned status, const char *type, const void *bytes,
                      size_t size); /* copied */
bool http_reply_empty(struct http_request *rq, unsigned status);
/* A file with Range, ETag (quoted, from `etag` without quotes), If-None-Match and HEAD handled; takes
 * fd. download_name NULL = inline. immutable adds a year of caching. */
bool http_reply_file(struct http_request *rq, int fd, const char *type, const char *etag,
                     const char *download_name, bool immutable);
void http_add_header(struct http_request *rq, const char *name, const char *value); /* before reply */

/* ---- later ---- */
/* Suspends the connection; after http_resume, `finish` (or rq->error when its status is set) answers.
 * Call it last in the handler and return its result. Arrange the work only after it returned, or
 * with `start`, which it calls once the connection is suspended. */
bool http_defer(struct http_request *rq, http_handler *finish,
                void (*start)(struct http_request *rq, void *context), void *context);
void http_resume(struct http_request *rq); /* from any thread, exactly once per http_defer */

/* ---- server-sent events ---- */
struct http_channel; /* one topic with any number of listeners; thread-safe */
struct http_channel *http_channel_new(void);
void http_channel_free(struct http_channel *c); /* ends its streams */
/* Sends `event: NAME\ndata: JSON\n\n` to every listener; a listener more than 256 KiB behind is cut. */
void http_channel_send(struct http_channel *c, const char *event, const char *json);
/* Replies with a stream: first `hello` (may be NULL) as event "hello", then what is sent; a ping
 * comment every 15 s. */
bool http_reply_events(struct http_request *rq, struct http_channel *c, const char *hello);
size_t http_channel_listeners(struct http_channel *c);

/* ---- documentation ---- */
/* OpenAPI 3.1 of all tables; a new reference. role_name(bit) names a role in the texts. */
json_t *http_openapi(const struct http_app *app, const char *title, const char *version,
                     const char *(*role_name)(unsigned bit));

/* ---- numbers for /metrics (Prometheus text) ---- */
void http_metrics(struct http_server *s, struct buf *out);
const char *http_library_version(void);

#endif
