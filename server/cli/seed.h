/* seed.h - the sample jobs. */
#ifndef CLI_SEED_H
#define CLI_SEED_H

#include "plumbline/base/error.h"

struct service;

/* Adds and starts the sample jobs when there are no jobs yet: for every folder DIR/X with a job.json
 * and a manifest X.jsonl one job, by the running service's own socket. */
bool seed_samples(struct service *s, const char *dir, struct error *err);

#endif
