/* job_view.c - a job as JSON, by one table. */
#include "job_view.h"

#include "plumbline/engine/output.h"
#include "plumbline/engine/preparing.h"

#define COUNT_FIELD(member, text)                                                                  \
    {                                                                                              \
        .name = #member, .kind = FIELD_INT, .at = offsetof(struct counts_view, member),            \
        .required = true, .help = text                                                             \
    }

const struct field counts_fields[] = {
    COUNT_FIELD(total, "human + machine + failed + unlabelled"),
    COUNT_FIELD(human, "Items labelled by people"),
    COUNT_FIELD(machine, "Items labelled by the machine, for good"),
    COUNT_FIELD(failed, "Items given up, or whose line was bad"),
    COUNT_FIELD(unlabelled, "Items without a label yet"),
    COUNT_FIELD(open, "Of these: with people now"),
    COUNT_FIELD(waiting, "Of these: not yet shown to anybody"),
    COUNT_FIELD(answers, "Answers that count"),
    COUNT_FIELD(skips, "Times that somebody skipped an item"),
    COUNT_FIELD(provisional, "Unlabelled items that the newest model has a guess for"),
    FIELD_END};

struct counts_view counts_view(const struct job_counts *c)
{
    int64_t unlabelled = c->waiting + c->open + c->answered;

    return (struct counts_view){.total = unlabelled + c->human + c->machine + c->failed,
                                .human = c->human,
                                .machine = c->machine,
                                .failed = c->failed,
                                .unlabelled = unlabelled,
                                .open = c->open,
                                .waiting = c->waiting,
                                .answers = c->answers,
                                .skips = c->skips,
                                .provisional = c->provisional};
}

static const struct field auto_fields[] = {
    {.name = "enabled", .kind = FIELD_BOOL, .at = offsetof(struct auto_view, enabled),
     .required = true},
    {.name = "target", .kind = FIELD_REAL, .at = offsetof(struct auto_view, target),
     .required = true, .help = "Accuracy of the automatic labels, 0.8 to 0.999"},
    {.name = "whole_set", .kind = FIELD_BOOL, .at = offsetof(struct auto_view, whole_set),
     .required = true, .help = "The target is about all items, people's part included"},
    {.name = "max_human_items", .kind = FIELD_INT,
     .at = offsetof(struct auto_view, max_human_items),
     .present = AT(struct auto_view, has_max_human)},
    {.name = "max_share_percent", .kind = FIELD_INT,
     .at = offsetof(struct auto_view, max_share_percent),
     .present = AT(struct auto_view, has_max_share)},
    FIELD_END};

#define OUTPUT_FIELD(field_kind, member, ...)                                                      \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct output_json, member),           \
        __VA_ARGS__                                                                                \
    }

static const struct field output_fields[] = {
    OUTPUT_FIELD(FIELD_TEXT, uri, .required = true, .help = "The folder of the job's tree"),
    OUTPUT_FIELD(FIELD_ENUM, state, .choices = output_state_names, .required = true,
                 .help = "waiting: for what problem says; done: the job has ended and all of its "
                         "tree is there"),
    OUTPUT_FIELD(FIELD_TEXT, problem, .help = "Why writing waits; it goes on by itself"),
    OUTPUT_FIELD(FIELD_TIME, since, .help = "Since when it waits"),
    OUTPUT_FIELD(FIELD_TEXT, manifest, .required = true, .help = "Where output.manifest is, or "
                                                                 "will be"),
    OUTPUT_FIELD(FIELD_TIME, written_at, .help = "When output.manifest was last written"),
    FIELD_END};

const struct field label_view_fields[] = {
    {.name = "id", .kind = FIELD_TEXT, .at = offsetof(struct label_view, id), .required = true},
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct label_view, name),
     .required = true},
    {.name = "description", .kind = FIELD_TEXT, .at = offsetof(struct label_view, description)},
    {.name = "color", .kind = FIELD_TEXT, .at = offsetof(struct label_view, color)},
    {.name = "hot_key", .kind = FIELD_TEXT, .at = offsetof(struct label_view, hot_key)},
    {.name = "hidden", .kind = FIELD_BOOL, .at = offsetof(struct label_view, hidden),
     .required = true},
    FIELD_END};

