/* agreement.h - how much people agree in a job. */
#ifndef PLUMBLINE_ENGINE_AGREEMENT_H
#define PLUMBLINE_ENGINE_AGREEMENT_H

#include "plumbline/engine/service.h"

struct agreement {
    double  alpha, observed; /* meaningful when items > 0 */
    int64_t items;           /* with two answers or more, of those looked at */
};

/* Over the newest 20,000 answers at the most, so that it costs the same in a job of any size. */
bool agreement_of_job(struct service *s, struct db *db, const struct job *job, size_t classes,
                      struct agreement *out, struct error *err);

#endif
