/* learner.h - a manifest as the learner's arrays, for simulate, train and predict. Private to
 * cli/. */
#ifndef CLI_LEARNER_H
#define CLI_LEARNER_H

#include "plumbline/base/arena.h"
#include "plumbline/base/intern.h"
#include "plumbline/exchange/manifest.h"
#include "plumbline/learn/features.h"
#include "plumbline/learn/model.h"
#include "plumbline/learn/picture.h"
#include "plumbline/tasks/task.h"

/* A class that the other manifest did not have: never predicted, so always wrong. */
enum { LEARNER_NO_CLASS = INT32_MAX };

struct learner_item {
    int64_t        file_line; /* of the manifest, from 1                          */
    const char    *id;        /* as JSON text, or NULL: then the line names it    */
    const char    *ref;       /* image file                                       */
    const char    *failure;   /* why it has no features, or NULL                  */
    bool           labelled;
    int32_t       *classes;   /* n_classes class numbers                          */
    size_t         n_classes;
};

struct learner_set {
    const struct task_type *type;
    const char  *attribute;    /* NULL: labels are not wanted                     */
    const char  *base;         /* folder of relative paths                        */
    struct arena arena;
    struct learner_item *item;
    struct learn_row    *row;
    size_t       n, capacity, failed, bad_lines;
    struct learn_extractor extractor;
    bool         extractor_known;
    void        *dictionary;   /* IMAGE: bytes, as models want them               */
    size_t       dictionary_size;
    struct intern     *classes; /* of this or of an earlier set                   */
    bool               classes_fixed;
    struct class_map   map;
    int32_t  *label;           /* n: class number, -1 unlabelled; multilabel: 0   */
    uint8_t  *sets;            /* multilabel: n x classes                         */
};

/* Names of flags all three commands share. */
const struct task_type *learner_type(const char *name, struct error *err); /* usage error */

/* Reads a manifest with its features. The caller has set the arena up (arena_init), and set->type,
 * attribute, classes (and classes_fixed, map, and for a model's features extractor and dictionary)
 * are the caller's; the rest is filled. Bad lines are told on standard error and left out. */
bool learner_read(struct learner_set *set, const char *path, uint64_t seed, struct error *err);
void learner_release(struct learner_set *set); /* not the classes */

/* Sorts the classes by name, so that their order in the file does not matter, and fills label and
 * sets. `names` (borrowed from the table) has set->classes->n entries. The caller frees names. */
const char **learner_number_classes(struct learner_set *set);
void learner_fill_labels(struct learner_set *set); /* with numbers as they are: a second set */

struct learn_text;

struct learn_rows learner_rows(const struct learner_set *set);

/* "12" or the user's id, as JSON. */
bool learner_item_name(const struct learner_set *set, size_t i, struct buf *out);

/* learner_features.c */
bool learner_text_features(struct learner_set *set, struct learn_text *text,
                           const struct manifest_item *item, size_t i);
bool learner_vector_features(struct learner_set *set, json_t *embedding, size_t i,
                             struct error *err);
bool learner_image_features(struct learner_set *set, uint64_t seed, struct error *err);
int64_t learner_peak_bytes(void);

#endif
