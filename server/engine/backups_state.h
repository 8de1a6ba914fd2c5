/* backups_state.h - what the files of backups.c share; private to engine/. */
#ifndef ENGINE_BACKUPS_STATE_H
#define ENGINE_BACKUPS_STATE_H

#include "plumbline/engine/backups.h"

#include <jansson.h>
#include <limits.h>
#include <pthread.h>

enum { BACKUPS_WAITING_MAX = 8, BACKUPS_ASKED_MAX = 32 };

struct backup_ask {
    struct backup_row  row;
    struct backup_wish wish;
    char               pipe[64]; /* "": a file */
};

struct backups {
    pthread_mutex_t        lock;
    char                   folder[PATH_MAX]; /* DIR/backups */
    struct backup_schedule schedule;
    struct backup_ask      ask[BACKUPS_ASKED_MAX]; /* oldest first */
    int                    asked;
    struct backup_row     *shelf; /* as last scanned */
    int                    on_shelf;
    json_t                *files; /* what it wrote to schedule.to; of the backup thread alone */
    int64_t                scanned; /* boot time; 0: not yet */
    int64_t                last_success, last_failure, made, failed; /* of this process */
};

/* As backups_ask, for any kind. */
bool backups_ask_kind(struct service *s, enum backup_kind kind, const struct backup_wish *wish,
                      const char *pipe, char id[BACKUP_ID_SIZE], struct error *err);

#endif
