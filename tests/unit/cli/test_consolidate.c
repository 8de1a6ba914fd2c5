/* test_consolidate.c - the command as a user calls it: files in, labels and report out. */
#include "../check.h"
#include "plumbline/cli/commands.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/plumbline-consolidate-XXXXXX";
static char out[1 << 20], said[1 << 16]; /* what the command wrote to standard output and error */

static const char *in_folder(const char *name)
{
    static char paths[16][200]; /* a call may be used until fifteen others */
    static int next;
    char *path = paths[next++ % 16];

    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static const char *write_file(const char *name, const char *text)
{
    const char *path = in_folder(name);
    FILE *f = fopen(path, "wb");

    fputs(text, f);
    fclose(f);
    return path;
}

static void read_file(const char *path, char *text, size_t size)
{
    FILE *f = fopen(path, "rb");

    text[f ? fread(text, 1, size - 1, f) : 0] = '\0';
    if (f)
        fclose(f);
}

/* Calls the command with standard output and error in files; at most 8 arguments, NULL ends. */
static int run(const char *const *arguments)
{
    char *argv[10] = {"consolidate"};
    int argc = 1, status, keep[2] = {dup(1), dup(2)};

    for (; arguments[argc - 1]; argc++)
        argv[argc] = (char *)arguments[argc - 1];
    fflush(stdout);
    if (!freopen(in_folder("out"), "wb", stdout) || !freopen(in_folder("err"), "wb", stderr))
        exit(1);
    status = command_consolidate(argc, argv);
    fflush(stdout);
    fflush(stderr);
    dup2(keep[0], 1);
    dup2(keep[1], 2);
    close(keep[0]);
    close(keep[1]);
    clearerr(stdout);
    read_file(in_folder("out"), out, sizeof out);
    read_file(in_folder("err"), said, sizeof said);
    return status;
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static const char vector[] = "item,annotator,label\n"
    "a,w1,0\na,w2,0\na,w3,1\nb,w1,1\nb,w2,1\nb,w3,1\nc,w1,0\nc,w2,0\nc,w3,0\n"
    "d,w1,2\nd,w2,2\nd,w3,0\ne,w1,1\ne,w2,0\ne,w3,1\nf,w1,2\nf,w2,1\nf,w3,0\n";

static void test_ground_truth(void)
{
    const char *answers = write_file("vector.csv", vector);

    CHECK_INT("status",
              RUN("--type", "text-classification", "--method", "ground-truth", answers), 0);
    CHECK_TEXT("labels and confidences of the test vector", out,
               "item,label,confidence\na,0,0.95\nb,1,0.99\nc,0,0.99\nd,2,0.96\ne,1,0.87\n"
               "f,2,0.77\n");
    CHECK_TEXT("nothing said", said, "");
}

static void test_names(void)
{
    const char *answers = write_file("names.csv",
        "\xef\xbb\xbf" "worker,label,task\r\nann,\"cat, big\",\"x \"\"1\"\"\"\r\n"
        "bo,\"cat, big\",\"x \"\"1\"\"\"\r\nann,d\xc3\xb6g,y\r\nann,\"cat, big\",y\r\n");

    CHECK_INT("status", RUN("--type=image-classification", "--method=majority", "--annotators",
                            in_folder("people.csv"), answers), 0);
    CHECK_TEXT("quoted, in order of appearance", out,
               "item,label,confidence\n\"x \"\"1\"\"\",\"cat, big\",1.0000\n"
               "y,\"cat, big\",1.0000\n");
    CHECK_TEXT("the last of two answers counts, and it says so", said,
               "1 answer set aside: the same annotator answered the item again\n");
    read_file(in_folder("people.csv"), out, sizeof out);
    CHECK_TEXT("annotators", out, "annotator,answers,accuracy\nann,2,1.0000\nbo,1,1.0000\n");
}

/* Ties of voting go to the first label: 2 before 10 as numbers, 10 before 2 as texts. */
static void test_label_order(void)
{
    const char *numbers = write_file("n.csv", "item,annotator,label\na,1,10\na,2,2\n");
    const char *texts = write_file("t.csv", "item,annotator,label\na,1,x10\na,2,x2\n");

    RUN("--type", "text-classification", "--method", "majority", numbers);
    CHECK_TEXT("numbers by value", out, "item,label,confidence\na,2,0.5000\n");
    RUN("--type", "text-classification", "--method", "majority", texts);
    CHECK_TEXT("texts by code point", out, "item,label,confidence\na,x10,0.5000\n");
}

static void test_multilabel(void)
{
    const char *answers = write_file("several.csv", "item,annotator,label\n"
        "a,1,cat\na,1,dog\na,2,dog\na,3,dog\nb,1,\nb,2,\nc,1,cat\nc,2,\nc,3,\n");
    const char *truth = write_file("several-truth.csv",
                                   "item,label\na,dog\na,cat\nb,\nc,\nz,cat\n");
    json_t *report;

    CHECK_INT("status", RUN("--type", "image-classification-multilabel", "--method", "majority",
                            "--truth", truth, answers), 0);
    CHECK_TEXT("a row a label, one empty row where there is none", out,
               "item,label,confidence\na,dog,1.0000\nb,,1.0000\nc,,0.6667\n");
    report = json_loads(said, 0, NULL);
    CHECK_NEAR("exact sets: b and c of three", json_number_value(json_object_get(report,
               "accuracy")), 2 / 3.0, 1e-5);
    CHECK_NEAR("F1: cat 0, dog 1", json_number_value(json_object_get(report, "macro_f1")), 0.5,
               1e-5);
    CHECK_INT("answers are pairs of item and annotator",
              json_integer_value(json_object_get(report, "answers")), 8);
    json_decref(report);
    CHECK_INT("em", RUN("--type", "text-classification-multilabel", answers), 0);
    CHECK("three items", strstr(out, "\na,dog,") && strstr(out, "\nb,,") && strstr(out, "\nc,"));
}

/* Truth of three items, one of them not answered: item a is right, b is wrong. Labels x (true 2,
 * decided 1, both 1: F1 2/3) and y (decided 1, true 0: F1 0). */
static void test_score(void)
{
    const char *answers = write_file("s.csv", "item,annotator,label\na,1,x\nb,1,y\nc,1,y\n");
    const char *truths[] = {
        write_file("s-truth.csv", "truth,item\nx,a\nx,b\nx,z\n"),
        write_file("s-truth.jsonl", "{\"item\":\"a\",\"label\":\"x\"}\n\n"
                                    "{\"item\":\"b\",\"label\":\"x\"}")};
    static const char *const keys[] = {"items", "answers", "annotators", "accuracy", "macro_f1",
                                       "iterations", "seconds"};

    for (int t = 0; t < 2; t++) {
        json_t *report;

        CHECK_INT("status", RUN("--type", "text-classification", "--truth", truths[t], answers), 0);
        report = json_loads(said, 0, NULL);
        CHECK_INT("one JSON object with the seven keys", json_object_size(report), COUNT(keys));
        for (size_t k = 0; k < COUNT(keys); k++)
            CHECK(keys[k], json_is_number(json_object_get(report, keys[k])));
        CHECK_INT("items", json_integer_value(json_object_get(report, "items")), 3);
        CHECK_NEAR("accuracy", json_number_value(json_object_get(report, "accuracy")), 0.5, 1e-6);
        CHECK_NEAR("macro F1", json_number_value(json_object_get(report, "macro_f1")), 1 / 3.0,
                   1e-5);
        json_decref(report);
    }
}

static void test_refusals(void)
{
    static const struct {
        const char *name, *type, *file;
        int         status;
        const char *says;
    } cases[] = {
        {"type of a later day", "bounding-box", "item,annotator,label\n", 2,
         "--type bounding-box cannot be consolidated; supported are image-classification, "},
        {"empty label", "text-classification", "item,annotator,label\na,1,x\na,2,\n", 1,
         "line 3: The label is empty"},
        {"empty item", "text-classification-multilabel", "item,annotator,label\n,1,x\n", 1,
         "line 2: The item is empty"},
        {"missing column", "text-classification", "item,annotator\na,1\n", 1,
         "line 1: The header has no column \"label\""},
        {"short row", "text-classification", "item,annotator,label\na,1,x\nb,1\n", 1,
         "line 3: 2 fields where the header has 3"},
        {"not UTF-8", "text-classification", "item,annotator,label\na,1,\xe9\n", 1,
         "line 2: The text is not UTF-8"},
    };
    const char *good = write_file("good.csv", vector), *truth;

    for (size_t c = 0; c < COUNT(cases); c++) {
        const char *path = write_file("bad.csv", cases[c].file);

        CHECK_INT(cases[c].name, RUN("--type", cases[c].type, path), cases[c].status);
        CHECK("says why", strstr(said, cases[c].says));
        CHECK("in one line", strchr(said, '\n') == said + strlen(said) - 1 && *out == '\0');
    }
    CHECK_INT("no type", RUN(good), 2);
    CHECK_INT("no answers", RUN("--type", "text-classification"), 2);
    CHECK_INT("unknown method", RUN("--type", "text-classification", "--method", "best", good), 2);
    CHECK_INT("no such file", RUN("--type", "text-classification", in_folder("absent")), 1);
    CHECK("names it", strstr(said, "absent: No such file"));
    truth = write_file("twice.csv", "item,label\na,0\na,0\na,1\n");
    CHECK_INT("two truths", RUN("--type", "text-classification", "--truth", truth, good), 1);
    CHECK("names the line", strstr(said, "line 4: The item has another label further up"));
    truth = write_file("strange.csv", "item,label\nq,0\n");
    CHECK_INT("truth of other items", RUN("--type", "text-classification", "--truth", truth, good),
              1);
    truth = write_file("bad.jsonl", "{\"item\":\"a\",\"label\":\"0\"}\n{\"item\":\"b\"}\n");
    CHECK_INT("bad JSON Lines", RUN("--type", "text-classification", "--truth", truth, good), 1);
    CHECK("names the line", strstr(said, "line 2: "));
}

/* The shrunken Dawid-Skene must keep at least these accuracies on five public sets. */
static void test_public_sets(void)
{
    static const struct { const char *name; double accuracy; } sets[] = {
        {"d_product", 0.938}, {"s4_dog", 0.842}, {"s4_face", 0.642}, {"rte", 0.928}, {"sp", 0.915}};
    const char *shared = getenv("PLUMBLINE_SHARED") ? getenv("PLUMBLINE_SHARED") : "../shared";

    for (size_t s = 0; s < COUNT(sets); s++) {
        char answers[300], truth[300];
        json_t *report;

        snprintf(answers, sizeof answers, "%s/data/crowd/%s/labels.csv", shared, sets[s].name);
        snprintf(truth, sizeof truth, "%s/data/crowd/%s/truth.csv", shared, sets[s].name);
        if (access(answers, R_OK) != 0) {
            check_skip(sets[s].name, "the shared data sets are not here");
            continue;
        }
        CHECK_INT("status", RUN("--type", "text-classification", "--truth", truth, answers), 0);
        report = json_loads(said, 0, NULL);
        CHECK(sets[s].name,
              json_number_value(json_object_get(report, "accuracy")) >= sets[s].accuracy);
        json_decref(report);
    }
}

static void test_standard_input(void)
{
    if (!freopen(write_file("in.csv", vector), "rb", stdin))
        exit(1);
    CHECK_INT("status", RUN("--type", "text-classification", "--method", "ground-truth", "-"), 0);
    CHECK("reads standard input", strstr(out, "\nf,2,0.77\n"));
    CHECK_INT("help", RUN("--help"), 0);
    CHECK("explains multi-label", strstr(out, "empty label") && strstr(out, "--annotators"));
}

int main(void)
{
    static const char *const files[] = {"out", "err", "vector.csv", "names.csv", "people.csv",
        "n.csv", "t.csv", "several.csv", "several-truth.csv", "s.csv", "s-truth.csv",
        "s-truth.jsonl", "bad.csv", "good.csv", "twice.csv", "strange.csv", "bad.jsonl", "in.csv"};

    if (!mkdtemp(folder))
        return 1;
    test_ground_truth();
    test_names();
    test_label_order();
    test_multilabel();
    test_score();
    test_refusals();
    test_public_sets();
    test_standard_input();
    for (size_t f = 0; f < COUNT(files); f++)
        unlink(in_folder(files[f]));
    rmdir(folder);
    return check_done();
}
