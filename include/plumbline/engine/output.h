/* output.h - the output tree of a job with a bucket: Ground Truth's folder under
 * <output>/<job name>/, written as the job goes, so that a consumer can follow.
 *
 * Trouble with the bucket never fails a job: writing waits, with a sentence that says why, and goes on
 * by itself; at once when a lead changes anything of the job. */
#ifndef PLUMBLINE_ENGINE_OUTPUT_H
#define PLUMBLINE_ENGINE_OUTPUT_H

#include "plumbline/engine/service.h"

enum output_state {
    OUTPUT_NONE,    /* nothing to write yet */
    OUTPUT_WRITING,
    OUTPUT_WAITING, /* for what `problem` says */
    OUTPUT_DONE,    /* the job has ended and all of its tree is there */
};

extern const char *const output_state_names[]; /* "none" …, NULL-terminated */

struct output_view {
    const char *uri;      /* s3://bucket/prefix/<job name>: the folder of the tree */
    const char *manifest; /* of output.manifest in it */
    int         state;    /* enum output_state */
    const char *problem;  /* WAITING: why */
    int64_t     since;    /* WAITING: since when */
    int64_t     written;  /* when output.manifest was last written; 0: not yet */
};

/* How far it is; job->output must be set. Texts are in the arena. */
bool output_view(struct db *db, const struct job *job, struct arena *a, struct output_view *out,
                 struct error *err);

#endif
