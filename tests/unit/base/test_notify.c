/* test_notify.c - datagrams to a service manager that the test plays itself. */
#include "../check.h"
#include "plumbline/base/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_at(const char *name, size_t size)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    memcpy(at.sun_path, name, size);
    CHECK("a socket to listen on",
          bind(fd, (struct sockaddr *)&at,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)) == 0);
    return fd;
}

static void hears(int fd, const char *what)
{
    char got[256];
    ssize_t n = recv(fd, got, sizeof got - 1, 0);

    got[n > 0 ? n : 0] = '\0';
    CHECK_TEXT("the manager hears it", got, what);
}

int main(void)
{
    char folder[] = "/tmp/plumbline-notify-XXXXXX", path[64], name[64], pid[32];
    int fd;

    unsetenv("NOTIFY_SOCKET");
    CHECK("nobody to tell", !notify_wanted() && !notify_send("READY=1"));
    CHECK_INT("and nobody to be watched by", notify_watchdog_us(), 0);

    CHECK("a folder", mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/notify", folder);
    fd = listen_at(path, strlen(path) + 1);
    setenv("NOTIFY_SOCKET", path, 1);
    CHECK("by path", notify_send("READY=1\nSTATUS=serving 3 jobs"));
    hears(fd, "READY=1\nSTATUS=serving 3 jobs");
    close(fd);
    unlink(path);
    CHECK("a manager that has gone is no reason to fail", !notify_send("WATCHDOG=1"));
    rmdir(folder);

    snprintf(name, sizeof name, "@plumbline-test-%d", (int)getpid());
    setenv("NOTIFY_SOCKET", name, 1);
    name[0] = '\0';
    fd = listen_at(name, 1 + strlen(name + 1));
    CHECK("an abstract one", notify_send("WATCHDOG=1"));
    hears(fd, "WATCHDOG=1");
    for (int i = 0; i < 10000; i++) /* it never waits for a manager that does not read */
        notify_send("WATCHDOG=1");
    CHECK("a full socket holds nobody up", true);
    close(fd);

    setenv("WATCHDOG_USEC", "30000000", 1);
    CHECK_INT("the watchdog's period", notify_watchdog_us(), 30000000);
    setenv("WATCHDOG_PID", "1", 1);
    CHECK_INT("that of another process", notify_watchdog_us(), 0);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    CHECK_INT("ours", notify_watchdog_us(), 30000000);
    setenv("WATCHDOG_USEC", "soon", 1);
    CHECK_INT("nonsense", notify_watchdog_us(), 0);
    setenv("NOTIFY_SOCKET", "relative", 1);
    CHECK("a relative path is none", !notify_wanted());
    return check_done();
}
