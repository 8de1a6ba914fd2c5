/* shim.c - makes a disk fail on command. Preloaded into the service by the fault tests (shim.py).
 *
 * It stands between the program, SQLite included, and libc: a SQLite VFS would see the database
 * only, and uploads, blobs, exports and the feature cache fail on the same disk. Which call fails,
 * and how, stands in a small file that both sides map: struct control. Calls are told apart by what
 * they do and by the room of the data folder their file is in, which is read from /proc each time,
 * so that nothing has to be remembered about descriptors. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The same numbers stand in shim.py. */
enum kind {
    DATABASE = 1, LOG = 2, INDEX = 4, BLOB = 8, UPLOAD = 16, EXPORT = 32, CACHE = 64, SPOOL = 128,
    OTHER = 256, /* else in the data folder */
    CHILD = 512, /* what a child process writes elsewhere: to its pipe */
};
enum call { WRITE = 1, SYNC = 2, TRUNCATE = 4, OPEN = 8, RENAME = 16, UNLINK = 32, FOLDER = 64 };
enum mode {
    OFF,
    FAIL,        /* the call fails with `error` */
    SHORT,       /* the first writes half of it, those after it fail */
    KILL_BEFORE, /* the process dies before the call */
    KILL_AFTER,  /* … behind it */
    KILL_TORN,   /* … in its middle */
    LOSE,        /* fsync of the log fails, and what was written to it since the last one is gone,
                  * as when the kernel gives up pages that it could not write */
    SLOW,        /* the call takes `error` milliseconds longer */
};

struct control {
    _Atomic int64_t mode, error, kinds, calls;
    _Atomic int64_t first; /* the matching call that is the first to fail, from 1 */
    _Atomic int64_t times; /* how many fail from there on; 0: all, until told to stop */
    _Atomic int64_t seen, injected;
};

static struct control *control;
static char root[PATH_MAX];
static bool is_child;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("FAULT_CONTROL"), *folder = getenv("FAULT_ROOT");
    char line[64] = "";
    void *at = MAP_FAILED;
    int fd;

    if (!path || !folder)
        return;
    fd = REAL(open)(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        at = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        fprintf(stderr, "shim: %s: %s\n", path, strerror(errno));
        abort();
    }
    close(fd);
    fd = REAL(open)("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        char text[4096];
        ssize_t n = read(fd, text, sizeof text - 1);
        size_t program = n > 0 ? strnlen(text, (size_t)n) + 1 : 0;

        if (n > 0 && program < (size_t)n)
            snprintf(line, sizeof line, "%.*s", (int)((size_t)n - program), text + program);
        close(fd);
    }
    is_child = strcmp(line, "__child") == 0;
    snprintf(root, sizeof root, "%s", folder);
    control = at;
}

static int kind_of(const char *path)
{
    static const struct {
        const char *prefix;
        int         kind;
    } rooms[] = {{"plumbline.db-wal", LOG}, {"plumbline.db-shm", INDEX}, {"plumbline.db", DATABASE},
                 {"blobs", BLOB}, {"uploads", UPLOAD}, {"exports", EXPORT}, {"cache", CACHE}};
    size_t n = strlen(root);

    if (strstr(path, "/plumbline-export-"))
        return SPOOL;
    if (strncmp(path, root, n) != 0 || path[n] != '/')
        return is_child ? CHILD : 0;
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
        if (strncmp(path + n + 1, rooms[i].prefix, strlen(rooms[i].prefix)) == 0)
            return rooms[i].kind;
    return OTHER;
}

static int kind_of_fd(int fd)
{
    char link[64], path[PATH_MAX];
    ssize_t n;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof path - 1);
    if (n < 0)
        return 0;
    path[n] = '\0';
    return kind_of(path);
}

/* What this call has to suffer: its mode, and for SHORT that it is the first. */
static int fate_of(int call, int kind, bool *first)
{
    int64_t mode = atomic_load(&control->mode), n, from, times;

    if (mode == OFF || !(atomic_load(&control->calls) & call) ||
        !(atomic_load(&control->kinds) & kind))
        return OFF;
    n = atomic_fetch_add(&control->seen, 1) + 1;
    from = atomic_load(&control->first);
    times = atomic_load(&control->times);
    if (n < from || (times > 0 && n >= from + times))
        return OFF;
    *first = n == from;
    atomic_fetch_add(&control->injected, 1);
    return (int)mode;
}

static int fate(int call, int fd, const char *path, bool *first)
{
    if (!control || atomic_load(&control->mode) == OFF)
        return OFF;
    return fate_of(call, path ? kind_of(path) : kind_of_fd(fd), first);
}

/* What was written to the log since its last fsync. Only the writer's thread writes there. */
static _Atomic int64_t unsynced_from = INT64_MAX, unsynced_to;

static void note_written(int fd, int64_t at, ssize_t n)
{
    if (!control || n <= 0 || kind_of_fd(fd) != LOG)
        return;
    if (at < unsynced_from)
        unsynced_from = at;
    if (at + n > unsynced_to)
        unsynced_to = at + n;
}

