/* test_calibrate.c - probabilities, temperature and bounds, against values from other sources. */
#include "../check.h"
#include "plumbline/learn/calibrate.h"

static double logistic(double t)
{
    return 1 / (1 + exp(-t));
}

static void test_probabilities(void)
{
    const float z[3] = {0, -2, 1};
    double sum = logistic(0) + logistic(-2) + logistic(1);
    const float cold[2] = {-500, -400};
    float p[3];

    learn_probabilities(z, 3, 3, false, 1, p);
    CHECK_NEAR("renormalised", p[0], logistic(0) / sum, 1e-6);
    CHECK_NEAR("renormalised", p[1], logistic(-2) / sum, 1e-6);
    learn_probabilities(z, 3, 3, true, 2, p);
    CHECK_NEAR("each label by itself, at temperature 2", p[1], logistic(-1), 1e-6);
    learn_probabilities(z + 2, 1, 2, false, 0.5, p);
    CHECK_NEAR("two classes, one decision", p[0], logistic(2), 1e-6);
    CHECK_NEAR("the other class", p[1], 1 - logistic(2), 1e-6);
    learn_probabilities(cold, 2, 2, false, 1, p);
    CHECK_NEAR("hopeless scores still sum to 1", p[0] + p[1], 1, 1e-6);
}

static void test_choices(void)
{
    const float p[4] = {0.2f, 0.5f, 0.25f, 0.05f}, set[2] = {0.9f, 0.2f};
    struct learn_choice c = learn_choose(p, 4, false);

    CHECK_INT("best", c.label, 1);
    CHECK_NEAR("confidence", c.confidence, 0.5, 1e-6);
    CHECK_NEAR("margin", c.margin, 0.25, 1e-6);
    c = learn_choose(set, 2, true);
    CHECK_NEAR("whole set right", c.confidence, 0.9 * 0.8, 1e-6);
    CHECK_NEAR("least sure label", c.margin, 0.6, 1e-6);
}

/* Scores of +-2, right in 3 of 4: the loss is least where the confidence is the (smoothed) 3/4. */
static void test_temperature(void)
{
    enum { N = 4000 };
    static float z[N];
    static int32_t label[N];
    struct learn_scores s = {.z = z, .n = N, .stride = 1, .decisions = 1, .n_classes = 2,
                             .label = label};

    for (int i = 0; i < N; i++) {
        z[i] = i % 2 ? 2 : -2;
        label[i] = (i % 2 ? 0 : 1) ^ (i / 2 % 4 == 0);
    }
    CHECK_NEAR("temperature", learn_temperature(&s), 2 / log(3), 0.02);
    for (int i = 0; i < N; i++)
        label[i] = i % 2 ? 0 : 1;
    CHECK("all right is not certainty", learn_temperature(&s) > 0.2);
    s.n = 0;
    CHECK_NEAR("of nothing", learn_temperature(&s), 1, 0);
}

static void test_bounds(void)
{
    CHECK_NEAR("normal 95 %", learn_normal_quantile(0.95), 1.6448536270, 1e-6);
    CHECK_NEAR("normal 2.5 %", learn_normal_quantile(0.025), -1.9599639845, 1e-6);
    /* rule of three: none wrong of n gives (1 - sure)^(1/n) */
    CHECK_NEAR("none wrong of 400", learn_lower_bound_exact(400, 400, 0.9), pow(0.1, 1 / 400.),
               1e-9);
    /* Clopper-Pearson for 8 of 10, two-sided 95 %: 0.4439 .. 0.9748 (standard tables) */
    CHECK_NEAR("8 of 10", learn_lower_bound_exact(8, 10, 0.975), 0.4439, 1e-4);
    /* an audit of 400 at 98 %: four mistakes pass, five do not */
    CHECK("four mistakes pass", learn_lower_bound_exact(396, 400, 0.9) >= 0.98);
    CHECK("five do not", learn_lower_bound_exact(395, 400, 0.9) < 0.98);
    /* Wilson for 8 of 10, two-sided 95 %: 0.4902 .. 0.9433 (Agresti and Coull 1998) */
    CHECK_NEAR("Wilson 8 of 10", learn_lower_bound_wilson(0.8, 10, 0.975), 0.4902, 1e-4);
    CHECK_NEAR("of nothing", learn_lower_bound_wilson(0, 0, 0.9), 0, 0);
}

int main(void)
{
    test_probabilities();
    test_choices();
    test_temperature();
    test_bounds();
    return check_done();
}
