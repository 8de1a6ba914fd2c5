/* export_tree.c - Ground Truth's output folder.
 *
 *   annotations/worker-response/iteration-N/<line>/<time>.json       every answer of an item
 *   annotations/consolidated-annotation/consolidation-request/iteration-N/<time>.json
 *   annotations/consolidated-annotation/consolidation-response/iteration-N/<time>.json
 *   annotations/intermediate/N/annotations.json        manifest of iteration N's items
 *   manifests/output/output.manifest                   manifest of all items
 *
 * An iteration's items are one request and one response, named by its latest label. Worker
 * responses are written as items come; the others wait in a spool until their sizes are known. The
 * manifest comes last: where it is, everything it speaks of is there.
 */
#include "spool.h"
#include "tree_out.h"

#include "plumbline/base/arena.h"
#include "plumbline/base/clock.h"

#include <stdlib.h>
#include <string.h>

enum { ITERATION_MAX = 100000 };

static const char manifest_path[] = "manifests/output/output.manifest";
static const char manifest_part[] = "manifests/output/.output.manifest.part";

struct iteration {
    struct stream request, response, lines;
    int64_t       latest_us; /* time of its newest label or failure */
};

struct tree {
    struct exporter  *x;
    struct tree_out   out;
    struct spool      spool;
    struct stream     manifest;
    int64_t           latest_us;
    struct iteration *v; /* v[N - 1] */
    size_t            n;
};

/* YYYY-MM-DD_HH:MM:SS, the form of file names. */
static const char *file_time(int64_t us, char out[CLOCK_TEXT_SIZE])
{
    clock_text(us, out);
    out[10] = '_';
    out[19] = '\0';
    return out;
}

static struct iteration *iteration(struct tree *t, int64_t number, struct error *err)
{
    if (number > ITERATION_MAX) {
        error_internal(err, "The iteration %lld is out of range.", (long long)number);
        return NULL;
    }
    if ((size_t)number > t->n) {
        t->v = must_realloc(t->v, (size_t)number, sizeof *t->v);
        memset(t->v + t->n, 0, ((size_t)number - t->n) * sizeof *t->v);
        t->n = (size_t)number;
    }
    return &t->v[number - 1];
}

static void answer_json(const struct export_options *o, const struct export_answer *a,
                        struct buf *out)
{
    char accepted[CLOCK_TEXT_SIZE], submitted[CLOCK_TEXT_SIZE];

    buf_printf(out,
               "{\"acceptanceTime\":\"%s\",\"submissionTime\":\"%s\",\"timeSpentInSeconds\":%.3f,"
               "\"workerId\":",
               clock_text(a->accepted_us, accepted), clock_text(a->submitted_us, submitted),
               a->seconds);
    buf_json_text(out, a->worker);
    if (a->sub) {
        buf_puts(out, ",\"workerMetadata\":{\"identityData\":{\"identityProviderType\":\"Oidc\","
                      "\"issuer\":");
        buf_json_text(out, a->issuer ? a->issuer : "");
        buf_puts(out, ",\"sub\":");
        buf_json_text(out, a->sub);
        buf_puts(out, "}}");
    }
    buf_puts(out, ",\"answerContent\":");
    task_answer_content(o->type, o->labels, &a->answer, out);
    buf_puts(out, "}");
}

static bool whole_file(struct tree_out *out, const char *path, int64_t us, const struct buf *text,
                       struct error *err)
{
    return tree_out_begin(out, path, (int64_t)text->size, us, err) &&
           tree_out_data(out, text->data, text->size, err) && tree_out_end(out, err);
}

static bool worker_response(struct tree *t, const struct export_item *item, struct error *err)
{
    char path[160], time[CLOCK_TEXT_SIZE];
    struct buf *text = &t->x->value;
    int64_t last = 0;

    if (item->answer_count == 0)
        return true;
    buf_clear(text);
    buf_puts(text, "{\"answers\":[");
    for (size_t i = 0; i < item->answer_count; i++) {
        buf_puts(text, i ? "," : "");
        answer_json(t->x->options, &item->answers[i], text);
        if (item->answers[i].submitted_us > last)
            last = item->answers[i].submitted_us;
    }
    buf_puts(text, "]}");
    if (text->overflow)
        return exporter_full(err);
    snprintf(path, sizeof path, "annotations/worker-response/iteration-%lld/%lld/%s.json",
             (long long)item->iteration, (long long)item->line, file_time(last, time));
    return whole_file(&t->out, path, last, text, err);
}

/* The item in the payload that a post-annotation function gets. */
static void request_json(const struct export_options *o, const struct export_item *item,
                         struct buf *out)
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
        task_answer_content(o->type, o->labels, &item->answers[i].answer, &content);
        buf_puts(out, i ? ",{\"workerId\":" : "{\"workerId\":");
        buf_json_text(out, item->answers[i].worker);
        buf_puts(out, ",\"annotationData\":{\"content\":");
        buf_json_text(out, content.data);
        buf_puts(out, "}}");
    }
    buf_puts(out, "]}");
    buf_release(&content);
    json_decref(object);
}

static void response_json(struct exporter *x, const struct export_item *item, struct buf *out)
{
    const struct export_options *o = x->options;

    buf_clear(&x->value);
    buf_clear(&x->metadata);
    task_label_json(o->type, o->labels, &item->label, &x->value, &x->metadata);
    buf_printf(out,
               "{\"datasetObjectId\":\"%lld\",\"consolidatedAnnotation\":{\"content\":{\"%s\":",
               (long long)item->line, o->attribute);
    buf_add(out, x->value.data, x->value.size);
    buf_printf(out, ",\"%s-metadata\":", o->attribute);
    buf_add(out, x->metadata.data, x->metadata.size);
    buf_puts(out, "}}}");
}

