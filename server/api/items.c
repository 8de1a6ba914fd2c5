/* items.c - the items of a job: lists with filters, and everything about one. */
#include "item_view.h"
#include "job_view.h"
#include "plumbline/base/utf8.h"
#include "plumbline/engine/content.h"
#include "plumbline/store/learning.h"
#include "plumbline/store/work.h"

#include <math.h>
#include <string.h>

enum { EXCERPT = 300 };

const struct field media_view_fields[] = {
    {.name = "url", .kind = FIELD_TEXT, .at = offsetof(struct media_view, url), .required = true},
    {.name = "preview", .kind = FIELD_TEXT, .at = offsetof(struct media_view, preview),
     .required = true, .help = "Add ?size=160 or 1600"},
    {.name = "width", .kind = FIELD_INT, .at = offsetof(struct media_view, width),
     .required = true, .help = "Upright pixels"},
    {.name = "height", .kind = FIELD_INT, .at = offsetof(struct media_view, height),
     .required = true},
    FIELD_END};

struct media_view media_view(struct arena *a, int64_t item, const struct payload *p)
{
    return (struct media_view){
        .url = arena_printf(a, "/api/v1/items/item_%lld/media", (long long)item),
        .preview = arena_printf(a, "/api/v1/items/item_%lld/preview", (long long)item),
        .width = p->width,
        .height = p->height};
}

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

/* ---- a row of a list ---- */

struct item_view {
    const char       *id, *key, *text, *label, *origin, *failure;
    int64_t           line, answers;
    int               state;
    struct media_view media;
    double            posterior, confidence;
    bool              has_media, has_posterior, has_confidence;
};

#define ITEM(field_kind, member, ...)                                                              \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct item_view, member), __VA_ARGS__ \
    }
#define ITEM_FIELDS                                                                                \
    ITEM(FIELD_TEXT, id, .required = true),                                                        \
        ITEM(FIELD_INT, line, .required = true, .help = "Number of its line, from 0"),             \
        ITEM(FIELD_TEXT, key, .help = "The id it came with"),                                      \
        ITEM(FIELD_ENUM, state, .choices = item_state_names, .required = true),                    \
        ITEM(FIELD_TEXT, text, .help = "The first 300 characters"),                                \
        ITEM(FIELD_OBJECT, media, .fields = media_view_fields,                                     \
             .present = AT(struct item_view, has_media)),                                          \
        ITEM(FIELD_TEXT, label),                                                                   \
        ITEM(FIELD_TEXT, origin, .help = "human, machine, or provisional: a guess"),               \
        ITEM(FIELD_REAL, posterior, .present = AT(struct item_view, has_posterior)),               \
        ITEM(FIELD_REAL, confidence, .present = AT(struct item_view, has_confidence)),             \
        ITEM(FIELD_INT, answers, .required = true), ITEM(FIELD_TEXT, failure)

static const struct field item_fields[] = {ITEM_FIELDS, FIELD_END};

static const char *class_name(const struct label_set *set, int k)
{
    return k >= 0 && (size_t)k < set->n ? set->v[k].name : NULL;
}

static struct item_view item_view(struct http_request *rq, const struct task_type *type,
                                  const struct label_set *set, const struct item_row *r)
{
    struct item_view v = {.id = api_id_text(&rq->arena, "item", r->item.id),
                          .key = r->payload.key,
                          .line = r->item.line,
                          .state = r->item.state,
                          .answers = r->item.done,
                          .failure = r->payload.failure};

    if (type->media == TASK_IMAGE && r->payload.media) {
        v.media = media_view(&rq->arena, r->item.id, &r->payload);
        v.has_media = true;
    } else if (type->media == TASK_TEXT) {
        v.text = text_excerpt(rq, &r->payload, EXCERPT);
    }
    if (r->item.label) {
        v.label = arena_strdup(&rq->arena, class_name(set, r->item.class_index));
        v.origin = r->origin == LABEL_MACHINE ? "machine" : "human";
        v.posterior = r->item.posterior;
        v.confidence = r->confidence;
        v.has_posterior = v.has_confidence = true;
    } else if (r->guess_class >= 0) {
        v.label = arena_strdup(&rq->arena, class_name(set, r->guess_class));
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

static const char *const state_choices[] = {"waiting", "open", "answered", "labelled", "failed",
                                            NULL};
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
};

static const struct field items_view_fields[] = {
    {.name = "items", .kind = FIELD_OBJECTS, .at = offsetof(struct items_view, items),
     .fields = item_fields, .size = sizeof(struct item_view), .schema = "ItemRow",
     .required = true},
    {.name = "next", .kind = FIELD_TEXT, .at = offsetof(struct items_view, next)},
    FIELD_END};

static bool read_filter(const struct items_query *query, const struct label_set *set,
                        struct item_filter *f, struct error *err)
{
    static const int states[] = {ITEM_WAITING, ITEM_OPEN, ITEM_ANSWERED, ITEM_HUMAN, ITEM_FAILED};

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
    if (query->annotator && !api_id(query->annotator, "person", &f->annotator, err))
        return false;
    return page_after(&query->page, &f->after, err);
}

static bool list_items(struct http_request *rq, struct db *db, const struct job *job,
                       const struct label_set *set, struct error *err)
{
    struct item_filter f = {.job = job->id};
    struct items_view out = {0};
    struct item_view *v;
    struct item_row *rows;
    int64_t next;
    int count;

    if (!read_filter(rq->query, set, &f, err) ||
        !item_list(db, &f, &rq->arena, &rows, &count, &next, err))
        return false;
    v = arena_array(&rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++)
        v[i] = item_view(rq, task_type_find(job->type), set, &rows[i]);
    out.items = (struct objects){v, (size_t)count};
    if (next)
        out.next = arena_printf(&rq->arena, "%lld", (long long)next);
    return http_reply_fields(rq, &out);
}

typedef bool with_labels(struct http_request *rq, struct db *db, const struct job *job,
                         const struct label_set *set, struct error *err);

static bool read_with_labels(struct http_request *rq, struct db *db, with_labels *read,
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
    return read_with_labels(rq, db, list_items, err);
}

static bool get_items(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_items, err);
}

