/* test_export.c - golden exports of all four types, and what must hold for every export: round trip,
 * same bytes each time, input bytes untouched. */
#include "../../../server/exchange/splice.h"
#include "../check.h"

#include "plumbline/exchange/export.h"
#include "plumbline/exchange/manifest.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static struct label_set set;
static char root[] = "/tmp/plumbline-test-XXXXXX";

static const int64_t created = INT64_C(1793607330120000); /* 2026-11-02T08:15:30.12Z */
static const int apple[] = {0}, pear[] = {1}, both[] = {0, 2};
static const double sure[] = {0.87}, map[] = {0.95, 0.4}, p_one[] = {0.912345678},
                    p_map[] = {0.98, 0.31};

/* A list of items as a source. */
struct list {
    const struct export_item *v;
    size_t                    n, at;
};

static bool list_next(void *ctx, struct export_item *item, bool *end, struct error *err)
{
    struct list *l = ctx;

    (void)err;
    *end = l->at == l->n;
    if (!*end)
        *item = l->v[l->at++];
    return true;
}

static bool to_buf(void *ctx, const void *bytes, size_t size, struct error *err)
{
    return buf_add(ctx, bytes, size) || error_internal(err, "full");
}

static bool run(const struct export_options *options, const struct export_item *v, size_t n,
                struct buf *out, struct export_result *result, struct error *err)
{
    struct list list = {v, n, 0};
    struct export_source source = {&list, list_next};
    struct export_sink sink = {out, to_buf};

    buf_init(out, 16 << 20);
    return export_write(options, &source, &sink, result, err);
}

static struct export_options options_for(enum export_format format, const char *type)
{
    return (struct export_options){.format = format, .type = task_type_find(type), .labels = &set,
                                   .job = "fruit-1", .attribute = "fruit"};
}

#define RAW(text) .raw = (text), .raw_size = sizeof(text) - 1

#define META(type, by) "\"type\":\"groundtruth/" type "\",\"job-name\":\"labeling-job/fruit-1\","       \
                       "\"human-annotated\":\"" by "\",\"creation-date\":\"2026-11-02T08:15:30.120000\""

static const struct export_item single[] = {
    {.line = 0, RAW("{\"source-ref\":\"s3://orchard/img/0001.jpg\"}"), .key = "#a.1",
     .origin = EXPORT_HUMAN, .posterior = p_one, .iteration = 1,
     .label = {.classes = {pear, 1}, .confidence = sure, .created_us = INT64_C(1793607330120000)}},
    {.line = 1, RAW("{ \"source-ref\" : \"b.jpg\", \"w\": 0.10 , \"fruit-metadata\":{\"x\":[\"}\"]}}"),
     .key = "#b.1", .origin = EXPORT_MACHINE,
     .label = {.classes = {apple, 1}, .created_us = INT64_C(1793607330120000), .model = "model_7",
               .round = 3, .estimate = 0.9534}},
    {.line = 2, RAW("{\"fruit\":1, \"source-ref\":\"c.jpg\"}"), .key = "#c.1",
     .origin = EXPORT_HUMAN,
     .label = {.classes = {apple, 1}, .created_us = INT64_C(1793607330120000)}},
    {.line = 3, RAW("{\"source-ref\":\"d.jpg\",\"id\":\"D\"}"), .key = "D", .origin = EXPORT_NONE},
    {.line = 4, RAW("{\"source-ref\":\"e.jpg\"}"), .key = "#e.1", .origin = EXPORT_FAILED,
     .failure = "ClientError: Annotation tasks expired", .retries = 1,
     .failed_us = INT64_C(1793607330120000)},
    {.line = 5, RAW(""), .key = "#f.1", .origin = EXPORT_FAILED, .failure = "The line is not JSON.",
     .failed_us = INT64_C(1793607330120000)},
    {.line = 6, RAW("{\"source-ref\":\"g.jpg\",\"fruit\":\"pear\"}"), .key = "#g.1",
     .origin = EXPORT_KEPT},
};

