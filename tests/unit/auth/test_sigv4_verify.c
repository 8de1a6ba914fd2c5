/* The request of vector A (and B, with a session token) is taken; each with one thing changed is not,
 * with the error that AWS's services give. The clock is the vectors'. */
#include "plumbline/auth/sigv4_verify.h"

#include "plumbline/base/clock.h"
#include "../check.h"

#define TIME "20231114T221320Z"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define SCOPE "AKIDEXAMPLE/20231114/us-east-1/sagemaker/aws4_request"
#define NAMES "content-type;host;x-amz-date;x-amz-target"
#define SIGNATURE "dcc58ab27926e0c43b6e0e2ca28ada9b3694e2d61c3e341bf2c7e51ba745514c"
#define AUTHORIZATION                                                                              \
    "AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=" NAMES ", Signature=" SIGNATURE
#define BODY "{\"LabelingJobName\": \"job1\"}"

static const int64_t now = INT64_C(1700000000) * SECOND_US;

enum { DATE, TARGET, HOST, TYPE, AUTH, AGENT, MORE, N = 9 };

struct one {
    struct sigv4_pair     headers[N];
    struct sigv4_received rq;
    const char           *secret;
    int64_t               now;
};

static struct one request(const char *authorization)
{
    struct one o = {.headers = {[DATE] = {"X-Amz-Date", TIME},
                                [TARGET] = {"X-Amz-Target", "SageMaker.DescribeLabelingJob"},
                                [HOST] = {"Host", "127.0.0.1:8080"},
                                [TYPE] = {"Content-Type", "application/x-amz-json-1.1"},
                                [AUTH] = {"Authorization", authorization},
                                [AGENT] = {"User-Agent", "aws-cli"}},
                    .rq = {.method = "POST",
                           .path = "/",
                           .n_headers = MORE,
                           .body = BODY,
                           .body_size = sizeof BODY - 1},
                    .secret = SECRET,
                    .now = now};
    return o;
}

static struct error last;

/* "" when the request is taken, the code otherwise. */
static const char *verdict(struct one o)
{
    static char code[64];
    struct sigv4_claim claim;
    const char *canonical;
    struct arena a;

    memset(&last, 0, sizeof last);
    arena_init(&a);
    o.rq.headers = o.headers;
    code[0] = '\0';
    if (!sigv4_claim_read(&o.rq, "sagemaker", o.now, &a, &claim, &last) ||
        !sigv4_claim_check(&o.rq, &claim, o.secret, &a, &canonical, &last))
        snprintf(code, sizeof code, "%s", last.code);
    arena_release(&a);
    return code;
}

#define INVALID "InvalidSignatureException"
#define INCOMPLETE "IncompleteSignatureException"

static void test_taken(void)
{
    struct one o = request(AUTHORIZATION);
    struct sigv4_claim claim;
    struct error err = {0};
    struct arena a;

    CHECK_TEXT("vector A", verdict(o), "");
    o.rq.query = "";
    CHECK_TEXT("an empty query", verdict(o), "");
    o = request("AWS4-HMAC-SHA256   Signature=" SIGNATURE ",Credential=" SCOPE
                ",   SignedHeaders=" NAMES);
    CHECK_TEXT("parts in any order, with any blanks", verdict(o), "");
    o = request(AUTHORIZATION);
    o.headers[TARGET].value = "  SageMaker.DescribeLabelingJob ";
    CHECK_TEXT("blanks around a value", verdict(o), "");
    o = request(AUTHORIZATION);
    o.headers[o.rq.n_headers++] = (struct sigv4_pair){"X-Forwarded-For", "10.0.0.1"};
    CHECK_TEXT("unsigned headers of proxies", verdict(o), "");
    o.headers[o.rq.n_headers++] = (struct sigv4_pair){"amz-sdk-request", "attempt=1"};
    CHECK_TEXT("amz-sdk-request is not signed by anybody", verdict(o), "");
    o = request("AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=content-type;host;x-amz-date;"
                "x-amz-security-token;x-amz-target, Signature="
                "7452040257bc6a7586252a4808845c03c77a3d136195e4117167f43cab6d61f3");
    o.headers[o.rq.n_headers++] = (struct sigv4_pair){"X-Amz-Security-Token", "SESSIONTOKEN/+="};
    CHECK_TEXT("vector B", verdict(o), "");
    o.rq.headers = o.headers;
    arena_init(&a);
    CHECK("vector B has a session token",
          sigv4_claim_read(&o.rq, "sagemaker", now, &a, &claim, &err) && claim.session_token);
    CHECK_TEXT("its key", claim.access_key_id, "AKIDEXAMPLE");
    CHECK_TEXT("its region", claim.region, "us-east-1");
    arena_release(&a);
}

