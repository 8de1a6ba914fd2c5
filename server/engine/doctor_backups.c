/* doctor_backups.c - is there a backup that would help. */
#include "doctor.h"
#include "folders.h"
#include "plumbline/base/clock.h"
#include "plumbline/engine/backups.h"
#include "shelf.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const double DAY_S = 86400, WEEK_S = 7 * 86400;

/* The newest backup of database and pictures in a folder. */
static bool newest_in(const char *folder, struct backup_row *out)
{
    struct backup_row *rows = NULL;
    bool found = false;
    int count;

    if (folder && shelf_scan(folder, &rows, &count, NULL))
        for (int i = 0; i < count && !found; i++)
            if (rows[i].kind != BACKUP_MIGRATION) {
                *out = rows[i];
                found = true;
            }
    free(rows);
    return found;
}

static void read_whole(struct doctor *d, const char *folder, const struct backup_row *row)
{
    const char *path = arena_printf(d->arena, "%s/%s", folder, row->id);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct error err = {0};
    struct arena a;

    arena_init(&a);
    if (fd < 0 || !backup_read(fd, NULL, &a, NULL, NULL, &err))
        doctor_say(d, DOCTOR_FAIL, "make a new one and look after the disk of this one",
                   "%s: %s", path, fd < 0 ? "it cannot be opened" : err.message);
    else
        doctor_ok(d, "%s was read whole", path);
    arena_release(&a);
    if (fd >= 0)
        close(fd);
}

static bool same_disk(const char *a, const char *b)
{
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev;
}

static void check_schedule(struct doctor *d, const struct backup_schedule *s)
{
    char when[CLOCK_TEXT_SIZE];
    double age = (double)(clock_now_us() - s->last_success) / 1e6;

    if (s->last_failure > s->last_success)
        doctor_say(d, DOCTOR_FAIL, "put right what it says; it is tried again within 15 minutes",
                   "the last scheduled backup failed at %s: %s", clock_text(s->last_failure, when),
                   s->failure);
    else if (s->last_success && s->every_hours > 0 && age > 2 * 3600 * s->every_hours + 3600)
        doctor_say(d, DOCTOR_WARN, "see that the service runs; it catches up when it is started",
                   "the last scheduled backup is of %s, more than two turns ago",
                   clock_text(s->last_success, when));
    if (d->set->backup_to && same_disk(d->set->backup_to, d->set->data_dir))
        doctor_say(d, DOCTOR_WARN, "give --backup-to a folder on another disk",
                   "scheduled backups lie on the disk of the data, and would be lost with it");
}

void doctor_backups(struct doctor *d)
{
    const char *own = doctor_path(d, "backups"), *folder = own;
    struct backup_schedule remembered;
    struct backup_row newest, other;
    char when[CLOCK_TEXT_SIZE];
    bool found = newest_in(own, &newest);
    double age;

    if (newest_in(d->set->backup_to, &other) && (!found || other.created > newest.created)) {
        newest = other;
        folder = d->set->backup_to;
        found = true;
    }
    backups_remembered(d->set->data_dir, &remembered);
    check_schedule(d, &remembered);
    age = found ? (double)(clock_now_us() - newest.created) / 1e6 : 0;
    if (remembered.last_elsewhere > (found ? newest.created : remembered.last_success))
        age = (double)(clock_now_us() - remembered.last_elsewhere) / 1e6;
    if (age <= WEEK_S && remembered.last_elsewhere > (found ? newest.finished : remembered.last_success))
        doctor_ok(d, "the last was written to a file elsewhere at %s",
                  clock_text(remembered.last_elsewhere, when));
    else if (!found && remembered.last_elsewhere)
        doctor_say(d, DOCTOR_WARN, "start the service with --backup-to FOLDER, so that one is made "
                   "every day", "the last, to a file elsewhere, is of %s",
                   clock_text(remembered.last_elsewhere, when));
    else if (!found && remembered.last_success)
        doctor_ok(d, "the last scheduled one is of %s", clock_text(remembered.last_success, when));
    else if (!found)
        doctor_say(d, DOCTOR_WARN, "start the service with --backup-to FOLDER, or run `plumbline "
                   "backup FILE` from time to time", "none is known of");
    else if (age > WEEK_S)
        doctor_say(d, DOCTOR_WARN, "start the service with --backup-to FOLDER, so that one is made "
                   "every day", "the newest, %s, is %.0f days old", newest.id, age / DAY_S);
    else
        doctor_ok(d, "the newest is %s", newest.id);
    if (found && d->set->deep)
        read_whole(d, folder, &newest);
}
