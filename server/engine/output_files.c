/* output_files.c - what a round and the state of a whole job leave in the output tree.
 *
 * A manifest is made in a file of the data folder first and then sent: a bucket may be slow, and a read
 * transaction that lasts as long as the sending would keep the log of the database from being cut. */
#include "output_parts.h"

#include "plumbline/base/disk.h"
#include "plumbline/exchange/tree.h"
#include "plumbline/store/items.h"
#include "snapshot.h"

#include <stdlib.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 64 << 20 };

static const char json_mime[] = "application/json", lines_mime[] = "application/x-ndjson";

/* ---- manifests ---- */

/* Which items a manifest has. */
struct choice {
    enum { ALL_ITEMS, OF_ITERATION, OF_ROUND, INFERRED_IN_ROUND } what;
    int64_t number;
};

/* The same items as the machine saw them. */
static bool make_inference(const struct export_options *o, const struct export_source *source,
                           int fd, struct error *err)
{
    struct tree_space space;
    struct buf text;
    bool end = false, ok = true;

    tree_space_init(&space);
    buf_init(&text, LINE_MAX_BYTES);
    while (ok) {
        struct export_item item = {0};

        ok = source->next(source->ctx, &item, &end, err);
        if (!ok || end)
            break;
        item.label.job = o->job;
        buf_clear(&text);
        ok = (tree_inference_line(o, &item, &space, &text) ||
              error_internal(err, "Line %lld is too long.", (long long)item.line)) &&
             (disk_write(fd, text.data, text.size) ||
              disk_error(err, "What is to be sent cannot be written"));
    }
    buf_release(&text);
    tree_space_release(&space);
    return ok;
}

static bool make(struct snapshot *from, struct choice choice, int fd, struct error *err)
{
    struct export_source source = snapshot_source(from);
    struct export_options options;

    if (choice.what == OF_ITERATION)
        snapshot_iteration(from, choice.number);
    else if (choice.what != ALL_ITEMS)
        snapshot_round(from, choice.number);
    else if (!snapshot_all(from, EXPORT_MANIFEST, false, err))
        return false;
    options = snapshot_options(from);
    if (choice.what == INFERRED_IN_ROUND)
        return make_inference(&options, &source, fd, err);
    return export_write_fd(&options, &source, fd, NULL, err);
}

static bool put_manifest(struct output_work *w, struct choice choice, const char *path,
                         struct error *err)
{
    struct snapshot from;
    bool ok;
    int fd;

    if (!bucket_spool(w->service, &fd, err))
        return false;
    ok = snapshot_begin(&from, w->service, w->db, w->job.id, w->job.started, err) &&
         make(&from, choice, fd, err);
    snapshot_end(&from);
    ok = ok &&
         bucket_put_fd(w->service, bucket_join(&w->arena, w->uri, path), fd, lines_mime, err);
    close(fd);
    return ok;
}

