/* import_fetch.c - the source of an import comes from a bucket.
 *
 * It grows as DIR/uploads/NAME.part and gets its name when it is whole and on disk; only then are
 * lines read, as of any upload. How far it is on disk stands in the import's row with the object's
 * ETag: after a restart it goes on there, or begins anew when the object is another one. Once
 * lines of it have been counted it must stay the same object, or lines would be passed over that
 * nobody has read. */
#include "import_fetch.h"

#include "plumbline/engine/imports.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/disk.h"
#include "plumbline/base/sha256.h"
#include "plumbline/exchange/manifest.h"
#include "scheduler.h"

#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINES_BYTES = 64 << 10 };
static const int64_t TELL_US = 400000;

struct fetching {
    struct service          *service;
    const struct import_row *row;
    enum task_media          media;
    void                   (*told)(void *context);
    void                    *context;
    int                      fd;
    int64_t                  bytes; /* in the file */
    int64_t                  when;  /* it was last told how far it is */
    struct s3_info           info;
    struct s3_place          place; /* of a folder */
    struct buf               lines; /* of a folder: on their way to the file */
    struct sha256           *digest;
    int64_t                  count;
};

/* ---- rows ---- */

bool imports_is_uri(const char *source)
{
    return manifest_ref_is_uri(source);
}

bool import_is_remote(const struct import_row *row)
{
    return row->owned && imports_is_uri(row->source);
}

/* The ending tells the manifest's reader what it is where the first line does not. */
static const char *ending_of(const char *uri)
{
    static const char *const known[] = {".csv", ".csv.gz", ".json", ".json.gz", ".jsonl.gz",
                                        ".ndjson.gz", ".manifest.gz"};
    size_t n = strlen(uri);

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (n > strlen(known[i]) && strcasecmp(uri + n - strlen(known[i]), known[i]) == 0)
            return known[i];
    return ".jsonl";
}

bool imports_add_uri(struct db *db, void *context, struct error *err)
{
    struct import_uri_call *c = context;
    char path[PATH_MAX];
    uint64_t name;

    randombytes_buf(&name, sizeof name);
    snprintf(path, sizeof path, "%s/uploads/%016llx%s", c->service->data_dir,
             (unsigned long long)name, ending_of(c->uri));
    return import_insert(db, c->job, c->uri, path, 0, true, &c->id, err);
}

/* ---- how far it is ---- */

struct step {
    int64_t     import, bytes, total;
    const char *etag;
};

static bool step_write(struct db *db, void *context, struct error *err)
{
    const struct step *step = context;

    return import_fetched(db, step->import, step->etag, step->bytes, step->total, err);
}

/* `bytes` are on disk, or, with the whole source there, none of its lines is read yet: 0. */
static bool tell(struct fetching *f, int64_t bytes, struct error *err)
{
    struct step step = {f->row->id, bytes, f->info.size, *f->info.etag ? f->info.etag : NULL};

    f->when = clock_monotonic_us();
    if (!writer_call_low(f->service->writer, step_write, &step, err))
        return false;
    f->told(f->context);
    return true;
}

static bool go_on(struct fetching *f, struct error *err)
{
    if (scheduler_stopping(f->service->scheduler))
        return error_set(err, 503, "import.interrupted", "", "The service is stopping.");
    if (clock_monotonic_us() < f->when + TELL_US)
        return true;
    if (fdatasync(f->fd) != 0)
        return disk_error(err, "The manifest cannot be kept");
    return tell(f, f->bytes, err);
}

static bool write_bytes(struct fetching *f, const void *bytes, size_t size, struct error *err)
{
    if (!disk_write(f->fd, bytes, size))
        return disk_error(err, "The manifest cannot be kept");
    f->bytes += (int64_t)size;
    return go_on(f, err);
}

/* ---- an object ---- */

static bool take_bytes(void *context, const void *bytes, size_t size, struct error *err)
{
    return write_bytes(context, bytes, size, err);
}

