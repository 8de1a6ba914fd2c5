/* import.c - a manifest, a table or a folder becomes items, in pieces of 500.
 *
 * Each piece is one transaction that also moves the import's count of lines. After a crash the
 * source is read again from the start, and the lines that are already counted are passed over:
 * nothing is added twice and nothing is left out. */
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/engine/items.h"
#include "plumbline/exchange/manifest.h"
#include "plumbline/store/transfers.h"
#include "scheduler.h"
#include "transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 500, PIECE_BYTES = 4 << 20, PUBLISH_US = 400000 };

struct importer {
    struct service      *service;
    struct import_row    row;
    struct job           job;
    const struct task_type *type;
    const char          *base; /* folder of relative paths, or NULL */
    struct prober       *prober;
    struct arena         piece; /* texts of the pending items */
    struct item_in       item[PIECE];
    struct import_error  error[PIECE];
    int                  items, errors;
    size_t               bytes;
    int64_t              seen;    /* lines reported by the reader in this run */
    int64_t              pending; /* of them not yet on disk */
    int64_t              published;
};

static void publish(struct importer *im, bool now)
{
    struct error err = {0};
    struct import_row row;
    struct arena a;
    struct db *db;
    json_t *json;

    if (!im->service->publish ||
        (!now && clock_monotonic_us() < im->published + PUBLISH_US))
        return;
    im->published = clock_monotonic_us();
    db = db_pool_take(im->service->pool, &err);
    arena_init(&a);
    if (db && import_get(db, im->row.id, &a, &row, &err)) {
        json = json_pack("{s:o, s:s, s:I, s:I, s:I, s:I}", "id",
                         json_sprintf("imp_%lld", (long long)row.id), "state",
                         transfer_state_names[row.state], "lines", (json_int_t)row.lines, "added",
                         (json_int_t)row.added, "duplicates", (json_int_t)row.duplicates,
                         "failed", (json_int_t)row.failed);
        im->service->publish(im->service->publish_context, im->job.id, "import", json);
        json_decref(json);
    }
    arena_release(&a);
    db_pool_give(im->service->pool, db);
    service_publish_counts(im->service, im->job.id);
}

static bool flush(struct importer *im, struct error *err)
{
    struct items_call call = {.service = im->service,
                              .job = im->job.id,
                              .import = im->row.id,
                              .v = im->item,
                              .n = im->items,
                              .lines = im->pending,
                              .errors = im->error,
                              .n_errors = im->errors};

    if (im->pending == 0)
        return true;
    if (!writer_call(im->service->writer, items_add, &call, err))
        return false;
    im->items = im->errors = 0;
    im->bytes = 0;
    im->pending = 0;
    arena_release(&im->piece);
    publish(im, false);
    service_wake(im->service);
    if (scheduler_stopping(im->service->scheduler))
        return error_set(err, 503, "import.interrupted", "", "The service is stopping.");
    return true;
}

/* False when the line was already dealt with before a restart. */
static bool is_new(struct importer *im)
{
    if (++im->seen <= im->row.lines)
        return false;
    im->pending++;
    return true;
}

static bool full(const struct importer *im)
{
    return im->items == PIECE || im->bytes > PIECE_BYTES;
}

static bool take_ref(struct importer *im, const char *ref, struct payload *out, struct error *err)
{
    void *bytes = NULL;
    size_t size;
    int fd;
    bool ok;

    if (manifest_ref_is_uri(ref))
        return error_set(err, 422, "line.scheme", "", "\"%.80s\" is not a file that this server "
                         "can read; put the pictures beside the manifest or upload them.", ref);
    if (!im->base)
        return error_set(err, 422, "line.file", "", "\"%.80s\" is a path, but an upload has no "
                         "folder of files; upload the pictures themselves.", ref);
    if (!manifest_open(im->base, ref, &fd, err))
        return false;
    ok = blob_slurp(fd, IMAGE_FILE_MAX, &bytes, &size, err) &&
         items_take_image(im->service, im->prober, bytes, size, &im->piece, out, err);
    close(fd);
    free(bytes);
    return ok;
}

/* The text of a file is kept beside the item: the manifest's line stays as it came. */
static bool take_text(struct importer *im, const struct manifest_item *m, struct payload *out,
                      struct error *err)
{
    char name[BLOB_NAME_SIZE];

    if (!m->ref || !m->text)
        return true;
    if (!blob_put(im->service->blobs, m->text, m->text_size, name, err))
        return false;
    out->media = arena_strdup(&im->piece, name);
    return true;
}

static void add_error(struct importer *im, int64_t file_line, const char *code,
                      const char *message)
{
    if (im->row.failed + im->errors >= IMPORT_ERRORS_KEPT || im->errors == PIECE)
        return;
    im->error[im->errors++] = (struct import_error){.line = file_line,
                                                    .code = arena_strdup(&im->piece, code),
                                                    .message = arena_strdup(&im->piece, message)};
}

