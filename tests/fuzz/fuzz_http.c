/* fuzz_http.c - request targets and header values from a stranger: routing, query, ranges.
 * The first byte picks the method, the rest is "target\nheader". */
#include "../../server/http/internal.h"

#include "plumbline/base/utf8.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool run(struct http_request *rq, struct error *err)
{
    (void)rq, (void)err;
    return true;
}

static const struct route routes[] = {
    {.method = HTTP_GET, .path = "/", .run = run},
    {.method = HTTP_GET, .path = "/a/{x}/c", .run = run},
    {.method = HTTP_POST, .path = "/a/b/{y}/{z}/d", .run = run},
    {.method = HTTP_GET, .path = "/s/{v}/{rest*}", .run = run},
    {.path = NULL},
};
static const struct route *const tables[] = {routes, NULL};

static void check_params(const struct matched *m)
{
    for (int i = 0; i < HTTP_PARAMS_MAX; i++)
        assert(!m->param[i] || utf8_is_valid(m->param[i], strlen(m->param[i])));
    if (strstr(m->entry->route->path, "{rest*}")) {
        char *rest = must_strdup(m->param[1]), *state = NULL;

        assert(*rest && *rest != '/' && !strchr(rest, '\\') && !strstr(rest, "//"));
        for (char *p = strtok_r(rest, "/", &state); p; p = strtok_r(NULL, "/", &state))
            assert(strcmp(p, "..") != 0 && strcmp(p, ".") != 0);
        free(rest);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct router *router;
    const struct route *const *const lists[] = {tables};
    const char *name, *value, *header;
    char *text, *query, *line;
    int64_t first = 0, count = 0;
    struct matched m;
    bool bad;

    if (!router)
        router = router_new(lists, 1, NULL);
    if (size < 1)
        return 0;
    text = must_alloc(size);
    memcpy(text, data + 1, size - 1);
    line = strchr(text, '\n');
    header = line ? line + 1 : "";
    if (line)
        *line = '\0';
    query = strchr(text, '?');
    if (query)
        *query++ = '\0';
    if (router_match(router, text, (enum http_method)(data[0] % METHODS), &m) == MATCH_ROUTE)
        check_params(&m);
    while (query_next(&query, &name, &value, &bad))
        assert(utf8_is_valid(name, strlen(name)) && utf8_is_valid(value, strlen(value)));
    if (range_parse(header, 1000, &first, &count) == RANGE_PART)
        assert(first >= 0 && count > 0 && first + count <= 1000);
    etag_listed(header, "v1");
    free(text);
    return 0;
}
