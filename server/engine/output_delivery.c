/* output_delivery.c - the files of a delivery: who answered what, and what came of it.
 *
 * Of each item that people labelled for the first time all answers are written, one object an item.
 * Then the delivery's items are one consolidation request and one response, named by the delivery's
 * time. A label that supersedes another one (the last fit, when a job ends, may see items in another
 * light) is in a later delivery, whose response names the new label; the answers are not written a
 * second time. Where a delivery holds both, its request and response speak of the newer one only.
 *
 * All of it is read from rows that never change: labels, answers that counted when they were made,
 * and the version of the label set they were made with. */
#include "output_parts.h"

#include "plumbline/exchange/tree.h"
#include "plumbline/store/aws.h"
#include "plumbline/store/items.h"
#include "scheduler.h"
#include "workers.h"

#include <stdlib.h>

enum { CONNECTIONS = 16, LIST_ITEM_MAX = 64 << 20 };

struct parcel {
    struct output_work    *work;
    const struct delivery *delivery;
    struct delivered      *v;
    int                    n;
    struct export_options  options;
    int64_t                version; /* of options.labels */
    struct workers         workers;
    struct arena           arena; /* of the item being written */
    struct tree_space      space;
    struct buf             text;
};

static bool go_on(const struct parcel *p, struct error *err)
{
    return !scheduler_stopping(p->work->service->scheduler) ||
           error_set(err, 503, "s3.stopped", "", "The service is stopping.");
}

/* The label set that the label was made with. */
static bool take_labels(struct parcel *p, int64_t version, struct error *err)
{
    struct output_work *w = p->work;

    if (p->options.labels && p->version == version)
        return true;
    if (p->options.labels)
        service_labels_give(w->service, p->options.labels);
    p->options.labels = service_labels_take(w->service, w->db, w->job.id, version, err);
    p->version = version;
    return p->options.labels != NULL;
}

/* A class outside of its label set must not become a stray read. */
static bool check(const struct parcel *p, const struct export_item *item, struct error *err)
{
    size_t n = p->options.labels->n;
    bool good = item->label.classes.n == 1 && (size_t)item->label.classes.v[0] < n;

    for (size_t i = 0; i < item->answer_count; i++) {
        const struct task_classes *c = &item->answers[i].answer;

        good = good && c->n == 1 && (size_t)c->v[0] < n;
    }
    return good || error_internal(err, "Item %lld has a class that is not in version %lld of the "
                                       "labels.", (long long)item->line, (long long)p->version);
}

/* The item as it was when the label was made. */
static bool load(struct parcel *p, const struct delivered *l, bool raw, struct export_item *out,
                 struct error *err)
{
    struct db *db = p->work->db;
    struct scanned_answer *answers;
    struct export_answer *list;
    struct payload payload = {0};
    int n;

    arena_release(&p->arena);
    if (!go_on(p, err) || !take_labels(p, l->label_set_version, err) ||
        !answers_first(db, l->item, l->answers, &p->arena, &answers, &n, err) ||
        (raw && !payload_get(db, l->item, &p->arena, &payload, err)))
        return false;
    list = arena_array(&p->arena, (size_t)n, sizeof *list);
    for (int i = 0; i < n; i++)
        list[i] = worker_answer(&p->workers, &answers[i], &p->arena);
    worker_answers_sort(list, (size_t)n);
    *out = (struct export_item){
        .line = item_line(l->item),
        .raw = payload.line,
        .raw_size = payload.line ? strlen(payload.line) : 0,
        .origin = EXPORT_HUMAN,
        .iteration = p->delivery->iteration,
        .label = {.classes = {&l->class_index, l->class_index >= 0},
                  .confidence = &l->confidence,
                  .human = true,
                  .job = p->work->job.name,
                  .created_us = l->created},
        .answers = list,
        .answer_count = (size_t)n};
    return check(p, out, err);
}

static bool too_long(const struct export_item *item, struct error *err)
{
    return error_internal(err, "What is to be written of line %lld is too long.",
                          (long long)item->line);
}

/* ---- an object an item ---- */

/* Here a task type whose label is a file of its own (a mask: `label_ref`) hands it over: before the
 * response and the manifest that speak of it. */