#define JOB_FIELD(field_kind, member, ...)                                                         \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct job_view, member), __VA_ARGS__  \
    }

const struct field job_view_fields[] = {
    JOB_FIELD(FIELD_TEXT, id, .required = true),
    JOB_FIELD(FIELD_TEXT, name, .required = true),
    JOB_FIELD(FIELD_TEXT, title, .required = true),
    JOB_FIELD(FIELD_TEXT, description, .help = "Plain text; not in lists"),
    JOB_FIELD(FIELD_TEXT, type, .required = true),
    JOB_FIELD(FIELD_ENUM, state, .choices = job_state_names, .required = true),
    JOB_FIELD(FIELD_TEXT, failure, .help = "Why it failed, or why the machine gave up"),
    JOB_FIELD(FIELD_BOOL, preparing, .required = true,
              .help = "It was made at the AWS door and is prepared from its bucket; it starts by "
                      "itself"),
    JOB_FIELD(FIELD_TEXT, problem, .help = "What the preparing waits for; it goes on by itself"),
    JOB_FIELD(FIELD_TEXT, label_attribute, .required = true),
    JOB_FIELD(FIELD_OBJECTS, labels, .fields = label_view_fields,
              .size = sizeof(struct label_view), .schema = "Label", .required = true),
    JOB_FIELD(FIELD_INT, label_set_version, .required = true),
    JOB_FIELD(FIELD_TEXT, instructions, .help = "Markdown; not in lists"),
    JOB_FIELD(FIELD_INT, instructions_version, .required = true),
    JOB_FIELD(FIELD_TEXTS, people, .present = AT(struct job_view, whole)),
    JOB_FIELD(FIELD_TEXTS, teams, .present = AT(struct job_view, whole)),
    JOB_FIELD(FIELD_INT, annotators_per_item, .required = true),
    JOB_FIELD(FIELD_INT, open_items, .required = true),
    JOB_FIELD(FIELD_INT, lease_seconds, .required = true),
    JOB_FIELD(FIELD_INT, availability_seconds, .required = true,
              .help = "An item leaves people so long after it was opened; 0: never"),
    JOB_FIELD(FIELD_ENUM, consolidation, .choices = consolidation_names, .required = true),
    JOB_FIELD(FIELD_BOOL, auto_advance, .required = true),
    JOB_FIELD(FIELD_OBJECT, auto_label, .fields = auto_fields, .required = true),
    JOB_FIELD(FIELD_TEXT, initial_model, .help = "Whose opinion auto-labelling begins with"),
    JOB_FIELD(FIELD_OBJECT, output, .fields = output_fields, .schema = "Output",
              .present = AT(struct job_view, has_output),
              .help = "The output tree in a bucket, written as the job goes; left out: none"),
    JOB_FIELD(FIELD_TEXT, created_by, .help = "Left out: the command line"),
    JOB_FIELD(FIELD_TIME, created, .required = true),
    JOB_FIELD(FIELD_TIME, started),
    JOB_FIELD(FIELD_TIME, finished),
    JOB_FIELD(FIELD_OBJECT, counts, .fields = counts_fields, .schema = "Counts",
              .required = true),
    FIELD_END};

struct objects label_views(struct http_request *rq, const struct label_set *set, bool hidden)
{
    struct label_view *v = arena_array(&rq->arena, set->n, sizeof *v);
    size_t n = 0;

    for (size_t k = 0; k < set->n; k++) {
        const struct label *l = &set->v[k];

        if (l->hidden && !hidden)
            continue;
        v[n++] = (struct label_view){.id = arena_strdup(&rq->arena, l->id),
                                     .name = arena_strdup(&rq->arena, l->name),
                                     .description = arena_strdup(&rq->arena, l->description),
                                     .color = arena_strdup(&rq->arena, l->color),
                                     .hot_key = arena_strdup(&rq->arena, l->hot_key),
                                     .hidden = l->hidden};
    }
    return (struct objects){v, n};
}

