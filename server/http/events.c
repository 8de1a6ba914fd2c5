/* events.c - server-sent events: one channel, many listeners.
 *
 * A stream is a reply whose body is produced by a callback. When there is nothing to send the
 * callback suspends its connection; whoever has something adds it to the stream's buffer and
 * resumes. Suspended connections are not watched, so a ping every 15 s finds out who has gone.
 *
 * The channel's lock covers its streams. A stream holds a reference on its channel, so that the
 * channel may be freed while streams are still on their way out.
 */
#include "internal.h"

#include "plumbline/base/clock.h"

#include <stdlib.h>
#include <string.h>

enum { BEHIND_MAX = 256 * 1024, PING_S = 15, BLOCK = 4096 };

struct stream {
    struct http_channel   *channel;
    struct http_server    *server;
    struct call           *call; /* while libmicrohttpd reads from the stream */
    struct MHD_Connection *connection;
    struct buf             out;
    size_t                 sent; /* of out */
    int64_t                last_us;
    bool                   suspended, ended, cut;
    struct stream         *prev, *next;               /* of the channel */
    struct stream         *server_prev, *server_next; /* of the server  */
};

struct http_channel {
    pthread_mutex_t lock;
    unsigned        refs;
    size_t          count;
    bool            closed;
    struct stream  *streams;
};

struct http_channel *http_channel_new(void)
{
    struct http_channel *c = must_alloc(sizeof *c);

    pthread_mutex_init(&c->lock, NULL);
    c->refs = 1;
    return c;
}

