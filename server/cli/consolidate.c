/* consolidate.c - `plumbline consolidate`: many answers to one label an item, without a server.
 *
 * Reads the answers, lets consensus/ decide, writes the labels, and with --truth says how good they
 * are. Decisions of either kind of classification end in one struct decided. */
#include "begin.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/csv_rows.h"
#include "plumbline/cli/answers.h"
#include "plumbline/cli/commands.h"
#include "plumbline/consensus/calibrate.h"
#include "plumbline/consensus/multilabel.h"
#include "score.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char HELP[] =
    "Turns the answers of several people into one label an item. ANSWERS is a CSV file with the\n"
    "header item,annotator,label (task and worker are other names); - reads standard input.\n"
    "Writes CSV item,label,confidence to standard output, items in order of first appearance.\n"
    "Of several answers of one annotator to one item the last counts.\n\n"
    "In the multi-label types several rows of an item and annotator are several labels, and an\n"
    "empty label says that there is none. One row an item and label with a confidence of at least\n"
    "0.5 is written; an item without any gets one row with an empty label.\n\n"
    "The confidence is a calibrated probability for em, the share of votes for majority, and for\n"
    "ground-truth its own figure: two decimals, 0.00 where only one person answered.\n\n"
    "With --truth one JSON object on standard error says how good the labels are; accuracy is the\n"
    "share of items whose labels are exactly the true ones, seconds is the time of the method\n"
    "alone, and \"duplicates\" is there when answers were set aside for a later one.";

static const struct command_form consolidate_form = {
    .synopsis = "consolidate --type TYPE [--method METHOD] [--truth FILE] [--annotators FILE] "
                "ANSWERS",
    .help = HELP,
    .words = ANY_WORDS,
};

static const char SUPPORTED[] = "image-classification, text-classification, "
                                "image-classification-multilabel, text-classification-multilabel";

/* In a multi-label type a class counts as chosen from here. */
static const double CHOSEN_MIN = 0.5;

struct command {
    const char *type, *truth_path, *annotators_path, *answers_path;
    int         method; /* enum consensus_method, in the order of `methods` */
    bool        several;
    struct answers_table answers;
    struct decided       decided;
    float   *accuracy;          /* annotators */
    int32_t *annotator_answers; /* annotators */
    size_t   counted, duplicates;
    int      iterations;
    double   seconds;
};

static const char *const methods[] = {"em", "majority", "ground-truth", NULL};
_Static_assert(CONSENSUS_SDS == 0 && CONSENSUS_MAJORITY == 1 && CONSENSUS_GROUND_TRUTH == 2,
               "methods[] is indexed by enum consensus_method");

static bool check_type(struct command *c, struct error *err)
{
    static const struct { const char *name; bool several; } types[] = {
        {"image-classification", false},
        {"text-classification", false},
        {"image-classification-multilabel", true},
        {"text-classification-multilabel", true},
    };

    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        if (strcmp(c->type, types[t].name) == 0) {
            c->several = types[t].several;
            return true;
        }
    return error_set(err, 2, "usage", "--type",
                     "--type %s cannot be consolidated; supported are %s", c->type, SUPPORTED);
}

/* An open stream for `path`; "-" is standard input. */
static FILE *open_input(const char *path, struct error *err)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");

    if (!in)
        error_set(err, 400, "file.unreadable", path, "Cannot read %s: %s", path, strerror(errno));
    return in;
}

static void close_input(FILE *in)
{
    if (in && in != stdin)
        fclose(in);
}

static bool read_answers(struct command *c, struct error *err)
{
    const char *name = strcmp(c->answers_path, "-") == 0 ? "standard input" : c->answers_path;
    FILE *in = open_input(c->answers_path, err);
    bool ok = in && answers_read(&c->answers, in, name, err);

    close_input(in);
    return ok;
}

/* The confidence of a decision whose calibrated posterior is p. */
static double shown_confidence(const struct command *c, double raw, double p, int32_t answers)
{
    return c->method == CONSENSUS_GROUND_TRUTH ? consensus_exported_confidence(raw, answers) : p;
}

