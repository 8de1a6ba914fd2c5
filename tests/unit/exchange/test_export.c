/* test_export.c - golden manifests of all four types, golden rows, and that what was exported reads
 * back with the same labels. */
#include "../../../server/exchange/splice.h"
#include "export_items.h"

#include "plumbline/exchange/manifest.h"

#include <stdlib.h>

static const int64_t created = INT64_C(1793607330120000); /* 2026-11-02T08:15:30.12Z */
static const int apple[] = {0}, pear[] = {1}, both[] = {0, 2};
static const double sure[] = {0.87}, map[] = {0.95, 0.4}, p_one[] = {0.912345678},
                    p_map[] = {0.98, 0.31};

#define META(type, by)                                                                             \
    "\"type\":\"groundtruth/" type "\",\"job-name\":\"labeling-job/fruit-1\","                     \
    "\"human-annotated\":\"" by "\",\"creation-date\":\"2026-11-02T08:15:30.120000\""

static const struct export_item single[] = {
    {.line = 0,
     RAW("{\"source-ref\":\"s3://orchard/img/0001.jpg\"}"),
     .key = "#a.1",
     .origin = EXPORT_HUMAN,
     .posterior = p_one,
     .iteration = 1,
     .label = {.classes = {pear, 1}, .confidence = sure, .created_us = INT64_C(1793607330120000)}},
    {.line = 1,
     RAW("{ \"source-ref\" : \"b.jpg\", \"w\": 0.10 , \"fruit-metadata\":{\"x\":[\"}\"]}}"),
     .key = "#b.1",
     .origin = EXPORT_MACHINE,
     .label = {.classes = {apple, 1},
               .created_us = INT64_C(1793607330120000),
               .model = "model_7",
               .round = 3,
               .estimate = 0.9534}},
    {.line = 2,
     RAW("{\"fruit\":1, \"source-ref\":\"c.jpg\"}"),
     .key = "#c.1",
     .origin = EXPORT_HUMAN,
     .label = {.classes = {apple, 1}, .created_us = INT64_C(1793607330120000)}},
    {.line = 3, RAW("{\"source-ref\":\"d.jpg\",\"id\":\"D\"}"), .key = "D", .origin = EXPORT_NONE},
    {.line = 4,
     RAW("{\"source-ref\":\"e.jpg\"}"),
     .key = "#e.1",
     .origin = EXPORT_FAILED,
     .failure = "ClientError: Annotation tasks expired",
     .retries = 1,
     .failed_us = INT64_C(1793607330120000)},
    {.line = 5,
     RAW(""),
     .key = "#f.1",
     .origin = EXPORT_FAILED,
     .failure = "The line is not JSON.",
     .failed_us = INT64_C(1793607330120000)},
    {.line = 6,
     RAW("{\"source-ref\":\"g.jpg\",\"fruit\":\"pear\"}"),
     .key = "#g.1",
     .origin = EXPORT_KEPT},
};

