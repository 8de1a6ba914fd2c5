/* fill.h - waiting items become open ones, at most as many as the job wants with people at a time. */
#ifndef ENGINE_FILL_H
#define ENGINE_FILL_H

#include "plumbline/engine/service.h"

struct fill_call {
    struct service *service;
    int64_t job;
    int     limit; /* open at most so many now; up to FILL_MAX */
    int     opened; /* out */
};

enum { FILL_MAX = 128 };

/* A write. In the order of the manifest, or of what auto-labelling asks for. Opens nothing when the
 * job is not in progress, has enough open, or may have no more labels. */
bool fill_front(struct db *db, void *fill_call, struct error *err);

#endif
