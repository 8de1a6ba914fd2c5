/* test_classes.c - the three methods on answers whose result is known, and on the odd cases. */
#include "../check.h"
#include "plumbline/consensus/calibrate.h"
#include "plumbline/consensus/classes.h"

#include <stdlib.h>

static const char *const method_names[] = {"em", "majority", "ground-truth"};

static struct consensus_result fit(const struct consensus_answers *in, enum consensus_method method,
                                   int rounds)
{
    struct consensus_settings settings = {.method = method, .max_rounds = rounds};
    struct consensus_result r = {0};
    struct error err = {0};

    CHECK("fits", consensus_classes_fit(in, &settings, &r, NULL, &err));
    return r;
}

/* Every number finite, rows of posteriors summing to 1, labels in range. */
static bool is_sane(const struct consensus_result *r)
{
    bool ok = isfinite(r->log_likelihood);

    for (int32_t i = 0; i < r->items; i++) {
        double sum = 0, calibrated_sum = 0;
        float *calibrated = calloc((size_t)r->classes, sizeof *calibrated);

        consensus_item_posterior(r, i, calibrated);
        for (int32_t k = 0; k < r->classes; k++) {
            sum += r->raw[i * r->classes + k];
            calibrated_sum += calibrated[k];
        }
        ok = ok && fabs(sum - 1) < 1e-5 && fabs(calibrated_sum - 1) < 1e-5 && r->label[i] >= 0 &&
             r->label[i] < r->classes && fabsf(calibrated[r->label[i]] - r->posterior[i]) < 1e-6f;
        free(calibrated);
    }
    for (int32_t j = 0; r->accuracy && j < r->annotators; j++)
        ok = ok && r->accuracy[j] >= 0 && r->accuracy[j] <= 1.00001f;
    return ok;
}

/* The published test vector: six items, three annotators, three classes. */
static const int32_t vector_item[] = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5};
static const int32_t vector_annotator[] = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2};
static const int32_t vector_label[] = {0, 0, 1, 1, 1, 1, 0, 0, 0, 2, 2, 0, 1, 0, 1, 2, 1, 0};
static const struct consensus_answers vector = {6, 3, 3, 18, vector_item, vector_annotator,
                                                vector_label, NULL};

static void test_ground_truth_vector(void)
{
    static const struct { int rounds; double p[6][3]; } want[] = {
        {1, {{.7935, .1700, .0364}, {.0096, .9807, .0096}, {.9807, .0096, .0096},
             {.1700, .0364, .7935}, {.1700, .7935, .0364}, {.3333, .3333, .3333}}},
        {2, {{.8828, .1067, .0104}, {.0130, .9815, .0055}, {.9800, .0130, .0071},
             {.1360, .0338, .8302}, {.1569, .8308, .0123}, {.2820, .3230, .3950}}},
        {20, {{.9473, .0459, .0068}, {.0073, .9873, .0055}, {.9866, .0070, .0065},
              {.0295, .0102, .9603}, {.1178, .8721, .0101}, {.0830, .1475, .7695}}},
    };
    static const int32_t classes[] = {0, 1, 0, 2, 1, 2};
    static const double confidence[] = {.95, .99, .99, .96, .87, .77};
    static const double accuracy[] = {.9205, .6911, .5007};
    struct consensus_result r;

    for (size_t w = 0; w < COUNT(want); w++) {
        double worst = 0;

        r = fit(&vector, CONSENSUS_GROUND_TRUTH, want[w].rounds);
        for (int i = 0; i < 6; i++)
            for (int k = 0; k < 3; k++)
                worst = fmax(worst, fabs(r.raw[i * 3 + k] - want[w].p[i][k]));
        CHECK_NEAR("posteriors of the vector", worst, 0, 0.0000501);
        CHECK_INT("rounds", r.iterations, want[w].rounds);
        if (w + 1 < COUNT(want))
            consensus_result_release(&r);
    }
    for (int i = 0; i < 6; i++) {
        CHECK_INT("class of the vector", r.label[i], classes[i]);
        CHECK_NEAR("its confidence for export",
                   consensus_exported_confidence(r.raw[i * 3 + r.label[i]], r.item_answers[i]),
                   confidence[i], 1e-9);
    }
    for (int j = 0; j < 3; j++)
        CHECK_NEAR("accuracy", r.accuracy[j], accuracy[j], 0.0000501);
    CHECK_NEAR("log likelihood", r.log_likelihood, -16.5245, 0.0000501);
    consensus_result_release(&r);
}

