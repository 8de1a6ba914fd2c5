/* task.c - the list of task types, and what is the same for all of them. */
#include "plumbline/tasks/task.h"

#include "classification.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/utf8.h"

#include <string.h>

enum { FAILURE_REASON_MAX = 1024, ATTRIBUTE_MAX = 127 };

static const struct task_type *const types[] = {
    &image_classification,
    &image_classification_multilabel,
    &text_classification,
    &text_classification_multilabel,
};

const struct task_type *const *task_types(size_t *n)
{
    *n = sizeof types / sizeof *types;
    return types;
}

const struct task_type *task_type_find(const char *name)
{
    for (size_t i = 0; name && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    return NULL;
}

const struct task_type *task_type_by_function(const char *arn)
{
    const char *tail = strrchr(arn ? arn : "", ':');

    tail = tail ? tail + 1 : arn;
    if (!tail || (strncmp(tail, "PRE-", 4) != 0 && strncmp(tail, "ACS-", 4) != 0))
        return NULL;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i]->suffix, tail + 4) == 0)
            return types[i];
    return NULL;
}

const struct task_type *task_type_by_manifest_type(const char *type)
{
    for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i]->manifest_type, type) == 0)
            return types[i];
    return NULL;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

/* ^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,126}: letters, digits and inner hyphens. */
static bool attribute_pattern(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    size_t n = strlen(name);

    return n > 0 && n <= ATTRIBUTE_MAX && strspn(name, letters) == n && name[0] != '-' &&
           name[n - 1] != '-';
}

bool task_attribute_check(const struct task_type *type, const char *name, struct error *err)
{
    static const char field[] = "label_attribute";

    if (!attribute_pattern(name))
        return error_invalid(err, field,
                             "A label attribute name has 1 to %d letters, digits and hyphens, and "
                             "neither begins nor ends with a hyphen.",
                             ATTRIBUTE_MAX);
    if (strcmp(name, "source") == 0 || strcmp(name, "source-ref") == 0 || strcmp(name, "id") == 0)
        return error_invalid(err, field, "\"%s\" is the name of an input attribute.", name);
    if (ends_with(name, "-metadata"))
        return error_invalid(err, field, "A label attribute name must not end in -metadata.");
    if (ends_with(name, "-ref") != type->label_ref)
        return error_invalid(err, field, "The label attribute name of a %s job must%s end in -ref.",
                             type->name, type->label_ref ? "" : " not");
    return true;
}

bool task_labels_check(const struct task_type *type, const struct label_set *set, struct error *err)
{
    size_t visible = 0;

    for (size_t k = 0; k < set->n; k++)
        visible += !set->v[k].hidden;
    if (visible >= type->labels_min && visible <= type->labels_max)
        return true;
    return error_invalid(err, "labels", "A %s job has %zu to %zu labels, not %zu.", type->name,
                         type->labels_min, type->labels_max, visible);
}

bool task_answer_check(const struct task_type *type, const struct label_set *set, json_t *answer,
                       bool allow_hidden, struct arena *a, struct task_classes *out,
                       struct error *err)
{
    return type->answer_check(type, set, answer, allow_hidden, a, out, err);
}

bool task_answer_json(const struct task_type *type, const struct label_set *set,
                      const struct task_classes *answer, struct buf *out)
{
    return type->answer_write(type, set, answer, out);
}

bool task_answer_content(const struct task_type *type, const char *element,
                         const struct label_set *set, const struct task_classes *answer,
                         struct buf *out)
{
    return buf_puts(out, "{") && buf_json_text(out, element ? element : type->element) &&
           buf_puts(out, ":") && type->answer_content(type, set, answer, out) && buf_puts(out, "}");
}

static bool job_name(const char *job, struct buf *out)
{
    return buf_puts(out, "\"job-name\":\"labeling-job/") && buf_puts(out, job) &&
           buf_puts(out, "\"");
}

bool task_label_json(const struct task_type *type, const struct label_set *set,
                     const struct task_label *label, struct buf *value, struct buf *metadata)
{
    char time[CLOCK_TEXT_SIZE];

    type->label_value(type, set, label, value);
    buf_puts(metadata, "{");
    type->label_metadata(type, set, label, metadata);
    buf_puts(metadata, ",\"type\":\"");
    buf_puts(metadata, type->manifest_type);
    buf_puts(metadata, "\",");
    job_name(label->job, metadata);
    buf_puts(metadata, label->human ? ",\"human-annotated\":\"yes\",\"creation-date\":\""
                                    : ",\"human-annotated\":\"no\",\"creation-date\":\"");
    buf_puts(metadata, clock_text_manifest(label->created_us, time));
    buf_puts(metadata, "\"");
    if (!label->human) {
        if (label->model) {
            buf_puts(metadata, ",\"model-id\":");
            buf_json_text(metadata, label->model);
        }
        if (label->round > 0)
            buf_printf(metadata, ",\"round\":%lld", (long long)label->round);
        if (label->estimate > 0)
            buf_printf(metadata, ",\"estimate\":%.4f", label->estimate);
        if (label->provisional)
            buf_puts(metadata, ",\"provisional\":true");
    }
    buf_puts(metadata, "}");
    return !value->overflow && !metadata->overflow;
}

bool task_failure_json(const struct task_type *type, const struct task_failure *failure,
                       struct buf *metadata)
{
    size_t size = strlen(failure->reason);
    size_t cut = utf8_offset(failure->reason, size, FAILURE_REASON_MAX);
    char time[CLOCK_TEXT_SIZE];
    struct arena a;

    arena_init(&a);
    buf_puts(metadata, "{\"failure-reason\":");
    buf_json_text(metadata, arena_strndup(&a, failure->reason, cut));
    buf_printf(metadata, ",\"retry-count\":%lld,\"human-annotated\":\"yes\",",
               (long long)failure->retries);
    job_name(failure->job, metadata);
    buf_printf(metadata, ",\"type\":\"%s\",\"creation-date\":\"%s\"}", type->manifest_type,
               clock_text_manifest(failure->created_us, time));
    arena_release(&a);
    return !metadata->overflow;
}
