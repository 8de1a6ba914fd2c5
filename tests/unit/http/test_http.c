/* test_http.c - routes, roles, bodies, errors and replies, against a server in this process. */
#include "../check.h"
#include "client.h"
#include "plumbline/base/log.h"
#include "plumbline/http/server.h"

#include <signal.h>

enum { READER = 1, LEAD = 2 };

struct note_in {
    const char *text;
    int64_t     number;
};

struct note_query {
    int64_t     limit;
    const char *q;
    bool        deep;
};

static const struct field note_fields[] = {
    {.name = "text", .kind = FIELD_TEXT, .at = offsetof(struct note_in, text), .required = true,
     .min = 1, .max = 20},
    {.name = "number", .kind = FIELD_INT, .at = offsetof(struct note_in, number), .max = 9},
    FIELD_END};

static const struct field query_fields[] = {
    {.name = "limit", .kind = FIELD_INT, .at = offsetof(struct note_query, limit), .min = 1,
     .max = 100},
    {.name = "q", .kind = FIELD_TEXT, .at = offsetof(struct note_query, q)},
    {.name = "deep", .kind = FIELD_BOOL, .at = offsetof(struct note_query, deep)},
    FIELD_END};

static bool hello(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_json(rq, 200, json_pack("{s:s}", "hello", rq->id));
}

static bool params(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_json(rq, 200, json_pack("[s, s?]", rq->param[0], rq->param[1]));
}

static bool note_post(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_fields(rq, rq->in);
}

static bool query_get(struct http_request *rq, struct error *err)
{
    const struct note_query *q = rq->query;

    (void)err;
    return http_reply_json(rq, 200, json_pack("{s:I, s:s?, s:b}", "limit", (json_int_t)q->limit,
                                              "q", q->q, "deep", q->deep));
}

static bool broken(struct http_request *rq, struct error *err)
{
    (void)rq;
    return error_internal(err, "a secret detail");
}

static bool silent(struct http_request *rq, struct error *err)
{
    (void)rq, (void)err;
    return true;
}

static bool twice(struct http_request *rq, struct error *err)
{
    (void)err;
    http_reply_empty(rq, 204);
    return http_reply_json(rq, 200, json_true());
}

static bool busy(struct http_request *rq, struct error *err)
{
    http_add_header(rq, "Retry-After", "7");
    return error_set(err, 429, "session.locked", "name", "cut: \xc3");
}

static bool cookies(struct http_request *rq, struct error *err)
{
    (void)err;
    http_add_header(rq, "Set-Cookie", "a=1");
    http_add_header(rq, "Set-Cookie", "b=2");
    return http_reply_json(rq, 200, json_pack("[s?, s?, s?, b]", http_cookie(rq, "session"),
                                              http_query_text(rq, "x"), http_header(rq, "X-Mine"),
                                              http_is_secure(rq)));
}

static bool bytes_post(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_bytes(rq, 200, "text/plain", rq->body.data ? rq->body.data : "",
                            rq->body.size);
}

static bool spool_post(struct http_request *rq, struct error *err)
{
    char piece[4096];
    long sum = 0, size = 0;
    ssize_t n;

    (void)err;
    while ((n = read(rq->spool_fd, piece, sizeof piece)) > 0) {
        size += n;
        for (ssize_t i = 0; i < n; i++)
            sum += (unsigned char)piece[i];
    }
    return http_reply_json(rq, 200, json_pack("[I, I, I]", (json_int_t)size, (json_int_t)sum,
                                              (json_int_t)rq->body_size));
}

static bool page(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_bytes(rq, 200, "text/html; charset=utf-8", "<p>", 3);
}

static bool removed(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_empty(rq, 204);
}

static void dialect(struct http_request *rq, const struct error *e, unsigned *status,
                    const char **type, struct buf *out)
{
    *status = 400;
    *type = "application/x-amz-json-1.1";
    buf_printf(out, "{\"__type\":\"%s\",\"for\":\"%s\"}", e->code, rq->id);
}