static void test_majority(void)
{
    struct consensus_result r = fit(&vector, CONSENSUS_MAJORITY, 0);
    static const int32_t classes[] = {0, 1, 0, 2, 1, 0}; /* the last is a tie of three */

    for (int i = 0; i < 6; i++)
        CHECK_INT("class by votes", r.label[i], classes[i]);
    CHECK_NEAR("two of three", r.posterior[0], 2 / 3.0, 1e-6);
    CHECK_NEAR("annotator 0: all but the tie", r.accuracy[0], 5 / 6.0, 1e-6);
    CHECK_NEAR("annotator 2: items 1, 2, 4, 5", r.accuracy[2], 4 / 6.0, 1e-6);
    consensus_result_release(&r);
}

/* One annotator against two careless ones: the votes lose, the crowd's record wins. Annotators 0..2
 * agree on items 0..29; 3 and 4 follow no truth there; on item 30 only 0, 3 and 4 answer. */
static size_t careless(int32_t *item, int32_t *annotator, int32_t *label)
{
    size_t n = 0;

    for (int32_t i = 0; i < 30; i++)
        for (int32_t j = 0; j < 5; j++, n++) {
            item[n] = i;
            annotator[n] = j;
            label[n] = j < 3 ? i % 3 : (i * 7 + j + i / 4) % 3;
        }
    for (int32_t a = 0; a < 3; a++, n++) {
        item[n] = 30;
        annotator[n] = a ? a + 2 : 0;
        label[n] = a ? 1 : 2;
    }
    return n;
}

static void test_shrunken_dawid_skene(void)
{
    int32_t item[200], annotator[200], label[200], gold[31];
    struct consensus_answers in = {31, 5, 3, 0, item, annotator, label, NULL};
    struct consensus_settings settings = {.method = CONSENSUS_SDS};
    struct consensus_parameters p;
    struct consensus_result r, again;
    struct error err = {0};
    double row = 0;

    in.n = careless(item, annotator, label);
    CHECK("fits", consensus_classes_fit(&in, &settings, &r, &p, &err));
    CHECK_INT("the reliable one outvotes two", r.label[30], 2);
    CHECK("annotators ranked", r.accuracy[0] > 0.95 && r.accuracy[3] < 0.6);
    CHECK("calibrated is less sure than raw", r.posterior[30] < r.raw[30 * 3 + 2] &&
          r.posterior[30] > 0.5);
    CHECK("sane", is_sane(&r));
    for (int32_t k = 0; k < 3; k++)
        row += consensus_confusion(&p, 3, 1, k);
    CHECK_NEAR("rows of the confusion matrix sum to 1", row, 1, 0.01);
    CHECK("diagonal of a good annotator", consensus_confusion(&p, 0, 1, 1) > 0.9);
    settings.start = &p;
    CHECK("starts from a former fit", consensus_classes_fit(&in, &settings, &again, NULL, &err));
    CHECK("and is done at once", again.iterations <= 3 && again.label[30] == 2);
    consensus_result_release(&again);
    settings.start = NULL;
    for (int i = 0; i < 31; i++)
        gold[i] = -1;
    for (int i = 0; i < 30; i += 2) { /* where known, the careless ones turn out to be right */
        gold[i] = (i * 7 + 3 + i / 4) % 3;
    }
    in.gold = gold;
    CHECK("with gold", consensus_classes_fit(&in, &settings, &again, NULL, &err));
    CHECK_INT("gold is kept against three people", again.label[2], gold[2]);
    CHECK_NEAR("and certain", again.posterior[2], 1, 0);
    CHECK("gold is evidence about people", again.accuracy[0] < r.accuracy[0] - 0.2);
    consensus_result_release(&again);
    consensus_result_release(&r);
    consensus_parameters_release(&p);
}

/* New answers judged by a fit: the same posteriors as the fit where the answers are the same, and a
 * stranger counts as the crowd's mean. */
