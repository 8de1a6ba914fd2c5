/* workteam.c - work teams: the teams of this service. What a client says of members is kept and
 * repeated; a group that names a team which is here brings that team's people along, so that teams
 * can be made of others; who is added by hand is a member besides. Nobody is made a member by a name
 * in a pool that is elsewhere. */
#include "door.h"

#include "plumbline/base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DESCRIPTION_MAX = 200, PAGE = 10 };

const char aws_everybody[] = "Everyone-in-private-workforce";
static const char private_crowd[] = "private-crowd/";

/* ---- finding ---- */

static bool by_name(struct aws_call *c, struct db *db, const char *name, struct aws_team *out,
                    bool *found, struct error *err)
{
    *found = strcasecmp(name, aws_everybody) == 0;
    if (!*found)
        return aws_team_by_name(db, name, &c->arena, out, found, err);
    *out = (struct aws_team){.name = aws_everybody,
                             .description = "Everybody who has an account.",
                             .created = c->aws->service->started,
                             .modified = c->aws->service->started};
    return true;
}

bool aws_team_of_arn(struct aws_call *c, struct db *db, const char *arn, struct aws_team *out,
                     bool *found, struct error *err)
{
    size_t n = sizeof private_crowd - 1;
    struct aws_name name;

    if (!aws_arn_parse(c, arn, &name, err))
        return false;
    if (strcmp(name.kind, "workteam") != 0 || strncmp(name.name, private_crowd, n) != 0)
        return aws_invalid(err, "%.256s is not the ARN of a private work team.", arn);
    return by_name(c, db, name.name + n, out, found, err);
}

static bool must_find(struct aws_call *c, struct db *db, struct aws_team *out, struct error *err)
{
    const char *name = aws_text(c->in, "WorkteamName");
    bool found;

    return by_name(c, db, name, out, &found, err) &&
           (found || aws_invalid(err, "There is no work team \"%.63s\".", name));
}

/* The same for what changes it: everybody cannot be changed. */
static bool must_own(struct aws_call *c, struct db *db, struct aws_team *out, struct error *err)
{
    return must_find(c, db, out, err) &&
           (out->id > 0 || aws_invalid(err,
                                       "\"%s\" is all people of this service; it cannot be "
                                       "changed.",
                                       aws_everybody));
}

/* ---- what is shown ---- */

/* A team that was made elsewhere: a group of its own name, in the pool that stands for this
 * service. */
static json_t *own_members(struct aws_call *c, const struct aws_team *t)
{
    return json_pack("[{s:{s:o, s:s, s:s}}]", "CognitoMemberDefinition", "UserPool",
                     json_sprintf("%s_plumbline", c->aws->region), "UserGroup", t->name, "ClientId",
                     "plumbline");
}

static json_t *show_description(const struct aws_team *t)
{
    const char *text = *t->description ? t->description : t->name;

    return json_stringn(text, utf8_offset(text, strlen(text), DESCRIPTION_MAX));
}

static json_t *show(struct aws_call *c, const struct aws_team *t, const char *workforce)
{
    json_t *said = t->aws ? json_loads(t->aws, 0, NULL) : NULL, *out, *value;
    static const char *const repeated[] = {"NotificationConfiguration",
                                           "WorkerAccessConfiguration"};

    value = json_incref(json_object_get(said, "MemberDefinitions"));
    out = json_pack("{s:s, s:o, s:s, s:s, s:o, s:s, s:o, s:o}", "WorkteamName", t->name,
                    "MemberDefinitions", value ? value : own_members(c, t), "WorkteamArn",
                    aws_team_arn(c, t->name), "WorkforceArn", aws_workforce_arn(c, workforce),
                    "Description", show_description(t), "SubDomain", aws_sub_domain(c),
                    "CreateDate", aws_time(t->created), "LastUpdatedDate", aws_time(t->modified));
    for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++)
        if ((value = json_object_get(said, repeated[i])))
            json_object_set(out, repeated[i], value);
    json_decref(said);
    return out;
}

static bool workforce_name(struct aws_call *c, struct db *db, const char **name, struct error *err)
{
    struct workforce w;
    bool found;

    if (!workforce_get(db, &c->arena, &w, &found, err))
        return false;
    *name = found ? w.name : aws_default_workforce;
    return true;
}

