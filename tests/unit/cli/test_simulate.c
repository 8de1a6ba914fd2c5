/* test_simulate.c - simulate, train and predict on small made-up manifests: reports, class map,
 * multi-label, vectors, mistakes of people, and what is refused. */
#include "../check.h"
#include "plumbline/base/fields.h"
#include "plumbline/cli/commands.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/plumbline-simulate-XXXXXX";
static char manifest[200], report[200], model[200], map[200], output[200];

static const char *const words[3][4] = {{"apple", "core", "red", "crisp"},
                                        {"pear", "green", "soft", "stalk"},
                                        {"plum", "blue", "stone", "jam"}};

/* n lines of class i % 3; `form` is how the label is written. */
static void write_manifest(const char *form, int n)
{
    FILE *out = fopen(manifest, "w");

    for (int i = 0; i < n; i++) {
        const char *const *w = words[i % 3];
        char label[200];

        snprintf(label, sizeof label, form, w[0]);
        fprintf(out, "{\"id\":\"i%d\",\"source\":\"%s %s %s number %d\",%s}\n", i, w[i / 3 % 4],
                w[i / 12 % 4], w[i / 48 % 4], i, label);
    }
    fclose(out);
}

/* Runs a command in a child with standard output into `output`; its exit status. */
static int run(int (*command)(int, char **), const char *const *arguments)
{
    pid_t pid = fork();
    int status = 0, n = 0;
    char *argv[20];

    if (pid == 0) {
        if (!freopen(output, "w", stdout) || !freopen("/dev/null", "w", stderr))
            _exit(99);
        for (; arguments[n]; n++)
            argv[n] = strdup(arguments[n]);
        argv[n] = NULL;
        _exit(command(n, argv));
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static json_t *read_json(const char *path)
{
    json_error_t e;

    return json_load_file(path, JSON_DISABLE_EOF_CHECK, &e);
}

static double number(json_t *o, const char *key)
{
    return json_number_value(json_object_get(o, key));
}

#define RUN(command, ...) run(command, (const char *const[]){__VA_ARGS__, NULL})

static void test_simulate(void)
{
    static const char *const keys[] = {
        "items", "human_items", "auto_items", "human_share", "auto_accuracy", "dataset_accuracy",
        "target", "rounds", "seconds", "peak_bytes"};
    json_t *o, *round;

    write_manifest("\"label\":\"%s\"", 900);
    CHECK_INT("simulate", RUN(command_simulate, "simulate", "--type", "text-classification",
                              "--label-attribute", "label", "--report", report, manifest), 0);
    o = read_json(report);
    for (size_t i = 0; i < COUNT(keys); i++)
        CHECK(keys[i], json_object_get(o, keys[i]) != NULL);
    CHECK_INT("items", number(o, "items"), 900);
    CHECK("the sum", number(o, "human_items") + number(o, "auto_items") == 900);
    CHECK("easy words need few people", number(o, "human_share") < 0.3);
    CHECK_NEAR("and are all right", number(o, "dataset_accuracy"), 1, 1e-9);
    round = json_array_get(json_object_get(o, "rounds"), 0);
    CHECK("rounds tell", number(round, "human") == 180 && json_object_get(round, "threshold") &&
                             json_object_get(round, "validation_accuracy"));
    json_decref(o);
    CHECK_INT("people with mistakes",
              RUN(command_simulate, "simulate", "--type", "text-classification", "--annotators",
                  "5", "--annotator-accuracy", "0.8", "--report", report, manifest), 0);
    o = read_json(report);
    CHECK("the sample is answered twice or more",
          number(o, "answers") >= number(o, "human_items") + 180);
    CHECK("people are not perfect", number(o, "human_accuracy") < 1);
    json_decref(o);
}

static void test_forms(void)
{
    FILE *f = fopen(map, "w");
    json_t *o;

    fputs("from,to\napple,fruit with core\npear,fruit with core\n", f);
    fclose(f);
    CHECK_INT("class map", RUN(command_simulate, "simulate", "--type", "text-classification",
                               "--class-map", map, "--report", report, manifest), 0);
    o = read_json(report);
    CHECK_INT("two classes are left", number(o, "classes"), 2);
    json_decref(o);
    write_manifest("\"tags\":[\"fruit\",\"%s\"]", 900);
    CHECK_INT("multi-label", RUN(command_simulate, "simulate", "--type",
                                 "text-classification-multilabel", "--label-attribute", "tags",
                                 "--report", report, manifest), 0);
    o = read_json(report);
    CHECK_INT("four labels", number(o, "classes"), 4);
    CHECK("saves people too", number(o, "human_share") < 0.5);
    json_decref(o);
}

static void test_train_and_predict(void)
{
    char line[4096] = "";
    json_t *o, *p;
    FILE *in;

    write_manifest("\"label\":\"%s\"", 300);
    CHECK_INT("train", RUN(command_train, "train", "--type", "text-classification", "--test",
                           manifest, "--model", model, manifest), 0);
    o = read_json(output);
    CHECK_NEAR("accuracy", number(o, "accuracy"), 1, 1e-9);
    CHECK_INT("tested", number(o, "test_items"), 300);
    json_decref(o);
    CHECK_INT("predict", RUN(command_predict, "predict", "--model", model, manifest), 0);
    in = fopen(output, "r");
    CHECK("a line an item", fgets(line, sizeof line, in) != NULL);
    fclose(in);
    o = json_loads(line, 0, NULL);
    p = json_object_get(o, "probabilities");
    CHECK_TEXT("item", json_string_value(json_object_get(o, "item")), "i0");
    CHECK_TEXT("label", json_string_value(json_object_get(o, "label")), "apple");
    CHECK_NEAR("probabilities sum to 1", number(p, "apple") + number(p, "pear") + number(p, "plum"),
               1, 1e-4);
    CHECK_NEAR("confidence", number(o, "confidence"), number(p, "apple"), 1e-6);
    json_decref(o);
}

static void test_vectors(void)
{
    FILE *out = fopen(manifest, "w");

    for (int i = 0; i < 300; i++)
        fprintf(out, "{\"source\":\"x\",\"embedding\":[%d,%d,%d.5],\"label\":\"%s\"}\n", i % 3 == 0,
                i % 3 == 1, i % 7, words[i % 3][0]);
    fclose(out);
    CHECK_INT("vectors", RUN(command_train, "train", "--type", "text-classification", "--test",
                             manifest, "--model", model, manifest), 0);
    CHECK_INT("predict from vectors", RUN(command_predict, "predict", "--model", model, manifest),
              0);
    out = fopen(manifest, "a");
    fputs("{\"source\":\"x\",\"embedding\":[1,2],\"label\":\"plum\"}\n", out);
    fclose(out);
    CHECK_INT("another length is refused", RUN(command_train, "train", "--type",
                                               "text-classification", manifest), 1);
}

static void test_refusals(void)
{
    write_manifest("\"label\":\"%s\"", 30);
    CHECK_INT("no type", RUN(command_simulate, "simulate", manifest), 2);
    CHECK_INT("unknown type", RUN(command_simulate, "simulate", "--type", "poetry", manifest), 2);
    CHECK_INT("target out of range", RUN(command_simulate, "simulate", "--type",
                                         "text-classification", "--target", "0.5", manifest), 2);
    CHECK_INT("no such attribute", RUN(command_simulate, "simulate", "--type",
                                       "text-classification", "--label-attribute", "nope",
                                       manifest), 1);
    CHECK_INT("no such file", RUN(command_train, "train", "--type", "text-classification",
                                  "/nonexistent.jsonl"), 1);
    CHECK_INT("not a model", RUN(command_predict, "predict", "--model", manifest, manifest), 1);
    CHECK_INT("help", RUN(command_simulate, "simulate", "--help"), 0);
}

int main(void)
{
    if (!mkdtemp(folder))
        return 1;
    snprintf(manifest, sizeof manifest, "%s/m.jsonl", folder);
    snprintf(report, sizeof report, "%s/r.json", folder);
    snprintf(model, sizeof model, "%s/m.bin", folder);
    snprintf(map, sizeof map, "%s/map.csv", folder);
    snprintf(output, sizeof output, "%s/out", folder);
    test_simulate();
    test_forms();
    test_train_and_predict();
    test_vectors();
    test_refusals();
    unlink(manifest);
    unlink(report);
    unlink(model);
    unlink(map);
    unlink(output);
    rmdir(folder);
    return check_done();
}
