/* internal.h - what the files of this room share; nobody outside includes it.
 *
 * server.c   daemons, sockets, start and stop      call.c    one request from headers to reply
 * router.c   paths to routes                       percent.c %41 and query strings
 * request.c  reading headers, cookies, query       body.c    caps, memory, spooling, JSON
 * remote.c   where a request comes from
 * reply.c    all replies and all error bodies      files.c   files with ranges
 * defer.c    handing a request to another thread   events.c  server-sent events
 * assets.c   the browser's files and the shell     keeper.c  the one timer thread
 * openapi.c  documentation from the tables         metrics.c numbers for Prometheus
 *
 * Threads: libmicrohttpd's pool threads run call.c and the handlers; a connection stays on its
 * thread. Other threads touch a call only through http_resume, and a stream only through its
 * channel. Order of locks: server->streams_lock, then channel->lock, then libmicrohttpd's own.
 */
#ifndef PLUMBLINE_HTTP_INTERNAL_H
#define PLUMBLINE_HTTP_INTERNAL_H

#include "plumbline/base/prom.h"
#include "plumbline/http/server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
    METHODS = HTTP_DELETE + 1,
    PATH_PARTS_MAX = 16,
    ID_BYTES = 16,
    HEADER_MEMORY = 8192,         /* of a connection: request line, headers, reply headers      */
    BODY_DEFAULT = 64 * 1024,     /* route.body_max 0                                           */
    DRAIN_MAX = 256 * 1024,       /* a refused body up to this size is read and thrown away     */
    DEFERRED_WAIT_S = 5,          /* http_stop waits so long for work that was handed over      */
    BODY_MEMORY_MAX = 512 << 20,  /* bodies held in memory by all requests together             */
    REPLY_MAX = 256 << 20,        /* bytes of a reply made in memory                            */
    REMOTE_SIZE = 48,             /* bytes of an address as text                                */
};

/* ---- router.c ---- */

/* A route as the server keeps it, with its counters by status class (index 0: 1xx … 4: 5xx). */
struct entry {
    const struct route *route;
    atomic_ullong       replies[5];
    struct histogram    latency;
};

struct router;

enum match { MATCH_ROUTE, MATCH_NONE, MATCH_METHOD, MATCH_MALFORMED };

struct matched {
    struct entry *entry;
    const char   *param[HTTP_PARAMS_MAX];
    unsigned      methods; /* bits 1 << http_method that the path knows, for MATCH_METHOD */
};

/* The tables must outlive the router. Fails on a path that is malformed or there twice. */
struct router *router_new(const struct route *const *const *lists, size_t count, struct error *err);
void router_free(struct router *r);
/* `path` is raw, without the query; it is taken apart and percent-decoded in place, and the
 * parameters point into it. */
enum match router_match(const struct router *r, char *path, enum http_method method,
                        struct matched *out);
struct entry *router_entry(const struct router *r, size_t i); /* NULL past the last */

/* ---- percent.c ---- */

/* Decodes text[0..size) in place and ends it with NUL (text[size] is written at most). False on
 * a cut or wrong escape, a control character, or bytes that are not UTF-8. */
bool percent_decode(char *text, size_t size, bool plus_is_space);
/* The next name=value of a query string, decoded in place; *rest moves on. False at its end or
 * on malformed text (then *bad is set). */
bool query_next(char **rest, const char **name, const char **value, bool *bad);

/* ---- the server ---- */

struct door {
    struct http_server *server;
    struct MHD_Daemon  *daemon; /* NULL: this door is not open */
    int                 socket; /* ours to close once the daemon was told to leave it alone */
    bool                local;
};

struct http_server {
    struct http_app     app;
    struct http_config  config;
    char               *unix_path, *static_dir, *temp_dir;
    struct door         tcp, local;
    uint16_t            port;
    struct router      *router;
    struct route       *pages; /* made from app.pages */
    const struct route *tables_own[2];
    uint64_t            id_seed;
    atomic_ullong       id_next;

    atomic_bool         stopping;
    atomic_long         pending;   /* calls that run or are deferred: no reply queued yet    */
    atomic_long         open;      /* calls that run, are deferred or are being sent         */
    atomic_long         resuming;  /* threads inside http_resume                             */
    atomic_llong        body_bytes; /* in memory, of all calls                               */

    pthread_mutex_t     defer_lock;
    struct call        *deferred;  /* list */
    atomic_long         deferred_count;

    pthread_mutex_t     streams_lock;
    struct stream      *streams;
    atomic_long         stream_count;

    pthread_mutex_t     peers_lock;
    struct peer        *peers;
    atomic_long         peer_count;

    pthread_t           keeper;
    pthread_mutex_t     keeper_lock;
    pthread_cond_t      keeper_wake;
    bool                keeper_stop;

    atomic_ullong       refused[5]; /* replies without a route, by status class */
    atomic_ullong       aborted;    /* requests whose client went away          */
    atomic_ullong       slow;       /* connections cut by keeper.c              */
    atomic_ullong       finished;   /* requests that are over                   */
    struct histogram    latency;    /* of replies without a route               */
};

