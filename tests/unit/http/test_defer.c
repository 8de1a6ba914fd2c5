/* test_defer.c - requests finished by another thread, event streams, clients that leave. */
#include "../check.h"
#include "client.h"
#include "plumbline/base/log.h"
#include "plumbline/http/server.h"

#include <pthread.h>
#include <signal.h>

/* ---- a worker that finishes what it is given ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t  wake = PTHREAD_COND_INITIALIZER;
static struct http_request *queue[1024];
static size_t queued;
static bool worker_stop, worker_hold;
static _Atomic int released;

static void enqueue(struct http_request *rq, void *context)
{
    (void)context;
    pthread_mutex_lock(&lock);
    queue[queued++] = rq;
    pthread_cond_signal(&wake);
    pthread_mutex_unlock(&lock);
}

static void finish_work(struct http_request *rq)
{
    if (strcmp(rq->path, "/fail") == 0)
        error_conflict(&rq->error, "lease.gone", "Somebody else has this task.");
    else
        *(int *)rq->user = 42;
    http_resume(rq);
}

static void *work(void *context)
{
    (void)context;
    pthread_mutex_lock(&lock);
    while (!worker_stop || queued > 0) {
        struct http_request *rq;

        if (queued == 0 || (worker_hold && !worker_stop)) {
            pthread_cond_wait(&wake, &lock);
            continue;
        }
        rq = queue[--queued];
        pthread_mutex_unlock(&lock);
        finish_work(rq);
        pthread_mutex_lock(&lock);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void hold(bool on)
{
    pthread_mutex_lock(&lock);
    worker_hold = on;
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&lock);
}

static size_t waiting(void)
{
    size_t n;

    pthread_mutex_lock(&lock);
    n = queued;
    pthread_mutex_unlock(&lock);
    return n;
}

static bool eventually(size_t (*count)(void), size_t want)
{
    for (int i = 0; i < 5000 && count() != want; i++)
        usleep(1000);
    return count() == want;
}

/* ---- routes ---- */

static struct http_channel *channel;

static size_t listeners(void)
{
    return http_channel_listeners(channel);
}

static void forget(struct http_request *rq)
{
    free(rq->user);
    released++;
}

static bool later_done(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_json(rq, 200, json_pack("{s:i}", "answer", *(int *)rq->user));
}

static bool later(struct http_request *rq, struct error *err)
{
    (void)err;
    rq->user = calloc(1, sizeof(int));
    rq->release = forget;
    return http_defer(rq, later_done, enqueue, NULL);
}

static bool again(struct http_request *rq, struct error *err)
{
    (void)err;
    *(int *)rq->user = 0;
    return http_defer(rq, later_done, enqueue, NULL);
}

static bool two_steps(struct http_request *rq, struct error *err)
{
    (void)err;
    rq->user = calloc(1, sizeof(int));
    rq->release = forget;
    return http_defer(rq, again, enqueue, NULL);
}

static bool events(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_events(rq, channel, "{\"n\":0}");
}

static bool upload(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_json(rq, 200, json_integer(rq->body_size));
}

#define P .who = HTTP_PUBLIC
static const struct route routes[] = {
    {.method = HTTP_GET, .path = "/later", P, .run = later},
    {.method = HTTP_GET, .path = "/fail", P, .run = later},
    {.method = HTTP_GET, .path = "/two", P, .run = two_steps},
    {.method = HTTP_GET, .path = "/events", P, .run = events},
    {.method = HTTP_POST, .path = "/upload", P, .run = upload, .takes = HTTP_BODY_SPOOL,
     .body_max = 1 << 20},
    {.path = NULL},
};
static const struct route *const tables[] = {routes, NULL};

static _Atomic int logged_gone;

static void hear_end(const struct http_request *rq, const struct http_done *done)
{
    (void)rq;
    if (done->status == 499)
        logged_gone++;
}

static struct http_server *start(void)
{
    struct http_app app = {.tables = tables, .log = hear_end};
    struct http_config config = {.address = "127.0.0.1", .threads = 2};

    return http_start(&config, &app, NULL);
}

static void test_deferred(uint16_t port)
{
    struct answer a = client_ask(port, "GET", "/later", "", NULL);

    CHECK_TEXT("a deferred reply", a.body, "{\"answer\":42}");
    answer_free(&a);
    a = client_ask(port, "GET", "/two", "", NULL);
    CHECK_TEXT("deferred twice", a.body, "{\"answer\":42}");
    answer_free(&a);
    a = client_ask(port, "GET", "/fail", "", NULL);
    CHECK_INT("an error found later", a.status, 409);
    CHECK("with its code", strstr(a.body, "\"lease.gone\""));
    answer_free(&a);
}