static const char single_manifest[] =
    "{\"source-ref\":\"s3://orchard/img/0001.jpg\",\"fruit\":1,\"fruit-metadata\":{\"class-name\":"
    "\"pear\",\"confidence\":0.87," META("image-classification", "yes") "}}\n"
    "{ \"source-ref\" : \"b.jpg\", \"w\": 0.10,\"fruit\":0,\"fruit-metadata\":{\"class-name\":\"apple\","
    "\"confidence\":0.00," META("image-classification", "no") ",\"model-id\":\"model_7\",\"round\":3,"
    "\"estimate\":0.9534}}\n"
    "{ \"source-ref\":\"c.jpg\",\"fruit\":0,\"fruit-metadata\":{\"class-name\":\"apple\","
    "\"confidence\":0.00," META("image-classification", "yes") "}}\n"
    "{\"source-ref\":\"d.jpg\",\"id\":\"D\"}\n"
    "{\"source-ref\":\"e.jpg\",\"fruit-metadata\":{\"failure-reason\":\"ClientError: Annotation tasks "
    "expired\",\"retry-count\":1,\"human-annotated\":\"yes\",\"job-name\":\"labeling-job/fruit-1\","
    "\"type\":\"groundtruth/image-classification\",\"creation-date\":\"2026-11-02T08:15:30.120000\"}}\n"
    "{\"fruit-metadata\":{\"failure-reason\":\"The line is not JSON.\",\"retry-count\":0,"
    "\"human-annotated\":\"yes\",\"job-name\":\"labeling-job/fruit-1\",\"type\":"
    "\"groundtruth/image-classification\",\"creation-date\":\"2026-11-02T08:15:30.120000\"}}\n"
    "{\"source-ref\":\"g.jpg\",\"fruit\":\"pear\"}\n";

static const struct export_item multi[] = {
    {.line = 0, RAW("{\"source\":\"=1+1, \\\"x\\\"\",\"id\":7}"), .key = "7", .origin = EXPORT_HUMAN,
     .posterior = p_map,
     .label = {.classes = {both, 2}, .confidence = map, .created_us = INT64_C(1793607330120000)}},
    {.line = 1, RAW("{\"source\":\" b\"}"), .key = "#b.1", .origin = EXPORT_HUMAN,
     .label = {.created_us = INT64_C(1793607330120000)}},
    {.line = 2, RAW("{\"source\":\"c\",\"fruit\":[\"pear\"]}"), .key = "#c.1", .origin = EXPORT_KEPT},
};

static const char multi_manifest[] =
    "{\"source\":\"=1+1, \\\"x\\\"\",\"id\":7,\"fruit\":[0,2],\"fruit-metadata\":{\"class-map\":{\"0\":"
    "\"apple\",\"2\":\"leaf, green\"},\"confidence-map\":{\"0\":0.95,\"2\":0.40},"
    META("text-classification-multilabel", "yes") "}}\n"
    "{\"source\":\" b\",\"fruit\":[],\"fruit-metadata\":{\"class-map\":{},\"confidence-map\":{},"
    META("text-classification-multilabel", "yes") "}}\n"
    "{\"source\":\"c\",\"fruit\":[\"pear\"]}\n";

/* Writes twice: wanted bytes, the same bytes again, and the digest of just those. */
static void golden(const char *name, const struct export_options *options,
                   const struct export_item *v, size_t n, const char *want)
{
    struct export_result result, again;
    struct error err = {0};
    struct buf out, second;
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[65];

    CHECK(name, run(options, v, n, &out, &result, &err));
    if (err.status)
        printf("# %s\n", err.message);
    if (want)
        CHECK_TEXT("  bytes", out.size ? out.data : "", want);
    CHECK("  the same again", run(options, v, n, &second, &again, &err) && out.size == second.size &&
                                  (out.size == 0 || memcmp(out.data, second.data, out.size) == 0));
    crypto_hash_sha256(digest, (const unsigned char *)out.data, out.size);
    CHECK_TEXT("  digest", result.sha256, sodium_bin2hex(hex, sizeof hex, digest, sizeof digest));
    CHECK_INT("  size", result.bytes, out.size);
    buf_release(&out);
    buf_release(&second);
}

