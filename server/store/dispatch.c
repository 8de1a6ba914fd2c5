/* dispatch.c - front and slots as rows. */
#include "plumbline/store/work.h"
#include "plumbline/store/items.h"
#include "plumbline/store/touch.h"
#include "rows.h"

bool front_first(struct db *db, int64_t job, int64_t person, int64_t from, int64_t *item,
                 int64_t *rank, struct error *err)
{
    static const char sql[] =
        "SELECT front.item, front.rank FROM front WHERE front.job = ?1 AND front.rank >= ?3"
        " AND NOT EXISTS(SELECT 1 FROM slot WHERE slot.item = front.item AND slot.person = ?2"
        "  AND slot.state <> 4)"
        " ORDER BY front.rank, front.item LIMIT 1";
    struct stmt *q = db_stmt(db, sql);

    *item = *rank = 0;
    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, person);
    stmt_bind_int(q, 3, from);
    if (stmt_row(q)) {
        *item = row_int(q, 0);
        *rank = row_int(q, 1);
    }
    return stmt_done(q, err);
}

bool front_count_for(struct db *db, int64_t job, int64_t person, int64_t *count, struct error *err)
{
    static const char sql[] =
        "SELECT count(*) FROM front WHERE job = ?1 AND NOT EXISTS(SELECT 1 FROM slot"
        " WHERE slot.item = front.item AND slot.person = ?2 AND slot.state <> 4)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, person);
    return stmt_int(q, count, err);
}

bool front_put(struct db *db, int64_t job, int64_t rank, int64_t item, struct error *err)
{
    static const char sql[] = "INSERT INTO front VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, rank);
    stmt_bind_int(q, 3, item);
    return stmt_run(q, err);
}

bool front_remove(struct db *db, int64_t job, int64_t rank, int64_t item, struct error *err)
{
    static const char sql[] = "DELETE FROM front WHERE job = ?1 AND rank = ?2 AND item = ?3";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, rank);
    stmt_bind_int(q, 3, item);
    return stmt_run(q, err);
}

bool front_clear(struct db *db, int64_t job, struct error *err)
{
    static const char sql[] = "DELETE FROM front WHERE job = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    return stmt_run(q, err);
}

bool item_open(struct db *db, int64_t item, int64_t rank, int64_t wanted, bool *opened,
               struct error *err)
{
    static const char sql[] = "UPDATE item SET state = 1, rank = ?2, wanted = max(?3, done)"
                              " WHERE id = ?1 AND state = 0";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item);
    stmt_bind_int(q, 2, rank);
    stmt_bind_int(q, 3, wanted);
    if (!stmt_run(q, err))
        return false;
    *opened = db_changes(db) > 0;
    return true;
}

bool item_open_range(struct db *db, int64_t job, int64_t first, int64_t last, int64_t wanted,
                     int *opened, struct error *err)
{
    static const char open[] = "UPDATE item SET state = 1, rank = id, wanted = max(?3, done)"
                               " WHERE id BETWEEN ?1 AND ?2 AND state = 0";
    static const char list[] = "INSERT INTO front SELECT ?3, rank, id FROM item"
                               " WHERE id BETWEEN ?1 AND ?2 AND state = 1 AND taken < wanted"
                               " ON CONFLICT DO NOTHING";
    struct stmt *q = db_stmt(db, open);

    stmt_bind_int(q, 1, first);
    stmt_bind_int(q, 2, last);
    stmt_bind_int(q, 3, wanted);
    if (!stmt_run(q, err))
        return false;
    *opened = (int)db_changes(db);
    q = db_stmt(db, list);
    stmt_bind_int(q, 1, first);
    stmt_bind_int(q, 2, last);
    stmt_bind_int(q, 3, job);
    return stmt_run(q, err);
}

bool item_waiting(struct db *db, int64_t job, int64_t after, int limit, int64_t *ids, int *count,
                  struct error *err)
{
    static const char sql[] = "SELECT id FROM item INDEXED BY item_waiting"
                              " WHERE state = 0 AND id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3";
    struct stmt *q = db_stmt(db, sql);

    *count = 0;
    stmt_bind_int(q, 1, item_next(job, after));
    stmt_bind_int(q, 2, item_last(job));
    stmt_bind_int(q, 3, limit);
    while (stmt_row(q))
        ids[(*count)++] = row_int(q, 0);
    return stmt_done(q, err);
}