static void test_changed(void)
{
    struct one o = request(AUTHORIZATION);

    o.rq.body = "{\"LabelingJobName\": \"job2\"}";
    CHECK_TEXT("another body", verdict(o), INVALID);
    o = request(AUTHORIZATION);
    o.rq.body_size--;
    CHECK_TEXT("a shorter body", verdict(o), INVALID);
    o = request(AUTHORIZATION);
    o.rq.path = "/x";
    CHECK_TEXT("another path", verdict(o), INVALID);
    o = request(AUTHORIZATION);
    o.rq.method = "PUT";
    CHECK_TEXT("another method", verdict(o), INVALID);
    o = request(AUTHORIZATION);
    o.headers[TARGET].value = "SageMaker.StopLabelingJob";
    CHECK_TEXT("another target", verdict(o), INVALID);
    o = request(AUTHORIZATION);
    o.headers[HOST].value = "127.0.0.1";
    CHECK_TEXT("the host without its port", verdict(o), INVALID);
    o = request(AUTHORIZATION);
    o.headers[DATE].value = "20231114T221321Z";
    CHECK_TEXT("a second later", verdict(o), INVALID);
    o = request(AUTHORIZATION);
    o.secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEZ";
    CHECK_TEXT("another secret", verdict(o), INVALID);
    CHECK("with AWS's sentence", strstr(last.message, "signature we calculated does not match"));
    o.secret = NULL;
    CHECK_TEXT("a key that nobody has", verdict(o), "UnrecognizedClientException");
    o = request("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20231114/us-east-2/sagemaker/aws4_request, "
                "SignedHeaders=" NAMES ", Signature=" SIGNATURE);
    CHECK_TEXT("another region", verdict(o), INVALID);
    o = request("AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=" NAMES ", Signature="
                "DCC58AB27926E0C43B6E0E2CA28ADA9B3694E2D61C3E341BF2C7E51BA745514C");
    CHECK_TEXT("upper-case digits", verdict(o), INVALID);
    o = request("AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=" NAMES ", Signature=dcc5");
    CHECK_TEXT("a short signature", verdict(o), INVALID);
    o = request(AUTHORIZATION);
    o.headers[TARGET].value = "SageMaker.Describe";
    o.headers[o.rq.n_headers++] = (struct sigv4_pair){"x-amz-target", "LabelingJob"};
    CHECK_TEXT("a value in two headers", verdict(o), INVALID);
}

static void test_scope_and_date(void)
{
    static const struct {
        int         minutes;
        const char *code;
    } clocks[] = {{0, ""}, {-14, ""}, {14, ""}, {-15, ""}, {15, ""}, {-16, INVALID}, {16, INVALID}};
    struct one o = request("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20231114/us-east-1/s3/"
                           "aws4_request, SignedHeaders=" NAMES ", Signature=" SIGNATURE);

    CHECK_TEXT("a signature for another service", verdict(o), INVALID);
    CHECK("says so", strstr(last.message, "correct service: 'sagemaker'"));
    o = request("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20231115/us-east-1/sagemaker/aws4_request, "
                "SignedHeaders=" NAMES ", Signature=" SIGNATURE);
    CHECK_TEXT("a scope of another day", verdict(o), INVALID);
    CHECK("says which", strstr(last.message, "'20231115' != '20231114'"));
    for (size_t i = 0; i < COUNT(clocks); i++) {
        o = request(AUTHORIZATION);
        o.now = now + clocks[i].minutes * 60 * SECOND_US;
        CHECK_TEXT("clocks apart", verdict(o), clocks[i].code);
    }
    CHECK("the last is from the past", strstr(last.message, "Signature expired: " TIME));
    o = request(AUTHORIZATION);
    o.headers[DATE].value = "Tue, 14 Nov 2023 22:13:20 GMT";
    CHECK_TEXT("another form of date", verdict(o), INCOMPLETE);
    o = request(AUTHORIZATION);
    o.headers[DATE].name = "Date";
    CHECK_TEXT("Date is not X-Amz-Date", verdict(o), INCOMPLETE);
    o = request(AUTHORIZATION);
    o.headers[o.rq.n_headers++] = (struct sigv4_pair){"x-amz-date", TIME};
    CHECK_TEXT("two dates", verdict(o), INCOMPLETE);
}

static const char *with(const char *authorization)
{
    return verdict(request(authorization));
}

