/* job_body.c - the settings of a job as clients send them, by one table for both requests. */
#include "job_body.h"

#include <string.h>

enum {
    TITLE_MAX = 200,
    DESCRIPTION_MAX = 1000,
    LEASE_SECONDS_MAX = 30 * 24 * 3600,
    AVAILABILITY_MIN = 60,
    AVAILABILITY_MAX = 30 * 24 * 3600,
};

static const struct field auto_body_fields[] = {
    {.name = "enabled", .kind = FIELD_BOOL, .at = offsetof(struct auto_body, enabled),
     .present = AT(struct auto_body, has_enabled)},
    {.name = "target", .kind = FIELD_REAL, .at = offsetof(struct auto_body, target), .min = 0.8,
     .max = 0.999, .present = AT(struct auto_body, has_target)},
    {.name = "whole_set", .kind = FIELD_BOOL, .at = offsetof(struct auto_body, whole_set),
     .present = AT(struct auto_body, has_whole)},
    {.name = "max_human_items", .kind = FIELD_INT,
     .at = offsetof(struct auto_body, max_human_items), .max = 1e12,
     .present = AT(struct auto_body, has_human),
     .help = "The job stops at so many, with or without auto-labelling; 0: no limit"},
    {.name = "max_share_percent", .kind = FIELD_INT,
     .at = offsetof(struct auto_body, max_share_percent), .max = 100,
     .present = AT(struct auto_body, has_share),
     .help = "Of all items, by people or machine: the job stops there; 0: no limit"},
    FIELD_END};

#define BODY(field_kind, member, ...)                                                              \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct job_body, member), __VA_ARGS__  \
    }
#define HAS(member) .present = AT(struct job_body, member)

#define SETTINGS_FIELDS                                                                            \
    BODY(FIELD_TEXT, title, .max = TITLE_MAX),                                                     \
        BODY(FIELD_TEXT, description, .max = DESCRIPTION_MAX,                                      \
             .help = "Plain text; shown above the instructions"),                                  \
        BODY(FIELD_TEXT, instructions, .max = INSTRUCTIONS_MAX, .help = "Markdown"),               \
        BODY(FIELD_TEXTS, people, HAS(has_people), .max = 10000),                                  \
        BODY(FIELD_TEXTS, teams, HAS(has_teams), .max = 1000,                                      \
             .help = "Neither people nor teams: everybody may label"),                             \
        BODY(FIELD_INT, annotators_per_item, HAS(has_annotators), .min = 1, .max = 9),             \
        BODY(FIELD_INT, open_items, HAS(has_open), .min = 1, .max = 5000,                          \
             .help = "Most items with people at a time"),                                          \
        BODY(FIELD_INT, lease_seconds, HAS(has_lease), .min = LEASE_SECONDS_MIN,                   \
             .max = LEASE_SECONDS_MAX),                                                            \
        BODY(FIELD_INT, availability_seconds, HAS(has_availability), .max = AVAILABILITY_MAX,      \
             .help = "60 to 2592000: an item leaves people so long after it was opened, with the " \
                     "answers it has, else as failed; 0: never"),                                  \
        BODY(FIELD_ANY, output,                                                                    \
             .help = "s3:// URI under which Ground Truth's output tree is written; null: none. "   \
                     "Fixed once the job has started"),                                            \
        BODY(FIELD_ENUM, consolidation, HAS(has_consolidation), .choices = consolidation_names),   \
        BODY(FIELD_BOOL, auto_advance, HAS(has_advance)),                                          \
        BODY(FIELD_OBJECT, auto_label, .fields = auto_body_fields)

const struct field new_job_fields[] = {
    BODY(FIELD_TEXT, name, .required = true, .min = 1, .max = 100),
    BODY(FIELD_TEXT, type, .required = true, .min = 1, .max = 64,
         .help = "image-classification or text-classification"),
    BODY(FIELD_ANY, labels, .required = true,
         .help = "List of {name, description?, color?, hot_key?}"),
    BODY(FIELD_TEXT, label_attribute, .max = 127), SETTINGS_FIELDS, FIELD_END};

const struct field change_job_fields[] = {
    BODY(FIELD_ANY, labels,
         .help = "The whole list: entries with id keep it, new ones are appended, missing ones are "
                 "hidden"),
    SETTINGS_FIELDS, FIELD_END};

static bool read_ids(struct arena *a, const struct texts *in, const char *prefix,
                     const int64_t **out, struct error *err)
{
    int64_t *ids = arena_array(a, in->n, sizeof *ids);

    for (size_t i = 0; i < in->n; i++)
        if (!api_id(in->v[i], prefix, &ids[i], err))
            return false;
    *out = ids;
    return true;
}

static void apply_auto(struct job *job, const struct auto_body *in)
{
    if (in->has_enabled)
        job->auto_enabled = in->enabled;
    if (in->has_target)
        job->auto_target = in->target;
    if (in->has_whole)
        job->auto_all = in->whole_set;
    if (in->has_human)
        job->auto_max_human = in->max_human_items;
    if (in->has_share)
        job->auto_max_share = in->max_share_percent;
}

static bool apply_availability(struct job_call *c, const struct job_body *in, struct error *err)
{
    if (!in->has_availability)
        return true;
    if (in->availability_seconds > 0 && in->availability_seconds < AVAILABILITY_MIN)
        return error_invalid(err, "availability_seconds", "An item is with people for at least %d "
                             "seconds (0: as long as it takes).", AVAILABILITY_MIN);
    c->new_lifetime = c->job.availability_seconds != in->availability_seconds;
    c->job.availability_seconds = in->availability_seconds;
    return true;
}

static bool apply_output(struct job_call *c, json_t *output, struct error *err)
{
    const char *uri = json_string_value(output);

    if (!output)
        return true;
    if (!uri && !json_is_null(output))
        return error_invalid(err, "output", "\"output\" must be text or null.");
    return jobs_set_output(c->service, &c->job, uri, err);
}

bool job_body_apply(struct job_call *c, const struct job_body *in, struct arena *a,
                    struct error *err)
{
    struct job *job = &c->job;

    if (!apply_availability(c, in, err) || !apply_output(c, in->output, err))
        return false;
    if (in->title)
        job->title = in->title;
    if (in->description)
        job->description = in->description;
    c->new_instructions = in->instructions && strcmp(in->instructions, job->instructions) != 0;
    if (in->instructions)
        job->instructions = in->instructions;
    if (in->has_annotators)
        job->annotators_per_item = in->annotators_per_item;
    if (in->has_open)
        job->open_items = in->open_items;
    if (in->has_lease)
        job->lease_seconds = in->lease_seconds;
    if (in->has_consolidation)
        job->consolidation = in->consolidation;
    if (in->has_advance)
        job->auto_advance = in->auto_advance;
    apply_auto(job, &in->auto_label);
    c->labels = in->labels;
    c->people_count = in->has_people ? (int)in->people.n : -1;
    c->teams_count = in->has_teams ? (int)in->teams.n : -1;
    return read_ids(a, &in->people, "person", &c->people, err) &&
           read_ids(a, &in->teams, "team", &c->teams, err);
}
