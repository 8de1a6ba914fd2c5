/* insight.h - what only a look over many answers tells of a job: how much people agree, and who says
 * what where the label became something else.
 *
 * It reads the newest 10,000 answers at the most, whatever the size of the job, which still takes
 * some hundredths of a second: off the pool's threads, and kept. What is kept is used again while no
 * answer or label has come, and in any case for fifty times as long as it took to make, so that
 * dashboards that are open all day take a fiftieth of a core. */
#ifndef PLUMBLINE_ENGINE_INSIGHT_H
#define PLUMBLINE_ENGINE_INSIGHT_H

#include "plumbline/engine/service.h"

struct insight {
    double   alpha, observed; /* Krippendorff's alpha, share of pairs that agree: when items > 0 */
    int64_t  items;           /* with two answers or more, of those looked at */
    size_t   classes;
    int64_t *confusion;       /* [given * classes + final], human labels only; NULL: none, or more
                                 than 50 classes, which nobody could read */
};

/* Is there one that may still be shown? Quick. */
bool insight_kept(struct service *s, const struct job *job);

/* Makes and keeps one. Slow. */
bool insight_make(struct service *s, struct db *db, const struct job *job, size_t classes,
                  struct error *err);

/* The one that is kept, however old; confusion lives in the arena. False: none. */
bool insight_get(struct service *s, int64_t job, struct arena *a, struct insight *out);

struct insight_cache *insight_cache_new(void);
void                  insight_cache_free(struct insight_cache *c); /* NULL is fine */

#endif
