/* test_task.c - the classification types: answers in, labels out, labels of a manifest line back.
 * The wanted texts are those of Ground Truth's own formats. */
#include "../check.h"

#include "plumbline/tasks/task.h"

#include <stdlib.h>

static struct arena arena;
static struct label_set set;

static const int64_t created = INT64_C(1793607330120000); /* 2026-11-02T08:15:30.12Z */

static void make_set(void)
{
    json_t *list =
        json_loads("[{\"name\":\"apple\"},{\"name\":\"pear\"},{\"name\":\"leaf \\\"x\\\"\"},"
                   "{\"name\":\"old\",\"hidden\":true}]",
                   0, NULL);

    label_set_create(list, &arena, &set, NULL);
    json_decref(list);
}

static bool check(const char *type, const char *answer, bool hidden, struct task_classes *out,
                  struct error *err)
{
    json_t *json = json_loads(answer, JSON_DECODE_ANY, NULL);
    bool ok = task_answer_check(task_type_find(type), &set, json, hidden, &arena, out, err);

    json_decref(json);
    return ok;
}

static const char *written(const char *type, const struct task_classes *classes, bool content)
{
    struct buf out;
    const char *text;

    buf_init(&out, 4096);
    if (content)
        task_answer_content(task_type_find(type), NULL, &set, classes, &out);
    else
        task_answer_json(task_type_find(type), &set, classes, &out);
    text = arena_strdup(&arena, out.data);
    buf_release(&out);
    return text;
}

static void test_types(void)
{
    size_t n;
    const struct task_type *const *types = task_types(&n);

    CHECK_INT("types", n, 4);
    for (size_t i = 0; i < n; i++) {
        char arn[200];

        CHECK(types[i]->name, task_type_find(types[i]->name) == types[i]);
        CHECK("  by manifest type",
              task_type_by_manifest_type(types[i]->manifest_type) == types[i]);
        snprintf(arn, sizeof arn, "arn:aws:lambda:eu-west-1:568282634449:function:PRE-%s",
                 types[i]->suffix);
        CHECK("  by function", task_type_by_function(arn) == types[i]);
        snprintf(arn, sizeof arn, "ACS-%s", types[i]->suffix);
        CHECK("  by its tail", task_type_by_function(arn) == types[i]);
    }
    CHECK("unknown", !task_type_find("audio") && !task_type_by_function("PRE-Audio") &&
                         !task_type_by_function("ImageMultiClass"));
    CHECK_TEXT("text, multi-label", task_type_find("text-classification-multilabel")->manifest_type,
               "groundtruth/text-classification-multilabel");
    CHECK_TEXT("its element", task_type_find("text-classification-multilabel")->element,
               "crowd-classifier-multi-select");
}

static void test_attribute(void)
{
    static const struct {
        const char *name;
        bool good;
    } names[] = {{"label", true},       {"my-label2", true},   {"", false},      {"source", false},
                 {"source-ref", false}, {"a-metadata", false}, {"a-ref", false}, {"a$", false},
                 {"-a", false},         {"a-", false},         {"a b", false},   {"id", false},
                 {"ref", true}};
    char text[129];

    for (size_t i = 0; i < COUNT(names); i++) {
        struct error err = {0};
        bool ok = task_attribute_check(task_type_find("image-classification"), names[i].name, &err);

        CHECK(names[i].name, ok == names[i].good && (ok || err.status == 422));
    }
    memset(text, 'a', 128);
    text[128] = '\0';
    CHECK("128 characters",
          !task_attribute_check(task_type_find("text-classification"), text, NULL));
    CHECK("127", task_attribute_check(task_type_find("text-classification"), text + 1, NULL));
}