bool item_slots(struct db *db, int64_t item, int taken, int done, int64_t *now_taken,
                int64_t *now_done, int64_t *wanted, int64_t *rank, int *state, struct error *err)
{
    static const char sql[] = "UPDATE item SET taken = taken + ?2, done = done + ?3 WHERE id = ?1"
                              " RETURNING taken, done, wanted, rank, state";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_int(q, 1, item);
    stmt_bind_int(q, 2, taken);
    stmt_bind_int(q, 3, done);
    found = stmt_row(q);
    if (found) {
        *now_taken = row_int(q, 0);
        *now_done = row_int(q, 1);
        *wanted = row_int(q, 2);
        *rank = row_int(q, 3);
        *state = (int)row_int(q, 4);
    }
    return stmt_done(q, err) && (found || error_not_found(err, "item", "The item is gone."));
}

bool item_progress(struct db *db, int64_t item, int64_t taken, int64_t done, struct error *err)
{
    static const char sql[] = "UPDATE item SET taken = ?2, done = ?3 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item);
    stmt_bind_int(q, 2, taken);
    stmt_bind_int(q, 3, done);
    return stmt_run(q, err);
}

bool item_complete(struct db *db, int64_t item, int64_t taken, int64_t done, struct error *err)
{
    static const char sql[] = "UPDATE item SET taken = ?2, done = ?3, state = 2 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item);
    stmt_bind_int(q, 2, taken);
    stmt_bind_int(q, 3, done);
    return stmt_run(q, err);
}

bool item_answered(struct db *db, int64_t job, int64_t after, int limit, int64_t *ids, int *count,
                   struct error *err)
{
    static const char sql[] = "SELECT id FROM item INDEXED BY item_state WHERE state = 2"
                              " AND state > 0 AND id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3";
    struct stmt *q = db_stmt(db, sql);

    *count = 0;
    stmt_bind_int(q, 1, job ? item_next(job, after) : after + 1);
    stmt_bind_int(q, 2, job ? item_last(job) : INT64_MAX);
    stmt_bind_int(q, 3, limit);
    while (stmt_row(q))
        ids[(*count)++] = row_int(q, 0);
    return stmt_done(q, err);
}

#define SLOT_COLUMNS                                                                               \
    "item, person, job, state, since, until, answer, idem, draft, draft_revision, reason, comment"

static void read_slot(struct stmt *q, struct arena *a, struct slot *out)
{
    size_t size;
    const void *idem = row_blob(q, 7, &size);

    *out = (struct slot){.item = row_int(q, 0),
                         .person = row_int(q, 1),
                         .job = row_int(q, 2),
                         .state = (int)row_int(q, 3),
                         .since = row_int(q, 4),
                         .until = row_int(q, 5),
                         .answer = row_int(q, 6),
                         .has_idem = size == sizeof out->idem,
                         .draft = arena_strdup(a, row_text(q, 8)),
                         .draft_revision = row_int(q, 9),
                         .reason = arena_strdup(a, row_text(q, 10)),
                         .comment = arena_strdup(a, row_text(q, 11))};
    if (out->has_idem)
        memcpy(out->idem, idem, sizeof out->idem);
}

bool item_today(struct db *db, int64_t *item, struct error *err)
{
    static const char sql[] = "SELECT item FROM old_item WHERE old = ?1";
    struct stmt *q;

    if (*item >> ITEM_LINE_BITS)
        return true;
    q = db_stmt(db, sql);
    stmt_bind_int(q, 1, *item);
    return stmt_int(q, item, err) || err->status == 0;
}

bool slot_get(struct db *db, int64_t item, int64_t person, struct arena *a, struct slot *out,
              bool *found, struct error *err)
{
    static const char sql[] = "SELECT " SLOT_COLUMNS " FROM slot WHERE item = ?1 AND person = ?2";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item);
    stmt_bind_int(q, 2, person);
    *found = stmt_row(q);
    if (*found)
        read_slot(q, a, out);
    return stmt_done(q, err);
}

