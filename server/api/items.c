/* items.c - the items of a job: rows, and lists with filters. */
#include "item_row.h"
#include "job_view.h"
#include "plumbline/base/utf8.h"
#include "plumbline/engine/content.h"
#include "plumbline/store/item_search.h"
#include "plumbline/store/learning.h"
#include "plumbline/store/work.h"

#include <math.h>
#include <string.h>

enum { EXCERPT = 300 };

const char *text_excerpt(struct http_request *rq, const struct payload *p, size_t limit)
{
    struct error why = {0};
    const char *text;
    size_t size, cut;

    if (!content_text(service_of(rq), p, &rq->arena, &text, &size, &why))
        return "";
    cut = utf8_offset(text, size, limit);
    return cut == size ? text : arena_printf(&rq->arena, "%.*s…", (int)cut, text);
}

static const struct field item_fields[] = {ITEM_FIELDS, FIELD_END};

const char *item_class_name(const struct label_set *set, int k)
{
    return k >= 0 && (size_t)k < set->n ? set->v[k].name : NULL;
}

struct item_view item_view(struct http_request *rq, const struct task_type *type,
                                  const struct label_set *set, const struct item_row *r)
{
    struct item_view v = {.id = api_id_text(&rq->arena, "item", r->item.id),
                          .key = r->payload.key,
                          .line = r->item.line,
                          .state = r->item.state,
                          .answers = r->item.done,
                          .failure = r->payload.failure};

    if (type->media == TASK_IMAGE && media_is_there(&r->payload)) {
        v.media = media_view(rq, r->item.id, &r->payload, 0);
        v.has_media = true;
    } else if (type->media == TASK_TEXT) {
        v.text = text_excerpt(rq, &r->payload, EXCERPT);
    }
    if (r->item.label) {
        v.label = arena_strdup(&rq->arena, item_class_name(set, r->item.class_index));
        v.origin = r->origin == LABEL_MACHINE ? "machine" : "human";
        v.posterior = r->item.posterior;
        v.confidence = r->confidence;
        v.has_posterior = v.has_confidence = true;
    } else if (r->guess_class >= 0) {
        v.label = arena_strdup(&rq->arena, item_class_name(set, r->guess_class));
        v.origin = "provisional";
        v.posterior = r->guess_p;
        v.has_posterior = true;
    }
    return v;
}

/* ---- GET /jobs/{job}/items ---- */

struct items_query {
    struct page_query page;
    const char       *label, *annotator, *q;
    int               state, origin;
    double            below;
    bool              has_state, has_below, has_origin;
};

static const char *const state_choices[] = {"waiting", "open",   "answered", "labelled",
                                            "failed",  "kept", NULL};
static const char *const origin_choices[] = {"human", "machine", "provisional", NULL};

static const struct field items_query_fields[] = {
    PAGE_FIELDS(struct items_query, page),
    {.name = "state", .kind = FIELD_ENUM, .at = offsetof(struct items_query, state),
     .choices = state_choices, .present = AT(struct items_query, has_state)},
    {.name = "origin", .kind = FIELD_ENUM, .at = offsetof(struct items_query, origin),
     .choices = origin_choices, .present = AT(struct items_query, has_origin)},
    {.name = "label", .kind = FIELD_TEXT, .at = offsetof(struct items_query, label), .max = 256},
    {.name = "annotator", .kind = FIELD_TEXT, .at = offsetof(struct items_query, annotator),
     .max = 64, .help = "Only items that this person answered"},
    {.name = "below", .kind = FIELD_REAL, .at = offsetof(struct items_query, below), .max = 1,
     .present = AT(struct items_query, has_below), .help = "Only a posterior under this"},
    {.name = "q", .kind = FIELD_TEXT, .at = offsetof(struct items_query, q), .max = 500,
     .help = "Part of the manifest line"},
    FIELD_END};

struct items_view {
    struct objects items;
    const char    *next;
    int64_t        reached;
    bool           has_reached;
};

static const struct field items_view_fields[] = {
    {.name = "items", .kind = FIELD_OBJECTS, .at = offsetof(struct items_view, items),
     .fields = item_fields, .size = sizeof(struct item_view), .schema = "ItemRow",
     .required = true},
    {.name = "next", .kind = FIELD_TEXT, .at = offsetof(struct items_view, next),
     .help = "The `after` of the next page. A page with few items or none may have one: a request "
             "looks only so far"},
    {.name = "reached", .kind = FIELD_INT, .at = offsetof(struct items_view, reached),
     .present = AT(struct items_view, has_reached),
     .help = "Of a page that is not full though there is more: how many of the job's lines have "
             "been looked at"},
    FIELD_END};

static bool read_filter(const struct items_query *query, const struct label_set *set,
                        struct item_filter *f, struct error *err)
{
    static const int states[] = {ITEM_WAITING, ITEM_OPEN,   ITEM_ANSWERED,
                                 ITEM_HUMAN,   ITEM_FAILED, ITEM_KEPT};

    f->state = query->has_state ? states[query->state] : -1;
    f->origin = query->has_origin ? query->origin + 1 : ORIGIN_ANY;
    f->below = query->has_below ? query->below : NAN;
    f->text = query->q && *query->q ? query->q : NULL;
    f->class_index = -1;
    f->limit = page_limit(&query->page);
    if (query->label && *query->label) {
        f->class_index = label_set_find(set, query->label);
        if (f->class_index < 0)
            return error_invalid(err, "label", "The job has no label \"%.80s\".", query->label);
    }
    return !query->annotator || api_id(query->annotator, "person", &f->annotator, err);
}

static bool list_items(struct http_request *rq, struct db *db, const struct job *job,
                       const struct label_set *set, struct error *err)
{
    struct item_filter f = {.job = job->id};
    const struct items_query *query = rq->query;
    struct items_view out = {0};
    struct item_page page;
    struct item_view *v;

    if (!read_filter(query, set, &f, err) ||
        !item_search(db, &f, query->page.after, &rq->arena, &page, err))
        return false;
    v = arena_array(&rq->arena, (size_t)page.count, sizeof *v);
    for (int i = 0; i < page.count; i++)
        v[i] = item_view(rq, task_type_find(job->type), set, &page.rows[i]);
    out.items = (struct objects){v, (size_t)page.count};
    if (*page.next) {
        out.next = arena_strdup(&rq->arena, page.next);
        out.reached = page.reached + 1;
        out.has_reached = page.reached >= 0 && page.count < f.limit;
    }
    return http_reply_fields(rq, &out);
}

bool item_read_with_labels(struct http_request *rq, struct db *db, with_labels *read,
                             struct error *err)
{
    struct service *s = service_of(rq);
    const struct label_set *set;
    struct job job;
    bool ok;

    if (!api_job(rq, db, 0, &job, err))
        return false;
    set = service_labels_take(s, db, job.id, job.label_set_version, err);
    if (!set)
        return false;
    ok = read(rq, db, &job, set, err);
    service_labels_give(s, set);
    return ok;
}

static bool read_items(struct http_request *rq, struct db *db, struct error *err)
{
    return item_read_with_labels(rq, db, list_items, err);
}

static bool get_items(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_items, err);
}

const struct route item_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/jobs/{job}/items", .who = WHO_REVIEWER,
     .run = get_items, .query = items_query_fields, .query_size = sizeof(struct items_query),
     .status = 200, .reply = items_view_fields, .reply_name = "ItemList",
     .errors = "404 job.not_found", .tag = "Items", .summary = "Items, filtered: in line order, or with `below` perhaps the least sure first"},
    {0}};
