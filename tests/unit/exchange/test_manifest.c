/* test_manifest.c - what cases in files cannot show: folders, paths, pipes, memory, keys. */
#include "../check.h"

#include "plumbline/base/buf.h"
#include "plumbline/exchange/manifest.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>


static char root[] = "/tmp/plumbline-test-XXXXXX";

static void put(const char *path, const char *text)
{
    char full[600], *slash;
    FILE *out;

    snprintf(full, sizeof full, "%s/%s", root, path);
    for (slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = '\0';
        mkdir(full, 0700);
    }
    out = fopen(full, "w");
    fputs(text, out);
    fclose(out);
}

static void link_to(const char *target, const char *path)
{
    char full[600];

    snprintf(full, sizeof full, "%s/%s", root, path);
    if (symlink(target, full) != 0)
        printf("# no symbolic link %s\n", full);
}

/* Everything seen, one line of text each: "line ref|text key" or "line code". */
static bool note_item(void *ctx, const struct manifest_item *item, struct error *err)
{
    (void)err;
    return buf_printf(ctx, "%lld %s%s%s\n", (long long)item->line, item->ref ? item->ref : "",
                      item->ref && item->text ? "=" : "", item->text ? item->text : "");
}

static bool note_bad(void *ctx, const struct manifest_bad *bad, struct error *err)
{
    (void)err;
    return buf_printf(ctx, "%lld %s\n", (long long)bad->line, bad->code);
}

static void test_folder(void)
{
    struct manifest_options options = {.media = TASK_IMAGE};
    struct buf seen;
    struct manifest_sink sink = {&seen, note_item, note_bad};
    struct error err = {0};
    char path[600];

    buf_init(&seen, 1 << 16);
    put("f/b.jpg", "");
    put("f/a/z.PNG", "");
    put("f/a/.hidden.jpg", "");
    put("f/.git/x.jpg", "");
    put("f/a.jpeg", "");
    put("f/a-b/q.jpg", "");
    put("f/n.txt", "hello");
    put("f/t/m.txt", "");
    put("outside.jpg", "");
    link_to("../outside.jpg", "f/out.jpg");
    link_to("a/z.PNG", "f/in.jpg");
    link_to("..", "f/up");
    link_to("nowhere.jpg", "f/gone.jpg");
    snprintf(path, sizeof path, "%s/f", root);
    CHECK("a folder of images", manifest_read_path(path, &options, &sink, NULL, &err));
    CHECK_TEXT("  in byte order of the paths, links out of it refused", seen.data,
               "0 a-b/q.jpg\n1 a.jpeg\n2 a/z.PNG\n3 b.jpg\n4 line.file\n5 in.jpg\n6 line.path\n");
    buf_clear(&seen);
    options.media = TASK_TEXT;
    options.load_text = true;
    CHECK("a folder of texts", manifest_read_path(path, &options, &sink, NULL, &err));
    CHECK_TEXT("  with what is in them", seen.data, "0 n.txt=hello\n1 line.text_empty\n");
    buf_clear(&seen);
    snprintf(path, sizeof path, "%s/f/a-b", root);
    CHECK("no text in it", !manifest_read_path(path, &options, &sink, NULL, &err));
    CHECK_TEXT("  says so", err.code, "source.invalid");
    CHECK("no such folder",
          !manifest_read_path("/nowhere/x", &options, &sink, NULL, &err) && err.status == 404);
    buf_release(&seen);
}

static void test_load(void)
{
    struct manifest_options options = {.media = TASK_TEXT, .load_text = true, .text_max = 10};
    struct buf seen;
    struct manifest_sink sink = {&seen, note_item, note_bad};
    struct error err = {0};
    char path[600];

    buf_init(&seen, 1 << 16);
    put("l/ok.txt", "\xEF\xBB\xBFten bytes!");
    put("l/long.txt", "eleven byte");
    put("l/bytes.txt", "\xFF");
    put("l/in.jsonl", "{\"source-ref\":\"ok.txt\"}\n{\"source-ref\":\"long.txt\"}\n"
                      "{\"source-ref\":\"bytes.txt\"}\n{\"source-ref\":\"none.txt\"}\n"
                      "{\"source-ref\":\"s3://b/t.txt\"}\n{\"source-ref\":\"../f\"}\n");
    snprintf(path, sizeof path, "%s/l/in.jsonl", root);
    CHECK("texts behind references", manifest_read_path(path, &options, &sink, NULL, &err));
    CHECK_TEXT("  each with its fault", seen.data,
               "0 ok.txt=ten bytes!\n1 line.text_too_long\n2 line.not_utf8\n3 line.file\n"
               "4 s3://b/t.txt\n5 line.path\n");
    buf_release(&seen);
}

