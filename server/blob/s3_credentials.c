/* s3_credentials.c - the first of: what was said; the environment, as one set; the profile; the
 * container's service; the instance's. Those of the last two end: one thread at a time fetches others
 * ten minutes before, while the rest go on with the old ones. */
#include "s3_internal.h"

#include "plumbline/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RENEW_SECONDS = 600, /* before they end */
    PAUSE_SECONDS = 5,   /* between two tries that found nothing */
};

enum source { FROM_SETTINGS, FROM_ENVIRONMENT, FROM_PROFILE, FROM_CONTAINER, FROM_INSTANCE };

static const char *const source_names[] = {"the settings", "the environment", "the profile",
                                           "the container's service", "the instance's service"};

struct s3_chain {
    enum source       source;
    char             *profile;   /* its name */
    bool              refused;   /* nothing may be had, for this reason */
    struct error      reason;
    pthread_mutex_t   lock;      /* of what follows */
    pthread_cond_t    fetched;
    bool              fetching;
    struct s3_fetched keys;      /* id NULL: none yet */
    int64_t           next_try;  /* monotonic; not before, after one that failed */
    struct error      failure;   /* of the last try */
};

static bool refuse(struct s3_chain *c, const char *format, const char *what)
{
    c->refused = true;
    return error_set(&c->reason, 422, "s3.config", "", format, what);
}

static bool take(struct s3_chain *c, enum source source, const char *id, const char *secret,
                 const char *token)
{
    c->source = source;
    c->keys.id = must_strdup(id);
    c->keys.secret = must_strdup(secret);
    c->keys.token = token ? must_strdup(token) : NULL;
    return true;
}

/* Both or none; `which` names them for people. */
static bool pair_given(const char *id, const char *secret, const char *which, bool *given,
                       struct error *err)
{
    *given = id && secret;
    if (!id == !secret)
        return true;
    return error_set(err, 422, "s3.config", "", "One of %s is given without the other.", which);
}

static bool from_profile(struct s3_chain *c, const struct s3_profile *p)
{
    if (p->unsupported)
        return refuse(c, "The profile asks for credentials by %s, which Plumbline does not do: give "
                         "it an access key, or run it where a container or instance role has one.",
                      p->unsupported);
    if (p->access_key_id && (p->keys_in_credentials || !p->process))
        return take(c, FROM_PROFILE, p->access_key_id, p->secret_access_key, p->session_token);
    if (p->process)
        return refuse(c, "The profile asks for credentials by %s, which Plumbline does not do: give "
                         "it an access key, or run it where a container or instance role has one.",
                      "credential_process");
    return false;
}

static bool choose(struct s3_chain *c, const struct s3_config *config,
                   const struct s3_profile *profile, struct error *err)
{
    const char *id = s3_env("AWS_ACCESS_KEY_ID"), *secret = s3_env("AWS_SECRET_ACCESS_KEY");
    bool given;

    if (!pair_given(config->access_key_id, config->secret_access_key,
                    "--s3-access-key-id and --s3-secret-access-key-file", &given, err))
        return false;
    if (given)
        return take(c, FROM_SETTINGS, config->access_key_id, config->secret_access_key,
                    config->session_token);
    if (!pair_given(id, secret, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", &given, err))
        return false;
    if (given)
        return take(c, FROM_ENVIRONMENT, id, secret, s3_env("AWS_SESSION_TOKEN"));
    if (s3_env("AWS_WEB_IDENTITY_TOKEN_FILE")) {
        refuse(c, "The environment asks for credentials by %s, which Plumbline does not do: give it "
                  "an access key, or run it where a container or instance role has one.",
               "AWS_WEB_IDENTITY_TOKEN_FILE");
        return true;
    }
    if (from_profile(c, profile) || c->refused)
        return true;
    c->source = s3_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") ||
                        s3_env("AWS_CONTAINER_CREDENTIALS_FULL_URI")
                    ? FROM_CONTAINER
                    : FROM_INSTANCE;
    if (c->source == FROM_INSTANCE && s3_env_true("AWS_EC2_METADATA_DISABLED"))
        refuse(c, "There are no credentials for buckets: %s.",
               "neither settings, environment nor ~/.aws have an access key, and the instance's "
               "service is switched off by AWS_EC2_METADATA_DISABLED");
    return true;
}

struct s3_chain *s3_chain_new(const struct s3_config *config, const struct s3_profile *profile,
                              struct error *err)
{
    struct s3_chain *c = must_alloc(sizeof *c);

    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->fetched, NULL);
    c->profile = must_strdup(profile->name);
    if (choose(c, config, profile, err))
        return c;
    s3_chain_free(c);
    return NULL;
}

struct s3_chain *s3_chain_refusing(const struct error *why)
{
    struct s3_chain *c = must_alloc(sizeof *c);

    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->fetched, NULL);
    c->profile = must_strdup("");
    refuse(c, "%s", why->message);
    return c;
}

void s3_chain_free(struct s3_chain *c)
{
    if (!c)
        return;
    s3_fetched_release(&c->keys);
    free(c->profile);
    pthread_cond_destroy(&c->fetched);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static bool is_due(const struct s3_chain *c)
{
    return !c->keys.id ||
           (c->keys.expires && clock_now_us() > c->keys.expires - RENEW_SECONDS * SECOND_US);
}

static bool is_usable(const struct s3_chain *c)
{
    return c->keys.id && (!c->keys.expires || clock_now_us() < c->keys.expires);
}

/* With the lock held, which it gives up while it waits for the service. */
static void fetch(struct s3_chain *c)
{
    struct s3_fetched keys = {0};
    struct error err = {0};
    bool ok;

    c->fetching = true;
    pthread_mutex_unlock(&c->lock);
    ok = c->source == FROM_CONTAINER ? s3_fetch_container(&keys, &err)
                                     : s3_fetch_instance(&keys, &err);
    pthread_mutex_lock(&c->lock);
    c->fetching = false;
    c->next_try = ok ? 0 : clock_monotonic_us() + PAUSE_SECONDS * SECOND_US;
    if (ok) {
        s3_fetched_release(&c->keys);
        c->keys = keys;
    } else {
        c->failure = err;
    }
    pthread_cond_broadcast(&c->fetched);
}

bool s3_chain_get(struct s3_chain *c, struct arena *a, struct s3_keys *out, struct error *err)
{
    bool ok;

    if (c->refused) {
        *err = c->reason;
        return false;
    }
    pthread_mutex_lock(&c->lock);
    while (c->fetching && !is_usable(c))
        pthread_cond_wait(&c->fetched, &c->lock);
    if (is_due(c) && !c->fetching && clock_monotonic_us() >= c->next_try)
        fetch(c);
    ok = is_usable(c);
    if (ok)
        *out = (struct s3_keys){arena_strdup(a, c->keys.id), arena_strdup(a, c->keys.secret),
                                arena_strdup(a, c->keys.token)};
    else
        *err = c->failure;
    pthread_mutex_unlock(&c->lock);
    return ok;
}

bool s3_chain_renew(struct s3_chain *c)
{
    if (c->source != FROM_CONTAINER && c->source != FROM_INSTANCE)
        return false;
    pthread_mutex_lock(&c->lock);
    c->keys.expires = 1;
    pthread_mutex_unlock(&c->lock);
    return true;
}

const char *s3_chain_describe(struct s3_chain *c, struct arena *a)
{
    if (c->refused)
        return "no credentials";
    if (c->source == FROM_PROFILE)
        return arena_printf(a, "credentials from the profile \"%s\"", c->profile);
    return arena_printf(a, "credentials from %s", source_names[c->source]);
}
