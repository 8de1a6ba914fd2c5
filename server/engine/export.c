/* export.c - an immutable snapshot of a job's labels, written as it was at one moment. */
#include "plumbline/exchange/export.h"

#include "files.h"
#include "plumbline/base/log.h"
#include "plumbline/store/items.h"
#include "plumbline/store/label_scan.h"
#include "plumbline/store/learning.h"
#include "plumbline/store/transfers.h"
#include "plumbline/store/work.h"
#include "scheduler.h"
#include "transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_A_LOOK = 1000 }; /* rows between two looks at whether the service is stopping */

struct exporter {
    struct service         *service;
    struct db              *db; /* in one long read */
    struct job              job;
    struct export_row       row;
    const struct task_type *type;
    const struct label_set *labels;
    struct arena            arena; /* of the item being written */
    struct stmt            *scan, *answers; /* answers: for a tree only */
    enum label_scan_depth   depth;
    struct scanned_label    at;
    struct scanned_answer   answer; /* the next one, of this item or of a later one */
    bool                    has_answer;
    int64_t                 count;
    int                     class_index; /* of the item being written */
    double                  confidence;
    int64_t                 model_id; /* whose name is in model */
    char                    model[32];
    char                    key[32];
    struct arena            learning; /* the rounds, for the tree */
    struct round_row       *rounds;
    int                     n_rounds, file; /* two files a round */
};

static void scan_begin(struct exporter *x)
{
    x->depth = x->row.provisional                 ? SCAN_GUESSES
               : x->row.format == EXPORT_MANIFEST ? SCAN_MANIFEST
                                                  : SCAN_ROWS;
    x->scan = label_scan_open(x->db, x->job.id, x->depth);
    if (x->row.format != EXPORT_TREE)
        return;
    x->answers = answer_scan_open(x->db, x->job.id);
    x->has_answer = answer_scan_next(x->answers, &x->answer);
}

static bool scan_end(struct exporter *x, struct error *err)
{
    bool ok = label_scan_close(x->scan, err);

    ok = label_scan_close(x->answers, ok ? err : NULL) && ok;
    x->scan = x->answers = NULL;
    return ok;
}

static int by_time(const void *a, const void *b)
{
    const struct export_answer *x = a, *y = b;

    return (x->accepted_us > y->accepted_us) - (x->accepted_us < y->accepted_us);
}

/* Who answered the item, for the worker responses of the output tree: both scans run in the order of
 * items, so the item's answers are the next ones. */
static void take_answers(struct exporter *x, struct export_item *out)
{
    struct export_answer *list;
    size_t used = 0;

    out->answer_count = (size_t)x->at.answers;
    if (!x->answers)
        return;
    arena_release(&x->arena);
    list = arena_array(&x->arena, (size_t)x->at.answers, sizeof *list);
    while (x->has_answer && x->answer.item <= x->at.item) {
        const struct scanned_answer *a = &x->answer;

        if (a->item == x->at.item && used < (size_t)x->at.answers) {
            int *class_index = arena_alloc(&x->arena, sizeof *class_index);

            *class_index = a->class_index;
            list[used++] = (struct export_answer){
                .worker = arena_printf(&x->arena, "person_%lld", (long long)a->person),
                .accepted_us = a->accepted,
                .submitted_us = a->created,
                .seconds = (double)a->active_ms / 1000,
                .answer = {class_index, a->class_index >= 0}};
        }
        x->has_answer = answer_scan_next(x->answers, &x->answer);
    }
    if (used > 1)
        qsort(list, used, sizeof *list, by_time);
    out->answers = list;
    out->answer_count = used;
}

static const char *model_name(struct exporter *x, int64_t model)
{
    if (model != x->model_id)
        snprintf(x->model, sizeof x->model, "model_%lld", (long long)model);
    x->model_id = model;
    return model ? x->model : NULL;
}

static void take_label(struct exporter *x, struct export_item *out)
{
    const struct scanned_label *l = &x->at;
    bool human = l->state == ITEM_HUMAN;

    x->class_index = l->class_index;
    x->confidence = l->guessed ? l->posterior : l->confidence;
    out->label.classes = (struct task_classes){&x->class_index, 1};
    out->label.confidence = &x->confidence;
    out->label.model = model_name(x, l->model);
    out->label.created_us = l->guessed ? x->row.created : l->created;
    out->label.provisional = l->guessed;
    out->label.round = l->round;
    out->label.estimate = l->estimate;
    out->posterior = &l->posterior;
    out->origin = human ? EXPORT_HUMAN : EXPORT_MACHINE;
    out->iteration = human ? 1 : 0;
}

static bool next_row(struct exporter *x, bool *end, struct error *err)
{
    if (x->count++ % ROWS_A_LOOK == 0 && scheduler_stopping(x->service->scheduler))
        return error_set(err, 503, "export.interrupted", "", "The service is stopping.");
    if (label_scan_next(x->scan, x->depth, &x->at))
        return true;
    *end = true;
    return scan_end(x, err);
}

static bool next_item(void *context, struct export_item *out, bool *end, struct error *err)
{
    struct exporter *x = context;
    const struct scanned_label *l = &x->at;

    if (!next_row(x, end, err))
        return false;
    if (*end)
        return true;
    out->line = item_line(l->item);
    out->raw = l->raw;
    out->raw_size = l->raw_size;
    out->key = l->key;
    if (!out->key && x->row.format == EXPORT_JSONL) {
        snprintf(x->key, sizeof x->key, "item_%lld", (long long)l->item);
        out->key = x->key;
    }
    if (l->labelled) {
        take_label(x, out);
        take_answers(x, out);
    } else if (l->state == ITEM_FAILED) {
        out->origin = EXPORT_FAILED;
        out->failure = l->failure ? l->failure : "failed";
        out->failed_us = x->row.created;
    } else if (l->state == ITEM_KEPT) {
        out->origin = EXPORT_KEPT;
    } else if (l->guessed) {
        take_label(x, out);
    }
    return true;
}

