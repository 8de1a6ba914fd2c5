/* session.c - sessions, failed sign-ins, invitations and keys as rows. Reading a session or a key
 * together with its person is in person.c. */
#include "name_key.h"
#include "plumbline/base/clock.h"
#include "plumbline/store/people.h"
#include "plumbline/store/touch.h"
#include "rows.h"

bool session_insert(struct db *db, const uint8_t token[TOKEN_HASH_SIZE], int64_t person,
                    const char *csrf, int64_t expires, struct error *err)
{
    static const char sql[] = "INSERT INTO session(token, person, csrf, created, expires)"
                              " VALUES(?1, ?2, ?3, ?4, ?5)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_blob(q, 1, token, TOKEN_HASH_SIZE);
    stmt_bind_int(q, 2, person);
    stmt_bind_text(q, 3, csrf);
    stmt_bind_int(q, 4, clock_now_us());
    stmt_bind_int(q, 5, expires);
    return stmt_run(q, err);
}

bool session_delete(struct db *db, int64_t id, struct error *err)
{
    static const char sql[] = "DELETE FROM session WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    return stmt_run(q, err);
}

bool session_delete_others(struct db *db, int64_t person, int64_t keep, struct error *err)
{
    static const char sql[] = "DELETE FROM session WHERE person = ?1 AND id <> ?2";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, person);
    stmt_bind_int(q, 2, keep);
    return stmt_run(q, err);
}

bool session_sweep(struct db *db, int64_t now, struct error *err)
{
    static const char sql[] = "DELETE FROM session WHERE expires < ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, now);
    return stmt_run(q, err);
}

bool sign_in_state(struct db *db, const char *name, int64_t *failures, int64_t *locked_until,
                   struct error *err)
{
    static const char sql[] = "SELECT failures, locked_until FROM sign_in WHERE name_key = ?1";
    struct stmt *q = db_stmt(db, sql);
    char *key = name_key(name);
    bool ok;

    *failures = *locked_until = 0;
    stmt_bind_text(q, 1, key);
    if (stmt_row(q)) {
        *failures = row_int(q, 0);
        *locked_until = row_int(q, 1);
    }
    ok = stmt_done(q, err);
    free(key);
    return ok;
}

bool sign_in_failed(struct db *db, const char *name, int64_t failures, int64_t locked_until,
                    struct error *err)
{
    static const char sql[] = "INSERT INTO sign_in VALUES(?1, ?2, ?3) ON CONFLICT(name_key)"
                              " DO UPDATE SET failures = ?2, locked_until = ?3";
    struct stmt *q = db_stmt(db, sql);
    char *key = name_key(name);
    bool ok;

    stmt_bind_text(q, 1, key);
    stmt_bind_int(q, 2, failures);
    stmt_bind_int(q, 3, locked_until);
    ok = stmt_run(q, err);
    free(key);
    return ok;
}

bool sign_in_clear(struct db *db, const char *name, struct error *err)
{
    static const char sql[] = "DELETE FROM sign_in WHERE name_key = ?1";
    struct stmt *q = db_stmt(db, sql);
    char *key = name_key(name);
    bool ok;

    stmt_bind_text(q, 1, key);
    ok = stmt_run(q, err);
    free(key);
    return ok;
}

bool invitation_insert(struct db *db, const uint8_t token[TOKEN_HASH_SIZE], enum role role,
                       int64_t created_by, int64_t expires, int64_t *id, struct error *err)
{
    static const char sql[] = "INSERT INTO invitation(token, role, created_by, created, expires)"
                              " VALUES(?1, ?2, ?3, ?4, ?5)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_blob(q, 1, token, TOKEN_HASH_SIZE);
    stmt_bind_int(q, 2, role);
    if (created_by)
        stmt_bind_int(q, 3, created_by);
    stmt_bind_int(q, 4, clock_now_us());
    stmt_bind_int(q, 5, expires);
    if (!stmt_run(q, err))
        return false;
    *id = db_last_id(db);
    return true;
}