static bool cut_to(struct fetching *f, int64_t bytes, struct error *err)
{
    f->bytes = bytes;
    if (ftruncate(f->fd, bytes) != 0 || lseek(f->fd, bytes, SEEK_SET) != bytes)
        return disk_error(err, "The manifest cannot be kept");
    return true;
}

static bool has_changed(const struct import_row *row, struct error *err)
{
    return error_conflict(err, "source.changed", "%.250s has changed since %lld of its lines were "
                          "read; import it again.", row->source, (long long)row->lines);
}

/* What is there of the object that the row speaks of. */
static int64_t kept_bytes(const struct fetching *f)
{
    struct stat st;

    if (!f->row->etag || fstat(f->fd, &st) != 0)
        return 0;
    return st.st_size < f->row->bytes ? st.st_size : f->row->bytes;
}

static bool take_object(struct fetching *f, struct error *err)
{
    const struct import_row *row = f->row;
    int64_t from = kept_bytes(f);
    struct error why = {0};

    if (row->etag)
        snprintf(f->info.etag, sizeof f->info.etag, "%s", row->etag);
    f->info.size = row->bytes_total;
    if (!cut_to(f, from, err))
        return false;
    if (from > 0 && from == row->bytes_total)
        return true;
    if (s3_get(f->service->s3, row->source, from, take_bytes, f, &f->info, &why))
        return true;
    if (strcmp(why.code, "s3.changed") == 0 && row->lines > 0)
        return has_changed(row, err);
    if (strcmp(why.code, "s3.changed") != 0 && why.status != 416) {
        if (f->bytes > 0 && why.status == 503 && fdatasync(f->fd) == 0)
            tell(f, f->bytes, err); /* what came is not fetched again */
        *err = why;
        return false;
    }
    f->info = (struct s3_info){0};
    return cut_to(f, 0, err) &&
           s3_get(f->service->s3, row->source, 0, take_bytes, f, &f->info, err);
}

/* ---- a folder ---- */

static bool flush(struct fetching *f, struct error *err)
{
    if (!write_bytes(f, f->lines.data, f->lines.size, err))
        return false;
    if (f->lines.size > 0)
        sha256_add(f->digest, f->lines.data, f->lines.size);
    buf_clear(&f->lines);
    return true;
}

static bool is_hidden(const char *path)
{
    return *path == '.' || strstr(path, "/.");
}

static bool take_key(void *context, const struct s3_entry *entry, struct error *err)
{
    struct fetching *f = context;
    char uri[S3_BUCKET_MAX + S3_KEY_MAX + 8];

    if (strncmp(entry->key, f->place.key, strlen(f->place.key)) != 0 ||
        is_hidden(entry->key + strlen(f->place.key)) ||
        !manifest_folder_takes(f->media, entry->key))
        return go_on(f, err);
    snprintf(uri, sizeof uri, "s3://%s/%s", f->place.bucket, entry->key);
    buf_puts(&f->lines, "{\"source-ref\":");
    buf_json_text(&f->lines, uri);
    buf_puts(&f->lines, "}\n");
    f->count++;
    return f->lines.size < LINES_BYTES ? go_on(f, err) : flush(f, err);
}

/* What was listed before must be listed again when lines of it have been counted. */
static bool check_listing(struct fetching *f, struct error *err)
{
    char etag[SHA256_TEXT_SIZE];

    sha256_text(f->digest, etag);
    if (f->row->lines > 0 && f->row->etag && strcmp(f->row->etag, etag) != 0)
        return has_changed(f->row, err);
    snprintf(f->info.etag, sizeof f->info.etag, "%s", etag);
    f->info.size = f->bytes;
    return true;
}

