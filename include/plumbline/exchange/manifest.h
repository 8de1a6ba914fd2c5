/* manifest.h - reading manifests: JSON Lines, CSV, or a folder of files, one item at a time.
 *
 * Memory does not grow with the number of lines except for 8 to 21 bytes a line, which tell
 * repeated lines apart and lie in a mapped file when they are many; it holds one line. A bad line is reported and reading goes on: only a
 * source that cannot be read, or a sink that says no, ends it.
 *
 * JSON Lines: an object a line with `source` (text) or `source-ref` (path or URI); other attributes
 * as they are. CSV: a header, then rows; a row becomes the object {column: cell}, empty cells left
 * out. Both may be gzipped. Where a line has neither source nor source-ref, `text` is read as source, `file` or `image`
 * as source-ref. A folder: its .jpg .jpeg .png (image) or .txt (text) files at any depth, in byte
 * order of their paths, hidden ones skipped; a file becomes {"source-ref":"a/b.jpg"}.
 */
#ifndef PLUMBLINE_EXCHANGE_MANIFEST_H
#define PLUMBLINE_EXCHANGE_MANIFEST_H

#include "plumbline/base/arena.h"
#include "plumbline/base/error.h"
#include "plumbline/tasks/task.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum manifest_format { MANIFEST_AUTO, MANIFEST_JSON_LINES, MANIFEST_CSV };

enum {
    MANIFEST_LINE_MAX = 8 << 20, /* bytes of a line                              */
    MANIFEST_TEXT_MAX = 4 << 20, /* bytes of a text                              */
    MANIFEST_ID_MAX = 512,       /* bytes of the user's id                       */
    MANIFEST_KEY_SIZE = MANIFEST_ID_MAX + 2,
};

struct manifest_options {
    enum task_media      media;  /* of the job; ANY takes both                                    */
    enum manifest_format format; /* AUTO: by content, then by the file's ending                   */
    const char *base;      /* folder that relative source-refs are read from; NULL = not known:
                              paths are then only checked for climbing. manifest_read_path sets
                              it to the manifest's own folder when NULL. */
    bool   no_files;       /* its own folder has none of its files: paths are not read             */
    bool   load_text;      /* text jobs: read the file behind a local source-ref into item->text  */
    size_t line_max, text_max; /* 0 = the limits above                                            */
    const char *scratch;   /* folder for what grows with the number of lines, see base/hash_table.h;
                              borrowed while reading; NULL = memory                               */
};

/* A good line. Everything is borrowed and gone when the callback returns; json_incref the object to
 * keep it. */
struct manifest_item {
    int64_t     line;      /* zero-based; blank lines count; a CSV's header does not              */
    int64_t     file_line; /* one-based line of the file, for people                              */
    int64_t     consumed;  /* bytes of the file up to about the end of the line; 0 in a folder    */
    const char *raw;       /* the line's bytes without line end (NUL-terminated); for CSV and
                              folders the object written as JSON */
    size_t      raw_size;
    const char *key;       /* the same for the same line of a later upload: see manifest_key      */
    const char *text;      /* the text itself, or NULL                                            */
    size_t      text_size;
    const char *ref;       /* path or URI, or NULL                                                */
    json_t     *object;
};

/* A bad line. `code` is one of: line.not_json, line.not_utf8, line.too_long, line.source_missing,
 * line.source_twice, line.source_media, line.attribute, line.id, line.text_empty,
 * line.text_too_long, line.path, line.file, line.columns, line.quote. */
struct manifest_bad {
    int64_t     line, file_line, consumed;
    const char *key;      /* as of a good line without id                                        */
    const char *code;
    const char *message;  /* one sentence, with column, offset or limit                          */
    const char *raw;      /* NUL-terminated; "" when it was too long or is not a JSON object     */
    size_t      raw_size;
};

/* Called in line order. Returning false (with *err filled) ends the reading. `bad` may be NULL:
 * then the first bad line ends the reading with 422, its code and its sentence. */
