/* held_cache.h - the replies of GET …/next, remembered between calls.
 *
 * A browser that is opened again, and every client that asks more often than it works, gets the same
 * tasks. An entry holds until the person takes, keeps or gives anything (TOUCH_HELD), a job changes
 * (TOUCH_JOB), or it is HELD_SECONDS old (its times are wall clock times). */
#ifndef API_HELD_CACHE_H
#define API_HELD_CACHE_H

#include "context.h"

struct held_cache;
struct held_cache *held_cache_new(void);
void               held_cache_free(struct held_cache *c); /* NULL is fine */

/* What an entry is good for; the versions are read before the database is. */
struct held_key {
    int64_t  person, job;
    int64_t  n;
    unsigned held, jobs;
};
struct held_key held_key(struct http_request *rq, int64_t job, int64_t n);

/* Replies and returns true when the cache knows. */
bool held_cache_reply(struct http_request *rq, const struct held_key *key);
void held_cache_put(struct http_request *rq, const struct held_key *key, const struct buf *body);

#endif