static void test_manifests(void)
{
    struct export_options image = options_for(EXPORT_MANIFEST, "image-classification");
    struct export_options text = options_for(EXPORT_MANIFEST, "text-classification-multilabel");
    struct export_options text_one = options_for(EXPORT_MANIFEST, "text-classification");
    struct export_options image_many = options_for(EXPORT_MANIFEST,
                                                   "image-classification-multilabel");
    struct export_result result;
    struct buf out;

    golden("image, single", &image, single, COUNT(single), single_manifest);
    golden("text, multi-label", &text, multi, COUNT(multi), multi_manifest);
    golden("text, single", &text_one,
           &(struct export_item){RAW("{\"source\":\"a\"}"), .key = "k", .origin = EXPORT_HUMAN,
                                 .label = {.classes = {pear, 1}, .created_us = created}}, 1,
           "{\"source\":\"a\",\"fruit\":1,\"fruit-metadata\":{\"class-name\":\"pear\",\"confidence\":"
           "0.00," META("text-classification", "yes") "}}\n");
    golden("image, multi-label", &image_many,
           &(struct export_item){RAW("{\"source-ref\":\"a.png\"}"), .key = "k",
                                 .origin = EXPORT_HUMAN,
                                 .label = {.classes = {both, 2}, .confidence = map,
                                           .created_us = created}}, 1,
           "{\"source-ref\":\"a.png\",\"fruit\":[0,2],\"fruit-metadata\":{\"class-map\":{\"0\":\"apple\","
           "\"2\":\"leaf, green\"},\"confidence-map\":{\"0\":0.95,\"2\":0.40},"
           META("image-classification-multilabel", "yes") "}}\n");
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

    golden("jsonl, single", &image, single, COUNT(single),
           "{\"line\":0,\"key\":\"#a.1\",\"source-ref\":\"s3://orchard/img/0001.jpg\",\"label\":\"pear\","
           "\"confidence\":0.87,\"posterior\":0.912346,\"origin\":\"human\",\"answers\":0,\"created\":"
           "\"2026-11-02T08:15:30.120Z\"}\n"
           "{\"line\":1,\"key\":\"#b.1\",\"source-ref\":\"b.jpg\",\"label\":\"apple\",\"origin\":"
           "\"machine\",\"answers\":0,\"model\":\"model_7\",\"round\":3,\"estimate\":0.9534,\"created\":"
           "\"2026-11-02T08:15:30.120Z\"}\n"
           "{\"line\":2,\"key\":\"#c.1\",\"source-ref\":\"c.jpg\",\"label\":\"apple\",\"origin\":\"human\","
           "\"answers\":0,\"created\":\"2026-11-02T08:15:30.120Z\"}\n"
           "{\"line\":3,\"id\":\"D\",\"source-ref\":\"d.jpg\",\"origin\":\"unlabelled\",\"answers\":0}\n"
           "{\"line\":4,\"key\":\"#e.1\",\"source-ref\":\"e.jpg\",\"origin\":\"failed\",\"answers\":0,"
           "\"failure\":\"ClientError: Annotation tasks expired\"}\n"
           "{\"line\":5,\"key\":\"#f.1\",\"origin\":\"failed\",\"answers\":0,\"failure\":\"The line is not "
           "JSON.\"}\n"
           "{\"line\":6,\"key\":\"#g.1\",\"source-ref\":\"g.jpg\",\"label\":\"pear\",\"origin\":\"kept\","
           "\"answers\":0}\n");
    golden("jsonl, multi-label", &text, multi, COUNT(multi),
           "{\"line\":0,\"id\":\"7\",\"source\":\"=1+1, \\\"x\\\"\",\"label\":[\"apple\"],\"confidence\":"
           "{\"apple\":0.95,\"leaf, green\":0.40},\"posterior\":{\"apple\":0.980000,\"leaf, green\":"
           "0.310000},\"origin\":\"human\",\"answers\":0,\"created\":\"2026-11-02T08:15:30.120Z\"}\n"
           "{\"line\":1,\"key\":\"#b.1\",\"source\":\" b\",\"label\":[],\"origin\":\"human\",\"answers\":0,"
           "\"created\":\"2026-11-02T08:15:30.120Z\"}\n"
           "{\"line\":2,\"key\":\"#c.1\",\"source\":\"c\",\"label\":[\"pear\"],\"origin\":\"kept\","
           "\"answers\":0}\n");
    image.format = text.format = EXPORT_CSV;
    golden("csv, single", &image, single, 5,
           "line,id,source,source-ref,label,confidence,posterior,origin,answers,model,round,estimate,"
           "created,failure\r\n"
           "0,,,s3://orchard/img/0001.jpg,pear,0.87,0.912346,human,0,,,,2026-11-02T08:15:30.120Z,\r\n"
           "1,,,b.jpg,apple,,,machine,0,model_7,3,0.9534,2026-11-02T08:15:30.120Z,\r\n"
           "2,,,c.jpg,apple,,,human,0,,,,2026-11-02T08:15:30.120Z,\r\n"
           "3,D,,d.jpg,,,,unlabelled,0,,,,,\r\n"
           "4,,,e.jpg,,,,failed,0,,,,,ClientError: Annotation tasks expired\r\n");
    golden("csv, multi-label, formulas made harmless", &text, multi, COUNT(multi),
           "line,id,source,source-ref,label,confidence,posterior,origin,answers,model,round,estimate,"
           "created,failure\r\n"
           "0,7,\"'=1+1, \"\"x\"\"\",,\"[\"\"apple\"\"]\",\"{\"\"apple\"\":0.95,\"\"leaf, green\"\":0.40}\","
           "\"{\"\"apple\"\":0.980000,\"\"leaf, green\"\":0.310000}\",human,0,,,,"
           "2026-11-02T08:15:30.120Z,\r\n"
           "1,,\" b\",,[],,,human,0,,,,2026-11-02T08:15:30.120Z,\r\n"
           "2,,c,,\"[\"\"pear\"\"]\",,,kept,0,,,,,\r\n");
    text.csv_plain = true;
    golden("csv, plain", &text, multi, 1,
           "line,id,source,source-ref,label,confidence,posterior,origin,answers,model,round,estimate,"
           "created,failure\r\n"
           "0,7,\"=1+1, \"\"x\"\"\",,\"[\"\"apple\"\"]\",\"{\"\"apple\"\":0.95,\"\"leaf, green\"\":0.40}\","
           "\"{\"\"apple\"\":0.980000,\"\"leaf, green\"\":0.310000}\",human,0,,,,"
           "2026-11-02T08:15:30.120Z,\r\n");
}

