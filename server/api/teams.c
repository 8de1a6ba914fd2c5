/* teams.c - work teams. */
#include "context.h"
#include "people_view.h"

struct team_view {
    const char    *id, *name, *description;
    int64_t        members;
    struct objects people;
    bool           whole;
};

static const struct field team_fields[] = {
    {.name = "id", .kind = FIELD_TEXT, .at = offsetof(struct team_view, id), .required = true},
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct team_view, name),
     .required = true},
    {.name = "description", .kind = FIELD_TEXT, .at = offsetof(struct team_view, description),
     .required = true},
    {.name = "members", .kind = FIELD_INT, .at = offsetof(struct team_view, members),
     .required = true},
    {.name = "people", .kind = FIELD_OBJECTS, .at = offsetof(struct team_view, people),
     .present = AT(struct team_view, whole), .fields = person_fields,
     .size = sizeof(struct person_row), .schema = "Person"},
    FIELD_END};

struct team_list_view {
    struct objects teams;
};

static const struct field team_list_fields[] = {
    {.name = "teams", .kind = FIELD_OBJECTS, .at = offsetof(struct team_list_view, teams),
     .fields = team_fields, .size = sizeof(struct team_view), .schema = "Team", .required = true},
    FIELD_END};

struct team_body {
    const char *name, *description;
};

static const struct field new_team_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct team_body, name), .required = true,
     .min = 1, .max = 100},
    {.name = "description", .kind = FIELD_TEXT, .at = offsetof(struct team_body, description),
     .max = 1000},
    FIELD_END};

static const struct field change_team_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct team_body, name), .min = 1,
     .max = 100},
    {.name = "description", .kind = FIELD_TEXT, .at = offsetof(struct team_body, description),
     .max = 1000},
    FIELD_END};

struct team_call {
    const struct team_body *in;
    int64_t                 team, person;
};

static struct team_view view(struct http_request *rq, const struct team *t)
{
    return (struct team_view){.id = api_id_text(&rq->arena, "team", t->id),
                              .name = t->name,
                              .description = t->description,
                              .members = t->members};
}

static bool read_list(struct http_request *rq, struct db *db, struct error *err)
{
    struct team_list_view out;
    struct team_view *v;
    struct team *list;
    int count;

    if (!team_list(db, &rq->arena, &list, &count, err))
        return false;
    v = arena_array(&rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++)
        v[i] = view(rq, &list[i]);
    out.teams = (struct objects){v, (size_t)count};
    return http_reply_fields(rq, &out);
}

static bool get_list(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_list, err);
}

static bool read_one(struct http_request *rq, struct db *db, struct error *err)
{
    const struct team_call *c = rq->user;
    struct person *people;
    struct team_view v;
    struct team t;
    int count;

    if (!team_get(db, c->team, &rq->arena, &t, err) ||
        !team_people(db, c->team, &rq->arena, &people, &count, err))
        return false;
    v = view(rq, &t);
    v.whole = true;
    v.people = person_rows(rq, people, count);
    return http_reply_fields(rq, &v);
}

static bool show_one(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_one, err);
}

static bool write_new(struct db *db, void *context, struct error *err)
{
    struct team_call *c = context;

    return team_insert(db, c->in->name, c->in->description ? c->in->description : "", &c->team,
                       err);
}

static bool write_change(struct db *db, void *context, struct error *err)
{
    struct team_call *c = context;

    return team_update(db, c->team, c->in->name, c->in->description, err);
}

static bool write_delete(struct db *db, void *context, struct error *err)
{
    return team_delete(db, ((struct team_call *)context)->team, err);
}

static bool write_add(struct db *db, void *context, struct error *err)
{
    struct team_call *c = context;
    struct arena a;
    struct person p;
    struct team t;
    bool ok;

    arena_init(&a);
    ok = team_get(db, c->team, &a, &t, err) && person_get(db, c->person, &a, &p, err) &&
         team_add(db, c->team, c->person, err);
    arena_release(&a);
    return ok;
}

