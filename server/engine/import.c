/* import.c - a manifest, a table or a folder becomes items, in pieces.
 *
 * Each piece is one transaction that also moves the import's count of lines. After a crash the
 * source is read again from the start, and the lines that are already counted are passed over:
 * nothing is added twice and nothing is left out. */
#include "import_pipe.h"
#include "known_keys.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/disk.h"
#include "plumbline/base/log.h"
#include "plumbline/exchange/manifest.h"
#include "scheduler.h"
#include "transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PUBLISH_US = 400000 };

struct importer {
    struct service      *service;
    struct import_row    row;
    struct job           job;
    const struct task_type *type;
    const char          *base; /* folder of relative paths, or NULL */
    struct prober       *prober;
    struct import_pipe  *pipe;
    struct known_keys   *known;
    bool                 fresh; /* the job had no items when this began */
    int64_t              seen; /* lines reported by the reader in this run */
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
        json = json_pack("{s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "id",
                         json_sprintf("imp_%lld", (long long)row.id), "state",
                         transfer_state_names[row.state], "lines", (json_int_t)row.lines, "added",
                         (json_int_t)row.added, "duplicates", (json_int_t)row.duplicates,
                         "failed", (json_int_t)row.failed, "bytes", (json_int_t)row.bytes,
                         "bytes_total", (json_int_t)row.bytes_total);
        im->service->publish(im->service->publish_context, im->job.id, "import", json);
        json_decref(json);
    }
    arena_release(&a);
    db_pool_give(im->service->pool, db);
    service_publish_counts(im->service, im->job.id);
}

/* The line is in its piece. */
static bool taken(struct importer *im, struct error *err)
{
    bool sent;

    if (!import_pipe_line(im->pipe, &sent, err))
        return false;
    if (!sent)
        return true;
    publish(im, false);
    if (scheduler_stopping(im->service->scheduler))
        return error_set(err, 503, "import.interrupted", "", "The service is stopping.");
    return true;
}

/* A place for the next line in the piece that is being filled. NULL: the line was dealt with before
 * a restart, or its item is there already. */
static struct item_in *begin_line(struct importer *im, int64_t consumed, const char *key,
                                  const char *raw, size_t size)
{
    struct import_piece *piece = import_pipe_piece(im->pipe);
    struct item_in *in;
    uint64_t hash;

    if (++im->seen <= im->row.lines)
        return NULL;
    piece->work.lines++;
    piece->work.bytes = consumed;
    hash = items_key(key);
    if (!(im->fresh && manifest_key_is_of_line(key)) && !known_keys_add(im->known, hash)) {
        piece->work.duplicates++;
        return NULL;
    }
    in = &piece->item[piece->work.n++];
    *in = (struct item_in){.key = hash};
    in->payload.line = arena_strndup(&piece->texts, raw, size);
    piece->bytes += size;
    return in;
}

static bool take_ref(struct importer *im, const char *ref, struct payload *out, struct error *err)
{
    struct arena *texts = &import_pipe_piece(im->pipe)->texts;
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
         items_take_image(im->service, im->prober, bytes, size, texts, out, err);
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
    out->media = arena_strdup(&import_pipe_piece(im->pipe)->texts, name);
    return true;
}

static void add_error(struct importer *im, int64_t file_line, const char *code,
                      const char *message)
{
    struct import_piece *piece = import_pipe_piece(im->pipe);

    if (im->row.failed >= IMPORT_ERRORS_KEPT)
        return;
    im->row.failed++;
    piece->error[piece->work.n_errors++] =
        (struct import_error){.line = file_line,
                              .code = arena_strdup(&piece->texts, code),
                              .message = arena_strdup(&piece->texts, message)};
}

static const char *own_id(struct arena *texts, json_t *object)
{
    json_t *id = json_object_get(object, "id");

    if (json_is_integer(id))
        return arena_printf(texts, "%lld", (long long)json_integer_value(id));
    return arena_strdup(texts, json_string_value(id));
}

static bool take_image(struct importer *im, const struct manifest_item *m, struct item_in *in,
                       struct error *err)
{
    struct error why = {0};

    if (take_ref(im, m->ref, &in->payload, &why))
        return true;
    if (why.status >= 500) {
        *err = why;
        return false;
    }
    in->failed = true;
    in->kept = false;
    in->payload.failure = arena_printf(&import_pipe_piece(im->pipe)->texts, "%s: %s", m->ref,
                                       why.message);
    add_error(im, m->file_line, why.code, in->payload.failure);
    return true;
}

