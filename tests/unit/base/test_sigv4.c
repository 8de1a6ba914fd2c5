/* Vectors on which two generations of AWS's own clients and an independent calculation agree, each
 * also with one part of it changed. */
#include "plumbline/base/sigv4.h"

#include "plumbline/base/clock.h"
#include "../check.h"

#include <stdlib.h>

#define TIME "20231114T221320Z"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HELLO_HASH "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static struct arena arena;

static const struct sigv4_scope control = {TIME, "us-east-1", "sagemaker"},
                                bucket = {TIME, "us-east-1", "s3"},
                                other = {TIME, "us-east-1", "execute-api"};

static const char *hex(const unsigned char *bytes)
{
    struct buf b;
    const char *text;

    buf_init(&b, 128);
    for (int i = 0; i < 32; i++)
        buf_printf(&b, "%02x", bytes[i]);
    text = arena_strdup(&arena, b.data);
    buf_release(&b);
    return text;
}

static const char *signature(const struct sigv4_request *rq, const struct sigv4_scope *scope)
{
    char *out = arena_alloc(&arena, SIGV4_SIGNATURE_SIZE);
    const char *names;

    sigv4_sign(sigv4_canonical(rq, &arena, &names), scope, SECRET, out);
    return out;
}

static const char *canonical_hash(const struct sigv4_request *rq)
{
    char *out = arena_alloc(&arena, SHA256_TEXT_SIZE);
    const char *names, *text = sigv4_canonical(rq, &arena, &names);

    sha256_of(text, strlen(text), out);
    return out;
}

/* ---- A, B: the control API ---- */

static const struct sigv4_pair control_headers[] = {
    {"x-amz-target", "SageMaker.DescribeLabelingJob"},
    {"host", "127.0.0.1:8080"},
    {"x-amz-date", TIME},
    {"content-type", "application/x-amz-json-1.1"},
    {"x-amz-security-token", "SESSIONTOKEN/+="}};

static struct sigv4_request control_request(size_t n_headers)
{
    char *payload = arena_alloc(&arena, SHA256_TEXT_SIZE);
    const char *body = "{\"LabelingJobName\": \"job1\"}";

    sha256_of(body, strlen(body), payload);
    return (struct sigv4_request){.method = "POST",
                                  .path = "/",
                                  .query = "",
                                  .headers = control_headers,
                                  .n_headers = n_headers,
                                  .payload = payload};
}

static void test_control(void)
{
    struct sigv4_request a = control_request(4), b = control_request(5);
    struct sigv4_key key = {"AKIDEXAMPLE", SECRET};
    unsigned char keys[4][SHA256_SIZE];
    const char *names;

    CHECK_TEXT("A: canonical request", sigv4_canonical(&a, &arena, &names),
               "POST\n/\n\ncontent-type:application/x-amz-json-1.1\nhost:127.0.0.1:8080\n"
               "x-amz-date:20231114T221320Z\nx-amz-target:SageMaker.DescribeLabelingJob\n\n"
               "content-type;host;x-amz-date;x-amz-target\n"
               "03fa2e78b0f9b9c017ada9abd33069acf48f747b3486c745d975fbc3298691f7");
    CHECK_TEXT("A: names of the signed headers", names, "content-type;host;x-amz-date;x-amz-target");
    CHECK_TEXT("A: digest of it", canonical_hash(&a),
               "3f2006dbca3d889e5aad064eb364a512257584bc93b8381620288d4ff2b99dbb");
    sigv4_keys(&control, SECRET, keys);
    CHECK_TEXT("A: key after the date", hex(keys[0]),
               "9082f59d0c3a7fd5ff49256cde249bd4518d5b27478c96c03a9723b4fc9ddb0b");
    CHECK_TEXT("A: key after the region", hex(keys[1]),
               "ab470230df2e3acb300440d42d589c55224baa8fec81245f56435285ad1ec012");
    CHECK_TEXT("A: key after the service", hex(keys[2]),
               "52a49b841a98311e2874a40acd82be60ee8cab7a33d5647957c6efd883f3073a");
    CHECK_TEXT("A: signing key", hex(keys[3]),
               "4f7f244eaffc63c0f8211017d05c85c2cd53d832abf7f050244eefd84657b070");
    CHECK_TEXT("A: signature", signature(&a, &control),
               "dcc58ab27926e0c43b6e0e2ca28ada9b3694e2d61c3e341bf2c7e51ba745514c");
    CHECK_TEXT("A: Authorization", sigv4_authorization(&a, &control, &key, &arena),
               "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20231114/us-east-1/sagemaker/aws4_request, "
               "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
               "Signature=dcc58ab27926e0c43b6e0e2ca28ada9b3694e2d61c3e341bf2c7e51ba745514c");
    CHECK_TEXT("B: digest with a session token", canonical_hash(&b),
               "fc952ea78be522ba0f3934bd17ca10b4266ae871bc751aeeba2178a4cbc59b3c");
    CHECK_TEXT("B: signature with a session token", signature(&b, &control),
               "7452040257bc6a7586252a4808845c03c77a3d136195e4117167f43cab6d61f3");
}

/* ---- C, D, E: buckets ---- */

