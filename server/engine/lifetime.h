/* lifetime.h - how long an open item stays with people (availability_seconds); private to engine/.
 *
 * Then it leaves them: with an answer or more it is merged as it is, without any it is failed (Ground
 * Truth's TaskAvailabilityLifetimeInSeconds). Jobs without a lifetime pay nothing for it. The time
 * runs while the job is in progress: a pause, or another lifetime, gives open items all of it anew. */
#ifndef ENGINE_LIFETIME_H
#define ENGINE_LIFETIME_H

#include "plumbline/engine/service.h"

/* When an item that opens now leaves, on the lease clock; 0: never. */
int64_t lifetime_due(const struct service *s, const struct job *job);

/* All open items of the job stay as long from now on; a write. */
bool lifetime_renew(struct db *db, const struct service *s, const struct job *job,
                    struct error *err);

/* Ends what is due; *ended is how many. By the tick, with a reading connection. */
bool lifetime_expire(struct service *s, struct db *db, const struct job *job, int *ended,
                     struct error *err);

#endif
