/* outputs.h - how far the output tree of a job with a bucket is written, as rows.
 *
 * Labels are handed over in deliveries: ranges of their ids, which are committed before the first of
 * their files is sent. What a delivery says comes from rows that never change (label rows, answers
 * that counted when the label was made), so that its files can be made again with the same bytes. */
#ifndef PLUMBLINE_STORE_OUTPUTS_H
#define PLUMBLINE_STORE_OUTPUTS_H

#include "plumbline/base/arena.h"
#include "plumbline/db/db.h"
#include "plumbline/store/label_scan.h"

struct output_row {
    int64_t     job;
    int64_t     label;    /* labels up to this id are in deliveries */
    int64_t     manifest; /* when output.manifest was last written; 0: never */
    int64_t     shown;    /* what label was then */
    int64_t     failed;   /* how many items had failed then */
    int64_t     round;    /* training rounds up to this number are written */
    int64_t     done;     /* when all of the ended job's tree was there; 0: not yet */
    const char *problem;  /* why writing waits, or NULL */
    int64_t     since;    /* since when */
};

/* All zero where nothing was written yet. */
bool output_get(struct db *db, int64_t job, struct arena *a, struct output_row *out,
                struct error *err);

/* Jobs whose tree may want something: not done, or with labels that came since. */
struct output_wish {
    int64_t     job, modified;
    const char *uri;
};
bool output_wishes(struct db *db, struct arena *a, struct output_wish **out, int *count,
                   struct error *err);

/* Whether a tree that nothing hinders is not written yet. */
bool output_unfinished(struct db *db, bool *any, struct error *err);

bool output_set_problem(struct db *db, int64_t job, const char *problem, int64_t since,
                        struct error *err); /* NULL: none any more */
bool output_set_round(struct db *db, int64_t job, int64_t round, struct error *err);
/* output.manifest was written of what `row` says in manifest, shown and failed; done: when all was. */
bool output_set_manifest(struct db *db, const struct output_row *row, struct error *err);
/* Labels up to this id need no files of their own. */
bool output_set_label(struct db *db, int64_t job, int64_t label, struct error *err);
bool output_forget(struct db *db, int64_t job, struct error *err); /* the job has no bucket any more */

/* ---- deliveries ---- */
struct delivery {
    int64_t job, number, iteration;
    int64_t first, last; /* label ids, both included */
    int64_t created;     /* names its files: another second for each of a job's */
    bool    written;
};

bool delivery_newest(struct db *db, int64_t job, struct delivery *out, bool *found,
                     struct error *err);
bool delivery_open(struct db *db, int64_t job, struct delivery *out, bool *found,
                   struct error *err); /* the oldest that is not written */
/* Inserts it and moves output.label to its last. */
bool delivery_insert(struct db *db, const struct delivery *d, struct error *err);
bool delivery_set_written(struct db *db, const struct delivery *d, struct error *err);

/* Iterations with deliveries of that time or later. */
bool delivery_iterations(struct db *db, int64_t job, int64_t since, struct arena *a, int64_t **out,
                         int *count, struct error *err);
/* Rounds whose guesses became labels. */
bool delivery_machine_rounds(struct db *db, int64_t job, struct arena *a, int64_t **out,
                             int *count, struct error *err);

/* ---- what is in them ---- */
struct label_mark {
    int64_t id, created;
    bool    human;
};
/* The job's labels after `after`, by id; into `out`, which has room for `limit`. */
bool label_marks(struct db *db, int64_t job, int64_t after, int limit, struct label_mark *out,
                 int *count, struct error *err);

struct delivered {
    int64_t label, item, previous, created, label_set_version, answers;
    int     class_index;
    double  confidence;
    bool    again; /* supersedes another label by people */
};
/* The labels by people in a delivery, by id. */
bool delivery_labels(struct db *db, const struct delivery *d, struct arena *a,
                     struct delivered **out, int *count, struct error *err);

/* The first `limit` of the item's answers that count, in the order in which they came: with as many as
 * a label was made of (label.answers) those that it was made of, whatever came later, and however the
 * clock was set meanwhile. */
bool answers_first(struct db *db, int64_t item, int64_t limit, struct arena *a,
                   struct scanned_answer **out, int *count, struct error *err);

#endif
