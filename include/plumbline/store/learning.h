/* learning.h - models, training rounds and what the fits say of annotators, as rows; the numbers
 * that the dashboard draws. */
#ifndef PLUMBLINE_STORE_LEARNING_H
#define PLUMBLINE_STORE_LEARNING_H

#include "plumbline/base/arena.h"
#include "plumbline/db/db.h"

bool model_insert(struct db *db, int64_t job, int64_t round, const void *bytes, size_t size,
                  const char *sha256, const char *recipe, int64_t *id, struct error *err);
bool model_bytes(struct db *db, int64_t id, struct arena *a, const void **bytes, size_t *size,
                 struct error *err);
bool model_recipe(struct db *db, int64_t id, struct arena *a, const char **recipe,
                  struct error *err);
bool model_newest(struct db *db, int64_t job, int64_t *id, struct error *err); /* 0: none */

struct round_row {
    int64_t     job, number, human, automatic, rest, model, created;
    double      estimate, low, high, target, seconds;
    const char *decision, *sentence, *report;
};

bool round_insert(struct db *db, const struct round_row *r, struct error *err);
bool round_list(struct db *db, int64_t job, struct arena *a, struct round_row **out, int *count,
                struct error *err);

struct annotator_row {
    int64_t     person, answers, active_ms, fitted;
    double      accuracy; /* NAN: none yet */
    const char *name;
};

bool annotator_set(struct db *db, int64_t job, int64_t person, int64_t fitted, double accuracy,
                   struct error *err);
bool annotator_list(struct db *db, int64_t job, struct arena *a, struct annotator_row **out,
                    int *count, struct error *err);

struct activity_row {
    int64_t at; /* begin of the hour or minute, UTC microseconds */
    int64_t answers, machine;
};

/* By hour from `from` on, or by minute (which go back for a day). */
bool activity_list(struct db *db, int64_t job, bool by_minute, int64_t from, struct arena *a,
                   struct activity_row **out, int *count, struct error *err);

/* Removes the minutes before `before`. */
bool activity_sweep(struct db *db, int64_t before, struct error *err);

struct class_count {
    int     class_index;
    int64_t human, machine;
};

bool class_counts(struct db *db, int64_t job, struct arena *a, struct class_count **out,
                  int *count, struct error *err);

/* The newest `limit` answers that count, newest first; `final` is the class of a label by people on
 * the item, given and final -1 for none. */
typedef bool answer_seen(void *context, int64_t item, int64_t person, int given, int final,
                         struct error *err);
bool answer_scan_newest(struct db *db, int64_t job, int limit, answer_seen *each, void *context,
                        struct error *err);

#endif