static void unlock_and_unref(struct http_channel *c)
{
    bool last = --c->refs == 0;

    pthread_mutex_unlock(&c->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* The functions below are called with the channel's lock held. */

static void wake(struct stream *st)
{
    if (!st->suspended)
        return;
    st->suspended = false;
    MHD_resume_connection(st->connection);
}

static void end(struct stream *st)
{
    st->ended = true;
    wake(st);
}

static void push(struct stream *st, const char *bytes, size_t size)
{
    if (st->ended)
        return;
    if (st->sent > 0) {
        memmove(st->out.data, st->out.data + st->sent, st->out.size - st->sent);
        st->out.size -= st->sent;
        st->sent = 0;
    }
    st->last_us = clock_monotonic_us();
    if (!buf_add(&st->out, bytes, size))
        st->ended = st->cut = true;
    wake(st);
}

void http_channel_free(struct http_channel *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->closed = true;
    for (struct stream *st = c->streams; st; st = st->next)
        end(st);
    unlock_and_unref(c);
}

size_t http_channel_listeners(struct http_channel *c)
{
    size_t n;

    pthread_mutex_lock(&c->lock);
    n = c->count;
    pthread_mutex_unlock(&c->lock);
    return n;
}

/* A line break in the data would end the field: each line gets its own "data:". */
static void format_event(struct buf *out, const char *event, const char *json)
{
    buf_printf(out, "event: %s\ndata: ", event);
    for (const char *line = json;;) {
        size_t size = strcspn(line, "\n");

        buf_add(out, line, size);
        if (!line[size])
            break;
        buf_puts(out, "\ndata: ");
        line += size + 1;
    }
    buf_puts(out, "\n\n");
}

void http_channel_send(struct http_channel *c, const char *event, const char *json)
{
    struct buf text;

    buf_init(&text, BEHIND_MAX);
    format_event(&text, event, json);
    pthread_mutex_lock(&c->lock);
    for (struct stream *st = c->streams; st && !text.overflow; st = st->next)
        push(st, text.data, text.size);
    pthread_mutex_unlock(&c->lock);
    buf_release(&text);
}

/* ---- the stream as libmicrohttpd sees it ---- */

static ssize_t stream_read(void *context, uint64_t position, char *to, size_t max)
{
    struct stream *st = context;
    ssize_t n = 0;
    size_t left;

    (void)position;
    pthread_mutex_lock(&st->channel->lock);
    left = st->out.size - st->sent;
    if (st->cut) {
        n = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (left > 0) {
        n = (ssize_t)(left < max ? left : max);
        memcpy(to, st->out.data + st->sent, (size_t)n);
        st->sent += (size_t)n;
        st->call->bytes += n;
    } else if (st->ended) {
        n = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        buf_clear(&st->out);
        st->sent = 0;
        st->suspended = true;
        MHD_suspend_connection(st->connection);
    }
    pthread_mutex_unlock(&st->channel->lock);
    return n;
}

static void stream_free(void *context)
{
    struct stream *st = context;
    struct http_channel *c = st->channel;
    struct http_server *s = st->server;

    pthread_mutex_lock(&s->streams_lock);
    *(st->server_prev ? &st->server_prev->server_next : &s->streams) = st->server_next;
    if (st->server_next)
        st->server_next->server_prev = st->server_prev;
    pthread_mutex_unlock(&s->streams_lock);
    atomic_fetch_sub(&s->stream_count, 1);

    pthread_mutex_lock(&c->lock);
    *(st->prev ? &st->prev->next : &c->streams) = st->next;
    if (st->next)
        st->next->prev = st->prev;
    c->count--;
    unlock_and_unref(c);
    buf_release(&st->out);
    free(st);
}

static void join_server(struct stream *st)
{
    struct http_server *s = st->server;

    pthread_mutex_lock(&s->streams_lock);
    st->server_next = s->streams;
    if (st->server_next)
        st->server_next->server_prev = st;
    s->streams = st;
    pthread_mutex_unlock(&s->streams_lock);
    atomic_fetch_add(&s->stream_count, 1);
}

static void join_channel(struct stream *st, const char *hello)
{
    struct http_channel *c = st->channel;

    pthread_mutex_lock(&c->lock);
    c->refs++;
    c->count++;
    st->next = c->streams;
    if (st->next)
        st->next->prev = st;
    c->streams = st;
    if (hello)
        format_event(&st->out, "hello", hello);
    else
        buf_puts(&st->out, ":\n\n"); /* so that the headers leave at once */
    st->ended |= c->closed || atomic_load(&st->server->stopping);
    pthread_mutex_unlock(&c->lock);
}

bool http_reply_events(struct http_request *rq, struct http_channel *c, const char *hello)
{
    struct stream *st = must_alloc(sizeof *st);

    st->channel = c;
    st->server = call_of(rq)->server;
    st->connection = connection_of(rq);
    st->call = call_of(rq);
    st->last_us = clock_monotonic_us();
    buf_init(&st->out, BEHIND_MAX);
    join_server(st); /* first, or streams_end could miss it */
    join_channel(st, hello);
    http_add_header(rq, "X-Accel-Buffering", "no"); /* nginx would hold events back */
    return reply_response(call_of(rq), 200, "text/event-stream",
                          MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, stream_read,
                                                            st, stream_free));
}

/* ---- all streams of a server ---- */

void streams_ping(struct http_server *s, int64_t now_us)
{
    static const char ping[] = ": ping\n\n";

    pthread_mutex_lock(&s->streams_lock);
    for (struct stream *st = s->streams; st; st = st->server_next) {
        pthread_mutex_lock(&st->channel->lock);
        if (now_us - st->last_us >= PING_S * SECOND_US)
            push(st, ping, sizeof ping - 1);
        pthread_mutex_unlock(&st->channel->lock);
    }
    pthread_mutex_unlock(&s->streams_lock);
}

void streams_end(struct http_server *s)
{
    pthread_mutex_lock(&s->streams_lock);
    for (struct stream *st = s->streams; st; st = st->server_next) {
        pthread_mutex_lock(&st->channel->lock);
        end(st);
        pthread_mutex_unlock(&st->channel->lock);
    }
    pthread_mutex_unlock(&s->streams_lock);
}
