/* remote.c - pictures in buckets: from the cache, or fetched, looked at by the media child, and
 * kept. */
#include "plumbline/engine/remote.h"

#include "bucket.h"
#include "buckets.h"
#include "picture_cache.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/disk.h"
#include "plumbline/media/child.h"
#include "probers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CACHE_DEFAULT (INT64_C(10) * 1000 * 1000 * 1000)
enum { REFUSALS = 32 };
static const int64_t REFUSED_US = 15 * SECOND_US;

/* One fetch, and all who wait for it. */
struct flight {
    const char        *uri; /* of whoever began it; compared while it is under way */
    int                users;
    bool               done;
    struct error       error;
    struct remote_look look;
    struct flight     *next;
};

/* A picture that could not be had just now: whoever asks at once again is told the same. */
struct refusal {
    char         name[BLOB_NAME_SIZE];
    int64_t      until;
    struct error error;
};

struct remote {
    struct service       *service;
    struct picture_cache *cache;
    struct probers       *probers;
    struct buckets       *buckets;
    pthread_mutex_t       lock;
    pthread_cond_t        landed;
    struct flight        *flights; /* under lock, as are refusals */
    struct refusal        refusal[REFUSALS];
    int                   next_refusal;
    atomic_llong          hits, misses, fetches, failures;
};

struct remote *remote_new(struct service *s)
{
    struct remote *r = must_alloc(sizeof *r);
    char folder[PATH_MAX];

    snprintf(folder, sizeof folder, "%s/pictures", s->cache_dir);
    r->service = s;
    r->cache = picture_cache_new(folder, s->config.s3_cache ? s->config.s3_cache : CACHE_DEFAULT);
    r->probers = probers_new(s);
    r->buckets = buckets_new();
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->landed, NULL);
    return r;
}

