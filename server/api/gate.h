/* gate.h - which job a labelling call is about, and whether the caller may: remembered between calls.
 *
 * An entry holds as long as no job and no team has changed since it was made (TOUCH_JOB); those are
 * rare, calls are not. */
#ifndef API_GATE_H
#define API_GATE_H

#include "context.h"

struct gate {
    int64_t                 job, label_set_version;
    const struct task_type *type;
};

struct gates;
struct gates *gates_new(void);
void          gates_free(struct gates *g); /* NULL is fine */

/* The job of the path's first parameter (id or name). 404 when there is none, or the caller is not
 * on it. */
bool gate_pass(struct http_request *rq, struct gate *out, struct error *err);

#endif