static void test_resolve(void)
{
    static const struct {
        const char *ref, *code; /* NULL: fine */
    } refs[] = {{"b.jpg", NULL},
                {"./a/../b.jpg", NULL},
                {"in.jpg", NULL},
                {"../outside.jpg", "line.path"},
                {"out.jpg", "line.path"},
                {"up/outside.jpg", "line.path"},
                {"/etc/passwd", "line.path"},
                {"none.jpg", "line.file"},
                {"a", "line.file"},
                {"", "line.file"},
                {"b.jpg/x", "line.file"}};
    char base[600], out[PATH_MAX], want[700], real[PATH_MAX];
    struct error err = {0};

    snprintf(base, sizeof base, "%s/f", root);
    for (size_t i = 0; i < COUNT(refs); i++) {
        bool ok = manifest_resolve(base, refs[i].ref, out, &err);

        CHECK(refs[i].ref, refs[i].code ? !ok && strcmp(err.code, refs[i].code) == 0 : ok);
    }
    CHECK("real paths", realpath(base, real) != NULL);
    snprintf(want, sizeof want, "%.600s/a/z.PNG", real);
    CHECK("a link inside", manifest_resolve(base, "in.jpg", out, &err));
    CHECK_TEXT("  gives the file", out, want);
    CHECK("absolute and inside", manifest_resolve(base, want, out, &err));
    CHECK_TEXT("  is itself", out, want);
}

struct pump {
    int fd;
    size_t long_line; /* bytes of the one bad line, 0: none */
    int lines;
};

static void *pump_run(void *arg)
{
    struct pump *p = arg;
    FILE *out = fdopen(p->fd, "w");
    char *block = malloc(1 << 20);

    memset(block, 'x', 1 << 20);
    for (int i = 0; i < p->lines; i++) {
        if (i == 1 && p->long_line) {
            fputs("{\"source\":\"", out);
            for (size_t left = p->long_line; left > 0; left -= left < (1 << 20) ? left : 1 << 20)
                fwrite(block, 1, left < (1 << 20) ? left : 1 << 20, out);
            fputs("\"}\n", out);
        }
        fprintf(out, "{\"source\":\"text number %d\"}\n", i);
    }
    fclose(out);
    free(block);
    return NULL;
}

