/* folders.c - making, locking, syncing and removing folders. */
#include "folders.h"

#include "plumbline/base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

bool folder_make(const char *path, struct error *err)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return true;
    return disk_error(err, "The folder %.200s cannot be made", path);
}

enum { LOCK_TRIES = 15, LOCK_PAUSE_US = 100000 };

bool folder_lock(const char *data_dir, int *fd, struct error *err)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/plumbline.lock", data_dir);
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0)
        return disk_error(err, "%.200s cannot be written", path);
    for (int i = 0; i < LOCK_TRIES; i++) { /* one that was killed just now still goes */
        if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        usleep(LOCK_PAUSE_US);
    }
    close(*fd);
    *fd = -1;
    return error_conflict(err, "storage.locked",
                          "Another plumbline process uses the data folder %s.", data_dir);
}

bool folder_sync(const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (!ok)
        error_system(err, "The folder %.300s cannot be synced", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)at;
    if (kind == FTW_DP)
        rmdir(path);
    else
        unlink(path);
    return 0;
}

void folder_remove(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

int64_t folder_free_bytes(const char *path)
{
    struct statvfs st;

    return statvfs(path, &st) == 0 ? (int64_t)st.f_bavail * (int64_t)st.f_frsize : -1;
}

bool file_failed(const char *path, struct error *err)
{
    if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
        return error_set(err, 507, "storage.full", "", "The disk of %.250s is full; free some space "
                         "and try again.", path);
    return error_system(err, "%.300s cannot be written", path);
}

bool file_replace(const char *path, const void *bytes, size_t size, struct error *err)
{
    char temporary[PATH_MAX], folder[PATH_MAX];
    char *slash;
    bool ok;
    int fd;

    snprintf(folder, sizeof folder, "%s", path);
    slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    snprintf(temporary, sizeof temporary, "%s.part", path);
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return file_failed(temporary, err);
    ok = (write(fd, bytes, size) == (ssize_t)size && fsync(fd) == 0 &&
          rename(temporary, path) == 0) || file_failed(path, err);
    close(fd);
    if (!ok)
        unlink(temporary);
    return ok && folder_sync(slash ? folder : ".", err);
}

char *bytes_text(int64_t bytes, char out[BYTES_TEXT_SIZE])
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    double v = (double)bytes;
    size_t unit = 0;

    for (; v >= 1000 && unit + 1 < sizeof units / sizeof *units; unit++)
        v /= 1000;
    snprintf(out, BYTES_TEXT_SIZE, unit && v < 10 ? "%.1f %s" : "%.0f %s", v, units[unit]);
    return out;
}
