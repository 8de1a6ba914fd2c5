/* train.c - `plumbline train`: a model from a labelled manifest, and how good it is on another. */
#include "begin.h"
#include "learner.h"

#include "plumbline/base/buf.h"
#include "plumbline/base/clock.h"
#include "plumbline/cli/commands.h"
#include "plumbline/learn/calibrate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYNOPSIS \
    "train --type TYPE [--label-attribute NAME] [--test MANIFEST] [--model FILE] MANIFEST"

static const char HELP[] =
    "Trains a classifier on the labelled items of a manifest and writes it to --model. With\n"
    "--test it is tried on the labelled items of a second manifest. The report is one JSON object\n"
    "on standard output; accuracy is the share of test items whose label (in the multi-label types,\n"
    "whose whole set of labels) is exactly right.";

static const struct command_form train_form = {
    .synopsis = SYNOPSIS,
    .help = HELP,
    .words = 1,
    .wanted = "One MANIFEST is needed: plumbline " SYNOPSIS,
};

struct training {
    const char *type, *attribute, *class_map, *test_path, *model_path;
    int64_t  seed;
    struct learner_set set, test;
    struct intern      classes;
    const char       **names;
    struct learn_model *model;
    size_t   labelled, tested, right;
    double   log_loss, macro_f1;
};

static bool parse(struct training *t, int argc, char **argv, const char **path, int *status)
{
    const struct option_spec options[] = {
        {.name = "type", .kind = OPTION_TEXT, .to = &t->type, .required = true,
         .value_name = "TYPE", .help = "what is labelled: text-classification, ..."},
        {.name = "label-attribute", .kind = OPTION_TEXT, .to = &t->attribute, .value_name = "NAME",
         .help = "the attribute that holds the label (label)"},
        {.name = "test", .kind = OPTION_TEXT, .to = &t->test_path, .value_name = "MANIFEST",
         .help = "labelled items to try the model on"},
        {.name = "model", .kind = OPTION_TEXT, .to = &t->model_path, .value_name = "FILE",
         .help = "where the model goes"},
        {.name = "class-map", .kind = OPTION_TEXT, .to = &t->class_map, .value_name = "FILE",
         .help = "CSV from,to: other names for classes"},
        {.name = "seed", .kind = OPTION_INT, .to = &t->seed, .min = 0, .max = 1e15,
         .value_name = "N", .help = "of all random choices (1)"},
        {.kind = OPTION_END}};
    struct arguments args;

    if (!command_begin(&train_form, options, argc, argv, &args, status))
        return false;
    *path = args.v[0];
    return true;
}

static bool read_training(struct training *t, const char *path, struct error *err)
{
    t->set.type = learner_type(t->type, err);
    t->set.attribute = t->attribute;
    t->set.classes = &t->classes;
    if (!t->set.type ||
        (t->class_map && !class_map_read(t->class_map, &t->set.arena, &t->set.map, err)) ||
        !learner_read(&t->set, path, (uint64_t)t->seed, err))
        return false;
    t->names = learner_number_classes(&t->set);
    for (size_t i = 0; i < t->set.n; i++)
        t->labelled += t->set.label[i] >= 0;
    return t->classes.n > 0 ||
           error_set(err, 422, "source.invalid", t->attribute,
                     "No item of %s has a label under \"%s\"; name the right attribute with "
                     "--label-attribute.", path, t->attribute);
}

static bool read_test(struct training *t, struct error *err)
{
    t->test.type = t->set.type;
    t->test.attribute = t->attribute;
    t->test.classes = &t->classes;
    t->test.classes_fixed = true;
    t->test.map = t->set.map;
    t->test.extractor = t->set.extractor;
    t->test.extractor_known = true;
    t->test.dictionary_size = t->set.dictionary_size;
    if (t->set.dictionary) {
        t->test.dictionary = must_alloc(t->set.dictionary_size);
        memcpy(t->test.dictionary, t->set.dictionary, t->set.dictionary_size);
    }
    if (!learner_read(&t->test, t->test_path, (uint64_t)t->seed, err))
        return false;
    learner_fill_labels(&t->test);
    return true;
}

static bool train(struct training *t, struct error *err)
{
    struct learn_rows rows = learner_rows(&t->set);
    struct learn_training training = {.rows = &rows, .dictionary = t->set.dictionary,
                                      .dictionary_size = t->set.dictionary_size,
                                      .n_classes = (uint32_t)t->classes.n,
                                      .class_names = t->names,
                                      .multilabel = t->set.type->multi_label,
                                      .label = t->set.label, .sets = t->set.sets,
                                      .seed = (uint64_t)t->seed};

    t->model = learn_model_train(&training, err);
    return t->model != NULL;
}

/* Counts for the F1 of each class: true, predicted, both. */
struct tally {
    size_t *truth, *said, *both;
};

static void tally_item(struct tally *y, const struct learner_set *set, size_t i, const float *p,
                       struct learn_choice c, size_t classes)
{
    for (size_t k = 0; k < classes; k++) {
        bool has = set->sets ? set->sets[i * classes + k] : set->label[i] == (int32_t)k;
        bool said = set->sets ? p[k] >= 0.5f : c.label == (int32_t)k;

        y->truth[k] += has;
        y->said[k] += said;
        y->both[k] += has && said;
    }
}

