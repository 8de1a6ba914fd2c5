/* loop_estimate.c - how good the machine would be on the whole unlabelled rest.
 *
 * The estimate is the mean calibrated top probability m of the rest. Its standard error is that of
 * a share seen on the n random items the calibration rests on, sqrt(m (1 - m) / n): however many
 * items the rest has, we know the model's honesty only from those. */
#include "loop_round.h"

#include "plumbline/base/arena.h"

#include <math.h>
#include <stdlib.h>

static const double NORMAL_90 = 1.6448536; /* two-sided 90 % */

static int falling(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return x > y ? -1 : x < y;
}

static double standard_error(const struct round *r, double m)
{
    return r->n_validation > 0 ? sqrt(m * (1 - m) / (double)r->n_validation) : 1;
}

/* The promise about all items allows the machine's part more mistakes: people's part has none. */
static double needed_for(const struct round *r, double target, double automatic)
{
    if (!r->settings->whole_set || automatic <= 0)
        return target;
    return fmax(0, 1 - (1 - target) * (double)r->rows->n / automatic);
}

/* How many of the surest items meet the target together: the longest such prefix. */
static size_t good_prefix(const struct round *r, const float *confidence, size_t n, double target)
{
    double sum = 0;
    size_t good = 0;

    for (size_t i = 0; i < n; i++) {
        double m;

        sum += confidence[i];
        m = sum / (double)(i + 1);
        if (m - standard_error(r, m) >= needed_for(r, target, (double)(i + 1)))
            good = i + 1;
    }
    return good;
}

static void add_bill(struct round *r, const float *confidence, size_t n, double target)
{
    struct learn_report *report = &r->out->report;
    int64_t good = (int64_t)good_prefix(r, confidence, n, target);

    report->bill[report->bills++] = (struct learn_bill){
        .target = target, .human = report->human + report->rest + report->failed - good};
    if (report->bills == 1) {
        report->over_threshold = good;
        report->threshold = good > 0 ? confidence[good - 1] : 2;
    }
}

void round_estimate(struct round *r)
{
    static const double lower[] = {0.95, 0.90, 0.85, 0.80};
    struct learn_report *report = &r->out->report;
    float *confidence = must_alloc((r->rows->n + 1) * sizeof *confidence);
    double sum = 0, m, error;
    size_t n = 0;

    for (size_t i = 0; i < r->rows->n; i++)
        if (round_is_rest(r, i)) {
            confidence[n++] = r->out->confidence[i];
            sum += r->out->confidence[i];
        }
    if (n > 0) {
        m = sum / (double)n;
        error = standard_error(r, m);
        report->estimate = m;
        report->low = fmax(0, m - NORMAL_90 * error);
        report->high = fmin(1, m + NORMAL_90 * error);
        report->needed = fmin(1, needed_for(r, r->settings->target, (double)n) + error);
    }
    qsort(confidence, n, sizeof *confidence, falling);
    add_bill(r, confidence, n, r->settings->target);
    for (size_t i = 0; i < sizeof lower / sizeof *lower; i++)
        if (lower[i] < r->settings->target - 1e-9)
            add_bill(r, confidence, n, lower[i]);
    free(confidence);
}
