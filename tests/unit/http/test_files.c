/* test_files.c - files with ranges and validators; static files, vendored modules and the shell. */
#include "../check.h"
#include "client.h"
#include "plumbline/base/embedded.h"
#include "plumbline/base/log.h"
#include "plumbline/http/server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <zlib.h>

enum { SMALL = 1000, LARGE = 3 << 20 };

static char folder[64], content[LARGE];

static void write_file(const char *name, const char *bytes, size_t size)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, size, f) != size || fclose(f) != 0)
        abort();
}

static bool send_file(struct http_request *rq, const char *name, const char *etag,
                      const char *download_name, bool immutable)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return http_reply_file(rq, open(path, O_RDONLY | O_CLOEXEC), "image/png", etag, download_name,
                           immutable);
}

static bool small_file(struct http_request *rq, struct error *err)
{
    (void)err;
    return send_file(rq, "small", "v1", NULL, true);
}

static bool large_file(struct http_request *rq, struct error *err)
{
    (void)err;
    return send_file(rq, "large", "v1", "r\xc3\xa9sum\xc3\xa9 \"1\".png", false);
}

static bool empty_file(struct http_request *rq, struct error *err)
{
    (void)err;
    return send_file(rq, "empty", NULL, NULL, false);
}

static bool no_file(struct http_request *rq, struct error *err)
{
    (void)err;
    return send_file(rq, ".", NULL, NULL, false);
}

#define P .who = HTTP_PUBLIC
static const struct route routes[] = {
    {.method = HTTP_GET, .path = "/api/small", P, .run = small_file},
    {.method = HTTP_GET, .path = "/api/large", P, .run = large_file},
    {.method = HTTP_GET, .path = "/api/empty", P, .run = empty_file},
    {.method = HTTP_GET, .path = "/api/folder", P, .run = no_file},
    {.path = NULL},
};
static const struct route *const tables[] = {routes, NULL};

static const struct {
    const char *name, *method, *path, *headers;
    int         status;
    int         first, count; /* of the content; count -1: no body expected */
} cases[] = {
    {"whole", "GET", "/api/small", "", 200, 0, SMALL},
    {"whole, large", "GET", "/api/large", "", 200, 0, LARGE},
    {"empty", "GET", "/api/empty", "", 200, 0, 0},
    {"head", "HEAD", "/api/large", "", 200, 0, -1},
    {"range", "GET", "/api/small", "Range: bytes=10-19\r\n", 206, 10, 10},
    {"range, large", "GET", "/api/large", "Range: bytes=1048570-2097160\r\n", 206, 1048570,
     1048591},
    {"one byte", "GET", "/api/small", "Range: bytes=999-999\r\n", 206, 999, 1},
    {"to the end", "GET", "/api/small", "Range: bytes=990-\r\n", 206, 990, 10},
    {"past the end", "GET", "/api/small", "Range: bytes=990-5000\r\n", 206, 990, 10},
    {"suffix", "GET", "/api/small", "Range: bytes=-7\r\n", 206, 993, 7},
    {"suffix longer than the file", "GET", "/api/small", "Range: bytes=-7000\r\n", 206, 0, SMALL},
    {"suffix of nothing", "GET", "/api/small", "Range: bytes=-0\r\n", 416, 0, -1},
    {"after the end", "GET", "/api/small", "Range: bytes=1000-\r\n", 416, 0, -1},
    {"far after", "GET", "/api/small", "Range: bytes=99999999999999999999-\r\n", 416, 0, -1},
    {"range of nothing", "GET", "/api/empty", "Range: bytes=0-\r\n", 416, 0, -1},
    {"backwards", "GET", "/api/small", "Range: bytes=9-3\r\n", 200, 0, SMALL},
    {"several", "GET", "/api/small", "Range: bytes=0-1,5-6\r\n", 200, 0, SMALL},
    {"other unit", "GET", "/api/small", "Range: lines=0-1\r\n", 200, 0, SMALL},
    {"nonsense", "GET", "/api/small", "Range: bytes=a-b\r\n", 200, 0, SMALL},
    {"nothing at all", "GET", "/api/small", "Range: bytes=-\r\n", 200, 0, SMALL},
    {"range on HEAD", "HEAD", "/api/small", "Range: bytes=0-1\r\n", 200, 0, -1},
    {"same version", "GET", "/api/small", "Range: bytes=0-1\r\nIf-Range: \"v1\"\r\n", 206, 0, 2},
    {"other version", "GET", "/api/small", "Range: bytes=0-1\r\nIf-Range: \"v2\"\r\n", 200, 0,
     SMALL},
    {"weak version", "GET", "/api/small", "Range: bytes=0-1\r\nIf-Range: W/\"v1\"\r\n", 200, 0,
     SMALL},
    {"a date", "GET", "/api/small",
     "Range: bytes=0-1\r\nIf-Range: Sat, 29 Oct 1994 19:43:31 GMT\r\n", 200, 0, SMALL},
    {"known already", "GET", "/api/small", "If-None-Match: \"v1\"\r\n", 304, 0, -1},
    {"known, in a list", "GET", "/api/small", "If-None-Match: \"a\", W/\"v1\"\r\n", 304, 0, -1},
    {"known, any", "GET", "/api/small", "If-None-Match: *\r\n", 304, 0, -1},
    {"not known", "GET", "/api/small", "If-None-Match: \"v\", \"v11\"\r\n", 200, 0, SMALL},
    {"known, without a tag", "GET", "/api/empty", "If-None-Match: *\r\n", 200, 0, 0},
    {"no file", "GET", "/api/folder", "", 500, 0, -1},
};

