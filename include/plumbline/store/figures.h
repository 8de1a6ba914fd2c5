/* figures.h - how much there is of everything, for /metrics. Read from maintained counters, from tables
 * with a row a job, person or transfer, and from the index of held tasks: the cost does not grow
 * with the jobs' items. */
#ifndef PLUMBLINE_STORE_FIGURES_H
#define PLUMBLINE_STORE_FIGURES_H

#include "plumbline/store/jobs.h"
#include "plumbline/store/transfers.h"

struct transfer_figures {
    int64_t count, lines, bytes; /* bytes: of exports only */
};

struct figures {
    int64_t           jobs[JOB_STOPPED + 1]; /* by state */
    struct job_counts counts;                /* of all jobs together */
    int64_t           leases, people, sessions;
    struct transfer_figures imports[TRANSFER_FAILED + 1], exports[TRANSFER_FAILED + 1];
};

/* now: wall clock, for the sessions. */
bool figures_read(struct db *db, int64_t now, struct figures *out, struct error *err);

#endif
