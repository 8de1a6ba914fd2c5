/* snapshot.c - items, labels and answers of a job on their way into an export. */
#include "snapshot.h"

#include "plumbline/store/aws.h"
#include "plumbline/store/items.h"
#include "plumbline/store/work.h"
#include "scheduler.h"

#include <stdio.h>
#include <string.h>

enum { ROWS_A_LOOK = 1000 }; /* rows between two looks at whether the service is stopping */

static bool scan_end(struct snapshot *x, struct error *err)
{
    bool ok = label_scan_close(x->scan, err);

    ok = label_scan_close(x->answers, ok ? err : NULL) && ok;
    x->scan = x->answers = NULL;
    return ok;
}

static bool find_element(struct snapshot *x, struct error *err)
{
    struct aws_job said = {0};
    bool found;

    if (!aws_job_get(x->db, x->job.id, &x->lasting, &said, &found, err))
        return false;
    x->element = said.element;
    return true;
}

bool snapshot_begin(struct snapshot *x, struct service *s, struct db *db, int64_t job,
                    int64_t moment, struct error *err)
{
    *x = (struct snapshot){.service = s, .db = db, .moment = moment, .workers = {.service = s}};
    arena_init(&x->lasting);
    arena_init(&x->arena);
    if (!db_begin_read(db, err) || !job_get(db, job, &x->lasting, &x->job, err) ||
        !find_element(x, err))
        return false;
    x->type = task_type_find(x->job.type);
    x->labels = service_labels_take(s, db, job, x->job.label_set_version, err);
    return x->labels != NULL;
}

void snapshot_end(struct snapshot *x)
{
    scan_end(x, NULL);
    if (x->labels)
        service_labels_give(x->service, x->labels);
    db_end_read(x->db);
    arena_release(&x->arena);
    arena_release(&x->lasting);
}

static void begin(struct snapshot *x, enum export_format format, struct stmt *scan)
{
    scan_end(x, NULL);
    x->format = format;
    x->scan = scan;
    x->count = 0;
}

bool snapshot_all(struct snapshot *x, enum export_format format, bool provisional,
                  struct error *err)
{
    x->depth = provisional                 ? SCAN_GUESSES
               : format == EXPORT_MANIFEST ? SCAN_MANIFEST
                                           : SCAN_ROWS;
    begin(x, format, label_scan_open(x->db, x->job.id, x->depth));
    if (format != EXPORT_TREE)
        return true;
    x->answers = answer_scan_open(x->db, x->job.id);
    x->has_answer = answer_scan_next(x->answers, &x->answer);
    return round_list(x->db, x->job.id, &x->lasting, &x->rounds.v, &x->rounds.n, err);
}

void snapshot_iteration(struct snapshot *x, int64_t iteration)
{
    x->depth = SCAN_MANIFEST;
    begin(x, EXPORT_MANIFEST, label_scan_iteration(x->db, x->job.id, iteration));
}

void snapshot_round(struct snapshot *x, int64_t round)
{
    x->depth = SCAN_MANIFEST;
    begin(x, EXPORT_MANIFEST, label_scan_round(x->db, x->job.id, round));
}

/* Who answered the item, for the worker responses of the output tree: both scans run in the order of
 * items, so the item's answers are the next ones. */
static void take_answers(struct snapshot *x, struct export_item *out)
{
    struct export_answer *list;
    size_t used = 0;

    out->answer_count = (size_t)x->at.answers;
    if (!x->answers)
        return;
    arena_release(&x->arena);
    list = arena_array(&x->arena, (size_t)x->at.answers, sizeof *list);
    while (x->has_answer && x->answer.item <= x->at.item) {
        if (x->answer.item == x->at.item && used < (size_t)x->at.answers)
            list[used++] = worker_answer(&x->workers, &x->answer, &x->arena);
        x->has_answer = answer_scan_next(x->answers, &x->answer);
    }
    worker_answers_sort(list, used);
    out->answers = list;
    out->answer_count = used;
}

static const char *model_name(struct snapshot *x, int64_t model)
{
    if (model != x->model_id)
        snprintf(x->model, sizeof x->model, "model_%lld", (long long)model);
    x->model_id = model;
    return model ? x->model : NULL;
}

/* An item belongs to the iteration in which people labelled it first. */
static bool find_iteration(struct snapshot *x, int64_t *iteration, struct error *err)
{
    int64_t created = x->at.created;

    if (x->at.previous && !label_first_by_people(x->db, x->at.previous, &created, err))
        return false;
    *iteration = round_iteration(x->rounds.v, x->rounds.n, created);
    return true;
}

static bool take_label(struct snapshot *x, struct export_item *out, struct error *err)
{
    const struct scanned_label *l = &x->at;
    bool human = l->state == ITEM_HUMAN;

    x->class_index = l->class_index;
    x->confidence = l->guessed ? l->posterior : l->confidence;
    out->label.classes = (struct task_classes){&x->class_index, 1};
    out->label.confidence = &x->confidence;
    out->label.model = model_name(x, l->model);
    out->label.created_us = l->guessed ? x->moment : l->created;
    out->label.provisional = l->guessed;
    out->label.round = l->round;
    out->label.estimate = l->estimate;
    out->posterior = &l->posterior;
    out->origin = human ? EXPORT_HUMAN : EXPORT_MACHINE;
    return !human || x->format != EXPORT_TREE || find_iteration(x, &out->iteration, err);
}

static bool next_row(struct snapshot *x, bool *end, struct error *err)
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
    struct snapshot *x = context;
    const struct scanned_label *l = &x->at;

    if (!next_row(x, end, err))
        return false;
    if (*end)
        return true;
    out->line = item_line(l->item);
    out->raw = l->raw;
    out->raw_size = l->raw_size;
    out->key = l->key;
    if (!out->key && x->format == EXPORT_JSONL) {
        snprintf(x->key, sizeof x->key, "item_%lld", (long long)l->item);
        out->key = x->key;
    }
    if (l->labelled) {
        take_answers(x, out);
        return take_label(x, out, err);
    }
    if (l->state == ITEM_FAILED) {
        out->origin = EXPORT_FAILED;
        out->failure = l->failure ? l->failure : "failed";
        out->failed_us = x->job.finished ? x->job.finished : x->moment;
    } else if (l->state == ITEM_KEPT) {
        out->origin = EXPORT_KEPT;
    } else if (l->guessed) {
        return take_label(x, out, err);
    }
    return true;
}

static bool next_file(void *context, struct export_file *out, bool *end, struct error *err)
{
    struct snapshot *x = context;

    arena_release(&x->arena); /* the file before is written: one model is held at a time */
    return round_files_next(&x->rounds, x->db, &x->arena, out, end, err);
}

struct export_source snapshot_source(struct snapshot *x)
{
    return (struct export_source){.ctx = x, .next = next_item, .file = next_file};
}

struct export_options snapshot_options(const struct snapshot *x)
{
    return (struct export_options){.format = x->format,
                                   .type = x->type,
                                   .labels = x->labels,
                                   .element = x->element,
                                   .job = x->job.name,
                                   .attribute = x->job.label_attribute};
}
