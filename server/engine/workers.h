/* workers.h - who answered, as output trees name people: always the same name for the same person,
 * from which nobody can tell who it is; private to engine/. */
#ifndef ENGINE_WORKERS_H
#define ENGINE_WORKERS_H

#include "plumbline/engine/service.h"
#include "plumbline/exchange/export.h"
#include "plumbline/store/label_scan.h"

struct worker_name {
    int64_t person;
    char    id[96];  /* "private.eu-west-1.3f9a0c1de2b44a70" */
    char    sub[37]; /* a UUID */
};

/* The last few that were asked for: a tree names a few people very often. */
enum { WORKERS_KEPT = 64 };
struct workers {
    const struct service *service;
    struct worker_name    v[WORKERS_KEPT];
};

/* One answer as an export writes it, its class and texts in the arena. */
struct export_answer worker_answer(struct workers *w, const struct scanned_answer *a,
                                   struct arena *arena);

/* In the order in which they were taken up. */
void worker_answers_sort(struct export_answer *v, size_t n);

#endif
