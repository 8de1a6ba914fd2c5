/* reports.c - the dashboard's numbers, all from maintained counters, and what happens live. */
#include "job_view.h"
#include "plumbline/base/clock.h"
#include "plumbline/engine/insight.h"
#include "plumbline/store/learning.h"

#include <math.h>
#include <stdlib.h>

enum {
    THROUGHPUT_HOURS = 14 * 24,
    YOUNG_HOURS = 6,
    RATE_HOURS = 24,
    ENOUGH = 30,
};

#define HOUR_US (INT64_C(3600) * SECOND_US)

#define FIELD_OF(type, field_kind, member, ...)                                                    \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct type, member), __VA_ARGS__      \
    }

struct hour_view {
    int64_t at, answers, machine;
};

static const struct field hour_fields[] = {
    FIELD_OF(hour_view, FIELD_TIME, at, .required = true, .help = "Begin of the bucket"),
    FIELD_OF(hour_view, FIELD_INT, answers, .required = true),
    FIELD_OF(hour_view, FIELD_INT, machine, .required = true, .help = "Machine labels"),
    FIELD_END};

struct agreement_view {
    double  alpha, observed;
    int64_t items;
    bool    known;
};

static const struct field agreement_fields[] = {
    FIELD_OF(agreement_view, FIELD_REAL, alpha, .present = AT(struct agreement_view, known),
             .help = "Krippendorff's alpha, nominal"),
    FIELD_OF(agreement_view, FIELD_REAL, observed, .present = AT(struct agreement_view, known),
             .help = "Share of pairs of answers that agree"),
    FIELD_OF(agreement_view, FIELD_INT, items, .required = true,
             .help = "Items with two answers or more"),
    FIELD_END};

struct label_count_view {
    const char *label, *color;
    int64_t     human, machine;
};

static const struct field label_count_fields[] = {
    FIELD_OF(label_count_view, FIELD_TEXT, label, .required = true),
    FIELD_OF(label_count_view, FIELD_TEXT, color),
    FIELD_OF(label_count_view, FIELD_INT, human, .required = true),
    FIELD_OF(label_count_view, FIELD_INT, machine, .required = true),
    FIELD_END};

struct annotator_view {
    const char *person, *name;
    int64_t     answers, judged, mean_ms;
    double      accuracy, low, high;
    bool        enough, has_accuracy, timed;
};

static const struct field annotator_fields[] = {
    FIELD_OF(annotator_view, FIELD_TEXT, person, .required = true),
    FIELD_OF(annotator_view, FIELD_TEXT, name, .required = true),
    FIELD_OF(annotator_view, FIELD_INT, answers, .required = true),
    FIELD_OF(annotator_view, FIELD_INT, judged, .required = true,
             .help = "Answers behind the estimate"),
    FIELD_OF(annotator_view, FIELD_REAL, accuracy, .present = AT(struct annotator_view,
                                                                 has_accuracy),
             .help = "Estimated by the consolidation"),
    FIELD_OF(annotator_view, FIELD_REAL, low, .present = AT(struct annotator_view, has_accuracy),
             .help = "95 % interval (Wilson)"),
    FIELD_OF(annotator_view, FIELD_REAL, high, .present = AT(struct annotator_view,
                                                             has_accuracy)),
    FIELD_OF(annotator_view, FIELD_BOOL, enough, .required = true,
             .help = "30 judged answers or more; the accuracy is left out below that"),
    FIELD_OF(annotator_view, FIELD_INT, mean_ms, .present = AT(struct annotator_view, timed),
             .help = "Mean active time an answer"),
    FIELD_END};

struct round_view {
    int64_t     round, human, automatic, rest, created;
    double      estimate, low, high, target, seconds;
    const char *decision, *sentence, *model;
    json_t     *report;
};

