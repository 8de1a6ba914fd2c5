/* aws_setup_read.c - label categories and worker template of a job that was made at the AWS door, and
 * a look at where its output goes. */
#include "aws_setup.h"

#include "conditions.h"
#include "plumbline/base/utf8.h"
#include "plumbline/engine/jobs.h"
#include "plumbline/engine/made_up.h"
#include "plumbline/exchange/label_categories.h"
#include "plumbline/exchange/template.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CATEGORIES_MAX = 1 << 20, /* bytes */
    TEMPLATE_CHARS = 128000,  /* Ground Truth's limit */
    TEMPLATE_BYTES = 4 * TEMPLATE_CHARS,
};

struct reading {
    struct service   *service;
    const struct job *job;
    json_t           *request;
    struct arena     *arena;
    char             *reason;
    struct job        described; /* whose made-up template this is */
    bool              template_here;
};

/* The request is to blame. False. */
__attribute__((format(printf, 3, 4))) static bool blame(struct reading *r, struct error *err,
                                                        const char *format, ...)
{
    va_list args;
    int n = snprintf(r->reason, AWS_REASON_SIZE, "%s", CLIENT_ERROR);

    va_start(args, format);
    vsnprintf(r->reason + n, AWS_REASON_SIZE - (size_t)n, format, args);
    va_end(args);
    r->reason[utf8_valid_prefix(r->reason, strlen(r->reason))] = '\0';
    return error_set(err, 422, "aws.request", "", "%.300s", r->reason);
}

static const char *text_at(json_t *request, const char *const *path)
{
    for (; *path; path++)
        request = json_object_get(request, *path);
    return json_string_value(request);
}

/* The object's bytes in the arena, with a NUL behind them. */
static bool read_object(struct reading *r, const char *what, const char *uri, size_t limit,
                        const char **text, size_t *size, struct error *err)
{
    struct error why = {0};
    void *bytes;
    bool ok = s3_read(r->service->s3, uri, limit, &bytes, size, NULL, &why);

    if (ok) {
        *text = arena_strndup(r->arena, bytes, *size);
        free(bytes);
        return true;
    }
    if (why.status == 503) {
        *err = why;
        return false;
    }
    if (why.status == 413)
        return blame(r, err, "The %s %s is too large: at most %zu bytes.", what, uri, limit);
    return blame(r, err, "Unable to read the %s %s: %s", what, uri, why.message);
}

/* What a job of REST has here has a made-up name, which a client may give back. */
static bool find_here(struct reading *r, const char *uri, enum made_up what, struct job *out,
                      bool *found, struct error *err)
{
    struct db *db = db_pool_take(r->service->pool, err);
    bool ok = db && made_up_find(db, uri, what, r->arena, out, found, err);

    db_pool_give(r->service->pool, db);
    return ok;
}

/* ---- the template ---- */

static bool read_template(struct reading *r, struct worker_template *out, struct error *err)
{
    static const char *const path[] = {"HumanTaskConfig", "UiConfig", "UiTemplateS3Uri", NULL};
    const char *uri = text_at(r->request, path), *html;
    struct error why = {0};
    size_t size;

    if (uri && !find_here(r, uri, MADE_UP_TEMPLATE, &r->described, &r->template_here, err))
        return false;
    if (!uri || r->template_here)
        return worker_template_read("", 0, r->arena, out, err);
    if (!read_object(r, "worker template", uri, TEMPLATE_BYTES, &html, &size, err))
        return false;
    if (utf8_is_valid(html, size) && utf8_length(html, size) > TEMPLATE_CHARS)
        return blame(r, err, "The worker template %s is too long: at most %d characters.", uri,
                     TEMPLATE_CHARS);
    return worker_template_read(html, size, r->arena, out, &why) ||
           blame(r, err, "The worker template %s is not valid: %s", uri, why.message);
}

/* ---- labels ---- */

static bool check_labels(struct reading *r, const char *uri, json_t *list, struct label_set *out,
                         struct error *err)
{
    const struct task_type *type = task_type_find(r->job->type);
    struct error why = {0};

    if (!label_set_create(list, r->arena, out, &why) || !task_labels_check(type, out, &why))
        return blame(r, err, "The labels in %s are not valid: %s", uri, why.message);
    out->version = r->job->label_set_version + 1;
    return true;
}

static bool labels_of_template(struct reading *r, const struct worker_template *t, const char *uri,
                               struct label_set *out, struct error *err)
{
    json_t *list = json_array();
    bool ok;

    for (size_t i = 0; i < t->label_count; i++)
        json_array_append_new(list, json_pack("{s:s}", "name", t->labels[i]));
    ok = check_labels(r, uri, list, out, err);
    json_decref(list);
    return ok;
}

