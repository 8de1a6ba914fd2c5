/* test_export_tree.c - the output tree as tar and as folder, exports into files, and failures on
 * the way. */
#include "export_items.h"

#include "plumbline/exchange/tree.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <unistd.h>

static char root[] = "/tmp/plumbline-test-XXXXXX";
static const int apple[] = {0}, pear[] = {1};
static const double sure[] = {0.87};

static const struct export_answer answers[] = {
    {.worker = "person_4",
     .accepted_us = INT64_C(1793607255204000),
     .submitted_us = INT64_C(1793607298330000),
     .seconds = 37.912,
     .answer = {pear, 1}},
    {.worker = "person_9",
     .issuer = "https://idp.example.org",
     .sub = "5b6c",
     .accepted_us = INT64_C(1793607255204000),
     .submitted_us = INT64_C(1793607329000000),
     .seconds = 4,
     .answer = {apple, 1}},
};

static const struct export_item labelled[] = {
    {.line = 0,
     RAW("{\"source-ref\":\"s3://b/1.jpg\"}"),
     .key = "#a.1",
     .origin = EXPORT_HUMAN,
     .iteration = 1,
     .answers = answers,
     .answer_count = 2,
     .label = {.classes = {pear, 1}, .confidence = sure, .created_us = INT64_C(1793607330120000)}},
    {.line = 1,
     RAW("{\"source-ref\":\"s3://b/2.jpg\"}"),
     .key = "#b.1",
     .origin = EXPORT_MACHINE,
     .label = {.classes = {apple, 1}, .created_us = INT64_C(1793607331120000)}},
    {.line = 2,
     RAW("{\"source-ref\":\"s3://b/3.jpg\"}"),
     .key = "#c.1",
     .origin = EXPORT_HUMAN,
     .iteration = 2,
     .answers = answers,
     .answer_count = 1,
     .label = {.classes = {pear, 1}, .created_us = INT64_C(1793607332120000)}},
    {.line = 3,
     RAW("{\"source-ref\":\"s3://b/4.jpg\"}"),
     .key = "#d.1",
     .origin = EXPORT_HUMAN,
     .iteration = 1,
     .answers = answers + 1,
     .answer_count = 1,
     .label = {.classes = {apple, 1}, .created_us = INT64_C(1793607329120000)}},
};

static const char *const tree_paths =
    "annotations/worker-response/iteration-1/0/2026-11-02_08:15:29.json\n"
    "annotations/worker-response/iteration-2/2/2026-11-02_08:14:58.json\n"
    "annotations/worker-response/iteration-1/3/2026-11-02_08:15:29.json\n"
    "annotations/consolidated-annotation/consolidation-request/iteration-1/"
    "2026-11-02_08:15:30.json\n"
    "annotations/consolidated-annotation/consolidation-response/iteration-1/"
    "2026-11-02_08:15:30.json\n"
    "annotations/intermediate/1/annotations.json\n"
    "annotations/consolidated-annotation/consolidation-request/iteration-2/"
    "2026-11-02_08:15:32.json\n"
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

/* The template names its element: answers stand under that name. */
static void test_element(void)
{
    struct export_options options = options_for(EXPORT_TREE, "image-classification");
    const char *response, *asked;
    struct export_result result;
    struct buf tar;

    options.element = "my \"Answer\"";
    run(&options, labelled, COUNT(labelled), &tar, &result, NULL);
    response = tar_entry(
        &tar, "annotations/worker-response/iteration-1/0/2026-11-02_08:15:29.json", NULL);
    CHECK("a worker response under the element's name",
          response && strstr(response, "\"answerContent\":{\"my \\\"Answer\\\"\":{\"label\":") &&
              !strstr(response, "crowd-image-classifier"));
    asked = tar_entry(&tar,
                      "annotations/consolidated-annotation/consolidation-request/iteration-2/"
                      "2026-11-02_08:15:32.json",
                      NULL);
    CHECK("and a consolidation request",
          asked && strstr(asked, "Answer") && !strstr(asked, "crowd-image-classifier"));
    buf_release(&tar);
}

