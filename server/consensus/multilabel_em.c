/* multilabel_em.c - expectation maximisation over all classes of a multi-label job at once.
 *
 * For a class k that is in an item, annotator j chooses it with probability hit[j,k]; if it is not,
 * with probability alarm[j,k]. Few jobs have enough answers to learn both for every pair, so they
 * are built in log odds from what there is plenty of:
 *     target[j,k] = annotator j over all classes + class k over all annotators - everybody
 *     hit[j,k]    = (hits of j in k + PAIR_PSEUDO target) / (chances + PAIR_PSEUDO)
 * where the figures of an annotator and of a class are in turn shrunk towards everybody's.
 *
 * Only candidates, pairs (item, class) that somebody chose, have a posterior. Where nobody chose a
 * class it counts as absent: those pairs enter as bulk numbers of silent, right annotators, so the
 * cost is that of the candidates and not of items x classes. */
#include "sheets.h"

#include "plumbline/base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 100 };

static const double CHANGE_MIN = 1e-5;

/* Pseudo-answers of an annotator, of a class and of a pair of the two. */
static const double ANNOTATOR_PSEUDO = 2, CLASS_PSEUDO = 2, PAIR_PSEUDO = 8;

/* Everybody's rates start from a few made-up decisions, so that neither is ever 0 or 1. */
static const double HIT_START = 0.8, ALARM_START = 0.05, START_PSEUDO = 2;

/* Tables of annotators x classes up to so many pairs (100 MB); beyond, classes share all. */
static const size_t PAIRS_MAX = 2u << 20;

/* Expected numbers: times the class was there, and chosen of those; times it was not, and
 * chosen. */
struct rates {
    double present, hit, absent, alarm;
};

/* What an annotator's yes and no add to the log odds. */
struct weights {
    float yes, no;
};

struct model {
    const struct sheets *s;
    float        *p; /* candidates */
    struct rates  all, *annotator, *class_, *pair; /* pair: NULL when too many */
    struct weights *table;        /* of pairs; NULL: cheaper to work out one by one */
    double       *log_odds_prior; /* classes */
    double       *bulk_annotator, *bulk_class, *bulk_pair; /* absent where nobody chose */
    double        answered; /* items with answers */
};

static double log_odds(double p)
{
    return log(p / (1 - p));
}

static void add(struct rates *r, float p, bool chosen)
{
    r->present += p;
    r->absent += 1 - p;
    if (chosen) {
        r->hit += p;
        r->alarm += 1 - p;
    }
}

/* How often annotators and classes met where nobody chose the class. */
static void count_bulk(struct model *m)
{
    const struct sheets *s = m->s;
    size_t classes = (size_t)s->classes;
    double *seen = must_alloc((size_t)s->annotators * sizeof *seen);

    for (int32_t i = 0; i < s->items; i++) {
        size_t people = sheets_of(s, i);
        size_t candidates = s->candidate_start[i + 1] - s->candidate_start[i];

        m->answered += people > 0;
        for (size_t a = s->sheet_start[i]; a < s->sheet_start[i + 1]; a++) {
            int32_t j = s->annotator[a];

            seen[j]++;
            m->bulk_annotator[j] += (double)(classes - candidates);
            for (size_t c = s->candidate_start[i]; m->pair && c < s->candidate_start[i + 1]; c++)
                m->bulk_pair[(size_t)j * classes + (size_t)s->candidate[c]]--;
        }
        for (size_t c = s->candidate_start[i]; c < s->candidate_start[i + 1]; c++)
            m->bulk_class[s->candidate[c]] -= (double)people;
    }
    for (size_t k = 0; k < classes; k++)
        m->bulk_class[k] += (double)s->sheet_start[s->items];
    for (size_t at = 0; m->pair && at < (size_t)s->annotators * classes; at++)
        m->bulk_pair[at] += seen[at / classes];
    free(seen);
}

static void model_init(struct model *m, const struct sheets *s, float *p)
{
    size_t annotators = (size_t)s->annotators, classes = (size_t)s->classes;

    *m = (struct model){.s = s, .p = p};
    m->annotator = must_alloc(annotators * sizeof *m->annotator);
    m->bulk_annotator = must_alloc(annotators * sizeof *m->bulk_annotator);
    m->class_ = must_alloc(classes * sizeof *m->class_);
    m->bulk_class = must_alloc(classes * sizeof *m->bulk_class);
    m->log_odds_prior = must_alloc(classes * sizeof *m->log_odds_prior);
    if (annotators <= PAIRS_MAX / classes) {
        m->pair = must_alloc(annotators * classes * sizeof *m->pair);
        m->bulk_pair = must_alloc(annotators * classes * sizeof *m->bulk_pair);
        if (annotators * classes <= s->mark_start[s->candidate_start[s->items]])
            m->table = must_alloc(annotators * classes * sizeof *m->table);
    }
    count_bulk(m);
    for (int32_t i = 0; i < s->items; i++) /* start: the share of votes */
        for (size_t c = s->candidate_start[i]; c < s->candidate_start[i + 1]; c++) {
            size_t people = sheets_of(s, i), votes = 0;

            for (size_t a = 0; a < people; a++)
                votes += s->mark[s->mark_start[c] + a];
            p[c] = (float)votes / (float)people;
        }
}

static void model_release(struct model *m)
{
    free(m->annotator);
    free(m->bulk_annotator);
    free(m->class_);
    free(m->bulk_class);
    free(m->pair);
    free(m->table);
    free(m->bulk_pair);
    free(m->log_odds_prior);
}