/* What the machine learned, round by round: the model's bytes, and what was found with it. */
static const char *metrics_json(struct arena *a, const struct round_row *r)
{
    json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:f, s:s, s:s}", "round",
                             (json_int_t)r->number, "human", (json_int_t)r->human, "automatic",
                             (json_int_t)r->automatic, "rest", (json_int_t)r->rest, "estimate",
                             r->estimate, "low", r->low, "high", r->high, "target", r->target,
                             "decision", r->decision, "sentence", r->sentence);
    char *text = json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    const char *kept = arena_strdup(a, text);

    free(text);
    json_decref(json);
    return kept;
}

static bool next_file(void *context, struct export_file *out, bool *end, struct error *err)
{
    struct exporter *x = context;
    struct arena *a = &x->learning;
    const struct round_row *r;
    const char *what;

    if (!x->rounds && !round_list(x->db, x->job.id, a, &x->rounds, &x->n_rounds, err))
        return false;
    while (x->file < 2 * x->n_rounds && x->file % 2 == 0 && !x->rounds[x->file / 2].model)
        x->file++;
    if (x->file >= 2 * x->n_rounds) {
        *end = true;
        return true;
    }
    arena_release(&x->arena); /* the file before is written: one model is held at a time */
    a = &x->arena;
    r = &x->rounds[x->file / 2];
    what = x->file % 2 == 0 ? "model.bin" : "metrics.json";
    out->path = arena_printf(a, "training/iteration-%lld/%s", (long long)r->number, what);
    out->modified_us = r->created;
    if (x->file++ % 2 == 0)
        return model_bytes(x->db, r->model, a, &out->bytes, &out->size, err);
    out->bytes = metrics_json(a, r);
    out->size = strlen(out->bytes);
    return true;
}

static bool write_snapshot(struct exporter *x, struct error *err)
{
    struct export_options options = {.format = (enum export_format)x->row.format,
                                     .type = x->type,
                                     .labels = x->labels,
                                     .job = x->job.name,
                                     .attribute = x->job.label_attribute,
                                     .labelled_only = x->row.scope == 1};
    struct export_source source = {.ctx = x, .next = next_item, .file = next_file};
    struct export_result result;
    char path[PATH_MAX];

    files_export_path(x->service, x->row.id, x->row.format, path);
    scan_begin(x);
    if (!export_write_path(&options, &source, path, &result, err))
        return false;
    x->row.lines = result.lines;
    x->row.bytes = result.bytes;
    x->row.sha256 = arena_strdup(&x->arena, result.sha256);
    return true;
}

static bool finish_write(struct db *db, void *context, struct error *err)
{
    return export_finish(db, context, err);
}

static void run_export(struct exporter *x)
{
    struct error err = {0}, why = {0};
    bool ok = db_begin_read(x->db, &err) && job_get(x->db, x->row.job, &x->arena, &x->job, &err) &&
              model_newest(x->db, x->row.job, &x->row.model, &err);
    struct job job = x->job;

    if (ok) { /* the arena is emptied with every page: what is needed throughout is copied */
        x->job.name = must_strdup(job.name);
        x->job.label_attribute = must_strdup(job.label_attribute);
        x->type = task_type_find(job.type);
        x->row.label_set_version = job.label_set_version;
        x->labels = service_labels_take(x->service, x->db, job.id, job.label_set_version, &err);
        ok = x->labels && write_snapshot(x, &err);
        service_labels_give(x->service, x->labels);
        free((char *)x->job.name);
        free((char *)x->job.label_attribute);
    }
    scan_end(x, NULL);
    db_end_read(x->db);
    if (strcmp(err.code, "export.interrupted") == 0)
        return; /* begun anew at the next start */
    x->row.state = ok ? TRANSFER_DONE : TRANSFER_FAILED;
    x->row.message = ok ? NULL : err.message;
    if (!transfer_write(x->service, finish_write, &x->row, &why) && why.status == 404)
        files_forget_export(x->service, &x->row); /* its job was deleted meanwhile */
    else if (why.status)
        log_error("export=%lld cannot be finished: %s", (long long)x->row.id, why.message);
    else
        log_info("export=%lld job=%lld %s", (long long)x->row.id, (long long)x->row.job,
                 ok ? "done" : err.message);
    if (x->service->publish) {
        json_t *json = json_pack("{s:o, s:s}", "id", json_sprintf("exp_%lld", (long long)x->row.id),
                                 "state", transfer_state_names[x->row.state]);

        x->service->publish(x->service->publish_context, x->row.job, "export", json);
        json_decref(json);
    }
}

bool transfer_export_next(struct service *s, void *own)
{
    static log_gate gate;
    struct error err = {0};
    struct exporter x = {.service = s, .db = db_pool_take(s->pool, &err)};
    int64_t id = 0;
    bool found = false;

    (void)own;
    arena_init(&x.arena);
    arena_init(&x.learning);
    if (x.db && export_running(x.db, &id, &err) && id > 0)
        found = export_get(x.db, id, &x.arena, &x.row, &err);
    if (found)
        run_export(&x);
    arena_release(&x.arena);
    arena_release(&x.learning);
    db_pool_give(s->pool, x.db);
    if (err.status && log_gate_opens(&gate))
        log_warn("export: %s", err.message);
    return found;
}
