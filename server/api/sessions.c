/* sessions.c - signing in and out, and the links that let people in. */
#include "context.h"

#include "plumbline/base/clock.h"

#include <stdio.h>
#include <string.h>

enum {
    SESSION_DAYS = 1,
    SESSION_DAYS_KEEP = 14,
    INVITATION_DAYS = 7,
    FREE_FAILURES = 5,         /* before a name is locked */
    LOCK_SECONDS = 30,         /* doubles with every further failure … */
    LOCK_SECONDS_MAX = 15 * 60 /* … up to here */
};

#define DAY_US (INT64_C(86400) * SECOND_US)

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

static const struct field session_view_fields[] = {
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
           reply_session(rq, &p, session.csrf);
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

struct sign_in_body {
    const char *name, *password;
    bool        keep;
};

static const struct field sign_in_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct sign_in_body, name),
     .required = true, .min = 1, .max = PERSON_NAME_MAX},
    {.name = "password", .kind = FIELD_TEXT, .at = offsetof(struct sign_in_body, password),
     .required = true, .min = 1, .max = 1000},
    {.name = "keep", .kind = FIELD_BOOL, .at = offsetof(struct sign_in_body, keep),
     .help = "Stay signed in for 14 days instead of one"},
    FIELD_END};

struct entering {
    struct person person;
    char          token[SECRET_TOKEN_SIZE], csrf[SECRET_TOKEN_SIZE];
    int64_t       seconds;
    const char   *name; /* as typed, for the count of failures */
    int64_t       failures, locked_until, now;
};

static bool open_session(struct db *db, struct entering *e, struct error *err)
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

    return sign_in_clear(db, e->name, err) && open_session(db, e, err);
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
        return writer_call(s->writer, write_entered, e, err);
    e->failures++;
    if (!writer_call(s->writer, write_failure, e, err))
        return false;
    if (e->locked_until > e->now)
        return refuse_locked(rq, e->locked_until, err);
    return error_set(err, 401, "session.refused", "", "Name and password do not go together.");
}

static bool entered(struct http_request *rq, struct error *err)
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
    e->seconds = (in->keep ? SESSION_DAYS_KEEP : SESSION_DAYS) * 86400;
    rq->user = e;
    return api_work(rq, api_of(rq)->hashing, check_password, e, entered);
}

/* ---- invitations ---- */

struct invitation_view {
    const char *id, *url, *role;
    int64_t     created, expires;
    bool        used, known; /* known: made, not only looked at */
};

static const struct field invitation_fields[] = {
    {.name = "id", .kind = FIELD_TEXT, .at = offsetof(struct invitation_view, id)},
    {.name = "url", .kind = FIELD_TEXT, .at = offsetof(struct invitation_view, url),
     .help = "The link; shown once"},
    {.name = "role", .kind = FIELD_TEXT, .at = offsetof(struct invitation_view, role),
     .required = true},
    {.name = "created", .kind = FIELD_TIME, .at = offsetof(struct invitation_view, created)},
    {.name = "expires", .kind = FIELD_TIME, .at = offsetof(struct invitation_view, expires),
     .required = true},
    {.name = "used", .kind = FIELD_BOOL, .at = offsetof(struct invitation_view, used),
     .present = AT(struct invitation_view, known)},
    FIELD_END};

struct invitation_list_view {
    struct objects list;
};

static const struct field invitation_list_fields[] = {
    {.name = "invitations", .kind = FIELD_OBJECTS, .at = offsetof(struct invitation_list_view, list),
     .fields = invitation_fields, .size = sizeof(struct invitation_view), .schema = "Invitation",
     .required = true},
    FIELD_END};

static const char *const role_choices[] = {"annotator", "reviewer", "lead", "admin", NULL};

struct invite_body {
    int     role;
    int64_t days;
};

static const struct field invite_fields[] = {
    {.name = "role", .kind = FIELD_ENUM, .at = offsetof(struct invite_body, role),
     .choices = role_choices, .required = true},
    {.name = "days", .kind = FIELD_INT, .at = offsetof(struct invite_body, days), .min = 1,
     .max = 90, .help = "How long the link is good; 7 unless told"},
    FIELD_END};

