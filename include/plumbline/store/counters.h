/* counters.h - every counter that is kept against a full count of the rows it counts. */
#ifndef PLUMBLINE_STORE_COUNTERS_H
#define PLUMBLINE_STORE_COUNTERS_H

#include "plumbline/db/db.h"

struct counter_fault {
    const char *counter; /* "answers of a job" */
    const char *subject; /* "job_7", "job_7, person_3"; borrowed until the callback returns */
    int64_t     kept, counted;
};

/* Called for each fault; false ends the check. */
typedef bool counter_found(void *context, const struct counter_fault *fault, struct error *err);

/* Counts everything (a scan of the large tables, seconds for a million items) and tells what does not
 * agree. Call it in one read transaction. *checked gets the number of kinds of counters. */
bool counters_check(struct db *db, counter_found *found, void *context, int *checked,
                    struct error *err);

/* Sets every counter to what is counted, in the caller's transaction. */
bool counters_repair(struct db *db, struct error *err);

/* What a backup says it is of, from the counters. */
struct store_totals {
    int64_t people, jobs, items, answers, labels;
};
bool store_totals(struct db *db, struct store_totals *out, struct error *err);

/* The newest time that the database knows, UTC microseconds; 0 when it is empty. */
bool store_newest_time(struct db *db, int64_t *out, struct error *err);

/* Whether an import or export is unfinished, or answers wait to be merged. */
bool store_unfinished(struct db *db, bool *any, struct error *err);

/* Rows that point to rows that are gone, by PRAGMA foreign_key_check. */
bool store_orphans(struct db *db, int64_t *count, struct error *err);

#endif