static bool on_item(void *context, const struct manifest_item *m, struct error *err)
{
    struct importer *im = context;
    struct item_in *in = begin_line(im, m->consumed, m->key, m->raw, m->raw_size);
    json_t *label;

    if (!in)
        return im->seen <= im->row.lines || taken(im, err);
    in->id = own_id(&import_pipe_piece(im->pipe)->texts, m->object);
    label = json_object_get(m->object, im->job.label_attribute);
    in->kept = label && !json_is_null(label);
    if (im->type->media == TASK_TEXT && !take_text(im, m, &in->payload, err))
        return false;
    if (im->type->media == TASK_IMAGE && !take_image(im, m, in, err))
        return false;
    return taken(im, err);
}

static bool on_bad(void *context, const struct manifest_bad *m, struct error *err)
{
    struct importer *im = context;
    struct item_in *in = begin_line(im, m->consumed, m->key, m->raw, m->raw_size);

    if (!in)
        return im->seen <= im->row.lines || taken(im, err);
    in->payload.failure = arena_strdup(&import_pipe_piece(im->pipe)->texts, m->message);
    in->failed = true;
    add_error(im, m->file_line, m->code, m->message);
    return taken(im, err);
}

static bool read_source(struct importer *im, struct error *err)
{
    struct manifest_options options = {
        .media = im->type->media, .load_text = true, .scratch = im->service->cache_dir};
    struct manifest_sink sink = {.ctx = im, .item = on_item, .bad = on_bad};
    char folder[PATH_MAX];
    struct stat st = {0};

    stat(im->row.path, &st); /* where it is gone the reader says so */
    im->pipe = import_pipe_new(im->service, &im->row, S_ISREG(st.st_mode) ? st.st_size : 0);
    if (!im->row.owned) {
        snprintf(folder, sizeof folder, "%s", im->row.path);
        if (!S_ISDIR(st.st_mode)) {
            char *slash = strrchr(folder, '/');

            if (slash)
                *slash = '\0';
        }
        im->base = folder;
        options.base = folder;
    }
    return manifest_read_path(im->row.path, &options, &sink, NULL, err) &&
           import_pipe_end(im->pipe, err);
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

/* Reads the source to its end, or as far as it goes. */
static bool read_all(struct importer *im, struct error *err)
{
    struct db *db = db_pool_take(im->service->pool, err);
    bool ok = db && known_keys_open(im->known, db, im->job.id, err);

    im->fresh = im->job.next_line == 0;
    db_pool_give(im->service->pool, db);
    if (!ok)
        return false;
    im->type = task_type_find(im->job.type);
    im->prober = prober_new(im->service);
    ok = read_source(im, err);
    prober_free(im->prober);
    import_pipe_free(im->pipe);
    if (!ok)
        known_keys_forget(im->known, im->job.id);
    return ok;
}

/* False: it must wait, for the next start or for a disk that takes what it reads. */
static bool run_import(struct importer *im)
{
    static log_gate gate;

    struct error err = {0}, why = {0};
    struct finish finish = {.import = im->row.id};

    finish.ok = read_all(im, &err);
    finish.message = finish.ok ? NULL : err.message;
    if (strcmp(err.code, "import.interrupted") == 0)
        return false; /* taken up again at the next start */
    if (!finish.ok && disk_may_recover(&err)) {
        if (log_gate_opens(&gate))
            log_warn("import=%lld waits: %s", (long long)im->row.id, err.message);
        return false; /* what is on disk is counted; it goes on behind that */
    }
    if (!transfer_write(im->service, finish_write, &finish, &why)) {
        log_error("import=%lld cannot be finished: %s", (long long)im->row.id, why.message);
        return true;
    }
    if (im->row.owned)
        unlink(im->row.path);
    log_info("import=%lld job=%lld %s", (long long)im->row.id, (long long)im->job.id,
             finish.ok ? "done" : err.message);
    publish(im, true);
    service_wake(im->service);
    return true;
}

void *transfer_import_new(struct service *s)
{
    return known_keys_new(s->cache_dir);
}

void transfer_import_free(void *own)
{
    known_keys_free(own);
}

bool transfer_import_next(struct service *s, void *own)
{
    static log_gate gate;
    struct error err = {0};
    struct db *db = db_pool_take(s->pool, &err);
    struct importer *im = NULL;
    struct arena a;
    int64_t id = 0;
    bool found = false, goes_on = false;

    arena_init(&a);
    known_keys_rest(own);
    if (db && import_running(db, 0, &id, &err) && id > 0) {
        im = must_alloc(sizeof *im);
        im->service = s;
        im->known = own;
        found = import_get(db, id, &a, &im->row, &err) &&
                job_get(db, im->row.job, &a, &im->job, &err);
    }
    db_pool_give(s->pool, db);
    if (found)
        goes_on = run_import(im);
    free(im);
    arena_release(&a);
    if (err.status && log_gate_opens(&gate))
        log_warn("import: %s", err.message);
    return goes_on;
}
