/* log_ring.c - see log_ring.h. */
#include "log_ring.h"

#include "plumbline/base/arena.h"

#include <stdlib.h>

void log_ring_init(struct log_ring *r)
{
    r->slot = must_alloc(LOG_RING_SLOTS * sizeof *r->slot);
    for (size_t i = 0; i < LOG_RING_SLOTS; i++)
        atomic_init(&r->slot[i].turn, i);
    atomic_init(&r->tail, 0);
    atomic_init(&r->head, 0);
}

void log_ring_release(struct log_ring *r)
{
    struct log_entry *e;

    while ((e = log_ring_peek(r))) {
        free(e->message);
        log_ring_drop(r);
    }
    free(r->slot);
    r->slot = NULL;
}

struct log_slot *log_ring_claim(struct log_ring *r, size_t *turn)
{
    size_t at = atomic_load_explicit(&r->tail, memory_order_relaxed);

    for (;;) {
        struct log_slot *s = &r->slot[at % LOG_RING_SLOTS];
        size_t seen = atomic_load_explicit(&s->turn, memory_order_acquire);

        if (seen == at) {
            if (atomic_compare_exchange_weak_explicit(&r->tail, &at, at + 1, memory_order_relaxed,
                                                      memory_order_relaxed)) {
                *turn = at;
                return s;
            }
        } else if ((ptrdiff_t)(seen - at) < 0) {
            return NULL;
        } else {
            at = atomic_load_explicit(&r->tail, memory_order_relaxed);
        }
    }
}

void log_ring_publish(struct log_slot *slot, size_t turn)
{
    atomic_store(&slot->turn, turn + 1); /* in one order with the look at whether the reader sleeps */
}

struct log_entry *log_ring_peek(struct log_ring *r)
{
    size_t at = atomic_load_explicit(&r->head, memory_order_relaxed);
    struct log_slot *s = &r->slot[at % LOG_RING_SLOTS];

    return atomic_load(&s->turn) == at + 1 ? &s->entry : NULL;
}

void log_ring_drop(struct log_ring *r)
{
    size_t at = atomic_load_explicit(&r->head, memory_order_relaxed);

    atomic_store_explicit(&r->slot[at % LOG_RING_SLOTS].turn, at + LOG_RING_SLOTS,
                          memory_order_release);
    atomic_store_explicit(&r->head, at + 1, memory_order_release);
}
