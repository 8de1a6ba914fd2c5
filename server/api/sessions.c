/* sessions.c - signing in and out. */
#include "sessions.h"

#include "plumbline/base/clock.h"

#include <stdio.h>
#include <string.h>

enum {
    SESSION_DAYS_KEEP = 14,
    FREE_FAILURES = 5,         /* before a name is locked */
    LOCK_SECONDS = 30,         /* doubles with every further failure … */
    LOCK_SECONDS_MAX = 15 * 60 /* … up to here */
};

/* ---- what a session looks like ---- */

struct person_view {
    const char *id, *name, *role;
};

static const struct field person_view_fields[] = {
    {.name = "id", .kind = FIELD_TEXT, .at = offsetof(struct person_view, id), .required = true},
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct person_view, name),
     .required = true},
    {.name = "role", .kind = FIELD_TEXT, .at = offsetof(struct person_view, role),
     .required = true, .help = "annotator, reviewer, lead or admin"},
    FIELD_END};

struct session_view {
    struct person_view person;
    const char        *csrf;
    json_t            *preferences;
};

const struct field session_view_fields[] = {
    {.name = "person", .kind = FIELD_OBJECT, .at = offsetof(struct session_view, person),
     .fields = person_view_fields, .required = true},
    {.name = "csrf", .kind = FIELD_TEXT, .at = offsetof(struct session_view, csrf),
     .required = true, .help = "To be sent as X-CSRF-Token with every change"},
    {.name = "preferences", .kind = FIELD_ANY, .at = offsetof(struct session_view, preferences),
     .required = true, .help = "The browser's own settings"},
    FIELD_END};

static bool reply_session(struct http_request *rq, const struct person *p, const char *csrf)
{
    struct session_view v = {.person = {.id = api_id_text(&rq->arena, "person", p->id),
                                        .name = p->name,
                                        .role = role_name(p->role)},
                             .csrf = csrf,
                             .preferences = json_loads(p->preferences, 0, NULL)};

    http_reply_fields(rq, &v);
    json_decref(v.preferences);
    return true;
}

static void set_cookie(struct http_request *rq, const char *token, int64_t seconds)
{
    char cookie[256];

    snprintf(cookie, sizeof cookie, "plumbline=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s",
             token, (long long)seconds, http_is_secure(rq) ? "; Secure" : "");
    http_add_header(rq, "Set-Cookie", cookie);
}

/* ---- GET /setup ---- */

struct setup_view {
    const char *version;
    bool        needs_admin;
};

static const struct field setup_fields[] = {
    {.name = "version", .kind = FIELD_TEXT, .at = offsetof(struct setup_view, version),
     .required = true},
    {.name = "needs_admin", .kind = FIELD_BOOL, .at = offsetof(struct setup_view, needs_admin),
     .required = true, .help = "Nobody has followed the first link yet"},
    FIELD_END};

static bool read_setup(struct http_request *rq, struct db *db, struct error *err)
{
    struct setup_view v = {.version = api_version()};
    int64_t admins = 0;

    if (!person_admins(db, &admins, err))
        return false;
    v.needs_admin = admins == 0;
    return http_reply_fields(rq, &v);
}

static bool get_setup(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_setup, err);
}

/* ---- GET and DELETE /session ---- */

static bool read_session(struct http_request *rq, struct db *db, struct error *err)
{
    const char *cookie = http_cookie(rq, "plumbline");
    uint8_t hash[SECRET_HASH_SIZE];
    struct session session;
    struct person p;

    if (!cookie)
        return error_set(err, 401, "session.required", "", "Please sign in.");
    token_hash(cookie, hash);
    return session_get(db, hash, clock_now_us(), &rq->arena, &session, &p, err) &&
           addresses_admit(rq, p.role, NULL, err) && reply_session(rq, &p, session.csrf);
}

static bool get_session(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_session, err);
}

static bool drop_session(struct db *db, void *context, struct error *err)
{
    return session_delete(db, *(int64_t *)context, err);
}

static bool dropped(struct http_request *rq, struct error *err)
{
    (void)err;
    set_cookie(rq, "", 0);
    return http_reply_empty(rq, 204);
}

static bool delete_session(struct http_request *rq, struct error *err)
{
    int64_t *id = arena_alloc(&rq->arena, sizeof *id);

    if (!rq->by_cookie)
        return error_invalid(err, "", "Only a browser's session can be signed out.");
    *id = rq->session;
    return api_write_access(rq, drop_session, id, dropped);
}

/* ---- POST /session: the password is checked on the hashing thread ---- */

const struct field sign_in_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct sign_in_body, name),
     .required = true, .min = 1, .max = PERSON_NAME_MAX},
    {.name = "password", .kind = FIELD_TEXT, .at = offsetof(struct sign_in_body, password),
     .required = true, .min = 1, .max = 1000},
    {.name = "keep", .kind = FIELD_BOOL, .at = offsetof(struct sign_in_body, keep),
     .help = "Stay signed in for 14 days instead of one"},
    FIELD_END};

