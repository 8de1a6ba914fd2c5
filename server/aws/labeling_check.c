/* labeling_check.c - what CreateLabelingJob asks for, held against Ground Truth's rules and against
 * what this service does. What it does not do and what would change the result is refused with a
 * sentence; what only says how AWS runs its machines (keys, networks, prices) is taken and has no
 * effect. */
#include "labeling.h"

#include "plumbline/engine/jobs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    TIME_LIMIT_MAX = 28800,        /* seconds: 8 hours, for image and text tasks */
    AVAILABILITY_MAX = 30 * 86400, /* for private teams */
};

#define SUPPORTED                                                                                  \
    "this service has single-label image classification (ImageMultiClass) and text "               \
    "classification "                                                                              \
    "(TextMultiClass)"

static const char *tail(const char *arn)
{
    const char *colon = strrchr(arn, ':');

    return colon ? colon + 1 : arn;
}

/* ---- functions: they alone say what the task is ---- */

static bool check_function(const char *arn, const char *prefix, const struct task_type **type,
                           struct error *err)
{
    const char *name;

    *type = NULL;
    if (!arn)
        return true;
    name = tail(arn);
    if (strncmp(name, prefix, 4) != 0)
        return aws_invalid(
            err,
            "The function %.160s is not one of Ground Truth's own (%s...): custom "
            "labelling workflows run code in AWS Lambda, which this service does not "
            "have; " SUPPORTED ".",
            name, prefix);
    *type = task_type_by_function(arn);
    return (*type && !(*type)->multi_label) ||
           aws_invalid(err, "The task type %.100s is not supported; " SUPPORTED ".", name + 4);
}

static bool check_functions(const json_t *task, const struct task_type **type, struct error *err)
{
    const char *pre = aws_text(task, "PreHumanTaskLambdaArn");
    const char *post = aws_text(json_object_get(task, "AnnotationConsolidationConfig"),
                                "AnnotationConsolidationLambdaArn");
    const struct task_type *after;

    if (!pre && !post)
        return aws_invalid(err,
                           "A job without PreHumanTaskLambdaArn and AnnotationConsolidationConfig "
                           "is a custom labelling workflow; " SUPPORTED ".");
    if (!check_function(pre, "PRE-", type, err) || !check_function(post, "ACS-", &after, err))
        return false;
    if (*type && after && *type != after)
        return aws_invalid(err,
                           "PreHumanTaskLambdaArn (%.60s) and AnnotationConsolidationLambdaArn "
                           "(%.60s) must be of the same task type.",
                           tail(pre), tail(post));
    *type = *type ? *type : after;
    return true;
}

/* ---- the parts ---- */

static bool check_input(const json_t *in, struct error *err)
{
    const json_t *source = json_object_get(json_object_get(in, "InputConfig"), "DataSource");

    if (json_object_get(source, "SnsDataSource") ||
        aws_text(json_object_get(in, "OutputConfig"), "SnsTopicArn"))
        return aws_invalid(err, "Streaming jobs are not there yet: give the manifest in "
                                "InputConfig.DataSource.S3DataSource and no SNS topic.");
    return json_object_get(source, "S3DataSource") ||
           aws_invalid(err, "InputConfig.DataSource needs an S3DataSource.");
}

static bool check_ui(const json_t *task, struct error *err)
{
    const json_t *ui = json_object_get(task, "UiConfig");
    bool file = aws_text(ui, "UiTemplateS3Uri"), arn = aws_text(ui, "HumanTaskUiArn");

    if (file == arn)
        return aws_invalid(err,
                           "UiConfig needs exactly one of UiTemplateS3Uri and HumanTaskUiArn.");
    return file ||
           aws_invalid(err, "HumanTaskUiArn is for named entity recognition, video frame and "
                            "3D point cloud jobs; image and text classification take "
                            "UiTemplateS3Uri.");
}

static bool check_team(struct aws_call *c, const char *arn, struct error *err)
{
    struct aws_name name;

    if (strstr(arn, ":workteam/public-crowd/"))
        return aws_invalid(err, "The public crowd, Amazon Mechanical Turk, closed on September 30, "
                                "2026. Use a private work team.");
    if (strstr(arn, ":workteam/vendor-crowd/"))
        return aws_invalid(err,
                           "This service has no vendors; give a vendor's people accounts and a "
                           "private work team.");
    return aws_arn_parse(c, arn, &name, err);
}

/* Where it is, not whether it is there: that is found out when the job is prepared. */
static bool check_uri(struct aws_call *c, const char *member, const char *uri, bool object,
                      struct error *err)
{
    struct s3_place place;
    struct error why = {0};

    if (!uri)
        return true;
    if (!s3_place_parse(c->aws->service->s3, uri, &place, &why))
        return aws_invalid(err, "%s: %s", member, why.message);
    return !object || (*place.key && uri[strlen(uri) - 1] != '/') ||
           aws_invalid(err, "%s: \"%.200s\" does not name an object in a bucket.", member, uri);
}

