/* tasks.c - an annotator's home: the jobs there is work in, and what was answered lately. */
#include "item_view.h"
#include "job_view.h"
#include "plumbline/base/clock.h"
#include "plumbline/engine/dispatch.h"
#include "plumbline/store/learning.h"
#include "plumbline/store/work.h"

enum { JOBS_MAX = 200, RECENT = 20, RECENT_EXCERPT = 80, HOURS_A_DAY = 24 };

struct my_job_view {
    const char *id, *name, *title, *type;
    int         state;
    int64_t     labels_count, available, mine_done, held;
    bool        auto_advance;
};

#define MINE(field_kind, member, ...)                                                              \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct my_job_view, member),           \
        .required = true, __VA_ARGS__                                                              \
    }

static const struct field my_job_fields[] = {
    MINE(FIELD_TEXT, id),
    MINE(FIELD_TEXT, name),
    MINE(FIELD_TEXT, title),
    MINE(FIELD_TEXT, type),
    MINE(FIELD_ENUM, state, .choices = job_state_names),
    MINE(FIELD_INT, labels_count),
    MINE(FIELD_INT, available, .help = "Items you hold or could still be given"),
    MINE(FIELD_INT, mine_done),
    MINE(FIELD_INT, held, .help = "Tasks you have taken and not finished"),
    MINE(FIELD_BOOL, auto_advance),
    FIELD_END};

struct recent_view {
    const char *id, *job, *item, *label, *text, *preview;
    int64_t     created;
    bool        undoable;
};

#define LATELY(field_kind, member, ...)                                                            \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct recent_view, member),           \
        __VA_ARGS__                                                                                \
    }

static const struct field recent_fields[] = {
    LATELY(FIELD_TEXT, id, .required = true),
    LATELY(FIELD_TEXT, job, .required = true),
    LATELY(FIELD_TEXT, item, .required = true),
    LATELY(FIELD_TEXT, label, .required = true),
    LATELY(FIELD_TEXT, text),
    LATELY(FIELD_TEXT, preview),
    LATELY(FIELD_TIME, created, .required = true),
    LATELY(FIELD_BOOL, undoable, .required = true),
    FIELD_END};

struct home_view {
    struct objects jobs, recent;
    int64_t        today;
};

static const struct field home_fields[] = {
    {.name = "jobs", .kind = FIELD_OBJECTS, .at = offsetof(struct home_view, jobs),
     .fields = my_job_fields, .size = sizeof(struct my_job_view), .required = true},
    {.name = "recent", .kind = FIELD_OBJECTS, .at = offsetof(struct home_view, recent),
     .fields = recent_fields, .size = sizeof(struct recent_view), .required = true},
    {.name = "today", .kind = FIELD_INT, .at = offsetof(struct home_view, today),
     .required = true, .help = "Answers in the last 24 hours"},
    FIELD_END};

static bool my_job(struct http_request *rq, struct db *db, const struct job *job,
                   struct my_job_view *v, struct error *err)
{
    struct service *s = service_of(rq);
    const struct label_set *set =
        service_labels_take(s, db, job->id, job->label_set_version, err);
    struct annotator_row *rows;
    int64_t open;
    int n_rows;

    if (!set)
        return false;
    *v = (struct my_job_view){.id = api_id_text(&rq->arena, "job", job->id),
                              .name = job->name,
                              .title = job->title,
                              .type = job->type,
                              .state = job->state,
                              .available = job->counts.waiting,
                              .auto_advance = job->auto_advance};
    for (size_t k = 0; k < set->n; k++)
        v->labels_count += !set->v[k].hidden;
    service_labels_give(s, set);
    if (!front_count_for(db, job->id, rq->person, &open, err))
        return false;
    v->available += open;
    if (!annotator_list(db, job->id, &rq->arena, &rows, &n_rows, err))
        return false;
    v->held = dispatch_held_count(s, job->id, rq->person);
    v->available += v->held;
    if (!answer_beyond(db, rq->person, job->id, &v->mine_done, err))
        return false;
    for (int i = 0; i < n_rows; i++)
        if (rows[i].person == rq->person)
            v->mine_done += rows[i].answers;
    return true;
}

static bool add_jobs(struct http_request *rq, struct db *db, struct home_view *out,
                     struct error *err)
{
    struct job_filter f = {.state = -1, .person = rq->person, .limit = JOBS_MAX};
    struct my_job_view *v;
    struct job *list;
    int count;

    if (!job_list(db, &f, &rq->arena, &list, &count, err))
        return false;
    v = arena_array(&rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++)
        if (!my_job(rq, db, &list[i], &v[i], err))
            return false;
    out->jobs = (struct objects){v, (size_t)count};
    return true;
}

static bool lately(struct http_request *rq, struct db *db, const struct answer *a,
                   struct recent_view *v, struct error *err)
{
    struct service *s = service_of(rq);
    const struct label_set *set;
    struct payload p;
    struct item item;
    struct job job;