#define P .who = HTTP_PUBLIC
static const struct route routes[] = {
    {.method = HTTP_GET, .path = "/api/hello", P, .run = hello},
    {.method = HTTP_GET, .path = "/api/pair/{a}/and/{b}", P, .run = params},
    {.method = HTTP_GET, .path = "/api/jobs/{job}", .who = LEAD | READER, .run = params},
    {.method = HTTP_PUT, .path = "/api/jobs/{job}", .who = LEAD, .run = note_post,
     .takes = HTTP_BODY_JSON, .body = note_fields, .in_size = sizeof(struct note_in),
     .reply = note_fields},
    {.method = HTTP_GET, .path = "/api/jobs/new", P, .run = hello},
    {.method = HTTP_DELETE, .path = "/api/jobs/{job}", .who = LEAD, .run = removed, .status = 204},
    {.method = HTTP_POST, .path = "/api/notes", P, .run = note_post, .takes = HTTP_BODY_JSON,
     .body = note_fields, .in_size = sizeof(struct note_in), .reply = note_fields, .status = 201,
     .body_max = 1000},
    {.method = HTTP_GET, .path = "/api/query", P, .run = query_get, .query = query_fields,
     .query_size = sizeof(struct note_query)},
    {.method = HTTP_GET, .path = "/api/broken", P, .run = broken},
    {.method = HTTP_GET, .path = "/api/silent", P, .run = silent},
    {.method = HTTP_GET, .path = "/api/twice", P, .run = twice},
    {.method = HTTP_GET, .path = "/api/busy", P, .run = busy},
    {.method = HTTP_GET, .path = "/api/cookies", P, .run = cookies},
    {.method = HTTP_POST, .path = "/api/bytes", P, .run = bytes_post, .takes = HTTP_BODY_BYTES,
     .body_max = 1 << 20},
    {.method = HTTP_POST, .path = "/api/spool", P, .run = spool_post, .takes = HTTP_BODY_SPOOL,
     .body_max = 8 << 20},
    {.method = HTTP_GET, .path = "/api/page", P, .run = page},
    {.method = HTTP_GET, .path = "/api/dialect", P, .run = broken, .write_error = dialect},
    {.path = NULL},
};

static const struct route *const tables[] = {routes, NULL};

static _Atomic int body_seen; /* authenticate saw a request whose body was there already */

static bool authenticate(struct http_request *rq, struct error *err)
{
    const char *key = http_header(rq, "Authorization");

    if (rq->body_size > 0 || rq->json)
        body_seen = 1;
    if (rq->local || (key && strcmp(key, "Bearer lead") == 0))
        rq->roles = LEAD;
    else if (key && strcmp(key, "Bearer reader") == 0)
        rq->roles = READER;
    else if (key)
        return error_set(err, 401, "session.refused", "", "The key is wrong.");
    rq->person = rq->roles ? 7 : 0;
    return true;
}

static bool forbid(struct http_request *rq, struct error *err)
{
    (void)rq;
    return error_set(err, 403, "role.forbidden", "", "This needs the role lead.");
}

static uint16_t port;

/* ---- requests by table ---- */

#define JSON "Content-Type: application/json\r\n"
#define LEAD_KEY "Authorization: Bearer lead\r\n"
#define READER_KEY "Authorization: Bearer reader\r\n"

