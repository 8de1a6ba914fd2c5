/* backup_read.c - a backup's archive, read by somebody who trusts none of it.
 *
 * libarchive finds the entries; what they may be called, in which order, how large and of which kind
 * is judged here, before a byte is handed on. */
#include "backup_parts.h"
#include "plumbline/base/buf.h"

#include <archive.h>
#include <archive_entry.h>
#include <sodium.h>
#include <string.h>

enum { SECRET_MAX = 4096 };

/* Where the reading stands: the kind of the last entry. */
enum place { AT_START, AT_CONTENTS, AT_DATABASE, AT_SECRET, AT_BLOBS, AT_END };

struct reader {
    struct archive           *tar;
    const struct backup_sink *sink;
    struct arena             *arena;
    struct backup_contents    contents;
    struct backup_totals      seen, told;
    enum place                place;
};

static bool damaged(struct error *err, const char *text)
{
    return error_set(err, 422, "backup.damaged", "", "The backup is damaged or cut off: %.300s.",
                     text);
}

static bool damaged_at(struct error *err, const char *name, const char *what)
{
    return error_set(err, 422, "backup.damaged", "", "The backup is damaged: \"%.100s\" %s.", name,
                     what);
}

static bool tar_failed(struct reader *r, struct error *err)
{
    const char *why = archive_error_string(r->tar);

    if (r->place == AT_START)
        return error_set(err, 422, "backup.damaged", "", "It is not a backup of Plumbline (%.200s).",
                         why ? why : "no archive");
    return damaged(err, why ? why : "unknown");
}

/* ---- the bytes of one entry ---- */

typedef bool take_bytes(struct reader *r, void *context, const void *bytes, size_t size,
                        struct error *err);

static bool read_entry(struct reader *r, const char *name, int64_t size, take_bytes *take,
                       void *context, struct error *err)
{
    static const size_t piece = 64 << 10;
    char bytes[64 << 10];
    int64_t got = 0;
    la_ssize_t n;

    while ((n = archive_read_data(r->tar, bytes, piece)) > 0) {
        got += n;
        if (got > size)
            return damaged_at(err, name, "is longer than it says");
        if (!take(r, context, bytes, (size_t)n, err))
            return false;
    }
    if (n < 0)
        return tar_failed(r, err);
    return got == size || damaged_at(err, name, "is shorter than it says");
}

static bool take_text(struct reader *r, void *context, const void *bytes, size_t size,
                      struct error *err)
{
    (void)r, (void)err;
    buf_add(context, bytes, size);
    return true;
}

static bool read_text(struct reader *r, const char *name, int64_t size, struct buf *out,
                      struct error *err)
{
    if (size > BACKUP_JSON_MAX)
        return damaged_at(err, name, "is absurdly large");
    buf_init(out, BACKUP_JSON_MAX);
    if (!read_entry(r, name, size, take_text, out, err))
        return false;
    return out->size > 0 || damaged_at(err, name, "is empty");
}

static bool take_data(struct reader *r, void *context, const void *bytes, size_t size,
                      struct error *err)
{
    crypto_hash_sha256_update(context, bytes, size);
    return !r->sink->data || r->sink->data(r->sink->context, bytes, size, err);
}

/* An entry that is handed on; sha256 NULL where none is known. */
static bool read_file(struct reader *r, const char *name, int64_t size, const char *sha256,
                      struct error *err)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    if (r->sink->begin && !r->sink->begin(r->sink->context, name, size, err))
        return false;
    if (!read_entry(r, name, size, take_data, &state, err))
        return false;
    crypto_hash_sha256_final(&state, digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    if (sha256 && strcmp(hex, sha256) != 0)
        return damaged_at(err, name, "has other bytes than those that were backed up (wrong "
                                     "SHA-256)");
    return !r->sink->end || r->sink->end(r->sink->context, err);
}

/* ---- the entries ---- */

static bool read_contents(struct reader *r, int64_t size, struct error *err)
{
    struct buf text = {0};
    bool ok = read_text(r, "contents.json", size, &text, err) &&
              backup_parse_contents(text.data, text.size, r->arena, &r->contents, err);

    buf_release(&text);
    return ok && (!r->sink->contents ||
                  r->sink->contents(r->sink->context, &r->contents, err));
}

static bool read_end(struct reader *r, int64_t size, struct error *err)
{
    struct buf text = {0};
    bool ok = read_text(r, "end.json", size, &text, err) &&
              backup_parse_end(text.data, text.size, &r->told, err);

    buf_release(&text);
    return ok && ((r->told.blobs == r->seen.blobs && r->told.blob_bytes == r->seen.blob_bytes) ||
                  damaged(err, "blobs are missing from it"));
}