/* Round trip: what was exported, read again, has the same labels. */
struct back {
    const struct task_type *type;
    const char             *attribute;
    struct buf              seen;
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
        size_t      members;
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
        {"", NULL, 0}, {"[1]", NULL, 0}, {"{", NULL, 0}, {"{\"a\"", NULL, 0}, {"{\"a\":", NULL, 0},
        {"{\"a\":1", NULL, 0}, {"{\"a\":1}x", NULL, 0}, {"{\"a\":1,}", NULL, 0},
        {"{\"a\\", NULL, 0}, {"{\"a\":]}", NULL, 0}, {"{\"a\":1 \"b\":2", NULL, 0},
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

static const struct export_answer answers[] = {
    {.worker = "person_4", .accepted_us = INT64_C(1793607255204000),
     .submitted_us = INT64_C(1793607298330000), .seconds = 37.912, .answer = {pear, 1}},
    {.worker = "person_9", .issuer = "https://idp.example.org", .sub = "5b6c",
     .accepted_us = INT64_C(1793607255204000), .submitted_us = INT64_C(1793607329000000),
     .seconds = 4, .answer = {apple, 1}},
};

static const struct export_item labelled[] = {
    {.line = 0, RAW("{\"source-ref\":\"s3://b/1.jpg\"}"), .key = "#a.1", .origin = EXPORT_HUMAN,
     .iteration = 1, .answers = answers, .answer_count = 2,
     .label = {.classes = {pear, 1}, .confidence = sure, .created_us = INT64_C(1793607330120000)}},
    {.line = 1, RAW("{\"source-ref\":\"s3://b/2.jpg\"}"), .key = "#b.1", .origin = EXPORT_MACHINE,
     .label = {.classes = {apple, 1}, .created_us = INT64_C(1793607331120000)}},
    {.line = 2, RAW("{\"source-ref\":\"s3://b/3.jpg\"}"), .key = "#c.1", .origin = EXPORT_HUMAN,
     .iteration = 2, .answers = answers, .answer_count = 1,
     .label = {.classes = {pear, 1}, .created_us = INT64_C(1793607332120000)}},
    {.line = 3, RAW("{\"source-ref\":\"s3://b/4.jpg\"}"), .key = "#d.1", .origin = EXPORT_HUMAN,
     .iteration = 1, .answers = answers + 1, .answer_count = 1,
     .label = {.classes = {apple, 1}, .created_us = INT64_C(1793607329120000)}},
};

static const char *const tree_paths =
    "annotations/worker-response/iteration-1/0/2026-11-02_08:15:29.json\n"
    "annotations/worker-response/iteration-2/2/2026-11-02_08:14:58.json\n"
    "annotations/worker-response/iteration-1/3/2026-11-02_08:15:29.json\n"
    "annotations/consolidated-annotation/consolidation-request/iteration-1/2026-11-02_08:15:30.json\n"
    "annotations/consolidated-annotation/consolidation-response/iteration-1/"
    "2026-11-02_08:15:30.json\n"
    "annotations/intermediate/1/annotations.json\n"
    "annotations/consolidated-annotation/consolidation-request/iteration-2/2026-11-02_08:15:32.json\n"
    "annotations/consolidated-annotation/consolidation-response/iteration-2/"
    "2026-11-02_08:15:32.json\n"
    "annotations/intermediate/2/annotations.json\n"
    "manifests/output/output.manifest\n";

static const char worker_response[] =
    "{\"answers\":[{\"acceptanceTime\":\"2026-11-02T08:14:15.204Z\",\"submissionTime\":"
    "\"2026-11-02T08:14:58.330Z\",\"timeSpentInSeconds\":37.912,\"workerId\":\"person_4\","
    "\"answerContent\":{\"crowd-image-classifier\":{\"label\":\"pear\"}}},{\"acceptanceTime\":"
    "\"2026-11-02T08:14:15.204Z\",\"submissionTime\":\"2026-11-02T08:15:29.000Z\","
    "\"timeSpentInSeconds\":4.000,\"workerId\":\"person_9\",\"workerMetadata\":{\"identityData\":"
    "{\"identityProviderType\":\"Oidc\",\"issuer\":\"https://idp.example.org\",\"sub\":\"5b6c\"}},"
    "\"answerContent\":{\"crowd-image-classifier\":{\"label\":\"apple\"}}}]}";

static const char request[] =
    "[{\"datasetObjectId\":\"2\",\"dataObject\":{\"s3Uri\":\"s3://b/3.jpg\"},\"annotations\":"
    "[{\"workerId\":\"person_4\",\"annotationData\":{\"content\":\"{\\\"crowd-image-classifier\\\":"
    "{\\\"label\\\":\\\"pear\\\"}}\"}}]}]";

/* The entry's bytes, and all paths one a line in *paths. */
static const char *tar_entry(const struct buf *tar, const char *path, struct buf *paths)
{
    struct archive *in = archive_read_new();
    struct archive_entry *entry;
    const char *found = NULL;

    archive_read_support_format_tar(in);
    archive_read_open_memory(in, tar->data, tar->size);
    while (archive_read_next_header(in, &entry) == ARCHIVE_OK) {
        size_t size = (size_t)archive_entry_size(entry);
        char *text = arena_alloc(&arena, size + 1);

        if (paths)
            buf_printf(paths, "%s\n", archive_entry_pathname(entry));
        if (strcmp(archive_entry_pathname(entry), path) == 0 &&
            archive_read_data(in, text, size) == (la_ssize_t)size)
            found = text;
    }
    archive_read_free(in);
    return found;
}

static const char *file_text(const char *path)
{
    char full[700], *text = arena_alloc(&arena, 1 << 16);
    FILE *in;
    size_t n;

    snprintf(full, sizeof full, "%s/%s", root, path);
    in = fopen(full, "r");
    if (!in)
        return NULL;
    n = fread(text, 1, (1 << 16) - 1, in);
    text[n] = '\0';
    fclose(in);
    return text;
}

static void test_tree(void)
{
    struct export_options options = options_for(EXPORT_TREE, "image-classification");
    struct export_options plain = options_for(EXPORT_MANIFEST, "image-classification");
    struct buf tar, paths, manifest;
    struct export_result result, of_manifest;
    struct list list = {labelled, COUNT(labelled), 0};
    struct export_source source = {&list, list_next};
    char folder[600];

    buf_init(&paths, 1 << 16);
    golden("a tree", &options, labelled, COUNT(labelled), NULL);
    run(&options, labelled, COUNT(labelled), &tar, &result, NULL);
    run(&plain, labelled, COUNT(labelled), &manifest, &of_manifest, NULL);
    CHECK_TEXT("output.manifest is the manifest",
               tar_entry(&tar, "manifests/output/output.manifest", &paths), manifest.data);
    CHECK_TEXT("the tar's entries", paths.data, tree_paths);
    CHECK_TEXT("a worker response", tar_entry(&tar, "annotations/worker-response/iteration-1/0/"
                                                    "2026-11-02_08:15:29.json", NULL),
               worker_response);
    CHECK_TEXT("a consolidation request",
               tar_entry(&tar, "annotations/consolidated-annotation/consolidation-request/"
                               "iteration-2/2026-11-02_08:15:32.json", NULL), request);
    CHECK_TEXT("its response",
               tar_entry(&tar, "annotations/consolidated-annotation/consolidation-response/"
                               "iteration-2/2026-11-02_08:15:32.json", NULL),
               "[{\"datasetObjectId\":\"2\",\"consolidatedAnnotation\":{\"content\":{\"fruit\":1,"
               "\"fruit-metadata\":{\"class-name\":\"pear\",\"confidence\":0.00,\"type\":"
               "\"groundtruth/image-classification\",\"job-name\":\"labeling-job/fruit-1\","
               "\"human-annotated\":\"yes\",\"creation-date\":\"2026-11-02T08:15:32.120000\"}}}}]");
    snprintf(folder, sizeof folder, "%s/out", root);
    CHECK("the same as a folder", export_write_path(&options, &source, folder, &result, NULL));
    CHECK_TEXT("  its manifest", file_text("out/manifests/output/output.manifest"), manifest.data);
    CHECK_TEXT("  the manifest's digest", result.sha256, of_manifest.sha256);
    CHECK_TEXT("  a request", file_text("out/annotations/consolidated-annotation/consolidation-"
                                        "request/iteration-2/2026-11-02_08:15:32.json"), request);
    CHECK("  nothing half done is left",
          !file_text("out/manifests/output/.output.manifest.part"));
    buf_release(&tar);
    buf_release(&paths);
    buf_release(&manifest);
}

/* Many items over two iterations, made on the fly: spooled pieces must come back in order. */
static bool many_next(void *ctx, struct export_item *item, bool *end, struct error *err)
{
    static char raw[64];
    int *i = ctx;

    (void)err;
    *end = *i == 5000;
    *item = labelled[0];
    item->line = *i;
    item->iteration = *i % 2 + 1;
    item->raw_size = (size_t)snprintf(raw, sizeof raw, "{\"source-ref\":\"%d.jpg\"}", (*i)++);
    item->raw = raw;
    return true;
}

static void test_spool(void)
{
    struct export_options options = options_for(EXPORT_TREE, "image-classification");
    int i = 0;
    size_t n;
    struct export_source source = {&i, many_next};
    struct buf tar;
    struct export_sink sink = {&tar, to_buf};
    const char *text;
    json_t *list;
    bool ordered = true;

    buf_init(&tar, 64 << 20);
    CHECK("five thousand items", export_write(&options, &source, &sink, NULL, NULL));
    text = tar_entry(&tar, "annotations/consolidated-annotation/consolidation-request/iteration-2/"
                           "2026-11-02_08:15:30.json", NULL);
    list = text ? json_loads(text, 0, NULL) : NULL;
    n = json_array_size(list);
    CHECK_INT("  half of them in the second iteration", n, 2500);
    for (size_t k = 0; k < n; k++)
        ordered = ordered &&
                  (size_t)atoi(json_string_value(json_object_get(json_array_get(list, k),
                                                                 "datasetObjectId"))) == 2 * k + 1;
    CHECK("  in order", ordered);
    json_decref(list);
    buf_release(&tar);
}

static bool full(void *ctx, const void *bytes, size_t size, struct error *err)
{
    (void)ctx;
    (void)bytes;
    (void)size;
    return error_set(err, 507, "export.full", "", "no space");
}

static bool broken_next(void *ctx, struct export_item *item, bool *end, struct error *err)
{
    (void)item;
    *end = false;
    return (*(int *)ctx)++ < 1 ? (*item = labelled[0], true)
                               : error_set(err, 503, "source.broken", "", "gone");
}

static void test_failures(void)
{
    static const enum export_format formats[] = {EXPORT_MANIFEST, EXPORT_TREE, EXPORT_JSONL,
                                                 EXPORT_CSV};
    static const int stray[] = {9};
    const struct export_item bad = {RAW("{}"), .key = "k", .origin = EXPORT_HUMAN,
                                    .label = {.classes = {stray, 1}}};
    char path[600];

    for (size_t i = 0; i < COUNT(formats); i++) {
        struct export_options options = options_for(formats[i], "image-classification");
        struct list list = {labelled, COUNT(labelled), 0};
        int calls = 0;
        struct export_source good = {&list, list_next}, broken = {&calls, broken_next};
        struct export_sink sink = {NULL, full};
        struct error err = {0}, other = {0}, third = {0};
        struct buf out;

        CHECK(export_formats[formats[i]], !export_write(&options, &good, &sink, NULL, &err));
        CHECK_TEXT("  the sink's error", err.code, "export.full");
        snprintf(path, sizeof path, "%s/failed.tar", root);
        CHECK("  a broken source", !export_write_path(&options, &broken, path, NULL, &other));
        CHECK_TEXT("  its error", other.code, "source.broken");
        CHECK("  no file is left", access(path, F_OK) != 0);
        CHECK("  a class outside the set", !run(&options, &bad, 1, &out, NULL, &third) &&
                                               third.status == 500);
        buf_release(&out);
    }
}

static void test_path(void)
{
    struct export_options options = options_for(EXPORT_MANIFEST, "image-classification");
    struct list list = {single, COUNT(single), 0};
    struct export_source source = {&list, list_next};
    char path[600];

    snprintf(path, sizeof path, "%s/x.manifest", root);
    CHECK("into a file", export_write_path(&options, &source, path, NULL, NULL));
    CHECK_TEXT("  the same bytes", file_text("x.manifest"), single_manifest);
    list.at = 0;
    CHECK("into a folder that is not there",
          !export_write_path(&options, &source, "/nowhere/x.manifest", NULL, NULL));
}

int main(void)
{
    json_t *labels = json_loads("[{\"name\":\"apple\"},{\"name\":\"pear\"},{\"name\":\"leaf, green\"}]", 0,
                                NULL);
    char command[100];

    arena_init(&arena);
    if (!mkdtemp(root) || !label_set_create(labels, &arena, &set, NULL))
        return 1;
    test_splice();
    test_manifests();
    test_rows();
    test_round_trip();
    test_tree();
    test_spool();
    test_failures();
    test_path();
    snprintf(command, sizeof command, "rm -rf %s", root);
    CHECK("cleaned up", system(command) == 0);
    json_decref(labels);
    arena_release(&arena);
    return check_done();
}
