/* insight.c - agreement and confusion over a job's newest answers, kept for a while. */
#include "plumbline/engine/insight.h"

#include "fit.h"
#include "plumbline/base/clock.h"
#include "plumbline/consensus/agreement.h"
#include "plumbline/store/learning.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { NEWEST = 10000, CLASSES_MAX = 50, KEPT_JOBS = 32, KEPT_TIMES = 50 };

struct entry {
    struct insight insight;
    int64_t job, answers, labels; /* as counted when it was made */
    int64_t made_us, took_us, used;
};

struct insight_cache {
    pthread_mutex_t lock;
    struct entry    entry[KEPT_JOBS]; /* job 0: free */
    int64_t         uses;
};

struct insight_cache *insight_cache_new(void)
{
    struct insight_cache *c = must_alloc(sizeof *c);

    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void insight_cache_free(struct insight_cache *c)
{
    if (!c)
        return;
    for (int i = 0; i < KEPT_JOBS; i++)
        free(c->entry[i].insight.confusion);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* Under the lock; NULL when there is none. */
static struct entry *find(struct insight_cache *c, int64_t job)
{
    for (int i = 0; i < KEPT_JOBS; i++) {
        if (c->entry[i].job == job) {
            c->entry[i].used = ++c->uses;
            return &c->entry[i];
        }
    }
    return NULL;
}

static int64_t labels_of(const struct job *job)
{
    return job->counts.human + job->counts.machine;
}

bool insight_kept(struct service *s, const struct job *job)
{
    struct insight_cache *c = s->insights;
    const struct entry *e;
    bool kept;

    pthread_mutex_lock(&c->lock);
    e = find(c, job->id);
    kept = e && ((e->answers == job->counts.answers && e->labels == labels_of(job)) ||
                 clock_monotonic_us() - e->made_us < KEPT_TIMES * e->took_us);
    pthread_mutex_unlock(&c->lock);
    return kept;
}

bool insight_get(struct service *s, int64_t job, struct arena *a, struct insight *out)
{
    struct insight_cache *c = s->insights;
    const struct entry *e;

    pthread_mutex_lock(&c->lock);
    e = find(c, job);
    if (e) {
        size_t cells = e->insight.classes * e->insight.classes;

        *out = e->insight;
        if (out->confusion) {
            out->confusion = arena_array(a, cells, sizeof *out->confusion);
            memcpy(out->confusion, e->insight.confusion, cells * sizeof *out->confusion);
        }
    }
    pthread_mutex_unlock(&c->lock);
    return e != NULL;
}

static void keep(struct insight_cache *c, const struct entry *made)
{
    struct entry *e;

    pthread_mutex_lock(&c->lock);
    e = find(c, made->job);
    for (int i = 0; !e && i < KEPT_JOBS; i++)
        if (!c->entry[i].job)
            e = &c->entry[i];
    if (!e) {
        e = &c->entry[0];
        for (int i = 1; i < KEPT_JOBS; i++)
            if (c->entry[i].used < e->used)
                e = &c->entry[i];
    }
    free(e->insight.confusion);
    *e = *made;
    e->used = ++c->uses;
    pthread_mutex_unlock(&c->lock);
}

/* ---- one look over the answers ---- */

struct look {
    struct answer_table answers;
    struct insight     *insight;
    int64_t             confused;
};

static bool add(void *context, int64_t item, int64_t person, int given, int final,
                struct error *err)
{
    struct look *l = context;
    size_t n = l->insight->classes;

    (void)err;
    if (given < 0)
        return true;
    answer_table_add(&l->answers, item, person, given);
    if (l->insight->confusion && final >= 0 && (size_t)given < n && (size_t)final < n) {
        l->insight->confusion[(size_t)given * n + (size_t)final]++;
        l->confused++;
    }
    return true;
}

static bool agree(const struct answer_table *t, struct insight *out, struct error *err)
{
    struct consensus_answers in = {.items = t->items.n,
                                   .annotators = t->people.n,
                                   .classes = (int32_t)out->classes,
                                   .n = t->n,
                                   .item = t->item,
                                   .annotator = t->person,
                                   .label = t->label};
    struct consensus_agreement a;

    if (!consensus_alpha(&in, -1, &a, err))
        return false;
    if (a.is_defined) {
        out->alpha = a.coefficient;
        out->observed = a.observed;
        out->items = (int64_t)a.items;
    }
    return true;
}

bool insight_make(struct service *s, struct db *db, const struct job *job, size_t classes,
                  struct error *err)
{
    struct entry e = {.job = job->id,
                      .answers = job->counts.answers,
                      .labels = labels_of(job),
                      .made_us = clock_monotonic_us()};
    struct look l = {.insight = &e.insight};
    bool ok;

    e.insight.classes = classes;
    if (classes <= CLASSES_MAX)
        e.insight.confusion = must_alloc(classes * classes * sizeof *e.insight.confusion);
    ok = answer_scan_newest(db, job->id, NEWEST, add, &l, err) &&
         (job->annotators_per_item < 2 || agree(&l.answers, &e.insight, err));
    answer_table_release(&l.answers);
    if (!ok || l.confused == 0) {
        free(e.insight.confusion);
        e.insight.confusion = NULL;
    }
    e.took_us = clock_monotonic_us() - e.made_us;
    if (ok)
        keep(s->insights, &e);
    return ok;
}
