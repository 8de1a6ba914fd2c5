/* space.c - a disk counts as full while there is still room to copy the log into the database.
 *
 * The log grows until it is copied back, copying it back can make the database grow, and only then
 * can the log be cut: a log that had taken the last byte could never give it back. So commits end
 * early, when what is left is less than the log (it cannot need more) and a reserve for what other
 * rooms write at the same time. */
#include "space.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static const int64_t RESERVE_BYTES = 16 << 20;

bool space_is_left(const char *path, struct error *err)
{
    char log[PATH_MAX];
    struct statvfs disk;
    struct stat st;
    int64_t left, needed = RESERVE_BYTES;

    if (statvfs(path, &disk) != 0 || disk.f_blocks == 0)
        return true;
    snprintf(log, sizeof log, "%s-wal", path);
    if (stat(log, &st) == 0)
        needed += st.st_size;
    left = (int64_t)(disk.f_bavail * disk.f_frsize);
    return left >= needed ||
           error_set(err, 507, "storage.full", "",
                     "The disk is full: %lld MB are left for the data folder, and %lld MB are needed "
                     "to go on safely. Nothing was stored; free some space and try again.",
                     (long long)(left >> 20), (long long)(needed >> 20) + 1);
}
