/* test_loop.c - the loop on made-up jobs: sample sizes, order, decisions, limits, odd jobs. */
#include "../check.h"
#include "made_up.h"

struct run {
    struct learn_settings settings;
    struct learn_state    state;
    struct learn_result   last;
    int      rounds, steps;
    bool     failed;
    uint32_t classes;
    bool     multilabel;
    const char *const *names; /* NULL: made_up_names */
    const struct learn_model *opinion;
};

static bool step(struct run *r, struct made_up *m)
{
    struct learn_answers answers = {.n_classes = r->classes, .opinion = r->opinion,
                                    .class_names = r->names ? r->names : made_up_names,
                                    .multilabel = r->multilabel, .label = m->label,
                                    .sets = r->multilabel ? m->sets : NULL, .part = m->part};
    struct error err = {0};

    learn_result_release(&r->last);
    r->steps++;
    if (!learn_round(&m->rows, NULL, 0, &answers, &r->settings, &r->state, NULL, NULL, &r->last,
                     &err)) {
        printf("# %s: %s\n", err.code, err.message);
        r->failed = true;
        return false;
    }
    r->rounds += r->last.trained;
    r->state = r->last.state;
    memcpy(m->part, r->last.part, m->rows.n);
    return r->last.decision == LEARN_ASK || r->last.decision == LEARN_AUDIT;
}

static void answer_due(struct run *r, struct made_up *m)
{
    int64_t human = r->last.report.human;

    for (size_t k = 0; k < r->last.n_ask && human < r->state.due; k++, human++)
        m->label[r->last.ask[k]] = r->multilabel ? 0 : m->truth[r->last.ask[k]];
}

static void run_all(struct run *r, struct made_up *m)
{
    while (r->steps < 200 && step(r, m))
        answer_due(r, m);
}

static struct run run_new(uint32_t classes)
{
    struct run r = {.classes = classes};

    learn_settings_default(&r.settings);
    return r;
}

static double machine_accuracy(const struct run *r, const struct made_up *m)
{
    size_t n = 0, right = 0;

    for (size_t i = 0; i < m->rows.n; i++)
        if (m->part[i] == LEARN_PART_AUTO) {
            n++;
            right += r->last.label[i] == m->truth[i];
        }
    return n > 0 ? (double)right / (double)n : -1;
}

static void test_samples(void)
{
    static const struct { size_t items; int64_t random; } cases[] = {
        {50, 50}, {300, 100}, {1000, 200}, {1999, 400}, {2000, 400}, {4000, 400}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct made_up *m = made_up_new(cases[i].items, 2, 1);
        struct run r = run_new(2);
        bool first = true;

        step(&r, m);
        CHECK_INT("size of the random sample", r.last.report.random, cases[i].random);
        CHECK_INT("due when it is answered", r.state.due, cases[i].random);
        for (int64_t k = 0; k < cases[i].random; k++)
            first = first && m->part[r.last.ask[k]] == LEARN_PART_RANDOM;
        CHECK("it comes first", first);
        learn_result_release(&r.last);
        free(m);
    }
}

static void test_easy_job(void)
{
    struct made_up *m = made_up_new(4000, 3, 1.5), *again = made_up_new(4000, 3, 1.5);
    struct run r = run_new(3), other = run_new(3);
    struct learn_state copy;
    struct error err = {0};
    struct buf json;

    run_all(&r, m);
    CHECK_INT("finishes", r.last.decision, LEARN_FINISH);
    CHECK("people do little", r.last.report.human < 1000);
    CHECK("the machine keeps its promise", machine_accuracy(&r, m) >= 0.95);
    CHECK_INT("everything is labelled", r.last.report.human + r.last.report.automatic, 4000);
    CHECK("says why", strstr(r.last.report.reason, "95.0 %") != NULL);
    run_all(&other, again);
    CHECK("the same bytes for the same seed",
          r.last.model.size > 0 && r.last.model.size == other.last.model.size &&
              memcmp(r.last.model.data, other.last.model.data, r.last.model.size) == 0);
    buf_init(&json, 4096);
    CHECK("state to JSON", learn_state_write(&r.state, &json));
    CHECK("and back", learn_state_read(&copy, json.data, json.size, &err) &&
                          memcmp(&copy, &r.state, sizeof copy) == 0);
    CHECK("nonsense is refused", !learn_state_read(&copy, "{\"rounds\":-1}", 13, &err));
    buf_release(&json);
    learn_result_release(&r.last);
    learn_result_release(&other.last);
    free(m);
    free(again);
}

