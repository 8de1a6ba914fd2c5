/* aws_team.c - teams as the AWS door sees them. Names of teams are free text in REST; one that does
 * not fit a WorkteamName is shown as team-7, after its id. */
#include "plumbline/base/clock.h"
#include "plumbline/store/aws.h"
#include "plumbline/store/people.h"
#include "plumbline/store/touch.h"
#include "rows.h"

/* The model's pattern, [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62} with at most 63 characters, as SQLite can
 * say it. */
#define SHOWN                                                                                      \
    "iif(length(team.name) <= 63 AND team.name NOT GLOB '*[^a-zA-Z0-9-]*'"                         \
    " AND team.name GLOB '[a-zA-Z0-9]*' AND team.name GLOB '*[a-zA-Z0-9]',"                        \
    " team.name, 'team-' || team.id)"
#define TEAM_COLUMNS                                                                               \
    "team.id, " SHOWN ", team.description, team.aws, team.created, max(team.created, "             \
                      "team.modified)"

static struct aws_team read_team(struct stmt *q, struct arena *a)
{
    return (struct aws_team){.id = row_int(q, 0),
                             .name = arena_strdup(a, row_text(q, 1)),
                             .description = arena_strdup(a, row_text(q, 2)),
                             .aws = arena_strdup(a, row_text(q, 3)),
                             .created = row_int(q, 4),
                             .modified = row_int(q, 5)};
}

static bool read_one(struct stmt *q, struct arena *a, struct aws_team *out, bool *found,
                     struct error *err)
{
    *found = stmt_row(q);
    if (*found)
        *out = read_team(q, a);
    return stmt_done(q, err);
}

bool aws_team_get(struct db *db, int64_t id, struct arena *a, struct aws_team *out, bool *found,
                  struct error *err)
{
    static const char sql[] = "SELECT " TEAM_COLUMNS " FROM team WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    return read_one(q, a, out, found, err);
}

bool aws_team_by_name(struct db *db, const char *name, struct arena *a, struct aws_team *out,
                      bool *found, struct error *err)
{
    static const char sql[] =
        "SELECT " TEAM_COLUMNS " FROM team WHERE lower(" SHOWN
        ") = lower(?1) ORDER BY lower(team.name) = lower(?1) DESC, id LIMIT 1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_text(q, 1, name);
    return read_one(q, a, out, found, err);
}

bool aws_team_set(struct db *db, int64_t id, const char *aws, struct error *err)
{
    static const char sql[] = "UPDATE team SET aws = ?2, modified = ?3 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_text(q, 2, aws);
    stmt_bind_int(q, 3, clock_now_us());
    return rows_changed(db, stmt_run(q, err), "team", err);
}

static bool run(struct db *db, const char *sql, int64_t id, struct error *err)
{
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    return stmt_run(q, err);
}

#define OF_GROUP                                                                                   \
    " FROM team JOIN team_member AS m ON m.team = team.id"                                         \
    " WHERE lower(" SHOWN ") = lower(?2) OR lower(team.name) = lower(?2)"

/* Whoever is a member already was not brought by this group. */
bool aws_team_bring(struct db *db, int64_t id, const char *group, struct error *err)
{
    static const char note[] =
        "UPDATE team SET aws = json_set(coalesce(aws, '{}'), '$.Brought',"
        " (SELECT json_group_array(person) FROM (SELECT b.value AS person"
        "   FROM json_each(coalesce(team.aws, '{}'), '$.Brought') AS b"
        "   UNION SELECT person FROM (SELECT m.person" OF_GROUP ")"
        "   WHERE person NOT IN (SELECT person FROM team_member WHERE team = ?1))))"
        " WHERE id = ?1";
    static const char add[] = "INSERT INTO team_member(team, person) SELECT ?1, m.person" OF_GROUP
                              " ON CONFLICT DO NOTHING";
    const char *const steps[] = {note, add};

    db_touch(db, TOUCH_JOB, 0);
    for (int i = 0; i < 2; i++) {
        struct stmt *q = db_stmt(db, steps[i]);

        stmt_bind_int(q, 1, id);
        stmt_bind_text(q, 2, group);
        if (!stmt_run(q, err))
            return false;
    }
    return true;
}

