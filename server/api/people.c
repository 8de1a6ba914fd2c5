/* people.c - people, oneself, teams' members are in teams.c. */
#include "context.h"

#include "people_view.h"
#include "plumbline/base/clock.h"

#include <string.h>

enum { PREFERENCES_MAX = 16 << 10 };

const struct field person_fields[] = {
    {.name = "id", .kind = FIELD_TEXT, .at = offsetof(struct person_row, id), .required = true},
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct person_row, name),
     .required = true},
    {.name = "role", .kind = FIELD_TEXT, .at = offsetof(struct person_row, role),
     .required = true},
    {.name = "active", .kind = FIELD_BOOL, .at = offsetof(struct person_row, active),
     .required = true},
    {.name = "created", .kind = FIELD_TIME, .at = offsetof(struct person_row, created),
     .required = true},
    {.name = "last_seen", .kind = FIELD_TIME, .at = offsetof(struct person_row, last_seen)},
    {.name = "answers", .kind = FIELD_INT, .at = offsetof(struct person_row, answers),
     .required = true},
    FIELD_END};

struct person_row person_row(struct http_request *rq, const struct person *p)
{
    return (struct person_row){.id = api_id_text(&rq->arena, "person", p->id),
                               .name = p->name,
                               .role = role_name(p->role),
                               .active = p->active,
                               .created = p->created,
                               .last_seen = p->last_seen,
                               .answers = p->answers};
}

struct objects person_rows(struct http_request *rq, const struct person *list, int count)
{
    struct person_row *v = arena_array(&rq->arena, (size_t)count, sizeof *v);

    for (int i = 0; i < count; i++)
        v[i] = person_row(rq, &list[i]);
    return (struct objects){v, (size_t)count};
}

struct people_query {
    struct page_query page;
};

static const struct field people_query_fields[] = {PAGE_FIELDS(struct people_query, page),
                                                   FIELD_END};

struct people_view {
    struct objects people;
    const char    *next;
};

static const struct field people_view_fields[] = {
    {.name = "people", .kind = FIELD_OBJECTS, .at = offsetof(struct people_view, people),
     .fields = person_fields, .size = sizeof(struct person_row), .schema = "Person",
     .required = true},
    {.name = "next", .kind = FIELD_TEXT, .at = offsetof(struct people_view, next)},
    FIELD_END};

static bool read_people(struct http_request *rq, struct db *db, struct error *err)
{
    const struct people_query *query = rq->query;
    struct people_view v = {0};
    struct person *list;
    int64_t after;
    int count, limit = page_limit(&query->page);

    if (!page_after(&query->page, &after, err) ||
        !person_list(db, after, limit, &rq->arena, &list, &count, err))
        return false;
    v.people = person_rows(rq, list, count);
    if (count == limit)
        v.next = arena_printf(&rq->arena, "%lld", (long long)list[count - 1].id);
    return http_reply_fields(rq, &v);
}

static bool get_people(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_people, err);
}

/* ---- making and changing people ---- */

static const char *const role_choices[] = {"annotator", "reviewer", "lead", "admin", NULL};

struct person_body {
    const char *name, *password;
    int         role;
    bool        active, has_role, has_active;
};

static const struct field new_person_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct person_body, name),
     .required = true, .min = 1, .max = PERSON_NAME_MAX},
    {.name = "role", .kind = FIELD_ENUM, .at = offsetof(struct person_body, role),
     .choices = role_choices, .required = true},
    {.name = "password", .kind = FIELD_TEXT, .at = offsetof(struct person_body, password),
     .max = 1000, .help = "Without one the person can only use tokens"},
    FIELD_END};

static const struct field change_person_fields[] = {
    {.name = "role", .kind = FIELD_ENUM, .at = offsetof(struct person_body, role),
     .choices = role_choices, .present = AT(struct person_body, has_role)},
    {.name = "active", .kind = FIELD_BOOL, .at = offsetof(struct person_body, active),
     .present = AT(struct person_body, has_active),
     .help = "false: cannot come in any more; the answers stay"},
    FIELD_END};

struct person_call {
    const struct person_body *in;
    struct http_request      *rq;
    char                      hash[PASSWORD_HASH_SIZE];
    int64_t                   id;
};

static bool write_person(struct db *db, void *context, struct error *err)
{
    struct person_call *c = context;

    return person_insert(db, c->in->name, (enum role)(1 << c->in->role),
                         *c->hash ? c->hash : NULL, &c->id, err);
}

static bool make_person(struct http_request *rq, void *context, struct error *err)
{
    struct person_call *c = context;

    return (!c->in->password || password_hash(c->in->password, c->hash, err)) &&
           writer_call(service_of(rq)->writer, write_person, c, err);
}

static bool read_one(struct http_request *rq, struct db *db, struct error *err)
{
    const struct person_call *c = rq->user;
    struct person p;
    struct person_row v;

    if (!person_get(db, c->id, &rq->arena, &p, err))
        return false;
    v = person_row(rq, &p);
    return http_reply_fields(rq, &v);
}

static bool show_one(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_one, err);
}

static struct person_call *new_call(struct http_request *rq)
{
    struct person_call *c = arena_alloc(&rq->arena, sizeof *c);

    c->in = rq->in;
    c->rq = rq;
    rq->user = c;
    return c;
}

static bool post_person(struct http_request *rq, struct error *err)
{
    struct person_call *c = new_call(rq);

    if (c->in->password && !password_check(c->in->password, err))
        return false;
    return http_offload(rq, api_of(rq)->hashing, make_person, c, show_one);
}

static bool keep_an_admin(struct db *db, struct error *err)
{
    int64_t admins;

    if (!person_admins(db, &admins, err))
        return false;
    return admins > 0 ||
           error_conflict(err, "person.last_admin", "Somebody must stay an active admin.");
}

