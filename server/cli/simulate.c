/* simulate.c - `plumbline simulate`: the active-learning loop on data whose labels are known.
 *
 * The manifest's labels play the people. Every round is the service's own learn_round; here is only
 * what the service does around it: answer what it asks, keep what it returned. */
#include "begin.h"
#include "learner.h"
#include "people.h"

#include "plumbline/base/buf.h"
#include "plumbline/base/clock.h"
#include "plumbline/cli/commands.h"
#include "plumbline/learn/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYNOPSIS "simulate --type TYPE [--label-attribute NAME] [--target 0.95] MANIFEST"

static const char HELP[] =
    "Runs the active-learning loop on a labelled manifest, taking its labels as the people's\n"
    "answers, and reports what it would have saved. An item with an \"embedding\" array on every\n"
    "line is learned from that. Items without the label are left out.\n\n"
    "--rule ground-truth labels as it goes, by a threshold found on a validation set;\n"
    "ground-truth-mean is the same with the plain mean in place of its lower bound.\n\n"
    "With --annotators and --annotator-accuracy the people make mistakes: the random sample is\n"
    "then answered by two of them, and by a third where these differ.";

static const struct command_form simulate_form = {
    .synopsis = SYNOPSIS,
    .help = HELP,
    .words = 1,
    .wanted = "One MANIFEST is needed: plumbline " SYNOPSIS,
};

static const char *const rules[] = {"default", "ground-truth", "ground-truth-mean", NULL};

struct simulation {
    const char *type, *attribute, *class_map, *report_path;
    int      rule;
    int64_t  seed, annotators;
    double   target, accuracy;
    bool     whole_set;
    struct learner_set   set;
    struct intern        classes;
    const char         **class_names;
    struct people        people;
    struct learn_settings settings;
    struct learn_state   state;
    int32_t *label;      /* what people said: class, LEARN_UNKNOWN */
    uint8_t *sets;       /* likewise, multi-label                  */
    uint8_t *part;
    bool    *machine_right; /* of items the machine labelled       */
    json_t  *rounds;
    size_t   n, n_classes;
    int64_t  decision;
    char     reason[400];
    double   estimate, temperature;
};

static bool parse(struct simulation *s, int argc, char **argv, const char **path, int *status)
{
    const struct option_spec options[] = {
        {.name = "type", .kind = OPTION_TEXT, .to = &s->type, .required = true,
         .value_name = "TYPE", .help = "what is labelled: text-classification, ..."},
        {.name = "label-attribute", .kind = OPTION_TEXT, .to = &s->attribute, .value_name = "NAME",
         .help = "the attribute that holds the true label (label)"},
        {.name = "target", .kind = OPTION_REAL, .to = &s->target, .min = 0.8, .max = 0.999,
         .value_name = "SHARE", .help = "accuracy the automatic labels must have (0.95)"},
        {.name = "seed", .kind = OPTION_INT, .to = &s->seed, .min = 0, .max = 1e15,
         .value_name = "N", .help = "of all random choices (1)"},
        {.name = "class-map", .kind = OPTION_TEXT, .to = &s->class_map, .value_name = "FILE",
         .help = "CSV from,to: other names for classes"},
        {.name = "rule", .kind = OPTION_CHOICE, .to = &s->rule, .choices = rules,
         .value_name = "NAME", .help = "when the machine may label (default)"},
        {.name = "whole-set", .kind = OPTION_SWITCH, .to = &s->whole_set,
         .help = "the target is for all labels, people's included"},
        {.name = "annotators", .kind = OPTION_INT, .to = &s->annotators, .min = 1, .max = 10000,
         .value_name = "N", .help = "simulated people (1)"},
        {.name = "annotator-accuracy", .kind = OPTION_REAL, .to = &s->accuracy, .min = 0, .max = 1,
         .value_name = "SHARE", .help = "how often each is right (1)"},
        {.name = "report", .kind = OPTION_TEXT, .to = &s->report_path, .value_name = "FILE",
         .help = "where the report goes (standard output)"},
        {.kind = OPTION_END}};
    struct arguments args;

    if (!command_begin(&simulate_form, options, argc, argv, &args, status))
        return false;
    *path = args.v[0];
    return true;
}

/* Items without a true label cannot be simulated; they leave the arrays. */
static void drop_unlabelled(struct learner_set *set)
{
    size_t n = 0;

    for (size_t i = 0; i < set->n; i++)
        if (set->item[i].labelled) {
            set->item[n] = set->item[i];
            set->row[n++] = set->row[i];
        }
    if (n < set->n)
        fprintf(stderr, "%zu items without \"%s\" are left out\n", set->n - n, set->attribute);
    set->n = n;
}

