/* backup_before.c - the copy of a database that is made before its schema changes. */
#include "backup_make.h"

#include "folders.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/db/copy.h"
#include "shelf.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refuse(const char *folder, int from, int to, const char *why, struct error *err)
{
    return error_set(err, 507, "storage.full", "", "The database must be brought from schema %d to "
                     "%d, and the copy that is made before that cannot be written to %.150s: %s "
                     "Nothing was changed; put that right and start again.", from, to, folder, why);
}

static bool copy_to(const char *data_dir, const char *folder, const char *name, struct error *err)
{
    char from[PATH_MAX], part[PATH_MAX], to[PATH_MAX];

    snprintf(from, sizeof from, "%s/plumbline.db", data_dir);
    snprintf(part, sizeof part, "%s/.%s", folder, name);
    snprintf(to, sizeof to, "%s/%s", folder, name);
    if (!db_copy(from, part, NULL, NULL, err))
        return false;
    if (rename(part, to) != 0) {
        unlink(part);
        return file_failed(to, err);
    }
    return folder_sync(folder, err);
}

bool backup_before_migration(const char *data_dir, int from, int to, struct error *err)
{
    char folder[PATH_MAX], database[PATH_MAX], name[BACKUP_ID_SIZE], why[200],
        need[BYTES_TEXT_SIZE], there[BYTES_TEXT_SIZE];
    struct error problem = {0};
    int64_t space;
    struct stat st;

    snprintf(folder, sizeof folder, "%s/backups", data_dir);
    snprintf(database, sizeof database, "%s/plumbline.db", data_dir);
    if (!folder_make(folder, &problem))
        return refuse(folder, from, to, problem.message, err);
    shelf_sweep(folder, 0);
    space = folder_free_bytes(folder);
    if (stat(database, &st) == 0 && space >= 0 && space < st.st_size) {
        snprintf(why, sizeof why, "it needs %s and %s are free.", bytes_text(st.st_size, need),
                 bytes_text(space, there));
        return refuse(folder, from, to, why, err);
    }
    shelf_name(folder, BACKUP_MIGRATION, clock_now_us(), from + 1, BACKUP_PLAIN, name);
    if (!copy_to(data_dir, folder, name, &problem))
        return refuse(folder, from, to, problem.message, err);
    log_info("the database is copied to %s/%s before it is brought from schema %d to %d", folder,
             name, from, to);
    if (!shelf_retain(folder, BACKUP_MIGRATION, BACKUPS_KEEP_MIGRATIONS, name, NULL, &problem))
        log_warn("%s", problem.message);
    return true;
}
