/* doctor.h - is everything in order, and what to do where it is not, in words.
 *
 * A check is a row of the table in server/engine/doctor.c; it finds things that are in order (ok), worth
 * a look (warn) or wrong (fail). Works beside a service and without one, and changes nothing. */
#ifndef PLUMBLINE_ENGINE_DOCTOR_H
#define PLUMBLINE_ENGINE_DOCTOR_H

#include "plumbline/base/arena.h"
#include "plumbline/engine/service.h"

enum doctor_level { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };
extern const char *const doctor_level_names[]; /* "ok", "warn", "fail" */

struct doctor_finding {
    const char *what;   /* "disk of the data" */
    int         level;  /* enum doctor_level */
    const char *found;  /* "1.2 GB free of 40 GB" */
    const char *advice; /* what to do; NULL when it is in order */
};

struct doctor_settings {
    const char           *data_dir;
    const struct service *service; /* NULL: nobody serves */
    bool                  deep;    /* integrity_check, foreign keys, the newest backup read whole */
    bool                  quick;   /* leave out what reads the whole database */
    const char *public_url, *listen; /* NULL: not known */
    int64_t     connections;         /* limit of the service; 0: not known */
    const char *backup_to;           /* folder of scheduled backups, or NULL */
    bool      (*go_on)(void *context); /* false: what reads the database is broken off; or NULL */
    void       *context;
};

struct doctor_report {
    struct doctor_finding *v;
    size_t                 n;
    int                    warnings, failures;
};

/* Runs every check in turn; seconds for a database of a gigabyte. All texts live in the arena. */
void doctor_run(const struct doctor_settings *settings, struct arena *a,
                struct doctor_report *out);

/* Sets every counter to what is counted, in one transaction, while no service runs (409 storage.locked).
 * *faults gets how many were wrong. */
bool doctor_repair_counters(const char *data_dir, int *faults, struct error *err);

#endif
