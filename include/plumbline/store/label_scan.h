/* label_scan.h - a job's items with their labels from the first line to the last: what an export
 * reads. One statement over all of it, since a million rows cost three times as much when item,
 * payload and label are asked for one by one. */
#ifndef PLUMBLINE_STORE_LABEL_SCAN_H
#define PLUMBLINE_STORE_LABEL_SCAN_H

#include "plumbline/db/db.h"

struct scanned_label { /* texts are valid until the next row */
    int64_t     item, line;
    int         state;       /* enum item_state */
    int64_t     answers;     /* that count */
    const char *raw;         /* the manifest line, raw_size bytes */
    size_t      raw_size;
    const char *key, *failure; /* or NULL */
    int         origin;      /* enum label_origin of the current label */
    int         class_index; /* of the label, or of the guess */
    double      posterior, confidence, estimate;
    int64_t     created, round, model;
    bool        guessed;     /* no label: class, posterior and model are the newest model's */
};

/* Guesses are looked up only when asked for. One scan at a time on a connection, inside
 * db_begin_read where all rows are to be of one moment. */
struct stmt *label_scan_open(struct db *db, int64_t job, bool guesses, struct error *err);
bool label_scan_next(struct stmt *scan, struct scanned_label *out);
bool label_scan_close(struct stmt *scan, struct error *err); /* false: a step had failed */

struct scanned_answer {
    int64_t item, person, since, accepted, created, active_ms;
    int     class_index; /* -1: none */
};

/* The counting answers of the same items in the order of items: the other half of the merge. */
struct stmt *answer_scan_open(struct db *db, int64_t job, struct error *err);
bool answer_scan_next(struct stmt *scan, struct scanned_answer *out);

#endif
