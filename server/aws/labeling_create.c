/* labeling_create.c - CreateLabelingJob. All that can be said at once is checked here; then the job
 * is a row, without labels and items. What stands in buckets (label categories, template, manifest)
 * is read afterwards by engine/, which starts the job or fails it with a reason. */
#include "labeling.h"

#include "plumbline/engine/jobs.h"
#include "plumbline/engine/made_up.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool find_team(struct aws_call *c, struct db *db, const char *arn, int64_t *id,
                      struct error *err)
{
    struct aws_team team;
    bool found;

    if (!aws_team_of_arn(c, db, arn, &team, &found, err))
        return false;
    *id = found ? team.id : 0;
    return found || aws_invalid(err, "There is no work team %.256s.", arn);
}

/* A model to begin with: of a job of the same type here. */
static bool check_model(struct aws_call *c, struct db *db, const struct labeling_wish *wish,
                        struct error *err)
{
    struct job job;
    int64_t from;

    if (!wish->initial_job)
        return true;
    if (!aws_model_job(db, wish->job.initial_model, &from, err) ||
        (from && !job_get(db, from, &c->arena, &job, err)))
        return false;
    if (!from || strcasecmp(job.name, wish->initial_job) != 0)
        return aws_invalid(err, "There is no model %s-model-%lld.", wish->initial_job,
                           (long long)wish->job.initial_model);
    return strcmp(job.type, wish->job.type) == 0 ||
           aws_invalid(err, "The model of the job \"%s\" is for %s jobs.", job.name, job.type);
}

/* Version 1 is empty: labels are not known yet. */
static bool insert(struct db *db, struct job *job, struct error *err)
{
    const struct label_set none = {.version = 1};
    struct buf frozen;
    bool ok;

    job->label_set_version = none.version;
    job->instructions_version = 1;
    buf_init(&frozen, 1024);
    ok = label_set_freeze(&none, &frozen) && job_insert(db, job, frozen.data, err);
    buf_release(&frozen);
    return ok;
}

static bool insert_request(struct aws_call *c, struct db *db, int64_t job, int64_t team,
                           struct error *err)
{
    struct aws_job row = {.job = job, .team = team, .setup = AWS_SETUP_NEW};
    char *text = json_dumps(c->in, JSON_COMPACT);
    bool ok;

    row.request = text;
    ok = aws_job_insert(db, &row, err);
    free(text);
    return ok;
}

/* A job that has no output was described; this one has none either. */
static bool check_output(struct aws_call *c, struct db *db, struct job *job, struct error *err)
{
    struct job described;
    bool found;

    if (!job->output)
        return true;
    if (!made_up_find(db, job->output, MADE_UP_OUTPUT, &c->arena, &described, &found, err))
        return false;
    if (found)
        job->output = NULL;
    return true;
}

static bool write_job(struct db *db, void *context, struct error *err)
{
    struct aws_call *c = context;
    struct labeling_wish *wish = c->work;
    int64_t team;

    return find_team(c, db, wish->team_arn, &team, err) && check_model(c, db, wish, err) &&
           check_output(c, db, &wish->job, err) && insert(db, &wish->job, err) &&
           (team == 0 || job_set_teams(db, wish->job.id, &team, 1, err)) &&
           insert_request(c, db, wish->job.id, team, err) &&
           aws_tags_put(db, TAG_JOB, wish->job.id, json_object_get(c->in, "Tags"), err);
}

static bool made(struct aws_call *c, struct error *err)
{
    const struct labeling_wish *wish = c->work;

    (void)err;
    service_wake(c->aws->service);
    return aws_reply(c, json_pack("{s:s}", "LabelingJobArn", aws_job_arn(c, wish->job.name)));
}

bool aws_create_labeling_job(struct aws_call *c, struct error *err)
{
    struct labeling_wish *wish = arena_alloc(&c->arena, sizeof *wish);

    c->work = wish;
    return aws_tags_check(json_object_get(c->in, "Tags"), err) && labeling_check(c, wish, err) &&
           aws_write(c, write_job, made);
}
