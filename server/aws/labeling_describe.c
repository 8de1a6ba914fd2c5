/* labeling_describe.c - one labelling job: told whole, and stopped. */
#include "labeling.h"

#include "plumbline/engine/jobs.h"

#include <string.h>

/* ---- DescribeLabelingJob ---- */

/* Members of the request that are repeated as they were given. */
static const char *const repeated[] = {"InputConfig",
                                       "OutputConfig",
                                       "RoleArn",
                                       "LabelCategoryConfigS3Uri",
                                       "StoppingConditions",
                                       "HumanTaskConfig",
                                       "LabelingJobAlgorithmsConfig"};

static bool read_job(struct aws_call *c, struct db *db, struct error *err)
{
    struct labeling l;
    json_t *out, *tags, *value;
    bool ok =
        labeling_by_name(c, db, &l, err) && aws_tags_read(c, db, TAG_JOB, l.job.id, &tags, err);

    if (!ok) {
        labeling_release(&l);
        return false;
    }
    out = labeling_head(c, &l);
    json_object_set_new(out, "JobReferenceCode", json_string(l.row.reference));
    json_object_set_new(out, "LabelAttributeName", json_string(l.job.label_attribute));
    json_object_set_new(out, "Tags", tags);
    for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++)
        if ((value = json_object_get(l.request, repeated[i])))
            json_object_set(out, repeated[i], value);
    labeling_release(&l);
    return aws_reply(c, out);
}

bool aws_describe_labeling_job(struct aws_call *c, struct error *err)
{
    return aws_read(c, read_job, err);
}

/* ---- StopLabelingJob ---- */

struct stop {
    int64_t job;
};

/* A job that is stopping or stopped stays so. One whose last labels are still on their way to the
 * bucket is seen as running, and has nothing left to stop. */
static bool write_stop(struct db *db, void *context, struct error *err)
{
    struct aws_call *c = context;
    struct stop *stop = c->work;
    struct action_call action = {.service = c->aws->service, .action = JOB_STOP};
    struct labeling l;
    bool ok = labeling_by_name(c, db, &l, err);

    stop->job = action.job = l.job.id;
    if (ok && l.job.state <= JOB_PAUSED)
        ok = jobs_act(db, &action, err);
    else if (ok && (strcmp(l.row.status, "Completed") == 0 || strcmp(l.row.status, "Failed") == 0))
        ok = aws_invalid(err, "The labelling job \"%s\" is %s; it cannot be stopped.", l.job.name,
                         l.row.status);
    labeling_release(&l);
    return ok;
}

static bool stopped(struct aws_call *c, struct error *err)
{
    const struct stop *stop = c->work;

    (void)err;
    service_wake(c->aws->service);
    service_publish_counts(c->aws->service, stop->job);
    return aws_reply(c, NULL);
}

bool aws_stop_labeling_job(struct aws_call *c, struct error *err)
{
    (void)err;
    c->work = arena_alloc(&c->arena, sizeof(struct stop));
    return aws_write(c, write_stop, stopped);
}
