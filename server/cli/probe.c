/* probe.c - see probe.h. */
#include "probe.h"

#include "plumbline/base/clock.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool wait_until(int fd, short what, int64_t until)
{
    int64_t left = until - clock_monotonic_us();
    struct pollfd p = {.fd = fd, .events = what};

    return left > 0 && poll(&p, 1, (int)(left / 1000) + 1) == 1;
}

static int open_connection(const char *address, uint16_t port, int64_t until)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV}, *to;
    int fd, failure = 0;
    socklen_t size = sizeof failure;
    char number[8];

    snprintf(number, sizeof number, "%u", port);
    if (getaddrinfo(address, number, &hints, &to) != 0)
        return -1;
    fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, to->ai_addr, to->ai_addrlen) != 0 &&
        (errno != EINPROGRESS || !wait_until(fd, POLLOUT, until) ||
         getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0 || failure != 0)) {
        close(fd);
        fd = -1;
    }
    freeaddrinfo(to);
    return fd;
}

int probe_get(const char *address, uint16_t port, const char *path, int64_t limit_us)
{
    int64_t until = clock_monotonic_us() + limit_us;
    int fd = open_connection(address, port, until), status = 0;
    char text[256];
    size_t used = 0;
    int n;

    if (fd < 0)
        return 0;
    n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                 path);
    if (send(fd, text, (size_t)n, MSG_NOSIGNAL) == n) {
        while (used < 12 && wait_until(fd, POLLIN, until)) { /* "HTTP/1.1 200" */
            ssize_t got = recv(fd, text + used, sizeof text - 1 - used, 0);

            if (got <= 0)
                break;
            used += (size_t)got;
        }
        text[used < sizeof text ? used : 0] = '\0';
        if (used >= 12 && strncmp(text, "HTTP/1.", 7) == 0)
            status = (int)strtol(text + 9, NULL, 10);
    }
    close(fd);
    return status;
}
