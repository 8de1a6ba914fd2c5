/* aws.c - the AWS door's life, and the way of one call through it: who signed it, what it asks for,
 * whether that fits the model, then the operation. */
#include "door.h"

#include "model.h"
#include "plumbline/base/fields.h"
#include "plumbline/http/offload.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char target_prefix[] = "SageMaker.";

static void release(struct http_request *rq)
{
    struct aws_call *c = rq->user;

    if (c->release)
        c->release(c->work);
    json_decref(c->in);
    arena_release(&c->arena);
}

static struct aws_call *new_call(struct http_request *rq)
{
    struct aws_call *c = arena_alloc(&rq->arena, sizeof *c);

    c->aws = rq->route->own;
    c->rq = rq;
    arena_init(&c->arena);
    rq->user = c;
    rq->release = release;
    return c;
}

static bool find_operation(struct aws_call *c, struct error *err)
{
    const char *target = http_header(c->rq, "X-Amz-Target");
    size_t n = sizeof target_prefix - 1;

    if (target && strncmp(target, target_prefix, n) == 0)
        c->operation = aws_operation_find(target + n);
    if (!c->operation)
        return aws_refuse(err, "UnknownOperationException",
                          target ? "This service has no operation %.100s."
                                 : "The request has no X-Amz-Target%.1s.",
                          target ? target : "");
    return true;
}

static bool may_call(struct aws_call *c, struct error *err)
{
    if (!(c->roles & c->operation->who))
        return aws_refuse(err, "AccessDeniedException",
                          "The person of this access key is %s; SageMaker.%s needs the role %s.",
                          role_name(c->roles), c->operation->name,
                          c->operation->who & ROLE_REVIEWER ? "reviewer, lead or admin"
                                                            : "lead or admin");
    return !c->operation->refusal || aws_invalid(err, "%s", c->operation->refusal);
}

static bool read_body(struct aws_call *c, struct error *err)
{
    const struct buf *body = &c->rq->body;

    if (body->size == 0) /* some clients send nothing where there are no members */
        c->in = json_object();
    else
        c->in = json_parse(body->data, body->size, err);
    return c->in &&
           aws_model_check(c->aws->patterns, c->operation->in, c->in, &c->arena, &c->message, err);
}

static bool run(struct aws_call *c, struct error *err)
{
    const char *answer = c->operation->creates ? aws_replay_find(c) : NULL;
    json_t *again = answer ? json_loads(answer, 0, NULL) : NULL;

    return again ? aws_reply(c, again) : c->operation->run(c, err);
}

static bool post(struct http_request *rq, struct error *err)
{
    struct aws_call *c = new_call(rq);

    return aws_verify(c, err) && find_operation(c, err) && may_call(c, err) && read_body(c, err) &&
           run(c, err);
}

/* ---- life ---- */

static bool read_names(struct aws *w, struct error *err)
{
    const char *account = w->service->config.aws_account, *region = w->service->config.aws_region;

    account = account ? account : "000000000000";
    region = region ? region : "us-east-1";
    if (strlen(account) != 12 || strspn(account, "0123456789") != 12)
        return error_invalid(err, "--aws-account", "An AWS account has 12 digits, not \"%.40s\".",
                             account);
    if (!*region || strlen(region) >= sizeof w->region ||
        strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(region))
        return error_invalid(err, "--aws-region", "\"%.40s\" cannot be the name of a region.",
                             region);
    memcpy(w->account, account, sizeof w->account);
    memcpy(w->region, region, strlen(region) + 1);
    return true;
}

static bool compile_patterns(struct aws *w, struct error *err)
{
    const struct shape **shapes = must_alloc(aws_operations_count * sizeof *shapes);

    for (size_t i = 0; i < aws_operations_count; i++)
        shapes[i] = aws_operations[i].in;
    w->patterns = aws_patterns_new(shapes, aws_operations_count, err);
    free(shapes);
    return w->patterns != NULL;
}

struct aws *aws_open(struct service *s, struct error *err)
{
    struct aws *w = must_alloc(sizeof *w);

    w->service = s;
    w->renderer = read_names(w, err) && compile_patterns(w, err)
                      ? http_offload_start("rendering", 1, err)
                      : NULL;
    if (!w->renderer) {
        aws_close(w);
        return NULL;
    }
    w->keys = aws_keys_new();
    w->replays = aws_replays_new();
    w->tally = aws_tally_new();
    w->routes[0] = (struct route){.method = HTTP_POST,
                                  .path = "/",
                                  .who = HTTP_PUBLIC, /* the signature is the door's own matter */
                                  .run = post,
                                  .takes = HTTP_BODY_BYTES,
                                  .body_max = AWS_BODY_MAX,
                                  .hidden = true,
                                  .write_error = aws_write_error,
                                  .own = w};
    return w;
}

void aws_close(struct aws *w)
{
    if (!w)
        return;
    http_offload_stop(w->renderer);
    aws_patterns_free(w->patterns);
    aws_keys_free(w->keys);
    aws_replays_free(w->replays);
    aws_tally_free(w->tally);
    free(w->public_url);
    free(w);
}

void aws_set_public_url(struct aws *w, const char *url)
{
    w->public_url = must_strdup(url);
}

const struct route *aws_routes(const struct aws *w)
{
    return w->routes;
}