static const struct {
    const char *name, *method, *path, *headers, *body;
    int         status;
    const char *holds; /* somewhere in the body */
} cases[] = {
    {"a route", "GET", "/api/hello", "", NULL, 200, "{\"hello\":\""},
    {"HEAD is GET without a body", "HEAD", "/api/hello", "", NULL, 200, ""},
    {"nothing there", "GET", "/api/nothing", "", NULL, 404, "\"path.not_found\""},
    {"no trailing slash", "GET", "/api/hello/", "", NULL, 404, "\"path.not_found\""},
    {"wrong method", "POST", "/api/hello", "", NULL, 405, "\"method.not_allowed\""},
    {"unknown method", "BREW", "/api/hello", "", NULL, 405, "GET, HEAD"},
    {"fixed part wins", "GET", "/api/jobs/new", "", NULL, 200, "hello"},
    {"other methods of the parameter", "DELETE", "/api/jobs/new", LEAD_KEY, NULL, 204, ""},
    {"two parameters", "GET", "/api/pair/x/and/y", "", NULL, 200, "[\"x\",\"y\"]"},
    {"percent-decoded once", "GET", "/api/pair/a%2Fb%20%C3%A9/and/%2541+", "", NULL, 200,
     "[\"a/b \xc3\xa9\",\"%41+\"]"},
    {"escaped fixed part", "GET", "/%61pi/hello", "", NULL, 200, "hello"},
    {"absolute form", "GET", "http://somewhere:80/api/hello?x", "", NULL, 200, "hello"},
    {"escaped NUL", "GET", "/api/pair/a%00b/and/y", "", NULL, 400, "\"path.malformed\""},
    {"cut escape", "GET", "/api/pair/a%4/and/y", "", NULL, 400, "\"path.malformed\""},
    {"not UTF-8", "GET", "/api/pair/%ff/and/y", "", NULL, 400, "\"path.malformed\""},
    {"empty parameter", "GET", "/api/pair//and/y", "", NULL, 404, "\"path.not_found\""},

    {"nobody", "GET", "/api/jobs/1", "", NULL, 401, "\"session.required\""},
    {"wrong key", "GET", "/api/jobs/1", "Authorization: Bearer x\r\n", NULL, 401,
     "\"session.refused\""},
    {"reader may read", "GET", "/api/jobs/1", READER_KEY, NULL, 200, "[\"1\",null]"},
    {"reader may not write", "PUT", "/api/jobs/1", READER_KEY JSON, "{\"text\":\"a\"}", 403,
     "This needs the role lead."},
    {"lead may write", "PUT", "/api/jobs/1", LEAD_KEY JSON, "{\"text\":\"a\"}", 200,
     "{\"text\":\"a\",\"number\":0}"},
    {"role before body", "PUT", "/api/jobs/1", READER_KEY, "not json", 403, "role.forbidden"},
    {"deleted", "DELETE", "/api/jobs/1", LEAD_KEY, NULL, 204, ""},
    {"body where none is taken", "DELETE", "/api/jobs/1", LEAD_KEY JSON, "{\"a\":1}", 400,
     "\"body.unexpected\""},
    {"an empty object is no body", "DELETE", "/api/jobs/1", LEAD_KEY JSON, " {} ", 204, ""},

    {"created", "POST", "/api/notes", JSON, "{\"text\":\"\xc3\xa9\",\"number\":3}", 201,
     "{\"text\":\"\xc3\xa9\",\"number\":3}"},
    {"with charset", "POST", "/api/notes", "Content-Type: Application/JSON; charset=utf-8\r\n",
     "{\"text\":\"a\"}", 201, "\"a\""},
    {"+json", "POST", "/api/notes", "Content-Type: application/x+json\r\n", "{\"text\":\"a\"}", 201,
     "\"a\""},
    {"form", "POST", "/api/notes", "Content-Type: application/x-www-form-urlencoded\r\n",
     "text=a", 415, "\"body.type\""},
    {"no type", "POST", "/api/notes", "", "{\"text\":\"a\"}", 415, "\"body.type\""},
    {"jsonp is not json", "POST", "/api/notes", "Content-Type: application/jsonp\r\n",
     "{\"text\":\"a\"}", 415, "\"body.type\""},
    {"malformed JSON", "POST", "/api/notes", JSON, "{\"text\":", 400, "line 1, column"},
    {"two values", "POST", "/api/notes", JSON, "{\"text\":\"a\"} {}", 400, "\"json.malformed\""},
    {"empty body", "POST", "/api/notes", JSON, NULL, 400, "The body is empty"},
    {"unknown field", "POST", "/api/notes", JSON, "{\"text\":\"a\",\"txet\":1}", 422,
     "\"field\":\"txet\""},
    {"missing field", "POST", "/api/notes", JSON, "{}", 422, "\"field\":\"text\""},
    {"out of range", "POST", "/api/notes", JSON, "{\"text\":\"a\",\"number\":10}", 422,
     "\"field\":\"number\""},

    {"query", "GET", "/api/query?limit=5&q=a+b%26&deep=true", "", NULL, 200,
     "{\"limit\":5,\"q\":\"a b&\",\"deep\":true}"},
    {"no query", "GET", "/api/query", "", NULL, 200, "{\"limit\":0,\"q\":null,\"deep\":false}"},
    {"query limit", "GET", "/api/query?limit=101", "", NULL, 422, "\"field\":\"limit\""},
    {"not a number", "GET", "/api/query?limit=5x", "", NULL, 422, "must be a whole number"},
    {"plus sign is a space", "GET", "/api/query?limit=+5", "", NULL, 422, "must be a whole number"},
    {"hexadecimal", "GET", "/api/query?limit=0x10", "", NULL, 422, "must be a whole number"},
    {"huge number", "GET", "/api/query?limit=99999999999999999999", "", NULL, 422,
     "must be a whole number"},
    {"twice", "GET", "/api/query?limit=5&limit=6", "", NULL, 422, "given twice"},
    {"unknown parameter", "GET", "/api/query?limti=5", "", NULL, 422, "\"field\":\"limti\""},
    {"malformed query", "GET", "/api/query?q=%zz", "", NULL, 400, "\"query.malformed\""},
    {"NUL in query", "GET", "/api/query?q=%00", "", NULL, 400, "\"query.malformed\""},

    {"own fault", "GET", "/api/broken", "", NULL, 500, "\"code\":\"internal\""},
    {"no reply given", "GET", "/api/silent", "", NULL, 500, "\"code\":\"internal\""},
    {"two replies given", "GET", "/api/twice", "", NULL, 204, ""},
    {"text cut in a character", "GET", "/api/busy", "", NULL, 429, "\"message\":\"cut: ?\""},
    {"another dialect", "GET", "/api/dialect", "", NULL, 400, "{\"__type\":\"internal\""},
    {"cookie, query, header", "GET", "/api/cookies?x=1%2B",
     "Cookie: a=b; session=xyz\r\nX-Mine: m\r\nX-Forwarded-Proto: https\r\n", NULL, 200,
     "[\"xyz\",\"1+\",\"m\",true]"},
};

