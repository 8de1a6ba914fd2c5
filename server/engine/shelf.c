/* shelf.c - names of backups, and which of them may go. */
#include "shelf.h"

#include "folders.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

const char *const backup_kind_names[] = {"scheduled", "manual", "migration", "stream", NULL};
const char *const backup_state_names[] = {"running", "done", "failed", NULL};

/* The number of exactly `digits` digits at *p, which moves on; -1 for anything else. */
static int take_number(const char **p, int digits)
{
    int v = 0;

    for (int i = 0; i < digits; i++, (*p)++) {
        if (**p < '0' || **p > '9')
            return -1;
        v = v * 10 + (**p - '0');
    }
    return v;
}

static bool take_word(const char **p, const char *word)
{
    size_t n = strlen(word);

    if (strncmp(*p, word, n) != 0)
        return false;
    *p += n;
    return true;
}

/* 20260731T101500Z */
static bool take_time(const char **p, int64_t *time)
{
    int year = take_number(p, 4), month = take_number(p, 2), day = take_number(p, 2), hour, minute,
        second;
    struct tm tm;

    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || !take_word(p, "T"))
        return false;
    hour = take_number(p, 2);
    minute = take_number(p, 2);
    second = take_number(p, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 ||
        !take_word(p, "Z"))
        return false;
    tm = (struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour,
                     .tm_min = minute, .tm_sec = second};
    *time = (int64_t)timegm(&tm) * SECOND_US;
    return true;
}

bool shelf_parse(const char *name, enum backup_kind *kind, int64_t *time)
{
    const char *p = name;

    if (!take_word(&p, "plumbline-") || strlen(name) >= BACKUP_ID_SIZE)
        return false;
    *kind = BACKUP_SCHEDULED;
    if (take_word(&p, "now-")) {
        *kind = BACKUP_BY_HAND;
    } else if (take_word(&p, "before-")) {
        *kind = BACKUP_MIGRATION;
        if (take_number(&p, 4) < 0 || !take_word(&p, "-"))
            return false;
    }
    if (!take_time(&p, time))
        return false;
    if (take_word(&p, "-")) {
        size_t digits = strspn(p, "0123456789");

        if (digits == 0 || digits > 6)
            return false;
        p += digits;
    }
    if (*kind == BACKUP_MIGRATION)
        return strcmp(p, ".db") == 0;
    for (int i = 0; backup_endings[i]; i++)
        if (strcmp(p, backup_endings[i]) == 0)
            return true;
    return false;
}

void shelf_name(const char *folder, enum backup_kind kind, int64_t time, int migration,
                enum backup_compression compression, char out[BACKUP_ID_SIZE])
{
    time_t seconds = (time_t)(time / SECOND_US);
    char when[32], before[32] = "", again[16] = "", path[PATH_MAX];
    struct stat st;
    struct tm tm;

    gmtime_r(&seconds, &tm);
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &tm);
    if (kind == BACKUP_MIGRATION)
        snprintf(before, sizeof before, "before-%04d-", migration);
    for (int n = 2;; n++) {
        snprintf(out, BACKUP_ID_SIZE, "plumbline-%s%s%s%s",
                 kind == BACKUP_BY_HAND ? "now-" : kind == BACKUP_STREAM ? "stream-" : before,
                 when, again, kind == BACKUP_MIGRATION ? ".db" : backup_endings[compression]);
        snprintf(path, sizeof path, "%s/%s", folder, out);
        if (lstat(path, &st) != 0)
            return;
        snprintf(again, sizeof again, "-%d", n);
    }
}

static int newest_first(const void *a, const void *b)
{
    const struct backup_row *x = a, *y = b;

    if (x->created != y->created)
        return x->created < y->created ? 1 : -1;
    return -strcmp(x->id, y->id);
}

bool shelf_scan(const char *folder, struct backup_row **rows, int *count, struct error *err)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int capacity = 0;

    *rows = NULL;
    *count = 0;
    if (!dir)
        return errno == ENOENT || error_system(err, "The folder %.300s cannot be read", folder);
    while ((entry = readdir(dir))) {
        struct backup_row row = {.state = BACKUP_DONE, .verified = true};
        struct stat st;

        if (!shelf_parse(entry->d_name, &row.kind, &row.created) ||
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(st.st_mode))
            continue;
        snprintf(row.id, sizeof row.id, "%s", entry->d_name);
        row.bytes = st.st_size;
        row.finished = (int64_t)st.st_mtim.tv_sec * SECOND_US + st.st_mtim.tv_nsec / 1000;
        row.verified = row.kind != BACKUP_MIGRATION;
        if (*count == capacity) {
            capacity = capacity ? 2 * capacity : 16;
            *rows = must_realloc(*rows, (size_t)capacity, sizeof row);
        }
        (*rows)[(*count)++] = row;
    }
    closedir(dir);
    if (*count > 1)
        qsort(*rows, (size_t)*count, sizeof **rows, newest_first);
    return true;
}

void shelf_choose(const struct backup_row *rows, int count, enum backup_kind kind, int keep,
                  const char *good, bool *drop)
{
    bool good_is_there = false;
    int kept;

    for (int i = 0; i < count; i++)
        good_is_there = good_is_there || (good && strcmp(rows[i].id, good) == 0);
    kept = good_is_there; /* it has one of the places */
    for (int i = 0; i < count; i++) {
        drop[i] = false;
        if (rows[i].kind != kind || (good && strcmp(rows[i].id, good) == 0))
            continue;
        drop[i] = kept >= keep;
        kept += !drop[i];
    }
}

static bool is_among(json_t *names, const char *name)
{
    json_t *one;
    size_t i;

    json_array_foreach(names, i, one)
        if (strcmp(json_string_value(one), name) == 0)
            return true;
    return false;
}

/* The rows whose names are in `own` move to the front, in order; how many they are. */
static int only_own(struct backup_row *rows, int count, json_t *own)
{
    int n = 0;

    for (int i = 0; i < count; i++)
        if (is_among(own, rows[i].id))
            rows[n++] = rows[i];
    return n;
}

bool shelf_retain(const char *folder, enum backup_kind kind, int keep, const char *good,
                  json_t *own, struct error *err)
{
    struct backup_row *rows;
    bool *drop, ok;
    int count;

    if (!shelf_scan(folder, &rows, &count, err))
        return false;
    if (own)
        count = only_own(rows, count, own);
    drop = must_alloc((size_t)count + 1);
    shelf_choose(rows, count, kind, keep, good, drop);
    ok = true;
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];

        snprintf(path, sizeof path, "%s/%s", folder, rows[i].id);
        if (!drop[i])
            continue;
        if (unlink(path) == 0)
            log_info("backup %s is removed: %d newer ones are kept", path, keep);
        else
            ok = error_system(err, "The old backup %.300s cannot be removed", path);
    }
    free(drop);
    free(rows);
    return ok;
}

void shelf_sweep(const char *folder, int64_t age_seconds)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        char path[PATH_MAX];
        struct stat st;

        if (strncmp(entry->d_name, ".plumbline-", 11) != 0 ||
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            clock_now_us() / SECOND_US - st.st_mtim.tv_sec < age_seconds)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        folder_remove(path);
        log_info("%s was left over and is removed", path);
    }
    if (dir)
        closedir(dir);
}