static const struct field round_fields[] = {
    FIELD_OF(round_view, FIELD_INT, round, .required = true),
    FIELD_OF(round_view, FIELD_INT, human, .required = true),
    {.name = "auto", .kind = FIELD_INT, .at = offsetof(struct round_view, automatic),
     .required = true},
    FIELD_OF(round_view, FIELD_INT, rest, .required = true),
    FIELD_OF(round_view, FIELD_REAL, estimate, .required = true,
             .help = "Accuracy of the machine on the rest; 0: no estimate yet"),
    FIELD_OF(round_view, FIELD_REAL, low, .required = true),
    FIELD_OF(round_view, FIELD_REAL, high, .required = true),
    FIELD_OF(round_view, FIELD_REAL, target, .required = true),
    FIELD_OF(round_view, FIELD_TEXT, decision, .required = true),
    FIELD_OF(round_view, FIELD_TEXT, sentence, .required = true),
    FIELD_OF(round_view, FIELD_TEXT, model),
    FIELD_OF(round_view, FIELD_REAL, seconds, .required = true),
    FIELD_OF(round_view, FIELD_TIME, created, .required = true),
    FIELD_OF(round_view, FIELD_ANY, report, .required = true),
    FIELD_END};

struct confusion_view {
    struct texts labels;
    json_t      *counts;
};

static const struct field confusion_fields[] = {
    FIELD_OF(confusion_view, FIELD_TEXTS, labels, .required = true),
    FIELD_OF(confusion_view, FIELD_ANY, counts, .required = true,
             .help = "counts[given][final], of the newest 10,000 answers"),
    FIELD_END};

struct dashboard_view {
    int                   state;
    struct counts_view    counts;
    struct objects        throughput, labels, annotators, rounds;
    double                per_hour;
    int64_t               eta, bucket_seconds;
    struct agreement_view agreement;
    struct confusion_view confusion;
    bool                  has_confusion;
};

#define TILE_LIST(member, table, type)                                                             \
    FIELD_OF(dashboard_view, FIELD_OBJECTS, member, .fields = table, .size = sizeof(type),         \
             .required = true)

static const struct field dashboard_fields[] = {
    FIELD_OF(dashboard_view, FIELD_ENUM, state, .choices = job_state_names, .required = true),
    FIELD_OF(dashboard_view, FIELD_OBJECT, counts, .fields = counts_fields, .schema = "Counts",
             .required = true),
    TILE_LIST(throughput, hour_fields, struct hour_view),
    FIELD_OF(dashboard_view, FIELD_INT, bucket_seconds, .required = true,
             .help = "Of throughput: 60 in a job's first six hours, then 3600"),
    FIELD_OF(dashboard_view, FIELD_REAL, per_hour, .required = true,
             .help = "Answers an hour, over the hours or minutes of the last day with answers"),
    FIELD_OF(dashboard_view, FIELD_TIME, eta, .help = "When people would be done at that rate"),
    FIELD_OF(dashboard_view, FIELD_OBJECT, agreement, .fields = agreement_fields,
             .required = true),
    TILE_LIST(labels, label_count_fields, struct label_count_view),
    TILE_LIST(annotators, annotator_fields, struct annotator_view),
    TILE_LIST(rounds, round_fields, struct round_view),
    FIELD_OF(dashboard_view, FIELD_OBJECT, confusion, .fields = confusion_fields,
             .present = AT(struct dashboard_view, has_confusion)),
    FIELD_END};

struct dashboard {
    struct http_request    *rq;
    struct db              *db;
    struct job              job;
    const struct label_set *set;
    struct insight          insight;
    struct dashboard_view   view;
};

/* Rows from before a clock that ran ahead was set right would stretch every axis into the future. */
static int not_after(const struct activity_row *rows, int count, int64_t now)
{
    while (count > 0 && rows[count - 1].at > now)
        count--;
    return count;
}

/* Answers an hour, over the hours or minutes in which there were any. */
static double rate(const struct activity_row *rows, int count, int64_t since, int64_t unit)
{
    int64_t answers = 0, busy = 0;

    for (int i = 0; i < count; i++) {
        if (rows[i].at < since || rows[i].answers <= 0)
            continue;
        answers += rows[i].answers;
        busy++;
    }
    return busy ? (double)answers / (double)busy * 3600e6 / (double)unit : 0;
}

