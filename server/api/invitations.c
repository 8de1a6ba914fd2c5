/* invitations.c - the links that let people in: an admin makes one, somebody follows it. */
#include "sessions.h"

#include "plumbline/base/clock.h"

enum { INVITATION_DAYS = 7 };

#define DAY_US (INT64_C(86400) * SECOND_US)

/* ---- making, listing and ending them ---- */

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

    if (!find_open(db, rq->param[0], &in, err) || !addresses_admit(rq, in.role, NULL, err))
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
    return session_open(db, e, err);
}

static bool join(struct http_request *rq, void *context, struct error *err)
{
    const struct sign_in_body *in = rq->in;
    struct joining *j = context;
    struct db_pool *pool = service_of(rq)->pool;
    struct db *db = db_pool_take(pool, err);
    struct invitation invitation;
    bool ok = db && find_open(db, j->link, &invitation, err);

    db_pool_give(pool, db);
    return ok && addresses_admit(rq, invitation.role, &j->entering.from, err) &&
           password_hash(in->password, j->hash, err) &&
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
    j->entering.from = caller_of(rq);
    j->entering.seconds = SESSION_DAYS * 86400;
    rq->user = j;
    return http_offload(rq, api_of(rq)->hashing, join, j, session_entered);
}

const struct route invitation_routes[] = {
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
     .errors = "404 invitation.not_found, 404 workforce.address, 410 invitation.expired",
     .tag = "Session",
     .summary = "What a link is for"},
    {.method = HTTP_POST, .path = "/api/v1/invitations/{invitation}", .who = HTTP_PUBLIC,
     .run = post_link, .takes = HTTP_BODY_JSON, .body = sign_in_fields,
     .in_size = sizeof(struct sign_in_body), .status = 201, .reply = session_view_fields,
     .reply_name = "Session",
     .errors = "404 invitation.not_found, 404 workforce.address, 409 person.name_taken, "
               "410 invitation.expired",
     .tag = "Session", .summary = "Follow a link: make the person and sign in"},
    {0}};
