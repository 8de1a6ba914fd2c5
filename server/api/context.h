/* context.h - what every handler needs; private to api/. */
#ifndef API_CONTEXT_H
#define API_CONTEXT_H

#include "plumbline/api/api.h"
#include "plumbline/http/offload.h"
#include "plumbline/store/people.h"

struct channels;
struct access_cache;
struct addresses;
struct gates;
struct held_cache;

struct api {
    struct service     *service;
    struct http_server *http;
    struct channels    *channels; /* listeners by job */
    struct access_cache *access;
    struct addresses   *addresses;
    struct gates       *gates;
    struct held_cache  *held;
    struct http_offload *hashing;  /* argon2: 19 MiB and 28 ms a piece, one at a time */
    struct http_offload *media;    /* pictures and other slow files */
    struct http_offload *care;     /* doctor, files of backups: seconds or minutes a piece */
    struct http_offload *reports;  /* a look over many answers */
    struct http_offload *buckets;  /* pictures that lie in buckets, several at once */
    struct api_door     door;
    const struct route **tables;  /* those of every REST route, and the door's; ends with NULL */
    char               *public_url, *listen; /* listen: the address alone; "" on the Unix socket */
    unsigned            connections; /* limit; 0: the default */
    atomic_bool         stopping;    /* long looks are broken off */
};

/* Roles as route masks: a role may do what the ones below it may. */
enum {
    WHO_ANNOTATOR = ROLE_ANNOTATOR | ROLE_REVIEWER | ROLE_LEAD | ROLE_ADMIN,
    WHO_REVIEWER = ROLE_REVIEWER | ROLE_LEAD | ROLE_ADMIN,
    WHO_LEAD = ROLE_LEAD | ROLE_ADMIN,
    WHO_ADMIN = ROLE_ADMIN,
};

static inline struct api *api_of(const struct http_request *rq)
{
    return rq->app;
}

static inline struct service *service_of(const struct http_request *rq)
{
    return api_of(rq)->service;
}

/* Runs the reader with a connection of the pool; all it reads is from one moment. */
typedef bool api_reader(struct http_request *rq, struct db *db, struct error *err);
bool api_read(struct http_request *rq, api_reader *read, struct error *err);

/* Queues the write, suspends the request, and answers with `finish` once it is on disk (with the
 * write's error otherwise). `context` must live in rq->arena. */
bool api_write(struct http_request *rq, write_run *run, void *context, http_handler *finish);
/* The same for a `run` that may be called twice (struct write, repeatable). */
bool api_write_again(struct http_request *rq, write_run *run, void *context, http_handler *finish);

/* The same for a write that takes a right away (role, key, session): what is remembered of who may
 * come in is forgotten once it is on disk. After a writer_call: access_cache_forget. */
bool api_write_access(struct http_request *rq, write_run *run, void *context,
                      http_handler *finish);

bool api_empty(struct http_request *rq, struct error *err); /* a finish: 204 */

/* "item_7" -> 7; 404 NOUN.not_found for anything else. */
bool api_id(const char *text, const char *prefix, int64_t *id, struct error *err);
const char *api_id_text(struct arena *a, const char *prefix, int64_t id); /* NULL for id 0 */

/* A job by id or name in path part `at`; with `labeller`, one that the caller may label. */
bool api_job(struct http_request *rq, struct db *db, int at, struct job *out, struct error *err);
/* For writes: the job may have been deleted since it was looked up. */
bool api_job_is_there(struct db *db, int64_t id, struct error *err);
bool api_may_label(struct http_request *rq, struct db *db, const struct job *job,
                   struct error *err);

/* Both in one, for the busy calls: the job may lack its long texts (job_get_bare). */
bool api_labelled_job(struct http_request *rq, struct db *db, int at, struct job *out,
                      struct error *err);

/* For routes that are about the caller's own work: refuses the Unix socket, which is nobody. */
bool api_needs_person(const struct http_request *rq, struct error *err);

/* Common query parameters of lists. */
struct page_query {
    int64_t     limit;
    const char *after;
};
enum { PAGE_DEFAULT = 50, PAGE_MAX = 1000 };

#define PAGE_FIELDS(type, member)                                                                  \
    {.name = "limit",                                                                              \
     .kind = FIELD_INT,                                                                            \
     .at = offsetof(type, member.limit),                                                           \
     .min = 1,                                                                                     \
     .max = PAGE_MAX,                                                                              \
     .help = "Entries a page; 50 unless told"},                                                    \
    {                                                                                              \
        .name = "after", .kind = FIELD_TEXT, .at = offsetof(type, member.after), .max = 64,        \
        .help = "The `next` of the page before"                                                    \
    }

static inline int page_limit(const struct page_query *p)
{
    return p->limit > 0 ? (int)p->limit : PAGE_DEFAULT;
}

/* The opaque cursor is a number; 422 for anything else. */
bool page_after(const struct page_query *p, int64_t *after, struct error *err);

/* ---- who is it ---- */
bool access_authenticate(struct http_request *rq, struct error *err);
bool access_forbid(struct http_request *rq, struct error *err);
const char *access_role_name(unsigned bit);

struct credential { /* a token or a session's cookie, and whose it is */
    uint8_t  hash[SECRET_HASH_SIZE];
    bool     by_cookie;
    int64_t  person, id, expires, last_seen; /* id of the key or session; expires 0: never */
    unsigned roles;
    char     csrf[SECRET_TOKEN_SIZE]; /* by_cookie */
};

struct access_cache *access_cache_new(void);
void                 access_cache_free(struct access_cache *c); /* NULL is fine */
/* *version: for access_cache_put, when it was not found and is looked up instead. */
bool access_cache_find(struct access_cache *c, const uint8_t hash[SECRET_HASH_SIZE],
                       struct credential *out, uint64_t *version);
void access_cache_put(struct access_cache *c, const struct credential *credential,
                      uint64_t version);
void access_cache_forget(struct access_cache *c);

/* ---- and from where ---- */
struct addresses *addresses_new(void);
void              addresses_free(struct addresses *a); /* NULL is fine */

struct caller {
    bool              known;
    struct ip_address address;
};

struct caller caller_of(struct http_request *rq); /* on the request's own thread */
/* Whether somebody of this role may come from there; `from` NULL: from where the request comes, on
 * its own thread. 404 workforce.address. Everybody may over the Unix socket. */
bool addresses_admit(struct http_request *rq, unsigned role, const struct caller *from,
                     struct error *err);

/* ---- listeners ---- */
struct channels *channels_new(void);
void             channels_free(struct channels *c);
struct http_channel *channels_of(struct channels *c, int64_t job); /* made on first use */
void             channels_publish(void *api, int64_t job, const char *event, json_t *json);

/* ---- the tables ---- */
extern const struct route session_routes[], invitation_routes[], people_routes[], team_routes[],
    key_routes[], job_routes[], job_clone_routes[], item_routes[], item_detail_routes[], import_routes[],
    import_start_routes[], import_file_routes[], media_routes[],
    report_routes[],
    export_routes[], label_routes[], answer_routes[], lease_routes[], task_routes[],
    system_routes[], metrics_routes[], log_routes[],
    backup_routes[], doctor_routes[];

/* Tells the log of a request that is over. */
void log_finished(const struct http_request *rq, const struct http_done *done);

#endif
