/* classification.h - what the classification types share: the functions their table entries
 * name. */
#ifndef PLUMBLINE_TASKS_CLASSIFICATION_H
#define PLUMBLINE_TASKS_CLASSIFICATION_H

#include "plumbline/tasks/task.h"

extern const struct task_type image_classification, image_classification_multilabel;
extern const struct task_type text_classification, text_classification_multilabel;

bool class_answer_check(const struct task_type *type, const struct label_set *set, json_t *answer,
                        bool allow_hidden, struct arena *a, struct task_classes *out,
                        struct error *err);
bool class_answer_write(const struct task_type *type, const struct label_set *set,
                        const struct task_classes *answer, struct buf *out);
bool class_label_value(const struct task_type *type, const struct label_set *set,
                       const struct task_label *label, struct buf *out);
bool class_label_metadata(const struct task_type *type, const struct label_set *set,
                          const struct task_label *label, struct buf *out);

/* Sorts class indices and drops repetitions; returns how many are left. */
size_t classes_sort(int *v, size_t n);

#endif