static void test_answers(void)
{
    static const struct {
        const char *type, *answer, *field, *says;
    } bad[] = {
        {"text-classification", "\"apple\"", "answer", "object"},
        {"text-classification", "{}", "answer", "label"},
        {"text-classification", "{\"labels\":[\"apple\"]}", "answer", "labels"},
        {"text-classification", "{\"label\":\"apple\",\"x\":1}", "answer", "\"x\""},
        {"text-classification", "{\"label\":1}", "answer.label", "name"},
        {"text-classification", "{\"label\":\"plum\"}", "answer.label", "'plum'"},
        {"text-classification", "{\"label\":\"old\"}", "answer.label", "removed"},
        {"image-classification-multilabel", "{\"labels\":\"apple\"}", "answer.labels", "list"},
        {"image-classification-multilabel", "{\"labels\":[\"apple\",\"plum\"]}", "answer.labels[1]",
         "'plum'"},
        {"image-classification-multilabel",
         "{\"labels\":[\"apple\",\"apple\",\"apple\",\"apple\",\"apple\"]}", "answer.labels", "5"},
    };
    struct task_classes c;
    struct error err = {0};

    for (size_t i = 0; i < COUNT(bad); i++) {
        CHECK(bad[i].answer, !check(bad[i].type, bad[i].answer, false, &c, &err));
        CHECK_TEXT("  code", err.code, "answer.invalid");
        CHECK_TEXT("  field", err.field, bad[i].field);
        CHECK("  says what", strstr(err.message, bad[i].says) != NULL);
    }
    CHECK("a label", check("image-classification", "{\"label\":\"pear\"}", false, &c, &err) &&
                         c.n == 1 && c.v[0] == 1);
    CHECK_TEXT("  as JSON", written("image-classification", &c, false), "{\"label\":\"pear\"}");
    CHECK_TEXT("  as content", written("image-classification", &c, true),
               "{\"crowd-image-classifier\":{\"label\":\"pear\"}}");
    CHECK("an old label for an answer begun before",
          check("image-classification", "{\"label\":\"old\"}", true, &c, &err) && c.v[0] == 3);
    CHECK("several",
          check("text-classification-multilabel",
                "{\"labels\":[\"leaf \\\"x\\\"\",\"apple\",\"apple\"]}", false, &c, &err) &&
              c.n == 2 && c.v[0] == 0 && c.v[1] == 2);
    CHECK_TEXT("  as JSON", written("text-classification-multilabel", &c, false),
               "{\"labels\":[\"apple\",\"leaf \\\"x\\\"\"]}");
    CHECK_TEXT("  as content", written("text-classification-multilabel", &c, true),
               "{\"crowd-classifier-multi-select\":{\"labels\":[\"apple\",\"leaf \\\"x\\\"\"]}}");
    CHECK("none of these",
          check("text-classification-multilabel", "{\"labels\":[]}", false, &c, &err) && c.n == 0);
    CHECK_TEXT("  as JSON", written("text-classification-multilabel", &c, false),
               "{\"labels\":[]}");
}

static void check_label(const char *name, const char *type, const struct task_label *label,
                        const char *want_value, const char *want_metadata)
{
    struct buf value, metadata;

    buf_init(&value, 4096);
    buf_init(&metadata, 4096);
    CHECK(name, task_label_json(task_type_find(type), &set, label, &value, &metadata));
    CHECK_TEXT("  value", value.data, want_value);
    CHECK_TEXT("  metadata", metadata.data, want_metadata);
    buf_release(&value);
    buf_release(&metadata);
    buf_init(&value, 4096);
    buf_init(&metadata, 20);
    CHECK("  a buffer too small says so",
          !task_label_json(task_type_find(type), &set, label, &value, &metadata));
    buf_release(&value);
    buf_release(&metadata);
}

static void test_labels(void)
{
    const int one[] = {1}, two[] = {0, 2};
    const double confidence[] = {0.8651}, map[] = {0.95, 0.4};
    struct task_failure failure = {.reason = "ClientError: Annotation tasks expired",
                                   .retries = 1,
                                   .job = "fruit-1",
                                   .created_us = created};
    struct buf out;

    check_label(
        "image, single", "image-classification",
        &(struct task_label){.classes = {one, 1},
                             .confidence = confidence,
                             .human = true,
                             .job = "fruit-1",
                             .created_us = created},
        "1",
        "{\"class-name\":\"pear\",\"confidence\":0.87,\"type\":\"groundtruth/image-"
        "classification\",\"job-name\":\"labeling-job/fruit-1\",\"human-annotated\":\"yes\","
        "\"creation-date\":\"2026-11-02T08:15:30.120000\"}");
    check_label(
        "one answer: 0.00", "text-classification",
        &(struct task_label){.classes = {one, 1}, .human = true, .job = "j", .created_us = created},
        "1",
        "{\"class-name\":\"pear\",\"confidence\":0.00,\"type\":\"groundtruth/text-"
        "classification\",\"job-name\":\"labeling-job/j\",\"human-annotated\":\"yes\","
        "\"creation-date\":\"2026-11-02T08:15:30.120000\"}");
    check_label(
        "multi-label", "image-classification-multilabel",
        &(struct task_label){.classes = {two, 2},
                             .confidence = map,
                             .human = true,
                             .job = "parts-1",
                             .created_us = created},
        "[0,2]",
        "{\"class-map\":{\"0\":\"apple\",\"2\":\"leaf \\\"x\\\"\"},\"confidence-map\":{\"0\":"
        "0.95,\"2\":0.40},\"type\":\"groundtruth/image-classification-multilabel\",\"job-name"
        "\":\"labeling-job/parts-1\",\"human-annotated\":\"yes\",\"creation-date\":"
        "\"2026-11-02T08:15:30.120000\"}");
    check_label(
        "none of these", "text-classification-multilabel",
        &(struct task_label){.human = true, .job = "j", .created_us = created}, "[]",
        "{\"class-map\":{},\"confidence-map\":{},\"type\":\"groundtruth/text-classification-"
        "multilabel\",\"job-name\":\"labeling-job/j\",\"human-annotated\":\"yes\","
        "\"creation-date\":\"2026-11-02T08:15:30.120000\"}");
    check_label("by a model", "text-classification",
                &(struct task_label){.classes = {one, 1},
                                     .confidence = confidence,
                                     .model = "model_7",
                                     .round = 3,
                                     .estimate = 0.9534,
                                     .job = "j",
                                     .created_us = created},
                "1",
                "{\"class-name\":\"pear\",\"confidence\":0.87,\"type\":\"groundtruth/text-"
                "classification\",\"job-name\":\"labeling-job/j\",\"human-annotated\":\"no\","
                "\"creation-date\":\"2026-11-02T08:15:30.120000\",\"model-id\":\"model_7\","
                "\"round\":3,\"estimate\":0.9534}");
    buf_init(&out, 4096);
    CHECK("failed", task_failure_json(task_type_find("image-classification"), &failure, &out));
    CHECK_TEXT("  metadata", out.data,
               "{\"failure-reason\":\"ClientError: Annotation tasks expired\",\"retry-count\":1,"
               "\"human-annotated\":\"yes\",\"job-name\":\"labeling-job/fruit-1\",\"type\":"
               "\"groundtruth/image-classification\",\"creation-date\":"
               "\"2026-11-02T08:15:30.120000\"}");
    buf_release(&out);
}

