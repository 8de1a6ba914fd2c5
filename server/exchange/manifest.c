/* manifest.c - bytes into lines.
 *
 * Bytes arrive in pieces of any size. The first ones (up to the end of the first line that is not
 * blank, at most 64 KiB) are held back to drop a byte order mark and to settle the format. After
 * that each line is gathered in `pending` and handed over when its end is seen. A line that grows
 * past the limit is not kept: from there on its bytes are only hashed, for its key, until its end
 * comes.
 */
#include "reader.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_SIZE = 256 << 10 };

struct manifest_reader *manifest_reader_new(const char *name,
                                            const struct manifest_options *options,
                                            const struct manifest_sink *sink)
{
    struct manifest_reader *r = must_alloc(sizeof *r);

    r->options = *options;
    if (r->options.line_max == 0)
        r->options.line_max = MANIFEST_LINE_MAX;
    if (r->options.text_max == 0)
        r->options.text_max = MANIFEST_TEXT_MAX;
    r->base = options->base ? must_strdup(options->base) : NULL;
    r->options.base = r->base;
    r->real_base = r->base ? realpath(r->base, NULL) : NULL;
    r->sink = sink;
    r->name = must_strdup(name ? name : "");
    r->file_line = 1;
    r->packed = -1;
    line_keys_init(&r->keys, options->scratch);
    /* Room for the \r that is taken off, and for a head longer than a small line_max. */
    buf_init(&r->pending, r->options.line_max + HEAD_MAX + 1);
    return r;
}

void manifest_reader_free(struct manifest_reader *r)
{
    if (!r)
        return;
    csv_rows_release(&r->csv);
    line_keys_release(&r->keys);
    buf_release(&r->pending);
    free(r->base);
    free(r->real_base);
    free(r->name);
    free(r);
}

static bool blank(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
            return false;
    return true;
}

static size_t newlines(const char *p, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += p[i] == '\n';
    return count;
}

static uint64_t skipped_hash(struct manifest_reader *r)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    uint64_t hash = 0;

    crypto_hash_sha256_final(&r->skip_hash, digest);
    for (size_t i = 0; i < sizeof hash; i++)
        hash = hash << 8 | digest[i];
    return hash;
}

static bool report_long(struct manifest_reader *r, struct error *err)
{
    char message[160];

    snprintf(message, sizeof message, "The line has %lld bytes; at most %zu are read.",
             (long long)r->skip_size, r->options.line_max);
    return reader_bad_hash(r, skipped_hash(r), "", 0, "line.too_long", message, err);
}

/* The line in `pending` is complete. */
static bool line_done(struct manifest_reader *r, struct error *err)
{
    bool csv = r->options.format == MANIFEST_CSV, header = csv && !r->csv.columns, ok = true;
    char *raw;
    size_t size, inner = 0;

    if (r->pending.size > 0 && r->pending.data[r->pending.size - 1] == '\r')
        r->pending.data[--r->pending.size] = '\0';
    raw = r->pending.data ? r->pending.data : "";
    size = r->pending.size;
    if (!r->skipping && size > r->options.line_max) {
        r->skipping = true;
        r->skip_size = (int64_t)size;
        crypto_hash_sha256_init(&r->skip_hash);
        crypto_hash_sha256_update(&r->skip_hash, (const unsigned char *)raw, size);
    }
    if (r->skipping && header)
        ok = error_set(err, 422, "source.invalid", "line 1",
                       "The CSV header is longer than %zu bytes.", r->options.line_max);
    else if (r->skipping)
        ok = report_long(r, err);
    else if (blank(raw, size))
        r->summary.blank++;
    else if (csv)
        ok = csv_rows_line(r, raw, size, err);
    else
        ok = reader_json_line(r, raw, size, err);
    if (csv && ok)
        inner = newlines(raw, size);
    if (!csv || !header) /* neither the header nor blank lines before it have a number */
        r->line++;
    r->file_line += 1 + (int64_t)inner + r->skip_lines;
    r->skipping = false;
    r->csv.stray = false;
    r->skip_size = r->skip_lines = 0;
    buf_clear(&r->pending);
    return ok;
}

