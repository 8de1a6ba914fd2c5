/* door.h - what every operation of the AWS door needs; private to aws/. */
#ifndef AWS_DOOR_H
#define AWS_DOOR_H

#include "plumbline/aws/aws.h"
#include "plumbline/store/aws.h"
#include "plumbline/store/people.h"

#include "plumbline/db/writer.h"

#include <jansson.h>

struct aws_keys;
struct aws_replays;
struct aws_patterns;
struct aws_tally;
struct aws_operation;
struct http_offload;

enum { AWS_BODY_MAX = 4 << 20, AWS_ID_SIZE = 37 };

struct aws {
    struct service      *service;
    char                 account[13], region[33];
    _Atomic(char *)      public_url;
    struct aws_patterns *patterns;
    struct aws_keys     *keys;
    struct aws_replays  *replays;
    struct aws_tally    *tally;
    struct http_offload *renderer; /* templates: up to a good part of a second */
    struct route         routes[2];
};

/* One request, in rq->user. Its arena is its own: the writer's thread may use it while the request is
 * suspended, which the request's arena does not allow. */
struct aws_call {
    struct aws                 *aws;
    struct http_request        *rq;
    struct arena                arena;
    const struct aws_operation *operation; /* NULL: not known yet */
    int64_t                     person;
    unsigned                    roles;
    json_t                     *in;      /* checked by the model; unknown members are gone */
    const char                 *message; /* what the model found, whole; or NULL */
    char                        payload[65]; /* hex SHA-256 of the body */
    const char                 *replay;  /* invocation id under which a success is remembered, or NULL */
    void                       *work, *pending; /* the operation's own; work.c's */
    void                      (*release)(void *work); /* or NULL */
};

struct aws_operation {
    const char          *name;
    const struct shape  *in; /* NULL: refused in `refusal` */
    bool               (*run)(struct aws_call *c, struct error *err);
    unsigned             who; /* role bits */
    bool                 creates; /* a repeated attempt is answered with the remembered success */
    const char          *refusal;
};

const struct aws_operation *aws_operation_find(const char *name);
extern const struct aws_operation aws_operations[];
extern const size_t aws_operations_count;

/* ---- protocol.c: answers ---- */
/* 200 with the object; takes it. NULL: an empty body. */
bool aws_reply(struct aws_call *c, json_t *take);
void aws_write_error(struct http_request *rq, const struct error *e, unsigned *status,
                     const char **type, struct buf *out);
/* An error by AWS's name; status 400. False. */
bool aws_refuse(struct error *err, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool aws_invalid(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* ValidationException */
json_t *aws_time(int64_t us);          /* epoch seconds with milliseconds */
int64_t aws_time_in(const json_t *in, const char *name); /* UTC microseconds; 0: not given */
const char *aws_text(const json_t *in, const char *name); /* NULL: not given */
int64_t     aws_int(const json_t *in, const char *name, int64_t otherwise);
void        aws_uuid(char out[AWS_ID_SIZE]);

/* ---- access.c: who is it ---- */
struct aws_keys *aws_keys_new(void);
void             aws_keys_free(struct aws_keys *k); /* NULL is fine */
bool             aws_verify(struct aws_call *c, struct error *err);

/* ---- replay.c: creates that are sent again ---- */
struct aws_replays *aws_replays_new(void);
void                aws_replays_free(struct aws_replays *r); /* NULL is fine */
/* A copy of the answer in the call's arena, or NULL. */
const char *aws_replay_find(struct aws_call *c);
void        aws_replay_keep(struct aws_call *c, const char *answer);

/* ---- work.c: reading and writing ---- */
typedef bool aws_reader(struct aws_call *c, struct db *db, struct error *err);
bool aws_read(struct aws_call *c, aws_reader *read, struct error *err); /* of one moment */
/* Queues the write (its context is the call), and answers with `finish` once it is on disk. */
typedef bool aws_finish(struct aws_call *c, struct error *err);
bool aws_write(struct aws_call *c, write_run *run, aws_finish *finish);

/* ---- arn.c ---- */
const char *aws_job_arn(struct aws_call *c, const char *name);
const char *aws_team_arn(struct aws_call *c, const char *name);
const char *aws_workforce_arn(struct aws_call *c, const char *name);

/* An ARN of SageMaker taken apart; ValidationException when it is of another account or region. */
struct aws_name {
    const char *kind, *name; /* "workteam", "private-crowd/t" */
};
bool aws_arn_parse(struct aws_call *c, const char *arn, struct aws_name *out, struct error *err);
/* The host (and port) of the public URL. */
const char *aws_sub_domain(struct aws_call *c);

/* ---- page.c: lists ---- */
struct aws_page {
    int              limit;
    bool             more;  /* there is a token */
    struct aws_place after;
};
bool aws_page_read(struct aws_call *c, int otherwise, struct aws_page *out, struct error *err);
/* Puts NextToken into `out` for the place. */
void aws_page_next(struct aws_call *c, json_t *out, const char *key, int64_t id);

/* ---- counting: metrics.c ---- */
enum aws_outcome { AWS_DONE, AWS_REFUSED, AWS_FAILED, AWS_OUTCOMES };
struct aws_tally *aws_tally_new(void);
void              aws_tally_free(struct aws_tally *t); /* NULL is fine */
void              aws_tally_add(struct aws_call *c, enum aws_outcome outcome);

/* ---- shared by operations ---- */
/* The tags of a request, put on a new thing; or of a thing, as the model writes them. */
bool    aws_tags_check(json_t *tags, struct error *err);
bool    aws_tags_put(struct db *db, enum tag_kind kind, int64_t id, json_t *tags, struct error *err);
bool    aws_tags_read(struct aws_call *c, struct db *db, enum tag_kind kind, int64_t id,
                      json_t **out, struct error *err);

/* The team of a WorkteamName or of a work team's ARN; *found false when there is none. */
extern const char aws_everybody[]; /* name of the work team of jobs that anybody may label */
extern const char aws_default_workforce[]; /* name of the workforce until a client makes it */
bool aws_team_of_arn(struct aws_call *c, struct db *db, const char *arn, struct aws_team *out,
                     bool *found, struct error *err);

/* ---- operations ---- */
#define OPERATION(name) bool name(struct aws_call *c, struct error *err)
OPERATION(aws_create_workforce);
OPERATION(aws_describe_workforce);
OPERATION(aws_update_workforce);
OPERATION(aws_list_workforces);
OPERATION(aws_delete_workforce);
OPERATION(aws_create_workteam);
OPERATION(aws_describe_workteam);
OPERATION(aws_update_workteam);
OPERATION(aws_list_workteams);
OPERATION(aws_delete_workteam);
OPERATION(aws_list_subscribed_workteams);
OPERATION(aws_add_tags);
OPERATION(aws_list_tags);
OPERATION(aws_delete_tags);
OPERATION(aws_create_labeling_job);
OPERATION(aws_describe_labeling_job);
OPERATION(aws_list_labeling_jobs);
OPERATION(aws_list_labeling_jobs_for_workteam);
OPERATION(aws_stop_labeling_job);
OPERATION(aws_render_ui_template);
#undef OPERATION

#endif
