/* workforce.c - the workforce: all people of this service. It is always there under the name
 * "default", as the workforce is that AWS's console makes; a client may make it under a name of its
 * own, once, as in one account and region. What it says of the identity provider is kept and
 * repeated; the client's secret is sealed and never shown. */
#include "door.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 10, SECRET_BYTES = 1024 };

const char aws_default_workforce[] = "default";

/* The row, or the service itself while there is none. */
static bool get(struct aws_call *c, struct db *db, struct workforce *out, bool *row,
                struct error *err)
{
    if (!workforce_get(db, &c->arena, out, row, err))
        return false;
    if (!*row)
        *out = (struct workforce){
            .name = aws_default_workforce,
            .config = arena_printf(&c->arena,
                                   "{\"CognitoConfig\":{\"UserPool\":\"%s_plumbline\","
                                   "\"ClientId\":\"plumbline\"}}",
                                   c->aws->region),
            .created = c->aws->service->started,
            .modified = c->aws->service->started};
    return true;
}

static bool find(struct aws_call *c, struct db *db, const char *name, struct workforce *out,
                 bool *row, struct error *err)
{
    return get(c, db, out, row, err) &&
           (strcmp(out->name, name) == 0 ||
            aws_invalid(err, "There is no workforce \"%.63s\".", name));
}

static json_t *show(struct aws_call *c, const struct workforce *w)
{
    json_t *out = json_loads(w->config, 0, NULL);

    if (!out)
        out = json_object();
    json_object_set_new(out, "WorkforceName", json_string(w->name));
    json_object_set_new(out, "WorkforceArn", json_string(aws_workforce_arn(c, w->name)));
    json_object_set_new(out, "SubDomain", json_string(aws_sub_domain(c)));
    json_object_set_new(out, "Status", json_string("Active"));
    json_object_set_new(out, "CreateDate", aws_time(w->created));
    json_object_set_new(out, "LastUpdatedDate", aws_time(w->modified));
    if (!json_object_get(out, "SourceIpConfig")) /* AWS says "no restriction" so */
        json_object_set_new(out, "SourceIpConfig", json_pack("{s:[]}", "Cidrs"));
    return out;
}

static bool read_one(struct aws_call *c, struct db *db, struct error *err)
{
    struct workforce w;
    bool row;

    return find(c, db, aws_text(c->in, "WorkforceName"), &w, &row, err) &&
           aws_reply(c, json_pack("{s:o}", "Workforce", show(c, &w)));
}

bool aws_describe_workforce(struct aws_call *c, struct error *err)
{
    return aws_read(c, read_one, err);
}

static bool read_list(struct aws_call *c, struct db *db, struct error *err)
{
    const char *part = aws_text(c->in, "NameContains");
    json_t *list = json_array();
    struct aws_page page;
    struct workforce w;
    bool row;

    if (!aws_page_read(c, PAGE, &page, err) || !get(c, db, &w, &row, err)) {
        json_decref(list);
        return false;
    }
    if (!page.more && (!part || strstr(w.name, part)))
        json_array_append_new(list, show(c, &w));
    return aws_reply(c, json_pack("{s:o}", "Workforces", list));
}

bool aws_list_workforces(struct aws_call *c, struct error *err)
{
    return aws_read(c, read_list, err);
}

/* ---- writing ---- */

/* Puts what the request says into the configuration, and writes it with the sealed secret. */
static bool put(struct aws_call *c, struct db *db, const char *name, json_t *config,
                struct error *err)
{
    static const char *const kept[] = {"CognitoConfig", "OidcConfig", "SourceIpConfig",
                                       "WorkforceVpcConfig", "IpAddressType"};
    uint8_t sealed[SECRET_BYTES + SECRET_SEAL_EXTRA];
    const char *secret = aws_text(json_object_get(c->in, "OidcConfig"), "ClientSecret");
    size_t size = 0;
    json_t *value;
    char *text;
    bool ok;

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if ((value = json_object_get(c->in, kept[i])))
            json_object_set_new(config, kept[i], json_deep_copy(value));
    json_object_del(json_object_get(config, "OidcConfig"), "ClientSecret");
    if (json_object_size(json_object_get(config, "WorkforceVpcConfig")) == 0)
        json_object_del(config, "WorkforceVpcConfig"); /* {} takes it away */
    if (secret)
        size = vault_seal(c->aws->service->vault, secret, sealed);
    text = json_dumps(config, JSON_COMPACT);
    ok = workforce_put(db, name, text, secret ? sealed : NULL, size, err);
    free(text);
    return ok;
}