static void test_many(uint16_t port)
{
    enum { CLIENTS = 64, ROUNDS = 20 };
    static const char request[] = "GET /later HTTP/1.1\r\nHost: t\r\n\r\n";
    int fd[CLIENTS], good = 0;

    for (int i = 0; i < CLIENTS; i++)
        fd[i] = client_connect(port);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CLIENTS; i++)
            client_say(fd[i], request);
        for (int i = 0; i < CLIENTS; i++) {
            struct answer a = client_read(fd[i]);

            good += a.status == 200 && strcmp(a.body, "{\"answer\":42}") == 0;
            answer_free(&a);
        }
    }
    CHECK_INT("64 connections at once, all answered", good, CLIENTS * ROUNDS);
    for (int i = 0; i < CLIENTS; i++)
        close(fd[i]);
}

/* The client leaves while the worker has its request. */
static void test_gone(uint16_t port)
{
    int before, fd;

    do { /* the last of the requests before this test may still be on their way out */
        before = released;
        usleep(50000);
    } while (before != released);
    hold(true);
    for (int i = 0; i < 8; i++) {
        struct linger hard = {1, 0};

        fd = client_connect(port);
        client_say(fd, "GET /later HTTP/1.1\r\nHost: t\r\n\r\n");
        CHECK("it reaches the worker", eventually(waiting, (size_t)i + 1));
        if (i % 2) /* reset instead of an orderly end */
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        close(fd);
    }
    hold(false);
    for (int i = 0; i < 5000 && released < before + 8; i++)
        usleep(1000);
    CHECK_INT("memory of all is given back", released, before + 8);
}

static void test_aborted_upload(uint16_t port)
{
    int fd = client_connect(port), before = logged_gone;

    client_say(fd, "POST /upload HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\nonly this");
    usleep(50000);
    close(fd);
    for (int i = 0; i < 5000 && logged_gone == before; i++)
        usleep(1000);
    CHECK_INT("an upload cut short is noticed", logged_gone, before + 1);
}

/* ---- events ---- */

/* Reads until `text` has come; the stream so far is in *got. */
static bool wait_for(int fd, struct buf *got, const char *text)
{
    char piece[8192];

    while (!got->data || !strstr(got->data, text)) {
        struct pollfd p = {fd, POLLIN, 0};
        ssize_t n = poll(&p, 1, 5000) > 0 ? recv(fd, piece, sizeof piece, 0) : 0;

        if (n <= 0 || !buf_add(got, piece, (size_t)n))
            return false;
    }
    return true;
}

static void test_events(uint16_t port)
{
    int fd[3];
    struct buf got[3];
    bool all = true;

    for (int i = 0; i < 3; i++) {
        fd[i] = client_connect(port);
        buf_init(&got[i], 1 << 20);
        client_say(fd[i], "GET /events HTTP/1.1\r\nHost: t\r\n\r\n");
        all &= wait_for(fd[i], &got[i], "event: hello\ndata: {\"n\":0}\n\n");
    }
    CHECK("the first event comes at once", all);
    CHECK("as an event stream", strstr(got[0].data, "Content-Type: text/event-stream\r\n"));
    CHECK_INT("three listen", http_channel_listeners(channel), 3);
    http_channel_send(channel, "counts", "{\"n\":1}");
    http_channel_send(channel, "counts", "two\nlines");
    for (int i = 0; i < 3; i++)
        all &= wait_for(fd[i], &got[i], "event: counts\ndata: {\"n\":1}\n\n") &&
               wait_for(fd[i], &got[i], "event: counts\ndata: two\ndata: lines\n\n");
    CHECK("all get what is sent", all);
    for (int i = 0; i < 3; i++) {
        close(fd[i]);
        buf_release(&got[i]);
    }
    for (int i = 0; i < 200 && listeners() > 0; i++) { /* found out by writing */
        http_channel_send(channel, "counts", "{}");
        usleep(5000);
    }
    CHECK_INT("who left is forgotten", listeners(), 0);
}

static void test_slow_listener(uint16_t port)
{
    char *large = malloc(20001);
    int fd = client_connect(port);
    struct buf got;

    memset(large, 'x', 20000);
    large[20000] = '\0';
    buf_init(&got, 1 << 20);
    client_say(fd, "GET /events HTTP/1.1\r\nHost: t\r\n\r\n");
    CHECK("listens", wait_for(fd, &got, "hello"));
    for (int i = 0; i < 2000 && listeners() > 0; i++) { /* 40 MB: more than sockets hold */
        http_channel_send(channel, "counts", large);
        if (i % 100 == 99)
            usleep(1000);
    }
    http_channel_send(channel, "counts", "{}");
    while (recv(fd, large, 20000, 0) > 0)
        ;
    CHECK("a listener too far behind is cut", eventually(listeners, 0));
    close(fd);
    free(large);
    buf_release(&got);
}

