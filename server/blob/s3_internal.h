/* s3_internal.h - what the files of the bucket client share. s3.c owns the client, s3_settings and
 * s3_profile read what it is told, s3_credentials finds keys, s3_address makes hosts and paths of
 * names, s3_exchange makes and signs one request, s3_judge says what a reply means, s3_call repeats
 * it, s3_batch runs many at once. */
#ifndef PLUMBLINE_BLOB_S3_INTERNAL_H
#define PLUMBLINE_BLOB_S3_INTERNAL_H

#include "plumbline/base/sigv4.h"
#include "plumbline/blob/s3.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum {
    S3_REGION_MAX = 63,
    S3_IDLE_MAX = 32,              /* handles, each with its connections, kept for the next calls */
    S3_ANSWER_MAX = 16 << 20,      /* of XML: a page of 1000 keys has at most 4 MB */
    S3_CONNECT_SECONDS = 10,
    S3_STALL_SECONDS = 30,         /* a transfer that moves nothing for so long is broken off */
    S3_COMPLETE_SECONDS = 600,     /* putting parts together may take minutes */
    S3_ATTEMPTS = 5,
};

/* ---- settings ---- */

/* "http://host:port/prefix", taken apart. */
struct s3_endpoint {
    bool  https;
    char *host;   /* in lower case, with the port unless it is the scheme's own; NULL: AWS's */
    char *prefix; /* "" or "/something" */
};

struct s3_settings {
    struct s3_endpoint endpoint, public_endpoint;
    char *region, *ca_bundle; /* ca_bundle may be NULL */
    int   style, attempts, stall_seconds;
};

/* What one profile of ~/.aws says; NULL where it says nothing. Texts are in the arena. */
struct s3_profile {
    const char *name;
    bool        found;
    const char *access_key_id, *secret_access_key, *session_token; /* of one file */
    bool        keys_in_credentials; /* they stand in the credentials file, not in the other one */
    const char *region, *endpoint, *s3_endpoint, *services, *style, *ca_bundle, *attempts;
    const char *ignore_endpoints;
    const char *unsupported; /* a setting that asks for a way to credentials that there is not here */
    const char *process;     /* credential_process, which gives way to keys of the credentials file */
};

bool s3_profile_read(const char *name, struct arena *a, struct s3_profile *out, struct error *err);
bool s3_settings_read(const struct s3_config *config, const struct s3_profile *profile,
                      struct s3_settings *out, struct error *err);
void s3_settings_release(struct s3_settings *set);
/* Whether a variable of the environment says true. */
bool s3_env_true(const char *name);
/* Its value, NULL when it is empty or not there. */
const char *s3_env(const char *name);

/* The INI dialect of AWS's tools: `sub` is the name on an indented line under `name`, or NULL. */
typedef void s3_ini_each(void *context, const char *section, const char *name, const char *sub,
                         const char *value);
/* False at a line that is none of theirs; *line is its number. */
bool s3_ini_read(const char *text, size_t size, s3_ini_each *each, void *context, int *line);

/* ---- credentials ---- */

struct s3_keys {
    const char *id, *secret, *token; /* token may be NULL */
};

struct s3_chain;
struct s3_chain *s3_chain_new(const struct s3_config *config, const struct s3_profile *profile,
                              struct error *err);
/* One that has none, for this reason: 422 s3.config. */
struct s3_chain *s3_chain_refusing(const struct error *why);
void s3_chain_free(struct s3_chain *c);
/* Copies of valid keys, in the arena; fetches them where they are fetched and due. 503
 * s3.no_credentials; 422 s3.config where there is no place that they could come from. */
bool s3_chain_get(struct s3_chain *c, struct arena *a, struct s3_keys *out, struct error *err);
/* The server says that they have expired: fetches others with the next s3_chain_get. False when there
 * is nowhere to fetch them from. */
bool        s3_chain_renew(struct s3_chain *c);
const char *s3_chain_describe(struct s3_chain *c, struct arena *a);