/* ---- GET /jobs/{job}/items/{item}: who answered what, and why the label is what it is ---- */

struct who_view {
    const char *id, *name;
};

static const struct field who_fields[] = {
    {.name = "id", .kind = FIELD_TEXT, .at = offsetof(struct who_view, id), .required = true},
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct who_view, name), .required = true},
    FIELD_END};

struct given_view {
    const char     *id;
    struct who_view person;
    json_t         *answer;
    int64_t         created, elapsed_ms, active_ms;
    double          accuracy;
    bool            has_accuracy, superseded;
};

#define GIVEN(field_kind, member, ...)                                                             \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct given_view, member),            \
        __VA_ARGS__                                                                                \
    }

static const struct field given_fields[] = {
    GIVEN(FIELD_TEXT, id, .required = true),
    GIVEN(FIELD_OBJECT, person, .fields = who_fields, .required = true),
    GIVEN(FIELD_ANY, answer, .required = true, .help = "As it was sent"),
    GIVEN(FIELD_TIME, created, .required = true),
    GIVEN(FIELD_INT, elapsed_ms, .required = true),
    GIVEN(FIELD_INT, active_ms, .required = true),
    GIVEN(FIELD_REAL, accuracy, .present = AT(struct given_view, has_accuracy),
          .help = "The annotator's estimated accuracy in this job"),
    GIVEN(FIELD_BOOL, superseded, .required = true, .help = "Does not count towards the label"),
    FIELD_END};

struct skip_view {
    struct who_view person;
    const char     *reason, *comment;
    int64_t         created;
};

static const struct field skip_fields[] = {
    {.name = "person", .kind = FIELD_OBJECT, .at = offsetof(struct skip_view, person),
     .fields = who_fields, .required = true},
    {.name = "reason", .kind = FIELD_TEXT, .at = offsetof(struct skip_view, reason),
     .required = true},
    {.name = "comment", .kind = FIELD_TEXT, .at = offsetof(struct skip_view, comment)},
    {.name = "created", .kind = FIELD_TIME, .at = offsetof(struct skip_view, created),
     .required = true},
    FIELD_END};

struct chance_view {
    const char *label;
    double      p;
};

static const struct field chance_fields[] = {
    {.name = "label", .kind = FIELD_TEXT, .at = offsetof(struct chance_view, label),
     .required = true},
    {.name = "p", .kind = FIELD_REAL, .at = offsetof(struct chance_view, p), .required = true},
    FIELD_END};

struct history_view {
    const char *label, *origin, *model, *method;
    double      posterior, confidence;
    int64_t     created;
};

static const struct field history_fields[] = {
    {.name = "label", .kind = FIELD_TEXT, .at = offsetof(struct history_view, label),
     .required = true},
    {.name = "origin", .kind = FIELD_TEXT, .at = offsetof(struct history_view, origin),
     .required = true},
    {.name = "model", .kind = FIELD_TEXT, .at = offsetof(struct history_view, model)},
    {.name = "method", .kind = FIELD_TEXT, .at = offsetof(struct history_view, method)},
    {.name = "posterior", .kind = FIELD_REAL, .at = offsetof(struct history_view, posterior),
     .required = true},
    {.name = "confidence", .kind = FIELD_REAL, .at = offsetof(struct history_view, confidence),
     .required = true},
    {.name = "created", .kind = FIELD_TIME, .at = offsetof(struct history_view, created),
     .required = true},
    FIELD_END};

