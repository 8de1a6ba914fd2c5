/* team.c - work teams as rows. */
#include "name_key.h"
#include "plumbline/base/clock.h"
#include "plumbline/store/aws.h"
#include "plumbline/store/people.h"
#include "plumbline/store/touch.h"
#include "rows.h"

#define TEAM_COLUMNS                                                                               \
    "id, name, description, created,"                                                              \
    " (SELECT count(*) FROM team_member WHERE team_member.team = team.id)"

static void read_team(struct stmt *q, struct arena *a, struct team *out)
{
    *out = (struct team){.id = row_int(q, 0),
                         .name = arena_strdup(a, row_text(q, 1)),
                         .description = arena_strdup(a, row_text(q, 2)),
                         .created = row_int(q, 3),
                         .members = row_int(q, 4)};
}

bool team_insert(struct db *db, const char *name, const char *description, int64_t *id,
                 struct error *err)
{
    static const char sql[] = "INSERT INTO team(name, name_key, description, created, modified)"
                              " VALUES(?1, ?2, ?3, ?4, ?4) ON CONFLICT(name_key) DO NOTHING";
    struct stmt *q = db_stmt(db, sql);
    char *key = name_key(name);
    bool ok;

    stmt_bind_text(q, 1, name);
    stmt_bind_text(q, 2, key);
    stmt_bind_text(q, 3, description);
    stmt_bind_int(q, 4, clock_now_us());
    ok = stmt_run(q, err);
    free(key);
    if (ok && db_changes(db) == 0)
        return error_conflict(err, "team.name_taken", "There already is a team \"%s\".", name);
    *id = db_last_id(db);
    return ok;
}

bool team_get(struct db *db, int64_t id, struct arena *a, struct team *out, struct error *err)
{
    static const char sql[] = "SELECT " TEAM_COLUMNS " FROM team WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_int(q, 1, id);
    found = stmt_row(q);
    if (found)
        read_team(q, a, out);
    return stmt_done(q, err) &&
           (found || error_not_found(err, "team", "There is no team_%lld.", (long long)id));
}

bool team_update(struct db *db, int64_t id, const char *name, const char *description,
                 struct error *err)
{
    static const char sql[] = "UPDATE team SET name = coalesce(?2, name),"
                              " name_key = coalesce(?3, name_key),"
                              " description = coalesce(?4, description), modified = ?5"
                              " WHERE id = ?1";
    static const char taken[] = "SELECT 1 FROM team WHERE name_key = ?1 AND id <> ?2";
    struct stmt *q = db_stmt(db, taken);
    char *key = name ? name_key(name) : NULL;
    int64_t one;
    bool ok = false;

    stmt_bind_text(q, 1, key);
    stmt_bind_int(q, 2, id);
    if (stmt_int(q, &one, err)) {
        error_conflict(err, "team.name_taken", "There already is a team \"%s\".", name);
        goto out;
    }
    q = db_stmt(db, sql);
    stmt_bind_int(q, 1, id);
    stmt_bind_text(q, 2, name);
    stmt_bind_text(q, 3, key);
    stmt_bind_text(q, 4, description);
    stmt_bind_int(q, 5, clock_now_us());
    ok = rows_changed(db, stmt_run(q, err), "team", err);
out:
    free(key);
    return ok;
}

bool team_delete(struct db *db, int64_t id, struct error *err)
{
    static const char used[] = "SELECT job.name FROM job_team JOIN job ON job.id = job_team.job"
                               " WHERE job_team.team = ?1 LIMIT 1";
    static const char forget[] = "UPDATE aws_job SET team = 0 WHERE team = ?1";
    static const char sql[] = "DELETE FROM team WHERE id = ?1";
    struct stmt *q = db_stmt(db, used);

    stmt_bind_int(q, 1, id);
    if (stmt_row(q)) {
        error_conflict(err, "team.in_use", "The team works on the job \"%s\".", row_text(q, 0));
        stmt_done(q, NULL);
        return false;
    }
    if (!stmt_done(q, err))
        return false;
    q = db_stmt(db, forget); /* ids of teams come again */
    stmt_bind_int(q, 1, id);
    if (!stmt_run(q, err) || !tag_drop_all(db, TAG_TEAM, id, err))
        return false;
    q = db_stmt(db, sql);
    stmt_bind_int(q, 1, id);
    return rows_changed(db, stmt_run(q, err), "team", err);
}

bool team_list(struct db *db, struct arena *a, struct team **out, int *count, struct error *err)
{
    static const char sql[] = "SELECT " TEAM_COLUMNS " FROM team ORDER BY name_key";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    while (stmt_row(q))
        read_team(q, a, rows_next(a, (void **)out, count, &capacity, sizeof **out));
    return stmt_done(q, err);
}

/* Whom somebody adds or takes out by hand is a member, or none, for that reason alone, whatever groups
 * of the AWS door brought before. */
static bool by_hand(struct db *db, int64_t team, int64_t person, struct error *err)
{
    static const char sql[] =
        "UPDATE team SET aws = json_set(aws, '$.Brought', (SELECT json_group_array(b.value)"
        " FROM json_each(team.aws, '$.Brought') AS b WHERE b.value <> ?2))"
        " WHERE id = ?1 AND aws ->> '$.Brought' IS NOT NULL";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, team);
    stmt_bind_int(q, 2, person);
    return stmt_run(q, err);
}

bool team_add(struct db *db, int64_t team, int64_t person, struct error *err)
{
    static const char sql[] = "INSERT INTO team_member VALUES(?1, ?2) ON CONFLICT DO NOTHING";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, team);
    stmt_bind_int(q, 2, person);
    db_touch(db, TOUCH_JOB, 0);
    return stmt_run(q, err) && by_hand(db, team, person, err);
}

bool team_remove(struct db *db, int64_t team, int64_t person, struct error *err)
{
    static const char sql[] = "DELETE FROM team_member WHERE team = ?1 AND person = ?2";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, team);
    stmt_bind_int(q, 2, person);
    db_touch(db, TOUCH_JOB, 0);
    return stmt_run(q, err) && by_hand(db, team, person, err);
}
