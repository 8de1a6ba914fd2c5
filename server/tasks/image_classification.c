/* image_classification.c - one class, or any number of classes, for a whole image. */
#include "classification.h"

const struct task_type image_classification = {
    .name = "image-classification",
    .media = TASK_IMAGE,
    .manifest_type = "groundtruth/image-classification",
    .labels_min = LABELS_MIN,
    .labels_max = LABELS_MAX,
    .suffix = "ImageMultiClass",
    .element = "crowd-image-classifier",
    .default_attribute = "label",
    .answer_check = class_answer_check,
    .answer_write = class_answer_write,
    .answer_content = class_answer_write,
    .label_value = class_label_value,
    .label_metadata = class_label_metadata,
};

const struct task_type image_classification_multilabel = {
    .name = "image-classification-multilabel",
    .media = TASK_IMAGE,
    .multi_label = true,
    .manifest_type = "groundtruth/image-classification-multilabel",
    .labels_min = LABELS_MIN,
    .labels_max = LABELS_MAX,
    .suffix = "ImageMultiClassMultiLabel",
    .element = "crowd-image-classifier-multi-select",
    .default_attribute = "label",
    .answer_check = class_answer_check,
    .answer_write = class_answer_write,
    .answer_content = class_answer_write,
    .label_value = class_label_value,
    .label_metadata = class_label_metadata,
};
