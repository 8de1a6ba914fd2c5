/* tree_files.c - the JSON of the output folder's files, and their names. */
#include "plumbline/exchange/tree.h"

#include "plumbline/base/clock.h"
#include "writer.h"

#include <stdio.h>

const char tree_manifest_path[] = "manifests/output/output.manifest";

void tree_space_init(struct tree_space *s)
{
    buf_init(&s->value, WRITER_LINE_MAX);
    buf_init(&s->metadata, WRITER_LINE_MAX);
}

void tree_space_release(struct tree_space *s)
{
    buf_release(&s->value);
    buf_release(&s->metadata);
}

/* ---- contents ---- */

static void put_identity(const struct export_answer *a, struct buf *out)
{
    buf_puts(out, ",\"workerMetadata\":{\"identityData\":{\"identityProviderType\":");
    buf_json_text(out, a->provider ? a->provider : "Oidc");
    buf_puts(out, ",\"issuer\":");
    buf_json_text(out, a->issuer ? a->issuer : "");
    buf_puts(out, ",\"sub\":");
    buf_json_text(out, a->sub);
    buf_puts(out, "}}");
}

static void put_answer(const struct export_options *o, const struct export_answer *a,
                       struct buf *out)
{
    char accepted[CLOCK_TEXT_SIZE], submitted[CLOCK_TEXT_SIZE];

    buf_printf(out,
               "{\"acceptanceTime\":\"%s\",\"submissionTime\":\"%s\",\"timeSpentInSeconds\":%.3f,"
               "\"workerId\":",
               clock_text(a->accepted_us, accepted), clock_text(a->submitted_us, submitted),
               a->seconds);
    buf_json_text(out, a->worker);
    if (a->sub)
        put_identity(a, out);
    buf_puts(out, ",\"answerContent\":");
    task_answer_content(o->type, o->element, o->labels, &a->answer, out);
    buf_puts(out, "}");
}

bool tree_worker_response(const struct export_options *o, const struct export_item *item,
                          struct buf *out)
{
    buf_puts(out, "{\"answers\":[");
    for (size_t i = 0; i < item->answer_count; i++) {
        buf_puts(out, i ? "," : "");
        put_answer(o, &item->answers[i], out);
    }
    buf_puts(out, "]}");
    return !out->overflow;
}

bool tree_request(const struct export_options *o, const struct export_item *item, struct buf *out)
{
    json_t *object = json_loadb(item->raw ? item->raw : "", item->raw_size, 0, NULL);
    const char *text = json_string_value(json_object_get(object, "source"));
    const char *ref = json_string_value(json_object_get(object, "source-ref"));
    struct buf content;

    buf_printf(out, "{\"datasetObjectId\":\"%lld\",\"dataObject\":{\"%s\":", (long long)item->line,
               ref ? "s3Uri" : "content");
    buf_json_text(out, ref ? ref : text ? text : "");
    buf_puts(out, "},\"annotations\":[");
    buf_init(&content, WRITER_LINE_MAX);
    for (size_t i = 0; i < item->answer_count; i++) {
        buf_clear(&content);
        task_answer_content(o->type, o->element, o->labels, &item->answers[i].answer, &content);
        buf_puts(out, i ? ",{\"workerId\":" : "{\"workerId\":");
        buf_json_text(out, item->answers[i].worker);
        buf_puts(out, ",\"annotationData\":{\"content\":");
        buf_json_text(out, content.data);
        buf_puts(out, "}}");
    }
    buf_puts(out, "]}");
    buf_release(&content);
    json_decref(object);
    return !out->overflow;
}

bool tree_response(const struct export_options *o, const struct export_item *item,
                   struct tree_space *space, struct buf *out)
{
    buf_clear(&space->value);
    buf_clear(&space->metadata);
    task_label_json(o->type, o->labels, &item->label, &space->value, &space->metadata);
    buf_printf(out,
               "{\"datasetObjectId\":\"%lld\",\"consolidatedAnnotation\":{\"content\":{\"%s\":",
               (long long)item->line, o->attribute);
    buf_add(out, space->value.data, space->value.size);
    buf_printf(out, ",\"%s-metadata\":", o->attribute);
    buf_add(out, space->metadata.data, space->metadata.size);
    buf_puts(out, "}}}");
    return !(out->overflow || space->value.overflow || space->metadata.overflow);
}

/* ---- names ---- */

/* YYYY-MM-DD_HH:MM:SS */
static const char *name_time(int64_t us, char out[CLOCK_TEXT_SIZE])
{
    clock_text(us, out);
    out[10] = '_';
    out[19] = '\0';
    return out;
}

int64_t tree_answered_us(const struct export_item *item)
{
    int64_t last = 0;

    for (size_t i = 0; i < item->answer_count; i++)
        if (item->answers[i].submitted_us > last)
            last = item->answers[i].submitted_us;
    return last;
}

char *tree_worker_response_path(const struct export_item *item, char out[TREE_PATH_SIZE])
{
    char time[CLOCK_TEXT_SIZE];

    snprintf(out, TREE_PATH_SIZE, "annotations/worker-response/iteration-%lld/%lld/%s.json",
             (long long)item->iteration, (long long)item->line,
             name_time(tree_answered_us(item), time));
    return out;
}

char *tree_consolidation_path(const char *kind, int64_t iteration, int64_t us,
                              char out[TREE_PATH_SIZE])
{
    char time[CLOCK_TEXT_SIZE];

    snprintf(out, TREE_PATH_SIZE,
             "annotations/consolidated-annotation/consolidation-%s/iteration-%lld/%s.json", kind,
             (long long)iteration, name_time(us, time));
    return out;
}

char *tree_intermediate_path(int64_t iteration, char out[TREE_PATH_SIZE])
{
    snprintf(out, TREE_PATH_SIZE, "annotations/intermediate/%lld/annotations.json",
             (long long)iteration);
    return out;
}
