/* label_scan.h - a job's items with their labels from the first line to the last: what an export
 * reads. One statement over all of it, since a million rows cost three times as much when item,
 * payload and label are asked for one by one. */
#ifndef PLUMBLINE_STORE_LABEL_SCAN_H
#define PLUMBLINE_STORE_LABEL_SCAN_H

#include "plumbline/db/db.h"

struct scanned_label { /* texts are valid until the next row */
    int64_t     item;
    int         state;       /* enum item_state */
    const char *raw;         /* the manifest line, raw_size bytes */
    size_t      raw_size;
    const char *failure;     /* of a failed item, or NULL */
    bool        labelled;    /* the next four are set */
    int         class_index; /* of the label, or of the guess */
    double      confidence;
    int64_t     created, model, round;
    double      estimate;
    bool        guessed;     /* not labelled: class, posterior and model are the newest model's */
    int64_t     answers;     /* these four only with SCAN_ROWS and SCAN_GUESSES */
    const char *key;         /* or NULL */
    double      posterior;
    int64_t     previous;    /* the label that it superseded; 0: none */
};

/* Columns are half of what a scan costs: a manifest needs the fewest. Guesses are looked up, for
 * items without a label, only when asked for. */
enum label_scan_depth { SCAN_MANIFEST, SCAN_ROWS, SCAN_GUESSES };

/* One scan at a time on a connection, inside db_begin_read where all rows are to be of one
 * moment. */
struct stmt *label_scan_open(struct db *db, int64_t job, enum label_scan_depth depth);

/* Of the same form with SCAN_MANIFEST, for a part of the items: those that people labelled first in
 * that iteration, as far as it is delivered (store/outputs.h); those that the machine labelled in
 * that round. */
struct stmt *label_scan_iteration(struct db *db, int64_t job, int64_t iteration);
struct stmt *label_scan_round(struct db *db, int64_t job, int64_t round);

bool label_scan_next(struct stmt *scan, enum label_scan_depth depth, struct scanned_label *out);
bool label_scan_close(struct stmt *scan, struct error *err); /* false: a step had failed */

struct scanned_answer {
    int64_t item, person, since, accepted, created, active_ms;
    int     class_index; /* -1: none */
};

/* The counting answers of the same items in the order of items: the other half of the merge. */
struct stmt *answer_scan_open(struct db *db, int64_t job);
bool answer_scan_next(struct stmt *scan, struct scanned_answer *out);

#endif