void remote_free(struct remote *r)
{
    if (!r)
        return;
    probers_free(r->probers);
    picture_cache_free(r->cache);
    buckets_free(r->buckets);
    pthread_cond_destroy(&r->landed);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

/* ---- looking ---- */

/* The media child's word on an open file; its thumbnail is kept. */
static bool look(struct remote *r, const char *uri, int fd, int64_t size, struct remote_look *out,
                 struct error *err)
{
    struct media_reply reply;
    struct prober *prober;
    void *bytes;
    bool ok;

    if (size == 0)
        return error_set(err, 422, "image.unknown", "", "The object is empty.");
    bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return error_system(err, "A picture cannot be read");
    prober = probers_take(r->probers);
    ok = prober_look(prober, bytes, (size_t)size, &reply, err);
    probers_give(r->probers, prober);
    munmap(bytes, (size_t)size);
    if (!ok)
        return false;
    *out = (struct remote_look){reply.info.width, reply.info.height, reply.info.orientation};
    ok = remote_put_variant(r->service, uri, "160.jpg", reply.thumbnail.data,
                            reply.thumbnail.size, err);
    media_reply_release(&reply);
    return ok;
}

/* ---- fetching ---- */

struct download {
    const char           *uri;
    int                   fd;
    const struct s3_info *info;
    int64_t               size;
};

static bool too_large(const char *uri, int64_t size, struct error *err)
{
    return error_set(err, 413, "image.too_large", "", "%.250s has %lld bytes; a picture may have "
                     "at most %lld.", uri, (long long)size, (long long)IMAGE_FILE_MAX);
}

static bool take_bytes(void *context, const void *bytes, size_t size, struct error *err)
{
    struct download *d = context;

    d->size += (int64_t)size;
    if (d->info->size > (int64_t)IMAGE_FILE_MAX || d->size > (int64_t)IMAGE_FILE_MAX)
        return too_large(d->uri, d->info->size > d->size ? d->info->size : d->size, err);
    return disk_write(d->fd, bytes, size) || disk_error(err, "The picture cannot be kept");
}

/* What was fetched stays open in *fd: the cache may have to make room before anybody can open it. */
static bool fetch(struct remote *r, const char *uri, struct remote_look *out, int *fd,
                  int64_t *size, struct error *err)
{
    struct s3_info info = {0};
    struct download d = {.uri = uri, .info = &info};
    char temporary[PATH_MAX];
    struct error why = {0};
    bool ok;

    if (buckets_rests(r->buckets, uri, err))
        return false;
    if (!picture_cache_begin(r->cache, temporary, &d.fd, err))
        return false;
    atomic_fetch_add(&r->fetches, 1);
    bucket_patience(buckets_troubled(r->buckets, uri));
    ok = s3_get(r->service->s3, uri, 0, take_bytes, &d, &info, &why);
    s3_patience(0, 0);
    buckets_tell(r->buckets, uri, &why);
    if (!ok)
        *err = why;
    ok = ok && look(r, uri, d.fd, d.size, out, err) &&
         picture_cache_keep(r->cache, temporary, d.fd, uri, NULL, err);
    if (!ok) {
        close(d.fd);
        unlink(temporary);
    }
    *fd = d.fd;
    *size = d.size;
    atomic_fetch_add(&r->failures, !ok);
    return ok;
}

/* ---- once for all who ask at the same time ---- */

static bool was_refused(struct remote *r, const char *name, struct error *err)
{
    for (int i = 0; i < REFUSALS; i++)
        if (r->refusal[i].until > clock_monotonic_us() && strcmp(r->refusal[i].name, name) == 0) {
            *err = r->refusal[i].error;
            return true;
        }
    return false;
}

static void remember_refusal(struct remote *r, const char *name, const struct error *err)
{
    struct refusal *refusal = &r->refusal[r->next_refusal];

    r->next_refusal = (r->next_refusal + 1) % REFUSALS;
    memcpy(refusal->name, name, BLOB_NAME_SIZE);
    refusal->until = clock_monotonic_us() + REFUSED_US;
    refusal->error = *err;
}

static struct flight *find_flight(struct remote *r, const char *uri)
{
    for (struct flight *f = r->flights; f; f = f->next)
        if (!f->done && strcmp(f->uri, uri) == 0)
            return f;
    return NULL;
}

static void land(struct remote *r, struct flight *f, const char *name)
{
    struct flight **at = &r->flights;

    while (*at != f)
        at = &(*at)->next;
    *at = f->next;
    f->done = true;
    if (f->error.status >= 400 && f->error.status < 500 && f->error.status != 409 &&
        strcmp(f->error.code, "s3.config") != 0) /* that rests with its bucket */
        remember_refusal(r, name, &f->error);
    pthread_cond_broadcast(&r->landed);
}

/* Fetches the picture, or waits for somebody who does: *fd is -1 then. */
static bool fetch_once(struct remote *r, const char *uri, struct remote_look *out, int *fd,
                       int64_t *size, struct error *err)
{
    char name[BLOB_NAME_SIZE];
    struct flight *f;
    bool ok;

    *fd = -1;
    blob_digest(uri, strlen(uri), name);
    pthread_mutex_lock(&r->lock);
    if (was_refused(r, name, err)) {
        pthread_mutex_unlock(&r->lock);
        return false;
    }
    f = find_flight(r, uri);
    if (f) {
        f->users++;
        while (!f->done)
            pthread_cond_wait(&r->landed, &r->lock);
    } else {
        f = must_alloc(sizeof *f);
        *f = (struct flight){.uri = uri, .users = 1, .next = r->flights};
        r->flights = f;
        pthread_mutex_unlock(&r->lock);
        if (!fetch(r, uri, &f->look, fd, size, &f->error))
            *fd = -1;
        pthread_mutex_lock(&r->lock);
        land(r, f, name);
    }
    ok = f->error.status == 0;
    if (ok)
        *out = f->look;
    else
        *err = f->error;
    if (--f->users == 0)
        free(f);
    pthread_mutex_unlock(&r->lock);
    return ok;
}

/* ---- for the rest of the house ---- */

bool remote_cached(struct service *s, const char *uri, int *fd, int64_t *size)
{
    bool there = picture_cache_open(s->remote->cache, uri, NULL, fd, size);

    atomic_fetch_add(there ? &s->remote->hits : &s->remote->misses, 1);
    return there;
}

bool remote_cached_variant(struct service *s, const char *uri, const char *variant, int *fd,
                           int64_t *size)
{
    bool there = picture_cache_open(s->remote->cache, uri, variant, fd, size);

    atomic_fetch_add(there ? &s->remote->hits : &s->remote->misses, 1);
    return there;
}

bool remote_open(struct service *s, const char *uri, int *fd, int64_t *size, struct error *err)
{
    struct remote_look ignored;

    if (remote_cached(s, uri, fd, size))
        return true;
    for (int tries = 0; tries < 3; tries++) {
        if (!fetch_once(s->remote, uri, &ignored, fd, size, err))
            return false;
        if (*fd >= 0 || picture_cache_open(s->remote->cache, uri, NULL, fd, size))
            return true;
    }
    return error_set(err, 507, "storage.full", "", "There is no room to keep %.250s.", uri);
}

static bool fetch_look(struct remote *r, const char *uri, struct remote_look *out,
                       struct error *err)
{
    int64_t size;
    int fd;

    if (!fetch_once(r, uri, out, &fd, &size, err))
        return false;
    if (fd >= 0)
        close(fd);
    return true;
}

bool remote_look_at(struct service *s, const char *uri, struct remote_look *out, struct error *err)
{
    struct error why = {0};
    int64_t size;
    bool ok;
    int fd;

    if (!remote_cached(s, uri, &fd, &size))
        return fetch_look(s->remote, uri, out, err);
    ok = look(s->remote, uri, fd, size, out, &why);
    close(fd);
    if (ok)
        return true;
    if (why.status != 422) {
        *err = why;
        return false;
    }
    picture_cache_drop(s->remote->cache, uri); /* the disk has changed it */
    return fetch_look(s->remote, uri, out, err);
}

bool remote_put_variant(struct service *s, const char *uri, const char *variant, const void *bytes,
                        size_t size, struct error *err)
{
    struct picture_cache *cache = s->remote->cache;
    char temporary[PATH_MAX];
    bool ok;
    int fd;

    if (!picture_cache_begin(cache, temporary, &fd, err))
        return false;
    ok = (disk_write(fd, bytes, size) || disk_error(err, "The picture cannot be kept")) &&
         picture_cache_keep(cache, temporary, fd, uri, variant, err);
    close(fd);
    if (!ok)
        unlink(temporary);
    return ok;
}

enum remote_fault remote_fault_of(struct service *s, const char *uri, const struct error *err)
{
    if (err->status == 404 || err->status == 413 || strncmp(err->code, "image.", 6) == 0 ||
        strcmp(err->code, "s3.uri") == 0)
        return REMOTE_LOST;
    if ((strcmp(err->code, "s3.denied") == 0 || strcmp(err->code, "s3.refused") == 0) &&
        buckets_worked(s->remote->buckets, uri))
        return REMOTE_DENIED;
    return REMOTE_WAIT;
}

int remote_retry_after(struct service *s, const char *uri)
{
    return buckets_seconds_left(s->remote->buckets, uri);
}

void remote_rest(struct service *s)
{
    picture_cache_count(s->remote->cache);
    probers_rest(s->remote->probers);
}

void remote_numbers(struct service *s, struct remote_numbers *out)
{
    struct remote *r = s->remote;

    *out = (struct remote_numbers){.bytes = picture_cache_bytes(r->cache),
                                   .limit = picture_cache_limit(r->cache),
                                   .hits = atomic_load(&r->hits),
                                   .misses = atomic_load(&r->misses),
                                   .fetches = atomic_load(&r->fetches),
                                   .failures = atomic_load(&r->failures)};
}
