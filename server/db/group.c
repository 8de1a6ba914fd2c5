/* group.c - one commit: the pieces of a group in one transaction, on disk before anybody hears of it.
 *
 * Pieces that may be run again come first, without savepoints, which would cost as much as the work
 * itself: nearly all of them succeed or fail before their first change. When one fails after it, the
 * transaction is rolled back and the group begins again, carefully: each piece in a savepoint. Pieces
 * that may run only once come after them, in savepoints always. */
#include "group.h"

#include "internal.h"
#include "plumbline/base/log.h"

#include <string.h>

static bool run(struct db *db, struct write *piece)
{
    memset(&piece->error, 0, sizeof piece->error);
    if (piece->run(db, piece->context, &piece->error))
        return true;
    if (piece->error.status == 0)
        error_internal(&piece->error, "a write failed without saying why");
    return false;
}

/* Its failure undoes itself and nothing else. */
static void run_in_savepoint(struct db *db, struct write *piece)
{
    static const char open[] = "SAVEPOINT piece", keep[] = "RELEASE piece",
                      undo[] = "ROLLBACK TO piece";

    memset(&piece->error, 0, sizeof piece->error);
    if (!db_sums_write(db, &piece->error) || !stmt_run(db_stmt(db, open), &piece->error))
        return;
    if (!run(db, piece) || !db_sums_write(db, &piece->error)) {
        db->sums = 0;
        db->undone++;
        stmt_run(db_stmt(db, undo), NULL);
    }
    stmt_run(db_stmt(db, keep), NULL);
}

/* False when a piece failed that had already changed something. */
static bool run_plainly(struct db *db, struct write *group)
{
    for (struct write *p = group; p; p = p->next) {
        int64_t changes = sqlite3_total_changes64(db->sqlite), sums = db->sum_calls;

        if (p->repeatable && !run(db, p) &&
            (sqlite3_total_changes64(db->sqlite) != changes || db->sum_calls != sums ||
             sqlite3_get_autocommit(db->sqlite)))
            return false;
    }
    return true;
}

static bool begin(struct db *db, struct error *err)
{
    db->touched.n = 0;
    db->touched.overflow = false;
    return db_begin(db, err);
}

bool group_commit(struct db *db, struct write *group, struct error *err)
{
    bool careful = false;

    if (!begin(db, err))
        return false;
    if (!run_plainly(db, group)) {
        careful = true;
        db_rollback(db);
        if (!begin(db, err))
            return false;
    }
    for (struct write *p = group; p; p = p->next) {
        if (!careful && p->repeatable)
            continue;
        run_in_savepoint(db, p);
        if (sqlite3_get_autocommit(db->sqlite)) { /* a full disk and the like end all of it */
            *err = p->error;
            return false;
        }
    }
    if (db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}
