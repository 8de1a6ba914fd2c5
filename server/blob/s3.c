/* s3.c - the client: opening and closing, its handles, and a request repeated until it is answered. */
#include "s3_internal.h"

#include "plumbline/base/clock.h"

#include <stdlib.h>
#include <string.h>

static pthread_once_t libraries = PTHREAD_ONCE_INIT;

static void start_libraries(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    s3_xml_start();
}

static struct s3 *make(void)
{
    struct s3 *s = must_alloc(sizeof *s);
    pthread_condattr_t monotonic;

    pthread_once(&libraries, start_libraries);
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->woken, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return s;
}

struct s3 *s3_open(const struct s3_config *config, struct error *err)
{
    struct s3 *s = make();
    struct s3_profile profile;
    struct arena a;
    bool ok;

    arena_init(&a);
    ok = s3_profile_read(config->profile, &a, &profile, err) &&
         s3_settings_read(config, &profile, &s->settings, err) &&
         (s->chain = s3_chain_new(config, &profile, err)) != NULL;
    arena_release(&a);
    if (ok)
        return s;
    s3_close(s);
    return NULL;
}

struct s3 *s3_open_refusing(const struct error *why)
{
    struct s3 *s = make();

    s->settings.endpoint.https = true;
    s->settings.endpoint.prefix = must_strdup("");
    s->settings.region = must_strdup("us-east-1");
    s->settings.attempts = 1;
    s->chain = s3_chain_refusing(why);
    return s;
}

void s3_close(struct s3 *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->n_idle; i++)
        curl_easy_cleanup(s->idle[i]);
    for (struct s3_home *h = s->homes, *next; h; h = next) {
        next = h->next;
        free(h);
    }
    s3_chain_free(s->chain);
    s3_settings_release(&s->settings);
    pthread_cond_destroy(&s->woken);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void s3_stop(struct s3 *s)
{
    pthread_mutex_lock(&s->lock);
    atomic_store(&s->stopped, true);
    pthread_cond_broadcast(&s->woken);
    pthread_mutex_unlock(&s->lock);
}

void s3_go_on(struct s3 *s)
{
    atomic_store(&s->stopped, false);
}

bool s3_stopped(struct s3 *s, const char *uri, struct error *err)
{
    if (!atomic_load(&s->stopped))
        return true;
    return error_set(err, 503, "s3.stopped", "", "%.200s: broken off, because the service stops.",
                     uri);
}

const char *s3_describe(struct s3 *s, struct arena *a)
{
    const struct s3_endpoint *e = &s->settings.endpoint;

    return arena_printf(a, "%s%s%s (%s), %s", e->host ? (e->https ? "https://" : "http://") : "AWS",
                        e->host ? e->host : "", e->prefix, s->settings.region,
                        s3_chain_describe(s->chain, a));
}

int64_t s3_clock_skew(const struct s3 *s)
{
    return atomic_load(&s->ahead);
}

void s3_numbers(const struct s3 *s, struct s3_numbers *out)
{
    *out = (struct s3_numbers){.requests = atomic_load(&s->requests),
                               .retries = atomic_load(&s->retries),
                               .failures = atomic_load(&s->failures),
                               .bytes_in = atomic_load(&s->bytes_in),
                               .bytes_out = atomic_load(&s->bytes_out)};
}

/* ---- handles: each keeps its connections ---- */

CURL *s3_handle_take(struct s3 *s)
{
    CURL *curl = NULL;

    pthread_mutex_lock(&s->lock);
    if (s->n_idle > 0)
        curl = s->idle[--s->n_idle];
    pthread_mutex_unlock(&s->lock);
    if (!curl)
        curl = curl_easy_init();
    if (!curl)
        abort(); /* memory is out: the end that must_alloc makes */
    return curl;
}

void s3_handle_give(struct s3 *s, CURL *curl)
{
    curl_easy_reset(curl);
    pthread_mutex_lock(&s->lock);
    if (s->n_idle < S3_IDLE_MAX) {
        s->idle[s->n_idle++] = curl;
        curl = NULL;
    }
    pthread_mutex_unlock(&s->lock);
    if (curl)
        curl_easy_cleanup(curl);
}

/* ---- a request until it is answered ---- */

static void wait_ms(struct s3 *s, int ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ms % 1000 * 1000000L;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&s->lock);
    while (!atomic_load(&s->stopped) && pthread_cond_timedwait(&s->woken, &s->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&s->lock);
}

bool s3_perform(struct s3_exchange *x, struct error *err)
{
    for (;;) {
        int64_t before = x->delivered;
        enum s3_verdict verdict;
        int pause;

        if (!s3_exchange_prepare(x, err))
            return false;
        verdict = s3_exchange_judge(x, curl_easy_perform(x->curl), err);
        if (verdict == S3_DONE || verdict == S3_FAILED)
            return verdict == S3_DONE;
        if (verdict == S3_AGAIN)
            continue;
        if (x->delivered > before)
            x->attempts = 0; /* it went on for a while */
        pause = s3_exchange_pause(x, err);
        if (pause < 0)
            return false;
        wait_ms(x->s, pause);
    }
}