static const char single_manifest[] =
    "{\"source-ref\":\"s3://orchard/img/0001.jpg\",\"fruit\":1,\"fruit-metadata\":{\"class-name\":"
    "\"pear\",\"confidence\":0.87," META(
        "image-classification",
        "yes") "}}\n"
               "{ \"source-ref\" : \"b.jpg\", \"w\": "
               "0.10,\"fruit\":0,\"fruit-metadata\":{\"class-name\":\"apple\","
               "\"confidence\":0.00," META(
                   "image-classification",
                   "no") ",\"model-id\":\"model_7\",\"round\":3,"
                         "\"estimate\":0.9534}}\n"
                         "{ "
                         "\"source-ref\":\"c.jpg\",\"fruit\":0,\"fruit-metadata\":{\"class-name\":"
                         "\"apple\","
                         "\"confidence\":0.00," META(
                             "image-classification",
                             "yes") "}}\n"
                                    "{\"source-ref\":\"d.jpg\",\"id\":\"D\"}\n"
                                    "{\"source-ref\":\"e.jpg\",\"fruit-metadata\":{\"failure-"
                                    "reason\":\"ClientError: Annotation tasks "
                                    "expired\",\"retry-count\":1,\"human-annotated\":\"yes\",\"job-"
                                    "name\":\"labeling-job/fruit-1\","
                                    "\"type\":\"groundtruth/"
                                    "image-classification\",\"creation-date\":\"2026-11-02T08:15:"
                                    "30.120000\"}}\n"
                                    "{\"fruit-metadata\":{\"failure-reason\":\"The line is not "
                                    "JSON.\",\"retry-count\":0,"
                                    "\"human-annotated\":\"yes\",\"job-name\":\"labeling-job/"
                                    "fruit-1\",\"type\":"
                                    "\"groundtruth/"
                                    "image-classification\",\"creation-date\":\"2026-11-02T08:15:"
                                    "30.120000\"}}\n"
                                    "{\"source-ref\":\"g.jpg\",\"fruit\":\"pear\"}\n";

static const struct export_item multi[] = {
    {.line = 0,
     RAW("{\"source\":\"=1+1, \\\"x\\\"\",\"id\":7}"),
     .key = "7",
     .origin = EXPORT_HUMAN,
     .posterior = p_map,
     .label = {.classes = {both, 2}, .confidence = map, .created_us = INT64_C(1793607330120000)}},
    {.line = 1,
     RAW("{\"source\":\" b\"}"),
     .key = "#b.1",
     .origin = EXPORT_HUMAN,
     .label = {.created_us = INT64_C(1793607330120000)}},
    {.line = 2,
     RAW("{\"source\":\"c\",\"fruit\":[\"pear\"]}"),
     .key = "#c.1",
     .origin = EXPORT_KEPT},
};

static const char multi_manifest[] =
    "{\"source\":\"=1+1, "
    "\\\"x\\\"\",\"id\":7,\"fruit\":[0,2],\"fruit-metadata\":{\"class-map\":{\"0\":"
    "\"apple\",\"2\":\"leaf, green\"},\"confidence-map\":{\"0\":0.95,\"2\":0.40}," META(
        "text-classification-multilabel",
        "yes") "}}\n"
               "{\"source\":\" "
               "b\",\"fruit\":[],\"fruit-metadata\":{\"class-map\":{},\"confidence-map\":{}," META(
                   "text-classification-multilabel",
                   "yes") "}}\n"
                          "{\"source\":\"c\",\"fruit\":[\"pear\"]}\n";

static void test_manifests(void)
{
    struct export_options image = options_for(EXPORT_MANIFEST, "image-classification");
    struct export_options text = options_for(EXPORT_MANIFEST, "text-classification-multilabel");
    struct export_options text_one = options_for(EXPORT_MANIFEST, "text-classification");
    struct export_options image_many =
        options_for(EXPORT_MANIFEST, "image-classification-multilabel");
    struct export_result result;
    struct buf out;

    golden("image, single", &image, single, COUNT(single), single_manifest);
    golden("text, multi-label", &text, multi, COUNT(multi), multi_manifest);
    golden(
        "text, single", &text_one,
        &(struct export_item){RAW("{\"source\":\"a\"}"), .key = "k", .origin = EXPORT_HUMAN,
                              .label = {.classes = {pear, 1}, .created_us = created}},
        1,
        "{\"source\":\"a\",\"fruit\":1,\"fruit-metadata\":{\"class-name\":\"pear\",\"confidence\":"
        "0.00," META("text-classification", "yes") "}}\n");
    golden("image, multi-label", &image_many,
           &(struct export_item){
               RAW("{\"source-ref\":\"a.png\"}"), .key = "k", .origin = EXPORT_HUMAN,
               .label = {.classes = {both, 2}, .confidence = map, .created_us = created}},
           1,
           "{\"source-ref\":\"a.png\",\"fruit\":[0,2],\"fruit-metadata\":{\"class-map\":{\"0\":"
           "\"apple\","
           "\"2\":\"leaf, green\"},\"confidence-map\":{\"0\":0.95,\"2\":0.40}," META(
               "image-classification-multilabel", "yes") "}}\n");
    CHECK("counted", run(&image, single, COUNT(single), &out, &result, NULL) && result.lines == 7 &&
                         result.human == 2 && result.machine == 1 && result.failed == 2 &&
                         result.unlabelled == 1 && result.kept == 1);
    buf_release(&out);
    image.labelled_only = true;
    CHECK("labelled only", run(&image, single, COUNT(single), &out, &result, NULL) &&
                               result.lines == 4 && !strstr(out.data, "d.jpg") &&
                               !strstr(out.data, "e.jpg"));
    buf_release(&out);
    golden("nothing to export", &image, single, 0, "");
}

