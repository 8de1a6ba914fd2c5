/* labeling.c - a labelling job as AWS shows it: its status, its counters, where its output is. */
#include "labeling.h"

#include "plumbline/base/utf8.h"
#include "plumbline/engine/output.h"
#include "plumbline/store/learning.h"

#include <ctype.h>
#include <string.h>

enum { FAILURE_MAX = 1024 };

static bool load_output(struct aws_call *c, struct db *db, struct labeling *out, struct error *err)
{
    struct output_view v;

    if (!out->job.output)
        return true;
    if (!output_view(db, &out->job, &c->arena, &v, err))
        return false;
    out->waits = v.state == OUTPUT_WAITING ? v.problem : NULL;
    return true;
}

bool labeling_load(struct aws_call *c, struct db *db, int64_t job, struct labeling *out,
                   struct error *err)
{
    struct aws_job said;
    bool found;

    memset(out, 0, sizeof *out);
    if (!job_get(db, job, &c->arena, &out->job, err) ||
        !aws_job_row_get(db, job, &c->arena, &out->row, err) || !load_output(c, db, out, err) ||
        !model_newest(db, job, &out->model, err) ||
        !aws_job_get(db, job, &c->arena, &said, &found, err))
        return false;
    if (!found)
        return labeling_request_of(c, db, &out->job, &out->request, err);
    out->request = json_loads(said.request, 0, NULL);
    return out->request ||
           error_internal(err, "The request of job_%lld is damaged.", (long long)job);
}

bool labeling_by_name(struct aws_call *c, struct db *db, struct labeling *out, struct error *err)
{
    const char *name = aws_text(c->in, "LabelingJobName");
    struct error why = {0};
    struct job job;

    memset(out, 0, sizeof *out);
    if (job_by_name(db, name, &c->arena, &job, &why))
        return labeling_load(c, db, job.id, out, err);
    if (why.status == 404)
        return aws_refuse(err, "ResourceNotFound", "There is no labelling job \"%.63s\".", name);
    *err = why;
    return false;
}

void labeling_release(struct labeling *l)
{
    json_decref(l->request);
}

/* Nothing is counted before the whole manifest has been read. */
json_t *labeling_counters(const struct job *job)
{
    static const struct job_counts none;
    const struct job_counts *n = job->state == JOB_INITIALIZING ? &none : &job->counts;

    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "TotalLabeled",
                     (json_int_t)(n->human + n->machine), "HumanLabeled", (json_int_t)n->human,
                     "MachineLabeled", (json_int_t)n->machine, "FailedNonRetryableError",
                     (json_int_t)n->failed, "Unlabeled",
                     (json_int_t)(n->waiting + n->open + n->answered));
}

json_t *labeling_output(struct aws_call *c, const struct labeling *l)
{
    const char *path = l->job.output;
    size_t n = path ? strlen(path) : 0;
    json_t *out;

    if (!path || l->row.manifest == 0)
        return NULL;
    while (n > 0 && path[n - 1] == '/')
        n--;
    out = json_pack(
        "{s:o}", "OutputDatasetS3Uri",
        json_sprintf("%.*s/%s/manifests/output/output.manifest", (int)n, path, l->job.name));
    if (l->model) {
        char *name = arena_strdup(&c->arena, l->job.name);

        for (char *p = name; *p; p++)
            *p = (char)tolower((unsigned char)*p);
        json_object_set_new(out, "FinalActiveLearningModelArn",
                            json_sprintf("arn:aws:sagemaker:%s:%s:model/%s-model-%lld",
                                         c->aws->region, c->aws->account, name,
                                         (long long)l->model));
    }
    return out;
}

/* Why it failed, or what the tree of one that runs or stops waits for: who polls for an end sees why
 * there is none. */
static const char *failure(const struct labeling *l)
{
    bool under_way =
        strcmp(l->row.status, "InProgress") == 0 || strcmp(l->row.status, "Stopping") == 0;

    return l->job.state == JOB_FAILED ? l->job.failure : under_way ? l->waits : NULL;
}

json_t *labeling_head(struct aws_call *c, const struct labeling *l)
{
    json_t *out =
        json_pack("{s:s, s:s, s:o, s:o, s:s, s:o}", "LabelingJobName", l->job.name,
                  "LabelingJobArn", aws_job_arn(c, l->job.name), "CreationTime",
                  aws_time(l->job.created), "LastModifiedTime", aws_time(l->job.modified),
                  "LabelingJobStatus", l->row.status, "LabelCounters", labeling_counters(&l->job));
    json_t *output = labeling_output(c, l);
    const char *why = failure(l);

    if (why)
        json_object_set_new(out, "FailureReason",
                            json_stringn(why, utf8_offset(why, strlen(why), FAILURE_MAX)));
    if (output)
        json_object_set_new(out, "LabelingJobOutput", output);
    return out;
}
