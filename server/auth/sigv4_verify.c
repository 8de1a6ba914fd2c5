/* sigv4_verify.c - an Authorization header of Signature Version 4, taken apart and checked.
 *
 * Strict where a signature could be taken for more than it says: one header, each part once, no
 * header that AWS's services act upon left unsigned, nothing signed that is not there. Lenient
 * about unsigned other headers, which proxies add.
 */
#include "plumbline/auth/sigv4_verify.h"

#include "plumbline/base/clock.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char algorithm[] = "AWS4-HMAC-SHA256";

enum { DATE_SIZE = 8 };

static bool incomplete(struct error *err, const char *sentence)
{
    return error_set(err, 400, "IncompleteSignatureException", "", "%s", sentence);
}

static bool invalid(struct error *err, const char *sentence)
{
    return error_set(err, 403, "InvalidSignatureException", "", "%s", sentence);
}

/* ---- headers ---- */

/* The header's value; *count tells how often it is there. */
static const char *header(const struct sigv4_received *rq, const char *name, int *count)
{
    const char *value = NULL;

    *count = 0;
    for (size_t i = 0; i < rq->n_headers; i++) {
        if (strcasecmp(rq->headers[i].name, name) != 0)
            continue;
        value = rq->headers[i].value;
        ++*count;
    }
    return value;
}

static bool one_header(const struct sigv4_received *rq, const char *name, const char **out)
{
    int count;

    *out = header(rq, name, &count);
    return count == 1;
}

/* Whether `name` is in the list "content-type;host". */
static bool is_signed(const char *list, const char *name)
{
    size_t n = strlen(name);

    while (*list) {
        size_t size = strcspn(list, ";");

        if (size == n && strncasecmp(list, name, n) == 0)
            return true;
        list += size + (list[size] == ';');
    }
    return false;
}

/* ---- the Authorization header ---- */

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t");
}

/* One "Name=value" up to a comma or the end. */
static bool read_part(const char **at, struct arena *a, struct sigv4_claim *c,
                      const char **credential)
{
    const struct {
        const char *name;
        const char **to;
    } parts[] = {{"Credential=", credential},
                 {"SignedHeaders=", &c->signed_headers},
                 {"Signature=", &c->signature}};
    const char *p = skip_blanks(*at);
    size_t size = strcspn(p, ",");

    *at = p + size + (p[size] == ',');
    while (size > 0 && (p[size - 1] == ' ' || p[size - 1] == '\t'))
        size--;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t n = strlen(parts[i].name);

        if (size < n || memcmp(p, parts[i].name, n) != 0)
            continue;
        if (*parts[i].to)
            return false;
        *parts[i].to = arena_strndup(a, p + n, size - n);
        return true;
    }
    return false;
}

/* From the right, since an access key may hold any characters:
 * KEY/DATE/REGION/SERVICE/aws4_request. */
static bool split_credential(char *text, struct sigv4_claim *c)
{
    const char **const parts[] = {NULL, &c->service, &c->region, &c->date};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char *slash = strrchr(text, '/');

        if (!slash || !slash[1])
            return false;
        *slash = '\0';
        if (parts[i])
            *parts[i] = slash + 1;
        else if (strcmp(slash + 1, "aws4_request") != 0)
            return false;
    }
    c->access_key_id = text;
    return *text && strlen(c->date) == DATE_SIZE && strspn(c->date, "0123456789") == DATE_SIZE;
}

static bool read_authorization(const char *p, struct arena *a, struct sigv4_claim *c,
                               struct error *err)
{
    const char *credential = NULL;
    size_t n = sizeof algorithm - 1;

    if (strncmp(p, algorithm, n) != 0 || (p[n] != ' ' && p[n] != '\t'))
        return incomplete(err,
                          "The Authorization header must begin with AWS4-HMAC-SHA256; no other "
                          "algorithm is understood.");
    for (p += n; *skip_blanks(p);)
        if (!read_part(&p, a, c, &credential))
            return incomplete(err,
                              "Authorization header must be made of 'Credential', 'SignedHeaders' "
                              "and 'Signature', each once.");
    if (!credential || !c->signed_headers || !c->signature)
        return incomplete(err, "Authorization header requires 'Credential', 'SignedHeaders' and "
                               "'Signature' parameters.");
    return split_credential(arena_strdup(a, credential), c) ||
           incomplete(err, "Credential must have 5 slash-delimited elements: "
                           "KEYID/DATE/REGION/SERVICE/aws4_request.");
}

/* ---- the list of signed headers ---- */

static bool check_list(const struct sigv4_received *rq, const char *list, struct arena *a,
                       struct error *err)
{
    const char *before = "";

    if (!is_signed(list, "host"))
        return incomplete(err, "The 'host' header must be signed.");
    for (const char *p = list;;) {
        size_t size = strcspn(p, ";");
        const char *name = arena_strndup(a, p, size);
        int count;

        for (const char *c = name; *c; c++)
            if (isupper((unsigned char)*c) || !isgraph((unsigned char)*c))
                return incomplete(err, "SignedHeaders must be lower-case names of headers.");
        if (strcmp(before, name) >= 0)
            return incomplete(err, "SignedHeaders must be in ascending order, each name once.");
        if (!header(rq, name, &count))
            return incomplete(err, "SignedHeaders names a header that the request does not have.");
        before = name;
        if (!p[size])
            return true;
        p += size + 1;
    }
}

