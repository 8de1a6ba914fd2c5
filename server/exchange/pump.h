/* pump.h - bytes on their way out: gathered into blocks, then hashed and handed to the sink.
 *
 * Hashing and writing take as long as making the lines. So from the second block on a thread does
 * them, while the next block is filled; a small export never starts it. */
#ifndef PLUMBLINE_EXCHANGE_PUMP_H
#define PLUMBLINE_EXCHANGE_PUMP_H

#include "plumbline/base/sha256.h"
#include "plumbline/exchange/export.h"

#include <pthread.h>

enum { PUMP_BLOCK = 256 << 10, PUMP_BLOCKS = 4 };

struct pump {
    const struct export_sink *sink;
    struct sha256  *sha;
    char           *block[PUMP_BLOCKS];
    size_t          size[PUMP_BLOCKS];
    unsigned        filled, done; /* blocks handed over, and through; filled % PUMP_BLOCKS is next */
    size_t          used;         /* bytes in the block that is being filled */
    int64_t         bytes;
    bool            threaded, end;
    struct error    error;        /* of the thread: what the sink said */
    pthread_t       thread;
    pthread_mutex_t lock;
    pthread_cond_t  wake;
};

void pump_init(struct pump *p, const struct export_sink *sink);
/* False with the sink's error, perhaps that of an earlier block. */
bool pump_put(struct pump *p, const void *bytes, size_t size, struct error *err);
/* Waits until the sink has everything; the number of bytes and their digest. */
bool pump_finish(struct pump *p, int64_t *bytes, char sha256[SHA256_TEXT_SIZE], struct error *err);
void pump_release(struct pump *p);

#endif