static void decide_one(struct command *c, struct consensus_result *r)
{
    struct decided *d = &c->decided;

    for (int32_t i = 0; i < r->items; i++) {
        float raw = r->raw[(size_t)i * (size_t)r->classes + (size_t)r->label[i]];

        d->confidence[i] = shown_confidence(c, raw, r->posterior[i], r->item_answers[i]);
        d->start[i + 1] = (size_t)i + 1;
    }
    d->label = r->label;
    r->label = NULL;
    c->accuracy = r->accuracy;
    c->annotator_answers = r->annotator_answers;
    r->accuracy = NULL;
    r->annotator_answers = NULL;
    c->counted = r->answers;
    c->duplicates = r->duplicates;
    c->iterations = r->iterations;
}

static void decide_several(struct command *c, struct consensus_multilabel_result *r)
{
    struct decided *d = &c->decided;
    size_t n = 0;

    d->label = must_alloc(r->start[r->items] * sizeof *d->label);
    d->none = must_alloc((size_t)r->items * sizeof *d->none);
    for (int32_t i = 0; i < r->items; i++) {
        double none = 1, none_raw = 1;

        for (size_t s = r->start[i]; s < r->start[i + 1]; s++) {
            none *= 1 - (double)r->posterior[s];
            none_raw *= 1 - (double)r->raw[s];
            if (r->posterior[s] < CHOSEN_MIN)
                continue;
            d->label[n] = r->label[s];
            d->confidence[n++] = shown_confidence(c, r->raw[s], r->posterior[s],
                                                  r->item_answers[i]);
        }
        d->none[i] = shown_confidence(c, none_raw, none, r->item_answers[i]);
        d->start[i + 1] = n;
    }
    c->accuracy = r->accuracy;
    c->annotator_answers = r->annotator_answers;
    r->accuracy = NULL;
    r->annotator_answers = NULL;
    c->counted = r->answers;
    c->duplicates = r->duplicates;
    c->iterations = r->iterations;
}

static bool decide(struct command *c, struct error *err)
{
    const struct answers_table *t = &c->answers;
    /* A file in which nobody chose anything has no labels; the room wants a class all the same. */
    struct consensus_answers in = {t->items.n, t->annotators.n, t->labels.n ? t->labels.n : 1, t->n,
                                   t->item, t->annotator, t->label, NULL};
    struct consensus_settings settings = {.method = (enum consensus_method)c->method};
    struct consensus_multilabel_result several = {0};
    struct consensus_result one = {0};
    int64_t begun = clock_monotonic_us();
    bool ok = c->several ? consensus_multilabel_fit(&in, &settings, &several, err)
                         : consensus_classes_fit(&in, &settings, &one, NULL, err);

    c->seconds = (double)(clock_monotonic_us() - begun) / (double)SECOND_US;
    if (!ok)
        return false;
    c->decided.items = t->items.n;
    c->decided.start = must_alloc(((size_t)t->items.n + 1) * sizeof *c->decided.start);
    c->decided.confidence = must_alloc((t->n + 1) * sizeof *c->decided.confidence);
    if (c->several)
        decide_several(c, &several);
    else
        decide_one(c, &one);
    consensus_multilabel_release(&several);
    consensus_result_release(&one);
    return true;
}

static void write_row(const struct command *c, int32_t item, const struct intern_name *label,
                      double confidence)
{
    const struct intern_name *name = &c->answers.items.names[item];

    csv_write_field(stdout, name->text, name->size);
    putchar(',');
    if (label)
        csv_write_field(stdout, label->text, label->size);
    printf(c->method == CONSENSUS_GROUND_TRUTH ? ",%.2f\n" : ",%.4f\n", confidence);
}

static bool write_labels(const struct command *c, struct error *err)
{
    const struct decided *d = &c->decided;

    puts("item,label,confidence");
    for (int32_t i = 0; i < d->items; i++) {
        for (size_t s = d->start[i]; s < d->start[i + 1]; s++)
            write_row(c, i, answers_label(&c->answers, d->label[s]), d->confidence[s]);
        if (d->start[i] == d->start[i + 1])
            write_row(c, i, NULL, d->none[i]);
    }
    if (fflush(stdout) != 0 || ferror(stdout))
        return error_system(err, "Writing the labels failed");
    return true;
}

