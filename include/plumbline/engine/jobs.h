/* jobs.h - a job's life: made, started, paused, stopped, deleted. */
#ifndef PLUMBLINE_ENGINE_JOBS_H
#define PLUMBLINE_ENGINE_JOBS_H

#include "plumbline/engine/service.h"

enum {
    OPEN_ITEMS_DEFAULT = 1000,
    LEASE_SECONDS_MIN = 30,
    LEASE_SECONDS_DEFAULT = 300,
    INSTRUCTIONS_MAX = 100000, /* code points */
    OUTPUT_MAX = 1024,         /* characters of a URI; Ground Truth's limit */
};

/* What a lead says of a new job, or changes. */
struct job_call {
    struct service *service;
    struct job      job; /* in: settings; out: with id */
    json_t         *labels;      /* list as clients send it; NULL leaves it (update) */
    const int64_t  *people, *teams;
    int             people_count, teams_count; /* -1 leaves it (update) */
    bool            new_instructions, new_lifetime;
};

/* Checks names, label attribute, labels and numbers that do not depend on the database; fills
 * defaults (title, label attribute). 422. */
bool jobs_check_new(struct job *job, struct error *err);

/* Where the output tree goes: an s3:// (or https://) URI of at most OUTPUT_MAX characters, NULL for
 * none; borrowed. 422 on "output", 409 job.output_fixed once the job has been started. */
bool jobs_set_output(struct service *s, struct job *job, const char *uri, struct error *err);

bool jobs_create(struct db *db, void *job_call, struct error *err); /* a write */
bool jobs_update(struct db *db, void *job_call, struct error *err); /* a write */

enum job_action { JOB_START, JOB_PAUSE, JOB_RESUME, JOB_STOP };

struct action_call {
    struct service *service;
    int64_t         job;
    enum job_action action;
};
bool jobs_act(struct db *db, void *action_call, struct error *err); /* a write; 409 job.state */

/* Deletes the job and everything on it, in pieces; not on a pool thread. */
bool jobs_delete(struct service *s, int64_t job, struct error *err);

#endif
