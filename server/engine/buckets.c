/* buckets.c - a bucket that cannot be reached is left alone for a while, longer each time. */
#include "buckets.h"

#include "plumbline/base/arena.h"
#include "plumbline/base/clock.h"
#include "plumbline/blob/s3.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 32 };
static const int64_t PAUSE_FIRST_US = SECOND_US / 2, PAUSE_MOST_US = 30 * SECOND_US,
                     WORKED_US = 600 * SECOND_US;

struct bucket {
    char         name[S3_BUCKET_MAX + 1];
    int64_t      used, worked, until, pause; /* monotonic; 0: never */
    struct error why;
};

struct buckets {
    pthread_mutex_t lock;
    struct bucket   v[BUCKETS];
};

struct buckets *buckets_new(void)
{
    struct buckets *b = must_alloc(sizeof *b);

    pthread_mutex_init(&b->lock, NULL);
    return b;
}

void buckets_free(struct buckets *b)
{
    if (!b)
        return;
    pthread_mutex_destroy(&b->lock);
    free(b);
}

static void name_of(const char *uri, char name[S3_BUCKET_MAX + 1])
{
    const char *from = strncmp(uri, "s3://", 5) == 0 ? uri + 5 : uri;
    size_t n = strcspn(from, "/");

    if (n > S3_BUCKET_MAX)
        n = S3_BUCKET_MAX;
    memcpy(name, from, n);
    name[n] = '\0';
}

/* The bucket's place, or, when it has none, the one used longest ago. With the lock held. */
static struct bucket *find(struct buckets *b, const char *uri)
{
    char name[S3_BUCKET_MAX + 1];
    struct bucket *oldest = &b->v[0];

    name_of(uri, name);
    for (int i = 0; i < BUCKETS; i++) {
        if (strcmp(b->v[i].name, name) == 0) {
            b->v[i].used = clock_monotonic_us();
            return &b->v[i];
        }
        if (b->v[i].used < oldest->used)
            oldest = &b->v[i];
    }
    *oldest = (struct bucket){.used = clock_monotonic_us()};
    memcpy(oldest->name, name, sizeof name);
    return oldest;
}

bool buckets_rests(struct buckets *b, const char *uri, struct error *err)
{
    const struct bucket *bucket;
    bool rests;

    pthread_mutex_lock(&b->lock);
    bucket = find(b, uri);
    rests = bucket->until > clock_monotonic_us();
    if (rests)
        *err = bucket->why;
    pthread_mutex_unlock(&b->lock);
    return rests;
}

/* What no other object of the bucket would be spared either. */
static bool is_about_all(const struct error *err)
{
    return strcmp(err->code, "s3.config") == 0 ||
           (err->status == 503 && strncmp(err->code, "s3.", 3) == 0 &&
            strcmp(err->code, "s3.stopped") != 0);
}

void buckets_tell(struct buckets *b, const char *uri, const struct error *err)
{
    int64_t now = clock_monotonic_us();
    struct bucket *bucket;

    pthread_mutex_lock(&b->lock);
    bucket = find(b, uri);
    if (is_about_all(err)) {
        if (bucket->until <= now) { /* else several were on their way together */
            bucket->pause = bucket->pause ? 2 * bucket->pause : PAUSE_FIRST_US;
            if (bucket->pause > PAUSE_MOST_US)
                bucket->pause = PAUSE_MOST_US;
            bucket->until = now + bucket->pause;
        }
        bucket->why = *err;
    } else {
        bucket->pause = bucket->until = 0;
        if (err->status == 0)
            bucket->worked = now;
    }
    pthread_mutex_unlock(&b->lock);
}

bool buckets_worked(struct buckets *b, const char *uri)
{
    const struct bucket *bucket;
    bool yes;

    pthread_mutex_lock(&b->lock);
    bucket = find(b, uri);
    yes = bucket->worked && bucket->worked + WORKED_US > clock_monotonic_us();
    pthread_mutex_unlock(&b->lock);
    return yes;
}

bool buckets_troubled(struct buckets *b, const char *uri)
{
    bool yes;

    pthread_mutex_lock(&b->lock);
    yes = find(b, uri)->pause > 0;
    pthread_mutex_unlock(&b->lock);
    return yes;
}

int buckets_seconds_left(struct buckets *b, const char *uri)
{
    int64_t left;

    pthread_mutex_lock(&b->lock);
    left = find(b, uri)->until - clock_monotonic_us();
    pthread_mutex_unlock(&b->lock);
    return left <= 0 ? 1 : (int)((left + SECOND_US - 1) / SECOND_US);
}