struct guess_view {
    const char *label, *model;
    double      p;
};

static const struct field guess_fields[] = {
    {.name = "label", .kind = FIELD_TEXT, .at = offsetof(struct guess_view, label),
     .required = true},
    {.name = "model", .kind = FIELD_TEXT, .at = offsetof(struct guess_view, model)},
    {.name = "p", .kind = FIELD_REAL, .at = offsetof(struct guess_view, p), .required = true},
    FIELD_END};

struct detail_view {
    struct item_view  item; /* first: shares its table */
    json_t           *source_line;
    struct objects    answers_given, skips, posteriors, labels_history;
    struct guess_view guess;
    bool              has_guess;
};

#define DETAIL_LIST(member, table, type)                                                           \
    {                                                                                              \
        .name = #member, .kind = FIELD_OBJECTS, .at = offsetof(struct detail_view, member),        \
        .fields = table, .size = sizeof(type), .required = true                                    \
    }

static const struct field detail_fields[] = {
    ITEM_FIELDS,
    {.name = "source_line", .kind = FIELD_ANY, .at = offsetof(struct detail_view, source_line),
     .help = "The manifest line; null when it was not JSON"},
    DETAIL_LIST(answers_given, given_fields, struct given_view),
    DETAIL_LIST(skips, skip_fields, struct skip_view),
    DETAIL_LIST(posteriors, chance_fields, struct chance_view),
    DETAIL_LIST(labels_history, history_fields, struct history_view),
    {.name = "guess", .kind = FIELD_OBJECT, .at = offsetof(struct detail_view, guess),
     .fields = guess_fields, .present = AT(struct detail_view, has_guess)},
    FIELD_END};

struct detail {
    struct http_request    *rq;
    struct db              *db;
    const struct label_set *set;
    struct annotator_row   *annotators;
    int                     n_annotators;
    struct detail_view      view;
};

static struct who_view who(struct detail *d, int64_t person)
{
    struct error why = {0};
    struct person p;
    bool known = person_get(d->db, person, &d->rq->arena, &p, &why);

    return (struct who_view){api_id_text(&d->rq->arena, "person", person),
                             known ? p.name : "(gone)"};
}

static bool add_answer(struct detail *d, int64_t id, struct given_view *v, int64_t *previous,
                       struct error *err)
{
    struct answer a;

    if (!answer_get(d->db, id, &d->rq->arena, &a, err))
        return false;
    *v = (struct given_view){.id = api_id_text(&d->rq->arena, "ans", a.id),
                             .person = who(d, a.person),
                             .answer = json_loads(a.body, 0, NULL),
                             .created = a.created,
                             .elapsed_ms = a.elapsed_ms,
                             .active_ms = a.active_ms,
                             .superseded = a.status != ANSWER_COUNTS};
    for (int i = 0; i < d->n_annotators; i++) {
        if (d->annotators[i].person == a.person && !isnan(d->annotators[i].accuracy)) {
            v->accuracy = d->annotators[i].accuracy;
            v->has_accuracy = true;
        }
    }
    *previous = a.previous;
    return true;
}

enum { GIVEN_MAX = 200 };

static bool add_slots(struct detail *d, int64_t item, struct error *err)
{
    struct given_view *given = arena_array(&d->rq->arena, GIVEN_MAX, sizeof *given);
    struct skip_view *skips;
    struct slot *slots;
    size_t n_given = 0, n_skips = 0;
    int count;

    if (!slot_of_item(d->db, item, &d->rq->arena, &slots, &count, err))
        return false;
    skips = arena_array(&d->rq->arena, (size_t)count, sizeof *skips);
    for (int i = 0; i < count; i++) {
        int64_t answer = slots[i].answer;

        if (slots[i].state == SLOT_SKIPPED)
            skips[n_skips++] = (struct skip_view){.person = who(d, slots[i].person),
                                                  .reason = slots[i].reason ? slots[i].reason : "",
                                                  .comment = slots[i].comment,
                                                  .created = slots[i].since};
        while (answer && n_given < GIVEN_MAX)
            if (!add_answer(d, answer, &given[n_given++], &answer, err))
                return false;
    }
    d->view.answers_given = (struct objects){given, n_given};
    d->view.skips = (struct objects){skips, n_skips};
    return true;
}

static const char *name_of(struct detail *d, int k)
{
    const char *name = class_name(d->set, k);

    return arena_strdup(&d->rq->arena, name ? name : "");
}

