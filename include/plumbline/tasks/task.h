/* task.h - the task types: one table entry each, behind one struct.
 *
 * A type says what is labelled (image or text), what an answer looks like, and how answers and
 * labels are written in Ground Truth's forms. The classification types share one answer: a set of
 * class indices into the job's label set, exactly one of them unless the type is multi-label.
 *
 * Pure: no database, no files, no globals; results live in the caller's arena or buffer.
 */
#ifndef PLUMBLINE_TASKS_TASK_H
#define PLUMBLINE_TASKS_TASK_H

#include "plumbline/base/arena.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/error.h"
#include "plumbline/base/fields.h"
#include "plumbline/tasks/labels.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum task_media {
    TASK_MEDIA_ANY, /* a reader that does not know the job yet */
    TASK_IMAGE,
    TASK_TEXT,
};

/* What an answer or a label says: the classes, ascending and without repetition. Single-label types
 * have exactly one; in a multi-label type none means "none of these". */
struct task_classes {
    const int *v;
    size_t     n;
};

/* A finished label, ready to be written into a manifest. */
struct task_label {
    struct task_classes classes;
    const double       *confidence; /* in 0..1: of the label, or one per class of a multi-label
                                       type; NULL = 0.00, as for a single answer */
    bool                human;      /* false: labelled by a model; then the next four apply  */
    const char         *model;      /* model id, or NULL to leave it out                     */
    int64_t             round;      /* training round, from 1; 0 leaves it out               */
    double              estimate;   /* estimated accuracy of that round, 0..1; 0 leaves it out   */
    bool                provisional; /* a guess that may still change: "provisional":true        */
    const char         *job;        /* job name, without "labeling-job/"                     */
    int64_t             created_us; /* UTC microseconds                                      */
};

/* An item that was given up. */
struct task_failure {
    const char *reason; /* one sentence; cut to 1024 code points when written */
    int64_t     retries;
    const char *job;
    int64_t     created_us;
};

struct task_type {
    const char     *name;          /* "image-classification": as in REST and on the command line */
    enum task_media media;
    bool            multi_label;
    const char     *manifest_type; /* "groundtruth/image-classification"                         */
    bool            label_ref;     /* the label attribute's name must end in -ref                */
    size_t          labels_min, labels_max;
    const char     *suffix;        /* "ImageMultiClass", after PRE- and ACS- in function ARNs    */
    const char     *element;       /* "crowd-image-classifier": names it in answerContent        */
    const char     *default_attribute; /* "label"                                                */

    /* Reads an answer of the REST API. */
    bool (*answer_check)(const struct task_type *type, const struct label_set *set, json_t *answer,
                         bool allow_hidden, struct arena *a, struct task_classes *out,
                         struct error *err);
    /* Writes it back in its normal form. */
    bool (*answer_write)(const struct task_type *type, const struct label_set *set,
                         const struct task_classes *answer, struct buf *out);
    /* Writes the object under the element's name in a worker response. */
    bool (*answer_content)(const struct task_type *type, const struct label_set *set,
                           const struct task_classes *answer, struct buf *out);
    /* Writes the value under the label attribute, and the head of its metadata (without braces). */
    bool (*label_value)(const struct task_type *type, const struct label_set *set,
                        const struct task_label *label, struct buf *out);
    bool (*label_metadata)(const struct task_type *type, const struct label_set *set,
                           const struct task_label *label, struct buf *out);
};

/* All types; *n is their number. */
const struct task_type *const *task_types(size_t *n);

/* By name; NULL when there is none. */
const struct task_type *task_type_find(const char *name);

/* By the function ARN or its tail, "arn:...:function:PRE-ImageMultiClass" or "ACS-ImageMultiClass";
 * NULL when there is none. */
const struct task_type *task_type_by_function(const char *arn);

/* By the metadata's type string, "groundtruth/text-classification"; NULL when there is none. */
const struct task_type *task_type_by_manifest_type(const char *type);

/* Checks a label attribute's name: 1..127 characters of [A-Za-z0-9-] in Ground Truth's pattern, not
 * source or source-ref, not ending in -metadata, ending in -ref exactly when the type wants it. 422
 * field.invalid with field "label_attribute". */
bool task_attribute_check(const struct task_type *type, const char *name, struct error *err);

/* Checks that the set has as many visible labels as the type allows. 422 with field "labels". */
bool task_labels_check(const struct task_type *type, const struct label_set *set,
                       struct error *err);

/* Checks an answer as the REST API takes it: {"label":"x"}, or {"labels":["x","y"]} for multi-label
 * types, where [] means none of these. Labels by name; hidden ones only with allow_hidden (an
 * answer that was begun under an older version). 422 answer.invalid names the field
 * ("answer.labels[1]") and quotes the label. */
bool task_answer_check(const struct task_type *type, const struct label_set *set, json_t *answer,
                       bool allow_hidden, struct arena *a, struct task_classes *out,
                       struct error *err);

/* Appends the answer as JSON: {"label":"pear"} or {"labels":[...]} in class order. False:
 * overflow. */
bool task_answer_json(const struct task_type *type, const struct label_set *set,
                      const struct task_classes *answer, struct buf *out);

/* Appends the answerContent of a worker response: {"crowd-image-classifier":{"label":"pear"}}.
 * `element` is the name that the worker template gives its element; NULL: the type's. */
bool task_answer_content(const struct task_type *type, const char *element,
                         const struct label_set *set, const struct task_classes *answer,
                         struct buf *out);

/* Appends the manifest's label value to `value` (1, or [0,2]) and its metadata object to
 * `metadata`, in the form of Ground Truth's augmented manifests. Machine labels carry model-id,
 * round and estimate besides. False: one of the buffers overflowed. */
bool task_label_json(const struct task_type *type, const struct label_set *set,
                     const struct task_label *label, struct buf *value, struct buf *metadata);

/* Appends the metadata object of a failed item. */
bool task_failure_json(const struct task_type *type, const struct task_failure *failure,
                       struct buf *metadata);

/* Reads the label that a manifest line already carries under `attribute`, as class names: the value
 * is a class name, a list of names, or Ground Truth's integer (also as text, "1") or list of
 * integers, named by class-name or class-map in <attribute>-metadata. `set` (may be NULL) names
 * integers where the metadata does not. *found is false, and *out empty, when the line has no such
 * key or null. Names are copied into the arena. 422 label.invalid with field = attribute. */
bool task_label_parse(json_t *line, const char *attribute, const struct label_set *set,
                      struct arena *a, struct texts *out, bool *found, struct error *err);

/* The same as classes of `set`; a name that is not in the set is 422 label.invalid. */
bool task_label_classes(const struct task_type *type, const struct label_set *set, json_t *line,
                        const char *attribute, struct arena *a, struct task_classes *out,
                        bool *found, struct error *err);

#endif
