/* fuzz_aws.c - any bytes as a request at the AWS door: headers in lines, an empty line, a body. What
 * the signature's reader takes must be checkable; a body is held against every shape of the model,
 * and what is accepted once is accepted again as it was left. */
#include "../../server/aws/model.h"

#include "plumbline/auth/sigv4_verify.h"
#include "plumbline/base/clock.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct shape *const shapes[] = {
    &shape_create_workforce, &shape_update_workforce, &shape_list_workforces,
    &shape_create_workteam, &shape_update_workteam, &shape_list_workteams, &shape_add_tags,
    &shape_list_tags, &shape_delete_tags, &shape_create_labeling_job,
    &shape_list_labeling_jobs, &shape_list_labeling_jobs_for_workteam, &shape_render_ui_template};

enum { SHAPES = sizeof shapes / sizeof *shapes };

static void check_model(const char *body, size_t size)
{
    static struct aws_patterns *patterns;

    if (!patterns)
        patterns = aws_patterns_new(shapes, SHAPES, NULL);
    for (size_t i = 0; i < SHAPES; i++) {
        json_t *json = json_loadb(body, size, JSON_DECODE_ANY, NULL);
        const char *message = NULL;
        struct error err = {0};
        struct arena a;

        if (!json)
            return;
        arena_init(&a);
        if (aws_model_check(patterns, shapes[i], json, &a, &message, &err))
            assert(aws_model_check(patterns, shapes[i], json, &a, &message, &err));
        else
            assert(message && *message && err.status == 400);
        arena_release(&a);
        json_decref(json);
    }
}

static void check_time(const char *body, size_t size)
{
    json_t *text = json_stringn(body, size);
    int64_t us;

    if (text && aws_timestamp_parse(text, &us))
        assert(us > -INT64_C(200000000000000000) && us < INT64_C(500000000000000000));
    json_decref(text);
}

/* "Name: value" lines into pairs; where the body begins. */
static char *read_headers(char *text, struct sigv4_pair *v, size_t *n)
{
    while (*text && *text != '\n') {
        char *line = text, *colon, *end = strchr(text, '\n');

        text = end ? end + 1 : text + strlen(text);
        if (end)
            *end = '\0';
        colon = strchr(line, ':');
        if (!colon || *n == SIGV4_HEADERS_MAX + 1)
            continue;
        *colon = '\0';
        v[(*n)++] = (struct sigv4_pair){line, colon + 1 + strspn(colon + 1, " ")};
    }
    return *text == '\n' ? text + 1 : text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sigv4_pair headers[SIGV4_HEADERS_MAX + 1];
    struct sigv4_received rq = {.method = "POST", .path = "/", .headers = headers};
    char *text = must_alloc(size + 1), *body;
    struct sigv4_claim claim;
    const char *canonical = NULL;
    struct arena a;

    memcpy(text, data, size);
    arena_init(&a);
    body = read_headers(text, headers, &rq.n_headers);
    rq.body = body;
    rq.body_size = size - (size_t)(body - text);
    if (sigv4_claim_read(&rq, "sagemaker", INT64_C(1700000000) * SECOND_US, &a, &claim, NULL)) {
        assert(*claim.access_key_id && strlen(claim.date) == 8);
        assert(!sigv4_claim_check(&rq, &claim, NULL, &a, &canonical, NULL) && canonical);
        sigv4_claim_check(&rq, &claim, "secret", &a, &canonical, NULL);
    }
    check_model(body, rq.body_size);
    check_time(body, rq.body_size);
    arena_release(&a);
    free(text);
    return 0;
}
