/* test_learn_data.c - on the shared data sets: what the features reach, and that the loop keeps its
 * promise with no more people than it should need. Bars are set a little under what was
 * measured. */
#include "../check.h"
#include "plumbline/base/fields.h"
#include "plumbline/base/intern.h"
#include "plumbline/learn/loop.h"
#include "plumbline/learn/model.h"
#include "plumbline/learn/text.h"

#include <stdlib.h>
#include <sys/types.h>

struct data {
    struct learn_rows rows;
    struct learn_row *row;
    int32_t          *label;
    const char      **names;
    struct intern     classes;
    struct arena      arena;
    size_t            n;
};

static bool data_read(struct data *d, const char *name)
{
    const char *shared = getenv("PLUMBLINE_SHARED");
    struct learn_text *text = learn_text_new();
    char path[4096], *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    FILE *in;

    *d = (struct data){0};
    snprintf(path, sizeof path, "%s/data/text/%s.jsonl", shared ? shared : "../shared", name);
    in = fopen(path, "r");
    intern_init(&d->classes);
    arena_init(&d->arena);
    d->row = malloc(20000 * sizeof *d->row);
    d->label = malloc(20000 * sizeof *d->label);
    while (in && d->n < 20000 && (length = getline(&line, &capacity, in)) > 0) {
        struct error err;
        json_t *o = json_parse(line, (size_t)length, &err);
        const char *t = json_string_value(json_object_get(o, "text"));
        const char *label = json_string_value(json_object_get(o, "label"));
        struct learn_row row;
        uint32_t *copy;

        if (!t || !label || !learn_text_extract(text, t, strlen(t), &row, &err))
            break;
        copy = arena_array(&d->arena, row.n + 1, sizeof *copy);
        memcpy(copy, row.data, row.n * sizeof *copy);
        d->row[d->n] = (struct learn_row){copy, row.n};
        d->label[d->n++] = intern_add(&d->classes, label, strlen(label));
        json_decref(o);
    }
    if (in)
        fclose(in);
    free(line);
    learn_text_free(text);
    d->rows = (struct learn_rows){.extractor = learn_extractor_text(), .row = d->row, .n = d->n};
    d->names = malloc(((size_t)d->classes.n + 1) * sizeof *d->names);
    for (int32_t k = 0; k < d->classes.n; k++)
        d->names[k] = d->classes.names[k].text;
    return d->n > 0;
}

static void data_release(struct data *d)
{
    free(d->row);
    free(d->label);
    free(d->names);
    intern_release(&d->classes);
    arena_release(&d->arena);
}

/* Share of the last fifth that a model of the first four fifths gets right. */
static double held_out_accuracy(const struct data *d)
{
    size_t first = d->n * 8 / 10, right = 0;
    int32_t *label = malloc(d->n * sizeof *label);
    struct learn_training t = {.rows = &d->rows, .n_classes = (uint32_t)d->classes.n,
                               .class_names = d->names, .label = label, .seed = 1};
    float *p = malloc((size_t)d->classes.n * sizeof *p);
    struct learn_model *m;
    struct error err;

    for (size_t i = 0; i < d->n; i++)
        label[i] = i < first ? d->label[i] : -1;
    m = learn_model_train(&t, &err);
    for (size_t i = first; m && i < d->n; i++) {
        int32_t best = 0;

        learn_model_predict(m, &d->row[i], p);
        for (int32_t k = 1; k < d->classes.n; k++)
            if (p[k] > p[best])
                best = k;
        right += best == d->label[i];
    }
    learn_model_free(m);
    free(p);
    free(label);
    return (double)right / (double)(d->n - first);
}

/* Runs the loop at 95 % with the labels as people; *machine is its accuracy. */
static double human_share(const struct data *d, double *machine)
{
    int32_t *label = malloc(d->n * sizeof *label);
    uint8_t *part = calloc(d->n, 1);
    struct learn_answers a = {.n_classes = (uint32_t)d->classes.n, .class_names = d->names,
                              .label = label, .part = part};
    struct learn_settings settings;
    struct learn_state state = {0};
    struct learn_result r = {0};
    size_t automatic = 0, right = 0;
    struct error err;
    double share;
    bool more = true;

    learn_settings_default(&settings);
    for (size_t i = 0; i < d->n; i++)
        label[i] = LEARN_UNKNOWN;
    while (more) {
        learn_result_release(&r);
        if (!learn_round(&d->rows, NULL, 0, &a, &settings, &state, NULL, NULL, &r, &err))
            break;
        state = r.state;
        memcpy(part, r.part, d->n);
        more = r.decision == LEARN_ASK || r.decision == LEARN_AUDIT;
        for (size_t k = 0; more && k < r.n_ask && (int64_t)k < state.due - r.report.human; k++)
            label[r.ask[k]] = d->label[r.ask[k]];
    }
    for (size_t i = 0; i < d->n && r.label; i++) {
        automatic += part[i] == LEARN_PART_AUTO;
        right += part[i] == LEARN_PART_AUTO && r.label[i] == d->label[i];
    }
    *machine = automatic > 0 ? (double)right / (double)automatic : 0;
    share = (double)r.report.human / (double)d->n;
    learn_result_release(&r);
    free(part);
    free(label);
    return share;
}

int main(void)
{
    static const struct { const char *name; double accuracy, human; } cases[] = {
        {"sms_spam", 0.989, 0.12}, {"ag_news", 0.88, 0.41}, {"banking77", 0.91, 0}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct data d;
        double accuracy, human, machine;

        if (!data_read(&d, cases[i].name)) {
            check_skip(cases[i].name, "the shared data set is not there");
            data_release(&d);
            continue;
        }
        accuracy = held_out_accuracy(&d);
        printf("# %s: %.2f %% right on the last fifth\n", cases[i].name, 100 * accuracy);
        CHECK("accuracy", accuracy >= cases[i].accuracy);
        if (cases[i].human > 0) {
            human = human_share(&d, &machine);
            printf("# people %.1f %%, machine %.2f %% right\n", 100 * human, 100 * machine);
            CHECK("people", human <= cases[i].human);
            CHECK("the promise of 95 %", machine >= 0.95);
        }
        data_release(&d);
    }
    return check_done();
}
