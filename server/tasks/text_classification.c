/* text_classification.c - one class, or any number of classes, for a whole text. */
#include "classification.h"

const struct task_type text_classification = {
    .name = "text-classification",
    .media = TASK_TEXT,
    .manifest_type = "groundtruth/text-classification",
    .labels_min = LABELS_MIN,
    .labels_max = LABELS_MAX,
    .suffix = "TextMultiClass",
    .element = "crowd-classifier",
    .default_attribute = "label",
    .answer_check = class_answer_check,
    .answer_write = class_answer_write,
    .answer_content = class_answer_write,
    .label_value = class_label_value,
    .label_metadata = class_label_metadata,
};

const struct task_type text_classification_multilabel = {
    .name = "text-classification-multilabel",
    .media = TASK_TEXT,
    .multi_label = true,
    .manifest_type = "groundtruth/text-classification-multilabel",
    .labels_min = LABELS_MIN,
    .labels_max = LABELS_MAX,
    .suffix = "TextMultiClassMultiLabel",
    .element = "crowd-classifier-multi-select",
    .default_attribute = "label",
    .answer_check = class_answer_check,
    .answer_write = class_answer_write,
    .answer_content = class_answer_write,
    .label_value = class_label_value,
    .label_metadata = class_label_metadata,
};