static bool load(struct simulation *s, const char *path, struct error *err)
{
    struct learner_set *set = &s->set;

    set->type = learner_type(s->type, err);
    set->attribute = s->attribute;
    set->classes = &s->classes;
    if (!set->type)
        return false;
    if (!learner_read(set, path, (uint64_t)s->seed, err))
        return false;
    drop_unlabelled(set);
    if (set->n == 0)
        return error_set(err, 422, "source.invalid", s->attribute,
                         "No item of %s has the attribute \"%s\"; name the right one with "
                         "--label-attribute.", path, s->attribute);
    s->class_names = learner_number_classes(set);
    s->n = set->n;
    s->n_classes = (size_t)s->classes.n;
    return s->n_classes > 0 || error_set(err, 422, "source.invalid", s->attribute,
                                         "No item of %s has any label.", path);
}

static void start(struct simulation *s)
{
    const struct learner_set *set = &s->set;

    s->label = must_alloc((s->n + 1) * sizeof *s->label);
    s->part = must_alloc(s->n + 1);
    s->machine_right = must_alloc(s->n + 1);
    if (set->sets)
        s->sets = must_alloc(s->n * s->n_classes + 1);
    for (size_t i = 0; i < s->n; i++)
        s->label[i] = LEARN_UNKNOWN;
    learn_settings_default(&s->settings);
    s->settings.rule = s->rule;
    s->settings.target = s->target;
    s->settings.seed = s->seed;
    s->settings.whole_set = s->whole_set;
    s->people = (struct people){.n = s->annotators, .accuracy = s->accuracy,
                                .n_classes = s->n_classes, .truth = set->label,
                                .truth_sets = set->sets, .random = (uint64_t)s->seed};
    s->rounds = json_array();
}

static void answer(struct simulation *s, uint32_t i)
{
    bool careful = s->part[i] == LEARN_PART_RANDOM || s->part[i] == LEARN_PART_AUDIT;

    people_answer(&s->people, i, careful, &s->label[i],
                  s->sets ? s->sets + i * s->n_classes : NULL);
}

static bool prediction_is_right(const struct simulation *s, const struct learn_result *r, size_t i)
{
    const struct learner_set *set = &s->set;

    if (!set->sets)
        return r->label[i] == set->label[i];
    return memcmp(r->sets + i * s->n_classes, set->sets + i * s->n_classes, s->n_classes) == 0;
}

static void note_round(struct simulation *s, const struct learn_result *r, double seconds)
{
    const struct learn_report *p = &r->report;
    bool as_it_goes = s->rule != LEARN_RULE_DEFAULT;
    json_t *round = json_object();

    json_object_set_new(round, "human", json_integer(p->human));
    json_object_set_new(round, "auto",
                        json_integer(as_it_goes || r->decision == LEARN_FINISH
                                         ? p->automatic : p->over_threshold));
    json_object_set_new(round, "threshold",
                        p->threshold <= 1 ? json_real(p->threshold) : json_null());
    json_object_set_new(round, "validation_accuracy", json_real(p->validation_accuracy));
    json_object_set_new(round, "seconds", json_real(seconds));
    json_object_set_new(round, "cpu_seconds", json_real(p->cpu_seconds));
    json_object_set_new(round, "estimate", p->estimate >= 0 ? json_real(p->estimate) : json_null());
    json_object_set_new(round, "low", json_real(p->low));
    json_object_set_new(round, "high", json_real(p->high));
    json_object_set_new(round, "temperature", json_real(p->temperature));
    json_object_set_new(round, "decision", json_string(learn_decision_name(r->decision)));
    json_object_set_new(round, "reason", json_string(p->reason));
    json_array_append_new(s->rounds, round);
    s->estimate = p->estimate;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%zu rounds, people labelled %lld of %lld, estimate %.1f %% ",
                json_array_size(s->rounds), (long long)p->human, (long long)p->items,
                100 * p->estimate);
}

/* Keeps what a round returned, and lets people answer what it asks for before the next. */
static void take_result(struct simulation *s, const struct learn_result *r)
{
    int64_t human = r->report.human;

    for (size_t i = 0; i < s->n; i++)
        if (r->part[i] == LEARN_PART_AUTO && s->part[i] != LEARN_PART_AUTO)
            s->machine_right[i] = prediction_is_right(s, r, i);
    memcpy(s->part, r->part, s->n);
    s->state = r->state;
    s->decision = r->decision;
    snprintf(s->reason, sizeof s->reason, "%s", r->report.reason);
    if (r->decision == LEARN_ASK || r->decision == LEARN_AUDIT) {
        for (size_t k = 0; k < r->n_ask && human < r->state.due; k++, human++)
            answer(s, r->ask[k]);
    } else if (r->decision != LEARN_STOP) { /* people take all that the machine did not */
        for (size_t i = 0; i < s->n; i++)
            if (s->label[i] == LEARN_UNKNOWN && s->part[i] != LEARN_PART_AUTO)
                answer(s, (uint32_t)i);
    }
}