static void test_rows(void)
{
    struct export_options image = options_for(EXPORT_JSONL, "image-classification");
    struct export_options text = options_for(EXPORT_JSONL, "text-classification-multilabel");

    golden(
        "jsonl, single", &image, single, COUNT(single),
        "{\"line\":0,\"key\":\"#a.1\",\"source-ref\":\"s3://orchard/img/"
        "0001.jpg\",\"label\":\"pear\","
        "\"confidence\":0.87,\"posterior\":0.912346,\"origin\":\"human\",\"answers\":0,\"created\":"
        "\"2026-11-02T08:15:30.120Z\"}\n"
        "{\"line\":1,\"key\":\"#b.1\",\"source-ref\":\"b.jpg\",\"label\":\"apple\",\"origin\":"
        "\"machine\",\"answers\":0,\"model\":\"model_7\",\"round\":3,\"estimate\":0.9534,"
        "\"created\":"
        "\"2026-11-02T08:15:30.120Z\"}\n"
        "{\"line\":2,\"key\":\"#c.1\",\"source-ref\":\"c.jpg\",\"label\":\"apple\",\"origin\":"
        "\"human\","
        "\"answers\":0,\"created\":\"2026-11-02T08:15:30.120Z\"}\n"
        "{\"line\":3,\"id\":\"D\",\"source-ref\":\"d.jpg\",\"origin\":\"unlabelled\",\"answers\":0}"
        "\n"
        "{\"line\":4,\"key\":\"#e.1\",\"source-ref\":\"e.jpg\",\"origin\":\"failed\",\"answers\":0,"
        "\"failure\":\"ClientError: Annotation tasks expired\"}\n"
        "{\"line\":5,\"key\":\"#f.1\",\"origin\":\"failed\",\"answers\":0,\"failure\":\"The line "
        "is not "
        "JSON.\"}\n"
        "{\"line\":6,\"key\":\"#g.1\",\"source-ref\":\"g.jpg\",\"label\":\"pear\",\"origin\":"
        "\"kept\","
        "\"answers\":0}\n");
    golden(
        "jsonl, multi-label", &text, multi, COUNT(multi),
        "{\"line\":0,\"id\":\"7\",\"source\":\"=1+1, "
        "\\\"x\\\"\",\"label\":[\"apple\"],\"confidence\":"
        "{\"apple\":0.95,\"leaf, green\":0.40},\"posterior\":{\"apple\":0.980000,\"leaf, green\":"
        "0.310000},\"origin\":\"human\",\"answers\":0,\"created\":\"2026-11-02T08:15:30.120Z\"}\n"
        "{\"line\":1,\"key\":\"#b.1\",\"source\":\" "
        "b\",\"label\":[],\"origin\":\"human\",\"answers\":0,"
        "\"created\":\"2026-11-02T08:15:30.120Z\"}\n"
        "{\"line\":2,\"key\":\"#c.1\",\"source\":\"c\",\"label\":[\"pear\"],\"origin\":\"kept\","
        "\"answers\":0}\n");
    image.format = text.format = EXPORT_CSV;
    golden(
        "csv, single", &image, single, 5,
        "line,id,source,source-ref,label,confidence,posterior,origin,answers,model,round,estimate,"
        "created,failure\r\n"
        "0,,,s3://orchard/img/0001.jpg,pear,0.87,0.912346,human,0,,,,2026-11-02T08:15:30.120Z,\r\n"
        "1,,,b.jpg,apple,,,machine,0,model_7,3,0.9534,2026-11-02T08:15:30.120Z,\r\n"
        "2,,,c.jpg,apple,,,human,0,,,,2026-11-02T08:15:30.120Z,\r\n"
        "3,D,,d.jpg,,,,unlabelled,0,,,,,\r\n"
        "4,,,e.jpg,,,,failed,0,,,,,ClientError: Annotation tasks expired\r\n");
    golden(
        "csv, multi-label, formulas made harmless", &text, multi, COUNT(multi),
        "line,id,source,source-ref,label,confidence,posterior,origin,answers,model,round,estimate,"
        "created,failure\r\n"
        "0,7,\"'=1+1, \"\"x\"\"\",,\"[\"\"apple\"\"]\",\"{\"\"apple\"\":0.95,\"\"leaf, "
        "green\"\":0.40}\","
        "\"{\"\"apple\"\":0.980000,\"\"leaf, green\"\":0.310000}\",human,0,,,,"
        "2026-11-02T08:15:30.120Z,\r\n"
        "1,,\" b\",,[],,,human,0,,,,2026-11-02T08:15:30.120Z,\r\n"
        "2,,c,,\"[\"\"pear\"\"]\",,,kept,0,,,,,\r\n");
    text.csv_plain = true;
    golden(
        "csv, plain", &text, multi, 1,
        "line,id,source,source-ref,label,confidence,posterior,origin,answers,model,round,estimate,"
        "created,failure\r\n"
        "0,7,\"=1+1, \"\"x\"\"\",,\"[\"\"apple\"\"]\",\"{\"\"apple\"\":0.95,\"\"leaf, "
        "green\"\":0.40}\","
        "\"{\"\"apple\"\":0.980000,\"\"leaf, green\"\":0.310000}\",human,0,,,,"
        "2026-11-02T08:15:30.120Z,\r\n");
}