static void test_tree(void)
{
    struct export_options options = options_for(EXPORT_TREE, "image-classification");
    struct export_options plain = options_for(EXPORT_MANIFEST, "image-classification");
    struct buf tar, paths, manifest;
    struct export_result result, of_manifest;
    struct list list = {labelled, COUNT(labelled), 0};
    struct export_source source = {.ctx = &list, .next = list_next};
    char folder[600];

    buf_init(&paths, 1 << 16);
    golden("a tree", &options, labelled, COUNT(labelled), NULL);
    run(&options, labelled, COUNT(labelled), &tar, &result, NULL);
    run(&plain, labelled, COUNT(labelled), &manifest, &of_manifest, NULL);
    CHECK_TEXT("output.manifest is the manifest",
               tar_entry(&tar, "manifests/output/output.manifest", &paths), manifest.data);
    CHECK_TEXT("the tar's entries", paths.data, tree_paths);
    CHECK_TEXT("a worker response",
               tar_entry(&tar,
                         "annotations/worker-response/iteration-1/0/"
                         "2026-11-02_08:15:29.json",
                         NULL),
               worker_response);
    CHECK_TEXT("a consolidation request",
               tar_entry(&tar,
                         "annotations/consolidated-annotation/consolidation-request/"
                         "iteration-2/2026-11-02_08:15:32.json",
                         NULL),
               request);
    CHECK_TEXT("its response",
               tar_entry(&tar,
                         "annotations/consolidated-annotation/consolidation-response/"
                         "iteration-2/2026-11-02_08:15:32.json",
                         NULL),
               "[{\"datasetObjectId\":\"2\",\"consolidatedAnnotation\":{\"content\":{\"fruit\":1,"
               "\"fruit-metadata\":{\"class-name\":\"pear\",\"confidence\":0.00,\"type\":"
               "\"groundtruth/image-classification\",\"job-name\":\"labeling-job/fruit-1\","
               "\"human-annotated\":\"yes\",\"creation-date\":\"2026-11-02T08:15:32.120000\"}}}}]");
    snprintf(folder, sizeof folder, "%s/out", root);
    CHECK("the same as a folder", export_write_path(&options, &source, folder, &result, NULL));
    CHECK_TEXT("  its manifest", file_text("out/manifests/output/output.manifest"), manifest.data);
    CHECK_TEXT("  the manifest's digest", result.sha256, of_manifest.sha256);
    CHECK_TEXT("  a request",
               file_text("out/annotations/consolidated-annotation/consolidation-"
                         "request/iteration-2/2026-11-02_08:15:32.json"),
               request);
    CHECK("  nothing half done is left", !file_text("out/manifests/output/.output.manifest.part"));
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
    struct export_source source = {.ctx = &i, .next = many_next};
    struct buf tar;
    struct export_sink sink = {&tar, to_buf};
    const char *text;
    json_t *list;
    bool ordered = true;

    buf_init(&tar, 64 << 20);
    CHECK("five thousand items", export_write(&options, &source, &sink, NULL, NULL));
    text = tar_entry(&tar,
                     "annotations/consolidated-annotation/consolidation-request/iteration-2/"
                     "2026-11-02_08:15:30.json",
                     NULL);
    list = text ? json_loads(text, 0, NULL) : NULL;
    n = json_array_size(list);
    CHECK_INT("  half of them in the second iteration", n, 2500);
    for (size_t k = 0; k < n; k++)
        ordered = ordered && (size_t)atoi(json_string_value(json_object_get(
                                 json_array_get(list, k), "datasetObjectId"))) == 2 * k + 1;
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
        struct export_source good = {.ctx = &list, .next = list_next}, broken = {.ctx = &calls, .next = broken_next};
        struct export_sink sink = {NULL, full};
        struct error err = {0}, other = {0}, third = {0};
        struct buf out;

        CHECK(export_formats[formats[i]], !export_write(&options, &good, &sink, NULL, &err));
        CHECK_TEXT("  the sink's error", err.code, "export.full");
        snprintf(path, sizeof path, "%s/failed.tar", root);
        CHECK("  a broken source", !export_write_path(&options, &broken, path, NULL, &other));
        CHECK_TEXT("  its error", other.code, "source.broken");
        CHECK("  no file is left", access(path, F_OK) != 0);
        CHECK("  a class outside the set",
              !run(&options, &bad, 1, &out, NULL, &third) && third.status == 500);
        buf_release(&out);
    }
}

