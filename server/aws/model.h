/* model.h - the shapes of requests, with every constraint that AWS's model states; private to aws/.
 *
 * A shape is a row of a table. aws_model_check walks a request beside its shape, collects what is
 * wrong in AWS's words, and leaves only members that the model knows. Pure.
 */
#ifndef AWS_MODEL_H
#define AWS_MODEL_H

#include "plumbline/base/arena.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum shape_kind {
    SHAPE_STRING,
    SHAPE_INTEGER,
    SHAPE_TIMESTAMP, /* number of seconds, or RFC 3339 */
    SHAPE_STRUCTURE,
    SHAPE_LIST,
    SHAPE_MAP, /* texts to texts */
};

struct shape {
    const char               *name; /* of a structure or list: for tests */
    enum shape_kind           kind;
    int64_t                   min, max; /* characters, value, items, entries; max 0: no limit */
    const char               *pattern;  /* of the whole text, or NULL */
    const char *const        *choices;  /* NULL-terminated, or NULL */
    bool                    (*fits)(const char *text); /* a rule that no pattern says, or NULL */
    const char               *rule;                    /* what it asks for, in words */
    bool                      secret;  /* its value is not repeated in errors */
    const struct shape       *of, *key; /* elements or values; keys of a map */
    const struct shape_member *members; /* ends with .name NULL */
};

struct shape_member {
    const char         *name;
    const struct shape *shape;
    bool                required;
};

/* Patterns, compiled once. The caller frees. NULL when one does not compile (our own fault). */
struct aws_patterns;
struct aws_patterns *aws_patterns_new(const struct shape *const *shapes, size_t n,
                                      struct error *err);
void aws_patterns_free(struct aws_patterns *p); /* NULL is fine */
/* Whether the whole text matches; false too when matching takes too long. */
bool aws_pattern_match(const struct aws_patterns *p, const char *pattern, const char *text,
                       size_t size);

/* Removes unknown and null members of `value` and checks the rest. False with code
 * SerializationException (a value of the wrong type) or ValidationException; *message is the whole
 * sentence (err->message may be cut). */
bool aws_model_check(const struct aws_patterns *p, const struct shape *shape, json_t *value,
                     struct arena *a, const char **message, struct error *err);

/* Seconds since 1970 as microseconds; a number or a text in RFC 3339. */
bool aws_timestamp_parse(const json_t *value, int64_t *us);

/* The request shapes, by operation. */
extern const struct shape shape_create_workforce, shape_describe_workforce, shape_update_workforce,
    shape_list_workforces, shape_create_workteam, shape_describe_workteam, shape_update_workteam,
    shape_list_workteams, shape_list_subscribed_workteams, shape_add_tags, shape_list_tags,
    shape_delete_tags, shape_create_labeling_job, shape_describe_labeling_job,
    shape_list_labeling_jobs, shape_list_labeling_jobs_for_workteam, shape_render_ui_template;

#endif