/* *instructions: what the file says to people, or "". */
static bool labels_of_file(struct reading *r, const char *uri, struct label_set *out,
                           const char **instructions, struct error *err)
{
    struct label_categories c;
    struct error why = {0};
    const char *text;
    size_t size;
    bool ok;

    if (!read_object(r, "label category configuration file", uri, CATEGORIES_MAX, &text, &size,
                     err))
        return false;
    if (!label_categories_read(text, size, r->arena, &c, &why))
        return blame(r, err, "The label category configuration file %s is not valid: %s", uri,
                     why.message);
    ok = check_labels(r, uri, c.labels, out, err);
    *instructions = arena_printf(r->arena, "%s%s%s", c.short_instructions,
                                 *c.short_instructions && *c.full_instructions ? "\n\n" : "",
                                 c.full_instructions);
    label_categories_release(&c);
    return ok;
}

static bool labels_of_job(struct reading *r, const char *uri, const struct job *from,
                          struct label_set *out, struct error *err)
{
    const struct task_type *type = task_type_find(r->job->type);
    struct db *db = db_pool_take(r->service->pool, err);
    struct error why = {0};
    const char *text;
    bool ok = db &&
              label_set_get(db, from->id, from->label_set_version, r->arena, &text, err) &&
              label_set_thaw(text, strlen(text), r->arena, out, err);

    db_pool_give(r->service->pool, db);
    out->version = r->job->label_set_version + 1;
    return ok && (task_labels_check(type, out, &why) ||
                  blame(r, err, "The labels in %s are not valid: %s", uri, why.message));
}

static bool read_labels(struct reading *r, const struct worker_template *t, struct label_set *out,
                        const char **instructions, struct error *err)
{
    static const char *const template[] = {"HumanTaskConfig", "UiConfig", "UiTemplateS3Uri", NULL};
    static const char *const categories[] = {"LabelCategoryConfigS3Uri", NULL};
    const char *uri = text_at(r->request, categories);
    struct job from;
    bool here = false;

    *instructions = "";
    if (uri && !find_here(r, uri, MADE_UP_LABELS, &from, &here, err))
        return false;
    if (here)
        return labels_of_job(r, uri, &from, out, err);
    if (uri)
        return labels_of_file(r, uri, out, instructions, err);
    uri = text_at(r->request, template);
    if (r->template_here)
        return labels_of_job(r, uri, &r->described, out, err);
    if (uri && t->literal_labels)
        return labels_of_template(r, t, uri, out, err);
    return blame(r, err, "There is no label category configuration file, and the worker template "
                 "has no labels written out.");
}

/* ---- input and output ---- */

static bool check_manifest(struct reading *r, struct aws_plan *out, struct error *err)
{
    struct job from;
    bool here;

    if (!find_here(r, out->manifest, MADE_UP_MANIFEST, &from, &here, err))
        return false;
    out->copied = here ? from.id : 0;
    return !here || strcmp(from.type, r->job->type) == 0 ||
           blame(r, err, "The input manifest %s is that of a job of another type, %s.",
                 out->manifest, from.type);
}

/* One entry is enough. */
static bool seen(void *context, const struct s3_entry *entry, struct error *err)
{
    (void)context;
    (void)entry;
    return error_set(err, 200, "s3.seen", "", "The bucket is there.");
}

/* A tree in a bucket that is not there would be waited for without an end. Who may write need not be
 * allowed to list: any other refusal is found out by writing. */
static bool check_output(struct reading *r, struct error *err)
{
    struct error why = {0};

    if (!r->job->output || s3_list(r->service->s3, r->job->output, seen, NULL, &why))
        return true;
    if (strcmp(why.code, "s3.no_bucket") == 0)
        return blame(r, err, "The output path %s is in a bucket that does not exist.",
                     r->job->output);
    if (why.status != 503)
        return true;
    *err = why;
    return false;
}

const char *aws_setup_manifest(json_t *request)
{
    static const char *const path[] = {"InputConfig", "DataSource", "S3DataSource",
                                       "ManifestS3Uri", NULL};

    return text_at(request, path);
}

bool aws_setup_read(struct service *s, const struct job *job, json_t *request, struct arena *a,
                    struct aws_plan *out, char reason[AWS_REASON_SIZE], struct error *err)
{
    struct reading r = {.service = s, .job = job, .request = request, .arena = a, .reason = reason};
    struct worker_template t;
    const char *instructions;

    *out = (struct aws_plan){.manifest = aws_setup_manifest(request)};
    if (!out->manifest)
        return blame(&r, err, "The request names no input manifest.");
    if (!check_manifest(&r, out, err) || !check_output(&r, err) || !read_template(&r, &t, err) ||
        !read_labels(&r, &t, &out->labels, &instructions, err))
        return false;
    out->element = *t.name ? t.name : NULL;
    out->instructions =
        r.template_here ? r.described.instructions : worker_template_instructions(&t, a);
    if (!*out->instructions)
        out->instructions = instructions;
    if (utf8_length(out->instructions, strlen(out->instructions)) > INSTRUCTIONS_MAX)
        return blame(&r, err, "The instructions are too long: at most %d characters.",
                     INSTRUCTIONS_MAX);
    return true;
}