bool session_open(struct db *db, struct entering *e, struct error *err)
{
    uint8_t hash[SECRET_HASH_SIZE];

    token_new(e->token);
    token_new(e->csrf);
    token_hash(e->token, hash);
    return session_sweep(db, clock_now_us(), err) &&
           session_insert(db, hash, e->person.id, e->csrf,
                          clock_now_us() + e->seconds * SECOND_US, err);
}

static bool write_entered(struct db *db, void *context, struct error *err)
{
    struct entering *e = context;

    return sign_in_clear(db, e->name, err) && session_open(db, e, err);
}

static bool write_failure(struct db *db, void *context, struct error *err)
{
    struct entering *e = context;
    int64_t over = e->failures - FREE_FAILURES, seconds = 0;

    if (over >= 0) {
        seconds = over > 5 ? LOCK_SECONDS_MAX : (int64_t)LOCK_SECONDS << over;
        if (seconds > LOCK_SECONDS_MAX)
            seconds = LOCK_SECONDS_MAX;
        e->locked_until = e->now + seconds * SECOND_US;
    }
    return sign_in_failed(db, e->name, e->failures, e->locked_until, err);
}

static bool refuse_locked(struct http_request *rq, int64_t until, struct error *err)
{
    int64_t seconds = (until - clock_now_us()) / SECOND_US + 1;
    char text[CLOCK_TEXT_SIZE], wait[24];

    snprintf(wait, sizeof wait, "%lld", (long long)(seconds > 0 ? seconds : 1));
    http_add_header(rq, "Retry-After", wait);
    return error_set(err, 429, "session.locked", "",
                     "Too many failed attempts for this name. Try again after %s.",
                     clock_text(until, text));
}

static bool check_password(struct http_request *rq, void *context, struct error *err)
{
    const struct sign_in_body *in = rq->in;
    struct service *s = service_of(rq);
    struct entering *e = context;
    struct db *db = db_pool_take(s->pool, err);
    struct error unknown = {0};
    bool right;

    if (!db)
        return false;
    e->name = in->name;
    e->now = clock_now_us();
    if (!sign_in_state(db, in->name, &e->failures, &e->locked_until, err)) {
        db_pool_give(s->pool, db);
        return false;
    }
    person_by_name(db, in->name, &rq->arena, &e->person, &unknown);
    db_pool_give(s->pool, db);
    if (e->locked_until > e->now + LOCK_SECONDS_MAX * SECOND_US)
        e->locked_until = 0; /* longer than any: the clock has gone back since */
    if (e->locked_until > e->now)
        return refuse_locked(rq, e->locked_until, err);
    right = password_verify(in->password, e->person.password) && e->person.active;
    if (right)
        return addresses_admit(rq, e->person.role, &e->from, err) &&
               writer_call(s->writer, write_entered, e, err);
    e->failures++;
    if (!writer_call(s->writer, write_failure, e, err))
        return false;
    if (e->locked_until > e->now)
        return refuse_locked(rq, e->locked_until, err);
    return error_set(err, 401, "session.refused", "", "Name and password do not go together.");
}

bool session_entered(struct http_request *rq, struct error *err)
{
    struct entering *e = rq->user;

    (void)err;
    set_cookie(rq, e->token, e->seconds);
    return reply_session(rq, &e->person, e->csrf);
}

static bool post_session(struct http_request *rq, struct error *err)
{
    const struct sign_in_body *in = rq->in;
    struct entering *e = arena_alloc(&rq->arena, sizeof *e);

    (void)err;
    e->from = caller_of(rq);
    e->seconds = (in->keep ? SESSION_DAYS_KEEP : SESSION_DAYS) * 86400;
    rq->user = e;
    return http_offload(rq, api_of(rq)->hashing, check_password, e, session_entered);
}

const struct route session_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/setup", .who = HTTP_PUBLIC, .run = get_setup,
     .status = 200, .reply = setup_fields, .reply_name = "Setup", .tag = "Session",
     .summary = "Whether the first admin is still to be made"},
    {.method = HTTP_GET, .path = "/api/v1/session", .who = HTTP_PUBLIC, .run = get_session,
     .status = 200, .reply = session_view_fields, .reply_name = "Session",
     .errors = "401 session.required, 404 workforce.address", .tag = "Session",
     .summary = "Who is signed in here"},
    {.method = HTTP_POST, .path = "/api/v1/session", .who = HTTP_PUBLIC, .run = post_session,
     .takes = HTTP_BODY_JSON, .body = sign_in_fields, .in_size = sizeof(struct sign_in_body),
     .status = 200, .reply = session_view_fields, .reply_name = "Session",
     .errors = "401 session.refused, 404 workforce.address, 429 session.locked", .tag = "Session",
     .summary = "Sign in; sets the session cookie"},
    {.method = HTTP_DELETE, .path = "/api/v1/session", .who = WHO_ANNOTATOR,
     .run = delete_session, .status = 204, .errors = "422 field.invalid", .tag = "Session",
     .summary = "Sign out"},
    {0}};