static bool check_uris(struct aws_call *c, struct error *err)
{
    const json_t *in = c->in,
                 *source = json_object_get(json_object_get(in, "InputConfig"), "DataSource"),
                 *ui = json_object_get(json_object_get(in, "HumanTaskConfig"), "UiConfig");
    const struct {
        const char *member, *uri;
        bool object;
    } uris[] = {
        {"ManifestS3Uri", aws_text(json_object_get(source, "S3DataSource"), "ManifestS3Uri"), true},
        {"S3OutputPath", aws_text(json_object_get(in, "OutputConfig"), "S3OutputPath"), false},
        {"UiTemplateS3Uri", aws_text(ui, "UiTemplateS3Uri"), true},
        {"LabelCategoryConfigS3Uri", aws_text(in, "LabelCategoryConfigS3Uri"), true}};

    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++)
        if (!check_uri(c, uris[i].member, uris[i].uri, uris[i].object, err))
            return false;
    return true;
}

/* ---- limits ---- */

static bool take_times(const json_t *task, struct job *job, struct error *err)
{
    job->lease_seconds = aws_int(task, "TaskTimeLimitInSeconds", 0);
    job->availability_seconds = aws_int(task, "TaskAvailabilityLifetimeInSeconds", 0);
    if (job->lease_seconds > TIME_LIMIT_MAX)
        return aws_invalid(err,
                           "TaskTimeLimitInSeconds is at most %d (8 hours) for this task type, not "
                           "%lld.",
                           TIME_LIMIT_MAX, (long long)job->lease_seconds);
    return job->availability_seconds <= AVAILABILITY_MAX ||
           aws_invalid(err,
                       "TaskAvailabilityLifetimeInSeconds is at most %d (30 days) for a private "
                       "work team, not %lld.",
                       AVAILABILITY_MAX, (long long)job->availability_seconds);
}

/* ---- automated labelling ---- */

static bool check_algorithm(const char *arn, const struct task_type *type, struct error *err)
{
    static const char place[] = ":labeling-job-algorithm-specification/";
    const char *at = strstr(arn, place), *wanted = labeling_algorithm(type);

    if (!at)
        return aws_invalid(err, "%.200s is not a labeling-job-algorithm-specification.", arn);
    return (wanted && strcmp(at + sizeof place - 1, wanted) == 0) ||
           aws_invalid(err, "The algorithm %.60s does not fit the task type; it must be %s.",
                       at + sizeof place - 1, wanted ? wanted : "left out");
}

/* arn:…:model/JOB-model-7 */
static bool take_model(struct aws_call *c, const char *arn, struct labeling_wish *out,
                       struct error *err)
{
    struct aws_name name;
    char *job, *at = NULL, *end;

    if (!arn)
        return true;
    if (!aws_arn_parse(c, arn, &name, err))
        return false;
    job = arena_strdup(&c->arena, name.name);
    for (char *next = strstr(job, "-model-"); next; next = strstr(next + 1, "-model-"))
        at = next;
    errno = 0;
    if (at) {
        const char *digits = at + strlen("-model-");

        out->job.initial_model = *digits >= '1' && *digits <= '9' ? strtoll(digits, &end, 10) : 0;
        if (out->job.initial_model == 0 || *end || errno)
            at = NULL;
    }
    if (!at || strcmp(name.kind, "model") != 0)
        return aws_invalid(err, "There is no model %.200s.", arn);
    *at = '\0';
    out->initial_job = job;
    return true;
}

static bool take_algorithm(struct aws_call *c, const struct task_type *type,
                           struct labeling_wish *out, struct error *err)
{
    const json_t *config = json_object_get(c->in, "LabelingJobAlgorithmsConfig");

    if (!config)
        return true;
    out->job.auto_enabled = true;
    return check_algorithm(aws_text(config, "LabelingJobAlgorithmSpecificationArn"), type, err) &&
           take_model(c, aws_text(config, "InitialActiveLearningModelArn"), out, err);
}

bool labeling_check(struct aws_call *c, struct labeling_wish *out, struct error *err)
{
    const json_t *task = json_object_get(c->in, "HumanTaskConfig"),
                 *stop = json_object_get(c->in, "StoppingConditions");
    const struct task_type *type;
    struct job *job = &out->job;

    out->team_arn = aws_text(task, "WorkteamArn");
    if (!check_input(c->in, err) || !check_ui(task, err) || !check_functions(task, &type, err) ||
        !check_team(c, out->team_arn, err) || !check_uris(c, err))
        return false;
    *job =
        (struct job){.name = aws_text(c->in, "LabelingJobName"),
                     .type = type->name,
                     .title = aws_text(task, "TaskTitle"),
                     .description = aws_text(task, "TaskDescription"),
                     .instructions = "",
                     .label_attribute = aws_text(c->in, "LabelAttributeName"),
                     .annotators_per_item = aws_int(task, "NumberOfHumanWorkersPerDataObject", 1),
                     .open_items = aws_int(task, "MaxConcurrentTaskCount", OPEN_ITEMS_DEFAULT),
                     .auto_advance = true,
                     .auto_target = 0.95,
                     .auto_max_human = aws_int(stop, "MaxHumanLabeledObjectCount", 0),
                     .auto_max_share = aws_int(stop, "MaxPercentageOfInputDatasetLabeled", 0),
                     .created_by = c->person};
    return take_times(task, job, err) && take_algorithm(c, type, out, err) &&
           jobs_check_new(job, err) &&
           jobs_set_output(c->aws->service, job,
                           aws_text(json_object_get(c->in, "OutputConfig"), "S3OutputPath"), err);
}
