/* backup_write.c - a backup's archive, written through libarchive. */
#include "backup_parts.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/clock.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 256 << 10 };

struct backup_writer {
    struct archive       *tar;
    backup_put           *put;
    void                 *context;
    struct error          failed; /* of `put`: the archive is not told, see put_bytes */
    int64_t               created;
    struct backup_totals  totals;
    char                 *piece;
};

const char *const backup_compressions[] = {"none", "gzip", "zstd", NULL};
const char *const backup_endings[] = {".tar", ".tar.gz", ".tar.zst", NULL};

static bool ends_with(const char *text, const char *ending)
{
    size_t n = strlen(text), m = strlen(ending);

    return n >= m && strcmp(text + n - m, ending) == 0;
}

enum backup_compression backup_compression_of(const char *path)
{
    if (ends_with(path, ".gz") || ends_with(path, ".tgz"))
        return BACKUP_GZIP;
    if (ends_with(path, ".zst") || ends_with(path, ".tzst"))
        return BACKUP_ZSTD;
    return BACKUP_PLAIN;
}

/* Always a success for libarchive: an archive that has failed is not freed whole by it (3.6.2). */
static la_ssize_t put_bytes(struct archive *tar, void *context, const void *bytes, size_t size)
{
    struct backup_writer *w = context;

    (void)tar;
    if (!w->failed.status)
        w->put(w->context, bytes, size, &w->failed);
    return (la_ssize_t)size;
}

static bool result(struct backup_writer *w, bool ok, struct error *err)
{
    if (w->failed.status) {
        if (err)
            *err = w->failed;
        return false;
    }
    return ok || error_internal(err, "The archive cannot be written: %s.",
                                archive_error_string(w->tar) ? archive_error_string(w->tar)
                                                             : "unknown");
}

static bool set_filter(struct archive *tar, enum backup_compression compression)
{
    switch (compression) {
    case BACKUP_GZIP:
        return archive_write_add_filter_gzip(tar) == ARCHIVE_OK;
    case BACKUP_ZSTD:
        return archive_write_add_filter_zstd(tar) == ARCHIVE_OK;
    default:
        return true;
    }
}

struct backup_writer *backup_writer_new(enum backup_compression compression, backup_put *put,
                                        void *context, struct error *err)
{
    struct backup_writer *w = must_alloc(sizeof *w);

    w->put = put;
    w->context = context;
    w->created = clock_now_us();
    w->piece = must_alloc(PIECE);
    w->tar = archive_write_new();
    if (w->tar &&
        result(w, archive_write_set_format_pax_restricted(w->tar) == ARCHIVE_OK &&
                      /* no padding behind the end: a reader of zstd takes it for another frame */
                      archive_write_set_bytes_in_last_block(w->tar, 1) == ARCHIVE_OK &&
                      set_filter(w->tar, compression) &&
                      archive_write_open(w->tar, w, NULL, put_bytes, NULL) == ARCHIVE_OK, err))
        return w;
    if (!w->tar)
        error_internal(err, "The archive writer refused to start.");
    backup_writer_free(w);
    return NULL;
}

void backup_writer_free(struct backup_writer *w)
{
    if (!w)
        return;
    if (!w->failed.status) /* nothing more is put when a half-written archive is freed */
        error_internal(&w->failed, "The archive was given up.");
    if (w->tar)
        archive_write_free(w->tar);
    free(w->piece);
    free(w);
}

static bool begin(struct backup_writer *w, const char *name, int64_t size, struct error *err)
{
    struct archive_entry *entry = archive_entry_new();
    bool ok;

    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0600);
    archive_entry_set_mtime(entry, w->created / SECOND_US, 0);
    ok = result(w, archive_write_header(w->tar, entry) == ARCHIVE_OK, err);
    archive_entry_free(entry);
    return ok;
}

static bool add(struct backup_writer *w, const void *bytes, size_t size, struct error *err)
{
    return result(w, archive_write_data(w->tar, bytes, size) == (la_ssize_t)size, err);
}

static bool finish(struct backup_writer *w, struct error *err)
{
    return result(w, archive_write_finish_entry(w->tar) == ARCHIVE_OK, err);
}

static bool write_json(struct backup_writer *w, const char *name, json_t *json, struct error *err)
{
    char *text = json_dumps(json, JSON_INDENT(1));
    size_t size = strlen(text);
    bool ok = begin(w, name, (int64_t)size, err) && add(w, text, size, err) && finish(w, err);

    free(text);
    json_decref(json);
    return ok;
}

bool backup_write_contents(struct backup_writer *w, const struct backup_contents *contents,
                           struct error *err)
{
    struct backup_contents_json json = {.of = *contents,
                                        .format = BACKUP_FORMAT,
                                        .format_version = BACKUP_FORMAT_VERSION};

    return write_json(w, "contents.json", fields_write(backup_contents_fields, &json), err);
}

bool backup_write_file(struct backup_writer *w, const char *name, int fd, int64_t size,
                       struct error *err)
{
    int64_t done = 0;

    if (!begin(w, name, size, err))
        return false;
    while (done < size) {
        size_t want = size - done < PIECE ? (size_t)(size - done) : PIECE;
        ssize_t n = pread(fd, w->piece, want, done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_system(err, "%.80s cannot be read", name);
        if (n == 0)
            return error_conflict(err, "backup.changed", "%.80s became shorter while it was "
                                  "copied.", name);
        if (!add(w, w->piece, (size_t)n, err))
            return false;
        done += n;
    }
    if (strncmp(name, "blobs/", 6) == 0) {
        w->totals.blobs++;
        w->totals.blob_bytes += size;
    }
    return finish(w, err);
}

bool backup_write_end(struct backup_writer *w, struct error *err)
{
    return write_json(w, "end.json", fields_write(backup_end_fields, &w->totals), err) &&
           result(w, archive_write_close(w->tar) == ARCHIVE_OK, err);
}
