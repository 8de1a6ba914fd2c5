/* person.c - people as rows. */
#include "plumbline/store/people.h"

#include "name_key.h"
#include "plumbline/base/clock.h"
#include "plumbline/store/touch.h"
#include "rows.h"

#define PERSON_COLUMNS                                                                             \
    "person.id, person.name, person.role, person.password, person.active, person.created,"        \
    " person.last_seen, person.answers, person.preferences"

static const struct {
    enum role   role;
    const char *name;
} roles[] = {{ROLE_ANNOTATOR, "annotator"},
             {ROLE_REVIEWER, "reviewer"},
             {ROLE_LEAD, "lead"},
             {ROLE_ADMIN, "admin"}};

const char *role_name(unsigned role)
{
    for (size_t i = 0; i < 4; i++)
        if ((unsigned)roles[i].role == role)
            return roles[i].name;
    return "";
}

bool role_parse(const char *name, enum role *out)
{
    for (size_t i = 0; i < 4; i++) {
        if (strcmp(roles[i].name, name) == 0) {
            *out = roles[i].role;
            return true;
        }
    }
    return false;
}

static void read_person(struct stmt *q, int at, struct arena *a, struct person *out)
{
    *out = (struct person){.id = row_int(q, at),
                           .name = arena_strdup(a, row_text(q, at + 1)),
                           .role = (enum role)row_int(q, at + 2),
                           .password = arena_strdup(a, row_text(q, at + 3)),
                           .active = row_int(q, at + 4) != 0,
                           .created = row_int(q, at + 5),
                           .last_seen = row_int(q, at + 6),
                           .answers = row_int(q, at + 7),
                           .preferences = arena_strdup(a, row_text(q, at + 8))};
}

bool person_insert(struct db *db, const char *name, enum role role, const char *password,
                   int64_t *id, struct error *err)
{
    static const char sql[] = "INSERT INTO person(name, name_key, role, password, created)"
                              " VALUES(?1, ?2, ?3, ?4, ?5)"
                              " ON CONFLICT(name_key) DO NOTHING";
    struct stmt *q = db_stmt(db, sql);
    char *key = name_key(name);
    bool ok;

    stmt_bind_text(q, 1, name);
    stmt_bind_text(q, 2, key);
    stmt_bind_int(q, 3, role);
    stmt_bind_text(q, 4, password);
    stmt_bind_int(q, 5, clock_now_us());
    ok = stmt_run(q, err);
    free(key);
    if (ok && db_changes(db) == 0)
        return error_conflict(err, "person.name_taken", "Somebody already has the name \"%s\".",
                              name);
    *id = db_last_id(db);
    return ok;
}

bool person_get(struct db *db, int64_t id, struct arena *a, struct person *out, struct error *err)
{
    static const char sql[] = "SELECT " PERSON_COLUMNS " FROM person WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_int(q, 1, id);
    found = stmt_row(q);
    if (found)
        read_person(q, 0, a, out);
    return stmt_done(q, err) &&
           (found || error_not_found(err, "person", "There is no person_%lld.", (long long)id));
}

bool person_by_name(struct db *db, const char *name, struct arena *a, struct person *out,
                    struct error *err)
{
    static const char sql[] = "SELECT " PERSON_COLUMNS " FROM person WHERE name_key = ?1";
    struct stmt *q = db_stmt(db, sql);
    char *key = name_key(name);
    bool found;

    stmt_bind_text(q, 1, key);
    found = stmt_row(q);
    if (found)
        read_person(q, 0, a, out);
    found = stmt_done(q, err) &&
            (found || error_not_found(err, "person", "Nobody has the name \"%s\".", name));
    free(key);
    return found;
}

bool person_set_role(struct db *db, int64_t id, enum role role, struct error *err)
{
    static const char sql[] = "UPDATE person SET role = ?2 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, role);
    db_touch(db, TOUCH_ACCESS, id);
    return rows_changed(db, stmt_run(q, err), "person", err);
}

bool person_set_active(struct db *db, int64_t id, bool active, struct error *err)
{
    static const char sql[] = "UPDATE person SET active = ?2 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, active);
    db_touch(db, TOUCH_ACCESS, id);
    return rows_changed(db, stmt_run(q, err), "person", err);
}

bool person_set_password(struct db *db, int64_t id, const char *password, struct error *err)
{
    static const char sql[] = "UPDATE person SET password = ?2 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_text(q, 2, password);
    return rows_changed(db, stmt_run(q, err), "person", err);
}

bool person_set_preferences(struct db *db, int64_t id, const char *json, struct error *err)
{
    static const char sql[] = "UPDATE person SET preferences = ?2 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_text(q, 2, json);
    return rows_changed(db, stmt_run(q, err), "person", err);
}

