/* backups_run.c - the backup thread: makes what was asked for and what is due, one at a time. */
#include "backup_make.h"
#include "backups_state.h"
#include "folders.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "schedule.h"
#include "scheduler.h"
#include "shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A half-written file in the folder of the schedule is a leftover when it is as old. */
enum { PART_AGE_S = 3600 };

static const int64_t SCAN_EVERY_US = 60 * SECOND_US;

static void rescan(struct service *s)
{
    struct backups *b = s->backups;
    struct backup_row *own = NULL, *other = NULL, *all;
    struct error err = {0};
    int n_own = 0, n_other = 0;

    if (!shelf_scan(b->folder, &own, &n_own, &err) ||
        (b->schedule.to && !shelf_scan(b->schedule.to, &other, &n_other, &err)))
        log_debug("%s", err.message); /* a backup that cannot be written there says so */
    all = must_alloc((size_t)(n_own + n_other + 1) * sizeof *all);
    memcpy(all, own ? own : all, (size_t)n_own * sizeof *all);
    memcpy(all + n_own, other ? other : all, (size_t)n_other * sizeof *all);
    free(own);
    free(other);
    pthread_mutex_lock(&b->lock);
    free(b->shelf);
    b->shelf = all;
    b->on_shelf = n_own + n_other;
    b->scanned = clock_monotonic_us();
    pthread_mutex_unlock(&b->lock);
}

static struct backup_ask *find_ask(struct backups *b, const char *id)
{
    for (int i = 0; i < b->asked; i++)
        if (strcmp(b->ask[i].row.id, id) == 0)
            return &b->ask[i];
    return NULL;
}

struct round {
    struct service   *service;
    struct backup_ask ask; /* a copy: the list may move */
};

static bool go_on(void *context, int64_t bytes, struct error *err)
{
    struct round *r = context;
    struct backups *b = r->service->backups;
    struct backup_ask *ask;

    if (scheduler_stopping(r->service->scheduler))
        return error_set(err, 503, "backup.interrupted", "", "The service was stopped.");
    pthread_mutex_lock(&b->lock);
    ask = find_ask(b, r->ask.row.id);
    if (ask)
        ask->row.bytes = bytes;
    r->ask.row.bytes = bytes;
    pthread_mutex_unlock(&b->lock);
    return true;
}

static bool make_to(struct round *r, int fd, struct error *err)
{
    const struct backup_making making = {.data_dir = r->service->data_dir, .wish = r->ask.wish,
                                         .fd = fd, .go_on = go_on, .context = r};

    return backup_make(&making, err);
}

static bool make_stream(struct round *r, struct error *err)
{
    char path[PATH_MAX];
    bool ok;
    int fd;

    snprintf(path, sizeof path, "%s/%s", r->service->backups->folder, r->ask.pipe);
    fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENXIO ? error_set(err, 499, "backup.unread", "", "Nobody reads the backup "
                                          "any more.")
                              : error_system(err, "%.300s cannot be written", path);
    fcntl(fd, F_SETPIPE_SZ, 1 << 20); /* fewer wake-ups; a refusal does no harm */
    ok = make_to(r, fd, err);
    close(fd);
    return ok;
}

static bool go_on_reading(void *context, const char *name, int64_t size, struct error *err)
{
    struct round *r = context;

    (void)name, (void)size;
    return !scheduler_stopping(r->service->scheduler) ||
           error_set(err, 503, "backup.interrupted", "", "The service was stopped.");
}

static bool read_back(struct round *r, int fd, struct error *err)
{
    const struct backup_sink sink = {.context = r, .begin = go_on_reading};
    struct arena a;
    bool ok;

    arena_init(&a);
    ok = lseek(fd, 0, SEEK_SET) == 0 ? backup_read(fd, &sink, &a, NULL, NULL, err)
                                     : error_system(err, "The backup cannot be read back");
    arena_release(&a);
    return ok;
}

static bool make_file(struct round *r, const char *folder, struct error *err)
{
    char part[PATH_MAX], path[PATH_MAX];
    struct stat st;
    bool ok;
    int fd;

    snprintf(part, sizeof part, "%s/.%s", folder, r->ask.row.id);
    snprintf(path, sizeof path, "%s/%s", folder, r->ask.row.id);
    fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return file_failed(folder, err);
    /* Whoever holds the part may take the name; another service may have done so before. */
    ok = (lstat(path, &st) != 0 || error_conflict(err, "backup.taken", "%.300s is there already.",
                                                  path)) &&
         make_to(r, fd, err) && (fsync(fd) == 0 || file_failed(part, err)) &&
         read_back(r, fd, err) && (rename(part, path) == 0 || file_failed(path, err)) &&
         folder_sync(folder, err);
    if (ok && fstat(fd, &st) == 0)
        r->ask.row.bytes = st.st_size;
    close(fd);
    if (!ok)
        unlink(part);
    return ok;
}

static bool make_scheduled(struct round *r, struct error *err)
{
    const struct backup_schedule *set = &r->service->backups->schedule;

    struct stat st;

    if (mkdir(set->to, 0700) != 0 && errno != EEXIST)
        return error_system(err, "The folder for backups, %.250s, cannot be made", set->to);
    if (stat(set->to, &st) != 0 || !S_ISDIR(st.st_mode))
        return error_set(err, 503, "backup.no_folder", "", "%.250s is not a folder.", set->to);
    shelf_sweep(set->to, PART_AGE_S);
    return make_file(r, set->to, err);
}

