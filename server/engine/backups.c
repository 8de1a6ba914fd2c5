/* backups.c - who wants a backup, the one that is being made, and what there is.
 *
 * One thread makes them (engine/scheduler.c), one at a time. Handlers of requests look at a list in
 * memory that this thread keeps up to date: a folder on a network disk that has gone away must not
 * hold a request. */
#include "plumbline/engine/backups.h"

#include "backups_state.h"
#include "folders.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "schedule.h"
#include "shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- opening ---- */

/* The folder, or the one it would be made in, is the data folder or inside it. */
static bool is_inside(const char *folder, const char *data_dir)
{
    size_t n = strlen(data_dir);
    char *real = realpath(folder, NULL), copy[PATH_MAX];
    bool inside;

    if (!real) {
        snprintf(copy, sizeof copy, "%s", folder);
        real = realpath(dirname(copy), NULL);
    }
    inside = real && strncmp(real, data_dir, n) == 0 && (real[n] == '/' || real[n] == '\0');
    free(real);
    return inside;
}

static bool check_schedule(const struct service *s, struct error *err)
{
    const char *to = s->config.backup_to;

    if (strncmp(to, "s3://", 5) == 0)
        return error_set(err, 422, "s3.unsupported", "--backup-to", "\"%.200s\": buckets cannot be "
                         "used yet; give a folder.", to);
    return !is_inside(to, s->data_dir) ||
           error_set(err, 422, "backup.inside", "--backup-to", "\"%.200s\" is inside the data "
                     "folder, and would be lost with it; give a folder elsewhere, on another disk if "
                     "you can.", to);
}

bool backups_open(struct service *s, struct error *err)
{
    struct backups *b;
    struct error why = {0};

    if (s->config.backup_to && !check_schedule(s, err))
        return false;
    b = must_alloc(sizeof *b);
    pthread_mutex_init(&b->lock, NULL);
    s->backups = b;
    snprintf(b->folder, sizeof b->folder, "%s/backups", s->data_dir);
    backups_remembered(s->data_dir, &b->schedule);
    b->files = schedule_files(s->data_dir);
    b->schedule.to = s->config.backup_to;
    b->schedule.every_hours = s->config.backup_every > 0 ? s->config.backup_every
                            : !b->schedule.to && b->schedule.every_hours > 0
                                ? b->schedule.every_hours /* a command beside the schedule */
                                : 24;
    b->schedule.keep = s->config.backup_keep > 0 ? s->config.backup_keep : 7;
    if (!folder_make(b->folder, &why))
        log_warn("%s", why.message);
    shelf_sweep(b->folder, 0);
    return true;
}

void backups_close(struct service *s)
{
    struct backups *b = s->backups;

    if (!b)
        return;
    free(b->shelf);
    json_decref(b->files);
    pthread_mutex_destroy(&b->lock);
    free(b);
    s->backups = NULL;
}

/* ---- what there is ---- */

static int newest_first(const void *a, const void *b)
{
    const struct backup_row *x = a, *y = b;

    return (x->created < y->created) - (x->created > y->created);
}

void backups_list(struct service *s, struct arena *a, struct backup_row **rows, int *count)
{
    struct backups *b = s->backups;
    int n = 0;

    pthread_mutex_lock(&b->lock);
    *rows = arena_array(a, (size_t)(b->asked + b->on_shelf), sizeof **rows);
    for (int i = b->asked - 1; i >= 0; i--)
        if (b->ask[i].row.kind != BACKUP_STREAM || b->ask[i].row.state != BACKUP_DONE)
            (*rows)[n++] = b->ask[i].row;
    for (int i = 0; i < b->on_shelf; i++)
        (*rows)[n++] = b->shelf[i];
    pthread_mutex_unlock(&b->lock);
    if (n > 1)
        qsort(*rows, (size_t)n, sizeof **rows, newest_first);
    *count = n;
}

static bool find(const struct backups *b, const char *id, struct backup_row *out)
{
    for (int i = 0; i < b->asked; i++)
        if (strcmp(b->ask[i].row.id, id) == 0) {
            *out = b->ask[i].row;
            return true;
        }
    for (int i = 0; i < b->on_shelf; i++)
        if (strcmp(b->shelf[i].id, id) == 0) {
            *out = b->shelf[i];
            return true;
        }
    return false;
}

bool backups_get(struct service *s, const char *id, struct backup_row *out, struct error *err)
{
    bool found;

    pthread_mutex_lock(&s->backups->lock);
    found = find(s->backups, id, out);
    pthread_mutex_unlock(&s->backups->lock);
    return found || error_not_found(err, "backup", "There is no backup \"%.80s\".", id);
}

void backups_schedule(struct service *s, struct backup_schedule *out)
{
    pthread_mutex_lock(&s->backups->lock);
    *out = s->backups->schedule;
    pthread_mutex_unlock(&s->backups->lock);
    out->next = out->to ? schedule_next(out, clock_now_us()) : 0;
}

static void path_of(const struct backups *b, const struct backup_row *row, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/%s", row->kind == BACKUP_SCHEDULED ? b->schedule.to : b->folder,
             row->id);
}

