/* autolabel.h - the active-learning loop over a job's rows; private to engine/. The loop itself is
 * learn/loop: this room only moves its arrays. */
#ifndef ENGINE_AUTOLABEL_H
#define ENGINE_AUTOLABEL_H

#include "plumbline/engine/service.h"
#include "plumbline/learn/loop.h"

enum { CHILDREN_TRIED = 2 }; /* a child that died is given one more chance */

/* Runs a round of the first job that is due; false when none is. */
bool autolabel_next(struct service *s, void *own);

/* True while the loop decides which items people see; false before it is switched on, and once it
 * has finished or refused: then the rest is opened in order. */
bool autolabel_steers(const struct job *job);

/* The job's items as the loop numbers them: row = line number. */
struct loop_items {
    size_t    n;
    int64_t  *id;    /* 0: a line that is not an item */
    uint8_t  *state; /* enum item_state */
    int32_t  *label; /* class, LEARN_UNKNOWN, LEARN_EXCLUDED */
    uint8_t  *part;
};

bool loop_items_load(struct loop_items *in, struct db *db, const struct job *job,
                     struct error *err);
void loop_items_release(struct loop_items *in);

/* Brings the job's feature file up to date, in a child process. `initial` (may be NULL): the model that
 * the job begins with, whose features these are to be. */
bool features_update(struct service *s, struct db *db, const struct job *job,
                     const struct task_type *type, const struct learn_model *initial,
                     const char *path, struct error *err);

/* Writes what a round found: model, round, guesses, the list of items to ask, or the labels. */
bool autolabel_write(struct service *s, const struct job *job, const struct loop_items *in,
                     const struct learn_result *result, double seconds, struct error *err);

/* Turns the guesses of a finished loop into labels, as long as there are any. */
bool autolabel_finish(struct service *s, const struct job *job, struct error *err);

#endif
