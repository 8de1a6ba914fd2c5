/* moves.h - the two changes that every transition is made of; private to engine/. */
#ifndef ENGINE_MOVES_H
#define ENGINE_MOVES_H

#include "plumbline/db/db.h"
#include "plumbline/store/items.h"
#include "plumbline/store/jobs.h"

struct slots {
    int64_t taken, done, wanted, rank;
    int     state;
};

/* Changes an item's slot counters; *now is what they are afterwards. */
bool move_slots(struct db *db, int64_t item, int taken, int done, struct slots *now,
                struct error *err);

/* Moves an item from one state to another, and the job's counters with it. */
bool move_state(struct db *db, int64_t job, int64_t item, enum item_state from, enum item_state to,
                struct error *err);

/* Adds n to the counter of a state. */
void count_state(struct job_counts *counts, enum item_state state, int64_t n);

/* Gives an item up: failed, with the reason. */
bool move_failed(struct db *db, int64_t job, int64_t item, enum item_state from, const char *reason,
                 struct error *err);

#endif
