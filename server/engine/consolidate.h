/* consolidate.h - answers become labels; private to engine/. */
#ifndef ENGINE_CONSOLIDATE_H
#define ENGINE_CONSOLIDATE_H

#include "plumbline/engine/service.h"

/* What is remembered of a job between units: the last fit. */
struct fit;
struct fit *fit_new(int64_t job);
void        fit_free(struct fit *f);
int64_t     fit_job(const struct fit *f);

/* Labels the items whose window of undo is over, at most a unit of 500. *count is how many. */
bool consolidate_due(struct service *s, struct fit *f, const struct job *job, int *count,
                     struct error *err);

/* Fits once more on all answers and supersedes the labels that come out differently. */
bool consolidate_again(struct service *s, struct fit *f, const struct job *job, struct error *err);

#endif
