/* labeling_made_up.c - jobs that were made by REST or in the browser, told as if a client of this
 * door had made them: every member that AWS's model requires, with what the job has. What it has
 * not (a manifest in a bucket, a template file) is named under s3://plumbline/, which is no bucket and
 * is understood when it comes back (engine/made_up.h). */
#include "labeling.h"

#include "plumbline/base/utf8.h"
#include "plumbline/engine/made_up.h"

#include <string.h>

enum { TITLE_MAX = 128, DESCRIPTION_MAX = 255 };

/* AWS's own account for these functions in us-east-1. */
static const char function_account[] = "432418664414", algorithm_account[] = "027400017018";

const char *labeling_algorithm(const struct task_type *type)
{
    if (type->multi_label)
        return NULL;
    return type->media == TASK_IMAGE ? "image-classification" : "text-classification";
}

static json_t *function(struct aws_call *c, const struct task_type *type, const char *kind)
{
    return json_sprintf("arn:aws:lambda:%s:%s:function:%s-%s", c->aws->region, function_account,
                        kind, type->suffix);
}

static json_t *cut(const char *text, size_t most)
{
    return json_stringn(text, utf8_offset(text, strlen(text), most));
}

static bool team_of(struct aws_call *c, struct db *db, const struct job *job, const char **arn,
                    struct error *err)
{
    struct aws_team team;
    int64_t *teams;
    bool found;
    int count;

    *arn = aws_team_arn(c, aws_everybody);
    if (!job_teams(db, job->id, &c->arena, &teams, &count, err))
        return false;
    if (count == 0)
        return true;
    if (!aws_team_get(db, teams[0], &c->arena, &team, &found, err))
        return false;
    if (found)
        *arn = aws_team_arn(c, team.name);
    return true;
}

static json_t *human_task(struct aws_call *c, const struct job *job, const struct task_type *type,
                          const char *team, const char *template)
{
    const char *title = *job->title ? job->title : job->name;
    const char *description = job->description && *job->description ? job->description : title;
    json_t *out = json_pack(
        "{s:s, s:{s:o}, s:o, s:o, s:o, s:I, s:I, s:I, s:{s:o}}", "WorkteamArn", team, "UiConfig",
        "UiTemplateS3Uri", json_string(template),
        "PreHumanTaskLambdaArn", function(c, type, "PRE"), "TaskTitle", cut(title, TITLE_MAX),
        "TaskDescription", cut(description, DESCRIPTION_MAX), "NumberOfHumanWorkersPerDataObject",
        (json_int_t)job->annotators_per_item, "TaskTimeLimitInSeconds",
        (json_int_t)job->lease_seconds, "MaxConcurrentTaskCount", (json_int_t)job->open_items,
        "AnnotationConsolidationConfig", "AnnotationConsolidationLambdaArn",
        function(c, type, "ACS"));

    if (job->availability_seconds)
        json_object_set_new(out, "TaskAvailabilityLifetimeInSeconds",
                            json_integer(job->availability_seconds));
    return out;
}

static void put_limits(struct aws_call *c, const struct job *job, const struct task_type *type,
                       json_t *out)
{
    const char *algorithm = labeling_algorithm(type);
    json_t *limits = json_object();

    if (job->auto_max_human)
        json_object_set_new(limits, "MaxHumanLabeledObjectCount",
                            json_integer(job->auto_max_human));
    if (job->auto_max_share)
        json_object_set_new(limits, "MaxPercentageOfInputDatasetLabeled",
                            json_integer(job->auto_max_share));
    if (json_object_size(limits) > 0)
        json_object_set(out, "StoppingConditions", limits);
    json_decref(limits);
    if (job->auto_enabled && algorithm)
        json_object_set_new(out, "LabelingJobAlgorithmsConfig",
                            json_pack("{s:o}", "LabelingJobAlgorithmSpecificationArn",
                                      json_sprintf("arn:aws:sagemaker:%s:%s:labeling-job-algorithm-"
                                                   "specification/%s",
                                                   c->aws->region, algorithm_account, algorithm)));
}

bool labeling_request_of(struct aws_call *c, struct db *db, const struct job *job, json_t **out,
                         struct error *err)
{
    const struct task_type *type = task_type_find(job->type);
    const char *uri[MADE_UP_OUTPUT + 1], *team;

    if (!type)
        return error_internal(err, "The type of job_%lld is not known.", (long long)job->id);
    for (int i = MADE_UP_MANIFEST; i <= MADE_UP_OUTPUT; i++)
        if (!made_up_uri(db, job, (enum made_up)i, &c->arena, &uri[i], err))
            return false;
    if (!team_of(c, db, job, &team, err))
        return false;
    *out = json_pack("{s:s, s:s, s:{s:{s:{s:s}}}, s:{s:s}, s:s, s:o, s:o}", "LabelingJobName",
                     job->name, "LabelAttributeName", job->label_attribute, "InputConfig",
                     "DataSource", "S3DataSource", "ManifestS3Uri", uri[MADE_UP_MANIFEST],
                     "OutputConfig", "S3OutputPath", uri[MADE_UP_OUTPUT],
                     "LabelCategoryConfigS3Uri", uri[MADE_UP_LABELS], "RoleArn",
                     json_sprintf("arn:aws:iam::%s:role/plumbline", c->aws->account),
                     "HumanTaskConfig", human_task(c, job, type, team, uri[MADE_UP_TEMPLATE]));
    if (!*out)
        return error_internal(err, "job_%lld cannot be written as JSON.", (long long)job->id);
    put_limits(c, job, type, *out);
    return true;
}