struct invite {
    uint8_t   hash[SECRET_HASH_SIZE];
    char      token[SECRET_TOKEN_SIZE];
    enum role role;
    int64_t   id, by, expires;
};

static bool write_invite(struct db *db, void *context, struct error *err)
{
    struct invite *in = context;

    return invitation_insert(db, in->hash, in->role, in->by, in->expires, &in->id, err);
}

static bool invited(struct http_request *rq, struct error *err)
{
    const struct invite *in = rq->user;
    struct invitation_view v = {.id = api_id_text(&rq->arena, "inv", in->id),
                                .url = arena_printf(&rq->arena, "%s/join/%s",
                                                    api_of(rq)->public_url, in->token),
                                .role = role_name(in->role),
                                .expires = in->expires};

    (void)err;
    return http_reply_fields(rq, &v);
}

static bool post_invitation(struct http_request *rq, struct error *err)
{
    const struct invite_body *body = rq->in;
    struct invite *in = arena_alloc(&rq->arena, sizeof *in);

    (void)err;
    token_new(in->token);
    token_hash(in->token, in->hash);
    in->role = (enum role)(1 << body->role);
    in->by = rq->person;
    in->expires = clock_now_us() + (body->days ? body->days : INVITATION_DAYS) * DAY_US;
    rq->user = in;
    return api_write(rq, write_invite, in, invited);
}

static bool read_invitations(struct http_request *rq, struct db *db, struct error *err)
{
    struct invitation_list_view out = {0};
    struct invitation *list;
    struct invitation_view *v;
    int count;

    if (!invitation_list(db, &rq->arena, &list, &count, err))
        return false;
    v = arena_array(&rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++)
        v[i] = (struct invitation_view){.id = api_id_text(&rq->arena, "inv", list[i].id),
                                        .role = role_name(list[i].role),
                                        .created = list[i].created,
                                        .expires = list[i].expires,
                                        .used = list[i].used_by != 0,
                                        .known = true};
    out.list = (struct objects){v, (size_t)count};
    return http_reply_fields(rq, &out);
}

static bool get_invitations(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_invitations, err);
}

static bool drop_invitation(struct db *db, void *context, struct error *err)
{
    return invitation_delete(db, *(int64_t *)context, err);
}

static bool delete_invitation(struct http_request *rq, struct error *err)
{
    int64_t *id = arena_alloc(&rq->arena, sizeof *id);

    return api_id(rq->param[0], "inv", id, err) && api_write(rq, drop_invitation, id, api_empty);
}

/* ---- following a link ---- */

static bool find_open(struct db *db, const char *token, struct invitation *out, struct error *err)
{
    uint8_t hash[SECRET_HASH_SIZE];

    token_hash(token, hash);
    if (!invitation_by_token(db, hash, out, err))
        return false;
    if (out->used_by)
        return error_set(err, 410, "invitation.expired", "", "This link was already used.");
    if (out->expires < clock_now_us())
        return error_set(err, 410, "invitation.expired", "",
                         "This link is too old. Ask for a new one.");
    return true;
}

static bool read_link(struct http_request *rq, struct db *db, struct error *err)
{
    struct invitation in;
    struct invitation_view v;

    if (!find_open(db, rq->param[0], &in, err))
        return false;
    v = (struct invitation_view){.role = role_name(in.role), .expires = in.expires};
    return http_reply_fields(rq, &v);
}

static bool get_link(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_link, err);
}

struct joining {
    struct entering entering; /* first: the reply is that of a sign-in */
    const char     *link, *name;
    char            hash[PASSWORD_HASH_SIZE];
};

