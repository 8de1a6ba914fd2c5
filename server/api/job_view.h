/* job_view.h - how a job looks in the API; private to api/. */
#ifndef API_JOB_VIEW_H
#define API_JOB_VIEW_H

#include "context.h"

struct counts_view {
    int64_t total, human, machine, failed, unlabelled, open, waiting, answers, skips, provisional;
};

extern const struct field counts_fields[];

struct auto_view {
    bool    enabled, whole_set;
    double  target;
    int64_t max_human_items, max_share_percent;
    bool    has_max_human, has_max_share;
};

struct label_view {
    const char *id, *name, *description, *color, *hot_key;
    bool        hidden;
};

extern const struct field label_view_fields[];

struct output_json {
    const char *uri, *problem, *manifest;
    int         state;
    int64_t     since, written_at;
};

struct job_view {
    const char        *id, *name, *title, *type, *failure, *label_attribute, *description,
        *instructions, *initial_model, *created_by, *problem;
    int                state, consolidation;
    struct objects     labels;
    int64_t            label_set_version, instructions_version, annotators_per_item, open_items,
        lease_seconds, availability_seconds, created, started, finished;
    struct texts       people, teams;
    bool               preparing, auto_advance, whole; /* whole: with the long texts, people and teams */
    struct auto_view   auto_label;
    struct output_json output;
    bool               has_output;
    struct counts_view counts;
};

extern const struct field job_view_fields[];

struct counts_view counts_view(const struct job_counts *c);

/* Fills a view; labels, texts and lists live in rq->arena. `whole` adds description, instructions,
 * people, teams. */
bool job_view(struct http_request *rq, struct db *db, const struct job *job, bool whole,
              struct job_view *out, struct error *err);
struct objects label_views(struct http_request *rq, const struct label_set *set, bool hidden);

#endif
