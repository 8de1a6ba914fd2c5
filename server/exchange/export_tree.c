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
#include "plumbline/exchange/tree.h"

#include <stdlib.h>
#include <string.h>

enum { ITERATION_MAX = 100000 };

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

static bool whole_file(struct tree_out *out, const char *path, int64_t us, const struct buf *text,
                       struct error *err)
{
    return tree_out_begin(out, path, (int64_t)text->size, us, err) &&
           tree_out_data(out, text->data, text->size, err) && tree_out_end(out, err);
}

static bool worker_response(struct tree *t, const struct export_item *item, struct error *err)
{
    struct buf *text = &t->x->line;
    char path[TREE_PATH_SIZE];

    if (item->answer_count == 0)
        return true;
    buf_clear(text);
    if (!tree_worker_response(t->x->options, item, text))
        return exporter_full(err);
    return whole_file(&t->out, tree_worker_response_path(item, path), tree_answered_us(item), text,
                      err);
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
    tree_request(t->x->options, item, text);
    if (!list_put(t, &it->request, text, err))
        return false;
    buf_clear(text);
    tree_response(t->x->options, item, &t->x->space, text);
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
    int64_t us = t->v[number - 1].latest_us;
    char path[TREE_PATH_SIZE];

    if (list->size == 0)
        return true;
    tree_consolidation_path(kind, (int64_t)number, us, path);
    return stream_put(&t->spool, list, "]", 1, err) && stream_file(t, path, us, list, err);
}

static bool iteration_files(struct tree *t, size_t number, struct error *err)
{
    struct iteration *it = &t->v[number - 1];
    char path[TREE_PATH_SIZE];

    if (it->lines.size == 0)
        return true;
    tree_intermediate_path((int64_t)number, path);
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

    if (!stream_file(t, tar ? tree_manifest_path : manifest_part, t->latest_us, &t->manifest, err) ||
        !tree_out_settle(&t->out, manifest_part, tree_manifest_path, err))
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
