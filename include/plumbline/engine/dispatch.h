/* dispatch.h - who gets what, and what becomes of it.
 *
 * Every function is one transition and runs as a write (on the writer's connection, in one
 * transaction). An item's life:
 *
 *   waiting --open--> open --last answer--> answered --window of undo over--> labelled by people
 *      |                ^  <------undo--------'
 *      '--------------------------------------------------------------> labelled by the machine
 *
 * A slot is one person on one item; there is never a second one, so nobody gets an item twice and
 * two people never hold one slot. A lease is a slot that has an end: "lease_7" is the caller's slot
 * on item 7.
 */
#ifndef PLUMBLINE_ENGINE_DISPATCH_H
#define PLUMBLINE_ENGINE_DISPATCH_H

#include "plumbline/engine/service.h"
#include "plumbline/store/items.h"
#include "plumbline/store/work.h"

enum { LEASES_MAX = 10 }; /* a person holds at most so many of a job at a time */

enum none_reason { NONE_HERE, NONE_LEFT, NONE_PAUSED, NONE_ENDED, NONE_WAITING };

extern const char *const none_reason_names[]; /* NULL for NONE_HERE; "none_left" … */

struct lease_call {
    struct service *service;
    int64_t job, person;
    int     want;
    struct arena *arena; /* for the tasks' texts */
    /* out */
    struct task {
        struct slot    slot;
        struct payload payload;
    } tasks[LEASES_MAX];
    int     count;
    int     none; /* enum none_reason, when count is 0 */
};
bool dispatch_lease(struct db *db, void *lease_call, struct error *err);

/* What the person holds of the job, oldest first; by any connection. */
bool dispatch_held(struct service *s, struct db *db, int64_t job, int64_t person, struct arena *a,
                   struct slot **out, int *count, struct error *err);
int  dispatch_held_count(struct service *s, int64_t job, int64_t person);

struct answer_call {
    struct service *service;
    int64_t     item, person, job; /* of the item: another job's lease is not found */
    int         class_index;
    const char *body;
    int64_t     elapsed_ms, active_ms, label_set_version;
    uint8_t     idem[16];
    bool        has_idem;
    /* out */
    int64_t     answer;
    bool        again; /* this very answer was already there */
    bool        late;  /* the lease was over */
    bool        extra; /* others had filled the item: stored, does not count */
};
/* 404 lease.not_found, 409 answer.settled (the item is consolidated), 409 lease.skipped, 422
 * answer.key_reused (the key came with another answer before). */
bool dispatch_answer(struct db *db, void *answer_call, struct error *err);

/* Whether an answer with this key is there already: then it need not be checked again, whatever became
 * of the labels meanwhile. */
bool dispatch_was_sent(struct db *db, int64_t item, int64_t person, const uint8_t idem[16],
                       bool *sent, struct error *err);

struct undo_call {
    struct service *service;
    int64_t answer, person;
    /* out */
    int64_t item, job;
};
/* Takes an answer back: the person holds the item again. 404 answer.not_found, 409
 * answer.settled. */
bool dispatch_undo(struct db *db, void *undo_call, struct error *err);

struct slot_call {
    struct service *service;
    int64_t     item, person;
    int64_t     job; /* in: 0, or the job that it must be of; out */
    const char *reason, *comment; /* skip */
    const char *draft;            /* draft */
    int64_t     revision;
    /* out */
    int64_t     until; /* lease clock */
};
bool dispatch_skip(struct db *db, void *slot_call, struct error *err);
bool dispatch_release(struct db *db, void *slot_call, struct error *err);
bool dispatch_extend(struct db *db, void *slot_call, struct error *err);
bool dispatch_draft(struct db *db, void *slot_call, struct error *err); /* 409 draft.older */

/* Ends leases that ran out: at most `limit`; *swept is how many. */
struct sweep_call {
    struct service *service;
    int limit, swept;
};
bool dispatch_sweep(struct db *db, void *sweep_call, struct error *err);

/* Opens up to `count` waiting items, ranks from `rank` up; *opened is how many were waiting. The range:
 * all that wait from first to last, ranked by their ids. They leave people at `due` on the lease clock;
 * 0: never. */
bool dispatch_open_range(struct db *db, const struct job *job, int64_t first, int64_t last,
                         int64_t due, int *opened, struct error *err);
bool dispatch_open(struct db *db, const struct job *job, const int64_t *items, int count,
                   int64_t rank, int64_t due, int *opened, struct error *err);

#endif