static struct texts id_texts(struct arena *a, const char *prefix, const int64_t *ids, int count)
{
    const char **v = arena_array(a, (size_t)count, sizeof *v);

    for (int i = 0; i < count; i++)
        v[i] = api_id_text(a, prefix, ids[i]);
    return (struct texts){v, (size_t)count};
}

static bool add_people(struct http_request *rq, struct db *db, const struct job *job,
                       struct job_view *out, struct error *err)
{
    int64_t *people, *teams;
    int n_people, n_teams;

    if (!job_people(db, job->id, &rq->arena, &people, &n_people, err) ||
        !job_teams(db, job->id, &rq->arena, &teams, &n_teams, err))
        return false;
    out->people = id_texts(&rq->arena, "person", people, n_people);
    out->teams = id_texts(&rq->arena, "team", teams, n_teams);
    out->instructions = job->instructions;
    out->description = job->description;
    out->whole = true;
    return true;
}

static bool add_output(struct http_request *rq, struct db *db, const struct job *job,
                       struct job_view *out, struct error *err)
{
    struct output_view v;

    if (!job->output || !(rq->roles & WHO_LEAD)) /* annotators have no use for it */
        return true;
    if (!output_view(db, job, &rq->arena, &v, err))
        return false;
    out->has_output = true;
    out->output = (struct output_json){.uri = v.uri,
                                       .problem = v.problem,
                                       .manifest = v.manifest,
                                       .state = v.state,
                                       .since = v.since,
                                       .written_at = v.written};
    return true;
}

static bool add_preparing(struct http_request *rq, struct db *db, const struct job *job,
                          struct job_view *out, struct error *err)
{
    struct preparing p;

    if (!preparing_view(db, job, &rq->arena, &p, err))
        return false;
    out->preparing = p.is;
    if (p.is) {
        out->problem = p.problem;
        out->failure = NULL; /* it has not failed */
    }
    return true;
}

bool job_view(struct http_request *rq, struct db *db, const struct job *job, bool whole,
              struct job_view *out, struct error *err)
{
    struct service *s = service_of(rq);
    const struct label_set *labels;

    *out = (struct job_view){
        .id = api_id_text(&rq->arena, "job", job->id),
        .name = job->name,
        .title = job->title,
        .type = job->type,
        .failure = job->failure,
        .label_attribute = job->label_attribute,
        .state = job->state,
        .consolidation = job->consolidation,
        .label_set_version = job->label_set_version,
        .instructions_version = job->instructions_version,
        .annotators_per_item = job->annotators_per_item,
        .open_items = job->open_items,
        .lease_seconds = job->lease_seconds,
        .availability_seconds = job->availability_seconds,
        .initial_model = api_id_text(&rq->arena, "model", job->initial_model),
        .auto_advance = job->auto_advance,
        .auto_label = {.enabled = job->auto_enabled,
                       .whole_set = job->auto_all,
                       .target = job->auto_target,
                       .max_human_items = job->auto_max_human,
                       .max_share_percent = job->auto_max_share,
                       .has_max_human = job->auto_max_human > 0,
                       .has_max_share = job->auto_max_share > 0},
        .created_by = api_id_text(&rq->arena, "person", job->created_by),
        .created = job->created,
        .started = job->started,
        .finished = job->finished,
        .counts = counts_view(&job->counts)};
    labels = service_labels_take(s, db, job->id, job->label_set_version, err);
    if (!labels)
        return false;
    out->labels = label_views(rq, labels, true);
    service_labels_give(s, labels);
    return add_preparing(rq, db, job, out, err) && add_output(rq, db, job, out, err) &&
           (!whole || add_people(rq, db, job, out, err));
}
