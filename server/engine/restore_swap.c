/* restore_swap.c - exchanging a data folder's content, and taking back an exchange that was cut off. */
#include "restore_swap.h"

#include "folders.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/db/db.h"
#include "plumbline/engine/backups.h"
#include "shelf.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What goes with a database and is of no use with another; cache/ is deleted. */
static const char *const belongings[] = {"exports", "uploads", NULL};

/* While the exchange goes on the folder of the old content is called .before-restore-TIME; without the
 * dot it is finished. */
#define UNFINISHED ".before-restore-"

static void join(char out[PATH_MAX], const char *folder, const char *name)
{
    snprintf(out, PATH_MAX, "%s/%s", folder, name);
}

static bool is_there(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

static bool move(const char *from_folder, const char *to_folder, const char *name,
                 struct error *err)
{
    char from[PATH_MAX], to[PATH_MAX];

    join(from, from_folder, name);
    join(to, to_folder, name);
    return rename(from, to) == 0 || errno == ENOENT || file_failed(to, err);
}

static bool move_blobs(const char *fresh, const char *data_dir, struct error *err)
{
    char root[PATH_MAX];

    join(root, data_dir, "blobs");
    if (!folder_make(root, err))
        return false;
    for (int i = 0; i < 256; i++) {
        char from[PATH_MAX], to[PATH_MAX], name[16];
        struct dirent *entry;
        bool ok = true;
        DIR *dir;

        snprintf(name, sizeof name, "blobs/%02x", (unsigned)i);
        join(from, fresh, name);
        join(to, data_dir, name);
        dir = opendir(from);
        if (!dir)
            continue;
        ok = folder_make(to, err);
        while (ok && (entry = readdir(dir)))
            ok = entry->d_name[0] == '.' || move(from, to, entry->d_name, err);
        closedir(dir);
        if (!ok || !folder_sync(to, err))
            return false;
    }
    return folder_sync(root, err);
}

/* Folds the old log into the old database, so that one file is all of it. A database too broken for
 * that keeps its log beside it. */
static bool fold_log(const char *database)
{
    char wal[PATH_MAX];
    struct error err = {0};
    struct db *db = db_open(database, DB_WRITE, &err);

    if (db)
        db_checkpoint(db, true, NULL);
    db_close(db); /* the last connection removes the log */
    snprintf(wal, sizeof wal, "%s-wal", database);
    return !is_there(wal);
}

static bool make_aside(const char *data_dir, char *aside, struct error *err)
{
    time_t now = (time_t)(clock_now_us() / SECOND_US);
    char when[32];
    struct tm tm;

    gmtime_r(&now, &tm);
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &tm);
    snprintf(aside, PATH_MAX, "%s/" UNFINISHED "%s", data_dir, when);
    return mkdir(aside, 0700) == 0 || file_failed(aside, err);
}

/* Takes the dot away; when that fails the next start does it. */
static void finish_aside(char *aside)
{
    char path[PATH_MAX], *name = strrchr(aside, '/') + 1;

    for (int n = 1; n < 1000; n++) {
        snprintf(path, sizeof path, "%.*s%s", (int)(name - aside), aside, name + 1);
        if (n > 1)
            snprintf(path + strlen(path), sizeof path - strlen(path), "-%d", n);
        if (is_there(path))
            continue;
        if (rename(aside, path) == 0)
            snprintf(aside, PATH_MAX, "%s", path);
        return;
    }
}

static const char *const logs[] = {"plumbline.db-wal", "plumbline.db-shm", NULL};

/* A log without its database would be played into the new one. */
static void drop_logs(const char *data_dir)
{
    for (int i = 0; logs[i]; i++) {
        char path[PATH_MAX];

        join(path, data_dir, logs[i]);
        unlink(path);
    }
}

static bool keep_old(const char *data_dir, const char *aside, bool with_key, struct error *err)
{
    char database[PATH_MAX], kept[PATH_MAX];

    join(database, data_dir, "plumbline.db");
    join(kept, aside, "plumbline.db");
    if (!fold_log(database))
        for (int i = 0; logs[i]; i++)
            if (!move(data_dir, aside, logs[i], err))
                return false;
    for (int i = 0; belongings[i]; i++)
        if (!move(data_dir, aside, belongings[i], err))
            return false;
    if (with_key && !move(data_dir, aside, "secret.key", err))
        return false;
    if (!folder_sync(aside, err) || !folder_sync(data_dir, err))
        return false;
    /* Some file systems know no second name. */
    if (link(database, kept) != 0 && rename(database, kept) != 0)
        return file_failed(kept, err);
    return folder_sync(aside, err);
}

bool restore_swap(const char *fresh, const char *data_dir, bool there, char *aside,
                  struct error *err)
{
    char key[PATH_MAX], path[PATH_MAX];
    bool with_key;

    aside[0] = '\0';
    join(key, fresh, "secret.key");
    with_key = is_there(key);
    if (!move_blobs(fresh, data_dir, err))
        return false;
    if (!there)
        drop_logs(data_dir);
    else if (!make_aside(data_dir, aside, err) || !keep_old(data_dir, aside, with_key, err))
        goto fail;
    join(path, data_dir, "cache");
    folder_remove(path);
    if (!move(fresh, data_dir, "secret.key", err) || !folder_sync(data_dir, err) ||
        !move(fresh, data_dir, "plumbline.db", err) || !folder_sync(data_dir, err))
        goto fail;
    if (there)
        finish_aside(aside);
    return true;
fail:
    restore_recover(data_dir);
    return false;
}

/* ---- taking back ---- */

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void take_back(const char *data_dir, char *aside)
{
    static const char *const all[] = {"exports", "uploads", "secret.key", "plumbline.db-wal",
                                      "plumbline.db-shm", NULL};
    char kept[PATH_MAX], database[PATH_MAX];
    struct error err = {0};

    join(kept, aside, "plumbline.db");
    join(database, data_dir, "plumbline.db");
    if (is_there(kept) && is_there(database) && !same_file(kept, database)) {
        finish_aside(aside); /* the new database was in its place already */
        return;
    }
    if (is_there(kept) && !is_there(database)) {
        move(aside, data_dir, "plumbline.db", &err);
    } else if (is_there(kept)) {
        unlink(kept);
    }
    for (int i = 0; all[i]; i++) {
        char path[PATH_MAX];

        join(path, aside, all[i]);
        if (!is_there(path))
            continue;
        join(path, data_dir, all[i]);
        rmdir(path); /* an empty folder may have been made meanwhile */
        move(aside, data_dir, all[i], &err);
    }
    rmdir(aside);
    if (err.status)
        log_error("a restore that was cut off cannot be taken back: %s", err.message);
    else
        log_warn("a restore into %s was cut off; everything is as it was before", data_dir);
}

void restore_recover(const char *data_dir)
{
    DIR *dir = opendir(data_dir);
    struct dirent *entry;

    shelf_sweep(data_dir, 0); /* what was being unpacked */
    while (dir && (entry = readdir(dir))) {
        char aside[PATH_MAX];

        if (strncmp(entry->d_name, UNFINISHED, strlen(UNFINISHED)) != 0)
            continue;
        join(aside, data_dir, entry->d_name);
        take_back(data_dir, aside);
    }
    if (dir)
        closedir(dir);
}
