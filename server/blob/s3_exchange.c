/* s3_exchange.c - one request: addressed, signed and given to libcurl, which only carries it; its
 * reply taken apart as it comes. */
#include "s3_internal.h"

#include "plumbline/base/clock.h"
#include "plumbline/base/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

enum { HEADERS_MAX = 8, HEADER_VALUE_MAX = 4096 };

static _Thread_local struct {
    int attempts, stall_seconds;
} patience;

void s3_patience(int attempts, int stall_seconds)
{
    patience.attempts = attempts;
    patience.stall_seconds = stall_seconds;
}

void s3_call_body(struct s3_call *call, const void *bytes, size_t size)
{
    call->body = size ? bytes : "";
    call->size = size;
    sha256_of(call->body, size, call->payload);
    md5_of(call->body, size, call->md5);
}

/* ---- what is sent ---- */

static const char *base64_md5(const unsigned char md5[MD5_SIZE], struct arena *a)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = arena_alloc(a, 25), *to = out;

    for (size_t i = 0; i < MD5_SIZE; i += 3) {
        unsigned bits = (unsigned)md5[i] << 16;
        size_t left = MD5_SIZE - i;

        bits |= left > 1 ? (unsigned)md5[i + 1] << 8 : 0;
        bits |= left > 2 ? md5[i + 2] : 0;
        *to++ = digits[bits >> 18];
        *to++ = digits[bits >> 12 & 63];
        *to++ = left > 1 ? digits[bits >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[bits & 63] : '=';
    }
    return out;
}

static void add_header(struct s3_exchange *x, const char *name, const char *value)
{
    x->headers = curl_slist_append(x->headers, arena_printf(&x->arena, "%s: %s", name, value));
}

/* The date, the keys and the digest are signed, and whatever else describes the body. */
static bool sign(struct s3_exchange *x, const struct s3_address *to, const char *query,
                 const char *region, struct error *err)
{
    struct s3_call *call = x->call;
    struct sigv4_pair v[HEADERS_MAX];
    struct sigv4_request rq = {.method = call->method, .path = to->path, .query = query,
                               .headers = v, .payload = *call->payload ? call->payload : EMPTY_SHA256};
    char time[SIGV4_TIME_SIZE];
    struct sigv4_scope scope = {time, region, "s3"};
    struct s3_keys keys;
    size_t n = 0;

    if (!s3_chain_get(x->s->chain, &x->arena, &keys, err))
        return false;
    sigv4_time(clock_now_us() + atomic_load(&x->s->skew_us), time);
    v[n++] = (struct sigv4_pair){"host", to->host};
    v[n++] = (struct sigv4_pair){"x-amz-content-sha256", rq.payload};
    v[n++] = (struct sigv4_pair){"x-amz-date", time};
    if (keys.token)
        v[n++] = (struct sigv4_pair){"x-amz-security-token", keys.token};
    if (call->type)
        v[n++] = (struct sigv4_pair){"content-type", call->type};
    if (*call->payload)
        v[n++] = (struct sigv4_pair){"content-md5", base64_md5(call->md5, &x->arena)};
    rq.n_headers = n;
    for (size_t i = 1; i < n; i++) /* host is written by libcurl, alike */
        add_header(x, v[i].name, v[i].value);
    add_header(x, "Authorization",
               sigv4_authorization(&rq, &scope, &(struct sigv4_key){keys.id, keys.secret},
                                   &x->arena));
    return true;
}

/* The range that is still missing, of the very object that was begun with. */
static void add_conditions(struct s3_exchange *x)
{
    const struct s3_call *call = x->call;
    int64_t from = call->from + x->delivered;

    if (call->until > 0)
        add_header(x, "Range", arena_printf(&x->arena, "bytes=%lld-%lld", (long long)from,
                                            (long long)call->until - 1));
    else if (from > 0)
        add_header(x, "Range", arena_printf(&x->arena, "bytes=%lld-", (long long)from));
    if (*x->etag)
        add_header(x, "If-Match", x->etag);
    else if (call->if_match)
        add_header(x, "If-Match", call->if_match);
    if (call->origin)
        add_header(x, "Origin", call->origin);
}

/* ---- what comes back ---- */

static void reply_reset(struct s3_reply *r)
{
    struct buf body = r->body;

    buf_clear(&body);
    *r = (struct s3_reply){.length = -1, .range_from = -1, .range_total = -1, .body = body};
}