bool aws_team_send_back(struct db *db, int64_t id, struct error *err)
{
    static const char leave[] =
        "DELETE FROM team_member WHERE team = ?1 AND person IN (SELECT b.value FROM team,"
        " json_each(coalesce(team.aws, '{}'), '$.Brought') AS b WHERE team.id = ?1)";
    static const char none[] =
        "UPDATE team SET aws = json_remove(aws, '$.Brought') WHERE id = ?1 AND aws IS NOT NULL";

    db_touch(db, TOUCH_JOB, 0);
    return run(db, leave, id, err) && run(db, none, id, err);
}

bool aws_team_busy(struct db *db, int64_t id, struct arena *a, const char **job, struct error *err)
{
    static const char sql[] = "SELECT job.name FROM job_team JOIN job ON job.id = job_team.job"
                              " WHERE job_team.team = ?1 AND job.state NOT IN (3, 4, 6) LIMIT 1";
    struct stmt *q = db_stmt(db, sql);

    *job = NULL;
    stmt_bind_int(q, 1, id);
    if (stmt_row(q))
        *job = arena_strdup(a, row_text(q, 0));
    return stmt_done(q, err);
}

bool aws_team_delete(struct db *db, int64_t id, struct error *err)
{
    static const char people[] = "INSERT INTO job_person(job, person) SELECT t.job, m.person"
                                 " FROM job_team AS t JOIN team_member AS m ON m.team = t.team"
                                 " WHERE t.team = ?1 ON CONFLICT DO NOTHING";
    /* A team without people: a job that names nobody would be everybody's. */
    static const char maker[] = "INSERT INTO job_person(job, person) SELECT job.id, job.created_by"
                                " FROM job_team AS t JOIN job ON job.id = t.job"
                                " WHERE t.team = ?1 AND job.created_by IS NOT NULL"
                                " ON CONFLICT DO NOTHING";
    static const char leave[] = "DELETE FROM job_team WHERE team = ?1";

    db_touch(db, TOUCH_JOB, 0);
    return run(db, people, id, err) && run(db, maker, id, err) && run(db, leave, id, err) &&
           team_delete(db, id, err);
}

bool aws_team_count(struct db *db, int64_t *count, struct error *err)
{
    static const char sql[] = "SELECT count(*) FROM team";

    return stmt_int(db_stmt(db, sql), count, err);
}

#define FIND(order, beyond)                                                                        \
    "SELECT * FROM (SELECT " TEAM_COLUMNS ", iif(?2 = 0, lower(" SHOWN                             \
    "), printf('%020d', team.created)) AS key FROM team"                                           \
    " WHERE ?1 IS NULL OR instr(" SHOWN ", ?1) > 0)"                                               \
    " WHERE ?3 IS NULL OR (key, id) " beyond " (?3, ?4)"                                           \
    " ORDER BY key " order ", id " order " LIMIT ?5"

bool aws_team_find(struct db *db, const struct aws_team_filter *f, struct arena *a,
                   struct aws_team_row **out, int *count, struct error *err)
{
    static const char up[] = FIND("ASC", ">"), down[] = FIND("DESC", "<");
    struct stmt *q = db_stmt(db, f->descending ? down : up);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_text(q, 1, f->name);
    stmt_bind_int(q, 2, f->sort);
    stmt_bind_text(q, 3, f->after ? f->after->key : NULL);
    stmt_bind_int(q, 4, f->after ? f->after->id : 0);
    stmt_bind_int(q, 5, f->limit);
    while (stmt_row(q)) {
        struct aws_team_row *row = rows_next(a, (void **)out, count, &capacity, sizeof **out);

        row->team = read_team(q, a);
        row->key = arena_strdup(a, row_text(q, 6));
    }
    return stmt_done(q, err);
}