static void test_round_order(void)
{
    struct made_up *m = made_up_new(3000, 3, 4);
    struct run r = run_new(3);
    bool rising = true, open = true;

    step(&r, m);
    answer_due(&r, m);
    step(&r, m);
    CHECK("trained", r.last.trained && r.last.decision == LEARN_ASK);
    for (size_t k = 0; k < r.last.n_ask; k++) {
        open = open && m->label[r.last.ask[k]] == LEARN_UNKNOWN;
        rising = rising && (k == 0 || r.last.margin[r.last.ask[k]] >=
                                          r.last.margin[r.last.ask[k - 1]]);
    }
    CHECK("smallest margin first", rising && r.last.n_ask == 1000);
    CHECK("only what is open", open);
    CHECK_INT("next round after 2 %", r.state.due, 400 + 60);
    CHECK("bill falls with the target",
          r.last.report.bills == 4 && r.last.report.bill[0].human >= r.last.report.bill[3].human);
    CHECK("interval holds the estimate", r.last.report.low <= r.last.report.estimate &&
                                             r.last.report.estimate <= r.last.report.high);
    learn_result_release(&r.last);
    free(m);
}

static void test_audit(void)
{
    struct made_up *easy = made_up_new(4000, 3, 1), *noisy = made_up_new(4000, 3, 1);
    struct run r = run_new(3), bad = run_new(3);

    r.settings.target = bad.settings.target = 0.98;
    run_all(&r, easy);
    CHECK_INT("an audited job finishes", r.last.decision, LEARN_FINISH);
    CHECK_INT("one audit", r.state.audits, 1);
    CHECK_INT("of 400", r.state.audit_items, 400);
    CHECK("well", machine_accuracy(&r, easy) >= 0.98);
    while (bad.steps < 300 && step(&bad, noisy)) { /* people who contradict the machine on audits */
        int64_t human = bad.last.report.human;

        for (size_t k = 0; k < bad.last.n_ask && human < bad.state.due; k++, human++) {
            uint32_t i = bad.last.ask[k];
            bool slip = noisy->part[i] == LEARN_PART_AUDIT && k % 10 == 0;

            noisy->label[i] = slip ? (noisy->truth[i] + 1) % 3 : noisy->truth[i];
        }
    }
    CHECK_INT("two failed audits refuse", bad.last.decision, LEARN_REFUSE);
    CHECK_INT("after two", bad.state.audits, 2);
    CHECK_INT("nothing by machine", bad.last.report.automatic, 0);
    CHECK("says so", strstr(bad.last.report.reason, "Two audits") != NULL);
    learn_result_release(&r.last);
    learn_result_release(&bad.last);
    free(easy);
    free(noisy);
}

static void test_limits(void)
{
    struct made_up *m = made_up_new(3000, 3, 6), *half = made_up_new(3000, 2, 1);
    struct made_up *m_easy = made_up_new(3000, 2, 1);
    struct run r = run_new(3), share = run_new(2), audit = run_new(2);

    r.settings.most_human = 450;
    run_all(&r, m);
    CHECK_INT("stops at the limit", r.last.decision, LEARN_STOP);
    CHECK_INT("with so many labels", r.last.report.human, 450);
    share.settings.most_share = 0.5;
    run_all(&share, half);
    audit.settings.target = 0.98;
    audit.settings.most_human = 470;
    run_all(&audit, m_easy);
    CHECK_INT("no audit that nobody may answer", audit.last.decision, LEARN_STOP);
    CHECK_INT("nor a label beyond the limit", audit.last.report.human, 470);
    learn_result_release(&audit.last);
    free(m_easy);
    CHECK_INT("half of the data", share.last.report.human + share.last.report.automatic, 1500);
    learn_result_release(&r.last);
    learn_result_release(&share.last);
    free(m);
    free(half);
}

/* Jobs that are odd in one way each end with a sentence, not an error. */
static void test_odd_jobs(void)
{
    for (int kind = 0; kind < 7; kind++) {
        static const char *const names[] = {
            "one class only", "a class with one example", "all items the same", "one item",
            "no features at all", "some without features", "nobody can answer half"};
        size_t n = kind == 3 ? 1 : 600;
        struct made_up *m = made_up_new(n, kind == 0 ? 1 : 2, 1);
        struct run r = run_new(2);
        size_t left = 0;

        for (size_t i = 0; i < n; i++) {
            if (kind == 1)
                m->truth[i] = i == 17;
            if (kind == 2)
                m->row[i].data = m->vector[0];
            if (kind == 4 || (kind == 5 && i % 3 == 0))
                m->row[i] = (struct learn_row){0};
            if (kind == 6 && i % 2)
                m->label[i] = LEARN_EXCLUDED;
        }
        run_all(&r, m);
        CHECK(names[kind], !r.failed && r.steps < 200 && *r.last.report.reason);
        for (size_t i = 0; i < n; i++)
            left += m->label[i] == LEARN_UNKNOWN && m->part[i] != LEARN_PART_AUTO &&
                    m->row[i].data;
        CHECK_INT("nothing readable is forgotten", left, 0);
        if (kind == 5)
            CHECK_INT("what cannot be read is for people", r.last.n_ask, 200);
        learn_result_release(&r.last);
        free(m);
    }
}

