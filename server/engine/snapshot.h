/* snapshot.h - a job's items as an export reads them, all of one moment; private to engine/. */
#ifndef ENGINE_SNAPSHOT_H
#define ENGINE_SNAPSHOT_H

#include "plumbline/engine/service.h"
#include "plumbline/exchange/export.h"
#include "plumbline/store/label_scan.h"
#include "round_files.h"
#include "workers.h"

struct snapshot {
    struct service         *service;
    struct db              *db; /* in one long read */
    struct arena            lasting; /* until the end: the job, the rounds */
    struct job              job;
    enum export_format      format;
    int64_t                 moment;
    const struct task_type *type;
    const struct label_set *labels;
    const char             *element; /* of the job's worker template, or NULL */
    struct arena            arena; /* of the item or file being written */
    struct stmt            *scan, *answers; /* answers: for a tree only */
    enum label_scan_depth   depth;
    struct scanned_label    at;
    struct scanned_answer   answer; /* the next one, of this item or of a later one */
    bool                    has_answer;
    int64_t                 count;
    int                     class_index; /* of the item being written */
    double                  confidence;
    int64_t                 model_id; /* whose name is in model */
    char                    model[32];
    char                    key[32];
    struct workers          workers;
    struct round_files      rounds; /* for a tree only */
};

/* Begins to read: everything until snapshot_end is of one moment, and the caller's connection is in
 * that one read. `moment` stands for times that are not known: of guesses, and of failures while the
 * job runs. 404 when the job is gone. snapshot_end also after a false. */
bool snapshot_begin(struct snapshot *x, struct service *s, struct db *db, int64_t job,
                    int64_t moment, struct error *err);
void snapshot_end(struct snapshot *x);

/* Chooses what comes: all items in the form that `format` needs, or a part of them in that of a
 * manifest (store/label_scan.h). Then the source gives them. */
bool snapshot_all(struct snapshot *x, enum export_format format, bool provisional,
                  struct error *err);
void snapshot_iteration(struct snapshot *x, int64_t iteration);
void snapshot_round(struct snapshot *x, int64_t round);

struct export_source  snapshot_source(struct snapshot *x);
struct export_options snapshot_options(const struct snapshot *x);

#endif
