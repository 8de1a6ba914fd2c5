/* loop_default.c - the product's own rule (design: learning.md 4). */
#include "loop_round.h"

#include <math.h>

enum {
    RANDOM_LEAST = 400,      /* R = max(400, 3 %) ...                                  */
    SMALL_JOB = 2000,        /* ... below this many items max(100, 20 %)               */
    RANDOM_LEAST_SMALL = 100,
    PASSES = 2,              /* rounds running at the target                           */
    AUDITS = 2,
    AUDIT_LEAST = 400,
};
static const double RANDOM_SHARE = 0.03, RANDOM_SHARE_SMALL = 0.2;
static const double AUDIT_FROM = 0.97, AUDIT_SURE = 0.90;

/* Enough that one mistake still passes at 90 %: the exact bound of 1 in n is 1 - 3.89 / n. */
static const double AUDIT_MISTAKE = 3.9;

static int64_t random_size(size_t n)
{
    int64_t size, least = n < SMALL_JOB ? RANDOM_LEAST_SMALL : RANDOM_LEAST;

    size = round_share_up(n < SMALL_JOB ? RANDOM_SHARE_SMALL : RANDOM_SHARE, n);
    return size > least ? size : least;
}

static int64_t audit_size(double target)
{
    int64_t size = (int64_t)ceil(AUDIT_MISTAKE / (1 - target));

    return size > AUDIT_LEAST ? size : AUDIT_LEAST;
}

/* The random sample is not answered yet: it first, then others for idle hands, in random order or as
 * an earlier model would ask. */
static bool ask_random(struct round *r, int64_t open, struct error *err)
{
    struct asking a;

    if (!round_guess(r, err))
        return false;
    ask_begin(r, &a);
    ask_part(r, &a, LEARN_PART_RANDOM);
    if (r->out->guessed)
        ask_by_margin(r, &a, r->rows->n);
    else
        ask_shuffled(r, &a, r->rows->n);
    ask_end(r, &a);
    r->out->state.due = r->out->report.human + open;
    round_decide(r, LEARN_ASK, "%lld items of the random sample of %lld are still to be labelled.",
                 (long long)open, (long long)r->out->report.random);
    return true;
}

static void ask_uncertain(struct round *r)
{
    struct asking a;

    ask_begin(r, &a);
    ask_part(r, &a, LEARN_PART_AUDIT);
    ask_by_margin(r, &a, r->rows->n);
    ask_end(r, &a);
}

/* What the limit on labelled items leaves for the machine. */
static size_t room_for_machine(const struct round *r)
{
    const struct learn_report *report = &r->out->report;
    double share = r->settings->most_share;
    int64_t room = report->rest;

    if (share > 0)
        room = round_share_up(share, r->rows->n) - report->human - report->automatic;
    return room > 0 ? (size_t)room : 0;
}

static void finish(struct round *r)
{
    size_t taken = round_take_surest(r, room_for_machine(r), 0);
    struct asking a;

    r->out->report.automatic += (int64_t)taken;
    r->out->report.rest -= (int64_t)taken;
    ask_begin(r, &a); /* what has no features */
    ask_end(r, &a);
}

/* The audit is answered: was the machine right on it? The model has not seen these items. */
static bool audit_passes(struct round *r)
{
    struct learn_state *state = &r->out->state;

    state->audit_items = state->audit_right = 0;
    for (size_t i = 0; i < r->rows->n; i++) {
        if (r->out->part[i] != LEARN_PART_AUDIT)
            continue;
        r->out->part[i] = LEARN_PART_QUERIED;
        if (r->answers->label[i] < 0)
            continue;
        state->audit_items++;
        state->audit_right += round_is_right(r, i);
    }
    return learn_lower_bound_exact((size_t)state->audit_right, (size_t)state->audit_items,
                                   AUDIT_SURE) >= r->settings->target;
}