struct manifest_sink {
    void *ctx;
    bool (*item)(void *ctx, const struct manifest_item *item, struct error *err);
    bool (*bad)(void *ctx, const struct manifest_bad *bad, struct error *err);
};

struct manifest_summary {
    int64_t items, bad, blank; /* lines of each kind */
    int64_t bytes;             /* read               */
};

/* Reads `path`: a file, or a folder. `summary` may be NULL. Errors: 404 source.not_found,
 * 422 source.invalid (CSV header, neither file nor folder, empty folder), 500; and the sink's. */
bool manifest_read_path(const char *path, const struct manifest_options *options,
                        const struct manifest_sink *sink, struct manifest_summary *summary,
                        struct error *err);

/* Reads an open file, pipe or socket to its end, gunzipping what is gzipped (422 source.invalid when
 * that is broken). `name` (may be NULL) helps to tell the format. */
bool manifest_read_fd(int fd, const char *name, const struct manifest_options *options,
                      const struct manifest_sink *sink, struct manifest_summary *summary,
                      struct error *err);

/* The same pushed in pieces, for bytes that arrive by themselves. After a false only
 * manifest_reader_free may follow. */
struct manifest_reader;
struct manifest_reader *manifest_reader_new(const char *name,
                                            const struct manifest_options *options,
                                            const struct manifest_sink *sink);
bool manifest_reader_feed(struct manifest_reader *r, const void *bytes, size_t size,
                          struct error *err);
bool manifest_reader_end(struct manifest_reader *r, struct manifest_summary *summary,
                         struct error *err);
void manifest_reader_free(struct manifest_reader *r); /* NULL is fine */

/* Writes an item's key: the user's id, or "#" + 16 hex digits of the line's SHA-256 + "." +
 * occurrence (from 1) among the equal lines of one upload. An id that begins with "#" gets another
 * "#" in front, so that the two cannot meet. Returns out. */
char *manifest_key(const char *id, uint64_t line_hash, uint32_t occurrence,
                   char out[MANIFEST_KEY_SIZE]);
bool manifest_key_is_of_line(const char *key); /* such a key comes once in an upload */
uint64_t manifest_line_hash(const void *line, size_t size);

/* Whether the bytes of a file, with a NUL behind them, are a text: drops a byte order mark (*size gets smaller). 422
 * line.text_too_long, line.not_utf8, line.text_empty. */
bool manifest_text_check(const char *ref, char *text, size_t *size, size_t limit,
                         struct error *err);

/* Whether a folder's file of this name becomes an item: by its ending, case ignored. */
bool manifest_folder_takes(enum task_media media, const char *name);

/* True for a URI with a scheme ("s3://...", "https://..."). */
bool manifest_ref_is_uri(const char *ref);

/* Opens the file that a manifest names, read-only. `ref` is relative to the folder `base`, or
 * absolute and inside it; `..` and symbolic links may not lead out of it (openat2 with
 * RESOLVE_BENEATH; where the system refuses that call, symbolic links and `..` are refused
 * altogether). Only regular files. 422 line.path, 404 line.file. The caller closes *fd. */
bool manifest_open(const char *base, const char *ref, int *fd, struct error *err);

/* The same, giving the file's real path. For reading prefer manifest_open: a path can be changed
 * between check and use. */
bool manifest_resolve(const char *base, const char *ref, char out[PATH_MAX], struct error *err);

/* A class map: CSV with the header from,to. `from` is unique; the table lives in the arena. Errors:
 * 404 source.not_found, 422 source.invalid with the line. */
struct class_map {
    const char **from, **to; /* sorted by from, in byte order */
    size_t       n;
};
bool class_map_read(const char *path, struct arena *a, struct class_map *out, struct error *err);
bool class_map_parse(const char *text, size_t size, struct arena *a, struct class_map *out,
                     struct error *err);
/* What `name` maps to; NULL when it is not in the map. */
const char *class_map_find(const struct class_map *map, const char *name);

#endif
