/* aws.h - what clients of the AWS door say, as rows: requests of jobs, work teams, the workforce, tags.
 *
 * Jobs and teams are the same rows that REST knows; here is what only that door asks of them. Texts
 * live in the arena given. Functions that write take the writer's connection.
 */
#ifndef PLUMBLINE_STORE_AWS_H
#define PLUMBLINE_STORE_AWS_H

#include "plumbline/base/arena.h"
#include "plumbline/db/db.h"

/* ---- jobs ---- */

/* How far a job that was made at the door is prepared. */
enum aws_setup {
    AWS_SETUP_NEW,  /* label categories, template and manifest are still to be read */
    AWS_SETUP_DONE, /* nothing is left to do, also when it failed                    */
};

struct aws_job {
    int64_t     job, team; /* team 0: everybody */
    int64_t     setup;     /* enum aws_setup */
    const char *request;   /* body of CreateLabelingJob: JSON of the members that the model knows */
    const char *element;   /* name of the template's element; NULL: not known, or it has none */
};

bool aws_job_insert(struct db *db, const struct aws_job *row, struct error *err);
/* False without a row too; *found tells. */
bool aws_job_get(struct db *db, int64_t job, struct arena *a, struct aws_job *out, bool *found,
                 struct error *err);
bool aws_job_set_element(struct db *db, int64_t job, const char *element, struct error *err);
bool aws_job_set_setup(struct db *db, int64_t job, int64_t setup, struct error *err);
/* The first job behind `after` that is AWS_SETUP_NEW; 0: none. */
bool aws_job_next(struct db *db, int64_t after, int64_t *job, struct error *err);

/* Whose model it is; 0: there is no such model. */
bool aws_model_job(struct db *db, int64_t model, int64_t *job, struct error *err);

/* A place in a list: everything up to it has been given. Keys are texts in the order of the list. */
struct aws_place {
    const char *key;
    int64_t     id;
};

enum aws_sort { AWS_SORT_NAME, AWS_SORT_CREATED, AWS_SORT_STATUS };

struct aws_job_filter {
    int64_t     created_after, created_before, modified_after, modified_before; /* 0: any */
    const char *name;      /* part of it; NULL: any */
    const char *status;    /* "InProgress"; NULL: any */
    const char *reference; /* part of the reference code; NULL: any */
    int64_t     team;      /* 0: any; AWS_EVERYBODY: jobs without teams or people */
    enum aws_sort           sort;
    bool                    descending;
    const struct aws_place *after; /* NULL: from the start */
    int                     limit;
};
enum { AWS_EVERYBODY = -1 };

struct aws_job_row {
    int64_t     id;
    const char *key;       /* its place */
    const char *status;    /* as LabelingJobStatus: ended only when its output is there */
    const char *reference; /* JobReferenceCode */
    int64_t     manifest;  /* when the output manifest was last written; 0: never */
};

bool aws_job_find(struct db *db, const struct aws_job_filter *filter, struct arena *a,
                  struct aws_job_row **out, int *count, struct error *err);
/* One job's; 404 job.not_found. */
bool aws_job_row_get(struct db *db, int64_t job, struct arena *a, struct aws_job_row *out,
                     struct error *err);

/* ---- work teams ---- */

struct aws_team {
    int64_t     id, created, modified;
    const char *name;        /* as the door shows it: its own, or team-7 where that does not fit */
    const char *description, *aws; /* aws: JSON of what the client said, or NULL */
};

bool aws_team_get(struct db *db, int64_t id, struct arena *a, struct aws_team *out, bool *found,
                  struct error *err);
/* By the shown name, without regard to case. */
bool aws_team_by_name(struct db *db, const char *name, struct arena *a, struct aws_team *out,
                      bool *found, struct error *err);
/* modified is set. */
bool aws_team_set(struct db *db, int64_t id, const char *aws, struct error *err);
/* Adds the people of the team whose (shown or own) name is the group's, if there is one, and notes in
 * `aws` ("Brought": ids) whom this made members. */
bool aws_team_bring(struct db *db, int64_t id, const char *group, struct error *err);
/* Takes out whom groups brought and nobody has added by hand since. */
bool aws_team_send_back(struct db *db, int64_t id, struct error *err);
/* The name of a job of the team that has not ended, or NULL. */
bool aws_team_busy(struct db *db, int64_t id, struct arena *a, const char **job, struct error *err);
/* Deletes the team. Jobs that have ended keep its people, one by one, as those who may see them. */
bool aws_team_delete(struct db *db, int64_t id, struct error *err);
bool aws_team_count(struct db *db, int64_t *count, struct error *err);

struct aws_team_filter {
    const char             *name; /* part of it; NULL: any */
    enum aws_sort           sort; /* NAME or CREATED */
    bool                    descending;
    const struct aws_place *after;
    int                     limit;
};
struct aws_team_row {
    struct aws_team team;
    const char     *key; /* its place */
};
bool aws_team_find(struct db *db, const struct aws_team_filter *filter, struct arena *a,
                   struct aws_team_row **out, int *count, struct error *err);

/* ---- the workforce ---- */

struct workforce {
    const char *name, *config; /* config: JSON without the client's secret */
    int64_t     created, modified;
};

bool workforce_get(struct db *db, struct arena *a, struct workforce *out, bool *found,
                   struct error *err);
/* Makes it or changes it. secret NULL leaves the sealed secret as it is. */
bool workforce_put(struct db *db, const char *name, const char *config, const void *secret,
                   size_t secret_size, struct error *err);
bool workforce_delete(struct db *db, struct error *err); /* with its tags */

/* ---- tags ---- */

enum tag_kind { TAG_JOB, TAG_TEAM, TAG_WORKFORCE };
enum { TAGS_MAX = 50, WORKFORCE_ID = 1 };

struct tag {
    const char *key, *value;
};

bool tag_put(struct db *db, enum tag_kind kind, int64_t id, const char *key, const char *value,
             struct error *err);
bool tag_drop(struct db *db, enum tag_kind kind, int64_t id, const char *key, struct error *err);
bool tag_drop_all(struct db *db, enum tag_kind kind, int64_t id, struct error *err);
/* By key, those behind `after` (NULL: from the first). */
bool tag_list(struct db *db, enum tag_kind kind, int64_t id, const char *after, struct arena *a,
              struct tag **out, int *count, struct error *err);

#endif
