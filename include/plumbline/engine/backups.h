/* backups.h - backups of a data folder: made one at a time on a thread of their own, by hand, by a
 * schedule and before migrations.
 *
 * A backup is a file of exchange/backup.h on a shelf: DIR/backups, or the folder of the schedule. It
 * appears under its name when it is whole, on disk and read back; what is asked for and not yet done
 * lives in memory only, and a service that ends forgets it. */
#ifndef PLUMBLINE_ENGINE_BACKUPS_H
#define PLUMBLINE_ENGINE_BACKUPS_H

#include "plumbline/engine/service.h"
#include "plumbline/exchange/backup.h"

enum { BACKUP_ID_SIZE = 80, BACKUPS_KEEP_MIGRATIONS = 3 };

enum backup_kind {
    BACKUP_SCHEDULED,
    BACKUP_BY_HAND,
    BACKUP_MIGRATION, /* the database alone, before a migration */
    BACKUP_STREAM,    /* into a pipe: not on a shelf */
};
extern const char *const backup_kind_names[]; /* "scheduled", "manual", "migration", "stream" */

enum backup_state { BACKUP_RUNNING, BACKUP_DONE, BACKUP_FAILED };
extern const char *const backup_state_names[]; /* "running", "done", "failed" */

struct backup_wish {
    int  compression; /* enum backup_compression */
    bool db_only, secrets;
};

struct backup_row {
    char             id[BACKUP_ID_SIZE]; /* the name of its file */
    enum backup_kind kind;
    enum backup_state state;
    int64_t          created, finished; /* UTC microseconds */
    int64_t          bytes;             /* of the file; written so far while it runs */
    bool             verified;          /* read back whole after it was written */
    char             message[400];      /* why it failed */
};

/* How the schedule is doing; times in UTC microseconds, 0: never. */
struct backup_schedule {
    const char *to; /* NULL: there is none */
    double      every_hours;
    int64_t     keep, next, last_success, last_failure;
    int64_t     last_elsewhere; /* the last that went to a FILE elsewhere, which is on no shelf */
    char        last_file[BACKUP_ID_SIZE];
    char        failure[400]; /* of last_failure, in words */
};

/* 422 for a schedule that cannot be: a bucket (s3://), a folder inside the data folder. Takes part in
 * service_open. */
bool backups_open(struct service *s, struct error *err);
void backups_close(struct service *s); /* NULL inside is fine */

/* One look of the backup thread: makes the next one; true when there was one. */
bool backups_next(struct service *s, void *own);

/* Asks for a backup; it is made soon. pipe: the name of a FIFO in DIR/backups that somebody reads, NULL
 * for a file on the shelf. 429 backup.busy when eight are waiting. */
bool backups_ask(struct service *s, const struct backup_wish *wish, const char *pipe,
                 char id[BACKUP_ID_SIZE], struct error *err);

/* All there are: running and failed ones of this process, then those on the shelves, newest first. */
void backups_list(struct service *s, struct arena *a, struct backup_row **rows, int *count);

bool backups_get(struct service *s, const char *id, struct backup_row *out, struct error *err);
bool backups_fd(struct service *s, const char *id, int *fd, struct error *err); /* 404, 409 */
bool backups_delete(struct service *s, const char *id, struct error *err);      /* 404, 409 */
void backups_schedule(struct service *s, struct backup_schedule *out);

struct backup_numbers { /* for /metrics; times in UTC microseconds, 0: not known of */
    int64_t made, failed; /* since the start */
    int64_t last_success, last_failure;
};
void backups_numbers(struct service *s, struct backup_numbers *out);

/* What the schedule left behind in DIR/backups/schedule.json, for whoever looks without a service. */
void backups_remembered(const char *data_dir, struct backup_schedule *out);

/* ---- restoring: engine/restore.c ---- */
struct restore_report {
    int     schema;
    bool    from_archive; /* false: a bare copy of the database, as made before migrations */
    bool    secrets;      /* secret.key came with it */
    int64_t database_bytes, blobs, blob_bytes, created;
    int64_t jobs, items, answers;
    char    aside[4096]; /* where the old content is kept; "" when there was none */
};

/* Puts a backup in place of what DIR holds. Everything is read and checked first, into a folder of its
 * own; then one rename makes the database the new one. force: a database may be there already, and is
 * kept aside with its exports. Errors: 409 restore.exists, 409 storage.locked (a service runs),
 * 409 storage.newer, 422 backup.damaged, 507 storage.full. */
bool restore_run(const char *file, const char *data_dir, bool force, struct restore_report *out,
                 struct error *err);

/* Finishes or takes back what a restore that was killed left. The folder must be locked. */
void restore_recover(const char *data_dir);

#endif