bool person_seen(struct db *db, int64_t id, int64_t when, struct error *err)
{
    static const char sql[] = "UPDATE person SET last_seen = ?2 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, when);
    return stmt_run(q, err);
}

bool person_admins(struct db *db, int64_t *count, struct error *err)
{
    static const char sql[] = "SELECT count(*) FROM person WHERE role = 8 AND active = 1";

    return stmt_int(db_stmt(db, sql), count, err);
}

bool person_list(struct db *db, int64_t after, int limit, struct arena *a, struct person **out,
                 int *count, struct error *err)
{
    static const char sql[] = "SELECT " PERSON_COLUMNS " FROM person"
                              " WHERE id > ?1 ORDER BY id LIMIT ?2";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, after);
    stmt_bind_int(q, 2, limit);
    while (stmt_row(q))
        read_person(q, 0, a, rows_next(a, (void **)out, count, &capacity, sizeof **out));
    return stmt_done(q, err);
}

/* ---- who a credential belongs to: read together with its person ---- */

bool session_get(struct db *db, const uint8_t token[TOKEN_HASH_SIZE], int64_t now, struct arena *a,
                 struct session *out, struct person *person, struct error *err)
{
    static const char sql[] = "SELECT session.id, session.expires, session.csrf, " PERSON_COLUMNS
                              " FROM session JOIN person ON person.id = session.person"
                              " WHERE session.token = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_blob(q, 1, token, TOKEN_HASH_SIZE);
    found = stmt_row(q);
    if (found) {
        read_person(q, 3, a, person);
        *out = (struct session){.id = row_int(q, 0),
                                .person = person->id,
                                .expires = row_int(q, 1),
                                .csrf = arena_strdup(a, row_text(q, 2))};
    }
    if (!stmt_done(q, err))
        return false;
    if (!found || out->expires < now || !person->active)
        return error_set(err, 401, "session.required", "",
                         "Your session has ended. Please sign in again.");
    return true;
}

bool key_by_token(struct db *db, const uint8_t token[TOKEN_HASH_SIZE], int64_t now, struct arena *a,
                  struct api_key *out, struct person *person, struct error *err)
{
    static const char sql[] = "SELECT api_key.id, api_key.expires, api_key.last_used, "
                              PERSON_COLUMNS
                              " FROM api_key JOIN person ON person.id = api_key.person"
                              " WHERE api_key.token = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_blob(q, 1, token, TOKEN_HASH_SIZE);
    found = stmt_row(q);
    if (found) {
        read_person(q, 3, a, person);
        *out = (struct api_key){.id = row_int(q, 0),
                                .person = person->id,
                                .expires = row_int(q, 1),
                                .last_used = row_int(q, 2)};
    }
    if (!stmt_done(q, err))
        return false;
    if (!found || (out->expires && out->expires < now) || !person->active)
        return error_set(err, 401, "key.refused", "",
                         "This token is not known, has expired or belongs to somebody who was "
                         "deactivated.");
    return true;
}

bool key_by_access_key(struct db *db, const char *access_key_id, struct arena *a,
                       struct api_key *out, struct person *person, bool *found, struct error *err)
{
    static const char sql[] = "SELECT api_key.id, api_key.expires, api_key.last_used,"
                              " api_key.secret, " PERSON_COLUMNS
                              " FROM api_key JOIN person ON person.id = api_key.person"
                              " WHERE api_key.access_key_id = ?1";
    struct stmt *q = db_stmt(db, sql);
    const void *secret;
    void *copy;

    stmt_bind_text(q, 1, access_key_id);
    *found = stmt_row(q);
    if (*found) {
        read_person(q, 4, a, person);
        *out = (struct api_key){.id = row_int(q, 0),
                                .person = person->id,
                                .expires = row_int(q, 1),
                                .last_used = row_int(q, 2),
                                .access_key_id = arena_strdup(a, access_key_id)};
        secret = row_blob(q, 3, &out->secret_size);
        out->secret = copy = arena_alloc(a, out->secret_size + 1);
        memcpy(copy, secret, out->secret_size);
    }
    return stmt_done(q, err);
}

bool team_people(struct db *db, int64_t team, struct arena *a, struct person **out, int *count,
                 struct error *err)
{
    static const char sql[] = "SELECT " PERSON_COLUMNS
                              " FROM team_member JOIN person ON person.id = team_member.person"
                              " WHERE team_member.team = ?1 ORDER BY person.id";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, team);
    while (stmt_row(q))
        read_person(q, 0, a, rows_next(a, (void **)out, count, &capacity, sizeof **out));
    return stmt_done(q, err);
}