static void test_form(void)
{
    struct one o = request(AUTHORIZATION);

    o.headers[AUTH].name = "X-Authorization";
    CHECK_TEXT("no Authorization", verdict(o), "MissingAuthenticationTokenException");
    o = request(AUTHORIZATION);
    o.headers[o.rq.n_headers++] = (struct sigv4_pair){"authorization", AUTHORIZATION};
    CHECK_TEXT("two of them", verdict(o), INCOMPLETE);
    o = request(AUTHORIZATION);
    o.rq.query = "X-Amz-Algorithm=AWS4-HMAC-SHA256";
    CHECK_TEXT("header and query", verdict(o), INCOMPLETE);
    o.rq.query = "a=";
    CHECK_TEXT("any query", verdict(o), INCOMPLETE);
    CHECK_TEXT("empty", with(""), INCOMPLETE);
    CHECK_TEXT("Bearer", with("Bearer abc"), INCOMPLETE);
    CHECK_TEXT("another algorithm", with("AWS4-HMAC-SHA512 Credential=" SCOPE), INCOMPLETE);
    CHECK_TEXT("no blank", with("AWS4-HMAC-SHA256Credential=" SCOPE), INCOMPLETE);
    CHECK_TEXT("nothing else", with("AWS4-HMAC-SHA256 "), INCOMPLETE);
    CHECK_TEXT("no credential", with("AWS4-HMAC-SHA256 SignedHeaders=" NAMES ", Signature=" SIGNATURE),
               INCOMPLETE);
    CHECK_TEXT("no signature", with("AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=" NAMES),
               INCOMPLETE);
    CHECK_TEXT("a part twice", with(AUTHORIZATION ", Signature=" SIGNATURE), INCOMPLETE);
    CHECK_TEXT("another part", with(AUTHORIZATION ", More=x"), INCOMPLETE);
    CHECK_TEXT("an empty part", with(AUTHORIZATION ", , "), INCOMPLETE);
    CHECK_TEXT("four elements", with("AWS4-HMAC-SHA256 Credential=20231114/us-east-1/sagemaker/"
                                     "aws4_request, SignedHeaders=" NAMES ", Signature=" SIGNATURE),
               INCOMPLETE);
    CHECK_TEXT("no key", with("AWS4-HMAC-SHA256 Credential=/20231114/us-east-1/sagemaker/aws4_request, "
                              "SignedHeaders=" NAMES ", Signature=" SIGNATURE), INCOMPLETE);
    CHECK_TEXT("another end", with("AWS4-HMAC-SHA256 Credential=A/20231114/us-east-1/sagemaker/aws5, "
                                   "SignedHeaders=" NAMES ", Signature=" SIGNATURE), INCOMPLETE);
    CHECK_TEXT("a date of seven digits",
               with("AWS4-HMAC-SHA256 Credential=A/2023111/us-east-1/sagemaker/aws4_request, "
                    "SignedHeaders=" NAMES ", Signature=" SIGNATURE), INCOMPLETE);
}

#define SIGNED(names)                                                                              \
    with("AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=" names ", Signature=" SIGNATURE)

static void test_signed_headers(void)
{
    struct one o;

    CHECK_TEXT("host is not signed", SIGNED("content-type;x-amz-date;x-amz-target"), INCOMPLETE);
    CHECK_TEXT("out of order", SIGNED("host;content-type;x-amz-date;x-amz-target"), INCOMPLETE);
    CHECK_TEXT("one twice", SIGNED("content-type;host;host;x-amz-date;x-amz-target"), INCOMPLETE);
    CHECK_TEXT("upper case", SIGNED("Content-Type;host;x-amz-date;x-amz-target"), INCOMPLETE);
    CHECK_TEXT("an empty name", SIGNED("content-type;host;;x-amz-date;x-amz-target"), INCOMPLETE);
    CHECK_TEXT("an empty name at the end", SIGNED(NAMES ";"), INCOMPLETE);
    CHECK_TEXT("one that is not there", SIGNED("accept;" NAMES), INCOMPLETE);
    CHECK_TEXT("the date is not signed", SIGNED("content-type;host;x-amz-target"), INVALID);
    CHECK_TEXT("the target is not signed", SIGNED("content-type;host;x-amz-date"), INVALID);
    CHECK_TEXT("the type is not signed", SIGNED("host;x-amz-date;x-amz-target"), INVALID);
    o = request(AUTHORIZATION);
    o.headers[o.rq.n_headers++] = (struct sigv4_pair){"X-Amz-Meta-More", "1"};
    CHECK_TEXT("an unsigned x-amz header", verdict(o), INVALID);
    CHECK("is named", strstr(last.message, "'X-Amz-Meta-More'"));
}

/* Signed by our own signer, which has its own vectors. */
static void test_payload_header(void)
{
    static const struct {
        const char *value, *code;
    } cases[] = {{NULL, ""}, {"UNSIGNED-PAYLOAD", INVALID}, {"00", INVALID}};
    char right[SHA256_TEXT_SIZE];

    sha256_of(BODY, sizeof BODY - 1, right);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *value = cases[i].value ? cases[i].value : right;
        const struct sigv4_pair pairs[] = {{"content-type", "application/x-amz-json-1.1"},
                                           {"host", "127.0.0.1:8080"},
                                           {"x-amz-content-sha256", value},
                                           {"x-amz-date", TIME},
                                           {"x-amz-target", "SageMaker.DescribeLabelingJob"}};
        const struct sigv4_request rq = {"POST", "/", "", pairs, COUNT(pairs), right};
        const struct sigv4_scope scope = {TIME, "us-east-1", "sagemaker"};
        const struct sigv4_key key = {"AKIDEXAMPLE", SECRET};
        struct arena a;
        struct one o;

        arena_init(&a);
        o = request(sigv4_authorization(&rq, &scope, &key, &a));
        o.headers[o.rq.n_headers++] = (struct sigv4_pair){"x-amz-content-sha256", value};
        CHECK_TEXT("x-amz-content-sha256", verdict(o), cases[i].code);
        arena_release(&a);
    }
}

int main(void)
{
    test_taken();
    test_changed();
    test_scope_and_date();
    test_form();
    test_signed_headers();
    test_payload_header();
    return check_done();
}