/* The names joined by '|', "-" for not found, "!" for refused. */
static const char *parsed(const char *line, bool with_set)
{
    json_t *json = json_loads(line, 0, NULL);
    const char *all = "";
    struct texts names;
    struct error err = {0};
    bool found;

    if (!task_label_parse(json, "l", with_set ? &set : NULL, &arena, &names, &found, &err))
        all = strcmp(err.code, "label.invalid") == 0 && strcmp(err.field, "l") == 0 ? "!" : "?";
    else if (!found)
        all = "-";
    for (size_t i = 0; i < names.n; i++)
        all = arena_printf(&arena, "%s%s%s", all, i ? "|" : "", names.v[i]);
    json_decref(json);
    return all;
}

static void test_parse(void)
{
    static const struct {
        const char *line, *want, *with_set;
    } cases[] = {
        {"{}", "-", "-"},
        {"{\"l\":null}", "-", "-"},
        {"{\"l\":\"pear\"}", "pear", "pear"},
        {"{\"l\":\"\"}", "!", "!"},
        {"{\"l\":[\"a\",\"b\"]}", "a|b", "a|b"},
        {"{\"l\":[]}", "", ""},
        {"{\"l\":1,\"l-metadata\":{\"class-name\":\"plum\"}}", "plum", "plum"},
        {"{\"l\":\"1\",\"l-metadata\":{\"class-name\":\"plum\"}}", "plum", "plum"},
        {"{\"l\":[0,2],\"l-metadata\":{\"class-map\":{\"0\":\"x\",\"2\":\"y\"}}}", "x|y", "x|y"},
        {"{\"l\":[0,\"2\"],\"l-metadata\":{\"class-map\":{\"0\":\"x\",\"2\":\"y\"}}}", "x|y",
         "x|y"},
        {"{\"l\":5,\"l-metadata\":{\"class-map\":{\"5\":\"five\"}}}", "five", "five"},
        {"{\"l\":1}", "!", "pear"},
        {"{\"l\":9}", "!", "!"},
        {"{\"l\":-1}", "!", "!"},
        {"{\"l\":\"1\"}", "1", "pear"},
        {"{\"l\":\"2024\"}", "2024", "2024"},
        {"{\"l\":1.5}", "!", "!"},
        {"{\"l\":{\"a\":1}}", "!", "!"},
        {"{\"l\":[1,null],\"l-metadata\":{\"class-map\":{\"1\":\"x\"}}}", "!", "!"},
        {"{\"l\":\"[\\\"a\\\",\\\"b\\\"]\"}", "a|b", "a|b"},
        {"{\"l\":\"[draft]\"}", "[draft]", "[draft]"},
    };
    json_t *line = json_loads("{\"l\":[\"pear\",\"apple\"],\"m\":\"plum\"}", 0, NULL);
    struct task_classes c;
    struct error err = {0};
    bool found;

    for (size_t i = 0; i < COUNT(cases); i++) {
        CHECK_TEXT(cases[i].line, parsed(cases[i].line, false), cases[i].want);
        CHECK_TEXT("  with the label set", parsed(cases[i].line, true), cases[i].with_set);
    }
    CHECK("as classes", task_label_classes(task_type_find("text-classification-multilabel"), &set,
                                           line, "l", &arena, &c, &found, &err) &&
                            found && c.n == 2 && c.v[0] == 0 && c.v[1] == 1);
    CHECK("two classes for one", !task_label_classes(task_type_find("text-classification"), &set,
                                                     line, "l", &arena, &c, &found, &err));
    CHECK("a class outside the set",
          !task_label_classes(task_type_find("text-classification"), &set, line, "m", &arena, &c,
                              &found, &err));
    json_decref(line);
}

int main(void)
{
    arena_init(&arena);
    make_set();
    test_types();
    test_attribute();
    test_answers();
    test_labels();
    test_parse();
    arena_release(&arena);
    return check_done();
}
