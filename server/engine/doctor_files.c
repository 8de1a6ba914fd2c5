/* doctor_files.c - the data folder, its disk, and what lies about in it. */
#include "doctor.h"
#include "folders.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { SECRET_BYTES = 32 };

static bool may_write(struct doctor *d)
{
    char *path = arena_printf(d->arena, "%s/.plumbline-doctor-XXXXXX", d->set->data_dir);
    int fd = mkstemp(path);

    if (fd < 0)
        return false;
    close(fd);
    unlink(path);
    return true;
}

void doctor_folder(struct doctor *d)
{
    const char *dir = d->set->data_dir;
    struct stat st;

    if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode)) {
        doctor_say(d, DOCTOR_FAIL, "say which folder with --data",
                   "%s is not there", dir);
        return;
    }
    if (access(doctor_path(d, "plumbline.db"), F_OK) != 0 && errno != ENOENT) {
        doctor_say(d, DOCTOR_FAIL, "run it as the user who runs plumbline (sudo -u …)",
                   "%s cannot be looked into (%s)", dir, strerror(errno));
        return;
    }
    if (access(doctor_path(d, "plumbline.db"), F_OK) != 0)
        doctor_say(d, DOCTOR_FAIL, "say which folder with --data, or `plumbline restore` a backup "
                   "into it", "%s holds no plumbline.db", dir);
    if (!may_write(d))
        doctor_say(d, DOCTOR_FAIL, errno == EROFS
                   ? "look in the system's log for why its disk is read-only, and mount it for "
                     "writing (mount -o remount,rw)"
                   : "run it as the user who runs plumbline (sudo -u …), or give that user the "
                     "folder (chown)",
                   "%s cannot be written to (%s)", dir, strerror(errno));
    else if (st.st_mode & 022)
        doctor_say(d, DOCTOR_FAIL, arena_printf(d->arena, "chmod 700 %s", dir),
                   "other users may write to %s (mode %04o)", dir, (unsigned)st.st_mode & 07777);
    else if (st.st_mode & 055)
        doctor_say(d, DOCTOR_WARN, arena_printf(d->arena, "chmod 700 %s", dir),
                   "other users may look into %s (mode %04o)", dir, (unsigned)st.st_mode & 07777);
    else
        doctor_ok(d, "%s, mode %04o, may be written to", dir, (unsigned)st.st_mode & 07777);
}

void doctor_secret(struct doctor *d)
{
    const char *path = doctor_path(d, "secret.key");
    struct stat st;

    if (lstat(path, &st) != 0)
        doctor_say(d, DOCTOR_WARN, "restore it if you have it; the next start makes a new one, which "
                   "cannot open stored secrets", "not there");
    else if (!S_ISREG(st.st_mode))
        doctor_say(d, DOCTOR_FAIL, "put the file itself there", "is not a plain file");
    else if (st.st_mode & 077)
        doctor_say(d, DOCTOR_FAIL, arena_printf(d->arena, "chmod 600 %s", path),
                   "others may read it (mode %04o)", (unsigned)st.st_mode & 07777);
    else if (access(path, R_OK) != 0)
        doctor_say(d, DOCTOR_FAIL, "give it to the user who runs plumbline (chown)",
                   "cannot be read");
    else if (st.st_size != SECRET_BYTES)
        doctor_say(d, DOCTOR_FAIL, "restore it, or move it away: the next start makes a new one, which "
                   "cannot open stored secrets", "holds %lld bytes, must hold %d: the service does "
                   "not start with it", (long long)st.st_size, SECRET_BYTES);
    else
        doctor_ok(d, "there, mode %04o", (unsigned)st.st_mode & 07777);
}

/* ---- disks ---- */

