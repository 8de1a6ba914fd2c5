/* rests.h - work that waits for a storage: put off by its id, at first for half a second, then twice
 * as long each time up to half a minute. In memory only, of one thread; private to engine/. */
#ifndef ENGINE_RESTS_H
#define ENGINE_RESTS_H

#include <stdbool.h>
#include <stdint.h>

enum { RESTS_KEPT = 64 }; /* of more that wait, the oldest are tried too early */

struct rests {
    struct rest {
        int64_t id, until, pause, told; /* monotonic */
    } v[RESTS_KEPT];
    int next;
};

bool rests_any(const struct rests *r, int64_t id); /* it was put off, and has not been forgotten */
bool rests_now(const struct rests *r, int64_t id);
bool rests_put_off(struct rests *r, int64_t id); /* true: it is to be told, once a minute */
void rests_forget(struct rests *r, int64_t id);

#endif