static void test_ground_truth_rule(void)
{
    struct made_up *m = made_up_new(3000, 3, 2);
    struct run r = run_new(3);

    r.settings.rule = LEARN_RULE_GROUND_TRUTH;
    step(&r, m);
    CHECK_INT("20 % validation", r.last.report.random, 600);
    CHECK_INT("and 10 % to learn from", r.state.due, 600 + 300);
    answer_due(&r, m);
    run_all(&r, m);
    CHECK("ends", r.last.decision == LEARN_FINISH || r.last.decision == LEARN_REFUSE);
    CHECK("labels as it goes", r.last.report.automatic > 0);
    learn_result_release(&r.last);
    free(m);
}

static void test_multilabel(void)
{
    struct made_up *m = made_up_new(2000, 3, 1);
    struct run r = run_new(3);
    size_t n = 0, right = 0;

    r.multilabel = true;
    for (size_t i = 0; i < m->rows.n; i++)
        for (int k = 0; k < 3; k++) /* the class, and sometimes the next */
            m->sets[i * 3 + (size_t)k] = k == m->truth[i] || (k == 2 && m->vector[i][0] > 1);
    run_all(&r, m);
    for (size_t i = 0; i < m->rows.n; i++)
        if (m->part[i] == LEARN_PART_AUTO) {
            n++;
            right += memcmp(r.last.sets + i * 3, m->sets + i * 3, 3) == 0;
        }
    CHECK_INT("multi-label finishes", r.last.decision, LEARN_FINISH);
    CHECK("whole sets are right", n > 500 && (double)right / (double)n >= 0.95);
    learn_result_release(&r.last);
    free(m);
}

static void test_settings(void)
{
    static const struct { const char *field; struct learn_settings s; } cases[] = {
        {"target", {.target = 0.7}}, {"target", {.target = 1}},
        {"rule", {.target = 0.9, .rule = 9}},
        {"most_share", {.target = 0.9, .most_share = 2}}, {"batch", {.target = 0.9, .batch = -1}}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error err = {0};

        CHECK("refused", !learn_settings_check(&cases[i].s, &err));
        CHECK_TEXT("names the field", err.field, cases[i].field);
    }
}

/* A model of earlier work is asked until there is one of this job, and decides nothing. */
static void test_opinion(void)
{
    static const char *const turned[] = {"plum", "apple", "pear"}, *const other[] = {"a", "b", "c"};
    struct made_up *old = made_up_new(1000, 3, 1), *m = made_up_new(1500, 3, 1),
                   *alone = made_up_new(1500, 3, 1);
    struct run first = run_new(3), r = run_new(3), plain = run_new(3);
    struct learn_model *model;
    struct error err = {0};
    size_t right = 0, sorted = 1;

    run_all(&first, old);
    model = learn_model_read(first.last.model.data, first.last.model.size, &err);
    CHECK("a model", model != NULL);
    r.opinion = model;
    r.names = turned;
    step(&r, m);
    step(&plain, alone);
    CHECK("guesses", r.last.guessed && !r.last.trained && !plain.last.guessed);
    for (size_t i = 0; i < m->rows.n; i++)
        right += strcmp(turned[r.last.label[i]], made_up_names[m->truth[i]]) == 0;
    CHECK("which are good, by the names of classes", right > 1400);
    CHECK("the random sample is the same", memcmp(m->part, alone->part, m->rows.n) == 0);
    CHECK_INT("and first", r.last.state.random_size, plain.last.state.random_size);
    for (size_t k = (size_t)r.state.random_size + 1; k < r.last.n_ask; k++)
        sorted &= r.last.margin[r.last.ask[k - 1]] <= r.last.margin[r.last.ask[k]];
    CHECK("the least sure of the others follow", r.last.n_ask > 600 && sorted);
    answer_due(&r, m);
    step(&r, m);
    CHECK("a model of its own takes over", r.last.trained && !r.last.guessed);
    plain.opinion = model;
    plain.names = other;
    step(&plain, alone);
    CHECK("other classes: as if it were not there", !plain.last.guessed && !plain.failed);
    CHECK("without a label", plain.last.label[0] == -1);
    learn_model_free(model);
    learn_result_release(&first.last);
    learn_result_release(&r.last);
    learn_result_release(&plain.last);
    free(old);
    free(m);
    free(alone);
}

int main(void)
{
    test_samples();
    test_easy_job();
    test_round_order();
    test_audit();
    test_limits();
    test_odd_jobs();
    test_ground_truth_rule();
    test_multilabel();
    test_opinion();
    test_settings();
    return check_done();
}