static void estimate_prior(struct model *m)
{
    const struct sheets *s = m->s;
    size_t classes = (size_t)s->classes;
    double *sum = must_alloc(classes * sizeof *sum), all = 0, mean;

    for (size_t c = 0; c < s->candidate_start[s->items]; c++) {
        sum[s->candidate[c]] += m->p[c];
        all += m->p[c];
    }
    mean = (all + 0.5) / (m->answered * (double)classes + 1);
    for (size_t k = 0; k < classes; k++) {
        double share = (sum[k] + CLASS_PSEUDO * mean) / (m->answered + CLASS_PSEUDO);

        m->log_odds_prior[k] = log_odds(share);
    }
    free(sum);
}

static void set_bulk(struct rates *to, const double *absent, size_t n)
{
    for (size_t at = 0; at < n; at++)
        to[at] = (struct rates){.absent = absent[at]};
}

static void count(struct model *m)
{
    const struct sheets *s = m->s;
    size_t classes = (size_t)s->classes;

    set_bulk(m->annotator, m->bulk_annotator, (size_t)s->annotators);
    set_bulk(m->class_, m->bulk_class, classes);
    if (m->pair)
        set_bulk(m->pair, m->bulk_pair, (size_t)s->annotators * classes);
    for (int32_t i = 0; i < s->items; i++)
        for (size_t c = s->candidate_start[i]; c < s->candidate_start[i + 1]; c++)
            for (size_t a = 0; a < sheets_of(s, i); a++) {
                size_t j = (size_t)s->annotator[s->sheet_start[i] + a];
                size_t k = (size_t)s->candidate[c];
                bool chosen = s->mark[s->mark_start[c] + a];

                add(&m->annotator[j], m->p[c], chosen);
                add(&m->class_[k], m->p[c], chosen);
                if (m->pair)
                    add(&m->pair[j * classes + k], m->p[c], chosen);
            }
    m->all = (struct rates){0};
    for (size_t k = 0; k < classes; k++) {
        m->all.present += m->class_[k].present;
        m->all.hit += m->class_[k].hit;
        m->all.absent += m->class_[k].absent;
        m->all.alarm += m->class_[k].alarm;
    }
}

static double shrunk(double part, double whole, double target, double pseudo)
{
    return (part + pseudo * target) / (whole + pseudo);
}

/* One of the two rates of a pair; of each argument [0] is the whole and [1] the chosen of it. */
static double pair_rate(double everybody, const double annotator[2], const double class_[2],
                        const double pair[2])
{
    double by_annotator = shrunk(annotator[1], annotator[0], everybody, ANNOTATOR_PSEUDO);
    double by_class = shrunk(class_[1], class_[0], everybody, CLASS_PSEUDO);
    double target = log_odds(by_annotator) + log_odds(by_class) - log_odds(everybody);

    target = 1 / (1 + exp(-target));
    target = fmin(fmax(target, 1e-6), 1 - 1e-6);
    return pair ? shrunk(pair[1], pair[0], target, PAIR_PSEUDO) : target;
}

static struct weights weigh(const struct model *m, size_t j, size_t k)
{
    const struct rates *a = &m->annotator[j], *c = &m->class_[k];
    const struct rates *p = m->pair ? &m->pair[j * (size_t)m->s->classes + k] : NULL;
    double hits = shrunk(m->all.hit, m->all.present, HIT_START, START_PSEUDO);
    double alarms = shrunk(m->all.alarm, m->all.absent, ALARM_START, START_PSEUDO);
    double hit = pair_rate(hits, (double[]){a->present, a->hit}, (double[]){c->present, c->hit},
                           p ? (double[]){p->present, p->hit} : NULL);
    double alarm = pair_rate(alarms, (double[]){a->absent, a->alarm},
                             (double[]){c->absent, c->alarm},
                             p ? (double[]){p->absent, p->alarm} : NULL);

    return (struct weights){(float)log(hit / alarm), (float)log((1 - hit) / (1 - alarm))};
}

/* Returns the mean absolute change. */
static double expect(struct model *m)
{
    const struct sheets *s = m->s;
    size_t candidates = s->candidate_start[s->items];
    double change = 0;

    for (size_t at = 0; m->table && at < (size_t)s->annotators * (size_t)s->classes; at++)
        m->table[at] = weigh(m, at / (size_t)s->classes, at % (size_t)s->classes);
    for (int32_t i = 0; i < s->items; i++)
        for (size_t c = s->candidate_start[i]; c < s->candidate_start[i + 1]; c++) {
            size_t k = (size_t)s->candidate[c];
            double odds = m->log_odds_prior[k];
            float before = m->p[c];

            for (size_t a = 0; a < sheets_of(s, i); a++) {
                size_t j = (size_t)s->annotator[s->sheet_start[i] + a];
                struct weights w = m->table ? m->table[j * (size_t)s->classes + k]
                                            : weigh(m, j, k);

                odds += s->mark[s->mark_start[c] + a] ? w.yes : w.no;
            }
            m->p[c] = (float)(1 / (1 + exp(-odds)));
            change += fabs((double)(m->p[c] - before));
        }
    return candidates ? change / (double)candidates : 0;
}

int multilabel_em(const struct sheets *s, int max_rounds, float *raw)
{
    int rounds = 0, most = max_rounds > 0 ? max_rounds : ROUNDS_MAX;
    struct model m;
    double change = 1;

    model_init(&m, s, raw);
    while (rounds < most && change >= CHANGE_MIN) {
        estimate_prior(&m);
        count(&m);
        change = expect(&m);
        rounds++;
    }
    model_release(&m);
    return rounds;
}