/* Adds bytes of the unfinished line. */
static void gather(struct manifest_reader *r, const char *p, size_t n)
{
    if (!r->skipping && r->pending.size + n <= r->options.line_max + 1) {
        buf_add(&r->pending, p, n);
        return;
    }
    if (!r->skipping) {
        r->skipping = true;
        crypto_hash_sha256_init(&r->skip_hash);
        if (r->pending.size > 0)
            crypto_hash_sha256_update(&r->skip_hash, (const unsigned char *)r->pending.data,
                                      r->pending.size);
        r->skip_size = (int64_t)r->pending.size;
        r->skip_lines = (int64_t)newlines(r->pending.data, r->pending.size);
        buf_clear(&r->pending);
    }
    crypto_hash_sha256_update(&r->skip_hash, (const unsigned char *)p, n);
    r->skip_size += (int64_t)n;
    r->skip_lines += (int64_t)newlines(p, n);
}

static size_t line_end(struct manifest_reader *r, const char *p, size_t n)
{
    const char *end;

    if (r->options.format == MANIFEST_CSV)
        return csv_rows_end(&r->csv, p, n);
    end = memchr(p, '\n', n);
    return end ? (size_t)(end - p) : n;
}

static bool cut(struct manifest_reader *r, const char *p, size_t n, struct error *err)
{
    while (n > 0) {
        size_t size = line_end(r, p, n);

        gather(r, p, size);
        r->consumed += (int64_t)(size < n ? size + 1 : size);
        if (size == n)
            return true;
        if (!line_done(r, err))
            return false;
        p += size + 1;
        n -= size + 1;
    }
    return true;
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);

    return n >= m && strcasecmp(name + n - m, end) == 0;
}

/* An object can only be JSON; otherwise the file's ending decides, and without a known ending the
 * first line: does it name a column we know? */
static enum manifest_format format_of(const char *name, const char *head, size_t size)
{
    size_t i = 0, n = strlen(name);
    char plain[PATH_MAX];

    if (ends_with(name, ".gz") && n < sizeof plain) {
        snprintf(plain, sizeof plain, "%.*s", (int)n - 3, name);
        name = plain;
    }
    while (i < size && strchr(" \t\r\n", head[i]) && head[i])
        i++;
    if (i < size && head[i] == '{')
        return MANIFEST_JSON_LINES;
    if (ends_with(name, ".csv"))
        return MANIFEST_CSV;
    if (ends_with(name, ".jsonl") || ends_with(name, ".ndjson") || ends_with(name, ".manifest") ||
        ends_with(name, ".json"))
        return MANIFEST_JSON_LINES;
    return csv_rows_looks(head + i, size - i) ? MANIFEST_CSV : MANIFEST_JSON_LINES;
}

