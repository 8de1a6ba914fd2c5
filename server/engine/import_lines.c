/* import_lines.c - a manifest, a table or a folder becomes items, in pieces.
 *
 * Each piece is one transaction that also moves the import's count of lines. After a crash the
 * source is read again from the start, and the lines that are already counted are passed over:
 * nothing is added twice and nothing is left out. */
#include "import_lines.h"

#include "import_copy.h"
#include "import_fetch.h"
#include "plumbline/base/clock.h"
#include "scheduler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PUBLISH_US = 400000 };

void import_publish(struct importer *im, bool now)
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
        json = json_pack("{s:o, s:s, s:s*, s:I, s:I, s:I, s:I, s:I, s:I}", "id",
                         json_sprintf("imp_%lld", (long long)row.id), "state",
                         transfer_state_names[row.state], "message", row.message, "lines",
                         (json_int_t)row.lines, "added",
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

static void fail_item(void *context, int i, int64_t file_line, const char *code,
                      const char *message)
{
    struct importer *im = context;
    struct item_in *in = &import_pipe_piece(im->pipe)->item[i];

    in->failed = true;
    in->kept = false;
    in->payload.failure = arena_strdup(&import_pipe_piece(im->pipe)->texts, message);
    add_error(im, file_line, code, message);
}

/* The texts of the piece that lie in a bucket. */
static bool read_texts(struct importer *im, struct error *err)
{
    return import_texts_count(im->remote_texts) == 0 ||
           import_texts_read(im->remote_texts, import_pipe_piece(im->pipe), fail_item, im, err);
}

/* The piece goes out, or each of the texts might add an error more than it has room for. */
static bool texts_are_due(const struct importer *im)
{
    int n = import_texts_count(im->remote_texts);

    return n > 0 && (n + import_pipe_piece(im->pipe)->work.n_errors >= PIECE_ERRORS ||
                     import_pipe_is_full(im->pipe));
}

/* The line is in its piece. */
static bool taken(struct importer *im, struct error *err)
{
    bool sent;

    if (texts_are_due(im) && !read_texts(im, err))
        return false;
    if (!import_pipe_line(im->pipe, &sent, err))
        return false;
    if (!sent)
        return true;
    import_publish(im, false);
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

/* The bucket is written down with the piece, once. */
static void note_bucket(struct importer *im, const char *uri)
{
    struct import_piece *piece = import_pipe_piece(im->pipe);
    struct items_piece *work = &piece->work;
    const char *name = uri + sizeof "s3://" - 1;
    size_t n = strcspn(name, "/");

    for (int i = 0; i < im->n_buckets; i++)
        if (strncmp(im->bucket[i], name, n) == 0 && !im->bucket[i][n])
            return;
    if (im->n_buckets < IMPORT_BUCKETS)
        snprintf(im->bucket[im->n_buckets++], S3_BUCKET_MAX + 1, "%.*s", (int)n, name);
    if (work->n_buckets < PIECE_BUCKETS)
        work->bucket[work->n_buckets++] = arena_strndup(&piece->texts, name, n);
}

/* A picture in a bucket stays there until somebody is to see it. */
static bool take_remote(struct importer *im, const char *ref, struct payload *out,
                        struct error *err)
{
    struct arena *texts = &import_pipe_piece(im->pipe)->texts;

    if (!import_object(im->service, im->remote, ref, texts, &out->remote, err))
        return false;
    note_bucket(im, out->remote);
    return true;
}

static bool take_ref(struct importer *im, const char *ref, struct payload *out, struct error *err)
{
    struct arena *texts = &import_pipe_piece(im->pipe)->texts;
    void *bytes = NULL;
    size_t size;
    int fd;
    bool ok;

    if (!im->base || manifest_ref_is_uri(ref))
        return take_remote(im, ref, out, err);
    if (!manifest_open(im->base, ref, &fd, err))
        return false;
    ok = blob_slurp(fd, IMAGE_FILE_MAX, &bytes, &size, err) &&
         items_take_image(im->service, im->prober, bytes, size, texts, out, err);
    close(fd);
    free(bytes);
    return ok;
}

/* The text of a file is kept beside the item: the manifest's line stays as it came. One in a
 * bucket is read with the others of the piece. */
static bool take_text(struct importer *im, const struct manifest_item *m, struct item_in *in,
                      struct error *err)
{
    struct import_piece *piece = import_pipe_piece(im->pipe);
    char name[BLOB_NAME_SIZE];
    struct error why = {0};
    const char *uri;

    if (!m->ref)
        return true;
    if (!m->text && !import_object(im->service, im->remote, m->ref, &piece->texts, &uri, &why)) {
        fail_item(im, (int)(in - piece->item), m->file_line, why.code, why.message);
        return true;
    }
    if (!m->text) {
        import_texts_add(im->remote_texts, (int)(in - piece->item), m->file_line, uri);
        return true;
    }
    if (!blob_put(im->service->blobs, m->text, m->text_size, name, err))
        return false;
    in->payload.media = arena_strdup(&piece->texts, name);
    return true;
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
    fail_item(im, (int)(in - import_pipe_piece(im->pipe)->item), m->file_line, why.code,
              arena_printf(&import_pipe_piece(im->pipe)->texts, "%s: %s", m->ref, why.message));
    return true;
}

/* The item is there in another job: what was found out about it comes along. */
static bool take_copied(struct importer *im, const struct manifest_item *m, struct item_in *in,
                        struct error *err)
{
    struct payload from;

    if (!import_copy_payload(im->service, im->copied, im->seen - 1,
                             &import_pipe_piece(im->pipe)->texts, &from, err))
        return false;
    from.line = in->payload.line;
    from.key = in->payload.key;
    in->failed = m->ref && !from.media && !from.remote;
    if (in->failed)
        in->kept = false;
    else
        from.failure = NULL; /* of the work on it, which begins anew */
    in->payload = from;
    if (from.remote)
        note_bucket(im, from.remote);
    return true;
}

static bool take_media(struct importer *im, const struct manifest_item *m, struct item_in *in,
                       struct error *err)
{
    if (im->copied)
        return take_copied(im, m, in, err);
    return im->type->media == TASK_IMAGE ? take_image(im, m, in, err)
                                         : take_text(im, m, in, err);
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
    if (!take_media(im, m, in, err))
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

bool import_lines_read(struct importer *im, struct error *err)
{
    struct manifest_options options = {
        .media = im->type->media, .load_text = true, .no_files = im->row.owned,
        .scratch = im->service->cache_dir};
    struct manifest_sink sink = {.ctx = im, .item = on_item, .bad = on_bad};
    char folder[PATH_MAX];
    struct stat st = {0};

    im->copied = import_copy_from(&im->row);
    if (im->copied) {
        options.format = MANIFEST_JSON_LINES;
        options.load_text = false; /* long texts were read once */
    }
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
           read_texts(im, err) && import_pipe_end(im->pipe, err);
}
