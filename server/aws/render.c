/* render.c - RenderUiTemplate: a worker task template filled in, so that its author can see it. */
#include "door.h"

#include "plumbline/aws/liquid.h"
#include "plumbline/base/clock.h"
#include "plumbline/http/offload.h"

#include <string.h>

enum { LINK_SECONDS = 3600 };

struct rendering {
    struct buf out;
    json_t *errors;
};

/* A link that a browser may read the picture by. None leaves the address as it is: the preview then
 * lacks a picture, which is no error of the template. */
static char *grant(void *context, const char *uri)
{
    struct aws_call *c = context;
    struct error ignored = {0};
    struct arena a;
    const char *link;
    char *copy;

    if (!c->aws->service->s3)
        return NULL;
    arena_init(&a);
    link = s3_presign(c->aws->service->s3, uri, LINK_SECONDS, NULL, &a, &ignored);
    copy = link ? must_strdup(link) : NULL;
    arena_release(&a);
    return copy;
}

static bool render(struct http_request *rq, void *context, struct error *err)
{
    struct aws_call *c = context;
    struct rendering *r = c->work;
    const struct liquid_options options = {
        .grant_read_access = grant, .ctx = c, .now = clock_now_us() / SECOND_US};
    const char *template = aws_text(json_object_get(c->in, "UiTemplate"), "Content"),
               *input = aws_text(json_object_get(c->in, "Task"), "Input");

    (void)rq, (void)err;
    buf_init(&r->out, LIQUID_OUTPUT_MAX);
    r->errors = json_array();
    liquid_render_task(template, strlen(template), input, strlen(input), &options, &r->out,
                       r->errors);
    return true;
}

static bool rendered(struct http_request *rq, struct error *err)
{
    struct aws_call *c = rq->user;
    struct rendering *r = c->work;
    json_t *out = json_pack("{s:s%, s:O}", "RenderedContent", r->out.data ? r->out.data : "",
                            r->out.size, "Errors", r->errors); /* a NUL may come from the input */

    return out ? aws_reply(c, out) : error_internal(err, "a template rendered to no UTF-8");
}

/* A preview that was made for a client who has gone is released too. */
static void release(void *work)
{
    struct rendering *r = work;

    buf_release(&r->out);
    json_decref(r->errors);
}

bool aws_render_ui_template(struct aws_call *c, struct error *err)
{
    bool ui = json_object_get(c->in, "HumanTaskUiArn"), own = json_object_get(c->in, "UiTemplate");

    if (ui == own)
        return aws_invalid(err, "Give exactly one of UiTemplate and HumanTaskUiArn.");
    if (ui)
        return aws_invalid(err,
                           "Ground Truth's prebuilt human task UIs are AWS's own and cannot be "
                           "rendered here; give the template's text in UiTemplate.");
    c->work = arena_alloc(&c->arena, sizeof(struct rendering));
    c->release = release;
    return http_offload(c->rq, c->aws->renderer, render, c, rendered);
}