static void decide_after_audit(struct round *r)
{
    struct learn_state *state = &r->out->state;
    bool passed = audit_passes(r);

    if (passed) {
        finish(r);
        round_decide(r, LEARN_FINISH, "The audit found %lld of %lld machine labels right, which "
                     "shows the target of %.1f %%. The machine labels the other %lld items.",
                     (long long)state->audit_right, (long long)state->audit_items,
                     100 * r->settings->target, (long long)r->out->report.automatic);
        return;
    }
    state->passes = 0;
    ask_uncertain(r);
    state->due = r->out->report.human + round_batch(r);
    if (state->audits < AUDITS)
        round_decide(r, LEARN_ASK, "The audit found %lld of %lld machine labels right, too few for "
                     "%.1f %%; people go on, and one more audit may follow.",
                     (long long)state->audit_right, (long long)state->audit_items,
                     100 * r->settings->target);
    else
        round_decide(r, LEARN_REFUSE, "Two audits did not show %.1f %% (the last: %lld of %lld "
                     "right), so the machine labels nothing and people label what is left.",
                     100 * r->settings->target, (long long)state->audit_right,
                     (long long)state->audit_items);
}

static void start_audit(struct round *r)
{
    struct learn_state *state = &r->out->state;
    int64_t open;

    state->audits++;
    round_draw(r, audit_size(r->settings->target), LEARN_PART_AUDIT);
    open = round_count_open(r, LEARN_PART_AUDIT);
    ask_uncertain(r);
    state->due = r->out->report.human + open;
    round_decide(r, LEARN_AUDIT, "The estimate is at the target of %.1f %%; from 97 %% on an audit "
                 "of %lld random items of the rest must confirm it.", 100 * r->settings->target,
                 (long long)open);
}

static void decide_by_estimate(struct round *r)
{
    const struct learn_report *report = &r->out->report;
    struct learn_state *state = &r->out->state;

    state->passes = report->estimate >= report->needed ? state->passes + 1 : 0;
    if (state->passes >= PASSES && r->settings->target >= AUDIT_FROM - 1e-9) {
        if (!round_at_limit(r)) /* nobody is left to answer an audit */
            start_audit(r);
    } else if (state->passes >= PASSES) {
        finish(r);
        round_decide(r, LEARN_FINISH, "Two rounds running the estimate for the rest (%.1f %%) was "
                     "at the target of %.1f %%. The machine labels the other %lld items.",
                     100 * report->estimate, 100 * r->settings->target,
                     (long long)report->automatic);
    } else if (!round_at_limit(r)) {
        ask_uncertain(r);
        state->due = report->human + round_batch(r);
        round_decide(r, LEARN_ASK, state->passes > 0
                     ? "The estimate for the rest is %.1f %%, at the target of %.1f %%; one more "
                       "round must confirm it."
                     : "The estimate for the rest is %.1f %%; less its uncertainty that is "
                       "under the target of %.1f %%. People label the items the machine is least "
                       "sure of.",
                     100 * report->estimate, 100 * r->settings->target);
    }
}

static bool audit_is_drawn(const struct round *r)
{
    for (size_t i = 0; i < r->rows->n; i++)
        if (r->out->part[i] == LEARN_PART_AUDIT)
            return true;
    return false;
}

static void ask_audit(struct round *r, int64_t open)
{
    ask_uncertain(r);
    r->out->state.due = r->out->report.human + open;
    round_decide(r, LEARN_AUDIT, "%lld items of the audit are still to be labelled.",
                 (long long)open);
}

static bool nothing_left(struct round *r)
{
    struct asking a;

    ask_begin(r, &a);
    ask_end(r, &a);
    if (r->out->report.failed > 0)
        round_decide(r, LEARN_FINISH, "All items the machine can read are labelled; %lld it cannot "
                     "read are for people.", (long long)r->out->report.failed);
    else
        round_decide(r, LEARN_FINISH, "All items are labelled.");
    return true;
}

bool round_default(struct round *r, struct error *err)
{
    struct learn_state *state = &r->out->state;
    int64_t open, wanted = random_size(r->rows->n);

    if (state->random_size < wanted)
        state->random_size = wanted;
    round_draw_random(r, state->random_size);
    round_count(r);
    if (r->out->report.rest == 0 && !audit_is_drawn(r))
        return nothing_left(r);
    open = round_count_open(r, LEARN_PART_RANDOM);
    if (open == 0 && round_needs_more_random(r)) {
        round_count(r);
        open = round_count_open(r, LEARN_PART_RANDOM);
    }
    if (open > 0)
        return round_at_limit(r) || ask_random(r, open, err);
    if (!round_train(r, false, err))
        return false;
    round_estimate(r);
    open = round_count_open(r, LEARN_PART_AUDIT);
    if (open > 0 && !round_at_limit(r))
        ask_audit(r, open);
    else if (open == 0 && audit_is_drawn(r))
        decide_after_audit(r);
    else if (open == 0)
        decide_by_estimate(r);
    return true;
}
