/* pump.c - one thread fills blocks, the other hashes and writes them, in order. */
#include "pump.h"

#include "plumbline/base/arena.h"

#include <stdlib.h>
#include <string.h>

void pump_init(struct pump *p, const struct export_sink *sink)
{
    *p = (struct pump){.sink = sink, .sha = sha256_new()};
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
}

static bool drain(struct pump *p, unsigned at, struct error *err)
{
    if (!p->sink->write(p->sink->ctx, p->block[at], p->size[at], err))
        return false;
    sha256_add(p->sha, p->block[at], p->size[at]);
    return true;
}

static void *pump_main(void *context)
{
    struct pump *p = context;
    bool ok = true;

    pthread_setname_np(pthread_self(), "export-out");
    pthread_mutex_lock(&p->lock);
    for (;;) {
        struct error why = {0};

        while (p->done == p->filled && !p->end)
            pthread_cond_wait(&p->wake, &p->lock);
        if (p->done == p->filled)
            break;
        pthread_mutex_unlock(&p->lock);
        ok = ok && drain(p, p->done % PUMP_BLOCKS, &why); /* after a failure blocks are only freed */
        pthread_mutex_lock(&p->lock);
        if (why.status)
            p->error = why;
        p->done++;
        pthread_cond_signal(&p->wake);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Hands the filled block over and waits for a free one. */
static bool hand_over(struct pump *p, struct error *err)
{
    unsigned at = p->filled % PUMP_BLOCKS;
    bool ok;

    p->size[at] = p->used;
    p->bytes += (int64_t)p->used;
    p->used = 0;
    if (!p->threaded && p->filled > 0)
        p->threaded = pthread_create(&p->thread, NULL, pump_main, p) == 0;
    if (!p->threaded) {
        p->filled++;
        p->done++;
        return drain(p, at, err);
    }
    pthread_mutex_lock(&p->lock);
    p->filled++;
    pthread_cond_signal(&p->wake);
    while (p->filled - p->done == PUMP_BLOCKS)
        pthread_cond_wait(&p->wake, &p->lock);
    ok = p->error.status == 0;
    if (!ok && err)
        *err = p->error;
    pthread_mutex_unlock(&p->lock);
    return ok;
}

bool pump_put(struct pump *p, const void *bytes, size_t size, struct error *err)
{
    const char *from = bytes;

    while (size > 0) {
        unsigned at = p->filled % PUMP_BLOCKS;
        size_t room = PUMP_BLOCK - p->used, n = size < room ? size : room;

        if (!p->block[at])
            p->block[at] = must_alloc(PUMP_BLOCK);
        memcpy(p->block[at] + p->used, from, n);
        p->used += n;
        from += n;
        size -= n;
        if (p->used == PUMP_BLOCK && !hand_over(p, err))
            return false;
    }
    return true;
}

static void end_thread(struct pump *p)
{
    if (!p->threaded)
        return;
    pthread_mutex_lock(&p->lock);
    p->end = true;
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    p->threaded = false;
}

bool pump_finish(struct pump *p, int64_t *bytes, char sha256[SHA256_TEXT_SIZE], struct error *err)
{
    if (p->used > 0 && !hand_over(p, err))
        return false;
    end_thread(p);
    if (p->error.status) {
        if (err)
            *err = p->error;
        return false;
    }
    *bytes = p->bytes;
    sha256_text(p->sha, sha256);
    return true;
}

void pump_release(struct pump *p)
{
    end_thread(p);
    for (int i = 0; i < PUMP_BLOCKS; i++)
        free(p->block[i]);
    sha256_free(p->sha);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
}