/* Keys as the container's and the instance's services give them. Texts are the caller's to free. */
struct s3_fetched {
    char   *id, *secret, *token;
    int64_t expires; /* UTC microseconds; 0: never */
};
bool s3_fetch_container(struct s3_fetched *out, struct error *err);
bool s3_fetch_instance(struct s3_fetched *out, struct error *err);
bool s3_fetched_parse(const char *json, size_t size, struct s3_fetched *out, struct error *err);
void s3_fetched_release(struct s3_fetched *f);

/* ---- XML answers ---- */

void s3_xml_start(void); /* once, before the others, on one thread */

/* An element that has ended: its parent's name (NULL for the root), its own and its text ("" where it
 * has children). False ends the reading. */
typedef bool s3_xml_element(void *context, const char *parent, const char *name, const char *text);
/* False when it is no XML of at most S3_ANSWER_MAX bytes, has a DTD, or is too deep. */
bool s3_xml_read(const char *text, size_t size, s3_xml_element *each, void *context);

struct s3_fault {
    char code[64], message[200], region[S3_REGION_MAX + 1], host[128];
};
/* An <Error> document; false when it is none. */
bool s3_xml_fault(const char *text, size_t size, struct s3_fault *out);

/* ---- the client ---- */

struct s3_home { /* the region that a bucket was found in */
    struct s3_home *next;
    char            bucket[S3_BUCKET_MAX + 1], region[S3_REGION_MAX + 1];
};

struct s3 {
    struct s3_settings settings;
    struct s3_chain   *chain;
    pthread_mutex_t    lock; /* of homes, idle, and for `woken` */
    pthread_cond_t     woken;
    struct s3_home    *homes;
    CURL              *idle[S3_IDLE_MAX];
    int                n_idle;
    atomic_bool        stopped;
    atomic_llong       skew_us; /* added to our clock when signing */
    atomic_llong       ahead;   /* seconds, of the last reply's date */
    atomic_llong       requests, retries, failures, bytes_in, bytes_out;
};

/* ---- addresses ---- */

struct s3_address {
    const char *scheme, *host, *path; /* path encoded */
};
/* Where the object (or, with key "", the bucket) is spoken to, by us or by browsers. In the arena. */
void s3_address(struct s3 *s, const struct s3_place *place, bool for_browsers, const char *region,
                struct arena *a, struct s3_address *out);
/* s3_place_parse, and 422 s3.uri when it names no object. */
bool        s3_object_parse(struct s3 *s, const char *uri, struct s3_place *out, struct error *err);
const char *s3_region_of(struct s3 *s, const char *bucket, struct arena *a);
void        s3_region_learn(struct s3 *s, const char *bucket, const char *region);

/* ---- one request ---- */

struct s3_reply {
    long        status;
    int64_t     length, range_from, range_total; /* -1: not said */
    char        etag[S3_ETAG_SIZE], type[128], region[S3_REGION_MAX + 1], allow_origin[128];
    char        location[256];
    bool        encrypted; /* otherwise than by S3's own keys: its ETag is no MD5 */
    time_t      date;      /* 0: not said */
    struct buf  body;      /* what no sink took */
};

struct s3_exchange;

/* What is asked for. Texts and bytes are borrowed until the exchange ends. */
struct s3_call {
    const char              *method, *uri; /* the URI is for sentences */
    struct s3_place          place;
    const struct sigv4_pair *query;
    size_t                   n_query;
    const char              *type;   /* of the body, or NULL */
    const char              *origin; /* a page that asks, or NULL */
    const void              *body;
    size_t                   size;
    char                     payload[SHA256_TEXT_SIZE]; /* of the body: s3_call_body; "" = none */
    unsigned char            md5[MD5_SIZE];
    const char              *if_match; /* or NULL */
    int64_t                  from, until; /* a range; until is behind its end, 0: that of the object */
    s3_sink                 *sink;       /* NULL: into reply.body */
    bool (*begin)(void *context, const struct s3_reply *reply, struct error *err); /* may be NULL */
    void                    *context;    /* of both */
    int                      stall_seconds; /* 0: the client's */
};

/* Sets the body and its digests. */
void s3_call_body(struct s3_call *call, const void *bytes, size_t size);

