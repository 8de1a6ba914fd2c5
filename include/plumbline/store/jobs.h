/* jobs.h - jobs, their label sets, people and counters as rows. */
#ifndef PLUMBLINE_STORE_JOBS_H
#define PLUMBLINE_STORE_JOBS_H

#include "plumbline/base/arena.h"
#include "plumbline/db/db.h"

enum job_state {
    JOB_INITIALIZING, /* items are being added; not started */
    JOB_IN_PROGRESS,
    JOB_PAUSED,
    JOB_COMPLETED,
    JOB_FAILED,
    JOB_STOPPING, /* consolidating what there is */
    JOB_STOPPED,
};

extern const char *const job_state_names[]; /* "initializing" …, NULL-terminated */

enum consolidation { CONSOLIDATION_EM, CONSOLIDATION_MAJORITY, CONSOLIDATION_GROUND_TRUTH };

extern const char *const consolidation_names[]; /* "em", "majority", "ground-truth" */

struct job_counts {
    int64_t waiting, open, answered, human, machine, failed, answers, skips, provisional;
};

struct job {
    int64_t     id;
    const char *name, *title, *type, *failure, *label_attribute, *instructions;
    int         state;
    int64_t     label_set_version, instructions_version;
    int64_t     annotators_per_item, open_items, lease_seconds;
    int         consolidation;
    bool        auto_advance, auto_enabled, auto_all;
    double      auto_target;
    int64_t     auto_max_human, auto_max_share;
    int64_t     created_by, created, modified, started, finished;
    int64_t     next_line, filled, fitted_answers;
    bool        reconsolidated;
    const char *loop; /* JSON or NULL */
    const char *description; /* plain text for annotators, above the instructions */
    const char *output;      /* s3:// URI under which the output tree is written, or NULL */
    int64_t     availability_seconds; /* an open item leaves people after so long; 0: never */
    int64_t     initial_model;        /* 0: none */
    struct job_counts counts;
};

/* Inserts job (id, created, modified are set) with its first label set and empty counters; 409
 * job.name_taken. */
bool job_insert(struct db *db, struct job *job, const char *labels_json, struct error *err);
bool job_get(struct db *db, int64_t id, struct arena *a, struct job *out, struct error *err);
/* Without title, failure, instructions and loop (NULL), which may be long: for the busy calls. */
bool job_get_bare(struct db *db, int64_t id, struct arena *a, struct job *out, struct error *err);
/* What handing out tasks needs to know. */
bool job_pace(struct db *db, int64_t id, enum job_state *state, int64_t *lease_seconds,
              struct error *err);
bool job_by_name(struct db *db, const char *name, struct arena *a, struct job *out,
                 struct error *err);

/* Jobs with id < before (0: from the newest), newest first. state -1, type NULL, text NULL and
 * person 0 are "any"; person: only jobs this person may label, in progress or paused. */
struct job_filter {
    int         state;
    const char *type, *text;
    int64_t     person, before;
    int         limit;
};
bool job_list(struct db *db, const struct job_filter *filter, struct arena *a, struct job **out,
              int *count, struct error *err);

/* Writes the settings a lead may change (title, instructions, limits …), not state or counters. */
bool job_update(struct db *db, const struct job *job, struct error *err);
bool job_set_state(struct db *db, int64_t id, enum job_state state, const char *failure,
                   struct error *err);
bool job_add_lines(struct db *db, int64_t id, int64_t lines, struct error *err); /* to next_line */
bool job_set_filled(struct db *db, int64_t id, int64_t filled, struct error *err);
bool job_set_loop(struct db *db, int64_t id, const char *json, struct error *err);
bool job_set_note(struct db *db, int64_t id, const char *text, struct error *err); /* in `failure` */
bool job_set_fitted(struct db *db, int64_t id, int64_t answers, bool final, struct error *err);

/* Deletes the job with everything that hangs on it, at most `limit` items at a call; *left tells
 * whether to call again. */
bool job_delete_some(struct db *db, int64_t id, int limit, bool *left, struct error *err);

/* Adds the differences to the job's counters. */
bool job_count_add(struct db *db, int64_t id, const struct job_counts *delta, struct error *err);

/* The job's counters by counting every row: for doctor and tests. */
bool job_count_full(struct db *db, int64_t id, struct job_counts *out, struct error *err);

bool label_set_insert(struct db *db, int64_t job, int64_t version, const char *json,
                      struct error *err);
bool label_set_get(struct db *db, int64_t job, int64_t version, struct arena *a, const char **json,
                   struct error *err);

/* Who may label: people by name and teams. Both empty = everybody. */
bool job_set_people(struct db *db, int64_t job, const int64_t *people, int count,
                    struct error *err);
bool job_set_teams(struct db *db, int64_t job, const int64_t *teams, int count, struct error *err);
bool job_people(struct db *db, int64_t job, struct arena *a, int64_t **out, int *count,
                struct error *err);
bool job_teams(struct db *db, int64_t job, struct arena *a, int64_t **out, int *count,
               struct error *err);

/* Buckets that the job's pictures lie in; the names are added as they are met. */
bool job_bucket_put(struct db *db, int64_t job, const char *bucket, struct error *err);
/* Each bucket of jobs that have not ended, once. */
bool job_bucket_list(struct db *db, struct arena *a, const char ***out, int *count,
                     struct error *err);
/* A picture in it, of the first lines of a job; *uri NULL when there is none among them. */
bool job_bucket_sample(struct db *db, const char *bucket, struct arena *a, const char **uri,
                       struct error *err);
/* Where jobs put their output whose tree is not whole yet. */
bool job_output_list(struct db *db, struct arena *a, const char ***out, int *count,
                     struct error *err);
/* Jobs in progress that have pictures in buckets. */
bool job_remote_list(struct db *db, struct arena *a, int64_t **out, int *count, struct error *err);
bool job_may_label(struct db *db, int64_t job, int64_t person, bool *may, struct error *err);

#endif
