/* s3.h - bytes in buckets: a client of S3 and of what speaks its protocol.
 *
 * One client serves all threads. Every call blocks: never on a pool thread of HTTP. Requests are
 * signed with Signature Version 4, tried again with back-off where that can help (connection errors,
 * 500, 502, 503, 429), signed anew each time; the right region is found and remembered per bucket,
 * and a clock that is off is corrected once. Memory is flat in both directions.
 *
 * Errors, with the URI in the sentence: 422 s3.uri (not s3://bucket/key), 404 s3.no_key,
 * 404 s3.no_bucket, 403 s3.denied (also a wrong key, with the server's own code), 409 s3.changed (the
 * object is another one than when the call began), 416 s3.range, 503 s3.unreachable, 503 s3.failed
 * (tried as often as allowed), 503 s3.no_credentials, 503 s3.stopped (s3_stop), 422 s3.refused (any
 * other refusal, with the server's code), 422 s3.config (what we were told has no credentials in it, and
 * none that could come: no time mends that, only other settings and a new start).
 */
#ifndef PLUMBLINE_BLOB_S3_H
#define PLUMBLINE_BLOB_S3_H

#include "plumbline/base/arena.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    S3_BUCKET_MAX = 63,
    S3_KEY_MAX = 1024,        /* bytes */
    S3_ETAG_SIZE = 128,
    S3_PART = 8 << 20,        /* bytes of a part of a multipart upload, and the most of one PUT */
};

enum s3_style { S3_STYLE_AUTO, S3_STYLE_PATH, S3_STYLE_VIRTUAL };
extern const char *const s3_style_names[]; /* "auto", "path", "virtual" */

/* What was said on the command line; NULL members are looked for in the environment and the usual
 * files, in the order of s3.md 3. */
struct s3_config {
    const char *endpoint;        /* "http://127.0.0.1:8189" */
    const char *own_url;         /* of this service: AWS_ENDPOINT_URL may mean that, for clients of the
                                    AWS door, and is then no endpoint of buckets; or NULL */
    const char *public_endpoint; /* the same server as browsers reach it, for presigned URLs; NULL: endpoint */
    const char *region, *profile;
    const char *access_key_id, *secret_access_key, *session_token;
    int         style;           /* enum s3_style; AUTO: path for an endpoint that was given */
    int64_t     attempts;        /* of one request; 0: 5 */
    int64_t     stall_seconds;   /* a transfer that moves nothing for so long is broken off; 0: 30 */
};

struct s3;

/* From now on calls of this thread try so many times, and break off what moves nothing for so many
 * seconds; 0: as the client was told. For those who try again by themselves and would rather be told
 * soon, and for those who only want to know. What moves is not hurt, however long it takes. */
void s3_patience(int attempts, int stall_seconds);

/* Reads settings and files; speaks to nobody yet. 422 s3.config names the file or variable that is
 * wrong. The caller frees with s3_close; no credentials at all is no error until they are needed. */
struct s3 *s3_open(const struct s3_config *config, struct error *err);
/* One whose every request is refused with 422 s3.config and this sentence. */
struct s3 *s3_open_refusing(const struct error *why);
void       s3_close(struct s3 *s); /* NULL is fine */
void       s3_stop(struct s3 *s);  /* calls that wait or run end soon with s3.stopped */
void       s3_go_on(struct s3 *s); /* after s3_stop */

/* Where it speaks to, and as whom, for people: "http://127.0.0.1:8189 (us-east-1), credentials from the
 * environment". In the arena. */
const char *s3_describe(struct s3 *s, struct arena *a);
/* Scheme, host and port that browsers would read `bucket` from, for a content security policy. */
const char *s3_origin(struct s3 *s, const char *bucket, struct arena *a);

/* ---- names ---- */
struct s3_place {
    char        bucket[S3_BUCKET_MAX + 1];
    const char *key; /* points into the URI; "" when there is none */
};

/* s3://bucket/key: everything behind the bucket is the literal key. https://host/bucket/key is taken
 * where the host is the endpoint's or AWS's. 422 s3.uri. */
bool s3_place_parse(struct s3 *s, const char *uri, struct s3_place *out, struct error *err);

/* ---- reading ---- */
struct s3_info {
    int64_t size;
    char    etag[S3_ETAG_SIZE]; /* with its quotes */
    char    type[128];          /* content type */
};

