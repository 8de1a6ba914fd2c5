/* s3_presign.c - links that browsers read an object by, and whether pages may. */
#include "s3_internal.h"

#include "plumbline/base/clock.h"

#include <stdio.h>
#include <string.h>

enum { PAIRS_MAX = 8 };

const char *s3_presign(struct s3 *s, const char *uri, int64_t seconds, const char *type,
                       struct arena *a, struct error *err)
{
    struct sigv4_pair v[PAIRS_MAX], host = {"host", NULL};
    struct sigv4_request rq = {.method = "GET", .headers = &host, .n_headers = 1,
                               .payload = "UNSIGNED-PAYLOAD"};
    char time[SIGV4_TIME_SIZE], signature[SIGV4_SIGNATURE_SIZE];
    struct sigv4_scope scope = {.time = time, .service = "s3"};
    const char *canonical, *names;
    struct s3_place place;
    struct s3_address to;
    struct s3_keys keys;
    size_t n = 0;

    if (!s3_object_parse(s, uri, &place, err) || !s3_chain_get(s->chain, a, &keys, err))
        return NULL;
    if (seconds < 1 || seconds > SIGV4_PRESIGN_MAX) {
        error_invalid(err, "seconds", "A link lives from 1 to %d seconds.", SIGV4_PRESIGN_MAX);
        return NULL;
    }
    sigv4_time(clock_now_us() + atomic_load(&s->skew_us), time);
    scope.region = s3_region_of(s, place.bucket, a);
    s3_address(s, &place, true, scope.region, a, &to);
    host.value = to.host;
    v[n++] = (struct sigv4_pair){"X-Amz-Algorithm", "AWS4-HMAC-SHA256"};
    v[n++] = (struct sigv4_pair){"X-Amz-Credential",
                                 arena_printf(a, "%s/%.8s/%s/s3/aws4_request", keys.id, time,
                                              scope.region)};
    v[n++] = (struct sigv4_pair){"X-Amz-Date", time};
    v[n++] = (struct sigv4_pair){"X-Amz-Expires", arena_printf(a, "%lld", (long long)seconds)};
    v[n++] = (struct sigv4_pair){"X-Amz-SignedHeaders", "host"};
    if (keys.token)
        v[n++] = (struct sigv4_pair){"X-Amz-Security-Token", keys.token};
    if (type)
        v[n++] = (struct sigv4_pair){"response-content-type", type};
    rq.path = to.path;
    rq.query = sigv4_query(v, n, a);
    canonical = sigv4_canonical(&rq, a, &names);
    sigv4_sign(canonical, &scope, keys.secret, signature);
    return arena_printf(a, "%s://%s%s?%s&X-Amz-Signature=%s", to.scheme, to.host, to.path, rq.query,
                        signature);
}

const char *s3_origin(struct s3 *s, const char *bucket, struct arena *a)
{
    struct s3_place place = {.key = ""};
    struct s3_address to;

    snprintf(place.bucket, sizeof place.bucket, "%s", bucket);
    s3_address(s, &place, true, s3_region_of(s, bucket, a), a, &to);
    return arena_printf(a, "%s://%s", to.scheme, to.host);
}

struct first {
    struct arena *a;
    const char   *key;
};

static bool take_first(void *context, const struct s3_entry *entry, struct error *err)
{
    struct first *f = context;

    (void)err; /* none: the list has done its work */
    f->key = arena_strdup(f->a, entry->key);
    return false;
}

/* The object itself, else the first one under the URI; where there is none, one that is not there, whose
 * refusal most servers apply their rules to as well. */
static const char *key_to_ask(struct s3 *s, const char *uri, const char *key, struct arena *a)
{
    struct first f = {.a = a};
    struct error err = {0};

    if (*key && key[strlen(key) - 1] != '/')
        return key;
    s3_list_pages(s, uri, 1, take_first, &f, &err);
    return f.key ? f.key : arena_printf(a, "%splumbline-cors-check", key);
}

bool s3_check_cors(struct s3 *s, const char *uri, const char *origin, struct arena *a,
                   const char **advice, struct error *err)
{
    struct s3_call call = {.method = "GET", .uri = uri, .origin = origin, .until = 1};
    struct error why = {0};
    struct s3_exchange x;
    const char *allowed, *key;
    bool ok, named;

    *advice = NULL;
    if (!s3_place_parse(s, uri, &call.place, err))
        return false;
    key = key_to_ask(s, uri, call.place.key, a);
    named = key == call.place.key;
    call.place.key = key;
    s3_exchange_init(&x, s, &call);
    ok = s3_perform(&x, &why) || x.reply.status == 416 || /* an object without bytes */
         (!named && strcmp(why.code, "s3.no_key") == 0);
    allowed = x.reply.allow_origin;
    if (!ok && err)
        *err = why;
    if (ok && strcmp(allowed, "*") != 0 && strcmp(allowed, origin) != 0)
        *advice = arena_printf(
            a, "The bucket \"%s\" does not let pages of %s read it (%s%s). Give it a CORS rule with "
               "AllowedOrigins [\"%s\"], AllowedMethods [\"GET\", \"HEAD\"], AllowedHeaders [\"*\"] "
               "and ExposeHeaders [\"ETag\", \"Content-Range\"], or let Plumbline serve the pictures "
               "itself (--s3-browser service).",
            call.place.bucket, origin,
            *allowed ? "Access-Control-Allow-Origin is " : "no Access-Control-Allow-Origin",
            allowed, origin);
    s3_exchange_release(&x);
    return ok;
}
