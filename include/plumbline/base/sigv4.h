/* sigv4.h - AWS Signature Version 4: canonical requests, string to sign, signatures. Signing of
 * requests to buckets, presigning links to them, and verifying clients of the AWS door all use it.
 *
 * Source: AWS's published rules, as restated in the spec with test vectors (aws-api.md 2, s3.md 2).
 * Pure: no clock, no network.
 */
#ifndef PLUMBLINE_BASE_SIGV4_H
#define PLUMBLINE_BASE_SIGV4_H

#include "plumbline/base/arena.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/sha256.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIGV4_TIME_SIZE = 17,      /* "20231114T221320Z" and a NUL */
    SIGV4_SIGNATURE_SIZE = 65, /* 64 hex digits and a NUL */
    SIGV4_SKEW_SECONDS = 900,  /* a request is taken this long before and after its date */
    SIGV4_PRESIGN_MAX = 604800, /* seconds */
};

/* Name and value, neither encoded. For headers the name is in lower case. */
struct sigv4_pair {
    const char *name, *value;
};

/* What is signed. Strings are borrowed. */
struct sigv4_request {
    const char              *method;
    const char              *path;    /* already encoded once, as it stands in the URL; "" is "/" */
    const char              *query;   /* canonical: sigv4_query */
    const struct sigv4_pair *headers; /* those that are signed, any order */
    size_t                   n_headers;
    const char              *payload; /* hex SHA-256 of the body, or "UNSIGNED-PAYLOAD" */
};

struct sigv4_scope {
    const char *time;    /* SIGV4_TIME_SIZE text */
    const char *region, *service;
};

struct sigv4_key {
    const char *access_key_id, *secret;
};

/* "20231114T221320Z" of UTC microseconds, and back (false: not of that form). */
void sigv4_time(int64_t us, char out[SIGV4_TIME_SIZE]);
bool sigv4_time_parse(const char *text, int64_t *us);

/* Appends `text` with every byte encoded but A-Za-z0-9-_.~ (and, in a path, the slash); hex digits
 * in upper case. */
void sigv4_encode(const char *text, size_t size, bool path, struct buf *out);

/* The canonical query: each name and value encoded, sorted by encoded name, then encoded value,
 * `name=` for an empty value. In the arena. The very same text goes into the URL. */
const char *sigv4_query(const struct sigv4_pair *pairs, size_t n, struct arena *a);

/* The canonical request, and the names of its signed headers ("host;x-amz-date"). In the arena. */
const char *sigv4_canonical(const struct sigv4_request *rq, struct arena *a, const char **signed_headers);

/* The signing key and the three it goes through: HMAC of the date, then of region, service and
 * "aws4_request". The last one may be kept as long as the scope's date, region and service stay. */
void sigv4_keys(const struct sigv4_scope *scope, const char *secret,
                unsigned char keys[4][SHA256_SIZE]);

/* The signature of a canonical request, in lower-case hex. */
void sigv4_sign(const char *canonical, const struct sigv4_scope *scope, const char *secret,
                char out[SIGV4_SIGNATURE_SIZE]);

/* The whole value of an Authorization header for the request. In the arena. */
const char *sigv4_authorization(const struct sigv4_request *rq, const struct sigv4_scope *scope,
                                const struct sigv4_key *key, struct arena *a);

/* 64 lower-case hex digits compared in constant time; false for anything else. */
bool sigv4_equal(const char *given, const char computed[SIGV4_SIGNATURE_SIZE]);

#endif
