/* aws_setup.h - jobs that were made at the AWS door are prepared; private to engine/.
 *
 * Such a job comes without labels and items. Its label categories and its worker template are read from
 * the bucket, then labels, instructions and a running import of the manifest are written in one
 * transaction, and when that import has ended the job is started, completed or failed. How far it is
 * can be told from the rows alone, so that a crash anywhere is only a pause. */
#ifndef ENGINE_AWS_SETUP_H
#define ENGINE_AWS_SETUP_H

#include "plumbline/engine/service.h"
#include "plumbline/tasks/task.h"

#include <jansson.h>

/* What the files of a request say. The set and the texts live in the arena. */
struct aws_plan {
    const char      *manifest; /* URI */
    int64_t          copied;   /* the job here whose lines that URI means; 0: it is an object */
    struct label_set labels;   /* of the version after the job's */
    const char      *instructions; /* Markdown, "" */
    const char      *element; /* name of the template's element; NULL: it has none */
};

/* The manifest's URI, borrowed; NULL: there is none. */
const char *aws_setup_manifest(json_t *request);

/* Reads them, and looks whether the bucket of the output is there. An error of 503 may be gone later; any other is the request's, in a sentence as Ground
 * Truth words them, at most AWS_REASON_SIZE. */
enum { AWS_REASON_SIZE = 1024 };
bool aws_setup_read(struct service *s, const struct job *job, json_t *request, struct arena *a,
                    struct aws_plan *out, char reason[AWS_REASON_SIZE], struct error *err);

/* The first job that is to be prepared and need not wait; false when none is. */
bool  aws_setup_next(struct service *s, void *context);
void *aws_setup_new(void);
void  aws_setup_free(void *own);

#endif
