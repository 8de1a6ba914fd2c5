/* people.h - people, sessions, invitations, keys and teams as rows.
 *
 * Functions that write take the writer's connection and run inside its transaction. Texts returned
 * live in the arena given. 404 NOUN.not_found when a row is missing, 409 NOUN.name_taken.
 */
#ifndef PLUMBLINE_STORE_PEOPLE_H
#define PLUMBLINE_STORE_PEOPLE_H

#include "plumbline/base/arena.h"
#include "plumbline/db/db.h"

/* Roles are bits, so that a route can name several; a person has exactly one. */
enum role { ROLE_ANNOTATOR = 1, ROLE_REVIEWER = 2, ROLE_LEAD = 4, ROLE_ADMIN = 8 };

enum { TOKEN_HASH_SIZE = 32, PERSON_NAME_MAX = 100 };

const char *role_name(unsigned role); /* "annotator" … or "" */
bool        role_parse(const char *name, enum role *out);

struct person {
    int64_t     id, created, last_seen, answers;
    const char *name, *password, *preferences;
    enum role   role;
    bool        active;
};

bool person_insert(struct db *db, const char *name, enum role role, const char *password,
                   int64_t *id, struct error *err);
bool person_get(struct db *db, int64_t id, struct arena *a, struct person *out, struct error *err);
bool person_by_name(struct db *db, const char *name, struct arena *a, struct person *out,
                    struct error *err);
bool person_set_role(struct db *db, int64_t id, enum role role, struct error *err);
bool person_set_active(struct db *db, int64_t id, bool active, struct error *err);
bool person_set_password(struct db *db, int64_t id, const char *password, struct error *err);
bool person_set_preferences(struct db *db, int64_t id, const char *json, struct error *err);
bool person_seen(struct db *db, int64_t id, int64_t when, struct error *err);
bool person_admins(struct db *db, int64_t *count, struct error *err); /* active ones */

/* Up to limit people with id > after, by id. *out is an array of *count in the arena. */
bool person_list(struct db *db, int64_t after, int limit, struct arena *a, struct person **out,
                 int *count, struct error *err);

struct session {
    int64_t     id, person, expires;
    const char *csrf;
};

bool session_insert(struct db *db, const uint8_t token[TOKEN_HASH_SIZE], int64_t person,
                    const char *csrf, int64_t expires, struct error *err);
/* The session and its person, when neither has ended; 401 session.required otherwise. */
bool session_get(struct db *db, const uint8_t token[TOKEN_HASH_SIZE], int64_t now, struct arena *a,
                 struct session *out, struct person *person, struct error *err);
bool session_delete(struct db *db, int64_t id, struct error *err);
bool session_delete_others(struct db *db, int64_t person, int64_t keep, struct error *err);
bool session_sweep(struct db *db, int64_t now, struct error *err);

/* Sign-in failures of a name. locked_until is 0 or a time. */
bool sign_in_state(struct db *db, const char *name, int64_t *failures, int64_t *locked_until,
                   struct error *err);
bool sign_in_failed(struct db *db, const char *name, int64_t failures, int64_t locked_until,
                    struct error *err);
bool sign_in_clear(struct db *db, const char *name, struct error *err);

struct invitation {
    int64_t   id, created, expires, used_by;
    enum role role;
};

bool invitation_insert(struct db *db, const uint8_t token[TOKEN_HASH_SIZE], enum role role,
                       int64_t created_by, int64_t expires, int64_t *id, struct error *err);
bool invitation_by_token(struct db *db, const uint8_t token[TOKEN_HASH_SIZE],
                         struct invitation *out, struct error *err);
bool invitation_use(struct db *db, int64_t id, int64_t person, struct error *err);
bool invitation_delete(struct db *db, int64_t id, struct error *err);
bool invitation_delete_first(struct db *db, struct error *err); /* the program's own, unused */
bool invitation_list(struct db *db, struct arena *a, struct invitation **out, int *count,
                     struct error *err);

struct api_key {
    int64_t     id, person, created, last_used, expires;
    const char *name, *access_key_id;
    const void *secret; /* sealed */
    size_t      secret_size;
};

bool key_insert(struct db *db, int64_t person, const char *name,
                const uint8_t token[TOKEN_HASH_SIZE], const char *access_key_id, const void *secret,
                size_t secret_size, int64_t expires, int64_t *id, struct error *err);
bool key_by_token(struct db *db, const uint8_t token[TOKEN_HASH_SIZE], int64_t now, struct arena *a,
                  struct api_key *out, struct person *person, struct error *err);
/* The key of an AWS client with its person, whether either has ended or not: *found tells whether
 * there is one. */
bool key_by_access_key(struct db *db, const char *access_key_id, struct arena *a,
                       struct api_key *out, struct person *person, bool *found, struct error *err);
bool key_used(struct db *db, int64_t id, int64_t now, struct error *err);
bool key_delete(struct db *db, int64_t id, int64_t person, struct error *err); /* person 0: any */
bool key_list(struct db *db, int64_t person, struct arena *a, struct api_key **out, int *count,
              struct error *err);

struct team {
    int64_t     id, created, members;
    const char *name, *description;
};

bool team_insert(struct db *db, const char *name, const char *description, int64_t *id,
                 struct error *err);
bool team_get(struct db *db, int64_t id, struct arena *a, struct team *out, struct error *err);
bool team_update(struct db *db, int64_t id, const char *name, const char *description,
                 struct error *err); /* NULL leaves it */
bool team_delete(struct db *db, int64_t id, struct error *err); /* 409 team.in_use by a job */
bool team_list(struct db *db, struct arena *a, struct team **out, int *count, struct error *err);
bool team_add(struct db *db, int64_t team, int64_t person, struct error *err);
bool team_remove(struct db *db, int64_t team, int64_t person, struct error *err);
bool team_people(struct db *db, int64_t team, struct arena *a, struct person **out, int *count,
                 struct error *err);

#endif