static bool is_file(const struct backup_row *row, struct error *err)
{
    if (row->kind == BACKUP_STREAM)
        return error_not_found(err, "backup", "That backup went to somebody else and was not kept.");
    return row->state == BACKUP_DONE ||
           error_conflict(err, "backup.not_done", "The backup is %s.",
                          backup_state_names[row->state]);
}

bool backups_fd(struct service *s, const char *id, int *fd, struct error *err)
{
    struct backup_row row;
    char path[PATH_MAX];

    if (!backups_get(s, id, &row, err) || !is_file(&row, err))
        return false;
    path_of(s->backups, &row, path);
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return *fd >= 0 || error_set(err, 404, "backup.not_found", "", "The file of the backup %s is no "
                                 "longer there.", id);
}

static void forget(struct backups *b, const char *id)
{
    pthread_mutex_lock(&b->lock);
    for (int i = 0; i < b->asked; i++)
        if (strcmp(b->ask[i].row.id, id) == 0 && b->ask[i].row.state != BACKUP_RUNNING) {
            memmove(&b->ask[i], &b->ask[i + 1], (size_t)(--b->asked - i) * sizeof *b->ask);
            break;
        }
    for (int i = 0; i < b->on_shelf; i++)
        if (strcmp(b->shelf[i].id, id) == 0) {
            memmove(&b->shelf[i], &b->shelf[i + 1],
                    (size_t)(--b->on_shelf - i) * sizeof *b->shelf);
            break;
        }
    pthread_mutex_unlock(&b->lock);
}

bool backups_delete(struct service *s, const char *id, struct error *err)
{
    struct backup_row row;
    char path[PATH_MAX];

    if (!backups_get(s, id, &row, err))
        return false;
    if (row.state == BACKUP_RUNNING)
        return is_file(&row, err);
    path_of(s->backups, &row, path);
    if (row.state == BACKUP_DONE && row.kind != BACKUP_STREAM && unlink(path) != 0 &&
        errno != ENOENT)
        return error_system(err, "The backup %.100s cannot be removed", id);
    forget(s->backups, id);
    return true;
}

/* ---- asking ---- */

/* Room for one more: the oldest that is over goes. */
static struct backup_ask *new_ask(struct backups *b)
{
    int waiting = 0;

    for (int i = 0; i < b->asked; i++)
        waiting += b->ask[i].row.state == BACKUP_RUNNING;
    if (waiting >= BACKUPS_WAITING_MAX)
        return NULL;
    for (int i = 0; b->asked == BACKUPS_ASKED_MAX && i < b->asked; i++)
        if (b->ask[i].row.state != BACKUP_RUNNING)
            memmove(&b->ask[i], &b->ask[i + 1], (size_t)(--b->asked - i) * sizeof *b->ask);
    b->ask[b->asked] = (struct backup_ask){0};
    return &b->ask[b->asked++];
}

static void name_it(struct backups *b, struct backup_ask *ask)
{
    const char *folder = ask->row.kind == BACKUP_SCHEDULED ? b->schedule.to : b->folder;
    int64_t time = clock_now_us();
    struct backup_row other;
    char id[BACKUP_ID_SIZE];

    do { /* no two of one second */
        shelf_name(folder, ask->row.kind, time, 0, (enum backup_compression)ask->wish.compression,
                   id);
        time += SECOND_US;
    } while (find(b, id, &other));
    snprintf(ask->row.id, sizeof ask->row.id, "%s", id);
}

bool backups_ask_kind(struct service *s, enum backup_kind kind, const struct backup_wish *wish,
                    const char *pipe, char id[BACKUP_ID_SIZE], struct error *err)
{
    struct backups *b = s->backups;
    struct backup_ask *ask;

    pthread_mutex_lock(&b->lock);
    ask = new_ask(b);
    if (ask) {
        ask->wish = *wish;
        ask->row = (struct backup_row){.kind = kind, .state = BACKUP_RUNNING,
                                       .created = clock_now_us()};
        snprintf(ask->pipe, sizeof ask->pipe, "%s", pipe ? pipe : "");
        name_it(b, ask);
        snprintf(id, BACKUP_ID_SIZE, "%s", ask->row.id);
    }
    pthread_mutex_unlock(&b->lock);
    return ask || error_set(err, 429, "backup.busy", "", "%d backups are waiting to be made already.",
                            BACKUPS_WAITING_MAX);
}

bool backups_ask(struct service *s, const struct backup_wish *wish, const char *pipe,
                 char id[BACKUP_ID_SIZE], struct error *err)
{
    if (!backups_ask_kind(s, pipe ? BACKUP_STREAM : BACKUP_BY_HAND, wish, pipe, id, err))
        return false;
    service_wake(s);
    return true;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void backups_numbers(struct service *s, struct backup_numbers *out)
{
    struct backups *b = s->backups;

    pthread_mutex_lock(&b->lock);
    *out = (struct backup_numbers){
        .made = b->made,
        .failed = b->failed,
        .last_success = later(b->last_success, later(b->schedule.last_elsewhere, b->schedule.last_success)),
        .last_failure = later(b->last_failure, b->schedule.last_failure)};
    pthread_mutex_unlock(&b->lock);
}
