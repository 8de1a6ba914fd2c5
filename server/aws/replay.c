/* replay.c - an answer that got lost on its way. Clients then send the same call again, with the
 * same amz-sdk-invocation-id and "attempt=2" in amz-sdk-request; a create would find its own doing
 * and say ResourceInUse. So its answer is remembered for some minutes, in memory: after a restart
 * the client gets ResourceInUse, as it does from AWS. */
#include "door.h"

#include "plumbline/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT = 256, ID_MAX = 64, ANSWER_MAX = 2048 };
static const int64_t KEEP_US = 600 * SECOND_US;

struct aws_replays {
    pthread_mutex_t lock;
    size_t next;
    struct replay {
        char id[ID_MAX], payload[65], answer[ANSWER_MAX];
        int64_t person, until;
        const struct aws_operation *operation; /* NULL: empty */
    } v[KEPT];
};

struct aws_replays *aws_replays_new(void)
{
    struct aws_replays *r = must_alloc(sizeof *r);

    pthread_mutex_init(&r->lock, NULL);
    return r;
}

void aws_replays_free(struct aws_replays *r)
{
    if (!r)
        return;
    pthread_mutex_destroy(&r->lock);
    free(r);
}

/* "ttl=20231114T221420Z; attempt=2; max=5" */
static bool is_repeated(const char *header)
{
    const char *at = header ? strstr(header, "attempt=") : NULL;

    return at && strtol(at + strlen("attempt="), NULL, 10) >= 2;
}

static bool same(const struct replay *r, const struct aws_call *c)
{
    return r->operation == c->operation && r->person == c->person &&
           r->until > clock_monotonic_us() && strcmp(r->id, c->replay) == 0 &&
           strcmp(r->payload, c->payload) == 0;
}

const char *aws_replay_find(struct aws_call *c)
{
    struct aws_replays *r = c->aws->replays;
    const char *id = http_header(c->rq, "amz-sdk-invocation-id"), *answer = NULL;

    if (!id || !*id || strlen(id) >= ID_MAX)
        return NULL;
    c->replay = id;
    if (!is_repeated(http_header(c->rq, "amz-sdk-request")))
        return NULL;
    pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < KEPT && !answer; i++)
        if (same(&r->v[i], c))
            answer = arena_strdup(&c->arena, r->v[i].answer);
    pthread_mutex_unlock(&r->lock);
    return answer;
}

void aws_replay_keep(struct aws_call *c, const char *answer)
{
    struct aws_replays *r = c->aws->replays;
    struct replay *to;

    if (strlen(answer) >= ANSWER_MAX)
        return;
    pthread_mutex_lock(&r->lock);
    to = &r->v[r->next++ % KEPT];
    memset(to, 0, sizeof *to);
    memcpy(to->id, c->replay, strlen(c->replay) + 1);
    memcpy(to->payload, c->payload, sizeof to->payload);
    memcpy(to->answer, answer, strlen(answer) + 1);
    to->person = c->person;
    to->until = clock_monotonic_us() + KEEP_US;
    to->operation = c->operation;
    pthread_mutex_unlock(&r->lock);
}