static bool list_folder(struct fetching *f, struct error *err)
{
    if (!cut_to(f, 0, err) || !s3_list(f->service->s3, f->row->source, take_key, f, err) ||
        !flush(f, err))
        return false;
    if (f->count == 0)
        return error_set(err, 422, "source.invalid", "", "The folder %.250s has no %s file.",
                         f->row->source,
                         f->media == TASK_TEXT ? ".txt" : ".jpg, .jpeg or .png");
    return check_listing(f, err);
}

static bool take_folder(struct fetching *f, struct error *err)
{
    bool ok;

    buf_init(&f->lines, 2 * LINES_BYTES);
    f->digest = sha256_new();
    ok = list_folder(f, err);
    sha256_free(f->digest);
    buf_release(&f->lines);
    return ok;
}

/* ---- either ---- */

static bool finish(struct fetching *f, const char *part, struct error *err)
{
    if (fsync(f->fd) != 0 || rename(part, f->row->path) != 0 ||
        !disk_sync_folder_of(f->row->path))
        return disk_error(err, "The manifest cannot be kept");
    return tell(f, 0, err);
}

bool import_fetch(struct service *s, const struct import_row *row, enum task_media media,
                  void (*told)(void *context), void *context, struct error *err)
{
    struct fetching f = {.service = s, .row = row, .media = media, .told = told,
                         .context = context, .when = clock_monotonic_us()};
    char part[PATH_MAX];
    size_t n;
    bool ok;

    if (access(row->path, F_OK) == 0)
        return true;
    if (!s3_place_parse(s->s3, row->source, &f.place, err))
        return false;
    snprintf(part, sizeof part, "%s.part", row->path);
    f.fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (f.fd < 0)
        return disk_error(err, "The manifest cannot be kept");
    n = strlen(f.place.key);
    ok = (n == 0 || f.place.key[n - 1] == '/' ? take_folder : take_object)(&f, err) &&
         finish(&f, part, err);
    close(f.fd);
    if (!ok && err->status < 500)
        unlink(part);
    return ok;
}

/* ---- what a manifest names ---- */

/* base/../x and base/./x are not what a key is: a relative path is taken as a file's would be. The
 * manifest's reader has seen to it that it does not climb out. */
static void add_path(struct buf *out, size_t keep, const char *path)
{
    while (*path) {
        size_t n = strcspn(path, "/");

        if (n == 2 && strncmp(path, "..", 2) == 0) {
            while (out->size > keep && out->data[--out->size - 1] != '/')
                ;
        } else if (n > 0 && !(n == 1 && *path == '.')) {
            buf_add(out, path, n + (path[n] == '/'));
        }
        path += n + (path[n] == '/');
    }
}

static const char *beside(const char *base, const char *ref, struct arena *a)
{
    const char *slash = strrchr(base, '/');
    struct buf uri;
    const char *out;

    buf_init(&uri, S3_BUCKET_MAX + 2 * S3_KEY_MAX + PATH_MAX);
    buf_add(&uri, base, (size_t)(slash - base) + 1);
    add_path(&uri, uri.size, ref);
    out = arena_strndup(a, uri.data, uri.size);
    buf_release(&uri);
    return out;
}

bool import_object(struct service *s, const char *base, const char *ref, struct arena *a,
                   const char **uri, struct error *err)
{
    struct s3_place place;
    struct error why = {0};

    if (!manifest_ref_is_uri(ref)) {
        if (!base)
            return error_set(err, 422, "line.file", "", "\"%.80s\" is a path, but an upload has no "
                             "folder of files; upload the files themselves.", ref);
        ref = beside(base, ref, a);
    }
    if (!s3_place_parse(s->s3, ref, &place, &why))
        return error_set(err, 422, "line.scheme", "", "\"%.120s\" is not a file that this server "
                         "can read. %.200s", ref, why.message);
    if (!*place.key || place.key[strlen(place.key) - 1] == '/')
        return error_set(err, 422, "line.path", "", "\"%.200s\" names a folder, not a file.", ref);
    *uri = arena_printf(a, "s3://%s/%s", place.bucket, place.key);
    return true;
}