static bool write_new(struct db *db, void *context, struct error *err)
{
    struct aws_call *c = context;
    struct workforce w;
    json_t *config;
    bool found, ok;

    if (!workforce_get(db, &c->arena, &w, &found, err))
        return false;
    if (found)
        return aws_refuse(err, "ResourceInUse",
                          "This service has one workforce, which is there already: \"%s\".",
                          w.name);
    config = json_object();
    ok = put(c, db, aws_text(c->in, "WorkforceName"), config, err) &&
         aws_tags_put(db, TAG_WORKFORCE, WORKFORCE_ID, json_object_get(c->in, "Tags"), err);
    json_decref(config);
    return ok;
}

static bool made(struct aws_call *c, struct error *err)
{
    (void)err;
    return aws_reply(c, json_pack("{s:s}", "WorkforceArn",
                                  aws_workforce_arn(c, aws_text(c->in, "WorkforceName"))));
}

bool aws_create_workforce(struct aws_call *c, struct error *err)
{
    if (!json_object_get(c->in, "CognitoConfig") == !json_object_get(c->in, "OidcConfig"))
        return aws_invalid(err, "A workforce has either CognitoConfig or OidcConfig.");
    return aws_tags_check(json_object_get(c->in, "Tags"), err) && aws_write(c, write_new, made);
}

static bool check_oidc(struct db *db, const json_t *config, struct error *err)
{
    int64_t teams;

    if (!json_object_get(config, "OidcConfig"))
        return aws_invalid(err,
                           "The workforce is of Cognito's kind; it has no OidcConfig to change.");
    return aws_team_count(db, &teams, err) &&
           (teams == 0 || aws_refuse(err, "ConflictException",
                                     "OidcConfig can be changed while there is no work team; there "
                                     "are %lld.",
                                     (long long)teams));
}

static bool write_change(struct db *db, void *context, struct error *err)
{
    struct aws_call *c = context;
    struct workforce w;
    json_t *config;
    bool row, ok;

    if (!find(c, db, aws_text(c->in, "WorkforceName"), &w, &row, err))
        return false;
    config = json_loads(w.config, 0, NULL);
    ok = (!json_object_get(c->in, "OidcConfig") || check_oidc(db, config, err)) &&
         put(c, db, w.name, config, err);
    json_decref(config);
    return ok;
}

static bool changed(struct aws_call *c, struct error *err)
{
    return aws_read(c, read_one, err);
}

bool aws_update_workforce(struct aws_call *c, struct error *err)
{
    (void)err;
    return aws_write(c, write_change, changed);
}

static bool write_delete(struct db *db, void *context, struct error *err)
{
    struct aws_call *c = context;
    const char *name = aws_text(c->in, "WorkforceName");
    struct workforce w;
    int64_t teams;
    bool row;

    if (!find(c, db, name, &w, &row, err))
        return false;
    if (!row)
        return aws_invalid(
            err, "The workforce \"%s\" is this service itself; it cannot be deleted.", name);
    if (!aws_team_count(db, &teams, err))
        return false;
    if (teams > 0)
        return aws_refuse(err, "ResourceInUse", "The workforce \"%s\" has %lld work team%s.", name,
                          (long long)teams, teams > 1 ? "s" : "");
    return workforce_delete(db, err);
}

static bool deleted(struct aws_call *c, struct error *err)
{
    (void)err;
    return aws_reply(c, json_object());
}

bool aws_delete_workforce(struct aws_call *c, struct error *err)
{
    (void)err;
    return aws_write(c, write_delete, deleted);
}