static bool write_annotators(const struct command *c, struct error *err)
{
    FILE *out = fopen(c->annotators_path, "wb");
    bool failed;

    if (!out)
        return error_system(err, "Cannot write %s", c->annotators_path);
    fputs("annotator,answers,accuracy\n", out);
    for (int32_t j = 0; j < c->answers.annotators.n; j++) {
        const struct intern_name *name = &c->answers.annotators.names[j];

        csv_write_field(out, name->text, name->size);
        fprintf(out, ",%d,%.4f\n", c->annotator_answers[j], (double)c->accuracy[j]);
    }
    failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed)
        return error_system(err, "Writing %s failed", c->annotators_path);
    return true;
}

static void print_report(const struct command *c, const struct score *score)
{
    fprintf(stderr,
            "{\"items\":%d,\"answers\":%zu,\"annotators\":%d,\"accuracy\":%.6f,\"macro_f1\":%.6f,"
            "\"iterations\":%d,\"seconds\":%.6f",
            c->answers.items.n, c->counted, c->answers.annotators.n, score->accuracy,
            score->macro_f1, c->iterations, c->seconds);
    if (c->duplicates)
        fprintf(stderr, ",\"duplicates\":%zu", c->duplicates);
    fputs("}\n", stderr);
}

static bool report(const struct command *c, const struct truth_table *truth, struct error *err)
{
    struct score score = score_decided(&c->answers, truth, &c->decided);

    if (score.items == 0)
        return error_set(err, 400, "truth.no_match", "--truth",
                         "No item of %s is among the answers, so nothing can be scored",
                         c->truth_path);
    print_report(c, &score);
    return true;
}

static bool read_truth(const struct command *c, struct truth_table *truth, struct error *err)
{
    FILE *in = open_input(c->truth_path, err);
    bool ok = in && truth_read(truth, in, c->truth_path, err);

    close_input(in);
    return ok;
}

static bool run(struct command *c, struct error *err)
{
    struct truth_table truth;
    bool ok;

    answers_init(&c->answers, c->several);
    truth_init(&truth, c->several);
    ok = (!c->truth_path || read_truth(c, &truth, err)) && read_answers(c, err) && decide(c, err) &&
         write_labels(c, err) && (!c->annotators_path || write_annotators(c, err));
    if (ok && c->truth_path)
        ok = report(c, &truth, err);
    else if (ok && c->duplicates)
        fprintf(stderr, "%zu answer%s set aside: the same annotator answered the item again\n",
                c->duplicates, c->duplicates == 1 ? "" : "s");
    answers_release(&c->answers);
    truth_release(&truth);
    free(c->decided.start);
    free(c->decided.label);
    free(c->decided.confidence);
    free(c->decided.none);
    free(c->accuracy);
    free(c->annotator_answers);
    return ok;
}

int command_consolidate(int argc, char **argv)
{
    struct command c = {.method = CONSENSUS_SDS};
    const struct option_spec options[] = {
        {.name = "type", .kind = OPTION_TEXT, .to = &c.type, .required = true, .value_name = "TYPE",
         .help = "image- or text-classification, either with -multilabel"},
        {.name = "method", .kind = OPTION_CHOICE, .to = &c.method, .choices = methods,
         .value_name = "METHOD", .help = "default em:"},
        {.name = "truth", .kind = OPTION_TEXT, .to = &c.truth_path, .value_name = "FILE",
         .help = "CSV item,label (or truth), or JSON Lines: score the labels against it"},
        {.name = "annotators", .kind = OPTION_TEXT, .to = &c.annotators_path, .value_name = "FILE",
         .help = "write CSV annotator,answers,accuracy there"},
        {.kind = OPTION_END}};
    struct arguments args;
    struct error err = {0};
    int status;

    if (!command_begin(&consolidate_form, options, argc, argv, &args, &status))
        return status;
    if (args.n != 1) {
        error_set(&err, 2, "usage", "ANSWERS", args.n ? "One file of answers at a time"
                  : "The file with the answers is missing; - reads standard input");
        return command_fail("consolidate", &err);
    }
    c.answers_path = args.v[0];
    return check_type(&c, &err) && run(&c, &err) ? 0 : command_fail("consolidate", &err);
}