/* Over the classes that occur in the test. */
static double macro_f1(const struct tally *y, size_t classes)
{
    double sum = 0;
    size_t seen = 0;

    for (size_t k = 0; k < classes; k++) {
        if (y->truth[k] == 0)
            continue;
        seen++;
        sum += 2.0 * (double)y->both[k] / (double)(y->truth[k] + y->said[k]);
    }
    return seen > 0 ? sum / (double)seen : 0;
}

static bool item_is_right(const struct learner_set *set, size_t i, const float *p,
                          struct learn_choice c, size_t classes)
{
    if (!set->sets)
        return c.label == set->label[i];
    for (size_t k = 0; k < set->item[i].n_classes; k++)
        if (set->item[i].classes[k] == LEARNER_NO_CLASS)
            return false;
    for (size_t k = 0; k < classes; k++)
        if ((p[k] >= 0.5f) != (set->sets[i * classes + k] != 0))
            return false;
    return true;
}

static double item_loss(const struct learner_set *set, size_t i, const float *p, size_t classes)
{
    double loss = 0;

    if (!set->sets)
        return set->label[i] == LEARNER_NO_CLASS ? -log(1e-12)
                                                 : -log(fmax(p[set->label[i]], 1e-12));
    for (size_t k = 0; k < classes; k++)
        loss -= log(fmax(set->sets[i * classes + k] ? p[k] : 1 - p[k], 1e-12));
    return loss / (double)classes;
}

static void test_model(struct training *t)
{
    size_t classes = (size_t)t->classes.n;
    float *p = must_alloc(classes * sizeof *p);
    size_t *counts = must_alloc(3 * classes * sizeof *counts);
    struct tally y = {counts, counts + classes, counts + 2 * classes};
    double loss = 0;

    for (size_t i = 0; i < t->test.n; i++) {
        struct learn_choice c;

        if (t->test.label[i] < 0)
            continue;
        t->tested++;
        if (!t->test.row[i].data) /* an item the model cannot read is one it gets wrong */
            continue;
        learn_model_predict(t->model, &t->test.row[i], p);
        c = learn_choose(p, (uint32_t)classes, t->test.sets != NULL);
        t->right += item_is_right(&t->test, i, p, c, classes);
        loss += item_loss(&t->test, i, p, classes);
        tally_item(&y, &t->test, i, p, c, classes);
    }
    t->log_loss = t->tested > 0 ? loss / (double)t->tested : 0;
    t->macro_f1 = macro_f1(&y, classes);
    free(counts);
    free(p);
}

static bool write_model(const struct training *t, struct error *err)
{
    struct buf bytes;
    FILE *to;
    bool ok;

    if (!t->model_path)
        return true;
    buf_init(&bytes, (size_t)1 << 32);
    to = fopen(t->model_path, "wb");
    ok = to && learn_model_write(t->model, &bytes) &&
         fwrite(bytes.data, 1, bytes.size, to) == bytes.size;
    if (to && fclose(to) != 0)
        ok = false;
    buf_release(&bytes);
    return ok || error_system(err, "The model cannot be written to %s", t->model_path);
}

static bool write_report(const struct training *t, double seconds, struct error *err)
{
    json_t *o = json_object();
    bool ok;

    json_object_set_new(o, "items", json_integer((json_int_t)t->set.n));
    json_object_set_new(o, "labelled", json_integer((json_int_t)t->labelled));
    json_object_set_new(o, "classes", json_integer(t->classes.n));
    json_object_set_new(o, "learner", json_string(learn_model_library(t->model)));
    json_object_set_new(o, "temperature", json_real(learn_model_temperature(t->model)));
    if (t->test_path) {
        double n = t->tested > 0 ? (double)t->tested : 1;

        json_object_set_new(o, "test_items", json_integer((json_int_t)t->tested));
        json_object_set_new(o, "accuracy", json_real((double)t->right / n));
        json_object_set_new(o, "macro_f1", json_real(t->macro_f1));
        json_object_set_new(o, "log_loss", json_real(t->log_loss));
    }
    json_object_set_new(o, "seconds", json_real(seconds));
    json_object_set_new(o, "peak_bytes", json_integer(learner_peak_bytes()));
    ok = json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) == 0 && puts("") >= 0 &&
         fflush(stdout) == 0;
    json_decref(o);
    return ok || error_system(err, "The report cannot be written");
}

int command_train(int argc, char **argv)
{
    struct training t = {.attribute = "label", .seed = 1};
    int64_t began = clock_monotonic_us();
    struct error err = {0};
    const char *path = NULL;
    int status;
    bool ok;

    if (!parse(&t, argc, argv, &path, &status))
        return status;
    intern_init(&t.classes);
    arena_init(&t.set.arena);
    arena_init(&t.test.arena);
    ok = read_training(&t, path, &err) && (!t.test_path || read_test(&t, &err)) && train(&t, &err);
    if (ok && t.test_path)
        test_model(&t);
    ok = ok && write_model(&t, &err) &&
         write_report(&t, (double)(clock_monotonic_us() - began) / SECOND_US, &err);
    learn_model_free(t.model);
    learner_release(&t.set);
    learner_release(&t.test);
    intern_release(&t.classes);
    free(t.names);
    return ok ? 0 : command_fail("train", &err);
}