bool output_write_manifests(struct output_work *w, int64_t since, struct error *err)
{
    char path[TREE_PATH_SIZE];
    int64_t *iterations;
    int n;

    if (!delivery_iterations(w->db, w->job.id, since, &w->arena, &iterations, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        if (!put_manifest(w, (struct choice){OF_ITERATION, iterations[i]},
                          tree_intermediate_path(iterations[i], path), err))
            return false;
    return put_manifest(w, (struct choice){ALL_ITEMS, 0}, tree_manifest_path, err);
}

bool output_write_machine(struct output_work *w, struct error *err)
{
    int64_t *rounds;
    int n;

    if (!delivery_machine_rounds(w->db, w->job.id, &w->arena, &rounds, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        long long round = rounds[i];
        struct arena *a = &w->arena;

        if (!put_manifest(w, (struct choice){INFERRED_IN_ROUND, round},
                          arena_printf(a, "inference/iteration-%lld/unlabeled.manifest.out", round),
                          err) ||
            !put_manifest(w, (struct choice){OF_ROUND, round},
                          arena_printf(a, "activelearning/iteration-%lld/autoannotated.manifest",
                                       round), err))
            return false;
    }
    return true;
}

/* ---- rounds ---- */

/* The lines that a round learned from: its model's recipe names the items and their classes. */
struct lesson {
    struct output_work    *work;
    const struct round_row *round;
    struct export_options  options;
    struct tree_space      space;
    struct arena           arena; /* of one line */
    struct buf             text;
};

/* The label as it was then: the newest by people that is not younger than the round. */
static bool label_then(struct lesson *t, int64_t id, struct label_row *out, struct error *err)
{
    struct item item;

    *out = (struct label_row){0};
    if (!item_get(t->work->db, id, &item, err))
        return false;
    for (int64_t label = item.label; label; label = out->previous) {
        if (!label_get(t->work->db, label, &t->arena, out, err))
            return false;
        if (out->origin == LABEL_HUMAN && out->created <= t->round->created)
            return true;
    }
    *out = (struct label_row){.created = t->round->created};
    return true;
}

static bool put_line(struct lesson *t, int64_t id, int class_index, int fd, struct error *err)
{
    struct export_item item = {.line = item_line(id), .origin = EXPORT_HUMAN};
    struct label_row label;
    struct payload payload;

    arena_release(&t->arena);
    if (!payload_get(t->work->db, id, &t->arena, &payload, err) || !label_then(t, id, &label, err))
        return false;
    item.raw = payload.line;
    item.raw_size = strlen(payload.line);
    item.label = (struct task_label){.classes = {&class_index, 1},
                                     .confidence = &label.confidence,
                                     .human = true,
                                     .job = t->work->job.name,
                                     .created_us = label.created};
    buf_clear(&t->text);
    if (class_index < 0 || (size_t)class_index >= t->options.labels->n ||
        !tree_line(&t->options, &item, &t->space, &t->text))
        return error_internal(err, "Line %lld of what round %lld learned from cannot be written.",
                              (long long)item.line, (long long)t->round->number);
    return disk_write(fd, t->text.data, t->text.size) ||
           disk_error(err, "What is to be sent cannot be written");
}

/* recipe: {…,"label_set_version":1,…,"labels":[[item,class],…]}, as we wrote it ourselves. */
static bool put_lines(struct lesson *t, const char *recipe, int fd, struct error *err)
{
    const char *p = strstr(recipe, "\"labels\":[");

    p = p ? p + strlen("\"labels\":[") : "";
    while (*p == '[' || *p == ',') {
        char *end;
        int64_t item = strtoll(p + strspn(p, "[,"), &end, 10);
        int class_index = *end == ',' ? (int)strtol(end + 1, &end, 10) : -1;

        if (*end != ']')
            return error_internal(err, "The recipe of round %lld's model is damaged.",
                                  (long long)t->round->number);
        if (!put_line(t, item, class_index, fd, err))
            return false;
        p = end + 1;
    }
    return true;
}

static bool make_lesson(struct lesson *t, const char *recipe, int fd, struct error *err)
{
    const char *version = strstr(recipe, "\"label_set_version\":");
    struct output_work *w = t->work;
    bool ok;

    t->options.labels =
        service_labels_take(w->service, w->db, w->job.id,
                            version ? strtoll(strchr(version, ':') + 1, NULL, 10)
                                    : w->job.label_set_version, err);
    ok = t->options.labels && put_lines(t, recipe, fd, err);
    if (t->options.labels)
        service_labels_give(w->service, t->options.labels);
    return ok;
}

static bool put_lesson(struct output_work *w, const struct round_row *round, struct error *err)
{
    struct lesson t = {.work = w,
                       .round = round,
                       .options = {.format = EXPORT_MANIFEST,
                                   .type = task_type_find(w->job.type),
                                   .job = w->job.name,
                                   .attribute = w->job.label_attribute}};
    const char *recipe, *path;
    bool ok;
    int fd;

    if (!model_recipe(w->db, round->model, &w->arena, &recipe, err) ||
        !bucket_spool(w->service, &fd, err))
        return false;
    arena_init(&t.arena);
    tree_space_init(&t.space);
    buf_init(&t.text, LINE_MAX_BYTES);
    path = arena_printf(&w->arena, "training/iteration-%lld/train.manifest",
                        (long long)round->number);
    ok = make_lesson(&t, recipe, fd, err) &&
         bucket_put_fd(w->service, bucket_join(&w->arena, w->uri, path), fd, lines_mime, err);
    buf_release(&t.text);
    tree_space_release(&t.space);
    arena_release(&t.arena);
    close(fd);
    return ok;
}

bool output_write_round(struct output_work *w, struct round_row *round, struct error *err)
{
    struct round_files files = {.v = round, .n = 1};

    if (round->model && !put_lesson(w, round, err))
        return false;
    for (;;) {
        struct export_file file;
        const char *uri, *dot;
        bool end;

        if (!round_files_next(&files, w->db, &w->arena, &file, &end, err))
            return false;
        if (end)
            return true;
        uri = bucket_join(&w->arena, w->uri, file.path);
        dot = strrchr(file.path, '.');
        if (!bucket_put(w->service, uri, file.bytes, file.size,
                        strcmp(dot, ".json") == 0 ? json_mime : "application/octet-stream", err))
            return false;
    }
}
