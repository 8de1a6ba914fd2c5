/* aws_setup.h - what the AWS door may ask of models and earlier jobs. Preparing its jobs is a thread's
 * work: engine/aws_setup.c. */
#ifndef PLUMBLINE_ENGINE_AWS_SETUP_H
#define PLUMBLINE_ENGINE_AWS_SETUP_H

#include "plumbline/engine/service.h"

/* The job that was told to write its output manifest to this URI,
 * <output>/<job name>/manifests/output/output.manifest; *found false: none was. */
bool aws_setup_earlier(struct db *db, const char *manifest_uri, struct arena *a, struct job *out,
                       bool *found, struct error *err);

#endif