static void test_ranges(uint16_t port)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct answer a = client_ask(port, cases[i].method, cases[i].path, cases[i].headers, NULL);

        CHECK_INT(cases[i].name, a.status, cases[i].status);
        if (cases[i].count >= 0)
            CHECK(cases[i].name, a.size == (size_t)cases[i].count &&
                                     memcmp(a.body, content + cases[i].first, a.size) == 0);
        answer_free(&a);
    }
}

static void test_file_headers(uint16_t port)
{
    struct answer a = client_ask(port, "GET", "/api/small", "Range: bytes=-7\r\n", NULL);

    CHECK_TEXT("Content-Range", answer_header(&a, "Content-Range"), "bytes 993-999/1000");
    CHECK_TEXT("ETag", answer_header(&a, "ETag"), "\"v1\"");
    CHECK_TEXT("kept", answer_header(&a, "Cache-Control"), "private, max-age=31536000, immutable");
    CHECK("sandboxed", strstr(answer_header(&a, "Content-Security-Policy"), "sandbox"));
    answer_free(&a);
    a = client_ask(port, "GET", "/api/small", "Range: bytes=5000-\r\n", NULL);
    CHECK_TEXT("how long it is", answer_header(&a, "Content-Range"), "bytes */1000");
    answer_free(&a);
    a = client_ask(port, "HEAD", "/api/large", "", NULL);
    CHECK_TEXT("length on HEAD", answer_header(&a, "Content-Length"), "3145728");
    CHECK_TEXT("download name", answer_header(&a, "Content-Disposition"),
               "attachment; filename=\"r__sum__ _1_.png\"; "
               "filename*=UTF-8''r%C3%A9sum%C3%A9%20%221%22.png");
    CHECK_TEXT("asked for again", answer_header(&a, "Cache-Control"), "private, no-cache");
    answer_free(&a);
}

/* ---- static files ---- */

static struct answer get(uint16_t port, const char *version, const char *path, const char *headers)
{
    char full[256];

    snprintf(full, sizeof full, "/s/%s/%s", version, path);
    return client_ask(port, "GET", full, headers, NULL);
}