static void check_disk(struct doctor *d, const char *name, const char *path, int64_t need)
{
    static const int64_t least = 100 << 20;
    char there[BYTES_TEXT_SIZE], all[BYTES_TEXT_SIZE], want[BYTES_TEXT_SIZE];
    int64_t bytes, size;
    double inodes;
    struct statvfs st;

    d->what = name;
    if (statvfs(path, &st) != 0) {
        doctor_say(d, DOCTOR_FAIL, "see that the disk is mounted and the folder is there",
                   "%s: %s", path, strerror(errno));
        return;
    }
    bytes = (int64_t)st.f_bavail * (int64_t)st.f_frsize;
    size = (int64_t)st.f_blocks * (int64_t)st.f_frsize;
    inodes = st.f_files ? (double)st.f_favail / (double)st.f_files : 1;
    bytes_text(bytes, there);
    bytes_text(size, all);
    if (bytes < least)
        doctor_say(d, DOCTOR_FAIL, "free some space now: soon nothing can be stored",
                   "%s free of %s", there, all);
    else if (bytes < need)
        doctor_say(d, DOCTOR_WARN, "free some space: a backup or migration would not fit",
                   "%s free of %s, a copy of the database needs %s", there, all,
                   bytes_text(need, want));
    else if (bytes < size / 20)
        doctor_say(d, DOCTOR_WARN, "free some space", "%s free of %s", there, all);
    else if (inodes < 0.05)
        doctor_say(d, inodes < 0.01 ? DOCTOR_FAIL : DOCTOR_WARN,
                   "remove files there: the disk is running out of inodes, not of bytes",
                   "%.1f %% of the inodes are free", 100 * inodes);
    else
        doctor_ok(d, "%s free of %s, %.0f %% of the inodes", there, all, 100 * inodes);
}

static bool other_disk(const char *a, const char *b)
{
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev != y.st_dev;
}

void doctor_disks(struct doctor *d)
{
    static const char *const folders[][2] = {{"exports", "disk of the exports"},
                                             {"backups", "disk of the backups"},
                                             {"blobs", "disk of the pictures"}};
    struct stat st;
    int64_t database = stat(doctor_path(d, "plumbline.db"), &st) == 0 ? st.st_size : 0;

    check_disk(d, "disk of the data", d->set->data_dir, database + database / 10);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *path = doctor_path(d, folders[i][0]);

        if (other_disk(path, d->set->data_dir))
            check_disk(d, folders[i][1], path, i == 1 ? database : 0);
    }
    if (d->set->backup_to)
        check_disk(d, "disk of the scheduled backups", d->set->backup_to, database);
}

/* ---- the log ---- */

void doctor_wal(struct doctor *d)
{
    static const int64_t large = 512 << 20;
    char size[BYTES_TEXT_SIZE];
    struct stat st;

    if (stat(doctor_path(d, "plumbline.db-wal"), &st) != 0)
        st.st_size = 0;
    if (st.st_size > large)
        doctor_say(d, DOCTOR_WARN, d->set->service
                   ? "look for an export or backup that has been running for long; it shrinks after it"
                   : "start and stop the service once: it is folded into the database then",
                   "%s", bytes_text(st.st_size, size));
    else
        doctor_ok(d, "%s", bytes_text(st.st_size, size));
}

/* ---- leftovers ---- */

static bool is_left(const char *name)
{
    return strncmp(name, ".plumbline-", 11) == 0 || strncmp(name, ".before-restore-", 16) == 0 ||
           strstr(name, ".part-") != NULL;
}

static void count_left(const char *path, int *files, const char **example, struct arena *a)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (is_left(entry->d_name)) {
            ++*files;
            *example = arena_printf(a, "%s/%s", path, entry->d_name);
        }
    if (dir)
        closedir(dir);
}

void doctor_leftovers(struct doctor *d)
{
    static const char *const folders[] = {"", "exports", "uploads", "backups"};
    const char *example = "";
    int files = 0, kept = 0;
    struct dirent *entry;
    DIR *dir = opendir(d->set->data_dir);

    while (dir && (entry = readdir(dir)))
        kept += strncmp(entry->d_name, "before-restore-", 15) == 0;
    if (dir)
        closedir(dir);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        count_left(doctor_path(d, folders[i]), &files, &example, d->arena);
    if (kept)
        doctor_say(d, DOCTOR_WARN, "remove before-restore-… when you are content with what was restored",
                   "what was there before a restore is kept, %d times", kept);
    if (files && !d->set->service)
        doctor_say(d, DOCTOR_WARN, "the next start of the service removes them",
                   "%d unfinished files of a process that was killed (%s)", files, example);
    else if (!kept)
        doctor_ok(d, files ? "%d unfinished files of work that goes on" : "none", files);
}