static void note_synced(int fd, bool lost)
{
    static const char zeros[4096];

    if (!control || kind_of_fd(fd) != LOG)
        return;
    for (int64_t at = unsynced_from; lost && at < unsynced_to;) {
        int64_t n = unsynced_to - at < 4096 ? unsynced_to - at : 4096;

        if (REAL(pwrite)(fd, zeros, (size_t)n, at) != n)
            abort();
        at += n;
    }
    unsynced_from = INT64_MAX;
    unsynced_to = 0;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* A call that either happens or does not. */
#define ALL_OR_NOTHING(type, call, fd, path, act)                                                  \
    do {                                                                                           \
        bool at_first = false;                                                                     \
        int end = fate(call, fd, path, &at_first);                                                 \
        type result;                                                                               \
                                                                                                   \
        if (end == KILL_BEFORE || end == KILL_TORN)                                                \
            die();                                                                                 \
        if (end == SLOW)                                                                           \
            usleep((useconds_t)(atomic_load(&control->error) * 1000));                             \
        if (end == LOSE)                                                                           \
            note_synced(fd, true);                                                                 \
        if (end == FAIL || end == SHORT || end == LOSE) {                                          \
            errno = (int)atomic_load(&control->error);                                             \
            return (type)-1;                                                                       \
        }                                                                                          \
        result = act;                                                                              \
        if (end == KILL_AFTER)                                                                     \
            die();                                                                                 \
        return result;                                                                             \
    } while (0)

/* `act` writes n bytes. */
#define PERHAPS_HALF(fd, size, act)                                                                \
    do {                                                                                           \
        bool at_first = false;                                                                     \
        int end = fate(WRITE, fd, NULL, &at_first);                                                \
        size_t n = (end == SHORT || end == KILL_TORN) && size > 1 ? size / 2 : size;               \
        ssize_t result;                                                                            \
                                                                                                   \
        if (end == KILL_BEFORE)                                                                    \
            die();                                                                                 \
        if (end == FAIL || (end == SHORT && !at_first)) {                                          \
            errno = (int)atomic_load(&control->error);                                             \
            return -1;                                                                             \
        }                                                                                          \
        result = act;                                                                              \
        note_written(fd, at, result);                                                              \
        if (end == KILL_AFTER || end == KILL_TORN)                                                 \
            die();                                                                                 \
        return result;                                                                             \
    } while (0)

ssize_t write(int fd, const void *bytes, size_t size)
{
    const int64_t at = 0; /* the log is written with pwrite only */

    PERHAPS_HALF(fd, size, REAL(write)(fd, bytes, n));
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    PERHAPS_HALF(fd, size, REAL(pwrite)(fd, bytes, n, at));
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
    PERHAPS_HALF(fd, size, REAL(pwrite64)(fd, bytes, n, at));
}

static int synced(int fd, int result)
{
    if (result == 0)
        note_synced(fd, false);
    return result;
}

int fsync(int fd)
{
    ALL_OR_NOTHING(int, SYNC, fd, NULL, synced(fd, REAL(fsync)(fd)));
}

int fdatasync(int fd)
{
    ALL_OR_NOTHING(int, SYNC, fd, NULL, synced(fd, REAL(fdatasync)(fd)));
}

int syncfs(int fd)
{
    ALL_OR_NOTHING(int, SYNC, fd, NULL, REAL(syncfs)(fd));
}

int ftruncate(int fd, off_t size)
{
    ALL_OR_NOTHING(int, TRUNCATE, fd, NULL, REAL(ftruncate)(fd, size));
}

int ftruncate64(int fd, off64_t size)
{
    ALL_OR_NOTHING(int, TRUNCATE, fd, NULL, REAL(ftruncate64)(fd, size));
}

static bool writes(int flags)
{
    return (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT);
}

#define OPENING(path, flags, act)                                                                  \
    do {                                                                                           \
        va_list args;                                                                              \
        mode_t mode;                                                                               \
                                                                                                   \
        va_start(args, flags);                                                                     \
        mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(args, mode_t) : 0;                         \
        va_end(args);                                                                              \
        if (!writes(flags))                                                                        \
            return act;                                                                            \
        ALL_OR_NOTHING(int, OPEN, -1, path, act);                                                  \
    } while (0)

int open(const char *path, int flags, ...)
{
    OPENING(path, flags, REAL(open)(path, flags, mode));
}

int open64(const char *path, int flags, ...)
{
    OPENING(path, flags, REAL(open64)(path, flags, mode));
}

int mkostemp(char *path, int flags)
{
    ALL_OR_NOTHING(int, OPEN, -1, path, REAL(mkostemp)(path, flags));
}

int mkostemps(char *path, int suffix, int flags)
{
    ALL_OR_NOTHING(int, OPEN, -1, path, REAL(mkostemps)(path, suffix, flags));
}

int rename(const char *from, const char *to)
{
    ALL_OR_NOTHING(int, RENAME, -1, to, REAL(rename)(from, to));
}

int unlink(const char *path)
{
    ALL_OR_NOTHING(int, UNLINK, -1, path, REAL(unlink)(path));
}

int mkdir(const char *path, mode_t mode)
{
    ALL_OR_NOTHING(int, FOLDER, -1, path, REAL(mkdir)(path, mode));
}