/* Bytes of a byte order mark at the start. */
static size_t mark_size(const struct buf *head)
{
    return head->size >= 3 && memcmp(head->data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* Settles the format by what has been held back, then reads that. */
static bool start(struct manifest_reader *r, struct error *err)
{
    struct buf head = r->pending;
    size_t skip = mark_size(&head);
    bool ok;

    buf_init(&r->pending, head.max);
    r->started = true;
    if (r->options.format == MANIFEST_AUTO)
        r->options.format = format_of(r->name, head.data + skip, head.size - skip);
    r->consumed = (int64_t)skip;
    ok = cut(r, head.data + skip, head.size - skip, err);
    buf_release(&head);
    return ok;
}

/* Is there a line that is not blank, and complete? */
static bool head_is_complete(const struct buf *head)
{
    bool seen = false;

    if (head->size >= HEAD_MAX)
        return true;
    for (size_t i = mark_size(head); i < head->size; i++) {
        if (head->data[i] == '\n' && seen)
            return true;
        seen = seen || !strchr(" \t\r\n", head->data[i]) || !head->data[i];
    }
    return false;
}

bool manifest_reader_feed(struct manifest_reader *r, const void *bytes, size_t size,
                          struct error *err)
{
    const char *p = bytes;
    size_t take;

    r->summary.bytes += (int64_t)size;
    if (r->started)
        return cut(r, p, size, err);
    take = HEAD_MAX - r->pending.size < size ? HEAD_MAX - r->pending.size : size;
    buf_add(&r->pending, p, take);
    if (!head_is_complete(&r->pending))
        return true;
    return start(r, err) && cut(r, p + take, size - take, err);
}

bool manifest_reader_end(struct manifest_reader *r, struct manifest_summary *summary,
                         struct error *err)
{
    if (!r->started && r->pending.size > 0 && !start(r, err))
        return false;
    if (r->csv.place == CSV_QUOTED && !r->skipping) {
        if (!r->csv.columns)
            return error_set(err, 422, "source.invalid", "line 1",
                             "A quotation mark in the CSV header is never closed.");
        if (!reader_bad(r, r->pending.data, r->pending.size, false, "line.quote", err,
                        "A quotation mark that is opened in this row is never closed."))
            return false;
    } else if ((r->pending.size > 0 || r->skipping) && !line_done(r, err)) {
        return false;
    }
    if (summary)
        *summary = r->summary;
    return true;
}

bool manifest_read_fd(int fd, const char *name, const struct manifest_options *options,
                      const struct manifest_sink *sink, struct manifest_summary *summary,
                      struct error *err)
{
    struct source *source = source_open(fd, name, err);
    struct manifest_reader *r;
    char *bytes;
    bool ok = true;
    long n = 0;

    if (!source)
        return false;
    r = manifest_reader_new(name, options, sink);
    bytes = must_alloc(READ_SIZE);
    while (ok && (n = source_read(source, bytes, READ_SIZE, err)) > 0) {
        r->packed = source_packed(source);
        ok = manifest_reader_feed(r, bytes, (size_t)n, err);
    }
    ok = ok && n == 0 && manifest_reader_end(r, summary, err);
    free(bytes);
    manifest_reader_free(r);
    source_close(source);
    return ok;
}

/* The folder that holds `path`. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder;

    if (!slash)
        return must_strdup(".");
    folder = must_strdup(path);
    folder[slash == path ? 1 : slash - path] = '\0';
    return folder;
}

static bool read_folder(int fd, const char *path, const struct manifest_options *options,
                        const struct manifest_sink *sink, struct manifest_summary *summary,
                        struct error *err)
{
    struct manifest_options own = *options;
    struct manifest_reader *r;
    bool ok;

    own.base = path;
    r = manifest_reader_new(path, &own, sink);
    ok = folder_read(r, fd, path, err);
    if (ok && summary)
        *summary = r->summary;
    manifest_reader_free(r);
    return ok;
}

bool manifest_read_path(const char *path, const struct manifest_options *options,
                        const struct manifest_sink *sink, struct manifest_summary *summary,
                        struct error *err)
{
    struct manifest_options own = *options;
    char *folder = NULL;
    struct stat st;
    bool ok = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &st) < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            error_set(err, 404, "source.not_found", "", "There is no file %s.", path);
        else
            error_system(err, "Opening %s failed", path);
        goto out;
    }
    if (S_ISDIR(st.st_mode)) {
        ok = read_folder(fd, path, options, sink, summary, err);
        goto out;
    }
    if (!own.base && !own.no_files)
        own.base = folder = folder_of(path);
    ok = manifest_read_fd(fd, path, &own, sink, summary, err);
out:
    free(folder);
    if (fd >= 0)
        close(fd);
    return ok;
}
