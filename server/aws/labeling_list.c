/* labeling_list.c - labelling jobs in lists, all of them and those of a work team. */
#include "labeling.h"

#include <string.h>

enum { PAGE = 10 };

static bool is(const struct aws_call *c, const char *member, const char *value)
{
    const char *text = aws_text(c->in, member);

    return text && strcmp(text, value) == 0;
}

typedef json_t *show(struct aws_call *c, const struct labeling *l);

/* The newest first, unless told otherwise. */
static bool reply_list(struct aws_call *c, struct db *db, struct aws_job_filter *f, show *entry,
                       struct error *err)
{
    json_t *list = json_array(), *out = json_pack("{s:o}", "LabelingJobSummaryList", list);
    struct aws_job_row *rows;
    struct aws_page page;
    int count;

    f->created_after = aws_time_in(c->in, "CreationTimeAfter");
    f->created_before = aws_time_in(c->in, "CreationTimeBefore");
    f->descending = !is(c, "SortOrder", "Ascending");
    if (!aws_page_read(c, PAGE, &page, err))
        goto fail;
    f->after = page.more ? &page.after : NULL;
    f->limit = page.limit + 1;
    if (!aws_job_find(db, f, &c->arena, &rows, &count, err))
        goto fail;
    for (int i = 0; i < count && i < page.limit; i++) {
        struct labeling l;

        if (labeling_load(c, db, rows[i].id, &l, err))
            json_array_append_new(list, entry(c, &l));
        labeling_release(&l);
        if (json_array_size(list) != (size_t)i + 1)
            goto fail;
    }
    if (count > page.limit)
        aws_page_next(c, out, rows[page.limit - 1].key, rows[page.limit - 1].id);
    return aws_reply(c, out);
fail:
    json_decref(out);
    return false;
}

/* ---- ListLabelingJobs ---- */

static json_t *summary(struct aws_call *c, const struct labeling *l)
{
    json_t *out = labeling_head(c, l), *task = json_object_get(l->request, "HumanTaskConfig"),
           *consolidation = json_object_get(task, "AnnotationConsolidationConfig");
    static const char *const copied[] = {"WorkteamArn", "PreHumanTaskLambdaArn"};
    json_t *value;

    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
        if ((value = json_object_get(task, copied[i])))
            json_object_set(out, copied[i], value);
    if ((value = json_object_get(consolidation, "AnnotationConsolidationLambdaArn")))
        json_object_set(out, "AnnotationConsolidationLambdaArn", value);
    json_object_set(out, "InputConfig", json_object_get(l->request, "InputConfig"));
    return out;
}

static bool read_all(struct aws_call *c, struct db *db, struct error *err)
{
    struct aws_job_filter f = {.modified_after = aws_time_in(c->in, "LastModifiedTimeAfter"),
                               .modified_before = aws_time_in(c->in, "LastModifiedTimeBefore"),
                               .name = aws_text(c->in, "NameContains"),
                               .status = aws_text(c->in, "StatusEquals"),
                               .sort = is(c, "SortBy", "Name")     ? AWS_SORT_NAME
                                       : is(c, "SortBy", "Status") ? AWS_SORT_STATUS
                                                                   : AWS_SORT_CREATED};

    return reply_list(c, db, &f, summary, err);
}

bool aws_list_labeling_jobs(struct aws_call *c, struct error *err)
{
    return aws_read(c, read_all, err);
}

/* ---- ListLabelingJobsForWorkteam ---- */

static json_t *team_summary(struct aws_call *c, const struct labeling *l)
{
    static const struct job_counts none;
    const struct job_counts *n = l->job.state == JOB_INITIALIZING ? &none : &l->job.counts;
    int64_t pending = n->waiting + n->open + n->answered;

    return json_pack("{s:s, s:s, s:s, s:o, s:{s:I, s:I, s:I}, s:I}", "LabelingJobName", l->job.name,
                     "JobReferenceCode", l->row.reference, "WorkRequesterAccountId",
                     c->aws->account, "CreationTime", aws_time(l->job.created), "LabelCounters",
                     "HumanLabeled", (json_int_t)n->human, "PendingHuman", (json_int_t)pending,
                     "Total", (json_int_t)(pending + n->human + n->machine + n->failed),
                     "NumberOfHumanWorkersPerDataObject", (json_int_t)l->job.annotators_per_item);
}

static bool read_team(struct aws_call *c, struct db *db, struct error *err)
{
    const char *arn = aws_text(c->in, "WorkteamArn");
    struct aws_job_filter f = {.reference = aws_text(c->in, "JobReferenceCodeContains"),
                               .sort = AWS_SORT_CREATED};
    struct aws_team team;
    bool found;

    if (!aws_team_of_arn(c, db, arn, &team, &found, err))
        return false;
    if (!found)
        return aws_refuse(err, "ResourceNotFound", "There is no work team %.256s.", arn);
    f.team = team.id ? team.id : AWS_EVERYBODY;
    return reply_list(c, db, &f, team_summary, err);
}

bool aws_list_labeling_jobs_for_workteam(struct aws_call *c, struct error *err)
{
    return aws_read(c, read_team, err);
}