/* What an earlier lease has left of a draft. */
static bool read_draft(struct db *db, struct slot *s, struct arena *a, struct error *err)
{
    static const char sql[] = "SELECT draft, draft_revision FROM slot WHERE item = ?1"
                              " AND person = ?2";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, s->item);
    stmt_bind_int(q, 2, s->person);
    if (stmt_row(q)) {
        s->draft = arena_strdup(a, row_text(q, 0));
        s->draft_revision = row_int(q, 1);
    }
    return stmt_done(q, err);
}

bool slot_lease(struct db *db, struct slot *s, struct arena *a, struct error *err)
{
    static const char fresh[] = "INSERT INTO slot(item, person, job, state, since, until)"
                                " VALUES(?1, ?2, ?3, 1, ?4, ?5) ON CONFLICT DO NOTHING";
    static const char again[] = "UPDATE slot SET state = 1, since = ?4, until = ?5"
                                " WHERE item = ?1 AND person = ?2 AND job = ?3";
    const char *const both[] = {fresh, again};

    s->state = SLOT_LEASED;
    db_touch(db, TOUCH_HELD, s->person);
    for (int i = 0; i < 2; i++) {
        struct stmt *q = db_stmt(db, both[i]);

        stmt_bind_int(q, 1, s->item);
        stmt_bind_int(q, 2, s->person);
        stmt_bind_int(q, 3, s->job);
        stmt_bind_int(q, 4, s->since);
        stmt_bind_int(q, 5, s->until);
        if (!stmt_run(q, err))
            return false;
        if (db_changes(db) > 0)
            return i == 0 || read_draft(db, s, a, err);
    }
    return true;
}

bool slot_answered(struct db *db, const struct slot *s, struct error *err)
{
    static const char sql[] =
        "UPDATE slot SET state = ?3, answer = ?4, idem = ?5, draft = NULL, draft_revision = 0"
        " WHERE item = ?1 AND person = ?2";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, s->item);
    stmt_bind_int(q, 2, s->person);
    stmt_bind_int(q, 3, s->state);
    stmt_bind_int(q, 4, s->answer);
    if (s->has_idem)
        stmt_bind_blob(q, 5, s->idem, sizeof s->idem);
    db_touch(db, TOUCH_HELD, s->person);
    return stmt_run(q, err);
}

bool slot_set(struct db *db, const struct slot *s, struct error *err)
{
    static const char sql[] =
        "UPDATE slot SET state = ?3, until = ?4, answer = ?5, idem = ?6, reason = ?7,"
        " comment = ?8, since = ?9, draft = CASE WHEN ?3 IN (1, 4) THEN draft END,"
        " draft_revision = CASE WHEN ?3 IN (1, 4) THEN draft_revision ELSE 0 END"
        " WHERE item = ?1 AND person = ?2";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, s->item);
    stmt_bind_int(q, 2, s->person);
    stmt_bind_int(q, 3, s->state);
    stmt_bind_int(q, 4, s->until);
    if (s->answer)
        stmt_bind_int(q, 5, s->answer);
    if (s->has_idem)
        stmt_bind_blob(q, 6, s->idem, sizeof s->idem);
    stmt_bind_text(q, 7, s->reason);
    stmt_bind_text(q, 8, s->comment);
    stmt_bind_int(q, 9, s->since);
    db_touch(db, TOUCH_HELD, s->person);
    return stmt_run(q, err);
}

bool slot_set_draft(struct db *db, int64_t item, int64_t person, const char *draft,
                    int64_t revision, struct error *err)
{
    static const char sql[] = "UPDATE slot SET draft = ?3, draft_revision = ?4"
                              " WHERE item = ?1 AND person = ?2";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item);
    stmt_bind_int(q, 2, person);
    stmt_bind_text(q, 3, draft);
    stmt_bind_int(q, 4, revision);
    db_touch(db, TOUCH_HELD, person);
    return rows_changed(db, stmt_run(q, err), "lease", err);
}

bool slot_extend(struct db *db, int64_t item, int64_t person, int64_t until_clock,
                 struct error *err)
{
    static const char sql[] = "UPDATE slot SET until = ?3"
                              " WHERE item = ?1 AND person = ?2 AND state = 1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item);
    stmt_bind_int(q, 2, person);
    stmt_bind_int(q, 3, until_clock);
    db_touch(db, TOUCH_HELD, person);
    return rows_changed(db, stmt_run(q, err), "lease", err);
}

static bool read_slots(struct stmt *q, struct arena *a, struct slot **out, int *count,
                       struct error *err)
{
    int capacity = 0;