static bool write_change(struct db *db, void *context, struct error *err)
{
    struct person_call *c = context;

    if (c->in->has_role && !person_set_role(db, c->id, (enum role)(1 << c->in->role), err))
        return false;
    if (c->in->has_active && (!person_set_active(db, c->id, c->in->active, err) ||
                              (!c->in->active && !session_delete_others(db, c->id, 0, err))))
        return false;
    return keep_an_admin(db, err);
}

static bool patch_person(struct http_request *rq, struct error *err)
{
    struct person_call *c = new_call(rq);

    return api_id(rq->param[0], "person", &c->id, err) &&
           api_write_access(rq, write_change, c, show_one);
}

/* ---- oneself ---- */

static bool get_me(struct http_request *rq, struct error *err)
{
    struct person_call *c = new_call(rq);

    c->id = rq->person;
    return api_needs_person(rq, err) && api_read(rq, read_one, err);
}

struct preferences {
    int64_t     person;
    const char *json;
};

static bool write_preferences(struct db *db, void *context, struct error *err)
{
    const struct preferences *p = context;

    return person_set_preferences(db, p->person, p->json, err);
}

static bool put_preferences(struct http_request *rq, struct error *err)
{
    struct preferences *p = arena_alloc(&rq->arena, sizeof *p);
    json_t *value;
    bool is_object;

    if (!api_needs_person(rq, err))
        return false;
    value = json_parse(rq->body.data, rq->body.size, err);
    if (!value)
        return false;
    is_object = json_is_object(value);
    json_decref(value);
    if (!is_object)
        return error_invalid(err, "", "The preferences must be a JSON object.");
    p->person = rq->person;
    p->json = rq->body.data;
    return api_write(rq, write_preferences, p, api_empty);
}

struct password_body {
    const char *old, *new;
};

static const struct field password_fields[] = {
    {.name = "old", .kind = FIELD_TEXT, .at = offsetof(struct password_body, old),
     .required = true, .max = 1000},
    {.name = "new", .kind = FIELD_TEXT, .at = offsetof(struct password_body, new),
     .required = true, .max = 1000},
    FIELD_END};

struct password_call {
    int64_t person, session;
    char    hash[PASSWORD_HASH_SIZE];
};

static bool write_password(struct db *db, void *context, struct error *err)
{
    const struct password_call *c = context;

    return person_set_password(db, c->person, c->hash, err) &&
           session_delete_others(db, c->person, c->session, err);
}

static bool change_password(struct http_request *rq, void *context, struct error *err)
{
    const struct password_body *in = rq->in;
    struct service *s = service_of(rq);
    struct password_call *c = context;
    struct db *db = db_pool_take(s->pool, err);
    struct person p;
    bool ok = db && person_get(db, c->person, &rq->arena, &p, err);

    db_pool_give(s->pool, db);
    if (!ok)
        return false;
    if (!password_verify(in->old, p.password))
        return error_invalid(err, "old", "That is not your password.");
    ok = password_hash(in->new, c->hash, err) &&
         writer_call(s->writer, write_password, c, err);
    access_cache_forget(api_of(rq)->access);
    return ok;
}

static bool post_password(struct http_request *rq, struct error *err)
{
    const struct password_body *in = rq->in;
    struct password_call *c = arena_alloc(&rq->arena, sizeof *c);

    if (!api_needs_person(rq, err) || !password_check(in->new, err))
        return false;
    c->person = rq->person;
    c->session = rq->by_cookie ? rq->session : 0;
    return http_offload(rq, api_of(rq)->hashing, change_password, c, api_empty);
}

const struct route people_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/people", .who = WHO_LEAD, .run = get_people,
     .query = people_query_fields, .query_size = sizeof(struct people_query), .status = 200,
     .reply = people_view_fields, .reply_name = "PersonList", .tag = "People",
     .summary = "Everybody here"},
    {.method = HTTP_POST, .path = "/api/v1/people", .who = WHO_ADMIN, .run = post_person,
     .takes = HTTP_BODY_JSON, .body = new_person_fields, .in_size = sizeof(struct person_body),
     .status = 201, .reply = person_fields, .reply_name = "Person",
     .errors = "409 person.name_taken", .tag = "People",
     .summary = "Make a person without an invitation"},
    {.method = HTTP_PATCH, .path = "/api/v1/people/{person}", .who = WHO_ADMIN,
     .run = patch_person, .takes = HTTP_BODY_JSON, .body = change_person_fields,
     .in_size = sizeof(struct person_body), .status = 200, .reply = person_fields,
     .reply_name = "Person", .errors = "404 person.not_found, 409 person.last_admin",
     .tag = "People", .summary = "Change a role, deactivate or reactivate"},
    {.method = HTTP_GET, .path = "/api/v1/me", .who = WHO_ANNOTATOR, .run = get_me, .status = 200,
     .reply = person_fields, .reply_name = "Person", .tag = "People", .summary = "Oneself"},
    {.method = HTTP_PUT, .path = "/api/v1/me/preferences", .who = WHO_ANNOTATOR,
     .run = put_preferences, .takes = HTTP_BODY_BYTES, .body_max = PREFERENCES_MAX, .status = 204,
     .errors = "400 json.malformed, 422 field.invalid", .tag = "People",
     .summary = "Keep the browser's settings: any JSON object"},
    {.method = HTTP_POST, .path = "/api/v1/me/password", .who = WHO_ANNOTATOR,
     .run = post_password, .takes = HTTP_BODY_JSON, .body = password_fields,
     .in_size = sizeof(struct password_body), .status = 204, .tag = "People",
     .summary = "Change one's password; other sessions end"},
    {0}};
