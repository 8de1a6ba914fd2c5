/* export_line.c - one line of an augmented manifest.
 *
 * The input line's members first and as they came, then the label, then its metadata. A line that
 * the job did not touch is copied whole.
 */
#include "writer.h"

#include "splice.h"

#include <string.h>

static bool untouched(const struct export_item *item, struct buf *out)
{
    if (item->raw_size == 0)
        return buf_puts(out, "{}\n");
    return buf_add(out, item->raw, item->raw_size) && buf_puts(out, "\n");
}

static void make_failure(const struct export_options *o, const struct export_item *item,
                         struct buf *metadata)
{
    struct task_failure failure = {.reason = item->failure ? item->failure : "",
                                   .retries = item->retries,
                                   .job = o->job,
                                   .created_us = item->failed_us};

    task_failure_json(o->type, &failure, metadata);
}

/* Attribute names are letters, digits and hyphens: nothing to escape. */
static void put_member(struct buf *out, bool comma, const char *name, const char *tail,
                       const struct buf *value)
{
    buf_puts(out, comma ? ",\"" : "\"");
    buf_puts(out, name);
    buf_puts(out, tail);
    buf_add(out, value->data, value->size);
}

bool tree_line(const struct export_options *o, const struct export_item *item,
               struct tree_space *space, struct buf *out)
{
    const char *name = o->attribute;
    size_t start = out->size, members;

    buf_clear(&space->value);
    buf_clear(&space->metadata);
    if (item->origin == EXPORT_NONE || item->origin == EXPORT_KEPT)
        return untouched(item, out);
    if (!line_splice(item->raw, item->raw_size, name, out, &members)) {
        /* a line that was no JSON object: its place in the order is all that can be kept */
        if (out->overflow)
            return false;
        out->size = start;
        buf_puts(out, "{");
    }
    if (item->origin == EXPORT_FAILED) {
        make_failure(o, item, &space->metadata);
    } else {
        task_label_json(o->type, o->labels, &item->label, &space->value, &space->metadata);
        put_member(out, members++ > 0, name, "\":", &space->value);
    }
    put_member(out, members > 0, name, "-metadata\":", &space->metadata);
    buf_puts(out, "}\n");
    return !(out->overflow || space->value.overflow || space->metadata.overflow);
}

bool tree_inference_line(const struct export_options *o, const struct export_item *item,
                         struct tree_space *space, struct buf *out)
{
    const struct task_classes *c = &item->label.classes;
    size_t start = out->size, members;

    buf_clear(&space->value);
    buf_clear(&space->metadata);
    task_label_json(o->type, o->labels, &item->label, &space->value, &space->metadata);
    if (!line_splice(item->raw, item->raw_size, o->attribute, out, &members)) {
        out->size = start;
        buf_puts(out, "{");
    }
    buf_puts(out, members > 0 ? "," : "");
    buf_puts(out, "\"SageMakerOutput\":{\"label\":");
    buf_add(out, space->value.data, space->value.size);
    if (c->n == 1) {
        buf_puts(out, ",\"class-name\":");
        buf_json_text(out, o->labels->v[c->v[0]].name);
    }
    if (item->label.confidence && c->n == 1) {
        buf_puts(out, ",\"confidence\":");
        buf_fixed(out, item->label.confidence[0], 2);
    }
    buf_puts(out, "}}\n");
    return !(out->overflow || space->value.overflow);
}

bool export_line(struct exporter *x, const struct export_item *item, struct error *err)
{
    buf_clear(&x->line);
    return tree_line(x->options, item, &x->space, &x->line) || exporter_full(err);
}