static void read_invitation(struct stmt *q, struct invitation *out)
{
    *out = (struct invitation){.id = row_int(q, 0),
                               .role = (enum role)row_int(q, 1),
                               .created = row_int(q, 2),
                               .expires = row_int(q, 3),
                               .used_by = row_int(q, 4)};
}

bool invitation_by_token(struct db *db, const uint8_t token[TOKEN_HASH_SIZE],
                         struct invitation *out, struct error *err)
{
    static const char sql[] = "SELECT id, role, created, expires, used_by FROM invitation"
                              " WHERE token = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_blob(q, 1, token, TOKEN_HASH_SIZE);
    found = stmt_row(q);
    if (found)
        read_invitation(q, out);
    return stmt_done(q, err) &&
           (found || error_not_found(err, "invitation", "This invitation link is not known."));
}

bool invitation_use(struct db *db, int64_t id, int64_t person, struct error *err)
{
    static const char sql[] = "UPDATE invitation SET used_by = ?2 WHERE id = ?1 AND used_by IS NULL";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, person);
    if (!stmt_run(q, err))
        return false;
    return db_changes(db) == 1 || error_set(err, 410, "invitation.expired", "",
                                            "This invitation link was already used.");
}

bool invitation_delete(struct db *db, int64_t id, struct error *err)
{
    static const char sql[] = "DELETE FROM invitation WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    return rows_changed(db, stmt_run(q, err), "invitation", err);
}

bool invitation_delete_first(struct db *db, struct error *err)
{
    static const char sql[] = "DELETE FROM invitation WHERE created_by IS NULL AND used_by IS NULL";

    return stmt_run(db_stmt(db, sql), err);
}

bool invitation_list(struct db *db, struct arena *a, struct invitation **out, int *count,
                     struct error *err)
{
    static const char sql[] = "SELECT id, role, created, expires, used_by FROM invitation"
                              " ORDER BY id DESC LIMIT 200";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    while (stmt_row(q))
        read_invitation(q, rows_next(a, (void **)out, count, &capacity, sizeof **out));
    return stmt_done(q, err);
}

bool key_insert(struct db *db, int64_t person, const char *name,
                const uint8_t token[TOKEN_HASH_SIZE], const char *access_key_id, const void *secret,
                size_t secret_size, int64_t expires, int64_t *id, struct error *err)
{
    static const char sql[] =
        "INSERT INTO api_key(person, name, token, access_key_id, secret, created, expires)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, person);
    stmt_bind_text(q, 2, name);
    stmt_bind_blob(q, 3, token, TOKEN_HASH_SIZE);
    stmt_bind_text(q, 4, access_key_id);
    stmt_bind_blob(q, 5, secret, secret_size);
    stmt_bind_int(q, 6, clock_now_us());
    stmt_bind_int(q, 7, expires);
    if (!stmt_run(q, err))
        return false;
    *id = db_last_id(db);
    return true;
}

bool key_used(struct db *db, int64_t id, int64_t now, struct error *err)
{
    static const char sql[] = "UPDATE api_key SET last_used = ?2 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, now);
    return stmt_run(q, err);
}

bool key_delete(struct db *db, int64_t id, int64_t person, struct error *err)
{
    static const char sql[] = "DELETE FROM api_key WHERE id = ?1 AND (?2 = 0 OR person = ?2)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, person);
    db_touch(db, TOUCH_ACCESS, id);
    return rows_changed(db, stmt_run(q, err), "key", err);
}

bool key_list(struct db *db, int64_t person, struct arena *a, struct api_key **out, int *count,
              struct error *err)
{
    static const char sql[] = "SELECT id, person, name, access_key_id, created, last_used, expires"
                              " FROM api_key WHERE person = ?1 ORDER BY id";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, person);
    while (stmt_row(q)) {
        struct api_key *k = rows_next(a, (void **)out, count, &capacity, sizeof **out);

        *k = (struct api_key){.id = row_int(q, 0),
                              .person = row_int(q, 1),
                              .name = arena_strdup(a, row_text(q, 2)),
                              .access_key_id = arena_strdup(a, row_text(q, 3)),
                              .created = row_int(q, 4),
                              .last_used = row_int(q, 5),
                              .expires = row_int(q, 6)};
    }
    return stmt_done(q, err);
}