static void *send_events(void *context)
{
    _Atomic bool *stop = context;

    while (!*stop) {
        http_channel_send(channel, "counts", "{\"n\":2}");
        usleep(50); /* a listener that cannot keep up is cut, which is another test */
    }
    return NULL;
}

/* Senders, listeners coming and going, and an end in the middle of it. */
static void test_busy_channel(uint16_t port)
{
    _Atomic bool stop = false;
    pthread_t sender;
    int came = 0;

    pthread_create(&sender, NULL, send_events, &stop);
    for (int i = 0; i < 50; i++) {
        int fd = client_connect(port);
        struct buf got;

        buf_init(&got, 4 << 20);
        client_say(fd, "GET /events HTTP/1.1\r\nHost: t\r\n\r\n");
        came += wait_for(fd, &got, "event: counts");
        close(fd);
        buf_release(&got);
    }
    CHECK_INT("listeners come and go while events are sent", came, 50);
    stop = true;
    pthread_join(sender, NULL);
}

/* ---- stopping ---- */

static void *let_go(void *context)
{
    (void)context;
    usleep(300000);
    hold(false);
    return NULL;
}

static void test_stop(void)
{
    struct http_server *s = start();
    uint16_t port = http_port(s);
    int fd = client_connect(port), stream = client_connect(port);
    int64_t began;
    pthread_t helper;
    struct buf got;
    struct answer a;

    buf_init(&got, 1 << 20);
    hold(true);
    client_say(fd, "GET /later HTTP/1.1\r\nHost: t\r\n\r\n");
    CHECK("a request is out", eventually(waiting, 1));
    client_say(stream, "GET /events HTTP/1.1\r\nHost: t\r\n\r\n");
    CHECK("a stream is open", wait_for(stream, &got, "hello"));
    pthread_create(&helper, NULL, let_go, NULL);
    began = client_clock_ms();
    http_stop(s);
    CHECK("stopping waits for the deferred request", client_clock_ms() - began >= 250);
    CHECK("and not longer", client_clock_ms() - began < 5000);
    pthread_join(helper, NULL);
    a = client_read(fd);
    CHECK_TEXT("which got its reply", a.body, "{\"answer\":42}");
    CHECK_TEXT("and is told to leave", answer_header(&a, "Connection"), "close");
    answer_free(&a);
    CHECK("the stream was ended in order", wait_for(stream, &got, "\r\n0\r\n\r\n"));
    CHECK_INT("nobody can connect", client_connect(port), -1);
    close(fd);
    close(stream);
    buf_release(&got);
}

/* Work that does not come back: the server stops all the same; a late http_resume is harmless. */
static void test_abandoned(void)
{
    struct http_server *s = start();
    int fd = client_connect(http_port(s)), before = released;
    struct answer a;

    hold(true);
    client_say(fd, "GET /later HTTP/1.1\r\nHost: t\r\n\r\n");
    CHECK("the worker keeps it", eventually(waiting, 1));
    http_stop(s);
    a = client_read(fd);
    CHECK_INT("its client is told", a.status, 503);
    CHECK("why", strstr(a.body, "server.stopping"));
    answer_free(&a);
    close(fd);
    CHECK_INT("its memory is still there", released, before);
    hold(false);
    for (int i = 0; i < 5000 && released == before; i++)
        usleep(1000);
    CHECK_INT("until the late work ends", released, before + 1);
}

int main(void)
{
    struct http_server *s;
    pthread_t worker;

    signal(SIGPIPE, SIG_IGN);
    log_set_level((enum log_level)(LOG_ERROR + 1));
    channel = http_channel_new();
    pthread_create(&worker, NULL, work, NULL);
    s = start();
    test_deferred(http_port(s));
    test_many(http_port(s));
    test_gone(http_port(s));
    test_aborted_upload(http_port(s));
    test_events(http_port(s));
    test_slow_listener(http_port(s));
    test_busy_channel(http_port(s));
    http_stop(s);
    test_stop();
    test_abandoned();
    pthread_mutex_lock(&lock);
    worker_stop = true;
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&lock);
    pthread_join(worker, NULL);
    http_channel_free(channel);
    return check_done();
}