/* "Name: value" of one line, without blanks around the value; NULL when it is another header. */
static const char *header_value(const char *line, size_t size, const char *name, char *out)
{
    size_t n = strlen(name);
    const char *end = line + size;

    if (size <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
        return NULL;
    for (line += n + 1; line < end && (*line == ' ' || *line == '\t'); line++)
        ;
    while (end > line && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
        end--;
    n = (size_t)(end - line);
    n = n < HEADER_VALUE_MAX - 1 ? n : HEADER_VALUE_MAX - 1;
    memcpy(out, line, n);
    out[n] = '\0';
    return out;
}

static void take_range(struct s3_reply *r, const char *value)
{
    long long from, to, total;

    if (sscanf(value, "bytes %lld-%lld/%lld", &from, &to, &total) == 3) {
        r->range_from = from;
        r->range_total = total;
    } else if (sscanf(value, "bytes */%lld", &total) == 1) {
        r->range_total = total;
    }
}

static void take_date(struct s3_exchange *x, const char *value)
{
    x->reply.date = curl_getdate(value, NULL);
    if (x->reply.date > 0)
        atomic_store(&x->s->ahead, x->reply.date - clock_now_us() / SECOND_US);
    else
        x->reply.date = 0;
}

static size_t take_header(char *line, size_t one, size_t size, void *context)
{
    struct s3_exchange *x = context;
    struct s3_reply *r = &x->reply;
    char v[HEADER_VALUE_MAX];

    (void)one;
    if (size > 5 && strncmp(line, "HTTP/", 5) == 0)
        reply_reset(r);
    else if (header_value(line, size, "content-length", v))
        r->length = strtoll(v, NULL, 10);
    else if (header_value(line, size, "etag", v))
        snprintf(r->etag, sizeof r->etag, "%s", v);
    else if (header_value(line, size, "content-type", v))
        snprintf(r->type, sizeof r->type, "%s", v);
    else if (header_value(line, size, "content-range", v))
        take_range(r, v);
    else if (header_value(line, size, "date", v))
        take_date(x, v);
    else if (header_value(line, size, "x-amz-bucket-region", v))
        snprintf(r->region, sizeof r->region, "%s", v);
    else if (header_value(line, size, "location", v))
        snprintf(r->location, sizeof r->location, "%s", v);
    else if (header_value(line, size, "access-control-allow-origin", v))
        snprintf(r->allow_origin, sizeof r->allow_origin, "%s", v);
    else if (header_value(line, size, "x-amz-server-side-encryption", v))
        r->encrypted = r->encrypted || strcmp(v, "AES256") != 0;
    else if (header_value(line, size, "x-amz-server-side-encryption-customer-algorithm", v))
        r->encrypted = true;
    return size;
}

/* The first bytes of what a sink gets: it must be the same object as before. */
static bool begin(struct s3_exchange *x)
{
    const struct s3_reply *r = &x->reply;
    int64_t want = x->call->from + x->delivered;

    if (*x->etag && *r->etag && strcmp(x->etag, r->etag) != 0) {
        error_set(&x->sink_err, 409, "s3.changed", "", "%.200s was changed while it was read.",
                  x->call->uri);
        return false;
    }
    if (r->status == 206 && r->range_from >= 0 && r->range_from != want) {
        error_set(&x->sink_err, 422, "s3.refused", "", "%.200s: asked for bytes from %lld on, the "
                  "server sends those from %lld on.", x->call->uri, (long long)want,
                  (long long)r->range_from);
        return false;
    }
    x->skip = r->status == 206 ? 0 : want;
    if (x->begun)
        return true;
    x->begun = true;
    snprintf(x->etag, sizeof x->etag, "%s", r->etag);
    return !x->call->begin || x->call->begin(x->call->context, r, &x->sink_err);
}

static bool sink_bytes(struct s3_exchange *x, const char *bytes, size_t size)
{
    if (x->skip > 0) {
        size_t n = (int64_t)size < x->skip ? size : (size_t)x->skip;

        x->skip -= (int64_t)n;
        bytes += n;
        size -= n;
    }
    if (size > 0 && !x->call->sink(x->call->context, bytes, size, &x->sink_err))
        return false;
    x->delivered += (int64_t)size;
    return true;
}

static size_t take_body(char *bytes, size_t one, size_t size, void *context)
{
    struct s3_exchange *x = context;
    bool first = x->skip < 0;

    (void)one;
    atomic_fetch_add(&x->s->bytes_in, (long long)size);
    curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &x->reply.status);
    if (!x->call->sink || x->reply.status / 100 != 2) {
        buf_add(&x->reply.body, bytes, size); /* what is beyond its maximum is no answer of theirs */
        return size;
    }
    x->sink_failed = (first && !begin(x)) || !sink_bytes(x, bytes, size);
    return x->sink_failed ? 0 : size;
}

/* Called at least once a second. libcurl's own limit of speed looks at a mean over some seconds, and so
 * sees a stall behind a body that was sent much later. */
static int look_up(void *context, curl_off_t all_in, curl_off_t in, curl_off_t all_out,
                   curl_off_t out)
{
    struct s3_exchange *x = context;
    int64_t now = clock_monotonic_us();

    (void)all_in, (void)all_out;
    if (in + out != x->moved_bytes) {
        x->moved_bytes = in + out;
        x->moved = now;
    }
    x->stalled = now - x->moved >= x->stall_seconds * SECOND_US;
    return x->stalled || atomic_load(&x->s->stopped);
}

/* ---- one attempt ---- */

void s3_exchange_init(struct s3_exchange *x, struct s3 *s, struct s3_call *call)
{
    *x = (struct s3_exchange){.s = s, .call = call};
    x->attempts_most = patience.attempts ? patience.attempts : s->settings.attempts;
    x->stall_seconds = call->stall_seconds    ? call->stall_seconds
                       : patience.stall_seconds ? patience.stall_seconds
                                                : s->settings.stall_seconds;
    if (call->if_match)
        snprintf(x->etag, sizeof x->etag, "%s", call->if_match);
    arena_init(&x->arena);
    buf_init(&x->reply.body, S3_ANSWER_MAX);
}

static void set_up(struct s3_exchange *x, const char *url)
{
    const struct s3_call *call = x->call;
    CURL *c = x->curl;

    curl_easy_reset(c);
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, call->method);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, x->headers);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "plumbline/" PLUMBLINE_VERSION);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT,
                     (long)(x->stall_seconds < S3_CONNECT_SECONDS ? x->stall_seconds
                                                                  : S3_CONNECT_SECONDS));
    if (x->s->settings.ca_bundle)
        curl_easy_setopt(c, CURLOPT_CAINFO, x->s->settings.ca_bundle);
    if (*call->payload) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, call->body);
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->size);
    } else if (strcmp(call->method, "POST") == 0) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, "");
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, 0L);
    } else if (strcmp(call->method, "HEAD") == 0) {
        curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
    }
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, look_up);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, x);
    curl_easy_setopt(c, CURLOPT_PRIVATE, x);
}

