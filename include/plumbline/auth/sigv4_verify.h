/* sigv4_verify.h - who signed a request, by Signature Version 4 in its Authorization header: the other
 * end of what base/sigv4.h does. Two steps, so that the caller can look up the secret between them.
 *
 * Errors are AWS's own: 403 MissingAuthenticationTokenException (no signature at all), 400
 * IncompleteSignatureException (not of the form), 403 InvalidSignatureException (scope, date or
 * signature wrong), with AWS's sentences. No clock, no network.
 */
#ifndef PLUMBLINE_AUTH_SIGV4_VERIFY_H
#define PLUMBLINE_AUTH_SIGV4_VERIFY_H

#include "plumbline/base/error.h"
#include "plumbline/base/sigv4.h"

/* A request as it came. Strings are borrowed. */
struct sigv4_received {
    const char              *method, *path; /* path: as on the request line, without the query */
    const char              *query;         /* what stands behind the "?", or NULL */
    const struct sigv4_pair *headers;       /* all of them in order of arrival, names in any case */
    size_t                   n_headers;
    const void              *body;
    size_t                   body_size;
};

enum { SIGV4_HEADERS_MAX = 100 };

/* What the Authorization header says; in the arena. */
struct sigv4_claim {
    const char *access_key_id, *date, *region, *service; /* of the credential */
    const char *time;                                    /* X-Amz-Date */
    const char *signed_headers, *signature;
    bool        session_token;                           /* there is an X-Amz-Security-Token */
};

/* Reads and checks all that needs no secret: form, scope (service; the region may be any), date within
 * SIGV4_SKEW_SECONDS of `now`, an empty query, that host and every x-amz-* header and content-type are
 * signed, that what is signed is there. */
bool sigv4_claim_read(const struct sigv4_received *rq, const char *service, int64_t now,
                      struct arena *a, struct sigv4_claim *out, struct error *err);

/* Compares the signature with the one that `secret` gives. secret NULL (nobody has that key): the same
 * work is done and the answer is no. *canonical is the canonical request, for a log. */
bool sigv4_claim_check(const struct sigv4_received *rq, const struct sigv4_claim *claim,
                       const char *secret, struct arena *a, const char **canonical,
                       struct error *err);

#endif