static void test_embedded(uint16_t port)
{
    const struct embedded_file *f = embedded_find("vendor", "preact.js");
    struct answer a = get(port, embedded_hash(), "vendor/preact.js", "");
    unsigned char *plain = calloc(1, 1 << 20);
    z_stream z = {0};

    CHECK("the module as it is", f && a.size == f->size && memcmp(a.body, f->bytes, f->size) == 0);
    CHECK_TEXT("kept for ever", answer_header(&a, "Cache-Control"),
               "public, max-age=31536000, immutable");
    CHECK_TEXT("a module's type", answer_header(&a, "Content-Type"),
               "text/javascript; charset=utf-8");
    answer_free(&a);

    a = get(port, embedded_hash(), "vendor/preact.js", "Accept-Encoding: deflate, gzip;q=0.8\r\n");
    CHECK_TEXT("gzipped", answer_header(&a, "Content-Encoding"), "gzip");
    CHECK_TEXT("varies", answer_header(&a, "Vary"), "Accept-Encoding");
    inflateInit2(&z, 15 + 16);
    z.next_in = (unsigned char *)a.body;
    z.avail_in = (unsigned)a.size;
    z.next_out = plain;
    z.avail_out = 1 << 20;
    CHECK_INT("unpacks", inflate(&z, Z_FINISH), Z_STREAM_END);
    CHECK("to the same", z.total_out == f->size && memcmp(plain, f->bytes, f->size) == 0);
    inflateEnd(&z);
    free(plain);
    answer_free(&a);

    a = get(port, embedded_hash(), "vendor/preact.js", "Accept-Encoding: gzip;q=0\r\n");
    CHECK("refused gzip", !answer_header(&a, "Content-Encoding"));
    answer_free(&a);
    a = get(port, embedded_hash(), "vendor/signals.js", "");
    CHECK("imports are relative",
          strstr(a.body, "\"./preact.js\"") && !strstr(a.body, "\"preact\""));
    answer_free(&a);
    a = get(port, "0000000000000000", "vendor/preact.js", "");
    CHECK_INT("another version", a.status, 404);
    answer_free(&a);
}

static const struct {
    const char *name, *path;
    int         status;
} climbs[] = {
    {"dots", "/s/dev/../secret", 400},
    {"escaped dots", "/s/dev/%2e%2e/secret", 400},
    {"escaped slash", "/s/dev/js%2f..%2f..%2fsecret", 400},
    {"backslash", "/s/dev/..\\secret", 400},
    {"escaped backslash", "/s/dev/..%5csecret", 400},
    {"NUL", "/s/dev/js/main.js%00.png", 400},
    {"one dot", "/s/dev/./js/main.js", 400},
    {"empty part", "/s/dev//etc/passwd", 400},
    {"twice escaped", "/s/dev/%252e%252e/secret", 404},
    {"the folder", "/s/dev/", 400},
    {"a folder", "/s/dev/js", 404},
    {"nothing there", "/s/dev/js/none.js", 404},
    {"there", "/s/dev/js/main.js", 200},
};

static void test_folder(uint16_t port)
{
    struct answer a;

    for (size_t i = 0; i < COUNT(climbs); i++) {
        a = client_ask(port, "GET", climbs[i].path, "", NULL);
        CHECK_INT(climbs[i].name, a.status, climbs[i].status);
        CHECK(climbs[i].name, !strstr(a.body, "out of bounds"));
        answer_free(&a);
    }
    a = get(port, "dev", "js/main.js", "");
    CHECK_TEXT("from the folder", a.body, "first");
    CHECK_TEXT("not kept", answer_header(&a, "Cache-Control"), "no-store");
    answer_free(&a);
    write_file("static/js/main.js", "second", 6);
    a = get(port, "dev", "js/main.js", "");
    CHECK_TEXT("as it is now", a.body, "second");
    answer_free(&a);
    a = get(port, "dev", "vendor/htm.js", "");
    CHECK_INT("modules are built in all the same", a.status, 200);
    answer_free(&a);
}

