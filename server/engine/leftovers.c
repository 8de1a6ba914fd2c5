/* leftovers.c - what a process that was killed left half-done in the data folder: exports that never
 * got their name, and uploads that no import reads (any more). */
#include "leftovers.h"

#include "plumbline/base/log.h"
#include "plumbline/store/transfers.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* True when the file is of no use; false with err set when that cannot be told. */
typedef bool is_left(struct db *db, const char *name, struct error *err);

static bool is_torn_export(struct db *db, const char *name, struct error *err)
{
    (void)db, (void)err;
    return strstr(name, ".part-") != NULL;
}

static bool is_read_upload(struct db *db, const char *name, struct error *err)
{
    bool wanted;

    return import_wants(db, name, &wanted, err) && !wanted;
}

static bool sweep(const struct service *s, struct db *db, const char *folder, is_left *left,
                  struct error *err)
{
    char path[PATH_MAX];
    struct dirent *entry;
    DIR *dir;

    snprintf(path, sizeof path, "%s/%s", s->data_dir, folder);
    dir = opendir(path);
    if (!dir)
        return error_system(err, "The folder %s cannot be read", path);
    while ((entry = readdir(dir)) && !err->status)
        if (entry->d_type == DT_REG && left(db, entry->d_name, err) &&
            unlinkat(dirfd(dir), entry->d_name, 0) == 0)
            log_info("%s/%s was left over and is removed", folder, entry->d_name);
    closedir(dir);
    return err->status == 0;
}

bool leftovers_remove(const struct service *s, struct error *err)
{
    struct db *db = db_pool_take(s->pool, err);
    bool ok = db && sweep(s, db, "exports", is_torn_export, err) &&
              sweep(s, db, "uploads", is_read_upload, err);

    db_pool_give(s->pool, db);
    return ok;
}