static bool add_throughput(struct dashboard *d, struct error *err)
{
    int64_t now = clock_now_us(), left;
    bool young = d->job.started > now - YOUNG_HOURS * HOUR_US; /* drawn by the minute */
    int64_t unit = young ? 60 * SECOND_US : HOUR_US;
    int64_t from = now - (young ? YOUNG_HOURS : THROUGHPUT_HOURS) * HOUR_US;
    const struct job_counts *c = &d->job.counts;
    struct activity_row *rows;
    struct hour_view *v;
    int count;

    if (!activity_list(d->db, d->job.id, young, from, &d->rq->arena, &rows, &count, err))
        return false;
    count = not_after(rows, count, now);
    v = arena_array(&d->rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++)
        v[i] = (struct hour_view){rows[i].at, rows[i].answers, rows[i].machine};
    d->view.throughput = (struct objects){v, (size_t)count};
    d->view.bucket_seconds = unit / SECOND_US;
    d->view.per_hour = rate(rows, count, now - RATE_HOURS * HOUR_US, unit);
    left = (c->waiting + c->open + c->answered) * d->job.annotators_per_item;
    if (d->view.per_hour > 0 && left > 0 && d->job.state == JOB_IN_PROGRESS)
        d->view.eta = now + (int64_t)((double)left / d->view.per_hour * 3600e6);
    return true;
}

static void add_agreement(struct dashboard *d)
{
    const struct insight *i = &d->insight;

    d->view.agreement = (struct agreement_view){
        .alpha = i->alpha, .observed = i->observed, .items = i->items, .known = i->items >= 1};
}

static bool add_labels(struct dashboard *d, struct error *err)
{
    struct label_count_view *v = arena_array(&d->rq->arena, d->set->n, sizeof *v);
    struct class_count *rows;
    size_t n = 0;
    int count;

    if (!class_counts(d->db, d->job.id, &d->rq->arena, &rows, &count, err))
        return false;
    for (size_t k = 0; k < d->set->n; k++) {
        const struct label *l = &d->set->v[k];
        struct label_count_view one = {.label = arena_strdup(&d->rq->arena, l->name),
                                       .color = arena_strdup(&d->rq->arena, l->color)};

        for (int i = 0; i < count; i++) {
            if (rows[i].class_index == (int)k) {
                one.human = rows[i].human;
                one.machine = rows[i].machine;
            }
        }
        if (!l->hidden || one.human + one.machine > 0)
            v[n++] = one;
    }
    d->view.labels = (struct objects){v, n};
    return true;
}

/* Wilson's score interval, 95 %. */
static void wilson(double p, double n, double *low, double *high)
{
    const double z = 1.959964;
    double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));

    *low = fmax(0, centre - half);
    *high = fmin(1, centre + half);
}

static bool add_annotators(struct dashboard *d, struct error *err)
{
    struct annotator_row *rows;
    struct annotator_view *v;
    int count;

    if (!annotator_list(d->db, d->job.id, &d->rq->arena, &rows, &count, err))
        return false;
    v = arena_array(&d->rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++) {
        const struct annotator_row *r = &rows[i];

        v[i] = (struct annotator_view){.person = api_id_text(&d->rq->arena, "person", r->person),
                                       .name = r->name,
                                       .answers = r->answers,
                                       .judged = r->fitted,
                                       .mean_ms = r->answers ? r->active_ms / r->answers : 0,
                                       .timed = r->active_ms > 0 && r->answers > 0,
                                       .enough = r->fitted >= ENOUGH,
                                       .has_accuracy = r->fitted >= ENOUGH && !isnan(r->accuracy) &&
                                                       d->job.annotators_per_item > 1,
                                       .accuracy = r->accuracy};
        if (v[i].has_accuracy)
            wilson(r->accuracy, (double)r->fitted, &v[i].low, &v[i].high);
    }
    d->view.annotators = (struct objects){v, (size_t)count};
    return true;
}

static bool add_rounds(struct dashboard *d, struct error *err)
{
    struct round_row *rows;
    struct round_view *v;
    int count;

    if (!round_list(d->db, d->job.id, &d->rq->arena, &rows, &count, err))
        return false;
    v = arena_array(&d->rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++) {
        const struct round_row *r = &rows[i];

        v[i] = (struct round_view){.round = r->number,
                                   .human = r->human,
                                   .automatic = r->automatic,
                                   .rest = r->rest,
                                   .estimate = r->estimate,
                                   .low = r->low,
                                   .high = r->high,
                                   .target = r->target,
                                   .decision = r->decision,
                                   .sentence = r->sentence,
                                   .model = api_id_text(&d->rq->arena, "model", r->model),
                                   .seconds = r->seconds,
                                   .created = r->created,
                                   .report = json_loads(r->report, 0, NULL)};
    }
    d->view.rounds = (struct objects){v, (size_t)count};
    return true;
}

