/* output_parts.h - the inside of output trees, shared by their files: output.c gives jobs to threads
 * and waits after trouble, output_job.c knows what a job's tree wants next, output_delivery.c writes
 * the files of a delivery, output_files.c those of a round and the manifests; private to engine/. */
#ifndef ENGINE_OUTPUT_PARTS_H
#define ENGINE_OUTPUT_PARTS_H

#include "bucket.h"
#include "plumbline/store/learning.h"
#include "plumbline/store/outputs.h"

struct outputs; /* what the threads share */
struct outputs *outputs_new(void);
void            outputs_free(struct outputs *o); /* NULL is fine */

/* A look by one of the threads, for the scheduler: own is the struct outputs. */
bool output_next(struct service *s, void *own);

/* ---- one job's tree, in the hands of one thread ---- */
struct output_work {
    struct service   *service;
    struct db        *db;
    struct job        job;
    struct output_row row;
    const char       *uri;   /* of the tree, see struct output_view */
    struct arena      arena; /* of this step */
    bool              only_rows; /* the step spoke to no bucket, and the next one will */
};

const char *output_tree_uri(struct arena *a, const struct job *job);

/* True when the job's state is a last one. */
bool output_job_ended(const struct job *job);

/* Does the next thing, if there is one (*more: there may be another at once). */
bool output_step(struct output_work *w, bool *more, struct error *err);

bool output_write_delivery(struct output_work *w, const struct delivery *d, struct error *err);
bool output_write_round(struct output_work *w, struct round_row *round, struct error *err);
/* output.manifest, and the manifests of iterations with deliveries since `since`. */
bool output_write_manifests(struct output_work *w, int64_t since, struct error *err);
/* What the machine labelled, by round. */
bool output_write_machine(struct output_work *w, struct error *err);

#endif
