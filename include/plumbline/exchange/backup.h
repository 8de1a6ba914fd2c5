/* backup.h - the archive of a backup: one tar, plain or compressed, of a database and its blobs.
 *
 *     contents.json        what it is of: version, schema number, counts, SHA-256 of the database
 *     plumbline.db         the database, a copy of one moment
 *     secret.key           only when asked for
 *     blobs/ab/abcdef…     each under the SHA-256 of its bytes; none in a backup of the database alone
 *     end.json             how many blobs and bytes came before: an archive without it is cut off
 *
 * Nothing else may be in it, and all in this order. Whoever reads one trusts none of it: names, kinds
 * and sizes of entries are checked before anything is handed on, and digests at the end of each. Owner
 * and mode of an entry mean nothing.
 */
#ifndef PLUMBLINE_EXCHANGE_BACKUP_H
#define PLUMBLINE_EXCHANGE_BACKUP_H

#include "plumbline/base/arena.h"
#include "plumbline/base/error.h"

#include <stddef.h>
#include <stdint.h>

enum backup_compression { BACKUP_PLAIN, BACKUP_GZIP, BACKUP_ZSTD };

extern const char *const backup_compressions[]; /* "none", "gzip", "zstd" */
extern const char *const backup_endings[];      /* ".tar", ".tar.gz", ".tar.zst" */

/* By the file's name: .gz and .tgz, .zst and .tzst; anything else is a plain tar. */
enum backup_compression backup_compression_of(const char *path);

struct backup_contents {
    const char *version;         /* of the program that made it */
    int64_t     schema, created; /* schema number; UTC microseconds */
    int64_t     database_bytes;
    const char *database_sha256; /* hex */
    int64_t     people, jobs, items, answers, labels;
    bool        secrets; /* secret.key is in it */
    bool        blobs;   /* false: the database alone */
};

/* ---- writing ---- */
typedef bool backup_put(void *context, const void *bytes, size_t size, struct error *err);

struct backup_writer;

/* Errors are those of `put`, 500 when the archive cannot be made. The caller frees. */
struct backup_writer *backup_writer_new(enum backup_compression compression, backup_put *put,
                                        void *context, struct error *err);
void backup_writer_free(struct backup_writer *w); /* NULL is fine; a half-written one ends here */

bool backup_write_contents(struct backup_writer *w, const struct backup_contents *contents,
                           struct error *err);

/* An entry of `size` bytes out of an open file, from its start. 409 backup.changed when the file ends
 * before. */
bool backup_write_file(struct backup_writer *w, const char *name, int fd, int64_t size,
                       struct error *err);

/* end.json and the end of the archive. */
bool backup_write_end(struct backup_writer *w, struct error *err);

/* ---- reading ---- */

/* What the reader hands over, in order; any member may be NULL. A false ends the reading. */
struct backup_sink {
    void *context;
    bool (*contents)(void *context, const struct backup_contents *contents, struct error *err);
    bool (*begin)(void *context, const char *name, int64_t size, struct error *err);
    bool (*data)(void *context, const void *bytes, size_t size, struct error *err);
    bool (*end)(void *context, struct error *err); /* the entry was whole and its digest right */
};

struct backup_totals {
    int64_t blobs, blob_bytes;
};

/* Reads a whole archive from an open file (or from memory, for tests). 422 backup.damaged with what is
 * wrong with it; errors of the sink. `out`'s texts live in the arena. */
bool backup_read(int fd, const struct backup_sink *sink, struct arena *a,
                 struct backup_contents *out, struct backup_totals *totals, struct error *err);
bool backup_read_bytes(const void *bytes, size_t size, const struct backup_sink *sink,
                       struct arena *a, struct backup_contents *out, struct backup_totals *totals,
                       struct error *err);

#endif
