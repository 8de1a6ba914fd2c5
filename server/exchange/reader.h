/* reader.h - the inside of the manifest reader, shared by its files: manifest.c cuts the bytes into
 * lines, csv_rows.c turns a CSV line into an object, line.c checks the object and hands it on,
 * folder.c feeds it a folder's files. */
#ifndef PLUMBLINE_EXCHANGE_READER_H
#define PLUMBLINE_EXCHANGE_READER_H

#include "line_keys.h"
#include "plumbline/base/buf.h"
#include "plumbline/exchange/manifest.h"

#include <csv.h>
#include <sodium.h>

enum { COLUMNS_MAX = 1000, HEAD_MAX = 64 << 10 };

enum csv_place { CSV_FIELD_START, CSV_PLAIN, CSV_QUOTED, CSV_QUOTE_IN_QUOTED, CSV_CLOSED };

struct csv_rows {
    struct csv_parser parser;
    bool              ready;  /* parser is initialised                                       */
    enum csv_place    place;  /* where the scanner for line ends stands                      */
    bool              stray;  /* it met a mark that neither closes a cell nor is doubled     */
    char            **columns;/* after the header; owned                                     */
    size_t            column_count;
    struct buf        cells;  /* of the row being read, one after another                    */
    size_t           *ends;   /* end of each cell in `cells`; COLUMNS_MAX of them            */
    size_t            n;      /* cells seen, may pass COLUMNS_MAX                            */
    int               rows;   /* rows libcsv saw in one record: a bare \r makes two          */
};

struct manifest_reader {
    struct manifest_options options; /* limits and base filled in; base owned */
    char                   *base, *real_base; /* real_base: for absolute paths; NULL without base */
    const struct manifest_sink *sink;
    char                   *name;
    struct manifest_summary summary;
    struct line_keys        keys;
    bool                    started; /* byte order mark and format are settled */
    struct buf              pending; /* the unfinished line; before `started` the head */
    bool                    skipping; /* the line is too long: only hashed and counted */
    crypto_hash_sha256_state skip_hash;
    int64_t                 skip_size, skip_lines; /* its bytes, and line ends inside quotes */
    int64_t                 line, file_line; /* of the line being read */
    int64_t                 consumed; /* bytes of the source up to its end */
    int64_t                 packed;   /* of a gzipped source: bytes of the file; else -1 */
    struct csv_rows         csv;
};

/* line.c */
bool reader_item(struct manifest_reader *r, const char *raw, size_t size, json_t *object,
                 struct error *err);
bool reader_json_line(struct manifest_reader *r, const char *raw, size_t size, struct error *err);
bool reader_bad(struct manifest_reader *r, const char *raw, size_t size, bool is_object,
                const char *code, struct error *err, const char *format, ...)
    __attribute__((format(printf, 7, 8)));
bool reader_bad_hash(struct manifest_reader *r, uint64_t hash, const char *raw, size_t size,
                     const char *code, const char *message, struct error *err);
bool reader_bytes_ok(struct manifest_reader *r, const char *raw, size_t size, bool *good,
                     struct error *err); /* UTF-8 without NUL; reports the bad line */

/* csv_rows.c */
bool   csv_rows_line(struct manifest_reader *r, const char *raw, size_t size, struct error *err);
size_t csv_rows_end(struct csv_rows *csv, const char *p, size_t n); /* bytes before the line's \n */
bool   csv_rows_looks(const char *head, size_t size); /* the first line names a known column */
void   csv_rows_release(struct csv_rows *csv);

/* folder.c */
bool folder_read(struct manifest_reader *r, int fd, const char *path, struct error *err);

#endif
