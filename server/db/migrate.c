/* migrate.c - numbered steps, each in a transaction that also records its number. */
#include "internal.h"
#include "plumbline/base/log.h"

#include <stdio.h>

bool db_version(struct db *db, int *version, struct error *err)
{
    static const char sql[] = "PRAGMA user_version";
    int64_t v = 0;

    if (!stmt_int(db_stmt(db, sql), &v, err))
        return false;
    *version = (int)v;
    return true;
}

static bool apply(struct db *db, const struct migration *m, struct error *err)
{
    char number[64];

    snprintf(number, sizeof number, "PRAGMA user_version=%d", m->number);
    if (!db_script(db, "BEGIN IMMEDIATE", err))
        return false;
    if (!db_script(db, m->sql, err) || !db_script(db, number, err) ||
        !db_script(db, "COMMIT", err)) {
        db_rollback(db);
        return false;
    }
    log_info("migration %s applied", m->name);
    return true;
}

bool db_version_known(int version, int newest, struct error *err)
{
    return version <= newest ||
           error_conflict(err, "storage.newer",
                          "The database was made by a newer Plumbline (schema %d, this program "
                          "knows %d). Use that program, or restore an older backup.",
                          version, newest);
}

bool db_migrate(struct db *db, const struct migration *list, int count, struct error *err)
{
    int version;

    if (!db_version(db, &version, err) || !db_version_known(version, count, err))
        return false;
    for (int i = version; i < count; i++)
        if (!apply(db, &list[i], err))
            return false;
    return true;
}