bool s3_exchange_prepare(struct s3_exchange *x, struct error *err)
{
    struct s3_call *call = x->call;
    struct s3_address to;
    const char *region, *query, *url;

    if (!s3_stopped(x->s, call->uri, err))
        return false;
    curl_slist_free_all(x->headers);
    x->headers = NULL;
    arena_release(&x->arena);
    reply_reset(&x->reply);
    x->skip = -1; /* not begun in this attempt */
    x->moved_bytes = 0;
    x->moved = clock_monotonic_us();
    x->stalled = false;
    region = s3_region_of(x->s, call->place.bucket, &x->arena);
    snprintf(x->region, sizeof x->region, "%s", region);
    s3_address(x->s, &call->place, false, region, &x->arena, &to);
    query = sigv4_query(call->query, call->n_query, &x->arena);
    if (!sign(x, &to, query, region, err))
        return false;
    add_conditions(x);
    x->headers = curl_slist_append(x->headers, "Expect:");
    if (!call->type)
        x->headers = curl_slist_append(x->headers, "Content-Type:");
    if (!x->curl)
        x->curl = s3_handle_take(x->s);
    x->base = arena_printf(&x->arena, "%s://%s", to.scheme, to.host);
    url = arena_printf(&x->arena, "%s%s%s%s", x->base, to.path, *query ? "?" : "", query);
    set_up(x, url);
    atomic_fetch_add(&x->s->requests, 1);
    return true;
}

/* An object without a byte has not begun when its reply ends. */
static bool begin_empty(struct s3_exchange *x)
{
    if (!x->call->sink || x->skip >= 0 || x->reply.status / 100 != 2)
        return true;
    x->sink_failed = !begin(x);
    return !x->sink_failed;
}

static enum s3_verdict stalled(const struct s3_exchange *x, struct error *err)
{
    error_set(err, 503, "s3.unreachable", "", "%.160s cannot be reached at %.100s: nothing has come "
              "or gone for %d seconds.", x->call->uri, x->base, x->stall_seconds);
    return S3_LATER;
}

enum s3_verdict s3_exchange_judge(struct s3_exchange *x, CURLcode rc, struct error *err)
{
    curl_off_t sent = 0;

    curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &x->reply.status);
    curl_easy_getinfo(x->curl, CURLINFO_SIZE_UPLOAD_T, &sent);
    atomic_fetch_add(&x->s->bytes_out, sent);
    if (!s3_stopped(x->s, x->call->uri, err))
        return S3_FAILED;
    if (rc == CURLE_OK)
        begin_empty(x);
    if (x->sink_failed) {
        *err = x->sink_err;
        return S3_FAILED;
    }
    if (rc == CURLE_OK || (rc == CURLE_SEND_ERROR && x->reply.status >= 400))
        return s3_judge(x, err);
    if (x->stalled)
        return stalled(x, err);
    error_set(err, 503, "s3.unreachable", "", "%.160s cannot be reached at %.100s: %s.", x->call->uri,
              x->base, curl_easy_strerror(rc));
    switch (rc) {
    case CURLE_PEER_FAILED_VERIFICATION: /* another try finds the same certificate */
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return S3_FAILED;
    default:
        return S3_LATER;
    }
}

void s3_exchange_release(struct s3_exchange *x)
{
    curl_slist_free_all(x->headers);
    if (x->curl)
        s3_handle_give(x->s, x->curl);
    arena_release(&x->arena);
    buf_release(&x->reply.body);
    x->headers = NULL;
    x->curl = NULL;
}
