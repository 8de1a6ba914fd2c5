/* calibrate.c - temperature, probabilities, bounds. */
#include "plumbline/learn/calibrate.h"

#include "plumbline/base/arena.h"

#include <math.h>
#include <stdlib.h>

static const double COLDEST = 0.05, HOTTEST = 20;

/* log of the logistic function, without overflow. */
static double log_logistic(double t)
{
    return t >= 0 ? -log1p(exp(-t)) : t - log1p(exp(t));
}

static void renormalised(const float *z, uint32_t n, double temperature, float *p)
{
    double most = -INFINITY, sum = 0;

    for (uint32_t k = 0; k < n; k++) {
        double l = log_logistic(z[k] / temperature);

        p[k] = (float)l;
        most = fmax(most, l);
    }
    for (uint32_t k = 0; k < n; k++)
        sum += exp(p[k] - most);
    for (uint32_t k = 0; k < n; k++)
        p[k] = (float)(exp(p[k] - most) / sum);
}

void learn_probabilities(const float *z, uint32_t decisions, uint32_t n_classes, bool multilabel,
                         double temperature, float *p)
{
    if (!multilabel && n_classes == 2 && decisions == 1) {
        p[0] = (float)exp(log_logistic(z[0] / temperature));
        p[1] = (float)exp(log_logistic(-z[0] / temperature));
    } else if (!multilabel) {
        renormalised(z, decisions, temperature, p);
    } else {
        for (uint32_t k = 0; k < n_classes; k++)
            p[k] = (float)exp(log_logistic(z[k] / temperature));
    }
}

static struct learn_choice choose_set(const float *p, uint32_t n)
{
    struct learn_choice c = {.confidence = 1, .margin = 1};

    for (uint32_t k = 0; k < n; k++) {
        c.confidence *= fmaxf(p[k], 1 - p[k]);
        c.margin = fminf(c.margin, fabsf(2 * p[k] - 1));
    }
    return c;
}

struct learn_choice learn_choose(const float *p, uint32_t n_classes, bool multilabel)
{
    struct learn_choice c = {0};
    float second = 0;

    if (multilabel)
        return choose_set(p, n_classes);
    for (uint32_t k = 1; k < n_classes; k++)
        if (p[k] > p[c.label])
            c.label = (int32_t)k;
    for (uint32_t k = 0; k < n_classes; k++)
        if ((int32_t)k != c.label && p[k] > second)
            second = p[k];
    c.confidence = p[c.label];
    c.margin = p[c.label] - second;
    return c;
}

static bool set_is_right(const float *p, const uint8_t *set, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        if ((p[k] >= 0.5f) != (set[k] != 0))
            return false;
    return true;
}

/* Smoothed log loss of a probability: `share` of the truth is on it, the rest on its complement. */
static double loss_of(double p, double share)
{
    p = fmin(fmax(p, 1e-12), 1 - 1e-12);
    return -share * log(p) - (1 - share) * log(1 - p);
}

static double mean_loss(const struct learn_scores *s, double temperature, float *p)
{
    double sum = 0, share = ((double)s->n + 1) / ((double)s->n + 2);

    for (size_t i = 0; i < s->n; i++) {
        learn_probabilities(s->z + i * s->stride, s->decisions, s->n_classes, s->multilabel,
                            temperature, p);
        if (s->multilabel) {
            bool right = set_is_right(p, s->sets + i * s->n_classes, s->n_classes);

            sum += loss_of(choose_set(p, s->n_classes).confidence, right ? share : 1 - share);
        } else {
            sum += loss_of(p[s->label[i]], share);
        }
    }
    return sum / (double)s->n;
}

double learn_temperature(const struct learn_scores *s)
{
    const double ratio = (sqrt(5) - 1) / 2;
    double low = log(COLDEST), high = log(HOTTEST), a, b, loss_a, loss_b;
    float *p;

    if (s->n == 0)
        return 1;
    p = must_alloc((s->n_classes + 1) * sizeof *p);
    a = high - ratio * (high - low);
    b = low + ratio * (high - low);
    loss_a = mean_loss(s, exp(a), p);
    loss_b = mean_loss(s, exp(b), p);
    while (high - low > 0.005) {
        if (loss_a <= loss_b) {
            high = b, b = a, loss_b = loss_a;
            a = high - ratio * (high - low);
            loss_a = mean_loss(s, exp(a), p);
        } else {
            low = a, a = b, loss_a = loss_b;
            b = low + ratio * (high - low);
            loss_b = mean_loss(s, exp(b), p);
        }
    }
    free(p);
    return exp((low + high) / 2);
}

double learn_normal_quantile(double p)
{
    double low = -40, high = 40;

    while (high - low > 1e-10) { /* bisection on Phi(x) = erfc(-x / sqrt 2) / 2 */
        double middle = (low + high) / 2;

        if (erfc(-middle / sqrt(2)) / 2 < p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

double learn_lower_bound_wilson(double share, size_t n, double sure)
{
    double z = learn_normal_quantile(sure), m = (double)n, half;

    if (n == 0)
        return 0;
    half = z * sqrt(share * (1 - share) / m + z * z / (4 * m * m));
    return fmax(0, (share + z * z / (2 * m) - half) / (1 + z * z / m));
}

/* Probability of at least `right` successes in n, each with probability p. */
static double upper_tail(size_t right, size_t n, double p)
{
    double sum = 0;

    for (size_t k = right; k <= n; k++)
        sum += exp(lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1) +
                   (double)k * log(p) + (double)(n - k) * log1p(-p));
    return sum;
}

double learn_lower_bound_exact(size_t right, size_t n, double sure)
{
    double low = 0, high = 1;

    if (n == 0 || right == 0)
        return 0;
    if (right >= n)
        return pow(1 - sure, 1 / (double)n);
    while (high - low > 1e-9) {
        double middle = (low + high) / 2;

        if (upper_tail(right, n, middle) < 1 - sure)
            low = middle;
        else
            high = middle;
    }
    return low;
}
