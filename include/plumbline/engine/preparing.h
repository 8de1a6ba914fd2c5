/* preparing.h - a job that was made at the AWS door is prepared from its bucket before it can start. */
#ifndef PLUMBLINE_ENGINE_PREPARING_H
#define PLUMBLINE_ENGINE_PREPARING_H

#include "plumbline/engine/service.h"
#include "plumbline/store/jobs.h"

struct preparing {
    bool        is;      /* it is being prepared */
    const char *problem; /* what that waits for, or NULL; in the arena or the job's */
};
bool preparing_view(struct db *db, const struct job *job, struct arena *a, struct preparing *out,
                    struct error *err);

/* Keeps what came of a step for people: why it waits, or (status 0) that it does not. `job` is as it was
 * before the step. */
void preparing_tell(struct service *s, const struct job *job, const struct error *why);

#endif
