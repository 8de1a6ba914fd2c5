/* export.c - one pass from source to sink: checking, counting, choosing the form of a line. */
#include "writer.h"

#include "plumbline/base/arena.h"

#include <string.h>

const char *const export_formats[] = {"manifest", "tree", "jsonl", "csv", NULL};

void exporter_init(struct exporter *x, const struct export_options *options,
                   const struct export_source *source, const struct export_sink *sink)
{
    *x = (struct exporter){.options = options, .source = source};
    pump_init(&x->pump, sink);
    buf_init(&x->line, WRITER_LINE_MAX);
    tree_space_init(&x->space);
}

void exporter_release(struct exporter *x)
{
    pump_release(&x->pump);
    buf_release(&x->line);
    tree_space_release(&x->space);
}

bool exporter_full(struct error *err)
{
    return error_internal(err, "A line of the export would be longer than %d MiB.",
                          WRITER_LINE_MAX >> 20);
}

bool exporter_put(struct exporter *x, const void *bytes, size_t size, struct error *err)
{
    return pump_put(&x->pump, bytes, size, err);
}

static bool classes_fit(const struct exporter *x, const struct task_classes *c)
{
    if (!x->options->type->multi_label && c->n != 1)
        return false;
    for (size_t i = 0; i < c->n; i++)
        if (c->v[i] < 0 || (size_t)c->v[i] >= x->options->labels->n)
            return false;
    return true;
}

/* The source is our own code, but a class outside the label set must not become a stray read. */
static bool item_check(const struct exporter *x, const struct export_item *item, struct error *err)
{
    bool labelled = item->origin == EXPORT_HUMAN || item->origin == EXPORT_MACHINE;
    bool good = !labelled || classes_fit(x, &item->label.classes);

    for (size_t i = 0; item->answers && i < item->answer_count; i++)
        good = good && classes_fit(x, &item->answers[i].answer);
    if (good)
        return true;
    return error_internal(err, "Item %lld has a class that is not in version %lld of the labels.",
                          (long long)item->line, (long long)x->options->labels->version);
}

static void count(struct export_result *result, enum export_origin origin)
{
    result->lines++;
    result->human += origin == EXPORT_HUMAN;
    result->machine += origin == EXPORT_MACHINE;
    result->failed += origin == EXPORT_FAILED;
    result->kept += origin == EXPORT_KEPT;
    result->unlabelled += origin == EXPORT_NONE;
}

bool exporter_next(struct exporter *x, struct export_item *item, bool *end, struct error *err)
{
    do {
        *item = (struct export_item){0};
        *end = false;
        if (!x->source->next(x->source->ctx, item, end, err))
            return false;
        if (*end)
            return true;
    } while (x->options->labelled_only &&
             (item->origin == EXPORT_NONE || item->origin == EXPORT_FAILED));
    item->label.job = x->options->job;
    item->label.human = item->origin == EXPORT_HUMAN;
    count(&x->result, item->origin);
    return item_check(x, item, err);
}

static bool write_rows(struct exporter *x, struct error *err)
{
    enum export_format format = x->options->format;

    if (format == EXPORT_CSV && !exporter_put(x, export_csv_header, strlen(export_csv_header), err))
        return false;
    for (;;) {
        struct export_item item;
        bool end, ok;

        if (!exporter_next(x, &item, &end, err))
            return false;
        if (end)
            return true;
        ok = format == EXPORT_MANIFEST ? export_line(x, &item, err)
             : format == EXPORT_JSONL  ? export_jsonl_row(x, &item, err)
                                       : export_csv_row(x, &item, err);
        if (!ok || !exporter_put(x, x->line.data, x->line.size, err))
            return false;
    }
}

bool export_write(const struct export_options *options, const struct export_source *source,
                  const struct export_sink *sink, struct export_result *result, struct error *err)
{
    struct exporter x;
    bool ok;

    exporter_init(&x, options, source, sink);
    ok = options->format == EXPORT_TREE ? export_tree(&x, -1, err) : write_rows(&x, err);
    ok = ok && pump_finish(&x.pump, &x.result.bytes, x.result.sha256, err);
    if (ok && result)
        *result = x.result;
    exporter_release(&x);
    return ok;
}