static void test_shell(uint16_t port)
{
    static const char *const pages[] = {"/", "/jobs/7/items/9", "/label/cats", "/help/keys"};
    struct answer a;

    for (size_t i = 0; i < COUNT(pages); i++) {
        a = client_ask(port, "GET", pages[i], "", NULL);
        CHECK_INT(pages[i], a.status, 200);
        CHECK_TEXT("links name the version", a.body,
                   "<link href=\"/s/dev/css/base.css\"><script src='/s/dev/js/main.js'></script>"
                   "<a href=\"/jobs\">s/x</a>");
        CHECK_TEXT("asked for each time", answer_header(&a, "Cache-Control"), "no-cache");
        CHECK("with the policy", strstr(answer_header(&a, "Content-Security-Policy"),
                                        "trusted-types plumbline"));
        answer_free(&a);
    }
    a = client_ask(port, "GET", "/jbos", "Accept: text/html,*/*\r\n", NULL);
    CHECK("a mistyped address shows the UI", a.status == 404 && strstr(a.body, "<script"));
    answer_free(&a);
    a = client_ask(port, "GET", "/api/jbos", "Accept: text/html,*/*\r\n", NULL);
    CHECK("but not in the API", a.status == 404 && strstr(a.body, "path.not_found"));
    answer_free(&a);
    a = client_ask(port, "POST", "/jobs", "", NULL);
    CHECK_INT("pages are read only", a.status, 405);
    answer_free(&a);
}

static void make_files(void)
{
    static const char shell[] = "<link href=\"s/css/base.css\">"
                                "<script src='/s/js/main.js'></script><a href=\"/jobs\">s/x</a>";
    char path[128];

    snprintf(folder, sizeof folder, "/tmp/plumbline-test-XXXXXX");
    if (!mkdtemp(folder))
        abort();
    snprintf(path, sizeof path, "%s/static", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/static/js", folder);
    mkdir(path, 0700);
    for (int i = 0; i < LARGE; i++)
        content[i] = (char)((unsigned)i * 2654435761u >> 15);
    write_file("small", content, SMALL);
    write_file("large", content, LARGE);
    write_file("empty", "", 0);
    write_file("secret", "out of bounds", 13);
    write_file("static/js/main.js", "first", 5);
    write_file("static/index.html", shell, sizeof shell - 1);
}

static void remove_files(void)
{
    static const char *const names[] = {"small", "large", "empty", "secret", "static/js/main.js",
                                        "static/index.html", "static/js", "static", ""};
    char path[128];

    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
}

static void test_sets(void)
{
    const struct embedded_file *last = NULL, *f;
    bool sorted = true;
    size_t n = 0;

    for (; (f = embedded_at("vendor", n)); last = f, n++)
        sorted &= !last || strcmp(last->path, f->path) < 0;
    CHECK_INT("five modules", n, 5);
    CHECK("in order", sorted);
    CHECK("the first migration is a text",
          !embedded_at("migrations", 0) ||
              strlen((const char *)embedded_at("migrations", 0)->bytes) ==
                  embedded_at("migrations", 0)->size);
    CHECK("no such file", !embedded_find("vendor", "none.js"));
    CHECK("no such set", !embedded_find("none", "preact.js") && !embedded_at("none", 0));
    CHECK_INT("a hash", strlen(embedded_hash()), 16);
}

int main(void)
{
    struct http_app app = {.tables = tables};
    char static_dir[96];
    struct http_config config = {.address = "127.0.0.1", .threads = 2};
    struct http_server *s;

    signal(SIGPIPE, SIG_IGN);
    log_set_level((enum log_level)(LOG_ERROR + 1));
    make_files();
    test_sets();
    s = http_start(&config, &app, NULL);
    test_ranges(http_port(s));
    test_file_headers(http_port(s));
    test_embedded(http_port(s));
    http_stop(s);
    snprintf(static_dir, sizeof static_dir, "%s/static", folder);
    config.static_dir = static_dir;
    s = http_start(&config, &app, NULL);
    test_folder(http_port(s));
    test_shell(http_port(s));
    http_stop(s);
    remove_files();
    return check_done();
}