/* One request on its way, with what it has met so far. */
struct s3_exchange {
    struct s3         *s;
    struct s3_call    *call;
    CURL              *curl;
    struct curl_slist *headers;
    struct arena       arena; /* of one attempt */
    char               region[S3_REGION_MAX + 1]; /* that it was signed for */
    const char        *base; /* scheme and host that it went to */
    struct s3_reply    reply;
    char               etag[S3_ETAG_SIZE]; /* of the object that a sink gets, from its first bytes on */
    int64_t            delivered; /* bytes that the sink took */
    int64_t            skip;      /* bytes before the range, from a server that knows none */
    struct error       sink_err;
    bool               sink_failed, begun;
    int                attempts, moves; /* failures in a row, changes of region */
    int                attempts_most, stall_seconds; /* the patience of the thread that began it */
    int64_t            moved_bytes, moved; /* of this attempt, both ways; when last, monotonic */
    bool               stalled;
    bool               skewed, renewed; /* clock and keys were corrected */
};

enum s3_verdict { S3_DONE, S3_AGAIN, S3_LATER, S3_FAILED };

void s3_exchange_init(struct s3_exchange *x, struct s3 *s, struct s3_call *call);
bool s3_exchange_prepare(struct s3_exchange *x, struct error *err); /* signs; sets x->curl up */
enum s3_verdict s3_exchange_judge(struct s3_exchange *x, CURLcode rc, struct error *err);
/* Milliseconds to wait before the next attempt, or -1: that was the last one, and *err says so. */
int  s3_exchange_pause(struct s3_exchange *x, struct error *err);
void s3_exchange_release(struct s3_exchange *x);

/* A verdict from status, code and headers: s3_judge.c. */
enum s3_verdict s3_judge(struct s3_exchange *x, struct error *err);

/* The whole of it: makes the request until it is answered, refused or tried often enough. The caller
 * releases x, whether it worked or not. */
bool s3_perform(struct s3_exchange *x, struct error *err);

CURL *s3_handle_take(struct s3 *s);
void  s3_handle_give(struct s3 *s, CURL *curl);
bool  s3_stopped(struct s3 *s, const char *uri, struct error *err); /* false and s3.stopped when so */
/* Whether a quoted ETag is the MD5 of something; its 16 bytes. */
bool  s3_etag_md5(const char *etag, unsigned char md5[MD5_SIZE]);

/* s3_list by pages of so many. */
bool s3_list_pages(struct s3 *s, const char *uri, int page_size, s3_each *each, void *context,
                   struct error *err);
/* Removes an unfinished upload; no error when it is gone. */
bool s3_upload_abort(struct s3 *s, const char *uri, const struct s3_place *place, const char *id,
                     struct error *err);

/* ---- many at once ---- */

/* One PUT. Its texts and bytes are its own. */
struct s3_job {
    struct s3_job     *next;
    char              *uri, *body;
    struct sigv4_pair  query[2]; /* values are its own, names constants */
    struct s3_call     call;
    struct s3_exchange x;
    char              *etag; /* where the reply's goes, S3_ETAG_SIZE; may be NULL */
    int64_t            due;  /* monotonic microseconds */
};

struct s3_batch;
/* At most so many at a time, and so many more and so many bytes waiting for their turn. */
struct s3_batch *s3_batch_new(struct s3 *s, int connections, int waiting, size_t bytes);
/* Takes the job, also when it fails. */
bool s3_batch_add(struct s3_batch *b, struct s3_job *job, struct error *err);
bool s3_batch_wait(struct s3_batch *b, struct error *err);
void s3_batch_free(struct s3_batch *b); /* breaks off what is on its way; NULL is fine */

/* After a PUT: its ETag (etag may be NULL), and whether the server stored what was sent. */
bool s3_put_done(const struct s3_exchange *x, char *etag, struct error *err);

struct s3_job *s3_job_new(struct s3 *s, const char *uri, char *body, size_t size, const char *type,
                          struct error *err); /* takes body */
void s3_job_free(struct s3_job *job);

#endif