static void add_posteriors(struct detail *d, const char *json)
{
    json_t *list = json ? json_loads(json, 0, NULL) : NULL;
    struct chance_view *v = arena_array(&d->rq->arena, json_array_size(list), sizeof *v);
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *pair = json_array_get(list, i);

        v[n++] = (struct chance_view){
            name_of(d, (int)json_integer_value(json_array_get(pair, 0))),
            json_number_value(json_array_get(pair, 1))};
    }
    json_decref(list);
    d->view.posteriors = (struct objects){v, n};
}

enum { HISTORY_MAX = 100 };

static bool add_history(struct detail *d, int64_t label, struct error *err)
{
    struct history_view *v = arena_array(&d->rq->arena, HISTORY_MAX, sizeof *v);
    size_t n = 0;

    while (label && n < HISTORY_MAX) {
        struct label_row l;

        if (!label_get(d->db, label, &d->rq->arena, &l, err))
            return false;
        if (n == 0)
            add_posteriors(d, l.posteriors);
        v[n++] = (struct history_view){
            .label = name_of(d, l.class_index),
            .origin = l.origin == LABEL_MACHINE ? "machine" : "human",
            .model = api_id_text(&d->rq->arena, "model", l.model),
            .method = l.origin == LABEL_MACHINE ? NULL : consolidation_names[l.method],
            .posterior = l.posterior,
            .confidence = l.confidence,
            .created = l.created};
        label = l.previous;
    }
    d->view.labels_history = (struct objects){v, n};
    return true;
}

static bool add_guess(struct detail *d, int64_t item, struct error *err)
{
    int64_t model;
    int k;
    double p;

    if (!guess_get(d->db, item, &k, &p, &model, err))
        return false;
    d->view.has_guess = k >= 0;
    if (k >= 0)
        d->view.guess = (struct guess_view){name_of(d, k),
                                            api_id_text(&d->rq->arena, "model", model), p};
    return true;
}

static void release_detail(struct http_request *rq)
{
    struct detail *d = rq->user;
    struct given_view *given = d->view.answers_given.v;

    json_decref(d->view.source_line);
    for (size_t i = 0; i < d->view.answers_given.n; i++)
        json_decref(given[i].answer);
}

static bool fill_detail(struct detail *d, const struct job *job, int64_t id, struct error *err)
{
    struct item_filter f = {.job = job->id,
                            .after = id - 1,
                            .state = -1,
                            .class_index = -1,
                            .below = NAN,
                            .limit = 1};
    struct item_row *row;
    int64_t next;
    int count;

    if (!item_list(d->db, &f, &d->rq->arena, &row, &count, &next, err))
        return false;
    if (count == 0 || row->item.id != id)
        return error_not_found(err, "item", "The job has no item_%lld.", (long long)id);
    d->view.item = item_view(d->rq, task_type_find(job->type), d->set, row);
    d->view.source_line = json_loads(row->payload.line, 0, NULL);
    return annotator_list(d->db, job->id, &d->rq->arena, &d->annotators, &d->n_annotators, err) &&
           add_slots(d, id, err) && add_history(d, row->item.label, err) &&
           (row->item.label != 0 || add_guess(d, id, err));
}

static bool show_item(struct http_request *rq, struct db *db, const struct job *job,
                      const struct label_set *set, struct error *err)
{
    struct detail *d = arena_alloc(&rq->arena, sizeof *d);
    int64_t id;
    bool ok;

    d->rq = rq;
    d->db = db;
    d->set = set;
    rq->user = d;
    ok = api_id(rq->param[1], "item", &id, err) && fill_detail(d, job, id, err) &&
         http_reply_fields(rq, &d->view);
    release_detail(rq);
    return ok;
}

static bool read_item(struct http_request *rq, struct db *db, struct error *err)
{
    return read_with_labels(rq, db, show_item, err);
}

static bool get_item(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_item, err);
}

const struct route item_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/jobs/{job}/items", .who = WHO_REVIEWER,
     .run = get_items, .query = items_query_fields, .query_size = sizeof(struct items_query),
     .status = 200, .reply = items_view_fields, .reply_name = "ItemList",
     .errors = "404 job.not_found", .tag = "Items", .summary = "Items in line order, filtered"},
    {.method = HTTP_GET, .path = "/api/v1/jobs/{job}/items/{item}", .who = WHO_REVIEWER,
     .run = get_item, .status = 200, .reply = detail_fields, .reply_name = "Item",
     .errors = "404 job.not_found, 404 item.not_found", .tag = "Items",
     .summary = "One item: answers, posterior, history"},
    {0}};