static void test_cases(void)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct answer a = client_ask(port, cases[i].method, cases[i].path, cases[i].headers,
                                     cases[i].body);

        CHECK_INT(cases[i].name, a.status, cases[i].status);
        if (!CHECK(cases[i].name, a.body && strstr(a.body, cases[i].holds)))
            printf("# got %s\n", a.body);
        answer_free(&a);
    }
    CHECK("no body is read before the person is known", !body_seen);
}

static void test_headers(void)
{
    struct answer a = client_ask(port, "GET", "/api/hello", "", NULL);
    json_t *body;

    CHECK_TEXT("JSON type", answer_header(&a, "Content-Type"), "application/json");
    CHECK_TEXT("nosniff", answer_header(&a, "X-Content-Type-Options"), "nosniff");
    CHECK_TEXT("referrer", answer_header(&a, "Referrer-Policy"), "same-origin");
    CHECK_TEXT("no store", answer_header(&a, "Cache-Control"), "no-store");
    CHECK("no page policy on data", !answer_header(&a, "Content-Security-Policy"));
    body = json_loads(a.body, 0, NULL);
    CHECK_TEXT("the id is the request's", json_string_value(json_object_get(body, "hello")),
               answer_header(&a, "X-Request-Id"));
    json_decref(body);
    answer_free(&a);

    a = client_ask(port, "GET", "/api/page", "", NULL);
    CHECK("page policy",
          strstr(answer_header(&a, "Content-Security-Policy"), "default-src 'none'"));
    answer_free(&a);
    a = client_ask(port, "PATCH", "/api/jobs/1", "", NULL);
    CHECK_TEXT("Allow", answer_header(&a, "Allow"), "GET, HEAD, PUT, DELETE");
    answer_free(&a);
    a = client_ask(port, "GET", "/api/busy", "", NULL);
    CHECK_TEXT("the handler's header goes with the error", answer_header(&a, "Retry-After"), "7");
    answer_free(&a);
    a = client_ask(port, "HEAD", "/api/hello", "", NULL);
    CHECK("HEAD has a length and no body",
          atoi(answer_header(&a, "Content-Length")) > 10 && a.size == 0);
    answer_free(&a);
    a = client_ask(port, "GET", "/api/cookies", "", NULL);
    CHECK("two cookies", strstr(a.bytes, "a=1") && strstr(a.bytes, "b=2"));
    answer_free(&a);
    a = client_ask(port, "GET", "/api/broken", "", NULL);
    CHECK("details stay inside", !strstr(a.body, "secret"));
    body = json_loads(a.body, 0, NULL);
    CHECK_TEXT("the error names the request", json_string_value(json_object_get(body, "id")),
               answer_header(&a, "X-Request-Id"));
    json_decref(body);
    answer_free(&a);
}

/* ---- bodies ---- */