static bool write_remove(struct db *db, void *context, struct error *err)
{
    struct team_call *c = context;

    return team_remove(db, c->team, c->person, err);
}

static struct team_call *new_call(struct http_request *rq)
{
    struct team_call *c = arena_alloc(&rq->arena, sizeof *c);

    c->in = rq->in;
    rq->user = c;
    return c;
}

static bool post_team(struct http_request *rq, struct error *err)
{
    (void)err;
    return api_write(rq, write_new, new_call(rq), show_one);
}

static bool get_team(struct http_request *rq, struct error *err)
{
    return api_id(rq->param[0], "team", &new_call(rq)->team, err) && show_one(rq, err);
}

static bool patch_team(struct http_request *rq, struct error *err)
{
    struct team_call *c = new_call(rq);

    return api_id(rq->param[0], "team", &c->team, err) &&
           api_write(rq, write_change, c, show_one);
}

static bool delete_team(struct http_request *rq, struct error *err)
{
    struct team_call *c = new_call(rq);

    return api_id(rq->param[0], "team", &c->team, err) && api_write(rq, write_delete, c, api_empty);
}

static bool member(struct http_request *rq, write_run *run, struct error *err)
{
    struct team_call *c = new_call(rq);

    return api_id(rq->param[0], "team", &c->team, err) &&
           api_id(rq->param[1], "person", &c->person, err) && api_write(rq, run, c, api_empty);
}

static bool put_member(struct http_request *rq, struct error *err)
{
    return member(rq, write_add, err);
}

static bool delete_member(struct http_request *rq, struct error *err)
{
    return member(rq, write_remove, err);
}

const struct route team_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/teams", .who = WHO_LEAD, .run = get_list, .status = 200,
     .reply = team_list_fields, .reply_name = "TeamList", .tag = "People",
     .summary = "The work teams"},
    {.method = HTTP_POST, .path = "/api/v1/teams", .who = WHO_LEAD, .run = post_team,
     .takes = HTTP_BODY_JSON, .body = new_team_fields, .in_size = sizeof(struct team_body),
     .status = 201, .reply = team_fields, .reply_name = "Team", .errors = "409 team.name_taken",
     .tag = "People", .summary = "Make a team"},
    {.method = HTTP_GET, .path = "/api/v1/teams/{team}", .who = WHO_LEAD, .run = get_team,
     .status = 200, .reply = team_fields, .reply_name = "Team", .errors = "404 team.not_found",
     .tag = "People", .summary = "A team and its people"},
    {.method = HTTP_PATCH, .path = "/api/v1/teams/{team}", .who = WHO_LEAD, .run = patch_team,
     .takes = HTTP_BODY_JSON, .body = change_team_fields, .in_size = sizeof(struct team_body),
     .status = 200, .reply = team_fields, .reply_name = "Team",
     .errors = "404 team.not_found, 409 team.name_taken", .tag = "People",
     .summary = "Rename a team"},
    {.method = HTTP_DELETE, .path = "/api/v1/teams/{team}", .who = WHO_LEAD, .run = delete_team,
     .status = 204, .errors = "404 team.not_found, 409 team.in_use", .tag = "People",
     .summary = "Delete a team; its people stay"},
    {.method = HTTP_PUT, .path = "/api/v1/teams/{team}/members/{person}", .who = WHO_LEAD,
     .run = put_member, .status = 204, .errors = "404 team.not_found, 404 person.not_found",
     .tag = "People", .summary = "Add a person to a team"},
    {.method = HTTP_DELETE, .path = "/api/v1/teams/{team}/members/{person}", .who = WHO_LEAD,
     .run = delete_member, .status = 204, .errors = "404 team.not_found, 404 person.not_found",
     .tag = "People", .summary = "Take a person off a team"},
    {0}};
