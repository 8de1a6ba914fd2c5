/* client.h - a raw client: sends the bytes it is given, malformed requests too. */
#ifndef CLIENT_H
#define CLIENT_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CLIENT_WAIT_MS = 20000 };

struct answer {
    int    status; /* 0: the connection ended without a whole reply */
    char  *bytes;  /* everything as it came; the body is unchunked  */
    char  *body;
    size_t size;   /* of the body */
};

static inline int client_connect(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    close(fd);
    return -1;
}

static inline int client_connect_unix(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    close(fd);
    return -1;
}

static inline bool client_send(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

static inline bool client_say(int fd, const char *text)
{
    return client_send(fd, text, strlen(text));
}

/* The value of a header, in one of four buffers that take turns; or NULL. */
static inline const char *answer_header(const struct answer *a, const char *name)
{
    static char values[4][1024];
    static unsigned next;
    size_t size = strlen(name);
    char *out = values[next++ % 4];

    for (const char *p = a->bytes ? strstr(a->bytes, "\r\n") : NULL; p && p[2] != '\r';
         p = strstr(p + 2, "\r\n")) {
        if (strncasecmp(p + 2, name, size) == 0 && p[2 + size] == ':') {
            p += 3 + size;
            p += strspn(p, " ");
            snprintf(out, 1024, "%.*s", (int)strcspn(p, "\r"), p);
            return out;
        }
    }
    return NULL;
}

/* Undoes the chunks in place; false while some are missing. */
static inline bool client_unchunk(struct answer *a)
{
    char *from = a->body, *to = a->body, *end = a->body + a->size;

    if (!strstr(a->body, "0\r\n\r\n"))
        return false;
    while (from < end) {
        size_t n = strtoul(from, &from, 16);

        if (n == 0)
            break;
        memmove(to, from + 2, n);
        to += n;
        from += 2 + n + 2;
    }
    a->size = (size_t)(to - a->body);
    *to = '\0';
    return true;
}

/* Is the reply whole? `have` bytes came so far. */
static inline bool client_whole(struct answer *a, size_t have, bool head, bool closed)
{
    char *end = strstr(a->bytes, "\r\n\r\n");
    const char *length, *chunked;

    if (!end)
        return false;
    a->body = end + 4;
    a->size = have - (size_t)(a->body - a->bytes);
    a->status = atoi(a->bytes + 9);
    if (head || a->status == 204 || a->status == 304)
        return true;
    length = answer_header(a, "Content-Length");
    if (length)
        return a->size >= strtoul(length, NULL, 10);
    chunked = answer_header(a, "Transfer-Encoding");
    return chunked ? client_unchunk(a) : closed;
}

static inline struct answer client_read_for(int fd, bool head, int wait_ms)
{
    struct answer a = {0};
    size_t have = 0;

    a.bytes = calloc(1, 1);
    for (;;) {
        struct pollfd p = {fd, POLLIN, 0};
        ssize_t n;

        if (poll(&p, 1, wait_ms) <= 0)
            break;
        a.bytes = realloc(a.bytes, have + 65537);
        n = recv(fd, a.bytes + have, 65536, 0);
        if (n > 0)
            have += (size_t)n;
        a.bytes[have] = '\0';
        if (client_whole(&a, have, head, n <= 0))
            return a;
        if (n <= 0)
            break;
    }
    a.status = 0;
    a.body = a.bytes;
    a.size = have;
    return a;
}

static inline struct answer client_read(int fd)
{
    return client_read_for(fd, false, CLIENT_WAIT_MS);
}

static inline void answer_free(struct answer *a)
{
    free(a->bytes);
    memset(a, 0, sizeof *a);
}

/* One request on a connection of its own. */
static inline struct answer client_raw(uint16_t port, const char *request)
{
    int fd = client_connect(port);
    struct answer a;

    client_say(fd, request);
    a = client_read_for(fd, strncmp(request, "HEAD ", 5) == 0, CLIENT_WAIT_MS);
    close(fd);
    return a;
}

/* METHOD PATH with more header lines ("A: b\r\n" each, or "") and a body (or NULL). */
static inline struct answer client_ask(uint16_t port, const char *method, const char *path,
                                       const char *headers, const char *body)
{
    char length[64] = "", *request = NULL;
    struct answer a;

    if (body)
        snprintf(length, sizeof length, "Content-Length: %zu\r\n", strlen(body));
    if (asprintf(&request, "%s %s HTTP/1.1\r\nHost: t\r\n%s%s\r\n%s", method, path, headers, length,
                 body ? body : "") < 0)
        abort();
    a = client_raw(port, request);
    free(request);
    return a;
}

static inline int64_t client_clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#endif
