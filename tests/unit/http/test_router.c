/* test_router.c - the pure parts: paths to routes, percent-decoding, OpenAPI. */
#include "../../../server/http/internal.h"
#include "../check.h"

static bool run(struct http_request *rq, struct error *err)
{
    (void)rq, (void)err;
    return true;
}

struct job_in {
    const char *name;
};

static const struct field job_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct job_in, name), .required = true,
     .min = 1, .max = 63, .help = "Unique"},
    FIELD_END};

static const struct route routes[] = {
    {.method = HTTP_GET, .path = "/", .run = run, .who = HTTP_PUBLIC, .hidden = true},
    {.method = HTTP_GET, .path = "/a/{x}/c", .run = run, .who = 3},
    {.method = HTTP_POST, .path = "/a/{x}/c", .run = run, .who = 2, .takes = HTTP_BODY_JSON,
     .body = job_fields, .status = 201, .reply = job_fields, .reply_name = "Job", .summary = "Make",
     .tag = "Jobs", .errors = "409 job.name_taken, 404 job.not_found, 409 job.state"},
    {.method = HTTP_GET, .path = "/a/b/c", .run = run, .who = HTTP_PUBLIC, .query = job_fields},
    {.method = HTTP_PUT, .path = "/a/b/{y}", .run = run, .who = 2, .status = 204},
    {.method = HTTP_GET, .path = "/f/{v}/{rest*}", .run = run, .who = HTTP_PUBLIC, .hidden = true},
    {.path = NULL},
};
static const struct route *const tables[] = {routes, NULL};

static const struct {
    const char      *path;
    enum http_method method;
    enum match       match;
    const char      *route, *first, *second;
} cases[] = {
    {"/", HTTP_GET, MATCH_ROUTE, "/", NULL, NULL},
    {"/a/b/c", HTTP_GET, MATCH_ROUTE, "/a/b/c", NULL, NULL},
    {"/a/b/c", HTTP_POST, MATCH_ROUTE, "/a/{x}/c", "b", NULL},
    {"/a/b/c", HTTP_PUT, MATCH_ROUTE, "/a/b/{y}", "c", NULL},
    {"/a/b/d", HTTP_PUT, MATCH_ROUTE, "/a/b/{y}", "d", NULL},
    {"/a/b/c", HTTP_DELETE, MATCH_METHOD, NULL, NULL, NULL},
    {"/a/z/c", HTTP_GET, MATCH_ROUTE, "/a/{x}/c", "z", NULL},
    {"/a/%2e%2e/c", HTTP_GET, MATCH_ROUTE, "/a/{x}/c", "..", NULL},
    {"/a//c", HTTP_GET, MATCH_NONE, NULL, NULL, NULL},
    {"/a/b", HTTP_GET, MATCH_NONE, NULL, NULL, NULL},
    {"/a/b/c/d", HTTP_GET, MATCH_NONE, NULL, NULL, NULL},
    {"", HTTP_GET, MATCH_NONE, NULL, NULL, NULL},
    {"*", HTTP_GET, MATCH_NONE, NULL, NULL, NULL},
    {"/f/1/x", HTTP_GET, MATCH_ROUTE, "/f/{v}/{rest*}", "1", "x"},
    {"/f/1/x/%79/z", HTTP_GET, MATCH_ROUTE, "/f/{v}/{rest*}", "1", "x/y/z"},
    {"/f/1/x/../z", HTTP_GET, MATCH_MALFORMED, NULL, NULL, NULL},
    {"/f/1/x%2fz", HTTP_GET, MATCH_MALFORMED, NULL, NULL, NULL},
    {"/f/1/", HTTP_GET, MATCH_MALFORMED, NULL, NULL, NULL},
    {"/f/1/x", HTTP_POST, MATCH_METHOD, NULL, NULL, NULL},
    {"/f/1", HTTP_GET, MATCH_NONE, NULL, NULL, NULL},
    {"/%", HTTP_GET, MATCH_MALFORMED, NULL, NULL, NULL},
    {"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", HTTP_GET, MATCH_NONE, NULL, NULL, NULL},
};