static bool read_database(struct reader *r, int64_t size, struct error *err)
{
    return (size == r->contents.database_bytes ||
            damaged_at(err, "plumbline.db", "has another size than contents.json says")) &&
           read_file(r, "plumbline.db", size, r->contents.database_sha256, err);
}

static bool read_secret(struct reader *r, int64_t size, struct error *err)
{
    return (size <= SECRET_MAX || damaged_at(err, "secret.key", "is absurdly large")) &&
           read_file(r, "secret.key", size, NULL, err);
}

static bool read_blob(struct reader *r, const char *name, int64_t size, struct error *err)
{
    r->seen.blobs++;
    r->seen.blob_bytes += size;
    return read_file(r, name, size, name + strlen("blobs/ab/"), err);
}

static bool step(struct reader *r, enum place place, bool may, const char *name, struct error *err)
{
    if (!may)
        return damaged_at(err, name, "is where it should not be");
    r->place = place;
    return true;
}

static bool one_entry(struct reader *r, struct archive_entry *entry, struct error *err)
{
    const char *name = archive_entry_pathname(entry);
    int64_t size = archive_entry_size(entry);
    enum place p = r->place;

    if (!name)
        return damaged(err, "an entry has no name");
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) ||
        archive_entry_symlink(entry))
        return damaged_at(err, name, "is not a plain file; a backup has nothing else in it");
    if (!archive_entry_size_is_set(entry) || size < 0 || size > INT64_C(1) << 50)
        return damaged_at(err, name, "has an absurd size");
    if (strcmp(name, "contents.json") == 0)
        return step(r, AT_CONTENTS, p == AT_START, name, err) && read_contents(r, size, err);
    if (strcmp(name, "plumbline.db") == 0)
        return step(r, AT_DATABASE, p == AT_CONTENTS, name, err) && read_database(r, size, err);
    if (strcmp(name, "secret.key") == 0)
        return step(r, AT_SECRET, p == AT_DATABASE && r->contents.secrets, name, err) &&
               read_secret(r, size, err);
    if (backup_is_blob(name))
        return step(r, AT_BLOBS, p >= AT_DATABASE && p < AT_END && r->contents.blobs, name, err) &&
               read_blob(r, name, size, err);
    if (strcmp(name, "end.json") == 0)
        return step(r, AT_END, p >= AT_DATABASE && p < AT_END, name, err) &&
               read_end(r, size, err);
    return damaged_at(err, name, "does not belong into a backup of Plumbline");
}

static bool read_all(struct reader *r, struct error *err)
{
    struct archive_entry *entry;
    int rc;

    while ((rc = archive_read_next_header(r->tar, &entry)) != ARCHIVE_EOF) {
        if (rc < ARCHIVE_WARN)
            return tar_failed(r, err);
        if (!one_entry(r, entry, err))
            return false;
    }
    if (r->place == AT_START)
        return error_set(err, 422, "backup.damaged", "", "It is empty, not a backup of Plumbline.");
    return r->place == AT_END || damaged(err, "its end is missing");
}

static struct archive *open_reader(void)
{
    struct archive *tar = archive_read_new();

    if (!tar)
        return NULL;
    archive_read_support_format_tar(tar);
    archive_read_support_filter_gzip(tar);
    archive_read_support_filter_zstd(tar);
    return tar;
}

static bool run(struct reader *r, bool opened, struct backup_contents *out,
                struct backup_totals *totals, struct error *err)
{
    bool ok = opened ? read_all(r, err) : tar_failed(r, err);

    archive_read_free(r->tar);
    if (ok && out)
        *out = r->contents;
    if (ok && totals)
        *totals = r->seen;
    return ok;
}

static const struct backup_sink nowhere = {0};

bool backup_read(int fd, const struct backup_sink *sink, struct arena *a,
                 struct backup_contents *out, struct backup_totals *totals, struct error *err)
{
    struct reader r = {.tar = open_reader(), .sink = sink ? sink : &nowhere, .arena = a};

    return r.tar ? run(&r, archive_read_open_fd(r.tar, fd, 1 << 16) == ARCHIVE_OK, out, totals, err)
                 : error_internal(err, "The archive reader refused to start.");
}

bool backup_read_bytes(const void *bytes, size_t size, const struct backup_sink *sink,
                       struct arena *a, struct backup_contents *out, struct backup_totals *totals,
                       struct error *err)
{
    struct reader r = {.tar = open_reader(), .sink = sink ? sink : &nowhere, .arena = a};

    return r.tar ? run(&r, archive_read_open_memory(r.tar, bytes, size) == ARCHIVE_OK, out, totals,
                       err)
                 : error_internal(err, "The archive reader refused to start.");
}
