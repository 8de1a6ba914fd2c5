/* writer.h - the inside of the export, shared by its files: export.c checks and counts, pump.c hashes
 * and pushes bytes, export_line.c makes lines of a manifest, export_rows.c those of jsonl and csv,
 * export_tree.c the output folder. */
#ifndef PLUMBLINE_EXCHANGE_WRITER_H
#define PLUMBLINE_EXCHANGE_WRITER_H

#include "plumbline/base/buf.h"
#include "plumbline/exchange/export.h"
#include "plumbline/exchange/tree.h"
#include "pump.h"

enum { WRITER_LINE_MAX = 64 << 20 }; /* of one line written: 8 MiB, every byte of it escaped */

struct exporter {
    const struct export_options *options;
    const struct export_source  *source;
    struct export_result         result;
    struct pump                  pump; /* unused where a tree goes into a folder */
    struct buf                   line;
    struct tree_space            space; /* work space of one item */
};

/* export.c */
void exporter_init(struct exporter *x, const struct export_options *options,
                   const struct export_source *source, const struct export_sink *sink);
void exporter_release(struct exporter *x);
/* The next item that the scope lets through, checked and counted. */
bool exporter_next(struct exporter *x, struct export_item *item, bool *end, struct error *err);
bool exporter_put(struct exporter *x, const void *bytes, size_t size, struct error *err);
bool exporter_full(struct error *err); /* a work buffer overflowed: fills err, false */

/* Makes x->line, with its \n. */
bool export_line(struct exporter *x, const struct export_item *item, struct error *err);

/* export_rows.c: makes x->line */
bool export_jsonl_row(struct exporter *x, const struct export_item *item, struct error *err);
bool export_csv_row(struct exporter *x, const struct export_item *item, struct error *err);
extern const char export_csv_header[];

/* export_tree.c: the whole tree as a tar through exporter_put, or, with folder >= 0, into that
 * folder; result->bytes and sha256 are set for the folder */
bool export_tree(struct exporter *x, int folder, struct error *err);

#endif
