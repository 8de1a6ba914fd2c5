/* child_round.c - `__child round`: both ends of one round of the loop.
 *
 * Both ends are the same program, so structs travel as they are; every count is still checked
 * against the bytes that came, and arrays against their ranges by learn_round itself. */
#include "child_frames.h"
#include "plumbline/base/arena.h"
#include "plumbline/learn/child.h"
#include "plumbline/learn/feature_file.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES_MAX = 4096, CLASSES_MAX = 10000 };

#define PAYLOAD_MAX (SIZE_MAX / 4)

struct call {
    struct learn_settings settings;
    struct learn_state    state;
    uint64_t n_rows;
    uint64_t model_size; /* of the opinion; 0: none */
    uint32_t n_classes, multilabel, weighted, path_size;
};

struct outcome {
    struct learn_state  state;
    struct learn_report report;
    int64_t  decision;
    uint64_t n, n_ask, model_size;
    uint32_t n_classes, trained, multilabel, guessed;
};

static void add_call(struct buf *b, const struct call *call, const char *path,
                     const struct learn_answers *a, const struct buf *model)
{
    buf_add(b, call, sizeof *call);
    buf_add(b, path, call->path_size);
    for (uint32_t k = 0; k < a->n_classes; k++) {
        uint32_t size = (uint32_t)strlen(a->class_names[k]);

        buf_add(b, &size, sizeof size);
        buf_add(b, a->class_names[k], size);
    }
    buf_add(b, a->label, call->n_rows * sizeof *a->label);
    buf_add(b, a->part, call->n_rows);
    if (a->weight)
        buf_add(b, a->weight, call->n_rows);
    if (a->multilabel)
        buf_add(b, a->sets, call->n_rows * a->n_classes);
    if (call->model_size > 0)
        buf_add(b, model->data, model->size);
}

/* What a ROUND frame holds; arrays are copies, for the payload is not aligned. */
struct request {
    struct call          call;
    char                *path;
    char               **name;
    int32_t             *label;
    struct learn_model  *opinion;
    struct learn_answers answers;
};

static void request_release(struct request *q)
{
    for (uint32_t k = 0; q->name && k < q->call.n_classes; k++)
        free(q->name[k]);
    free(q->name);
    free(q->path);
    free(q->label);
    learn_model_free(q->opinion);
}

static bool take_text(struct cursor *c, size_t size, char **out)
{
    const char *text = cursor_skip(c, size);

    if (!text)
        return false;
    *out = must_alloc(size + 1);
    memcpy(*out, text, size);
    return true;
}

/* The last of a request; a damaged one is as good as none. */
static bool take_opinion(struct request *q, struct cursor *c)
{
    struct error ignored = {0};
    const void *bytes = cursor_skip(c, q->call.model_size);

    if (bytes && q->call.model_size > 0)
        q->answers.opinion = q->opinion =
            learn_model_read(bytes, q->call.model_size, &ignored);
    return bytes && c->at == c->end;
}

static bool request_read(struct request *q, struct cursor *c)
{
    struct call *call = &q->call;
    size_t n;

    if (!cursor_take(c, call, sizeof *call) || call->n_classes > CLASSES_MAX ||
        call->n_rows > (uint64_t)(c->end - c->at) || call->path_size > NAME_BYTES_MAX ||
        !take_text(c, call->path_size, &q->path))
        return false;
    n = (size_t)call->n_rows;
    q->name = must_alloc((call->n_classes + 1) * sizeof *q->name);
    for (uint32_t k = 0; k < call->n_classes; k++) {
        uint32_t size;

        if (!cursor_take(c, &size, sizeof size) || !take_text(c, size, &q->name[k]))
            return false;
    }
    q->label = must_alloc((n + 1) * sizeof *q->label);
    if (!cursor_take(c, q->label, n * sizeof *q->label))
        return false;
    q->answers = (struct learn_answers){.n_classes = call->n_classes,
                                        .class_names = (const char *const *)q->name,
                                        .multilabel = call->multilabel != 0, .label = q->label};
    q->answers.part = cursor_skip(c, n);
    if (call->weighted)
        q->answers.weight = cursor_skip(c, n);
    if (call->multilabel)
        q->answers.sets = cursor_skip(c, n * call->n_classes);
    return q->answers.part && (q->answers.weight || !call->weighted) &&
           (q->answers.sets || !call->multilabel) && take_opinion(q, c);
}

static void add_outcome(struct buf *b, const struct learn_result *r)
{
    struct outcome o = {.state = r->state, .report = r->report, .decision = r->decision, .n = r->n,
                        .n_ask = r->n_ask, .model_size = r->model.size, .trained = r->trained,
                        .n_classes = r->n_classes, .multilabel = r->sets != NULL,
                        .guessed = r->guessed};

    buf_add(b, &o, sizeof o);
    buf_add(b, r->part, r->n);
    buf_add(b, r->label, r->n * sizeof *r->label);
    buf_add(b, r->confidence, r->n * sizeof *r->confidence);
    buf_add(b, r->margin, r->n * sizeof *r->margin);
    if (r->sets)
        buf_add(b, r->sets, r->n * r->n_classes);
    if (r->n_ask > 0)
        buf_add(b, r->ask, r->n_ask * sizeof *r->ask);
    if (r->model.size > 0)
        buf_add(b, r->model.data, r->model.size);
}

static bool take_array(struct cursor *c, size_t count, size_t size, void *out)
{
    void *array;

    if (count * size > (size_t)(c->end - c->at))
        return false;
    array = must_alloc(count * size + 1);
    cursor_take(c, array, count * size);
    memcpy(out, &array, sizeof array);
    return true;
}