static void test_match(const struct router *r)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        char path[128];
        struct matched m;
        enum match match;

        snprintf(path, sizeof path, "%s", cases[i].path);
        match = router_match(r, path, cases[i].method, &m);
        CHECK_INT(cases[i].path, match, cases[i].match);
        if (match != MATCH_ROUTE)
            continue;
        CHECK_TEXT(cases[i].path, m.entry->route->path, cases[i].route);
        if (cases[i].first)
            CHECK_TEXT(cases[i].path, m.param[0], cases[i].first);
        if (cases[i].second)
            CHECK_TEXT(cases[i].path, m.param[1], cases[i].second);
    }
}

static void test_bad_tables(void)
{
    static const struct route bad[][3] = {
        {{.path = "a", .run = run}, {.path = NULL}},
        {{.path = "/a//b", .run = run}, {.path = NULL}},
        {{.path = "/a/{b", .run = run}, {.path = NULL}},
        {{.path = "/{a*}/b", .run = run}, {.path = NULL}},
        {{.path = "/{a}/{b}/{c}/{d}/{e}", .run = run}, {.path = NULL}},
        {{.path = "/a"}, {.path = NULL}},
        {{.path = "/a/{b}", .run = run}, {.path = "/a/{c}", .run = run}, {.path = NULL}},
    };

    for (size_t i = 0; i < COUNT(bad); i++) {
        const struct route *const table[] = {bad[i], NULL};
        const struct route *const *const lists[] = {table};
        struct error err = {0};

        CHECK(bad[i][0].path, !router_new(lists, 1, &err) && err.status == 500);
    }
}

static void test_query(void)
{
    char text[] = "&a=1&&b&c=%3D%26=x&=d&";
    const char *name, *value;
    char *rest = text;
    char seen[64] = "";
    bool bad;

    while (query_next(&rest, &name, &value, &bad))
        snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "[%s|%s]", name, value);
    CHECK_TEXT("pairs", seen, "[a|1][b|][c|=&=x][|d]");
    CHECK("to the end", !bad);
}

static const char *role_name(unsigned bit)
{
    return bit == 1 ? "reader" : bit == 2 ? "lead" : NULL;
}

static const char *text_at(json_t *root, const char *const *path)
{
    for (; *path; path++)
        root = json_object_get(root, *path);
    return json_string_value(root);
}

#define AT_PATH(...) (const char *const[]){__VA_ARGS__, NULL}

static void test_openapi(void)
{
    struct http_app app = {.tables = tables};
    json_t *doc = http_openapi(&app, "Plumbline", "1", role_name), *paths, *get;

    CHECK_TEXT("version", text_at(doc, AT_PATH("openapi")), "3.1.0");
    CHECK_TEXT("summary", text_at(doc, AT_PATH("paths", "/a/{x}/c", "post", "summary")), "Make");
    CHECK_TEXT("roles", text_at(doc, AT_PATH("paths", "/a/{x}/c", "get", "description")),
               "For: reader, lead");
    CHECK_TEXT("listed errors",
               text_at(doc, AT_PATH("paths", "/a/{x}/c", "post", "responses", "409",
                                    "description")),
               "job.name_taken, job.state");
    CHECK_TEXT("reply", text_at(doc, AT_PATH("paths", "/a/{x}/c", "post", "responses", "201",
                                             "content", "application/json", "schema", "$ref")),
               "#/components/schemas/Job");
    CHECK_TEXT("component", text_at(doc, AT_PATH("components", "schemas", "Job", "properties",
                                                 "name", "type")), "string");
    CHECK_TEXT("body field", text_at(doc, AT_PATH("paths", "/a/{x}/c", "post", "requestBody",
                                                  "content", "application/json", "schema",
                                                  "properties", "name", "description")), "Unique");
    paths = json_object_get(doc, "paths");
    get = json_object_get(json_object_get(paths, "/a/b/c"), "get");
    CHECK_INT("query parameter", json_array_size(json_object_get(get, "parameters")), 1);
    CHECK("hidden", !json_object_get(paths, "/"));
    json_decref(doc);
}

int main(void)
{
    const struct route *const *const lists[] = {tables};
    struct router *r = router_new(lists, 1, NULL);

    test_match(r);
    router_free(r);
    test_bad_tables();
    test_query();
    test_openapi();
    return check_done();
}
