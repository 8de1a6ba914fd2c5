#include "rests.h"

#include "plumbline/base/clock.h"

static const int64_t FIRST_US = SECOND_US / 2, MOST_US = 30 * SECOND_US,
                     TELL_EVERY_US = 60 * SECOND_US;

static int find(const struct rests *r, int64_t id)
{
    for (int i = 0; i < RESTS_KEPT; i++)
        if (r->v[i].id == id)
            return i;
    return -1;
}

bool rests_any(const struct rests *r, int64_t id)
{
    return find(r, id) >= 0;
}

bool rests_now(const struct rests *r, int64_t id)
{
    int at = find(r, id);

    return at >= 0 && r->v[at].until > clock_monotonic_us();
}

bool rests_put_off(struct rests *r, int64_t id)
{
    int64_t now = clock_monotonic_us();
    int at = find(r, id);
    struct rest *rest;

    if (at < 0) {
        at = r->next;
        r->next = (r->next + 1) % RESTS_KEPT;
        r->v[at] = (struct rest){.id = id};
    }
    rest = &r->v[at];
    rest->pause = rest->pause ? 2 * rest->pause : FIRST_US;
    if (rest->pause > MOST_US)
        rest->pause = MOST_US;
    rest->until = now + rest->pause;
    if (rest->told && now < rest->told + TELL_EVERY_US)
        return false;
    rest->told = now;
    return true;
}

void rests_forget(struct rests *r, int64_t id)
{
    int at = find(r, id);

    if (at >= 0)
        r->v[at].id = 0;
}
