/* tick.h - the quick part of the loop, five times a second; private to engine/. */
#ifndef ENGINE_TICK_H
#define ENGINE_TICK_H

#include "plumbline/engine/service.h"

void *tick_new(void);
void  tick_free(void *own);

/* Leases that ran out, answers to merge, items to open, jobs that are done. */
bool tick_run(struct service *s, void *own);

#endif