static void test_infer(void)
{
    int32_t item[200], annotator[200], label[200];
    struct consensus_answers in = {31, 5, 3, 0, item, annotator, label, NULL};
    static const int32_t one_item[] = {0, 0}, strangers[] = {7, 9}, says[] = {1, 1};
    struct consensus_answers batch = {1, 10, 3, 2, one_item, strangers, says, NULL};
    struct error err = {0};

    in.n = careless(item, annotator, label);
    for (int m = 0; m < 3; m++) {
        struct consensus_settings settings = {.method = (enum consensus_method)m};
        struct consensus_parameters p;
        struct consensus_result r, again;
        double worst = 0, a, b, c;

        consensus_classes_fit(&in, &settings, &r, &p, &err);
        CHECK("infers", consensus_classes_infer(&p, &in, &again, &err));
        for (size_t at = 0; at < 31 * 3; at++)
            worst = fmax(worst, fabs(r.raw[at] - again.raw[at]));
        CHECK_NEAR(method_names[m], worst, 0, 0.002);
        CHECK("sane", is_sane(&again) && !again.accuracy);
        consensus_result_release(&again);
        CHECK("strangers", consensus_classes_infer(&p, &batch, &again, &err));
        CHECK_INT("two strangers agree", again.label[0], 1);
        a = p.crowd_accuracy * p.crowd_accuracy * exp(p.log_prior[1]);
        b = pow((1 - p.crowd_accuracy) / 2, 2) * exp(p.log_prior[0]);
        c = pow((1 - p.crowd_accuracy) / 2, 2) * exp(p.log_prior[2]);
        if (m != CONSENSUS_MAJORITY)
            CHECK_NEAR("by Bayes' rule with the crowd's mean", again.raw[1], a / (a + b + c), 1e-5);
        consensus_result_release(&again);
        consensus_result_release(&r);
        consensus_parameters_release(&p);
    }
}

static void test_odd_cases(void)
{
    static const int32_t zeros[6] = {0}, one[] = {1, 1, 1, 1, 1, 1}, two[] = {0, 1, 0, 1, 0, 1},
                         items[] = {0, 0, 1, 1, 2, 2}, opposite[] = {0, 1, 1, 0, 0, 1};
    static const struct {
        const char *name;
        struct consensus_answers in;
        int32_t label0;
    } cases[] = {
        {"one class", {3, 2, 1, 6, items, two, zeros, NULL}, 0},
        {"one item", {1, 2, 3, 2, zeros, two, one, NULL}, 1},
        {"one answer", {1, 1, 4, 1, zeros, zeros, one, NULL}, 1},
        {"all the same answer", {3, 2, 2, 6, items, two, one, NULL}, 1},
        {"classes nobody used", {3, 2, 50, 6, items, two, one, NULL}, 1},
        {"people who never agree", {3, 2, 2, 6, items, two, opposite, NULL}, 0},
        {"an item and a person without answers", {5, 4, 3, 6, items, two, one, NULL}, 1},
        {"no answers at all", {2, 2, 3, 0, NULL, NULL, NULL, NULL}, 0},
        {"no items", {0, 0, 2, 0, NULL, NULL, NULL, NULL}, 0},
    };

    for (size_t c = 0; c < COUNT(cases); c++)
        for (int m = 0; m < 3; m++) {
            struct consensus_settings settings = {.method = (enum consensus_method)m};
            struct consensus_parameters p;
            struct consensus_result r, again;
            struct error err = {0};

            CHECK(cases[c].name, consensus_classes_fit(&cases[c].in, &settings, &r, &p, &err));
            CHECK(method_names[m], is_sane(&r));
            if (cases[c].in.items)
                CHECK_INT("label of item 0", r.label[0], cases[c].label0);
            CHECK("infers", consensus_classes_infer(&p, &cases[c].in, &again, &err));
            CHECK("and is sane", is_sane(&again));
            consensus_result_release(&again);
            consensus_result_release(&r);
            consensus_parameters_release(&p);
        }
}

/* Two careful people and one who always says the other of two classes: Dawid-Skene reads the liar
 * backwards. */
static void test_always_wrong(void)
{
    int32_t item[130], annotator[130], label[130];
    struct consensus_answers in = {41, 3, 2, 0, item, annotator, label, NULL};
    struct consensus_result r;

    for (int32_t i = 0; i < 40; i++)
        for (int32_t j = 0; j < 3; j++, in.n++) {
            item[in.n] = i;
            annotator[in.n] = j;
            label[in.n] = j < 2 ? i % 2 : 1 - i % 2;
        }
    item[in.n] = 40;
    annotator[in.n] = 2;
    label[in.n++] = 1;
    r = fit(&in, CONSENSUS_SDS, 0);
    CHECK_INT("the liar's 1 means 0", r.label[40], 0);
    CHECK("accuracy near 0", r.accuracy[2] < 0.05);
    CHECK("sane", is_sane(&r));
    consensus_result_release(&r);
    r = fit(&in, CONSENSUS_GROUND_TRUTH, 0);
    CHECK("sane", is_sane(&r));
    consensus_result_release(&r);
}

static void test_duplicates(void)
{
    static const int32_t item[] = {0, 0, 0, 1, 0}, annotator[] = {0, 1, 0, 0, 0},
                         label[] = {1, 0, 2, 1, 0};
    struct consensus_answers in = {2, 2, 3, 5, item, annotator, label, NULL};
    struct consensus_result r = fit(&in, CONSENSUS_MAJORITY, 0);

    CHECK_INT("two set aside", r.duplicates, 2);
    CHECK_INT("three count", r.answers, 3);
    CHECK_NEAR("the last counts", r.raw[0], 1, 0);
    CHECK_INT("answers of the item", r.item_answers[0], 2);
    CHECK_INT("answers of the annotator", r.annotator_answers[0], 2);
    consensus_result_release(&r);
}