static bool write_joined(struct db *db, void *context, struct error *err)
{
    struct joining *j = context;
    struct entering *e = &j->entering;
    struct invitation in;

    if (!find_open(db, j->link, &in, err) ||
        !person_insert(db, j->name, in.role, j->hash, &e->person.id, err) ||
        !invitation_use(db, in.id, e->person.id, err))
        return false;
    e->person.name = j->name;
    e->person.role = in.role;
    e->person.preferences = "{}";
    return open_session(db, e, err);
}

static bool join(struct http_request *rq, void *context, struct error *err)
{
    const struct sign_in_body *in = rq->in;
    struct joining *j = context;

    return password_hash(in->password, j->hash, err) &&
           writer_call(service_of(rq)->writer, write_joined, j, err);
}

static bool post_link(struct http_request *rq, struct error *err)
{
    const struct sign_in_body *in = rq->in;
    struct joining *j = arena_alloc(&rq->arena, sizeof *j);

    if (!password_check(in->password, err))
        return false;
    j->link = rq->param[0];
    j->name = in->name;
    j->entering.seconds = SESSION_DAYS * 86400;
    rq->user = j;
    return api_work(rq, api_of(rq)->hashing, join, j, entered);
}

const struct route session_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/setup", .who = HTTP_PUBLIC, .run = get_setup,
     .status = 200, .reply = setup_fields, .reply_name = "Setup", .tag = "Session",
     .summary = "Whether the first admin is still to be made"},
    {.method = HTTP_GET, .path = "/api/v1/session", .who = HTTP_PUBLIC, .run = get_session,
     .status = 200, .reply = session_view_fields, .reply_name = "Session",
     .errors = "401 session.required", .tag = "Session", .summary = "Who is signed in here"},
    {.method = HTTP_POST, .path = "/api/v1/session", .who = HTTP_PUBLIC, .run = post_session,
     .takes = HTTP_BODY_JSON, .body = sign_in_fields, .in_size = sizeof(struct sign_in_body),
     .status = 200, .reply = session_view_fields, .reply_name = "Session",
     .errors = "401 session.refused, 429 session.locked", .tag = "Session",
     .summary = "Sign in; sets the session cookie"},
    {.method = HTTP_DELETE, .path = "/api/v1/session", .who = WHO_ANNOTATOR,
     .run = delete_session, .status = 204, .errors = "422 field.invalid", .tag = "Session",
     .summary = "Sign out"},
    {.method = HTTP_GET, .path = "/api/v1/invitations", .who = WHO_ADMIN, .run = get_invitations,
     .status = 200, .reply = invitation_list_fields, .reply_name = "InvitationList",
     .tag = "People", .summary = "The newest invitations"},
    {.method = HTTP_POST, .path = "/api/v1/invitations", .who = WHO_ADMIN, .run = post_invitation,
     .takes = HTTP_BODY_JSON, .body = invite_fields, .in_size = sizeof(struct invite_body),
     .status = 201, .reply = invitation_fields, .reply_name = "Invitation", .tag = "People",
     .summary = "Make a link that lets one person in"},
    {.method = HTTP_DELETE, .path = "/api/v1/invitations/{invitation}", .who = WHO_ADMIN,
     .run = delete_invitation, .status = 204, .errors = "404 invitation.not_found",
     .tag = "People", .summary = "End an invitation"},
    {.method = HTTP_GET, .path = "/api/v1/invitations/{invitation}", .who = HTTP_PUBLIC,
     .run = get_link, .status = 200, .reply = invitation_fields, .reply_name = "Invitation",
     .errors = "404 invitation.not_found, 410 invitation.expired", .tag = "Session",
     .summary = "What a link is for"},
    {.method = HTTP_POST, .path = "/api/v1/invitations/{invitation}", .who = HTTP_PUBLIC,
     .run = post_link, .takes = HTTP_BODY_JSON, .body = sign_in_fields,
     .in_size = sizeof(struct sign_in_body), .status = 201, .reply = session_view_fields,
     .reply_name = "Session",
     .errors = "404 invitation.not_found, 409 person.name_taken, 410 invitation.expired",
     .tag = "Session", .summary = "Follow a link: make the person and sign in"},
    {0}};