static int64_t resident_kb(void)
{
    FILE *in = fopen("/proc/self/statm", "r");
    long long total = 0, resident = 0;

    if (in && fscanf(in, "%lld %lld", &total, &resident) != 2)
        resident = 0;
    if (in)
        fclose(in);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static bool count_item(void *ctx, const struct manifest_item *item, struct error *err)
{
    int64_t now = resident_kb(), *peak = ctx;

    (void)err;
    if (item->line % 1000 == 0 || item->line < 5)
        *peak = now > *peak ? now : *peak;
    return true;
}

static bool count_bad(void *ctx, const struct manifest_bad *bad, struct error *err)
{
    int64_t now = resident_kb(), *peak = ctx;

    (void)err;
    *peak = now > *peak ? now : *peak;
    return strcmp(bad->code, "line.too_long") == 0 && bad->line == 1;
}

static bool read_pipe(struct pump *p, int64_t *grown, struct manifest_summary *summary)
{
    int64_t before = resident_kb(), peak = 0;
    struct manifest_sink sink = {&peak, count_item, count_bad};
    struct manifest_options options = {.media = TASK_TEXT};
    int ends[2];
    pthread_t thread;
    bool ok;

    if (pipe(ends) != 0)
        return false;
    p->fd = ends[1];
    pthread_create(&thread, NULL, pump_run, p);
    ok = manifest_read_fd(ends[0], NULL, &options, &sink, summary, NULL);
    pthread_join(thread, NULL);
    close(ends[0]);
    *grown = peak - before;
    return ok;
}

static void check_memory(const char *name, int64_t grown_kb, int64_t limit_kb)
{
    printf("# %lld KiB\n", (long long)grown_kb);
    if (SANITIZED)
        check_skip(name, "a sanitizer changes what memory is used");
    else
        CHECK(name, grown_kb < limit_kb);
}

static void test_memory(void)
{
    struct pump many = {.lines = 100000};
    struct pump long_one = {.lines = 3, .long_line = 60 << 20};
    struct manifest_summary summary;
    int64_t grown;

    CHECK("100 000 lines through a pipe", read_pipe(&many, &grown, &summary));
    CHECK_INT("  all read", summary.items, 100000);
    check_memory("  in less than 8 MiB", grown, 8 << 10);
    CHECK("a line of 60 MiB", read_pipe(&long_one, &grown, &summary));
    CHECK_INT("  is one bad line", summary.bad, 1);
    CHECK_INT("  and the others are read", summary.items, 3);
    check_memory("  in less than 24 MiB", grown, 24 << 10);
}

static bool refuse(void *ctx, const struct manifest_item *item, struct error *err)
{
    (void)ctx;
    return item->line < 1 || error_conflict(err, "test.full", "no more");
}

static void test_sink(void)
{
    static const char text[] = "{\"source\":\"a\"}\n{\"source\":\"b\"}\n{\"source\":\"c\"}\n";
    static const char faulty[] = "{\"source\":\"a\"}\nx\n";
    struct manifest_sink sink = {NULL, refuse, NULL};
    struct manifest_options options = {0};
    struct manifest_reader *r = manifest_reader_new("x", &options, &sink);
    struct error err = {0};

    CHECK("a sink's no ends it", !manifest_reader_feed(r, text, strlen(text), &err));
    CHECK_TEXT("  with its error", err.code, "test.full");
    manifest_reader_free(r);
    r = manifest_reader_new("x", &options, &sink);
    CHECK("without a sink for bad lines the first one ends it",
          !manifest_reader_feed(r, faulty, strlen(faulty), &err));
    CHECK_TEXT("  code", err.code, "line.not_json");
    CHECK_TEXT("  line", err.field, "line 2");
    manifest_reader_free(r);
    manifest_reader_free(NULL);
}

static void test_class_map(void)
{
    static const struct {
        const char *name, *text, *field;
    } bad[] = {{"other header", "a,b\nx,y\n", "row 1"},
               {"empty", "", "row 0"},
               {"one column", "from,to\nx\n", "row 2"},
               {"empty cell", "from,to\nx,\n", "row 2"},
               {"three columns", "from,to\nx,y,z\n", "row 2"},
               {"mapped twice", "from,to\nx,y\nx,z\n", "from"},
               {"open quote", "from,to\nx,\"y\n", ""},
               {"not UTF-8", "from,to\nx,\xFF\n", ""}};
    static const char text[] = "\xEF\xBB\xBF"
                               "from,to\r\nworld, sports \r\n\"a, b\",c\r\n";
    struct class_map map;
    struct arena a;
    struct error err = {0};

    arena_init(&a);
    CHECK("a class map", class_map_parse(text, strlen(text), &a, &map, &err) && map.n == 2);
    CHECK_TEXT("  maps", class_map_find(&map, "world"), "sports");
    CHECK_TEXT("  quoted", class_map_find(&map, "a, b"), "c");
    CHECK("  others are not in it", !class_map_find(&map, "x"));
    for (size_t i = 0; i < COUNT(bad); i++) {
        CHECK(bad[i].name, !class_map_parse(bad[i].text, strlen(bad[i].text), &a, &map, &err) &&
                               strcmp(err.code, "source.invalid") == 0);
        CHECK_TEXT("  names it", err.field, bad[i].field);
    }
    CHECK("no file", !class_map_read("/nowhere.csv", &a, &map, &err) && err.status == 404);
    put("map.csv", "from,to\na,b\n");
    CHECK_TEXT("from a file",
               class_map_read(arena_printf(&a, "%s/map.csv", root), &a, &map, &err)
                   ? class_map_find(&map, "a")
                   : err.message,
               "b");
    arena_release(&a);
}

/* ---- gzip ---- */

static bool write_packed(const char *path, const char *mode, int from, int to)
{
    gzFile f = gzopen(path, mode);

    for (int i = from; f && i < to; i++)
        gzprintf(f, "{\"source\":\"text number %d\"}\n", i);
    return f && gzclose(f) == Z_OK;
}

struct packed {
    int64_t items, consumed;
    bool    in_order;
};

static bool packed_item(void *ctx, const struct manifest_item *item, struct error *err)
{
    struct packed *p = ctx;
    char want[40];

    (void)err;
    snprintf(want, sizeof want, "text number %lld", (long long)p->items++);
    p->in_order = p->in_order && item->consumed >= p->consumed && strcmp(item->text, want) == 0;
    p->consumed = item->consumed;
    return true;
}

static void test_gzip(void)
{
    struct packed p = {.in_order = true}, cut = {.in_order = true};
    struct manifest_sink sink = {&p, packed_item, NULL};
    struct manifest_options options = {.media = TASK_TEXT};
    struct error err = {0};
    char path[300];
    struct stat st = {0};

    snprintf(path, sizeof path, "%s/lines.csv.gz", root);
    CHECK("packed", write_packed(path, "w", 0, 30000) && write_packed(path, "a", 30000, 60000));
    CHECK("its size", stat(path, &st) == 0);
    CHECK("two members are read", manifest_read_path(path, &options, &sink, NULL, &err));
    CHECK("all lines of both, in order", p.items == 60000 && p.in_order);
    CHECK("the progress is that of the packed file", p.consumed == st.st_size);
    CHECK("cut", truncate(path, st.st_size - 1000) == 0);
    sink.ctx = &cut;
    CHECK("what is cut off is told", !manifest_read_path(path, &options, &sink, NULL, &err));
    CHECK_TEXT("in words", err.code, "source.invalid");
    CHECK("after what could be read", cut.items > 30000 && cut.in_order);
}

int main(void)
{
    char command[100];

    if (!mkdtemp(root))
        return 1;
    test_memory();
    test_gzip();
    test_folder();
    test_load();
    test_resolve();
    test_sink();
    test_class_map();
    snprintf(command, sizeof command, "rm -rf %s", root);
    CHECK("cleaned up", system(command) == 0);
    return check_done();
}
