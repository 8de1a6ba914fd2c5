/* clone.h - a new job from one that is there. */
#ifndef PLUMBLINE_ENGINE_CLONE_H
#define PLUMBLINE_ENGINE_CLONE_H

#include "plumbline/engine/service.h"

/* What is taken of each line: as it came (cloning), or as the earlier job would export it now, with its
 * label (chaining: under the same attribute only what has no label is labelled, under another one
 * everything). */
enum clone_lines { CLONE_INPUT, CLONE_OUTPUT };
extern const char *const clone_lines_names[]; /* "input", "output", NULL-terminated */

struct clone_call {
    struct service  *service;
    int64_t          from, person;
    const char      *name, *title, *attribute; /* title, attribute NULL: the earlier job's */
    enum clone_lines lines;
    int64_t          model; /* clone_prepare's: where auto-labelling begins; 0: from nothing */
    int64_t          job;   /* out */
};

/* Checks what can be checked without writing, and finds the model of a job that goes on. 404, 409
 * job.state (its labels are not known yet), 422. */
bool clone_prepare(struct db *db, struct clone_call *c, struct error *err);

/* Makes the job, with the settings, labels, people and (where it was made at the AWS door) request of
 * the earlier one, and begins to copy its items as an import. A write; service_wake afterwards. 409 job.name_taken. */
bool clone_write(struct db *db, void *clone_call, struct error *err);

#endif
