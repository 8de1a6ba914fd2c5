/* resolve.c - opening the files that a manifest names, and no others.
 *
 * The kernel does the checking, while it opens: openat2 with RESOLVE_BENEATH refuses `..`, absolute
 * symbolic links and anything else that leaves the folder, without a moment between check and use.
 * Where the call is missing or forbidden (old kernels, some containers) the path is walked one
 * component at a time with O_NOFOLLOW, which refuses every symbolic link.
 */
#include "plumbline/exchange/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK }; /* a FIFO must not hold us up */

static int walk_beneath(int base, const char *path)
{
    int at = fcntl(base, F_DUPFD_CLOEXEC, 0);
    char part[NAME_MAX + 1];

    while (at >= 0 && *path) {
        size_t n = strcspn(path, "/");
        const char *rest = path + n + strspn(path + n, "/");
        int next;

        if (n > NAME_MAX || (n == 2 && strncmp(path, "..", 2) == 0)) {
            errno = n > NAME_MAX ? ENAMETOOLONG : EXDEV;
            break;
        }
        memcpy(part, path, n);
        part[n] = '\0';
        next = openat(at, part, *rest ? O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
                                      : OPEN_FLAGS | O_NOFOLLOW);
        if (next < 0)
            break;
        close(at);
        at = next;
        path = rest;
        if (!*path)
            return at;
    }
    if (at >= 0) {
        int kept = errno;

        close(at);
        errno = kept;
    }
    return -1;
}

static int open_beneath(int base, const char *path)
{
    struct open_how how = {.flags = OPEN_FLAGS, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    long fd;

    do {
        fd = syscall(SYS_openat2, base, path, &how, sizeof how);
    } while (fd < 0 && errno == EAGAIN); /* a rename went on beside us */
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return walk_beneath(base, path);
    return (int)fd;
}

/* The part of `ref` that is relative to the folder; NULL when it is absolute and elsewhere. */
static const char *relative(const char *base, const char *ref)
{
    char *real;
    size_t n;

    if (ref[0] != '/')
        return ref;
    real = realpath(base, NULL);
    if (!real)
        return NULL;
    n = strlen(real);
    if (strncmp(ref, real, n) != 0 || (n > 1 && ref[n] != '/'))
        ref = NULL;
    free(real);
    return ref ? ref + n + strspn(ref + n, "/") : NULL;
}

static bool open_failed(const char *ref, struct error *err)
{
    if (errno == EXDEV || errno == ELOOP)
        return error_set(err, 422, "line.path", "source-ref",
                         "The path leads out of the manifest's folder: %.200s", ref);
    if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG)
        return error_set(err, 404, "line.file", "source-ref", "There is no file %.200s.", ref);
    return error_set(err, 422, "line.file", "source-ref", "The file %.200s cannot be opened: %s.",
                     ref, strerror(errno));
}

bool manifest_open(const char *base, const char *ref, int *fd, struct error *err)
{
    const char *path = relative(base, ref);
    struct stat st;
    int folder, file;

    if (!path)
        return error_set(err, 422, "line.path", "source-ref",
                         "The path is absolute and outside the manifest's folder: %.200s", ref);
    folder = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return open_failed(base, err);
    file = open_beneath(folder, *path ? path : ".");
    if (file < 0) {
        open_failed(ref, err);
        close(folder);
        return false;
    }
    close(folder);
    if (fstat(file, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(file);
        return error_set(err, 422, "line.file", "source-ref", "%.200s is not a regular file.", ref);
    }
    *fd = file;
    return true;
}

bool manifest_resolve(const char *base, const char *ref, char out[PATH_MAX], struct error *err)
{
    char link[64];
    ssize_t n;
    int fd;

    if (!manifest_open(base, ref, &fd, err))
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, out, PATH_MAX - 1);
    close(fd);
    if (n < 0)
        return error_system(err, "Resolving %.200s failed", ref);
    out[n] = '\0';
    return true;
}