static bool read_outcome(struct learn_result *r, struct cursor *c, size_t n_rows)
{
    struct outcome o;
    const void *model;

    if (!cursor_take(c, &o, sizeof o) || o.n != n_rows || o.n_ask > n_rows ||
        o.n_classes > CLASSES_MAX)
        return false;
    *r = (struct learn_result){.state = o.state, .report = o.report, .decision = o.decision,
                               .trained = o.trained != 0, .guessed = o.guessed != 0,
                               .n = n_rows, .n_classes = o.n_classes,
                               .n_ask = (size_t)o.n_ask};
    buf_init(&r->model, PAYLOAD_MAX);
    if (!take_array(c, n_rows, 1, &r->part) ||
        !take_array(c, n_rows, sizeof *r->label, &r->label) ||
        !take_array(c, n_rows, sizeof *r->confidence, &r->confidence) ||
        !take_array(c, n_rows, sizeof *r->margin, &r->margin) ||
        (o.multilabel && !take_array(c, n_rows * o.n_classes, 1, &r->sets)) ||
        !take_array(c, r->n_ask, sizeof *r->ask, &r->ask))
        return false;
    for (size_t i = 0; i < r->n_ask; i++)
        if (r->ask[i] >= n_rows)
            return false;
    model = cursor_skip(c, o.model_size);
    return model && buf_add(&r->model, model, o.model_size) && c->at == c->end;
}

static bool tell_parent(void *context, double share)
{
    struct error gone = {0};

    return frame_write(*(const int *)context, FRAME_PROGRESS, &share, sizeof share, NULL, 0, &gone);
}

static bool run(struct request *q, int out_fd, struct error *err)
{
    struct learn_file *file = learn_file_open(q->path, (size_t)q->call.n_rows, err);
    struct learn_result result = {0};
    const void *dictionary;
    size_t dictionary_size;
    struct buf reply;
    bool ok = false;

    buf_init(&reply, PAYLOAD_MAX);
    if (!file)
        goto out;
    dictionary = learn_file_dictionary_bytes(file, &dictionary_size);
    if (!learn_round(learn_file_rows(file), dictionary, dictionary_size, &q->answers,
                     &q->call.settings, &q->call.state, tell_parent, &out_fd, &result, err))
        goto out;
    add_outcome(&reply, &result);
    ok = frame_write(out_fd, FRAME_OUTCOME, reply.data, reply.size, NULL, 0, err);
out:
    learn_result_release(&result);
    learn_file_close_reader(file);
    buf_release(&reply);
    return ok;
}

int learn_child_round(int in_fd, int out_fd)
{
    struct request q = {0};
    struct error err = {0};
    struct buf payload;
    struct cursor c;
    bool ok;

    signal(SIGPIPE, SIG_IGN);
    buf_init(&payload, PAYLOAD_MAX);
    ok = frame_expect(in_fd, FRAME_ROUND, &payload, &err);
    c = cursor_of(&payload);
    if (ok && !request_read(&q, &c))
        ok = error_set(&err, 500, "learn.protocol", "", "The request for a round is malformed.");
    ok = ok && run(&q, out_fd, &err);
    if (!ok)
        frame_write_error(out_fd, &err);
    request_release(&q);
    buf_release(&payload);
    return ok ? 0 : 1;
}

/* Reads PROGRESS frames until the OUTCOME. */
static bool wait_outcome(const struct learn_child *c, learn_progress *progress, void *context,
                         struct buf *payload, struct error *err)
{
    uint32_t type;
    double share;

    for (;;) {
        struct cursor at;

        if (!frame_read(c->from_child, &type, payload, err))
            return false;
        at = cursor_of(payload);
        if (type == FRAME_OUTCOME)
            return true;
        if (type == FRAME_ERROR) {
            frame_read_error(payload, err);
            return false;
        }
        if (type != FRAME_PROGRESS || !cursor_take(&at, &share, sizeof share))
            return error_set(err, 500, "learn.protocol", "",
                             "The learning process answered something else than it was asked.");
        if (progress && !progress(context, share))
            return error_set(err, 409, "learn.cancelled", "", "The training was cancelled.");
    }
}

bool learn_child_round_call(const struct learn_child *c, const char *path, size_t n_rows,
                            const struct learn_answers *answers,
                            const struct learn_settings *settings, const struct learn_state *state,
                            learn_progress *progress, void *context, struct learn_result *out,
                            struct error *err)
{
    struct call call = {.settings = *settings, .state = *state, .n_rows = n_rows,
                        .n_classes = answers->n_classes, .multilabel = answers->multilabel,
                        .weighted = answers->weight != NULL, .path_size = (uint32_t)strlen(path)};
    struct cursor at;
    struct buf payload, model;
    bool ok;

    *out = (struct learn_result){0};
    buf_init(&payload, PAYLOAD_MAX);
    buf_init(&model, PAYLOAD_MAX);
    if (answers->opinion && learn_model_write(answers->opinion, &model))
        call.model_size = model.size;
    add_call(&payload, &call, path, answers, &model);
    buf_release(&model);
    ok = frame_write(c->to_child, FRAME_ROUND, payload.data, payload.size, NULL, 0, err);
    ok = ok && wait_outcome(c, progress, context, &payload, err);
    at = cursor_of(&payload);
    if (ok && !read_outcome(out, &at, n_rows)) {
        learn_result_release(out);
        ok = error_set(err, 500, "learn.protocol", "", "The result of the round is malformed.");
    }
    buf_release(&payload);
    return ok;
}
