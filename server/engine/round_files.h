/* round_files.h - what a finished training round leaves in an output tree; private to engine/. */
#ifndef ENGINE_ROUND_FILES_H
#define ENGINE_ROUND_FILES_H

#include "plumbline/base/arena.h"
#include "plumbline/db/db.h"
#include "plumbline/exchange/export.h"
#include "plumbline/store/learning.h"

struct round_files {
    struct round_row *v;
    int               n, at, file; /* the next file of round v[at] */
};

/* The files of the rounds, one after the other, in the arena: training/iteration-N/model.bin (where
 * there is a model) and metrics.json, activelearning/iteration-N/threshold.json. */
bool round_files_next(struct round_files *r, struct db *db, struct arena *a,
                      struct export_file *out, bool *end, struct error *err);

/* Which iteration of people's work something of that time belongs to: 1 + the rounds before it. */
int64_t round_iteration(const struct round_row *v, int n, int64_t us);

#endif
