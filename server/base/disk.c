/* disk.c - writing whole, syncing names, and naming what went wrong. */
#include "plumbline/base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool disk_error_of(struct error *err, int cause, const char *what)
{
    switch (cause) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return error_set(err, 507, "storage.full", "",
                         "%s: the disk is full. Free some space and try again.", what);
    case EROFS:
    case EACCES:
    case EPERM:
        return error_set(err, 503, "storage.read_only", "",
                         "%s: the data folder cannot be written to.", what);
    default:
        return error_set(err, 503, "storage.failed", "", "%s: %s.", what,
                         cause ? strerror(cause) : "the disk took only a part of it");
    }
}

bool disk_error(struct error *err, const char *what, ...)
{
    int cause = errno;
    char text[256];
    va_list args;

    va_start(args, what);
    vsnprintf(text, sizeof text, what, args);
    va_end(args);
    return disk_error_of(err, cause, text);
}

bool disk_may_recover(const struct error *err)
{
    return (err->status == 503 || err->status == 507) && strncmp(err->code, "storage.", 8) == 0;
}

bool disk_write(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t n = write(fd, at, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n < 0 ? errno : ENOSPC;
            return false;
        }
        at += n;
        size -= (size_t)n;
    }
    return true;
}

bool disk_sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    int fd, cause;
    bool ok;

    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ok = fsync(fd) == 0;
    cause = errno;
    close(fd);
    errno = cause;
    return ok;
}