/* One more element of a JSON list that grows in a stream. */
static bool list_put(struct tree *t, struct stream *list, const struct buf *text, struct error *err)
{
    if (text->overflow)
        return exporter_full(err);
    return stream_put(&t->spool, list, list->size ? "," : "[", 1, err) &&
           stream_put(&t->spool, list, text->data, text->size, err);
}

static bool consolidation(struct tree *t, struct iteration *it, const struct export_item *item,
                          struct error *err)
{
    struct buf *text = &t->x->line;

    if (item->origin != EXPORT_HUMAN || item->answer_count == 0)
        return true;
    buf_clear(text);
    request_json(t->x->options, item, text);
    if (!list_put(t, &it->request, text, err))
        return false;
    buf_clear(text);
    response_json(t->x, item, text);
    return list_put(t, &it->response, text, err);
}

static bool tree_item(struct tree *t, const struct export_item *item, struct error *err)
{
    struct exporter *x = t->x;
    struct iteration *it = NULL;
    int64_t us = item->origin == EXPORT_FAILED ? item->failed_us : item->label.created_us;

    if (item->iteration > 0 && !(it = iteration(t, item->iteration, err)))
        return false;
    if (!export_line(x, item, err) ||
        !stream_put(&t->spool, &t->manifest, x->line.data, x->line.size, err))
        return false;
    t->latest_us = us > t->latest_us ? us : t->latest_us;
    if (!it)
        return true;
    it->latest_us = us > it->latest_us ? us : it->latest_us;
    return stream_put(&t->spool, &it->lines, x->line.data, x->line.size, err) &&
           worker_response(t, item, err) && consolidation(t, it, item, err);
}

static bool to_file(void *ctx, const void *bytes, size_t size, struct error *err)
{
    return tree_out_data(ctx, bytes, size, err);
}

static bool stream_file(struct tree *t, const char *path, int64_t us, const struct stream *stream,
                        struct error *err)
{
    return tree_out_begin(&t->out, path, stream->size, us, err) &&
           stream_read(&t->spool, stream, to_file, &t->out, err) && tree_out_end(&t->out, err);
}

static bool list_file(struct tree *t, const char *kind, size_t number, struct stream *list,
                      struct error *err)
{
    char path[160], time[CLOCK_TEXT_SIZE];
    int64_t us = t->v[number - 1].latest_us;

    if (list->size == 0)
        return true;
    snprintf(path, sizeof path,
             "annotations/consolidated-annotation/consolidation-%s/iteration-%zu/%s.json", kind,
             number, file_time(us, time));
    return stream_put(&t->spool, list, "]", 1, err) && stream_file(t, path, us, list, err);
}

static bool iteration_files(struct tree *t, size_t number, struct error *err)
{
    struct iteration *it = &t->v[number - 1];
    char path[80];

    if (it->lines.size == 0)
        return true;
    snprintf(path, sizeof path, "annotations/intermediate/%zu/annotations.json", number);
    return list_file(t, "request", number, &it->request, err) &&
           list_file(t, "response", number, &it->response, err) &&
           stream_file(t, path, it->latest_us, &it->lines, err);
}

static bool hash_piece(void *ctx, const void *bytes, size_t size, struct error *err)
{
    (void)err;
    sha256_add(ctx, bytes, size);
    return true;
}

static bool manifest_file(struct tree *t, bool tar, struct error *err)
{
    struct sha256 *sha;
    bool ok;

    if (!stream_file(t, tar ? manifest_path : manifest_part, t->latest_us, &t->manifest, err) ||
        !tree_out_settle(&t->out, manifest_part, manifest_path, err))
        return false;
    if (tar)
        return true;
    sha = sha256_new();
    ok = stream_read(&t->spool, &t->manifest, hash_piece, sha, err);
    sha256_text(sha, t->x->result.sha256);
    sha256_free(sha);
    return ok;
}

static void tree_release(struct tree *t)
{
    for (size_t i = 0; i < t->n; i++) {
        stream_release(&t->v[i].request);
        stream_release(&t->v[i].response);
        stream_release(&t->v[i].lines);
    }
    free(t->v);
    stream_release(&t->manifest);
    spool_release(&t->spool);
    tree_out_release(&t->out);
}

static bool other_files(struct tree *t, struct error *err)
{
    const struct export_source *source = t->x->source;
    struct export_file file;
    bool end = source->file == NULL;

    while (!end) {
        memset(&file, 0, sizeof file);
        if (!source->file(source->ctx, &file, &end, err))
            return false;
        if (!end && (!tree_out_begin(&t->out, file.path, (int64_t)file.size, file.modified_us,
                                     err) ||
                     !tree_out_data(&t->out, file.bytes, file.size, err) ||
                     !tree_out_end(&t->out, err)))
            return false;
    }
    return true;
}

bool export_tree(struct exporter *x, int folder, struct error *err)
{
    struct tree t = {.x = x};
    struct export_item item;
    bool end = false, ok = false;

    spool_init(&t.spool);
    if (!tree_out_open(&t.out, x, folder, err))
        goto out;
    for (;;) {
        if (!exporter_next(x, &item, &end, err))
            goto out;
        if (end)
            break;
        if (!tree_item(&t, &item, err))
            goto out;
    }
    for (size_t number = 1; number <= t.n; number++)
        if (!iteration_files(&t, number, err))
            goto out;
    ok = other_files(&t, err) && manifest_file(&t, folder < 0, err) &&
         tree_out_finish(&t.out, err);
out:
    tree_release(&t);
    return ok;
}