static bool check_signed(const struct sigv4_received *rq, const char *list, struct arena *a,
                         struct error *err)
{
    if (!check_list(rq, list, a, err))
        return false;
    for (size_t i = 0; i < rq->n_headers; i++) {
        const char *name = rq->headers[i].name;

        if ((strncasecmp(name, "x-amz-", 6) == 0 || strcasecmp(name, "content-type") == 0) &&
            !is_signed(list, name))
            return error_set(err, 403, "InvalidSignatureException", "",
                             "The header '%.60s' is in the request and must be signed.", name);
    }
    return true;
}

/* ---- scope and date ---- */

static bool check_scope(const struct sigv4_claim *c, const char *service, struct error *err)
{
    if (strcmp(c->service, service) != 0)
        return error_set(err, 403, "InvalidSignatureException", "",
                         "Credential should be scoped to correct service: '%s'.", service);
    if (strncmp(c->date, c->time, DATE_SIZE) != 0)
        return error_set(
            err, 403, "InvalidSignatureException", "",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
            "date from HTTP: '%s' != '%.8s', from '%s'.",
            c->date, c->time, c->time);
    return true;
}

static bool check_date(const struct sigv4_claim *c, int64_t when, int64_t now, struct error *err)
{
    const int64_t window = SIGV4_SKEW_SECONDS * SECOND_US;
    char here[SIGV4_TIME_SIZE], edge[SIGV4_TIME_SIZE];

    sigv4_time(now, here);
    if (when < now - now % SECOND_US - window) {
        sigv4_time(now - window, edge);
        return error_set(err, 403, "InvalidSignatureException", "",
                         "Signature expired: %s is now earlier than %s (%s - 15 min.)", c->time,
                         edge, here);
    }
    if (when > now + window) {
        sigv4_time(now + window, edge);
        return error_set(err, 403, "InvalidSignatureException", "",
                         "Signature not yet current: %s is still later than %s (%s + 15 min.)",
                         c->time, edge, here);
    }
    return true;
}

bool sigv4_claim_read(const struct sigv4_received *rq, const char *service, int64_t now,
                      struct arena *a, struct sigv4_claim *out, struct error *err)
{
    const char *authorization;
    int64_t when;
    int count;

    *out = (struct sigv4_claim){0};
    if (rq->n_headers > SIGV4_HEADERS_MAX)
        return incomplete(err, "The request has too many headers.");
    if (rq->query && *rq->query)
        return incomplete(err,
                          "Requests to this service are signed in the Authorization header and "
                          "have no query string.");
    authorization = header(rq, "authorization", &count);
    if (count == 0)
        return error_set(err, 403, "MissingAuthenticationTokenException", "",
                         "Missing Authentication Token");
    if (count > 1)
        return incomplete(err, "There must be one Authorization header.");
    if (!read_authorization(authorization, a, out, err))
        return false;
    if (!one_header(rq, "x-amz-date", &out->time) || !sigv4_time_parse(out->time, &when))
        return incomplete(err,
                          "Date must be in ISO-8601 'basic format' in one X-Amz-Date header, such "
                          "as 20231114T221320Z.");
    header(rq, "x-amz-security-token", &count);
    out->session_token = count > 0;
    return check_scope(out, service, err) && check_date(out, when, now, err) &&
           check_signed(rq, out->signed_headers, a, err);
}

/* ---- the signature ---- */

/* The signed headers, repeated ones too, in order of arrival and with lower-case names. */
static size_t signed_pairs(const struct sigv4_received *rq, const char *list, struct arena *a,
                           struct sigv4_pair *out)
{
    size_t n = 0;

    for (size_t i = 0; i < rq->n_headers; i++) {
        char *name;

        if (!is_signed(list, rq->headers[i].name))
            continue;
        name = arena_strdup(a, rq->headers[i].name);
        for (char *c = name; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        out[n++] = (struct sigv4_pair){name, rq->headers[i].value};
    }
    return n;
}

bool sigv4_claim_check(const struct sigv4_received *rq, const struct sigv4_claim *claim,
                       const char *secret, struct arena *a, const char **canonical,
                       struct error *err)
{
    struct sigv4_pair pairs[SIGV4_HEADERS_MAX];
    char payload[SHA256_TEXT_SIZE], signature[SIGV4_SIGNATURE_SIZE];
    const struct sigv4_request request = {.method = rq->method,
                                          .path = rq->path,
                                          .query = "",
                                          .headers = pairs,
                                          .n_headers =
                                              signed_pairs(rq, claim->signed_headers, a, pairs),
                                          .payload = payload};
    const struct sigv4_scope scope = {claim->time, claim->region, claim->service};
    const char *names, *announced;
    int count;
    bool same;

    sha256_of(rq->body, rq->body_size, payload);
    *canonical = sigv4_canonical(&request, a, &names);
    sigv4_sign(*canonical, &scope, secret ? secret : "nobody has this key: the same work is done",
               signature);
    same = sigv4_equal(claim->signature, signature);
    if (!secret)
        return error_set(err, 400, "UnrecognizedClientException", "",
                         "The security token included in the request is invalid.");
    if (!same)
        return invalid(err,
                       "The request signature we calculated does not match the signature you "
                       "provided. Check your AWS Secret Access Key and signing method. Consult "
                       "the service documentation for details.");
    announced = header(rq, "x-amz-content-sha256", &count);
    return !announced || (count == 1 && strcmp(announced, payload) == 0) ||
           invalid(err, "The header x-amz-content-sha256 is not the SHA-256 of the body.");
}