static const struct sigv4_pair put_headers[] = {{"host", "s3.example:9000"},
                                                {"x-amz-content-sha256", HELLO_HASH},
                                                {"x-amz-date", TIME}};

static const char *object_path(void)
{
    const char *key = "/bkt/a b+c=\xc3\xa9/x.txt";
    struct buf b;
    const char *path;

    buf_init(&b, 1024);
    sigv4_encode(key, strlen(key), true, &b);
    path = arena_strdup(&arena, b.data);
    buf_release(&b);
    return path;
}

static struct sigv4_request put_request(void)
{
    return (struct sigv4_request){.method = "PUT",
                                  .path = object_path(),
                                  .query = "",
                                  .headers = put_headers,
                                  .n_headers = COUNT(put_headers),
                                  .payload = HELLO_HASH};
}

static void test_buckets(void)
{
    const struct sigv4_pair list_headers[] = {{"host", "s3.example:9000"},
                                              {"x-amz-content-sha256", EMPTY_HASH},
                                              {"x-amz-date", TIME}},
                            list_query[] = {{"prefix", "a b/+=\xc3\xa9"},
                                            {"list-type", "2"},
                                            {"delimiter", "/"},
                                            {"start-after", ""},
                                            {"uploads", ""}},
                            link_query[] = {
                                {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
                                {"X-Amz-Credential", "AKIDEXAMPLE/20231114/us-east-1/s3/aws4_request"},
                                {"X-Amz-Date", TIME},
                                {"X-Amz-Expires", "900"},
                                {"X-Amz-SignedHeaders", "host"}};
    struct sigv4_request put = put_request(), list = put_request(), link = put_request();
    unsigned char keys[4][SHA256_SIZE];

    CHECK_TEXT("C: path", put.path, "/bkt/a%20b%2Bc%3D%C3%A9/x.txt");
    sigv4_keys(&bucket, SECRET, keys);
    CHECK_TEXT("C: signing key", hex(keys[3]),
               "10e8a05fdb91a8d996fd1dac3b86cdea3db52767d37d1ea8e8752563e26e8f46");
    CHECK_TEXT("C: digest", canonical_hash(&put),
               "b8e63d049456be8c31cc211e4225faa0cb74c59d47aea1b643d3b9ba163e29bf");
    CHECK_TEXT("C: signature", signature(&put, &bucket),
               "4432207ce1620d68782c7884e929e828e9d1f7f6383b91c86c7c24b952406bb1");

    list.method = "GET";
    list.path = "/bkt";
    list.query = sigv4_query(list_query, COUNT(list_query), &arena);
    list.headers = list_headers;
    list.payload = EMPTY_HASH;
    CHECK_TEXT("D: query", list.query,
               "delimiter=%2F&list-type=2&prefix=a%20b%2F%2B%3D%C3%A9&start-after=&uploads=");
    CHECK_TEXT("D: signature", signature(&list, &bucket),
               "6c2cdcffe80f6d75331cea5982e885c02b7194ede601699523a4e0b61890bdf0");

    link.method = "GET";
    link.query = sigv4_query(link_query, COUNT(link_query), &arena);
    link.headers = put_headers;
    link.n_headers = 1;
    link.payload = "UNSIGNED-PAYLOAD";
    CHECK_TEXT("E: query", link.query,
               "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20231114%2F"
               "us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20231114T221320Z&X-Amz-Expires=900&"
               "X-Amz-SignedHeaders=host");
    CHECK_TEXT("E: digest", canonical_hash(&link),
               "ab0723e92e4138f2ef7bd080492a0d44102a6679aef5670df3f7532e5ab25b26");
    CHECK_TEXT("E: signature", signature(&link, &bucket),
               "4631a60c6c8889084b81c091c2bad2ad69a9a673b7851a2051817de2a2bab26b");
}

/* ---- F, G: another service; its paths come here already normalised ---- */

static void test_other_service(void)
{
    const struct sigv4_pair headers[] = {{"host", "h.example"}, {"x-amz-date", TIME}},
                            query[] = {{"x", "1"}, {"B", "2"}, {"b", ""}};
    struct sigv4_request f = {.method = "GET",
                              .path = "/a%2520b/c",
                              .query = sigv4_query(query, COUNT(query), &arena),
                              .headers = headers,
                              .n_headers = COUNT(headers),
                              .payload = EMPTY_HASH},
                         g = f;

    CHECK_TEXT("F: query", f.query, "B=2&b=&x=1");
    CHECK_TEXT("F: signature", signature(&f, &other),
               "972e9b2ba25d2503fee42430fff970a27a56d8a192ee748dbba7c0743929db46");
    g.path = "/b/c/d";
    g.query = "";
    CHECK_TEXT("G: signature", signature(&g, &other),
               "27e3e194278dab454e96c6b3be5ee5f5c537181e5cdce8ed1d96991f2e97c5f8");
}

/* ---- one part changed: another signature ---- */

static void test_changes(void)
{
    struct sigv4_request right = put_request(), rq;
    const char *want = signature(&right, &bucket);
    struct sigv4_pair headers[COUNT(put_headers)];
    struct sigv4_scope scope;
    char changed[SIGV4_SIGNATURE_SIZE];
    const char *names;

#define DIFFERS(name, request, in)                                                                 \
    CHECK("changed " name ": another signature", strcmp(signature(request, in), want) != 0)
    rq = right, rq.method = "POST";
    DIFFERS("method", &rq, &bucket);
    rq = right, rq.path = "/bkt/a%20b%2Bc%3D%C3%A9/x.txu";
    DIFFERS("path", &rq, &bucket);
    rq = right, rq.query = "uploads=";
    DIFFERS("query", &rq, &bucket);
    rq = right, rq.payload = EMPTY_HASH;
    DIFFERS("body", &rq, &bucket);
    rq = right, rq.n_headers--;
    DIFFERS("list of headers", &rq, &bucket);
    memcpy(headers, put_headers, sizeof headers);
    headers[0].value = "s3.example:9001";
    rq = right, rq.headers = headers;
    DIFFERS("header", &rq, &bucket);
    scope = bucket, scope.time = "20231114T221321Z";
    DIFFERS("second", &right, &scope);
    scope = bucket, scope.time = "20231115T221320Z";
    DIFFERS("day", &right, &scope);
    scope = bucket, scope.region = "us-east-2";
    DIFFERS("region", &right, &scope);
    DIFFERS("service", &right, &control);
    sigv4_sign(sigv4_canonical(&right, &arena, &names), &bucket, SECRET "X", changed);
    CHECK("changed secret: another signature", strcmp(changed, want) != 0);
}

/* ---- the parts ---- */

static void test_encoding(void)
{
    bool ok = true, path_ok = true;

    for (int c = 0; c < 256; c++) {
        char byte = (char)c, want[8];
        struct buf b;
        bool plain = c && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789-_.~", c) != NULL;

        snprintf(want, sizeof want, plain ? "%c" : "%%%02X", c);
        buf_init(&b, 16);
        sigv4_encode(&byte, 1, false, &b);
        ok = ok && strcmp(b.data, want) == 0;
        buf_clear(&b);
        sigv4_encode(&byte, 1, true, &b);
        path_ok = path_ok && strcmp(b.data, c == '/' ? "/" : want) == 0;
        buf_release(&b);
    }
    CHECK("every byte in a query", ok);
    CHECK("every byte in a path", path_ok);
}

static void test_sorting(void)
{
    const struct sigv4_pair q[] = {{"a-b", ""}, {"a", "1"}, {"a", "0"}, {"a", ""}, {"b", "%"}},
                            headers[] = {{"x-b", "  two   words\t here "}, {"x-a", "1"}, {"x-b", "2"}};
    struct sigv4_request rq = {.method = "GET", .path = "", .query = "", .headers = headers,
                               .n_headers = COUNT(headers), .payload = "-"};
    const char *names;

    CHECK_TEXT("names are sorted before they are joined", sigv4_query(q, COUNT(q), &arena),
               "a=&a=0&a=1&a-b=&b=%25");
    CHECK_TEXT("an empty query", sigv4_query(NULL, 0, &arena), "");
    CHECK_TEXT("headers: blanks are folded, repeated ones joined, an empty path is a slash",
               sigv4_canonical(&rq, &arena, &names),
               "GET\n/\n\nx-a:1\nx-b:two words here,2\n\nx-a;x-b\n-");
}

static void test_times(void)
{
    static const char *const wrong[] = {"", "20231114T221320", "20231114T221320Z ", "20231114 221320Z",
                                        "20230231T000000Z", "20231314T221320Z", "20231114T241320Z",
                                        "2023111aT221320Z", "20231114T221360Z", "+0231114T221320Z"};
    char text[SIGV4_TIME_SIZE];
    int64_t us = 0;
    bool ok = true;

    sigv4_time(INT64_C(1700000000) * SECOND_US + 999999, text);
    CHECK_TEXT("time as text", text, TIME);
    CHECK("and back", sigv4_time_parse(TIME, &us) && us == INT64_C(1700000000) * SECOND_US);
    for (size_t i = 0; i < COUNT(wrong); i++)
        ok = ok && !sigv4_time_parse(wrong[i], &us);
    CHECK("what is no time is refused", ok);
}

static void test_equal(void)
{
    const char good[] = "dcc58ab27926e0c43b6e0e2ca28ada9b3694e2d61c3e341bf2c7e51ba745514c";
    char bad[sizeof good];

    CHECK("the same", sigv4_equal(good, good));
    memcpy(bad, good, sizeof good);
    bad[63] = 'd';
    CHECK("the last digit differs", !sigv4_equal(bad, good));
    memcpy(bad, good, sizeof good);
    bad[0] = 'D';
    CHECK("upper case is refused", !sigv4_equal(bad, good));
    CHECK("one digit less", !sigv4_equal(good + 1, good));
    CHECK("nothing", !sigv4_equal("", good));
}

int main(void)
{
    arena_init(&arena);
    test_control();
    test_buckets();
    test_other_service();
    test_changes();
    test_encoding();
    test_sorting();
    test_times();
    test_equal();
    arena_release(&arena);
    return check_done();
}
