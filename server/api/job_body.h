/* job_body.h - what a lead says of a job, in POST and PATCH; private to api/. */
#ifndef API_JOB_BODY_H
#define API_JOB_BODY_H

#include "context.h"
#include "plumbline/engine/jobs.h"

struct auto_body {
    bool    enabled, whole_set;
    double  target;
    int64_t max_human_items, max_share_percent;
    bool    has_enabled, has_whole, has_target, has_human, has_share;
};

struct job_body {
    const char      *name, *type, *title, *description, *instructions, *label_attribute;
    json_t          *labels, *output;
    struct texts     people, teams;
    int64_t          annotators_per_item, open_items, lease_seconds, availability_seconds;
    int              consolidation;
    bool             auto_advance;
    struct auto_body auto_label;
    bool has_people, has_teams, has_annotators, has_open, has_lease, has_availability,
        has_consolidation, has_advance;
};

extern const struct field new_job_fields[], change_job_fields[];

/* Puts what was given into the call; texts are borrowed from `in`. 422 by field, 404 for people and
 * teams whose ids are none, 409 job.output_fixed. */
bool job_body_apply(struct job_call *c, const struct job_body *in, struct arena *a,
                    struct error *err);

#endif