/* Round trip: what was exported, read again, has the same labels. */
struct back {
    const struct task_type *type;
    const char *attribute;
    struct buf seen;
};

static bool back_item(void *ctx, const struct manifest_item *item, struct error *err)
{
    struct back *b = ctx;
    struct task_classes c;
    bool found;

    if (!task_label_classes(b->type, &set, item->object, b->attribute, &arena, &c, &found, err))
        return false;
    buf_printf(&b->seen, "%lld %s:", (long long)item->line, item->text ? item->text : item->ref);
    for (size_t i = 0; found && i < c.n; i++)
        buf_printf(&b->seen, "%d ", c.v[i]);
    buf_puts(&b->seen, found ? "\n" : "-\n");
    return true;
}

static bool back_bad(void *ctx, const struct manifest_bad *bad, struct error *err)
{
    struct back *b = ctx;

    (void)err;
    return buf_printf(&b->seen, "%lld bad\n", (long long)bad->line);
}

static void round_trip(const char *name, enum export_format format, const char *type,
                       const struct export_item *v, size_t n, const char *want)
{
    struct export_options options = options_for(format, type);
    struct back back = {task_type_find(type), format == EXPORT_MANIFEST ? "fruit" : "label", {0}};
    struct manifest_sink sink = {&back, back_item, back_bad};
    struct manifest_options in = {.media = task_type_find(type)->media};
    struct manifest_reader *r = manifest_reader_new(NULL, &in, &sink);
    struct error err = {0};
    struct buf out;

    options.csv_plain = true;
    buf_init(&back.seen, 4096);
    CHECK(name, run(&options, v, n, &out, NULL, &err) &&
                    manifest_reader_feed(r, out.data, out.size, &err) &&
                    manifest_reader_end(r, NULL, &err));
    CHECK_TEXT("  same labels", back.seen.data, want);
    manifest_reader_free(r);
    buf_release(&out);
    buf_release(&back.seen);
}

