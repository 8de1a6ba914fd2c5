/* made_up.h - names for what a job has here and a client of the AWS door expects in a bucket.
 *
 * A job that was made by REST or in the browser has no manifest, label file or template in a bucket,
 * and perhaps no output. Describing it names them under s3://plumbline/, so that the description can be
 * given back to make a job like it: a name is then looked up, not fetched. */
#ifndef PLUMBLINE_ENGINE_MADE_UP_H
#define PLUMBLINE_ENGINE_MADE_UP_H

#include "plumbline/base/arena.h"
#include "plumbline/db/db.h"
#include "plumbline/store/jobs.h"

enum made_up { MADE_UP_MANIFEST, MADE_UP_LABELS, MADE_UP_TEMPLATE, MADE_UP_OUTPUT };

/* What the job that was made elsewhere says: made up where it has nothing else, else the URI of its
 * output, or of the first import that came from a bucket. In the arena. */
bool made_up_uri(struct db *db, const struct job *job, enum made_up what, struct arena *a,
                 const char **uri, struct error *err);

/* Whether `uri` is a made-up name, and then whose; else it is one of a bucket. */
bool made_up_find(struct db *db, const char *uri, enum made_up what, struct arena *a,
                  struct job *out, bool *found, struct error *err);

#endif