static const char *own_id(struct importer *im, json_t *object)
{
    json_t *id = json_object_get(object, "id");

    if (json_is_integer(id))
        return arena_printf(&im->piece, "%lld", (long long)json_integer_value(id));
    return arena_strdup(&im->piece, json_string_value(id));
}

static bool on_item(void *context, const struct manifest_item *m, struct error *err)
{
    struct importer *im = context;
    struct item_in *in = &im->item[im->items];
    struct error why = {0};
    json_t *label;

    if (!is_new(im))
        return true;
    memset(in, 0, sizeof *in);
    in->key = arena_strdup(&im->piece, m->key);
    in->id = own_id(im, m->object);
    in->payload.line = arena_strndup(&im->piece, m->raw, m->raw_size);
    im->items++;
    im->bytes += m->raw_size;
    label = json_object_get(m->object, im->job.label_attribute);
    in->kept = label && !json_is_null(label);
    if (im->type->media == TASK_TEXT && !take_text(im, m, &in->payload, err))
        return false;
    if (im->type->media == TASK_IMAGE && !take_ref(im, m->ref, &in->payload, &why)) {
        if (why.status == 507 || why.status == 500) {
            *err = why;
            return false;
        }
        in->failed = true;
        in->kept = false;
        in->payload.failure = arena_printf(&im->piece, "%s: %s", m->ref, why.message);
        add_error(im, m->file_line, why.code, in->payload.failure);
    }
    return !full(im) || flush(im, err);
}

static bool on_bad(void *context, const struct manifest_bad *m, struct error *err)
{
    struct importer *im = context;
    struct item_in *in = &im->item[im->items];

    if (!is_new(im))
        return true;
    memset(in, 0, sizeof *in);
    in->key = arena_strdup(&im->piece, m->key);
    in->payload.line = arena_strndup(&im->piece, m->raw, m->raw_size);
    in->payload.failure = arena_strdup(&im->piece, m->message);
    in->failed = true;
    im->items++;
    im->bytes += m->raw_size;
    add_error(im, m->file_line, m->code, m->message);
    return !full(im) || flush(im, err);
}

static bool read_source(struct importer *im, struct error *err)
{
    struct manifest_options options = {.media = im->type->media, .load_text = true};
    struct manifest_sink sink = {.ctx = im, .item = on_item, .bad = on_bad};
    char folder[4096];
    struct stat st;

    if (!im->row.owned) {
        snprintf(folder, sizeof folder, "%s", im->row.path);
        if (stat(folder, &st) == 0 && !S_ISDIR(st.st_mode)) {
            char *slash = strrchr(folder, '/');

            if (slash)
                *slash = '\0';
        }
        im->base = folder;
        options.base = folder;
    }
    return manifest_read_path(im->row.path, &options, &sink, NULL, err) && flush(im, err);
}

struct finish {
    int64_t     import;
    bool        ok;
    const char *message;
};

static bool finish_write(struct db *db, void *context, struct error *err)
{
    struct finish *f = context;

    return import_finish(db, f->import, f->ok, f->message, err);
}

static void run_import(struct importer *im)
{
    struct error err = {0}, why = {0};
    struct finish finish = {.import = im->row.id};

    im->type = task_type_find(im->job.type);
    im->prober = prober_new(im->service);
    finish.ok = read_source(im, &err);
    finish.message = finish.ok ? NULL : err.message;
    prober_free(im->prober);
    if (strcmp(err.code, "import.interrupted") == 0)
        return; /* taken up again at the next start */
    if (!writer_call(im->service->writer, finish_write, &finish, &why)) {
        log_error("import=%lld cannot be finished: %s", (long long)im->row.id, why.message);
        return;
    }
    if (im->row.owned)
        unlink(im->row.path);
    log_info("import=%lld job=%lld %s", (long long)im->row.id, (long long)im->job.id,
             finish.ok ? "done" : err.message);
    publish(im, true);
    service_wake(im->service);
}

bool transfer_import_next(struct service *s, void *own)
{
    struct error err = {0};
    struct db *db = db_pool_take(s->pool, &err);
    struct importer *im = NULL;
    struct arena a;
    int64_t id = 0;
    bool found = false;

    (void)own;
    arena_init(&a);
    if (db && import_running(db, &id, &err) && id > 0) {
        im = must_alloc(sizeof *im);
        im->service = s;
        arena_init(&im->piece);
        found = import_get(db, id, &a, &im->row, &err) &&
                job_get(db, im->row.job, &a, &im->job, &err);
    }
    db_pool_give(s->pool, db);
    if (found)
        run_import(im);
    if (im)
        arena_release(&im->piece);
    free(im);
    arena_release(&a);
    if (err.status)
        log_warn("import: %s", err.message);
    return found;
}