/* Called with the bytes in order; a false ends the call with its error. */
typedef bool s3_sink(void *context, const void *bytes, size_t size, struct error *err);

/* Streams the object from byte `from` (0: from its start). `info` (may be NULL) is filled before the
 * first byte; if info->etag is set on entry, the object must still have it (409 s3.changed). A
 * connection that breaks is taken up where it broke. */
bool s3_get(struct s3 *s, const char *uri, int64_t from, s3_sink *sink, void *context,
            struct s3_info *info, struct error *err);

/* Bytes first..last (both included; last -1: to the end) into memory. */
bool s3_get_range(struct s3 *s, const char *uri, int64_t first, int64_t last, struct buf *out,
                  struct s3_info *info, struct error *err);

/* The whole object of at most `limit` bytes; 413 body.too_large. The caller frees *bytes, which has a
 * NUL behind its end. */
bool s3_read(struct s3 *s, const char *uri, size_t limit, void **bytes, size_t *size,
             struct s3_info *info, struct error *err);

bool s3_head(struct s3 *s, const char *uri, struct s3_info *info, struct error *err);

/* Objects whose key begins with the URI's, in the order of keys. */
struct s3_entry {
    const char *key;
    int64_t     size;
    const char *etag;
};
typedef bool s3_each(void *context, const struct s3_entry *entry, struct error *err);
bool s3_list(struct s3 *s, const char *uri, s3_each *each, void *context, struct error *err);

/* ---- writing ---- */
/* One object of at most S3_PART bytes. `etag` may be NULL. */
bool s3_put(struct s3 *s, const char *uri, const void *bytes, size_t size, const char *type,
            char *etag, struct error *err);
bool s3_delete(struct s3 *s, const char *uri, struct error *err); /* no error when there was none */

/* An object of any size up to 10,000 parts (78 GiB), which appears when it is finished: one PUT up to
 * S3_PART, parts of that size beyond, three of them on their way at a time. The digests of parts and the ETag of the whole are checked. After a false only s3_upload_free
 * may follow, which also removes what was sent of an unfinished one. */
struct s3_upload;
struct s3_upload *s3_upload_new(struct s3 *s, const char *uri, const char *type, struct error *err);
bool s3_upload_write(struct s3_upload *u, const void *bytes, size_t size, struct error *err);
bool s3_upload_finish(struct s3_upload *u, char *etag, struct error *err);
void s3_upload_free(struct s3_upload *u); /* NULL is fine */

/* Removes unfinished uploads under the URI that are older than `age` seconds. */
bool s3_upload_sweep(struct s3 *s, const char *uri, int64_t age, struct error *err);

/* Many small objects at once over kept connections. Bytes are copied; s3_puts_add waits while too many
 * are on their way. The first failure (after its retries) is reported by the next call, and nothing is
 * sent after it. s3_puts_wait returns when all are there. */
struct s3_puts;
struct s3_puts *s3_puts_new(struct s3 *s, int connections); /* 0: 16 */
bool s3_puts_add(struct s3_puts *p, const char *uri, const void *bytes, size_t size,
                 const char *type, struct error *err);
bool s3_puts_wait(struct s3_puts *p, struct error *err);
void s3_puts_free(struct s3_puts *p);

/* ---- for browsers ---- */
/* A link to GET the object for `seconds` (at most SIGV4_PRESIGN_MAX), by the public endpoint; `type`
 * (may be NULL) is what it is served as. Speaks to nobody but may fetch credentials. In the arena. */
const char *s3_presign(struct s3 *s, const char *uri, int64_t seconds, const char *type,
                       struct arena *a, struct error *err);

/* ---- for doctor ---- */
/* Whether pages of `origin` may read the object with CORS: asks as a browser would. *advice (in the
 * arena) says what to set when they may not, NULL when they may. */
bool s3_check_cors(struct s3 *s, const char *uri, const char *origin, struct arena *a,
                   const char **advice, struct error *err);
/* How far the server's clock is ahead of ours, seconds; from the last reply. 0 when not known. */
int64_t s3_clock_skew(const struct s3 *s);

/* For /metrics. */
struct s3_numbers {
    int64_t requests, retries, failures, bytes_in, bytes_out;
};
void s3_numbers(const struct s3 *s, struct s3_numbers *out);

#endif
