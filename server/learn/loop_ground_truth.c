/* loop_ground_truth.c - Ground Truth's documented loop (spec: consolidation-and-auto-labelling 7),
 * for people who compare: label as you go by a threshold found on a held-out validation set. */
#include "loop_round.h"

#include "plumbline/base/arena.h"

#include <stdlib.h>

enum { LARGE_JOB = 5000, PREFIX_LEAST = 30, POOR_ROUNDS = 2 };
static const double VALIDATION_SHARE = 0.2, VALIDATION_SHARE_LARGE = 0.1;
static const double BOUND_SURE = 0.95, POOR_SHARE = 0.01;
static const double RANDOM_PART = 0.2; /* of each batch: guards against blind spots */

static int by_confidence(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    return x->confidence > y->confidence ? -1 : x->confidence < y->confidence;
}

/* The smallest confidence whose prefix meets the target; 2 when there is none. Equal confidences
 * are taken or left together. */
static double find_threshold(struct round *r)
{
    double threshold = 2;
    size_t right = 0;

    qsort(r->validation, r->n_validation, sizeof *r->validation, by_confidence);
    for (size_t i = 0; i < r->n_validation; i++) {
        double mean, bound;

        right += r->validation[i].right;
        if (i + 1 < PREFIX_LEAST || (i + 1 < r->n_validation &&
            r->validation[i + 1].confidence >= r->validation[i].confidence))
            continue;
        mean = (double)right / (double)(i + 1);
        bound = r->settings->rule == LEARN_RULE_GROUND_TRUTH_MEAN
                    ? mean : learn_lower_bound_wilson(mean, i + 1, BOUND_SURE);
        if (bound >= r->settings->target)
            threshold = r->validation[i].confidence;
    }
    return threshold;
}

/* Before anything is labelled: the validation set, and as many random items to learn from. */
static void draw_first(struct round *r)
{
    size_t n = r->rows->n;
    double share = n < LARGE_JOB ? VALIDATION_SHARE : VALIDATION_SHARE_LARGE;

    r->out->state.random_size = round_share_up(share, n);
    round_draw_random(r, r->out->state.random_size);
    round_draw(r, round_batch(r), LEARN_PART_QUERIED);
}

static bool has_training_labels(const struct round *r)
{
    for (size_t i = 0; i < r->rows->n; i++)
        if (r->out->part[i] != LEARN_PART_RANDOM && r->answers->label[i] >= 0 &&
            r->rows->row[i].data)
            return true;
    return false;
}

static void ask_samples(struct round *r, int64_t open)
{
    struct asking a;

    ask_begin(r, &a);
    ask_part(r, &a, LEARN_PART_QUERIED);
    ask_part(r, &a, LEARN_PART_RANDOM);
    ask_shuffled(r, &a, r->rows->n);
    ask_end(r, &a);
    r->out->state.due = r->out->report.human + open;
    round_decide(r, LEARN_ASK, "%lld items of the first samples are still to be labelled.",
                 (long long)open);
}

static void ask_batch(struct round *r)
{
    int64_t batch = round_batch(r), random = round_share_up(RANDOM_PART, (size_t)batch);
    struct asking a;

    ask_begin(r, &a);
    ask_by_margin(r, &a, (size_t)(batch - random));
    ask_shuffled(r, &a, (size_t)random);
    ask_by_margin(r, &a, r->rows->n);
    ask_end(r, &a);
    r->out->state.due = r->out->report.human + batch;
}

static size_t label_as_you_go(struct round *r)
{
    struct learn_report *report = &r->out->report;
    size_t taken;

    report->threshold = find_threshold(r);
    taken = round_take_surest(r, (size_t)report->rest, (float)report->threshold);
    report->over_threshold = (int64_t)taken;
    report->automatic += (int64_t)taken;
    report->rest -= (int64_t)taken;
    return taken;
}

static void decide(struct round *r)
{
    struct learn_report *report = &r->out->report;
    struct learn_state *state = &r->out->state;
    int64_t before = report->rest, taken = (int64_t)label_as_you_go(r);
    bool poor = (double)taken < POOR_SHARE * (double)before;

    state->poor_rounds = poor ? state->poor_rounds + 1 : 0;
    if (report->rest == 0) {
        round_decide(r, LEARN_FINISH, "Everything is labelled; the machine labelled %lld items.",
                     (long long)report->automatic);
    } else if (state->poor_rounds >= POOR_ROUNDS) {
        ask_batch(r);
        round_decide(r, LEARN_REFUSE, "Two rounds running the machine could label under 1 %% of "
                     "the rest, so people label what is left.");
    } else if (!round_at_limit(r)) {
        ask_batch(r);
        round_decide(r, LEARN_ASK, "The machine labelled %lld items at or over the threshold; %lld "
                     "are left.", (long long)taken, (long long)report->rest);
    }
}

bool round_ground_truth(struct round *r, struct error *err)
{
    int64_t open;

    if (r->out->state.random_size == 0)
        draw_first(r);
    round_count(r);
    open = round_count_open(r, LEARN_PART_RANDOM) + round_count_open(r, LEARN_PART_QUERIED);
    if (r->out->report.rest > 0 && open > 0 && r->out->state.rounds == 0) {
        if (!round_at_limit(r))
            ask_samples(r, open);
        return true;
    }
    if (r->out->report.rest == 0 || !has_training_labels(r)) {
        struct asking a;

        ask_begin(r, &a);
        ask_shuffled(r, &a, r->rows->n);
        ask_end(r, &a);
        round_decide(r, r->out->report.rest == 0 ? LEARN_FINISH : LEARN_REFUSE,
                     r->out->report.rest == 0
                         ? "Nothing is left that the machine could label."
                         : "No labelled item is left to learn from, so people label the rest.");
        return true;
    }
    if (!round_train(r, true, err))
        return false;
    round_estimate(r);
    decide(r);
    return true;
}