/* A connection, from accept to close. */
struct peer {
    struct peer        *prev, *next;
    int                 fd;
    atomic_int          state; /* enum peer_state */
    _Atomic int64_t     since_us;
    _Atomic int64_t     received; /* body bytes since since_us */
    bool                known;    /* address is set: not the Unix socket */
    struct ip_address   address;
    char                remote[REMOTE_SIZE];
};

enum peer_state { PEER_IDLE, PEER_BODY, PEER_BUSY };

enum phase {
    PHASE_HEADERS, /* the first call for this request                             */
    PHASE_BODY,    /* its body is coming                                          */
    PHASE_DRAIN,   /* refused; the body is read and dropped, then rq.error goes out */
    PHASE_RUN,     /* the handler or `finish` runs                                */
    PHASE_DEFERRED,
    PHASE_REPLIED,
};

enum defer_state { NOT_DEFERRED, DEFERRED, RESUMED, ABANDONED };

struct header {
    struct header *next;
    const char    *name, *value;
};

/* One request. The handlers see its first member. */
struct call {
    struct http_request rq;
    struct http_server *server;
    struct peer        *peer;
    struct entry       *entry;
    enum phase          phase;
    bool                head;      /* HEAD, served as GET           */
    bool                counted;   /* in server->pending            */
    bool                opened;    /* in server->open               */
    bool                cut;       /* no reply possible: close      */
    bool                has_length, chunked, too_large, no_memory;
    int                 write_failed; /* errno of the spool file     */
    int64_t             length;    /* Content-Length                */
    int64_t             drained;
    size_t              body_max;
    int64_t             body_charged; /* in server->body_bytes      */
    char               *query_text; /* raw, or NULL                 */
    json_t             *query_json;
    struct header      *headers;   /* for the reply, newest first   */
    const char         *method;    /* as the client wrote it        */
    int64_t             bytes;     /* of the reply's body           */
    unsigned            status;
    int64_t             started_us, replied_us;
    atomic_int          deferred;  /* enum defer_state              */
    atomic_int          refs;      /* the connection, and whoever must call http_resume */
    struct call        *prev, *next; /* server->deferred            */
};

static inline struct call *call_of(const struct http_request *rq)
{
    return (struct call *)(uintptr_t)rq; /* rq is its first member */
}

static inline struct MHD_Connection *connection_of(const struct http_request *rq)
{
    return rq->connection;
}

/* ---- call.c: libmicrohttpd's callbacks ---- */
void           *call_begin(void *door, const char *target, struct MHD_Connection *connection);
enum MHD_Result call_handle(void *door, struct MHD_Connection *connection, const char *url,
                            const char *method, const char *version, const char *upload,
                            size_t *upload_size, void **context);
void            call_completed(void *door, struct MHD_Connection *connection, void **context,
                               enum MHD_RequestTerminationCode why);
void            call_unref(struct call *c);

/* ---- request.c ---- */
bool request_query(struct call *c, struct error *err); /* route->query into rq.query */

/* ---- remote.c ---- */
/* What a proxy on this computer says of who asks: all lines X-Forwarded-For, joined by commas. NULL:
 * there are none, or somebody else says so. Lives as long as the request. */
const char *remote_forwarded(struct call *c);

/* ---- body.c ---- */
bool body_length(struct call *c, struct error *err);     /* reads the framing headers     */
bool body_announced(const struct call *c);               /* there is one, or may be one   */
bool body_prepare(struct call *c, struct error *err);    /* may it come, and where to     */
bool body_take(struct call *c, const char *bytes, size_t size); /* false: cut the connection */
bool body_finish(struct call *c, struct error *err);     /* all is here: check and parse  */
void body_release(struct call *c);

/* ---- reply.c ---- */
bool reply_response(struct call *c, unsigned status, const char *type,
                    struct MHD_Response *take);
void reply_error(struct call *c, const struct error *e);

/* ---- files.c ---- */
enum range_kind { RANGE_NONE, RANGE_PART, RANGE_UNSATISFIABLE };
/* Reads a Range header against a file of `size` bytes. More than one range counts as none. */
enum range_kind range_parse(const char *text, int64_t size, int64_t *first, int64_t *count);
bool etag_listed(const char *list, const char *etag); /* If-None-Match; weak comparison */

/* ---- assets.c ---- */
extern const struct route asset_routes[];
bool asset_shell(struct http_request *rq, unsigned status, struct error *err);
struct route *asset_page_routes(const char *const *pages); /* the caller frees */

/* ---- defer.c ---- */
void defer_abandon(struct http_server *s);

/* ---- events.c ---- */
void streams_ping(struct http_server *s, int64_t now_us);
void streams_end(struct http_server *s);

/* ---- keeper.c ---- */
bool keeper_start(struct http_server *s, struct error *err);
void keeper_stop(struct http_server *s);

/* ---- metrics.c ---- */
void metrics_reply(struct call *c);

#endif