static void test_announced(void)
{
    struct answer a;

    a = client_raw(port, "POST /api/spool HTTP/1.1\r\nHost: t\r\n"
                         "Content-Length: 9000000000\r\n\r\n");
    CHECK_INT("announced too much: refused at once", a.status, 413);
    CHECK("names the limit", strstr(a.body, "8388608 bytes"));
    answer_free(&a);
    a = client_raw(port, "POST /api/notes HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n" JSON
                         "Content-Length: 70000\r\n\r\n");
    CHECK_INT("who asks first is told at once", a.status, 413);
    answer_free(&a);
}

static void test_too_large(void)
{
    char *large = malloc(70001), *request = NULL;
    int fd = client_connect(port), sent = 0;
    struct answer a;

    memset(large, 'x', 70000);
    large[70000] = '\0';
    if (asprintf(&request, "POST /api/notes HTTP/1.1\r\nHost: t\r\n" JSON
                           "Content-Length: 70000\r\n\r\n%s", large) < 0)
        abort();
    for (int i = 0; i < 2; i++) {
        client_say(fd, request);
        a = client_read(fd);
        CHECK_INT("too large but small: the connection lives on", a.status, 413);
        answer_free(&a);
    }
    close(fd);
    free(request);
    a = client_raw(port, "POST /api/notes HTTP/1.1\r\nHost: t\r\n" JSON
                         "Transfer-Encoding: chunked\r\n\r\n"
                         "10\r\n{\"text\":\"chunky\"\r\n1\r\n}\r\n0\r\n\r\n");
    CHECK_INT("chunked", a.status, 201);
    answer_free(&a);
    if (asprintf(&request, "POST /api/notes HTTP/1.1\r\nHost: t\r\n" JSON
                           "Transfer-Encoding: chunked\r\n\r\n11170\r\n%s\r\n0\r\n\r\n", large) < 0)
        abort();
    a = client_raw(port, request);
    CHECK_INT("chunked and too large", a.status, 413);
    answer_free(&a);
    free(request);

    fd = client_connect(port);
    client_say(fd, "POST /api/notes HTTP/1.1\r\nHost: t\r\n" JSON
                   "Transfer-Encoding: chunked\r\n\r\n40000000\r\n");
    while (sent < 200 && client_send(fd, large, 70000))
        sent++;
    CHECK("a chunked flood is cut", sent < 200);
    close(fd);
    free(large);
}

static void test_upload(void)
{
    enum { SIZE = 3 << 20 };
    char *body = malloc(SIZE), head[160], want[64];
    struct answer a;
    long sum = 0;
    int fd = client_connect(port);

    for (int i = 0; i < SIZE; i++) {
        body[i] = (char)((unsigned)i * 2654435761u >> 13);
        sum += (unsigned char)body[i];
    }
    snprintf(head, sizeof head, "POST /api/spool HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n\r\n",
             SIZE);
    client_say(fd, head);
    client_send(fd, body, SIZE);
    a = client_read(fd);
    snprintf(want, sizeof want, "[%d,%ld,%d]", SIZE, sum, SIZE);
    CHECK_TEXT("spooled to disk, byte for byte", a.body, want);
    answer_free(&a);
    snprintf(head, sizeof head, "POST /api/bytes HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n\r\n",
             1 << 20);
    client_say(fd, head);
    client_send(fd, body, 1 << 20);
    a = client_read(fd);
    CHECK("in memory, byte for byte", a.size == 1 << 20 && memcmp(a.body, body, 1 << 20) == 0);
    answer_free(&a);
    close(fd);
    free(body);
}

/* ---- malformed HTTP ---- */

