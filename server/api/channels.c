/* channels.c - who listens to which job. */
#include "context.h"

#include <pthread.h>
#include <stdlib.h>

struct topic {
    int64_t              job;
    struct http_channel *channel;
    struct topic        *next;
};

struct channels {
    pthread_mutex_t lock;
    struct topic   *first;
};

struct channels *channels_new(void)
{
    struct channels *c = must_alloc(sizeof *c);

    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void channels_free(struct channels *c)
{
    if (!c)
        return;
    while (c->first) {
        struct topic *next = c->first->next;

        http_channel_free(c->first->channel);
        free(c->first);
        c->first = next;
    }
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static struct topic *find(struct channels *c, int64_t job)
{
    for (struct topic *t = c->first; t; t = t->next)
        if (t->job == job)
            return t;
    return NULL;
}

struct http_channel *channels_of(struct channels *c, int64_t job)
{
    struct topic *t;

    pthread_mutex_lock(&c->lock);
    t = find(c, job);
    if (!t) {
        t = must_alloc(sizeof *t);
        t->job = job;
        t->channel = http_channel_new();
        t->next = c->first;
        c->first = t;
    }
    pthread_mutex_unlock(&c->lock);
    return t->channel;
}

void channels_publish(void *context, int64_t job, const char *event, json_t *json)
{
    struct channels *c = ((struct api *)context)->channels;
    struct topic *t;
    char *text;

    pthread_mutex_lock(&c->lock);
    t = find(c, job);
    pthread_mutex_unlock(&c->lock);
    if (!t || http_channel_listeners(t->channel) == 0)
        return;
    text = json_dumps(json, JSON_COMPACT);
    if (text)
        http_channel_send(t->channel, event, text);
    free(text);
}
