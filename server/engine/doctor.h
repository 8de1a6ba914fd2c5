/* doctor.h - what the checks share; private to engine/. A check looks at one thing and says one or more
 * sentences about it. */
#ifndef ENGINE_DOCTOR_H
#define ENGINE_DOCTOR_H

#include "plumbline/engine/doctor.h"

struct doctor {
    const struct doctor_settings *set;
    struct arena                 *arena;
    struct db                    *db;      /* NULL: it cannot be opened, or is not there */
    int                           schema;  /* of db; -1: not known */
    const char                   *what;    /* of the check that runs */
    struct doctor_report         *report;
    int                           capacity;
    bool                          unreachable; /* a bucket could not be reached */
};

void doctor_ok(struct doctor *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
void doctor_say(struct doctor *d, enum doctor_level level, const char *advice, const char *format,
                ...) __attribute__((format(printf, 4, 5)));

/* DIR/name, in the arena. */
const char *doctor_path(struct doctor *d, const char *name);

typedef void doctor_check(struct doctor *d);

/* doctor_files.c: the folder and its disk */
doctor_check doctor_folder, doctor_secret, doctor_disks, doctor_leftovers, doctor_wal;
/* doctor_data.c: what the database says */
doctor_check doctor_database, doctor_schema, doctor_counters, doctor_foreign_keys, doctor_clock;
/* doctor_system.c: the machine around it */
doctor_check doctor_service, doctor_pictures, doctor_children, doctor_address, doctor_descriptors;
/* doctor_backups.c */
doctor_check doctor_backups;
/* doctor_buckets.c */
doctor_check doctor_buckets, doctor_bucket_clock, doctor_cors;

#endif
