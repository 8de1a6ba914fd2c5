/* spool.h - many byte streams that grow side by side, in one temporary file.
 *
 * A tar entry's size stands before its bytes, and a tree holds a few files per iteration whose
 * lines come in the order of items. So each such file is a stream here until all items have been
 * seen. A stream holds up to 16 KiB of its end in memory; the rest lies in the file in pieces.
 */
#ifndef PLUMBLINE_EXCHANGE_SPOOL_H
#define PLUMBLINE_EXCHANGE_SPOOL_H

#include "plumbline/base/buf.h"
#include "plumbline/base/error.h"

#include <stdint.h>

struct spool {
    int     fd;   /* -1 until the first piece */
    int64_t size;
};

struct piece {
    int64_t at;
    size_t  size;
};

struct stream { /* zeroed is empty */
    struct buf    tail;
    struct piece *pieces;
    size_t        n, capacity;
    int64_t       size;
};

void spool_init(struct spool *s);
void spool_release(struct spool *s);
void stream_release(struct stream *t);

bool stream_put(struct spool *s, struct stream *t, const void *bytes, size_t size,
                struct error *err);

/* Hands the whole stream, piece by piece, to `write`. */
bool stream_read(struct spool *s, const struct stream *t,
                 bool (*write)(void *ctx, const void *bytes, size_t size, struct error *err),
                 void *ctx, struct error *err);

#endif
