/* labeling.h - a labelling job as this door shows it; private to aws/. */
#ifndef AWS_LABELING_H
#define AWS_LABELING_H

#include "door.h"

#include "plumbline/store/jobs.h"
#include "plumbline/tasks/task.h"

/* All that is known of a job, from one moment. */
struct labeling {
    struct job         job;
    struct aws_job_row row;     /* status, reference, output */
    json_t            *request; /* of CreateLabelingJob; what it would have been for other jobs */
    int64_t            model;   /* the newest; 0: none */
    const char        *waits;   /* what its output tree waits for; NULL: nothing */
};

/* The caller releases what was loaded. */
bool labeling_load(struct aws_call *c, struct db *db, int64_t job, struct labeling *out,
                   struct error *err);
bool labeling_by_name(struct aws_call *c, struct db *db, struct labeling *out, struct error *err);
void labeling_release(struct labeling *l);

json_t *labeling_counters(const struct job *job);
/* LabelingJobOutput, or NULL as long as there is none. */
json_t *labeling_output(struct aws_call *c, const struct labeling *l);
/* Name, ARN, times, status, counters, failure, output: what lists and Describe share. */
json_t *labeling_head(struct aws_call *c, const struct labeling *l);

/* What CreateLabelingJob would have said to make a job that was made by REST or in the browser. */
bool labeling_request_of(struct aws_call *c, struct db *db, const struct job *job, json_t **out,
                         struct error *err);

/* What a request asks for. */
struct labeling_wish {
    struct job  job;
    const char *team_arn;
    const char *initial_job; /* the name in InitialActiveLearningModelArn, to be compared with that of
                              * job.initial_model; NULL: no model */
};
/* CreateLabelingJob's rules that the model does not state and that need no database. */
bool labeling_check(struct aws_call *c, struct labeling_wish *out, struct error *err);

/* The last word of the algorithm ARN of automated labelling. */
const char *labeling_algorithm(const struct task_type *type); /* "image-classification", or NULL */

#endif