static void test_path(void)
{
    struct export_options options = options_for(EXPORT_MANIFEST, "image-classification");
    struct list list = {labelled, COUNT(labelled), 0};
    struct export_source source = {.ctx = &list, .next = list_next};
    struct buf out;
    char path[600];

    snprintf(path, sizeof path, "%s/x.manifest", root);
    CHECK("into a file", export_write_path(&options, &source, path, NULL, NULL));
    run(&options, labelled, COUNT(labelled), &out, NULL, NULL);
    CHECK_TEXT("  the same bytes", file_text("x.manifest"), out.data);
    buf_release(&out);
    list.at = 0;
    CHECK("into a folder that is not there",
          !export_write_path(&options, &source, "/nowhere/x.manifest", NULL, NULL));
}

/* A tree's tar as its files: the paths one a line, and the bytes of the last. */
struct read_back {
    struct buf paths, last;
    int        stop_at; /* refuses this file */
};

static bool read_file(void *ctx, struct tree_file *file, struct error *err)
{
    struct read_back *r = ctx;
    char piece[7];
    size_t n;

    if (--r->stop_at == 0)
        return error_set(err, 409, "test.stop", "", "stop");
    buf_printf(&r->paths, "%s\n", file->path);
    buf_clear(&r->last);
    while (tree_file_read(file, piece, sizeof piece, &n, err) && n > 0)
        buf_add(&r->last, piece, n);
    return err->status == 0 && (int64_t)r->last.size == file->size;
}

static void test_read_back(void)
{
    struct export_options options = options_for(EXPORT_TREE, "image-classification");
    struct export_options plain = options_for(EXPORT_MANIFEST, "image-classification");
    struct list list = {labelled, COUNT(labelled), 0};
    struct export_source source = {.ctx = &list, .next = list_next};
    struct read_back r = {0}, stopped = {.stop_at = 2};
    struct error err = {0}, why = {0};
    struct buf manifest;
    char path[600];

    snprintf(path, sizeof path, "%s/whole.tar", root);
    buf_init(&r.paths, 1 << 16);
    buf_init(&r.last, 1 << 16);
    stopped.paths = r.paths;
    stopped.last = r.last;
    run(&plain, labelled, COUNT(labelled), &manifest, NULL, NULL);
    CHECK("a tar of a tree", export_write_path(&options, &source, path, NULL, &err));
    CHECK("  is read back", tree_read(path, read_file, &r, &err));
    CHECK_TEXT("  file by file", r.paths.data, tree_paths);
    CHECK_TEXT("  the manifest last", r.last.data, manifest.data);
    CHECK("  a refused file ends it", !tree_read(path, read_file, &stopped, &why));
    CHECK_TEXT("  with its error", why.code, "test.stop");
    CHECK("  what is no tar is told", !tree_read("/dev/null/x", read_file, &r, &why));
    buf_release(&r.paths);
    buf_release(&r.last);
    buf_release(&stopped.paths);
    buf_release(&stopped.last);
    buf_release(&manifest);
}

int main(void)
{
    char command[100];

    if (!mkdtemp(root) || !make_labels())
        return 1;
    test_tree();
    test_element();
    test_spool();
    test_read_back();
    test_failures();
    test_path();
    snprintf(command, sizeof command, "rm -rf %s", root);
    CHECK("cleaned up", system(command) == 0);
    arena_release(&arena);
    return check_done();
}