static bool read_one(struct aws_call *c, struct db *db, struct error *err)
{
    const char *workforce;
    struct aws_team t;

    return must_find(c, db, &t, err) && workforce_name(c, db, &workforce, err) &&
           aws_reply(c, json_pack("{s:o}", "Workteam", show(c, &t, workforce)));
}

bool aws_describe_workteam(struct aws_call *c, struct error *err)
{
    return aws_read(c, read_one, err);
}

static bool read_list(struct aws_call *c, struct db *db, struct error *err)
{
    const char *sort = aws_text(c->in, "SortBy"), *order = aws_text(c->in, "SortOrder"), *workforce;
    struct aws_team_filter f = {.name = aws_text(c->in, "NameContains"),
                                .sort = sort && strcmp(sort, "Name") == 0 ? AWS_SORT_NAME
                                                                          : AWS_SORT_CREATED,
                                .descending = order && strcmp(order, "Descending") == 0};
    json_t *out, *teams = json_array();
    struct aws_team_row *list;
    struct aws_page page;
    int count;

    out = json_pack("{s:o}", "Workteams", teams);
    if (!aws_page_read(c, PAGE, &page, err))
        goto fail;
    f.after = page.more ? &page.after : NULL;
    f.limit = page.limit + 1;
    if (!workforce_name(c, db, &workforce, err) ||
        !aws_team_find(db, &f, &c->arena, &list, &count, err))
        goto fail;
    for (int i = 0; i < count && i < page.limit; i++)
        json_array_append_new(teams, show(c, &list[i].team, workforce));
    if (count > page.limit)
        aws_page_next(c, out, list[page.limit - 1].key, list[page.limit - 1].team.id);
    return aws_reply(c, out);
fail:
    json_decref(out);
    return false;
}

bool aws_list_workteams(struct aws_call *c, struct error *err)
{
    return aws_read(c, read_list, err);
}

bool aws_list_subscribed_workteams(struct aws_call *c, struct error *err)
{
    struct aws_page page;

    return aws_page_read(c, PAGE, &page, err) &&
           aws_reply(c, json_pack("{s:[]}", "SubscribedWorkteams"));
}

/* ---- members ---- */

/* Each definition has one of the two kinds, all the same one. */
static bool check_members(json_t *members, struct error *err)
{
    size_t i, cognito = 0, oidc = 0;
    json_t *one;

    json_array_foreach(members, i, one)
    {
        bool c = json_object_get(one, "CognitoMemberDefinition"),
             o = json_object_get(one, "OidcMemberDefinition");

        if (c == o)
            return aws_invalid(err, "A member definition has either CognitoMemberDefinition or "
                                    "OidcMemberDefinition.");
        if (o && json_array_size(
                     json_object_get(json_object_get(one, "OidcMemberDefinition"), "Groups")) == 0)
            return aws_invalid(err, "An OidcMemberDefinition names its Groups.");
        cognito += c;
        oidc += o;
    }
    return !cognito || !oidc ||
           aws_invalid(err,
                       "All member definitions of a work team are of one kind, Cognito or OIDC.");
}

/* A workforce that a client made has a kind, and its teams have the same. */
static bool check_kind(struct aws_call *c, struct db *db, json_t *members, struct error *err)
{
    const char *named = aws_text(c->in, "WorkforceName");
    bool found, oidc = json_object_get(json_array_get(members, 0), "OidcMemberDefinition"), same;
    struct workforce w;
    json_t *config;

    if (!workforce_get(db, &c->arena, &w, &found, err))
        return false;
    if (named && strcmp(named, found ? w.name : aws_default_workforce) != 0)
        return aws_invalid(err, "There is no workforce \"%.63s\".", named);
    if (!found || !members)
        return true;
    config = json_loads(w.config, 0, NULL);
    same = oidc == (json_object_get(config, "OidcConfig") != NULL);
    json_decref(config);
    return same || aws_invalid(err, "The workforce \"%s\" has members of %s groups.", w.name,
                               oidc ? "Cognito" : "OIDC");
}

static bool bring_group(struct db *db, int64_t team, json_t *group, struct error *err)
{
    const char *name = json_string_value(group);

    return !name || aws_team_bring(db, team, name, err);
}

