/* test_multilabel.c - several classes an item: votes by hand, Ground Truth against its two-class
 * fits, and the shared model on a made-up crowd. */
#include "../check.h"
#include "plumbline/consensus/multilabel.h"

#include <stdlib.h>

static struct consensus_multilabel_result fit(const struct consensus_answers *in, int method)
{
    struct consensus_settings settings = {.method = (enum consensus_method)method};
    struct consensus_multilabel_result r = {0};
    struct error err = {0};

    CHECK("fits", consensus_multilabel_fit(in, &settings, &r, &err));
    return r;
}

/* Item 0: person 0 says {0, 2}, 1 says {2}, 2 says none. Item 1: 0 says {1}, 1 says {1} twice and
 * "none" beside it, which has no effect. Item 2: person 2 says none. Item 3: nobody answered. */
static const int32_t item[] = {0, 0, 0, 0, 1, 1, 1, 1, 2}, who[] = {0, 1, 2, 0, 0, 1, 1, 1, 2},
                     label[] = {2, 2, -1, 0, 1, 1, 1, -1, -1};
static const struct consensus_answers small = {4, 3, 3, 9, item, who, label, NULL};

static void test_votes(void)
{
    struct consensus_multilabel_result r = fit(&small, CONSENSUS_MAJORITY);

    CHECK_INT("answers", r.answers, 6);
    CHECK_INT("rows that repeat", r.duplicates, 1);
    CHECK("candidates of item 0", r.start[1] == 2 && r.label[0] == 0 && r.label[1] == 2);
    CHECK("candidates of item 1", r.start[2] == 3 && r.label[2] == 1);
    CHECK("items 2 and 3 have none", r.start[4] == 3);
    CHECK_INT("votes", r.votes[1], 2);
    CHECK_NEAR("1 of 3", r.posterior[0], 1 / 3.0, 1e-6);
    CHECK_NEAR("2 of 3", r.posterior[1], 2 / 3.0, 1e-6);
    CHECK_NEAR("2 of 2", r.posterior[2], 1, 1e-6);
    CHECK_INT("people on item 0", r.item_answers[0], 3);
    CHECK_INT("people on item 3", r.item_answers[3], 0);
    CHECK_INT("items of person 2", r.annotator_answers[2], 2);
    CHECK_NEAR("person 2 on item 0: right by 2/3 and by 1/3", r.accuracy[2], 0.5, 1e-6);
    consensus_multilabel_release(&r);
}

static void test_odd_cases(void)
{
    static const int32_t none[] = {-1, -1}, zeros[] = {0, 0}, two[] = {0, 1};
    static const struct { const char *name; struct consensus_answers in; } cases[] = {
        {"nobody chose anything", {1, 2, 1, 2, zeros, two, none, NULL}},
        {"one answer", {1, 1, 3, 1, zeros, zeros, two, NULL}},
        {"everything chosen", {1, 1, 1, 1, zeros, zeros, zeros, NULL}},
        {"no answers", {2, 2, 2, 0, NULL, NULL, NULL, NULL}},
        {"mixed", {4, 3, 3, 9, item, who, label, NULL}},
    };

    for (size_t c = 0; c < COUNT(cases); c++)
        for (int m = 0; m < 3; m++) {
            struct consensus_multilabel_result r = fit(&cases[c].in, m);
            bool sane = true;

            for (size_t s = 0; s < r.start[r.items]; s++)
                sane = sane && r.posterior[s] >= 0 && r.posterior[s] <= 1 && r.votes[s] > 0;
            for (int32_t j = 0; j < r.annotators; j++)
                sane = sane && r.accuracy[j] >= 0 && r.accuracy[j] <= 1;
            CHECK(cases[c].name, sane);
            consensus_multilabel_release(&r);
        }
}

enum { ITEMS = 400, PEOPLE = 12, CLASSES = 6, EACH = 5, ROWS_MAX = ITEMS * EACH * CLASSES };

static double draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 33) / 2147483648.0;
}

/* Half of the people see 95 % of what is there and invent 2 %, the others 55 and 25 %. */
struct crowd {
    bool    truth[ITEMS][CLASSES];
    int32_t item[ROWS_MAX], who[ROWS_MAX], label[ROWS_MAX];
    struct consensus_answers in;
};

static void add_row(struct crowd *c, int32_t i, int32_t j, int32_t k)
{
    c->item[c->in.n] = i;
    c->who[c->in.n] = j;
    c->label[c->in.n++] = k;
}