    *out = NULL;
    *count = 0;
    while (stmt_row(q))
        read_slot(q, a, rows_next(a, (void **)out, count, &capacity, sizeof **out));
    return stmt_done(q, err);
}

bool slot_leased(struct db *db, slot_each *each, void *context, struct error *err)
{
    static const char sql[] = "SELECT person, job, item FROM slot INDEXED BY slot_until"
                              " WHERE state = 1";
    struct stmt *q = db_stmt(db, sql);

    while (stmt_row(q))
        each(context, row_int(q, 0), row_int(q, 1), row_int(q, 2));
    return stmt_done(q, err);
}

bool slot_expired(struct db *db, int64_t now_clock, int limit, struct arena *a, struct slot **out,
                  int *count, struct error *err)
{
    static const char sql[] = "SELECT " SLOT_COLUMNS " FROM slot INDEXED BY slot_until"
                              " WHERE state = 1 AND until < ?1 ORDER BY until LIMIT ?2";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, now_clock);
    stmt_bind_int(q, 2, limit);
    return read_slots(q, a, out, count, err);
}

bool slot_any_expired(struct db *db, int64_t now_clock, struct error *err)
{
    static const char sql[] = "SELECT 1 FROM slot INDEXED BY slot_until"
                              " WHERE state = 1 AND until < ?1 LIMIT 1";
    struct stmt *q = db_stmt(db, sql);
    int64_t one;

    stmt_bind_int(q, 1, now_clock);
    return stmt_int(q, &one, err);
}

bool slot_anyone_left(struct db *db, int64_t item, int64_t job, bool *left, struct error *err)
{
    static const char sql[] =
        "SELECT (NOT EXISTS(SELECT 1 FROM job_person WHERE job = ?2)"
        "  AND NOT EXISTS(SELECT 1 FROM job_team WHERE job = ?2))"
        " OR EXISTS(SELECT 1 FROM job_person AS j JOIN person AS p ON p.id = j.person"
        "  WHERE j.job = ?2 AND p.active = 1 AND NOT EXISTS(SELECT 1 FROM slot"
        "   WHERE slot.item = ?1 AND slot.person = p.id AND slot.state IN (2, 3)))"
        " OR EXISTS(SELECT 1 FROM job_team AS t JOIN team_member AS m ON m.team = t.team"
        "  JOIN person AS p ON p.id = m.person WHERE t.job = ?2 AND p.active = 1"
        "  AND NOT EXISTS(SELECT 1 FROM slot"
        "   WHERE slot.item = ?1 AND slot.person = p.id AND slot.state IN (2, 3)))";
    struct stmt *q = db_stmt(db, sql);
    int64_t yes = 1;

    stmt_bind_int(q, 1, item);
    stmt_bind_int(q, 2, job);
    if (stmt_row(q))
        yes = row_int(q, 0);
    *left = yes != 0;
    return stmt_done(q, err);
}

bool slot_skips(struct db *db, int64_t item, int64_t *skips, struct error *err)
{
    static const char sql[] = "SELECT count(*) FROM slot WHERE item = ?1 AND state = 3";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item);
    return stmt_int(q, skips, err);
}

bool slot_of_item(struct db *db, int64_t item, struct arena *a, struct slot **out, int *count,
                  struct error *err)
{
    static const char sql[] = "SELECT " SLOT_COLUMNS " FROM slot WHERE item = ?1 ORDER BY since";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item);
    return read_slots(q, a, out, count, err);
}

/* ---- the lease clock ---- */

bool lease_clock_offset(struct db *db, const char *boot, int64_t proposal, int64_t *offset,
                        struct error *err)
{
    static const char sql[] =
        "INSERT INTO lease_clock VALUES(1, ?1, ?2) ON CONFLICT(one) DO UPDATE SET"
        " offset_us = CASE WHEN boot = ?1 AND ?1 <> '' THEN offset_us ELSE ?2 END, boot = ?1"
        " RETURNING offset_us";
    struct stmt *q = db_stmt(db, sql);

    *offset = proposal;
    stmt_bind_text(q, 1, boot);
    stmt_bind_int(q, 2, proposal);
    if (stmt_row(q))
        *offset = row_int(q, 0);
    return stmt_done(q, err);
}
