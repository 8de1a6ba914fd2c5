#include "gate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 1024, WAYS = 4, LOCKS = 64, NAME_MAX_BYTES = 64 };

struct entry {
    char        name[NAME_MAX_BYTES]; /* of the job, as it stands in the path; "": empty */
    int64_t     person;
    bool        lead;
    unsigned    version;
    struct gate gate;
};

struct gates {
    pthread_mutex_t lock[LOCKS]; /* of the sets with the same number modulo LOCKS */
    struct entry    entry[SETS][WAYS]; /* the newest in front */
};

struct gates *gates_new(void)
{
    struct gates *g = must_alloc(sizeof *g);

    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_init(&g->lock[i], NULL);
    return g;
}

void gates_free(struct gates *g)
{
    if (!g)
        return;
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&g->lock[i]);
    free(g);
}

/* FNV-1a (Fowler, Noll, Vo) over the name and the person. */
static size_t place_of(const char *name, int64_t person)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)person;

    for (const char *p = name; *p; p++)
        h = (h ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
    return (size_t)(h ^ h >> 29) % SETS;
}

static bool is_lead(const struct http_request *rq)
{
    return rq->local || (rq->roles & WHO_LEAD);
}

static struct entry *find(struct gates *g, const struct http_request *rq, size_t at)
{
    for (struct entry *e = g->entry[at]; e < g->entry[at] + WAYS; e++)
        if (e->person == rq->person && e->lead == is_lead(rq) &&
            strcmp(e->name, rq->param[0]) == 0)
            return e;
    return NULL;
}

static bool recall(struct gates *g, const struct http_request *rq, size_t at, unsigned version,
                   struct gate *out)
{
    const struct entry *e;
    bool found;

    pthread_mutex_lock(&g->lock[at % LOCKS]);
    e = find(g, rq, at);
    found = e && e->version == version;
    if (found)
        *out = e->gate;
    pthread_mutex_unlock(&g->lock[at % LOCKS]);
    return found;
}

static void remember(struct gates *g, const struct http_request *rq, size_t at, unsigned version,
                     const struct gate *gate)
{
    struct entry *set = g->entry[at], *e;

    if (strlen(rq->param[0]) >= sizeof set->name)
        return;
    pthread_mutex_lock(&g->lock[at % LOCKS]);
    e = find(g, rq, at);
    if (!e) { /* the oldest goes */
        memmove(set + 1, set, (WAYS - 1) * sizeof *set);
        e = set;
    }
    *e = (struct entry){
        .person = rq->person, .lead = is_lead(rq), .version = version, .gate = *gate};
    snprintf(e->name, sizeof e->name, "%s", rq->param[0]);
    pthread_mutex_unlock(&g->lock[at % LOCKS]);
}

static bool read_gate(struct http_request *rq, struct db *db, struct error *err)
{
    struct gate *gate = rq->user;
    struct job job;

    if (!api_labelled_job(rq, db, 0, &job, err))
        return false;
    *gate = (struct gate){job.id, job.label_set_version, task_type_find(job.type)};
    return true;
}

bool gate_pass(struct http_request *rq, struct gate *out, struct error *err)
{
    struct gates *g = api_of(rq)->gates;
    size_t at = place_of(rq->param[0], rq->person);
    unsigned version = service_jobs_version(service_of(rq));
    void *user = rq->user;
    bool ok;

    if (recall(g, rq, at, version, out))
        return true;
    rq->user = out;
    ok = api_read(rq, read_gate, err);
    rq->user = user;
    if (ok)
        remember(g, rq, at, version, out);
    return ok;
}