static void make_crowd(struct crowd *c)
{
    uint64_t state = 3;

    c->in = (struct consensus_answers){ITEMS, PEOPLE, CLASSES, 0, c->item, c->who, c->label, NULL};
    for (int32_t i = 0; i < ITEMS; i++) {
        for (int k = 0; k < CLASSES; k++)
            c->truth[i][k] = draw(&state) < 0.1 + 0.05 * k;
        for (int32_t a = 0; a < EACH; a++) {
            int32_t j = (i + a) % PEOPLE;
            size_t before = c->in.n;

            for (int32_t k = 0; k < CLASSES; k++) {
                double chance = j < PEOPLE / 2 ? (c->truth[i][k] ? .95 : .02)
                                               : (c->truth[i][k] ? .55 : .25);

                if (draw(&state) < chance)
                    add_row(c, i, j, k);
            }
            if (c->in.n == before)
                add_row(c, i, j, -1);
        }
    }
}

static double mistakes(const struct crowd *c, const struct consensus_multilabel_result *r)
{
    bool chosen[ITEMS][CLASSES] = {{false}};
    double wrong = 0;

    for (int32_t i = 0; i < r->items; i++)
        for (size_t s = r->start[i]; s < r->start[i + 1]; s++)
            chosen[i][r->label[s]] = r->posterior[s] >= 0.5f;
    for (int i = 0; i < ITEMS; i++)
        for (int k = 0; k < CLASSES; k++)
            wrong += chosen[i][k] != c->truth[i][k];
    return wrong;
}

static void test_crowd(void)
{
    struct crowd *c = calloc(1, sizeof *c);
    struct consensus_multilabel_result em, votes;

    make_crowd(c);
    em = fit(&c->in, CONSENSUS_SDS);
    votes = fit(&c->in, CONSENSUS_MAJORITY);
    printf("# mistakes: em %g, votes %g of %d\n", mistakes(c, &em), mistakes(c, &votes),
           ITEMS * CLASSES);
    CHECK("knowing the people saves a third of the mistakes",
          mistakes(c, &em) * 3 < mistakes(c, &votes) * 2);
    CHECK("and ranks them", em.accuracy[0] > 0.9 && em.accuracy[PEOPLE - 1] < 0.75);
    consensus_multilabel_release(&em);
    consensus_multilabel_release(&votes);
    free(c);
}

/* Class by class, Ground Truth's rule is the plain two-class fit over everyone who answered. */
static void test_ground_truth(void)
{
    struct crowd *c = calloc(1, sizeof *c);
    struct consensus_multilabel_result r;
    struct consensus_settings settings = {.method = CONSENSUS_GROUND_TRUTH};
    int32_t *items = calloc(ITEMS * EACH, sizeof *items);
    int32_t *people = calloc(ITEMS * EACH, sizeof *people);
    int32_t *says = calloc(ITEMS * EACH, sizeof *says);
    struct consensus_answers two = {ITEMS, PEOPLE, 2, ITEMS * EACH, items, people, says, NULL};
    double worst = 0;

    make_crowd(c);
    r = fit(&c->in, CONSENSUS_GROUND_TRUTH);
    for (int32_t k = 0; k < CLASSES; k++) {
        struct consensus_result one;

        for (int32_t s = 0; s < ITEMS * EACH; s++) {
            items[s] = s / EACH;
            people[s] = (s / EACH + s % EACH) % PEOPLE;
            says[s] = 0;
        }
        for (size_t row = 0; row < c->in.n; row++)
            if (c->label[row] == k) {
                int32_t seat = (c->who[row] - c->item[row] % PEOPLE + PEOPLE) % PEOPLE;

                says[c->item[row] * EACH + seat] = 1;
            }
        consensus_classes_fit(&two, &settings, &one, NULL, NULL);
        for (int32_t i = 0; i < ITEMS; i++)
            for (size_t s = r.start[i]; s < r.start[i + 1]; s++)
                if (r.label[s] == k)
                    worst = fmax(worst, fabs(r.raw[s] - one.raw[i * 2 + 1]));
        consensus_result_release(&one);
    }
    CHECK_NEAR("two-class fits", worst, 0, 1e-4);
    consensus_multilabel_release(&r);
    free(items);
    free(people);
    free(says);
    free(c);
}

int main(void)
{
    struct consensus_settings start = {.start = &(struct consensus_parameters){0}};
    struct consensus_multilabel_result unused;

    test_votes();
    test_odd_cases();
    test_crowd();
    test_ground_truth();
    CHECK("no start parameters", !consensus_multilabel_fit(&small, &start, &unused, NULL));
    return check_done();
}
