/* keys.c - tokens for scripts: a bearer token for REST and a key pair for AWS clients, made
 * together and shown once. */
#include "context.h"

#include "plumbline/base/clock.h"

struct key_view {
    const char *id, *name, *token, *access_key_id, *secret_access_key;
    int64_t     created, last_used, expires;
};

static const struct field key_fields[] = {
    {.name = "id", .kind = FIELD_TEXT, .at = offsetof(struct key_view, id), .required = true},
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct key_view, name), .required = true},
    {.name = "token", .kind = FIELD_TEXT, .at = offsetof(struct key_view, token),
     .help = "Authorization: Bearer …; shown once"},
    {.name = "access_key_id", .kind = FIELD_TEXT, .at = offsetof(struct key_view, access_key_id),
     .required = true},
    {.name = "secret_access_key", .kind = FIELD_TEXT,
     .at = offsetof(struct key_view, secret_access_key), .help = "For AWS clients; shown once"},
    {.name = "created", .kind = FIELD_TIME, .at = offsetof(struct key_view, created)},
    {.name = "last_used", .kind = FIELD_TIME, .at = offsetof(struct key_view, last_used)},
    {.name = "expires", .kind = FIELD_TIME, .at = offsetof(struct key_view, expires),
     .help = "Left out: never"},
    FIELD_END};

struct key_list_view {
    struct objects keys;
};

static const struct field key_list_fields[] = {
    {.name = "keys", .kind = FIELD_OBJECTS, .at = offsetof(struct key_list_view, keys),
     .fields = key_fields, .size = sizeof(struct key_view), .schema = "Key", .required = true},
    FIELD_END};

struct key_body {
    const char *name;
    int64_t     days;
};

static const struct field new_key_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct key_body, name), .required = true,
     .min = 1, .max = 100},
    {.name = "days", .kind = FIELD_INT, .at = offsetof(struct key_body, days), .min = 1,
     .max = 3650, .help = "Good for so long; for ever unless told"},
    FIELD_END};

struct key_call {
    int64_t     id, person, expires;
    const char *name;
    char        token[SECRET_TOKEN_SIZE], access[ACCESS_KEY_ID_SIZE],
        secret[SECRET_ACCESS_KEY_SIZE];
    uint8_t hash[SECRET_HASH_SIZE], sealed[SECRET_SEALED_MAX];
    size_t  sealed_size;
};

static bool read_keys(struct http_request *rq, struct db *db, struct error *err)
{
    struct key_list_view out;
    struct key_view *v;
    struct api_key *list;
    int count;

    if (!key_list(db, rq->person, &rq->arena, &list, &count, err))
        return false;
    v = arena_array(&rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++)
        v[i] = (struct key_view){.id = api_id_text(&rq->arena, "key", list[i].id),
                                 .name = list[i].name,
                                 .access_key_id = list[i].access_key_id,
                                 .created = list[i].created,
                                 .last_used = list[i].last_used,
                                 .expires = list[i].expires};
    out.keys = (struct objects){v, (size_t)count};
    return http_reply_fields(rq, &out);
}

static bool get_keys(struct http_request *rq, struct error *err)
{
    return api_needs_person(rq, err) && api_read(rq, read_keys, err);
}

static bool write_key(struct db *db, void *context, struct error *err)
{
    struct key_call *c = context;
    struct arena a;
    struct person p;
    bool ok;

    arena_init(&a);
    ok = person_get(db, c->person, &a, &p, err) &&
         key_insert(db, c->person, c->name, c->hash, c->access, c->sealed, c->sealed_size,
                    c->expires, &c->id, err);
    arena_release(&a);
    return ok;
}

static bool made(struct http_request *rq, struct error *err)
{
    const struct key_call *c = rq->user;
    struct key_view v = {.id = api_id_text(&rq->arena, "key", c->id),
                         .name = c->name,
                         .token = c->token,
                         .access_key_id = c->access,
                         .secret_access_key = c->secret,
                         .created = clock_now_us(),
                         .expires = c->expires};

    (void)err;
    return http_reply_fields(rq, &v);
}

static bool make_key(struct http_request *rq, int64_t person)
{
    const struct key_body *in = rq->in;
    struct key_call *c = arena_alloc(&rq->arena, sizeof *c);

    c->person = person;
    c->name = in->name;
    c->expires = in->days ? clock_now_us() + in->days * 86400 * SECOND_US : 0;
    token_new(c->token);
    token_hash(c->token, c->hash);
    access_key_new(c->access, c->secret);
    c->sealed_size = vault_seal(service_of(rq)->vault, c->secret, c->sealed);
    rq->user = c;
    return api_write(rq, write_key, c, made);
}

static bool post_key(struct http_request *rq, struct error *err)
{
    return api_needs_person(rq, err) && make_key(rq, rq->person);
}

static bool post_key_for(struct http_request *rq, struct error *err)
{
    int64_t person;

    return api_id(rq->param[0], "person", &person, err) && make_key(rq, person);
}

static bool drop_key(struct db *db, void *context, struct error *err)
{
    const struct key_call *c = context;

    return key_delete(db, c->id, c->person, err);
}

static bool delete_key(struct http_request *rq, struct error *err)
{
    struct key_call *c = arena_alloc(&rq->arena, sizeof *c);

    c->person = rq->roles & ROLE_ADMIN ? 0 : rq->person;
    return api_id(rq->param[0], "key", &c->id, err) && api_write_access(rq, drop_key, c, api_empty);
}

const struct route key_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/keys", .who = WHO_ANNOTATOR, .run = get_keys,
     .status = 200, .reply = key_list_fields, .reply_name = "KeyList", .tag = "Keys",
     .summary = "One's own keys, without their secrets"},
    {.method = HTTP_POST, .path = "/api/v1/keys", .who = WHO_ANNOTATOR, .run = post_key,
     .takes = HTTP_BODY_JSON, .body = new_key_fields, .in_size = sizeof(struct key_body),
     .status = 201, .reply = key_fields, .reply_name = "Key", .tag = "Keys",
     .summary = "Make a key; its secrets are shown once"},
    {.method = HTTP_POST, .path = "/api/v1/people/{person}/keys", .who = WHO_ADMIN,
     .run = post_key_for, .takes = HTTP_BODY_JSON, .body = new_key_fields,
     .in_size = sizeof(struct key_body), .status = 201, .reply = key_fields, .reply_name = "Key",
     .errors = "404 person.not_found", .tag = "Keys", .summary = "Make a key for somebody else"},
    {.method = HTTP_DELETE, .path = "/api/v1/keys/{key}", .who = WHO_ANNOTATOR,
     .run = delete_key, .status = 204, .errors = "404 key.not_found", .tag = "Keys",
     .summary = "End a key"},
    {0}};
