/* tags.c - words that scripts put on jobs, work teams and the workforce. */
#include "door.h"

#include <string.h>

bool aws_tags_check(json_t *tags, struct error *err)
{
    json_t *tag;
    size_t i;

    json_array_foreach(tags, i, tag)
    {
        const char *key = aws_text(tag, "Key");

        if (strncmp(key, "aws:", 4) == 0)
            return aws_invalid(err, "The tag key \"%.128s\" begins with aws:, which is reserved.",
                               key);
        for (size_t j = 0; j < i; j++)
            if (strcmp(aws_text(json_array_get(tags, j), "Key"), key) == 0)
                return aws_invalid(err, "The tag key \"%.128s\" is given twice.", key);
    }
    return true;
}

bool aws_tags_put(struct db *db, enum tag_kind kind, int64_t id, json_t *tags, struct error *err)
{
    json_t *tag;
    size_t i;

    json_array_foreach(tags, i, tag) if (!tag_put(db, kind, id, aws_text(tag, "Key"),
                                                  aws_text(tag, "Value"), err)) return false;
    return true;
}

static json_t *write_tags(const struct tag *list, int count)
{
    json_t *out = json_array();

    for (int i = 0; i < count; i++)
        json_array_append_new(out,
                              json_pack("{s:s, s:s}", "Key", list[i].key, "Value", list[i].value));
    return out;
}

bool aws_tags_read(struct aws_call *c, struct db *db, enum tag_kind kind, int64_t id, json_t **out,
                   struct error *err)
{
    struct tag *list;
    int count;

    if (!tag_list(db, kind, id, NULL, &c->arena, &list, &count, err))
        return false;
    *out = write_tags(list, count);
    return true;
}

/* ---- what an ARN means ---- */

struct resource {
    enum tag_kind kind;
    int64_t id;
    struct tag *tags;
    int count;
};

static bool not_there(const char *arn, struct error *err)
{
    return aws_refuse(err, "ResourceNotFound", "There is no resource %.256s.", arn);
}

static bool find_job(struct aws_call *c, struct db *db, const char *arn, const char *name,
                     struct resource *out, struct error *err)
{
    struct error why = {0};
    struct job job;

    if (!job_by_name(db, name, &c->arena, &job, &why)) {
        if (why.status == 404)
            return not_there(arn, err);
        *err = why;
        return false;
    }
    out->kind = TAG_JOB;
    out->id = job.id;
    return true;
}

static bool find_workforce(struct aws_call *c, struct db *db, const char *arn, const char *name,
                           struct resource *out, struct error *err)
{
    struct workforce w;
    bool found;

    if (!workforce_get(db, &c->arena, &w, &found, err))
        return false;
    out->kind = TAG_WORKFORCE;
    out->id = WORKFORCE_ID;
    return (found && strcmp(w.name, name) == 0) || not_there(arn, err);
}

static bool find_resource(struct aws_call *c, struct db *db, struct resource *out,
                          struct error *err)
{
    const char *arn = aws_text(c->in, "ResourceArn");
    struct aws_team team;
    struct aws_name n;
    bool found;

    if (!aws_arn_parse(c, arn, &n, err))
        return false;
    if (strcmp(n.kind, "labeling-job") == 0)
        return find_job(c, db, arn, n.name, out, err);
    if (strcmp(n.kind, "workforce") == 0)
        return find_workforce(c, db, arn, n.name, out, err);
    if (strcmp(n.kind, "workteam") != 0)
        return aws_invalid(
            err, "Labelling jobs, work teams and workforces have tags here, not \"%.60s\".",
            n.kind);
    if (!aws_team_of_arn(c, db, arn, &team, &found, err))
        return false;
    out->kind = TAG_TEAM;
    out->id = team.id;
    return (found && team.id > 0) || not_there(arn, err);
}

/* ---- operations ---- */

static struct resource *new_resource(struct aws_call *c)
{
    c->work = arena_alloc(&c->arena, sizeof(struct resource));
    return c->work;
}

static bool read_again(struct aws_call *c, struct db *db, struct error *err)
{
    struct resource *r = c->work;

    return tag_list(db, r->kind, r->id, NULL, &c->arena, &r->tags, &r->count, err);
}

static bool write_add(struct db *db, void *context, struct error *err)
{
    struct aws_call *c = context;
    struct resource *r = c->work;

    if (!find_resource(c, db, r, err) ||
        !aws_tags_put(db, r->kind, r->id, json_object_get(c->in, "Tags"), err) ||
        !read_again(c, db, err))
        return false;
    return r->count <= TAGS_MAX ||
           aws_refuse(err, "ResourceLimitExceeded",
                      "A resource has at most %d tags; it would have %d.", TAGS_MAX, r->count);
}

static bool added(struct aws_call *c, struct error *err)
{
    const struct resource *r = c->work;

    (void)err;
    return aws_reply(c, json_pack("{s:o}", "Tags", write_tags(r->tags, r->count)));
}

bool aws_add_tags(struct aws_call *c, struct error *err)
{
    new_resource(c);
    return aws_tags_check(json_object_get(c->in, "Tags"), err) && aws_write(c, write_add, added);
}

static bool write_drop(struct db *db, void *context, struct error *err)
{
    struct aws_call *c = context;
    struct resource *r = c->work;
    json_t *key;
    size_t i;

    if (!find_resource(c, db, r, err))
        return false;
    json_array_foreach(
        json_object_get(c->in, "TagKeys"), i,
        key) if (!tag_drop(db, r->kind, r->id, json_string_value(key), err)) return false;
    return true;
}

static bool dropped(struct aws_call *c, struct error *err)
{
    (void)err;
    return aws_reply(c, json_object());
}

bool aws_delete_tags(struct aws_call *c, struct error *err)
{
    (void)err;
    new_resource(c);
    return aws_write(c, write_drop, dropped);
}

static bool read_list(struct aws_call *c, struct db *db, struct error *err)
{
    struct resource *r = c->work;
    struct aws_page page;

    if (!aws_page_read(c, TAGS_MAX, &page, err) || !find_resource(c, db, r, err) ||
        !tag_list(db, r->kind, r->id, page.more ? page.after.key : NULL, &c->arena, &r->tags,
                  &r->count, err))
        return false;
    return aws_reply(c, json_pack("{s:o}", "Tags", write_tags(r->tags, r->count)));
}

bool aws_list_tags(struct aws_call *c, struct error *err)
{
    new_resource(c);
    return aws_read(c, read_list, err);
}