static bool put_item(struct parcel *p, struct s3_puts *puts, const struct delivered *l,
                     struct error *err)
{
    char path[TREE_PATH_SIZE];
    struct export_item item;
    const char *uri;

    if (!load(p, l, false, &item, err))
        return false;
    if (item.answer_count == 0)
        return true;
    buf_clear(&p->text);
    if (!tree_worker_response(&p->options, &item, &p->text))
        return too_long(&item, err);
    uri = bucket_join(&p->arena, p->work->uri, tree_worker_response_path(&item, path));
    if (p->text.size > S3_PART)
        return bucket_put(p->work->service, uri, p->text.data, p->text.size, "application/json",
                          err);
    return s3_puts_add(puts, uri, p->text.data, p->text.size, "application/json", err);
}

static bool put_items(struct parcel *p, struct error *err)
{
    struct s3_puts *puts = s3_puts_new(p->work->service->s3, CONNECTIONS);
    bool ok = true;

    for (int i = 0; ok && i < p->n; i++)
        ok = p->v[i].again || put_item(p, puts, &p->v[i], err);
    ok = ok && s3_puts_wait(puts, err);
    s3_puts_free(puts);
    return ok;
}

/* ---- lists of the delivery's items ---- */

static int by_id(const void *a, const void *b)
{
    const int64_t *id = a;
    const struct delivered *l = b;

    return (*id > l->label) - (*id < l->label);
}

/* Drops what a later label of the same delivery supersedes. */
static void keep_newest(struct parcel *p)
{
    int kept = 0;

    for (int i = 0; i < p->n; i++) {
        struct delivered *old = bsearch(&p->v[i].previous, p->v, (size_t)p->n, sizeof *p->v, by_id);

        if (old)
            old->item = 0;
    }
    for (int i = 0; i < p->n; i++)
        if (p->v[i].item)
            p->v[kept++] = p->v[i];
    p->n = kept;
}

static bool put_elements(struct parcel *p, bool request, struct s3_upload *u, struct error *err)
{
    for (int i = 0; i < p->n; i++) {
        struct export_item item;
        bool ok;

        if (!load(p, &p->v[i], request, &item, err))
            return false;
        buf_clear(&p->text);
        buf_puts(&p->text, i ? "," : "[");
        ok = request ? tree_request(&p->options, &item, &p->text)
                     : tree_response(&p->options, &item, &p->space, &p->text);
        if (!ok)
            return too_long(&item, err);
        if (!s3_upload_write(u, p->text.data, p->text.size, err))
            return false;
    }
    return s3_upload_write(u, "]", 1, err);
}

static bool put_list(struct parcel *p, bool request, struct error *err)
{
    const struct delivery *d = p->delivery;
    char path[TREE_PATH_SIZE];
    struct s3_upload *u;
    const char *uri;
    bool ok;

    tree_consolidation_path(request ? "request" : "response", d->iteration, d->created, path);
    uri = bucket_join(&p->work->arena, p->work->uri, path);
    u = s3_upload_new(p->work->service->s3, uri, "application/json", err);
    ok = u && put_elements(p, request, u, err) && s3_upload_finish(u, NULL, err);
    s3_upload_free(u);
    return ok;
}

bool output_write_delivery(struct output_work *w, const struct delivery *d, struct error *err)
{
    struct parcel p = {.work = w,
                       .delivery = d,
                       .workers = {.service = w->service},
                       .options = {.format = EXPORT_TREE,
                                   .type = task_type_find(w->job.type),
                                   .job = w->job.name,
                                   .attribute = w->job.label_attribute}};
    struct aws_job said = {0};
    bool ok, found;

    arena_init(&p.arena);
    tree_space_init(&p.space);
    buf_init(&p.text, LIST_ITEM_MAX);
    ok = aws_job_get(w->db, w->job.id, &w->arena, &said, &found, err) &&
         delivery_labels(w->db, d, &w->arena, &p.v, &p.n, err);
    p.options.element = said.element;
    if (ok && p.n > 0) {
        ok = put_items(&p, err);
        keep_newest(&p);
        ok = ok && put_list(&p, true, err) && put_list(&p, false, err);
    }
    if (p.options.labels)
        service_labels_give(w->service, p.options.labels);
    buf_release(&p.text);
    tree_space_release(&p.space);
    arena_release(&p.arena);
    return ok;
}