/* The sparse matrices (more than 4 million numbers) give what the dense ones do. The same
 * answers are fitted with 3 classes, and with 3 used of 2000. */
static void test_sparse(void)
{
    int32_t item[200], annotator[200], label[200];
    struct consensus_answers in = {31, 5, 2000, 0, item, annotator, label, NULL};
    struct consensus_settings settings = {.method = CONSENSUS_SDS};
    struct consensus_parameters p;
    struct consensus_result r;
    struct error err = {0};
    bool right = true;

    in.n = careless(item, annotator, label);
    for (size_t a = 0; a < in.n; a++)
        label[a] *= 999;
    CHECK("fits 2000 classes", consensus_classes_fit(&in, &settings, &r, &p, &err));
    for (int32_t i = 0; i < 30; i++)
        right = right && r.label[i] == i % 3 * 999;
    CHECK("same labels as with few classes", right && r.label[30] == 2 * 999);
    CHECK("sane", is_sane(&r));
    CHECK("few entries", p.entry_start[p.group_start[5]] <= 15 * 3);
    CHECK("a good annotator's diagonal", consensus_confusion(&p, 0, 999, 999) > 0.85);
    CHECK("never seen pairs are not impossible", consensus_confusion(&p, 0, 5, 7) > 0);
    consensus_result_release(&r);
    CHECK("infers", consensus_classes_infer(&p, &in, &r, &err) && r.label[30] == 2 * 999);
    CHECK("sane", is_sane(&r));
    consensus_result_release(&r);
    consensus_parameters_release(&p);
    settings.method = CONSENSUS_GROUND_TRUTH;
    CHECK("Ground Truth too", consensus_classes_fit(&in, &settings, &r, NULL, &err) && is_sane(&r));
    consensus_result_release(&r);
}

static void test_refusals(void)
{
    static const int32_t ok[] = {0}, bad[] = {3}, negative[] = {-1};
    static const struct { const char *name; struct consensus_answers in; } cases[] = {
        {"no class", {1, 1, 0, 1, ok, ok, ok, NULL}},
        {"item out of range", {1, 1, 2, 1, bad, ok, ok, NULL}},
        {"annotator out of range", {1, 1, 2, 1, ok, negative, ok, NULL}},
        {"class out of range", {1, 1, 2, 1, ok, ok, bad, NULL}},
        {"gold out of range", {1, 1, 2, 1, ok, ok, ok, bad}},
        {"too large", {2000000, 1, 1000, 1, ok, ok, ok, NULL}},
    };
    struct consensus_settings settings = {.method = CONSENSUS_SDS};
    struct consensus_parameters p;
    struct consensus_result r;

    for (size_t c = 0; c < COUNT(cases); c++) {
        struct error err = {0};

        CHECK(cases[c].name,
              !consensus_classes_fit(&cases[c].in, &settings, &r, NULL, &err));
        CHECK_TEXT("code", err.code, "field.invalid");
    }
    CHECK("fit", consensus_classes_fit(&vector, &settings, &r, &p, NULL));
    consensus_result_release(&r);
    settings = (struct consensus_settings){.method = CONSENSUS_GROUND_TRUTH, .start = &p};
    CHECK("start of another method", !consensus_classes_fit(&vector, &settings, &r, NULL, NULL));
    consensus_parameters_release(&p);
}

static void test_calibration(void)
{
    float raw[] = {0.96f, 0.04f}, out[2];

    CHECK_NEAR("one answer", consensus_temperature(1), 1, 0);
    CHECK_NEAR("six answers", consensus_temperature(6), 2, 1e-12);
    consensus_temper(raw, 2, 2, out); /* square roots: 0.9798 and 0.2 */
    CHECK_NEAR("tempered", out[0], 0.979796 / 1.179796, 1e-5);
    CHECK_NEAR("export of one answer", consensus_exported_confidence(0.97, 1), 0, 0);
    CHECK_NEAR("export of two", consensus_exported_confidence(0.976, 2), 0.98, 1e-12);
}

int main(void)
{
    test_ground_truth_vector();
    test_majority();
    test_shrunken_dawid_skene();
    test_infer();
    test_odd_cases();
    test_always_wrong();
    test_duplicates();
    test_sparse();
    test_refusals();
    test_calibration();
    return check_done();
}