/* The name just written joins those that are this service's; names whose files are gone leave. */
static void note_file(struct backups *b, const char *name)
{
    char path[PATH_MAX];
    struct stat st;

    for (size_t i = json_array_size(b->files); i-- > 0;) {
        snprintf(path, sizeof path, "%s/%s", b->schedule.to,
                 json_string_value(json_array_get(b->files, i)));
        if (lstat(path, &st) != 0 && errno == ENOENT)
            json_array_remove(b->files, i);
    }
    json_array_append_new(b->files, json_string(name));
}

static void note_scheduled(struct round *r, bool ok, const struct error *why)
{
    struct backups *b = r->service->backups;
    struct backup_schedule now;
    struct error err = {0};

    if (ok)
        note_file(b, r->ask.row.id);
    pthread_mutex_lock(&b->lock);
    if (ok) {
        b->schedule.last_success = clock_now_us();
        snprintf(b->schedule.last_file, sizeof b->schedule.last_file, "%s", r->ask.row.id);
    } else {
        b->schedule.last_failure = clock_now_us();
        snprintf(b->schedule.failure, sizeof b->schedule.failure, "%s", why->message);
    }
    now = b->schedule;
    pthread_mutex_unlock(&b->lock);
    if (!schedule_save(r->service->data_dir, &now, b->files, &err))
        log_warn("%s", err.message);
    if (ok &&
        !shelf_retain(now.to, BACKUP_SCHEDULED, (int)now.keep, r->ask.row.id, b->files, &err))
        log_warn("%s", err.message);
}

/* Done ones are on the shelf; a stream stays in the list, so that whoever asked can see its end. */
static void note_end(struct round *r, bool ok, const struct error *why)
{
    struct backups *b = r->service->backups;
    struct backup_schedule now;
    struct backup_ask *ask;
    struct error err = {0};

    pthread_mutex_lock(&b->lock);
    ask = find_ask(b, r->ask.row.id);
    if (ask) {
        ask->row.bytes = r->ask.row.bytes;
        ask->row.finished = clock_now_us();
        ask->row.state = ok ? BACKUP_DONE : BACKUP_FAILED;
        ask->row.verified = ok && r->ask.row.kind != BACKUP_STREAM;
        snprintf(ask->row.message, sizeof ask->row.message, "%s", ok ? "" : why->message);
    }
    if (ok) {
        b->last_success = clock_now_us();
        if (r->ask.row.kind == BACKUP_STREAM)
            b->schedule.last_elsewhere = b->last_success;
        b->made++;
    } else {
        b->last_failure = clock_now_us();
        b->failed++;
    }
    now = b->schedule;
    pthread_mutex_unlock(&b->lock);
    if (ok && r->ask.row.kind == BACKUP_STREAM &&
        !schedule_save(r->service->data_dir, &now, b->files, &err))
        log_warn("%s", err.message);
    if (ok && r->ask.row.kind != BACKUP_STREAM) {
        rescan(r->service);
        pthread_mutex_lock(&b->lock);
        ask = find_ask(b, r->ask.row.id);
        if (ask)
            memmove(ask, ask + 1, (size_t)(&b->ask[--b->asked] - ask) * sizeof *ask);
        pthread_mutex_unlock(&b->lock);
    }
}

static void run(struct round *r)
{
    struct error err = {0};
    int64_t started = clock_monotonic_us();
    char size[BYTES_TEXT_SIZE];
    bool ok;

    if (r->ask.row.kind == BACKUP_STREAM)
        ok = make_stream(r, &err);
    else if (r->ask.row.kind == BACKUP_SCHEDULED)
        ok = make_scheduled(r, &err);
    else
        ok = make_file(r, r->service->backups->folder, &err);
    if (ok)
        log_info("backup=%s done, %s in %lld ms", r->ask.row.id,
                 bytes_text(r->ask.row.bytes, size),
                 (long long)((clock_monotonic_us() - started) / 1000));
    else
        log_warn("backup=%s failed: %s", r->ask.row.id, err.message);
    if (r->ask.row.kind == BACKUP_SCHEDULED && strcmp(err.code, "backup.interrupted") != 0)
        note_scheduled(r, ok, &err);
    note_end(r, ok, &err);
}

static bool take_next(struct backups *b, struct backup_ask *out)
{
    bool found = false;

    pthread_mutex_lock(&b->lock);
    for (int i = 0; i < b->asked && !found; i++)
        if (b->ask[i].row.state == BACKUP_RUNNING) {
            *out = b->ask[i];
            found = true;
        }
    pthread_mutex_unlock(&b->lock);
    return found;
}

static bool is_due(struct service *s)
{
    struct backup_schedule set;

    backups_schedule(s, &set);
    return set.to && set.next <= clock_now_us();
}

bool backups_next(struct service *s, void *own)
{
    static const struct backup_wish scheduled = {.compression = BACKUP_ZSTD};
    struct backups *b = s->backups;
    struct round r = {.service = s};
    char id[BACKUP_ID_SIZE];

    (void)own;
    if (!b->scanned || clock_monotonic_us() > b->scanned + SCAN_EVERY_US)
        rescan(s);
    if (!take_next(b, &r.ask)) {
        if (!is_due(s) || !backups_ask_kind(s, BACKUP_SCHEDULED, &scheduled, NULL, id, NULL) ||
            !take_next(b, &r.ask))
            return false;
    }
    run(&r);
    return true;
}
