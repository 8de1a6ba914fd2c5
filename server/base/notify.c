/* notify.c - a few lines of sd_notify(3)'s protocol, without its library. */
#include "plumbline/base/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool notify_wanted(void)
{
    const char *path = getenv("NOTIFY_SOCKET");

    return path && (*path == '/' || *path == '@') && path[1];
}

bool notify_send(const char *lines)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t n = path ? strlen(path) : 0;
    socklen_t size;
    ssize_t sent;
    int fd;

    if (!notify_wanted() || n >= sizeof to.sun_path)
        return false;
    memcpy(to.sun_path, path, n);
    size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (*path == '/'));
    if (*path == '@') /* an abstract name begins with NUL, and ends where its size says */
        to.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    sent = sendto(fd, lines, strlen(lines), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&to,
                  size);
    close(fd);
    return sent == (ssize_t)strlen(lines);
}

static bool read_number(const char *text, int64_t *out)
{
    char *end;

    if (!text || *text < '0' || *text > '9')
        return false;
    *out = strtoll(text, &end, 10);
    return *end == '\0';
}

int64_t notify_watchdog_us(void)
{
    int64_t every, pid;

    if (!notify_wanted() || !read_number(getenv("WATCHDOG_USEC"), &every))
        return 0;
    if (getenv("WATCHDOG_PID") &&
        (!read_number(getenv("WATCHDOG_PID"), &pid) || pid != (int64_t)getpid()))
        return 0;
    return every;
}
