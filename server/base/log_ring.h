/* log_ring.h - a bounded queue with many writers and one reader that never blocks a writer; private
 * to base/.
 *
 * After D. Vyukov's bounded MPMC queue: each slot carries the turn in which it may be filled or
 * emptied, so that writers agree by one compare-and-swap on the tail and nobody holds a lock. */
#ifndef BASE_LOG_RING_H
#define BASE_LOG_RING_H

#include "log_line.h"

#include <stdatomic.h>

enum { LOG_RING_SLOTS = 4096 }; /* 1.2 MB; a tenth of a second at 40,000 lines a second */

struct log_slot {
    atomic_size_t    turn;
    struct log_entry entry;
};

struct log_ring {
    struct log_slot *slot; /* LOG_RING_SLOTS */
    _Alignas(64) atomic_size_t tail;
    _Alignas(64) atomic_size_t head; /* only the reader moves it */
};

void log_ring_init(struct log_ring *r);
void log_ring_release(struct log_ring *r); /* when nobody uses it any more */

/* A slot to fill and then to publish, or NULL when the ring is full. */
struct log_slot *log_ring_claim(struct log_ring *r, size_t *turn);
void             log_ring_publish(struct log_slot *slot, size_t turn);

/* The oldest entry, or NULL; then log_ring_drop when it is done with. */
struct log_entry *log_ring_peek(struct log_ring *r);
void              log_ring_drop(struct log_ring *r);

#endif
