/* test_load.c - many connections are served without a stall; slow clients are cut; limits hold. */
#include "../check.h"
#include "client.h"
#include "plumbline/base/log.h"
#include "plumbline/http/server.h"

#include <signal.h>

static bool hello(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_bytes(rq, 200, "text/plain", "hello", 5);
}

static const struct route routes[] = {
    {.method = HTTP_GET, .path = "/hello", .who = HTTP_PUBLIC, .run = hello},
    {.method = HTTP_POST, .path = "/hello", .who = HTTP_PUBLIC, .run = hello,
     .takes = HTTP_BODY_SPOOL, .body_max = 1 << 20},
    {.path = NULL},
};
static const struct route *const tables[] = {routes, NULL};
static const char request[] = "GET /hello HTTP/1.1\r\nHost: t\r\n\r\n";

static struct http_server *start(unsigned connections, unsigned idle_seconds)
{
    struct http_app app = {.tables = tables};
    struct http_config config = {.address = "127.0.0.1", .connections = connections,
                                 .idle_seconds = idle_seconds};

    return http_start(&config, &app, NULL);
}

/* Keeps `n` connections busy for `ms`; all are written to before any is read, so that all are ready
 * in the same round of the server's poll. Returns whole rounds; *longest_ms is the worst round. */
static int rounds(uint16_t port, int n, int64_t ms, int64_t *longest_ms)
{
    int *fd = calloc((size_t)n, sizeof *fd), done = 0;
    int64_t began = client_clock_ms(), at;

    *longest_ms = 0;
    for (int i = 0; i < n; i++)
        fd[i] = client_connect(port);
    while ((at = client_clock_ms()) - began < ms) {
        bool good = true;

        for (int i = 0; i < n; i++)
            good &= client_send(fd[i], request, sizeof request - 1);
        for (int i = 0; i < n && good; i++) {
            struct answer a = client_read_for(fd[i], false, 5000);

            good = a.status == 200;
            answer_free(&a);
        }
        if (!good)
            break;
        done++;
        if (client_clock_ms() - at > *longest_ms)
            *longest_ms = client_clock_ms() - at;
    }
    for (int i = 0; i < n; i++)
        close(fd[i]);
    free(fd);
    return client_clock_ms() - began < ms ? -1 : done;
}

/* With epoll and 128 or 256 ready sockets libmicrohttpd 0.9.75 sleeps on them for ever. */
static void test_no_stall(uint16_t port)
{
    static const int sizes[] = {64, 128, 256};
    char name[64];

    for (size_t i = 0; i < COUNT(sizes); i++) {
        int64_t longest;
        int done = rounds(port, sizes[i], 2000, &longest);

        snprintf(name, sizeof name, "%d connections never stall", sizes[i]);
        if (!CHECK(name, done > 0))
            continue;
        printf("# %d connections: %d replies/s, worst round %lld ms\n", sizes[i],
               done * sizes[i] / 2, (long long)longest);
    }
}

/* True when the server ends the connection within `ms`, fed with a byte every 100 ms. */
static bool cut_within(uint16_t port, const char *head, int64_t ms)
{
    int64_t began = client_clock_ms();
    int fd = client_connect(port);
    bool open = client_say(fd, head);

    while (open && client_clock_ms() - began < ms) {
        struct pollfd p = {fd, POLLIN, 0};
        char c;

        open = client_send(fd, "a", 1);
        if (poll(&p, 1, 100) > 0 && recv(fd, &c, 1, 0) <= 0)
            open = false;
    }
    close(fd);
    return !open;
}

static void test_slow(void)
{
    struct http_server *s = start(100, 1);
    uint16_t port = http_port(s);
    struct buf metrics;
    struct answer a;

    CHECK("headers, a byte at a time, are cut",
          cut_within(port, "GET /hello HTTP/1.1\r\nX: ", 8000));
    CHECK("a body, a byte at a time, is cut",
          cut_within(port, "POST /hello HTTP/1.1\r\nHost: t\r\nContent-Length: 9999\r\n\r\n",
                     8000));
    buf_init(&metrics, 1 << 16);
    http_metrics(s, &metrics);
    /* On a busy machine one of them may fall silent long enough for libmicrohttpd's own limit. */
    CHECK("and counted", !strstr(metrics.data, "plumbline_http_slow_total 0\n"));
    buf_release(&metrics);
    a = client_raw(port, request);
    CHECK_INT("others are served", a.status, 200);
    answer_free(&a);
    http_stop(s);
}

/* More clients than the limit: the surplus waits its turn instead of failing. */
static void test_limit(void)
{
    enum { LIMIT = 8, CLIENTS = 24 };
    struct http_server *s = start(LIMIT, 1);
    int fd[CLIENTS], good = 0;

    for (int i = 0; i < CLIENTS; i++) {
        fd[i] = client_connect(http_port(s));
        client_say(fd[i], request);
    }
    for (int i = 0; i < CLIENTS; i++) {
        struct answer a = client_read(fd[i]);

        good += a.status == 200;
        answer_free(&a);
    }
    CHECK_INT("idle connections make room", good, CLIENTS);
    for (int i = 0; i < CLIENTS; i++)
        close(fd[i]);
    http_stop(s);
}

int main(void)
{
    struct http_server *s;

    signal(SIGPIPE, SIG_IGN);
    log_set_level((enum log_level)(LOG_ERROR + 1));
    s = start(0, 0);
    test_no_stall(http_port(s));
    http_stop(s);
    test_slow();
    test_limit();
    return check_done();
}
