#include "task_view.h"

#include "plumbline/base/clock.h"
#include "plumbline/engine/content.h"

#include <stdlib.h>

static const struct field draft_view_fields[] = {
    {.name = "revision", .kind = FIELD_INT, .at = offsetof(struct draft_view, revision),
     .required = true},
    {.name = "value", .kind = FIELD_ANY, .at = offsetof(struct draft_view, value),
     .required = true},
    FIELD_END};

#define TASK(field_kind, member, ...)                                                              \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct task_view, member), __VA_ARGS__ \
    }

const struct field task_fields[] = {
    TASK(FIELD_TEXT, lease, .required = true),
    TASK(FIELD_TEXT, item, .required = true),
    TASK(FIELD_TEXT, job, .required = true),
    TASK(FIELD_INT, line, .required = true),
    TASK(FIELD_TIME, expires, .required = true),
    TASK(FIELD_TEXT, source, .help = "The text, of text items"),
    TASK(FIELD_OBJECT, media, .fields = media_view_fields,
         .present = AT(struct task_view, has_media)),
    TASK(FIELD_OBJECT, draft, .fields = draft_view_fields,
         .present = AT(struct task_view, has_draft)),
    FIELD_END};

bool task_view_of(struct http_request *rq, const struct slot *slot, const struct payload *p,
                  const struct task_type *type, struct task_view *v, struct error *err)
{
    struct service *s = service_of(rq);
    size_t size;

    *v = (struct task_view){.lease = api_id_text(&rq->arena, "lease", slot->item),
                            .item = api_id_text(&rq->arena, "item", slot->item),
                            .job = api_id_text(&rq->arena, "job", slot->job),
                            .line = item_line(slot->item),
                            .expires = service_lease_to_wall(s, slot->until)};
    if (type->media == TASK_TEXT) {
        if (!content_text(s, p, &rq->arena, &v->source, &size, err))
            return false;
    } else {
        v->has_media = media_is_there(p);
        v->media = media_view(rq, slot->item, p,
                              (slot->until - service_lease_now(s)) / SECOND_US);
    }
    if (slot->draft) {
        v->draft = (struct draft_view){slot->draft_revision,
                                       json_loads(slot->draft, JSON_DECODE_ANY, NULL)};
        v->has_draft = v->draft.value != NULL;
    }
    return true;
}

bool task_view_read(struct http_request *rq, struct db *db, int64_t item,
                    const struct task_type *type, struct task_view *v, struct error *err)
{
    struct payload p;
    struct slot slot;
    bool found;

    return slot_get(db, item, rq->person, &rq->arena, &slot, &found, err) &&
           payload_get(db, item, &rq->arena, &p, err) &&
           task_view_of(rq, &slot, &p, type, v, err);
}

void task_view_release(struct task_view *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        json_decref(v[i].draft.value);
}

const char *json_kept(struct http_request *rq, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *kept = arena_strdup(&rq->arena, text ? text : "null");

    free(text);
    return kept;
}
