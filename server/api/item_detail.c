/* item_detail.c - everything about one item: who answered what, and why the label is what it is. */
#include "item_row.h"
#include "job_view.h"
#include "plumbline/base/utf8.h"
#include "plumbline/engine/content.h"
#include "plumbline/store/learning.h"
#include "plumbline/store/work.h"
#include <math.h>
#include <string.h>

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
    const char *name = item_class_name(d->set, k);

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
    struct item_row *row;
    int64_t next;
    int count;

    if (!item_list(d->db, job->id, id - 1, 1, &d->rq->arena, &row, &count, &next, err))
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
    return item_read_with_labels(rq, db, show_item, err);
}

static bool get_item(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_item, err);
}

const struct route item_detail_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/jobs/{job}/items/{item}", .who = WHO_REVIEWER,
     .run = get_item, .status = 200, .reply = detail_fields, .reply_name = "Item",
     .errors = "404 job.not_found, 404 item.not_found", .tag = "Items",
     .summary = "One item: answers, posterior, history"},
    {0}};