static void add_confusion(struct dashboard *d)
{
    size_t n = d->insight.classes;
    const int64_t *matrix = d->insight.confusion;
    json_t *counts = json_array();
    const char **names;

    d->view.confusion.counts = counts;
    if (!matrix || n > d->set->n)
        return;
    names = arena_array(&d->rq->arena, n, sizeof *names);
    for (size_t i = 0; i < n; i++) {
        json_t *row = json_array();

        names[i] = arena_strdup(&d->rq->arena, d->set->v[i].name);
        for (size_t k = 0; k < n; k++)
            json_array_append_new(row, json_integer(matrix[i * n + k]));
        json_array_append_new(counts, row);
    }
    d->view.confusion.labels = (struct texts){names, n};
    d->view.has_confusion = true;
}

static void release(struct dashboard *d)
{
    struct round_view *rounds = d->view.rounds.v;

    for (size_t i = 0; i < d->view.rounds.n; i++)
        json_decref(rounds[i].report);
    json_decref(d->view.confusion.counts);
}

static bool read_dashboard(struct http_request *rq, struct db *db, struct error *err)
{
    struct service *s = service_of(rq);
    struct dashboard d = {.rq = rq, .db = db};
    bool ok;

    if (!api_job(rq, db, 0, &d.job, err))
        return false;
    d.set = service_labels_take(s, db, d.job.id, d.job.label_set_version, err);
    if (!d.set)
        return false;
    d.view.state = d.job.state;
    d.view.counts = counts_view(&d.job.counts);
    insight_get(s, d.job.id, &rq->arena, &d.insight);
    add_agreement(&d);
    add_confusion(&d);
    ok = add_throughput(&d, err) && add_labels(&d, err) && add_annotators(&d, err) &&
         add_rounds(&d, err) && http_reply_fields(rq, &d.view);
    release(&d);
    service_labels_give(s, d.set);
    return ok;
}

static bool show_dashboard(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_dashboard, err);
}

/* On a thread of its own: a new look at the newest answers, unless somebody else had it meanwhile. */
static bool look_again(struct http_request *rq, void *context, struct error *err)
{
    struct service *s = service_of(rq);
    const struct job *job = context;
    struct db *db = db_pool_take(s->pool, err);
    const struct label_set *set;
    bool ok = true;

    if (!db)
        return false;
    set = service_labels_take(s, db, job->id, job->label_set_version, err);
    if (!set || (!insight_kept(s, job) && !insight_make(s, db, job, set->n, err)))
        ok = false;
    service_labels_give(s, set);
    db_pool_give(s->pool, db);
    return ok;
}

static bool read_job(struct http_request *rq, struct db *db, struct error *err)
{
    return api_job(rq, db, 0, rq->user, err);
}

static bool get_dashboard(struct http_request *rq, struct error *err)
{
    struct job *job = arena_alloc(&rq->arena, sizeof *job);

    rq->user = job;
    if (!api_read(rq, read_job, err))
        return false;
    if (insight_kept(service_of(rq), job))
        return show_dashboard(rq, err);
    return http_offload(rq, api_of(rq)->reports, look_again, job, show_dashboard);
}

/* ---- GET /jobs/{job}/events ---- */

static bool read_hello(struct http_request *rq, struct db *db, struct error *err)
{
    struct api *api = api_of(rq);
    struct counts_view counts;
    json_t *json;
    struct job job;
    char *text;

    if (!api_job(rq, db, 0, &job, err) || !api_may_label(rq, db, &job, err))
        return false;
    counts = counts_view(&job.counts);
    json = json_pack("{s:s, s:o}", "state", job_state_names[job.state], "counts",
                     fields_write(counts_fields, &counts));
    text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    http_reply_events(rq, channels_of(api->channels, job.id), text);
    free(text);
    return true;
}

static bool get_events(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_hello, err);
}

const struct route report_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/jobs/{job}/dashboard", .who = WHO_LEAD,
     .run = get_dashboard, .status = 200, .reply = dashboard_fields, .reply_name = "Dashboard",
     .errors = "404 job.not_found", .tag = "Jobs", .summary = "The numbers behind a job's charts"},
    {.method = HTTP_GET, .path = "/api/v1/jobs/{job}/events", .who = WHO_ANNOTATOR,
     .run = get_events, .status = 200, .reply_type = "text/event-stream",
     .errors = "404 job.not_found", .tag = "Jobs",
     .summary = "What happens, live: events hello, counts, round, import, export"},
    {0}};
