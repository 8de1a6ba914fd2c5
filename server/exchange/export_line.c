/* export_line.c - one line of an augmented manifest.
 *
 * The input line's members first and as they came, then the label, then its metadata. A line that
 * the job did not touch is copied whole.
 */
#include "writer.h"

#include "splice.h"

#include <string.h>

static bool untouched(struct exporter *x, const struct export_item *item)
{
    if (item->raw_size == 0)
        return buf_puts(&x->line, "{}\n");
    return buf_add(&x->line, item->raw, item->raw_size) && buf_puts(&x->line, "\n");
}

static void make_failure(struct exporter *x, const struct export_item *item)
{
    struct task_failure failure = {.reason = item->failure ? item->failure : "",
                                   .retries = item->retries,
                                   .job = x->options->job,
                                   .created_us = item->failed_us};

    task_failure_json(x->options->type, &failure, &x->metadata);
}

/* Attribute names are letters, digits and hyphens: nothing to escape. */
static void put_member(struct exporter *x, bool comma, const char *name, const char *tail,
                       const struct buf *value)
{
    buf_puts(&x->line, comma ? ",\"" : "\"");
    buf_puts(&x->line, name);
    buf_puts(&x->line, tail);
    buf_add(&x->line, value->data, value->size);
}

bool export_line(struct exporter *x, const struct export_item *item, struct error *err)
{
    const char *name = x->options->attribute;
    size_t members;

    buf_clear(&x->line);
    buf_clear(&x->value);
    buf_clear(&x->metadata);
    if (item->origin == EXPORT_NONE || item->origin == EXPORT_KEPT)
        return untouched(x, item) || exporter_full(err);
    if (!line_splice(item->raw, item->raw_size, name, &x->line, &members)) {
        /* a line that was no JSON object: its place in the order is all that can be kept */
        if (x->line.overflow)
            return exporter_full(err);
        buf_clear(&x->line);
        buf_puts(&x->line, "{");
    }
    if (item->origin == EXPORT_FAILED) {
        make_failure(x, item);
    } else {
        task_label_json(x->options->type, x->options->labels, &item->label, &x->value,
                        &x->metadata);
        put_member(x, members++ > 0, name, "\":", &x->value);
    }
    put_member(x, members > 0, name, "-metadata\":", &x->metadata);
    buf_puts(&x->line, "}\n");
    return !(x->line.overflow || x->value.overflow || x->metadata.overflow) || exporter_full(err);
}