static bool run(struct simulation *s, struct error *err)
{
    struct learn_rows rows = learner_rows(&s->set);
    bool more = true;

    while (more) {
        struct learn_answers answers = {.n_classes = (uint32_t)s->n_classes,
                                        .class_names = s->class_names,
                                        .multilabel = s->sets != NULL, .label = s->label,
                                        .sets = s->sets, .part = s->part};
        int64_t began = clock_monotonic_us();
        struct learn_result r;

        if (!learn_round(&rows, s->set.dictionary, s->set.dictionary_size, &answers, &s->settings,
                         &s->state, NULL, NULL, &r, err))
            return false;
        if (r.trained)
            note_round(s, &r, (double)(clock_monotonic_us() - began) / SECOND_US);
        more = r.decision == LEARN_ASK || r.decision == LEARN_AUDIT;
        take_result(s, &r);
        learn_result_release(&r);
    }
    if (isatty(STDERR_FILENO))
        fputs("\n", stderr);
    return true;
}

static bool human_is_right(const struct simulation *s, size_t i)
{
    if (!s->sets)
        return s->label[i] == s->set.label[i];
    return memcmp(s->sets + i * s->n_classes, s->set.sets + i * s->n_classes, s->n_classes) == 0;
}

static json_t *share(size_t part, size_t whole)
{
    return whole > 0 ? json_real((double)part / (double)whole) : json_null();
}

static json_t *report_of(struct simulation *s, double seconds)
{
    size_t human = 0, human_right = 0, automatic = 0, right = 0;
    json_t *o = json_object();

    for (size_t i = 0; i < s->n; i++) {
        bool by_people = s->label[i] >= 0;

        human += by_people;
        human_right += by_people && human_is_right(s, i);
        automatic += !by_people && s->part[i] == LEARN_PART_AUTO;
        right += !by_people && s->machine_right[i];
    }
    json_object_set_new(o, "items", json_integer((json_int_t)s->n));
    json_object_set_new(o, "human_items", json_integer((json_int_t)human));
    json_object_set_new(o, "auto_items", json_integer((json_int_t)automatic));
    json_object_set_new(o, "human_share", share(human, s->n));
    json_object_set_new(o, "auto_accuracy", share(right, automatic));
    json_object_set_new(o, "dataset_accuracy", share(human_right + right, s->n));
    json_object_set_new(o, "target", json_real(s->target));
    json_object_set(o, "rounds", s->rounds);
    json_object_set_new(o, "seconds", json_real(seconds));
    json_object_set_new(o, "peak_bytes", json_integer(learner_peak_bytes()));
    json_object_set_new(o, "answers", json_integer(s->people.answers));
    json_object_set_new(o, "human_accuracy", share(human_right, human));
    json_object_set_new(o, "rule", json_string(rules[s->rule]));
    json_object_set_new(o, "seed", json_integer(s->seed));
    json_object_set_new(o, "classes", json_integer((json_int_t)s->n_classes));
    json_object_set_new(o, "estimate", s->estimate >= 0 ? json_real(s->estimate) : json_null());
    json_object_set_new(o, "decision", json_string(learn_decision_name(s->decision)));
    json_object_set_new(o, "reason", json_string(s->reason));
    return o;
}

static bool write_report(const struct simulation *s, json_t *report, struct error *err)
{
    const size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(6);
    FILE *to = s->report_path ? fopen(s->report_path, "w") : stdout;
    bool ok;

    if (!to)
        return error_system(err, "%s cannot be written", s->report_path);
    ok = json_dumpf(report, to, flags) == 0 && fputc('\n', to) != EOF;
    if (fflush(to) != 0)
        ok = false;
    if (s->report_path && fclose(to) != 0)
        ok = false;
    return ok || error_system(err, "The report cannot be written");
}

static void release(struct simulation *s)
{
    learner_release(&s->set);
    intern_release(&s->classes);
    free(s->class_names);
    free(s->label);
    free(s->sets);
    free(s->part);
    free(s->machine_right);
    json_decref(s->rounds);
}

int command_simulate(int argc, char **argv)
{
    struct simulation s = {.attribute = "label", .target = 0.95, .seed = 1, .annotators = 1,
                           .accuracy = 1, .estimate = -1};
    int64_t began = clock_monotonic_us();
    struct error err = {0};
    const char *path = NULL;
    json_t *report = NULL;
    int status;
    bool ok;

    if (!parse(&s, argc, argv, &path, &status))
        return status;
    intern_init(&s.classes);
    arena_init(&s.set.arena);
    ok = !s.class_map || class_map_read(s.class_map, &s.set.arena, &s.set.map, &err);
    ok = ok && load(&s, path, &err);
    if (ok) {
        start(&s);
        ok = run(&s, &err);
    }
    if (ok) {
        report = report_of(&s, (double)(clock_monotonic_us() - began) / SECOND_US);
        ok = write_report(&s, report, &err);
    }
    json_decref(report);
    release(&s);
    return ok ? 0 : command_fail("simulate", &err);
}