static void test_round_trip(void)
{
    static const char of_single[] = "0 s3://orchard/img/0001.jpg:1 \n1 b.jpg:0 \n2 c.jpg:0 \n"
                                    "3 d.jpg:-\n4 e.jpg:-\n5 bad\n6 g.jpg:1 \n";
    static const char of_multi[] = "0 =1+1, \"x\":0 2 \n1  b:\n2 c:1 \n";
    static const char of_rows[] = "0 =1+1, \"x\":0 \n1  b:\n2 c:1 \n"; /* p of leaf is under 0.5 */

    round_trip("manifest, single", EXPORT_MANIFEST, "image-classification", single, COUNT(single),
               of_single);
    round_trip("jsonl, single", EXPORT_JSONL, "image-classification", single, COUNT(single),
               of_single);
    round_trip("csv, single", EXPORT_CSV, "image-classification", single, COUNT(single), of_single);
    round_trip("manifest, multi-label", EXPORT_MANIFEST, "text-classification-multilabel", multi,
               COUNT(multi), of_multi);
    round_trip("jsonl, multi-label", EXPORT_JSONL, "text-classification-multilabel", multi,
               COUNT(multi), of_rows);
    round_trip("csv, multi-label", EXPORT_CSV, "text-classification-multilabel", multi,
               COUNT(multi), of_rows);
}

static void test_splice(void)
{
    static const struct {
        const char *raw, *want; /* NULL: no object */
        size_t members;
    } cases[] = {
        {"{}", "{", 0},
        {" { } ", "{", 0},
        {"{\"a\":1}", "{\"a\":1", 1},
        {"{\"l\":1}", "{", 0},
        {"{\"l\":1,\"a\":2}", "{\"a\":2", 1},
        {"{\"a\":2,\"l\":1}", "{\"a\":2", 1},
        {"{\"a\":2 , \"l\":{\"a\":[1,2]}, \"b\" : \"}\\\\\" }", "{\"a\":2, \"b\" : \"}\\\\\"", 2},
        {"{\"l-metadata\":{},\"l-metadat\":1,\"ll\":2}", "{\"l-metadat\":1,\"ll\":2", 2},
        {"{\"\\u006c\":1,\"\\u006c-metadata\":2,\"\\n\":3}", "{\"\\n\":3", 1},
        {"{\"a\":\"l\\\"\",\"l\":[\"]\",\"\\\"\"]}", "{\"a\":\"l\\\"\"", 1},
        {"", NULL, 0},
        {"[1]", NULL, 0},
        {"{", NULL, 0},
        {"{\"a\"", NULL, 0},
        {"{\"a\":", NULL, 0},
        {"{\"a\":1", NULL, 0},
        {"{\"a\":1}x", NULL, 0},
        {"{\"a\":1,}", NULL, 0},
        {"{\"a\\", NULL, 0},
        {"{\"a\":]}", NULL, 0},
        {"{\"a\":1 \"b\":2", NULL, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;
        size_t members, size = strlen(cases[i].raw);
        char *exact = malloc(size + !size); /* so that a sanitizer sees a read past the end */
        bool ok;

        memcpy(exact, cases[i].raw, size);
        buf_init(&out, 4096);
        ok = line_splice(exact, size, "l", &out, &members);
        CHECK(cases[i].raw, ok == (cases[i].want != NULL));
        if (ok)
            CHECK_TEXT("  cut", out.data, cases[i].want);
        CHECK_INT("  members", members, cases[i].members);
        buf_release(&out);
        free(exact);
    }
}

int main(void)
{
    if (!make_labels())
        return 1;
    test_splice();
    test_manifests();
    test_rows();
    test_round_trip();
    arena_release(&arena);
    return check_done();
}
