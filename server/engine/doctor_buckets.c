/* doctor_buckets.c - the storage that jobs read from and write to. */
#include "doctor.h"

#include "crew.h"
#include "plumbline/store/jobs.h"

#include <stdlib.h>
#include <string.h>

enum {
    SKEW_WARN = 60,  /* seconds */
    SKEW_FAIL = 900, /* from there on storage refuses requests */
    SCHEMA_BUCKETS = 7,
    AT_ONCE = 16,    /* so that several that hang cost no more than one */
    ATTEMPTS = 1,
    STALL_SECONDS = 5,
};

static const char no_service[] = "not looked at without the service, which knows the credentials";

static const char set_the_clock[] =
    "let the clock of this machine be set (systemd-timesyncd, chrony)";

struct used {
    const char **buckets, **outputs;
    int          n_buckets, n_outputs;
};

/* What is in use; true when the check is to go on. */
static bool find_used(struct doctor *d, struct used *u)
{
    struct error err = {0};

    *u = (struct used){0};
    if (!d->db || d->schema < SCHEMA_BUCKETS) {
        doctor_ok(d, "no job uses a bucket");
        return false;
    }
    if (!job_bucket_list(d->db, d->arena, &u->buckets, &u->n_buckets, &err) ||
        !job_output_list(d->db, d->arena, &u->outputs, &u->n_outputs, &err)) {
        doctor_say(d, DOCTOR_FAIL, "look at what is said of the database", "%s", err.message);
        return false;
    }
    if (u->n_buckets + u->n_outputs == 0)
        doctor_ok(d, "no job uses a bucket");
    else if (!d->set->service)
        doctor_ok(d, "%s", no_service);
    return u->n_buckets + u->n_outputs > 0 && d->set->service;
}

static const char *advice_of(const struct error *err)
{
    if (strcmp(err->code, "s3.no_credentials") == 0 || strcmp(err->code, "s3.config") == 0)
        return "give the service credentials: --s3-access-key-id, the environment, or ~/.aws";
    if (strcmp(err->code, "s3.no_bucket") == 0)
        return "look whether the bucket has another name or endpoint (--s3-endpoint)";
    if (err->status == 403)
        return "give the service's key the rights to read objects there (s3:GetObject, "
               "s3:ListBucket) and, for outputs, to write (s3:PutObject, "
               "s3:AbortMultipartUpload)";
    return "look at --s3-endpoint and --s3-region, and whether the storage answers from here";
}

static bool one_is_enough(void *context, const struct s3_entry *entry, struct error *err)
{
    (void)context, (void)entry;
    return error_set(err, 200, "doctor.enough", "", "There is one.");
}

/* One address that is asked whether it answers. */
struct question {
    const char  *what, *uri, *picture; /* picture: an object, or NULL: a folder */
    struct error err;
};

struct round {
    struct s3       *s3;
    struct question *v;
    int              n;
};

static void ask(void *context, int i)
{
    const struct round *r = context;
    struct question *q = &r->v[i];

    s3_patience(ATTEMPTS, STALL_SECONDS);
    if (q->picture)
        s3_head(r->s3, q->picture, NULL, &q->err);
    else
        s3_list(r->s3, q->uri, one_is_enough, NULL, &q->err);
    s3_patience(0, 0);
}

static void tell(struct doctor *d, const struct question *q)
{
    const char *code = q->err.code;

    if (q->err.status == 0 || strcmp(code, "doctor.enough") == 0 || strcmp(code, "s3.no_key") == 0)
        doctor_ok(d, "%s answers (%s)", q->uri, q->what);
    else
        doctor_say(d, DOCTOR_FAIL, advice_of(&q->err), "%s: %s", q->what, q->err.message);
    d->unreachable = d->unreachable || strcmp(code, "s3.unreachable") == 0;
}

void doctor_buckets(struct doctor *d)
{
    struct error err = {0};
    struct round r = {0};
    struct crew *crew;
    struct used u;

    if (!find_used(d, &u))
        return;
    r.s3 = d->set->service->s3;
    r.v = arena_array(d->arena, (size_t)(u.n_buckets + u.n_outputs), sizeof *r.v);
    for (int i = 0; i < u.n_buckets; i++) {
        struct question q = {.what = "pictures",
                             .uri = arena_printf(d->arena, "s3://%s/", u.buckets[i])};

        if (job_bucket_sample(d->db, u.buckets[i], d->arena, &q.picture, &err))
            r.v[r.n++] = q;
    }
    for (int i = 0; i < u.n_outputs; i++)
        r.v[r.n++] = (struct question){.what = "output", .uri = u.outputs[i]};
    crew = crew_new(r.n < AT_ONCE ? r.n : AT_ONCE);
    crew_run(crew, ask, &r, r.n);
    crew_free(crew);
    for (int i = 0; i < r.n; i++)
        tell(d, &r.v[i]);
}

void doctor_bucket_clock(struct doctor *d)
{
    long long skew;
    struct used u;

    if (!find_used(d, &u))
        return;
    skew = s3_clock_skew(d->set->service->s3);
    if (llabs(skew) >= SKEW_FAIL)
        doctor_say(d, DOCTOR_FAIL, set_the_clock,
                   "%lld seconds %s ours; storage refuses requests from 900 on", llabs(skew),
                   skew > 0 ? "ahead of" : "behind");
    else if (llabs(skew) >= SKEW_WARN)
        doctor_say(d, DOCTOR_WARN, set_the_clock,
                   "%lld seconds %s ours", llabs(skew), skew > 0 ? "ahead of" : "behind");
    else
        doctor_ok(d, "agrees with ours");
}

static void look_at_cors(struct doctor *d, const char *bucket, const char *origin)
{
    struct s3 *s3 = d->set->service->s3;
    const char *picture, *advice;
    struct error err = {0};

    if (!job_bucket_sample(d->db, bucket, d->arena, &picture, &err) || !picture)
        return;
    s3_patience(ATTEMPTS, STALL_SECONDS);
    if (!s3_check_cors(s3, picture, origin, d->arena, &advice, &err))
        doctor_say(d, DOCTOR_WARN, advice_of(&err), "%s", err.message);
    else if (advice)
        doctor_say(d, DOCTOR_WARN, advice, "pages of %s may not read s3://%s; pictures come from "
                   "the service instead", origin, bucket);
    else
        doctor_ok(d, "pages of %s may read s3://%s", origin, bucket);
    s3_patience(0, 0);
}

void doctor_cors(struct doctor *d)
{
    struct used u;

    if (d->set->service && !d->set->service->config.s3_presigned) {
        doctor_ok(d, "browsers get them from this service");
        return;
    }
    if (!find_used(d, &u))
        return;
    if (!d->set->public_url || !*d->set->public_url) {
        doctor_ok(d, "not known without the address that people type (--public-url)");
        return;
    }
    if (d->unreachable) {
        doctor_ok(d, "not looked at: the storage does not answer");
        return;
    }
    for (int i = 0; i < u.n_buckets; i++)
        look_at_cors(d, u.buckets[i], d->set->public_url);
    if (u.n_buckets == 0)
        doctor_ok(d, "no job has pictures in a bucket");
}
