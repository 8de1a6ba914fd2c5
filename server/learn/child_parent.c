/* child_parent.c - the parent's side of a feature child, and what a child needs to be spawned
 * with. */
#include "child_frames.h"
#include "plumbline/learn/child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 4096 };

bool learn_child_open(const struct learn_child *c, const struct learn_extractor *x,
                      const char *path, uint64_t *rows_there, bool *needs_sample,
                      struct error *err)
{
    struct cursor at;
    struct buf answer;
    uint32_t needs = 0;
    bool ok;

    buf_init(&answer, ANSWER_MAX);
    ok = frame_write(c->to_child, FRAME_OPEN, x, sizeof *x, path, strlen(path), err) &&
         frame_expect(c->from_child, FRAME_READY, &answer, err);
    at = cursor_of(&answer);
    if (ok && (!cursor_take(&at, rows_there, sizeof *rows_there) ||
               !cursor_take(&at, &needs, sizeof needs)))
        ok = error_set(err, 500, "learn.protocol", "", "The learning process answers too little.");
    if (ok)
        *needs_sample = needs != 0;
    buf_release(&answer);
    return ok;
}

/* A child that failed has said why before it closed its end. */
static bool send_frame(const struct learn_child *c, enum frame_type type, const void *a,
                       size_t a_size, const void *b, size_t b_size, struct error *err)
{
    struct error said = {0};
    struct buf answer;

    if (frame_write(c->to_child, type, a, a_size, b, b_size, err))
        return true;
    buf_init(&answer, ANSWER_MAX);
    if (!frame_expect(c->from_child, FRAME_FLUSHED, &answer, &said) && err && *said.code &&
        strcmp(said.code, "learn.protocol") != 0)
        *err = said;
    buf_release(&answer);
    return false;
}

bool learn_child_sample(const struct learn_child *c, const void *bytes, size_t size,
                        struct error *err)
{
    return send_frame(c, FRAME_SAMPLE, bytes, size, NULL, 0, err);
}

bool learn_child_dictionary(const struct learn_child *c, const void *bytes, size_t size,
                            struct error *err)
{
    return send_frame(c, FRAME_DICTIONARY, bytes, size, NULL, 0, err);
}

bool learn_child_item(const struct learn_child *c, uint32_t row, const void *bytes, size_t size,
                      struct error *err)
{
    uint32_t head[2] = {row, 0};

    return send_frame(c, FRAME_ITEM, head, sizeof head, bytes, size, err);
}

bool learn_child_flush(const struct learn_child *c, learn_child_seen *seen, void *context,
                       struct error *err)
{
    struct buf answer;
    uint32_t type = 0;
    bool ok;

    buf_init(&answer, ANSWER_MAX);
    ok = send_frame(c, FRAME_FLUSH, NULL, 0, NULL, 0, err);
    while (ok && type != FRAME_FLUSHED) {
        struct cursor at;
        uint32_t head[2];

        ok = frame_read(c->from_child, &type, &answer, err);
        at = cursor_of(&answer);
        if (ok && type == FRAME_ERROR) {
            frame_read_error(&answer, err);
            ok = false;
        } else if (ok && type == FRAME_RESULT && cursor_take(&at, head, sizeof head)) {
            seen(context, head[0], head[1] != 0, at.at);
        } else if (ok && type != FRAME_FLUSHED) {
            ok = error_set(err, 500, "learn.protocol", "",
                           "The learning process answered something else than it was asked.");
        }
    }
    buf_release(&answer);
    return ok;
}

bool learn_child_end(const struct learn_child *c, struct error *err)
{
    return frame_write(c->to_child, FRAME_END, NULL, 0, NULL, 0, err);
}

const char *const *learn_child_environment(void)
{
    static const char *const environment[] = {"OPENBLAS_NUM_THREADS=1", NULL};

    return environment;
}
