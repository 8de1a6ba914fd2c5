/* test_agreement.c - alpha and kappa against published and hand-worked values. */
#include "../check.h"
#include "plumbline/consensus/agreement.h"

/* Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), example C: four observers,
 * twelve units, missing answers; nominal alpha 0.743. 0 = no answer here. */
static void test_published_alpha(void)
{
    static const int32_t table[4][12] = {{1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0},
                                         {1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3},
                                         {0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0},
                                         {1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0}};
    int32_t item[48], annotator[48], label[48];
    struct consensus_answers in = {12, 4, 5, 0, item, annotator, label, NULL};
    struct consensus_agreement a;

    for (int32_t j = 0; j < 4; j++)
        for (int32_t i = 0; i < 12; i++)
            if (table[j][i]) {
                item[in.n] = i;
                annotator[in.n] = j;
                label[in.n++] = table[j][i] - 1;
            }
    CHECK("alpha", consensus_alpha(&in, -1, &a, NULL) && a.is_defined);
    CHECK_NEAR("as published", a.coefficient, 0.743, 0.0005);
    CHECK_INT("unit 12 has one answer and is left out", a.items, 11);
    CHECK_INT("pairable answers", a.answers, 40);
}

/* Two people, items (0,0) (0,1) (1,1) (2,2): 3 of 4 agree; by chance (3*2 + 3*2 + 2*1) / (8*7) =
 * 0.25, so alpha = 1 - 0.25/0.75. Class 0 against the rest: 3 of 4 agree, chance (3*2 + 5*4)/56.
 * Class 2: all agree. */
static const int32_t four_item[] = {0, 0, 1, 1, 2, 2, 3, 3}, four_who[] = {0, 1, 0, 1, 0, 1, 0, 1},
                     four_label[] = {0, 0, 0, 1, 1, 1, 2, 2};
static const struct consensus_answers four = {4, 2, 3, 8, four_item, four_who, four_label, NULL};

static void test_alpha_by_hand(void)
{
    struct consensus_agreement a;

    consensus_alpha(&four, -1, &a, NULL);
    CHECK_NEAR("observed", a.observed, 0.75, 1e-12);
    CHECK_NEAR("expected", a.expected, 0.25, 1e-12);
    CHECK_NEAR("alpha", a.coefficient, 2 / 3.0, 1e-12);
    consensus_alpha(&four, 0, &a, NULL);
    CHECK_NEAR("alpha of class 0", a.coefficient, 1 - 0.25 / (1 - 26 / 56.0), 1e-12);
    consensus_alpha(&four, 2, &a, NULL);
    CHECK_NEAR("alpha of class 2", a.coefficient, 1, 1e-12);
}

/* The 2 x 2 table 20 5 / 10 15: observed 0.7, by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5, kappa 0.4. */
static void test_kappa(void)
{
    static const struct { int32_t first, second, times; } cells[] = {
        {0, 0, 20}, {0, 1, 5}, {1, 0, 10}, {1, 1, 15}};
    int32_t item[101], annotator[101], label[101], i = 0;
    struct consensus_answers in = {51, 3, 2, 0, item, annotator, label, NULL};
    struct consensus_agreement a;

    for (size_t c = 0; c < COUNT(cells); c++)
        for (int t = 0; t < cells[c].times; t++, i++)
            for (int32_t j = 0; j < 2; j++, in.n++) {
                item[in.n] = i;
                annotator[in.n] = j * 2;
                label[in.n] = j ? cells[c].second : cells[c].first;
            }
    item[in.n] = 50; /* answered by one of them only */
    annotator[in.n] = 0;
    label[in.n++] = 1;
    consensus_kappa(&in, 0, 2, &a, NULL);
    CHECK_INT("items both answered", a.items, 50);
    CHECK_NEAR("observed", a.observed, 0.7, 1e-12);
    CHECK_NEAR("kappa", a.coefficient, 0.4, 1e-12);
    consensus_kappa(&in, 0, 1, &a, NULL);
    CHECK("nothing in common is not defined", !a.is_defined && a.coefficient == 0);
    CHECK("annotator out of range", !consensus_kappa(&in, 0, 3, &a, NULL));
}

static void test_odd_cases(void)
{
    static const int32_t zeros[4] = {0}, items[] = {0, 0, 1, 1}, who[] = {0, 1, 0, 1};
    struct consensus_answers same = {2, 2, 2, 4, items, who, zeros, NULL};
    struct consensus_answers alone = {2, 1, 2, 1, items, zeros, zeros, NULL};
    struct consensus_agreement a;

    consensus_alpha(&same, -1, &a, NULL);
    CHECK("always the same answer", a.is_defined && a.coefficient == 1);
    consensus_kappa(&same, 0, 1, &a, NULL);
    CHECK("the same for kappa", a.is_defined && a.coefficient == 1);
    consensus_alpha(&alone, -1, &a, NULL);
    CHECK("one answer", !a.is_defined && a.coefficient == 0 && a.items == 0);
    CHECK("class out of range", !consensus_alpha(&same, 2, &a, NULL));
}

int main(void)
{
    test_published_alpha();
    test_alpha_by_hand();
    test_kappa();
    test_odd_cases();
    return check_done();
}