static bool bring_people(struct db *db, int64_t team, json_t *members, struct error *err)
{
    json_t *one, *group;
    size_t i, j;

    json_array_foreach(members, i, one)
    {
        if (!bring_group(
                db, team,
                json_object_get(json_object_get(one, "CognitoMemberDefinition"), "UserGroup"), err))
            return false;
        json_array_foreach(json_object_get(json_object_get(one, "OidcMemberDefinition"), "Groups"),
                           j, group) if (!bring_group(db, team, group, err)) return false;
    }
    return true;
}

/* The groups given are all there are: who came by one that is gone goes with it. */
static bool replace_people(struct db *db, int64_t team, json_t *members, struct error *err)
{
    return aws_team_send_back(db, team, err) && bring_people(db, team, members, err);
}

/* What is kept of a request, over what was kept before. */
static bool keep(struct aws_call *c, struct db *db, int64_t team, const char *before,
                 struct error *err)
{
    static const char *const kept[] = {"MemberDefinitions", "NotificationConfiguration",
                                       "WorkerAccessConfiguration"};
    json_t *said = before ? json_loads(before, 0, NULL) : NULL, *value;
    char *text;
    bool ok;

    if (!said)
        said = json_object();
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if ((value = json_object_get(c->in, kept[i])))
            json_object_set(said, kept[i], value);
    text = json_dumps(said, JSON_COMPACT);
    json_decref(said);
    ok = aws_team_set(db, team, text, err);
    free(text);
    return ok;
}

/* ---- operations ---- */

static bool write_new(struct db *db, void *context, struct error *err)
{
    struct aws_call *c = context;
    const char *name = aws_text(c->in, "WorkteamName");
    json_t *members = json_object_get(c->in, "MemberDefinitions");
    struct aws_team t;
    int64_t id;
    bool found;

    if (!by_name(c, db, name, &t, &found, err))
        return false;
    if (found)
        return aws_refuse(err, "ResourceInUse", "There already is a work team \"%s\".", t.name);
    return check_kind(c, db, members, err) &&
           team_insert(db, name, aws_text(c->in, "Description"), &id, err) &&
           keep(c, db, id, NULL, err) && bring_people(db, id, members, err) &&
           aws_tags_put(db, TAG_TEAM, id, json_object_get(c->in, "Tags"), err);
}

static bool made(struct aws_call *c, struct error *err)
{
    (void)err;
    return aws_reply(
        c, json_pack("{s:s}", "WorkteamArn", aws_team_arn(c, aws_text(c->in, "WorkteamName"))));
}

bool aws_create_workteam(struct aws_call *c, struct error *err)
{
    return check_members(json_object_get(c->in, "MemberDefinitions"), err) &&
           aws_tags_check(json_object_get(c->in, "Tags"), err) && aws_write(c, write_new, made);
}

static bool write_change(struct db *db, void *context, struct error *err)
{
    struct aws_call *c = context;
    json_t *members = json_object_get(c->in, "MemberDefinitions");
    const char *description = aws_text(c->in, "Description");
    struct aws_team t;

    return must_own(c, db, &t, err) && check_kind(c, db, members, err) &&
           (!description || team_update(db, t.id, NULL, description, err)) &&
           keep(c, db, t.id, t.aws, err) && (!members || replace_people(db, t.id, members, err));
}

static bool changed(struct aws_call *c, struct error *err)
{
    return aws_read(c, read_one, err);
}

bool aws_update_workteam(struct aws_call *c, struct error *err)
{
    json_t *members = json_object_get(c->in, "MemberDefinitions");

    return check_members(members, err) && aws_write(c, write_change, changed);
}

static bool write_delete(struct db *db, void *context, struct error *err)
{
    struct aws_call *c = context;
    struct aws_team t;
    const char *job;

    if (!must_own(c, db, &t, err) || !aws_team_busy(db, t.id, &c->arena, &job, err))
        return false;
    if (job)
        return aws_invalid(err,
                           "The work team \"%s\" works on the labelling job \"%s\", which has not "
                           "ended.",
                           t.name, job);
    return aws_team_delete(db, t.id, err);
}

static bool deleted(struct aws_call *c, struct error *err)
{
    (void)err;
    return aws_reply(c, json_pack("{s:b}", "Success", 1));
}

bool aws_delete_workteam(struct aws_call *c, struct error *err)
{
    (void)err;
    return aws_write(c, write_delete, deleted);
}