    if (!job_get(db, a->job, &rq->arena, &job, err) || !item_get(db, a->item, &item, err) ||
        !payload_get(db, a->item, &rq->arena, &p, err))
        return false;
    set = service_labels_take(s, db, a->job, job.label_set_version, err);
    if (!set)
        return false;
    *v = (struct recent_view){
        .id = api_id_text(&rq->arena, "ans", a->id),
        .job = api_id_text(&rq->arena, "job", a->job),
        .item = api_id_text(&rq->arena, "item", a->item),
        .label = a->class_index >= 0 && (size_t)a->class_index < set->n
                     ? arena_strdup(&rq->arena, set->v[a->class_index].name)
                     : "",
        .created = a->created,
        .undoable = item.state == ITEM_OPEN || item.state == ITEM_ANSWERED};
    service_labels_give(s, set);
    if (task_type_find(job.type)->media == TASK_IMAGE)
        v->preview = media_view(rq, a->item, &p, 0).preview;
    else
        v->text = text_excerpt(rq, &p, RECENT_EXCERPT);
    return true;
}

static bool add_recent(struct http_request *rq, struct db *db, struct home_view *out,
                       struct error *err)
{
    struct recent_view *v;
    struct answer *list;
    int count;
    size_t n = 0;

    if (!answer_recent(db, rq->person, RECENT, &rq->arena, &list, &count, err))
        return false;
    v = arena_array(&rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++) {
        struct error gone = {0}; /* a job that was just deleted */

        n += lately(rq, db, &list[i], &v[n], &gone);
    }
    out->recent = (struct objects){v, n};
    return true;
}

static bool read_home(struct http_request *rq, struct db *db, struct error *err)
{
    int64_t hour = clock_now_us() / (3600 * SECOND_US);
    struct home_view out = {0};

    return add_jobs(rq, db, &out, err) && add_recent(rq, db, &out, err) &&
           answer_count_since(db, rq->person, hour - HOURS_A_DAY + 1, &out.today, err) &&
           http_reply_fields(rq, &out);
}

static bool get_home(struct http_request *rq, struct error *err)
{
    return api_needs_person(rq, err) && api_read(rq, read_home, err);
}

/* ---- GET /jobs/{job}/guide ---- */

struct guide_view {
    const char    *id, *name, *title, *type, *description, *instructions;
    int            state;
    int64_t        instructions_version, lease_seconds, label_set_version;
    bool           auto_advance;
    struct objects labels;
};

#define GUIDE(field_kind, member, ...)                                                             \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct guide_view, member),            \
        .required = true, __VA_ARGS__                                                              \
    }

static const struct field guide_fields[] = {
    GUIDE(FIELD_TEXT, id),
    GUIDE(FIELD_TEXT, name),
    GUIDE(FIELD_TEXT, title),
    GUIDE(FIELD_TEXT, type),
    GUIDE(FIELD_ENUM, state, .choices = job_state_names),
    GUIDE(FIELD_TEXT, description, .help = "Plain text"),
    GUIDE(FIELD_TEXT, instructions, .help = "Markdown"),
    GUIDE(FIELD_INT, instructions_version),
    GUIDE(FIELD_INT, lease_seconds),
    GUIDE(FIELD_INT, label_set_version),
    GUIDE(FIELD_BOOL, auto_advance),
    GUIDE(FIELD_OBJECTS, labels, .fields = label_view_fields, .size = sizeof(struct label_view),
          .schema = "Label"),
    FIELD_END};

static bool read_guide(struct http_request *rq, struct db *db, struct error *err)
{
    struct service *s = service_of(rq);
    const struct label_set *set;
    struct guide_view v;
    struct job job;

    if (!api_job(rq, db, 0, &job, err) || !api_may_label(rq, db, &job, err))
        return false;
    set = service_labels_take(s, db, job.id, job.label_set_version, err);
    if (!set)
        return false;
    v = (struct guide_view){.id = api_id_text(&rq->arena, "job", job.id),
                            .name = job.name,
                            .title = job.title,
                            .type = job.type,
                            .description = job.description,
                            .instructions = job.instructions,
                            .state = job.state,
                            .instructions_version = job.instructions_version,
                            .lease_seconds = job.lease_seconds,
                            .label_set_version = job.label_set_version,
                            .auto_advance = job.auto_advance,
                            .labels = label_views(rq, set, false)};
    service_labels_give(s, set);
    return http_reply_fields(rq, &v);
}

static bool get_guide(struct http_request *rq, struct error *err)
{
    return api_read(rq, read_guide, err);
}

const struct route task_routes[] = {
    {.method = HTTP_GET, .path = "/api/v1/tasks", .who = WHO_ANNOTATOR, .run = get_home,
     .status = 200, .reply = home_fields, .reply_name = "Home", .tag = "Labelling",
     .summary = "The jobs you can label, and your last answers"},
    {.method = HTTP_GET, .path = "/api/v1/jobs/{job}/guide", .who = WHO_ANNOTATOR,
     .run = get_guide, .status = 200, .reply = guide_fields, .reply_name = "Guide",
     .errors = "404 job.not_found", .tag = "Labelling",
     .summary = "What an annotator needs to know of a job"},
    {0}};