static const struct {
    const char *name, *request;
    int         status; /* 0: the connection is closed */
} malformed[] = {
    {"chunk garbage", "POST /api/notes HTTP/1.1\r\nHost: t\r\n" JSON
                      "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
    {"two lengths", "POST /api/notes HTTP/1.1\r\nHost: t\r\n" JSON
                    "Content-Length: 0\r\nContent-Length: 5\r\n\r\nGET /", 400},
    {"length and chunks", "POST /api/notes HTTP/1.1\r\nHost: t\r\n" JSON
                          "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"gzip transfer", "POST /api/notes HTTP/1.1\r\nHost: t\r\n" JSON
                      "Transfer-Encoding: gzip\r\n\r\n", 400},
    {"length is no number", "POST /api/notes HTTP/1.1\r\nHost: t\r\n" JSON
                            "Content-Length: 5x\r\n\r\n12345", 400},
    {"negative length", "POST /api/notes HTTP/1.1\r\nHost: t\r\n" JSON
                        "Content-Length: -5\r\n\r\n12345", 400},
    {"no host", "GET /api/hello HTTP/1.1\r\n\r\n", 400},
    {"space in the path", "GET /api/he llo HTTP/1.1\r\nHost: t\r\n\r\n", 0},
    {"one word", "HELLO\r\n\r\n", 0},
    {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n", 404},
    {"HTTP/1.0", "GET /api/hello HTTP/1.0\r\n\r\n", 200},
};

static void test_malformed(void)
{
    static const char tail[] = " HTTP/1.1\r\nHost: t\r\n\r\n";
    char *huge = malloc(20001);
    struct answer a;

    for (size_t i = 0; i < COUNT(malformed); i++) {
        a = client_raw(port, malformed[i].request);
        CHECK_INT(malformed[i].name, a.status, malformed[i].status);
        answer_free(&a);
    }
    memset(huge, 'a', 20000);
    memcpy(huge, "GET /", 5);
    memcpy(huge + 19000, tail, sizeof tail);
    a = client_raw(port, huge);
    CHECK_INT("too long an address", a.status, 414);
    answer_free(&a);
    free(huge);
    a = client_ask(port, "GET", "/api/hello", "", NULL);
    CHECK_INT("and still here", a.status, 200);
    answer_free(&a);
}

static void test_pipeline(void)
{
    int fd = client_connect(port);
    struct answer a;

    client_say(fd, "GET /api/hello HTTP/1.1\r\nHost: t\r\n\r\n"
                   "PUT /api/jobs/1 HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n{}");
    usleep(100000); /* both replies are there, so the first read takes them together */
    a = client_read(fd);
    CHECK("pipelined: two replies", a.status == 200 && strstr(a.body, "HTTP/1.1 401"));
    answer_free(&a);
    client_say(fd, "GET /api/hello HTTP/1.1\r\nHost: t\r\n\r\n");
    a = client_read(fd);
    CHECK_INT("after a refused body", a.status, 200);
    answer_free(&a);
    close(fd);
}

static void test_unix(const char *path)
{
    int fd = client_connect_unix(path);
    struct answer a;

    client_say(fd, "GET /api/jobs/1 HTTP/1.1\r\nHost: t\r\n\r\n");
    a = client_read(fd);
    CHECK_INT("the Unix socket is trusted", a.status, 200);
    answer_free(&a);
    client_say(fd, "GET /api/broken HTTP/1.1\r\nHost: t\r\n\r\n");
    a = client_read(fd);
    CHECK("its owner sees details", strstr(a.body, "a secret detail"));
    answer_free(&a);
    close(fd);
}

static void test_metrics(struct http_server *s)
{
    struct buf metrics;

    buf_init(&metrics, 1 << 20);
    http_metrics(s, &metrics);
    CHECK("metrics by route and class",
          strstr(metrics.data, "{method=\"POST\",route=\"/api/notes\",code=\"2xx\"} 4\n"));
    CHECK("body memory is given back", strstr(metrics.data, "\nplumbline_http_body_bytes 0\n"));
    buf_release(&metrics);
}

int main(void)
{
    struct http_app app = {.tables = tables, .authenticate = authenticate, .forbid = forbid};
    char socket_path[64];
    struct http_config config = {.address = "127.0.0.1", .unix_path = socket_path, .threads = 2};
    struct http_server *s;
    struct error err = {0};

    signal(SIGPIPE, SIG_IGN);
    log_set_level((enum log_level)(LOG_ERROR + 1)); /* malformed requests are on purpose here */
    snprintf(socket_path, sizeof socket_path, "/tmp/plumbline-test-%d.sock", (int)getpid());
    s = http_start(&config, &app, &err);
    if (!CHECK("starts", s != NULL)) {
        printf("# %s\n", err.message);
        return check_done();
    }
    port = http_port(s);
    test_cases();
    test_headers();
    test_announced();
    test_too_large();
    test_upload();
    test_malformed();
    test_pipeline();
    test_unix(socket_path);
    config.port = port;
    config.unix_path = NULL;
    CHECK("a port is taken once", !http_start(&config, &app, &err));
    CHECK("and the error says so", strstr(err.message, "in use"));
    usleep(50000); /* the last completions */
    test_metrics(s);
    http_stop(s);
    CHECK("the socket file is gone", access(socket_path, F_OK) != 0);
    return check_done();
}
