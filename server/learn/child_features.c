/* child_features.c - `__child features`: payloads in, rows into the feature file. */
#include "child_frames.h"
#include "plumbline/base/arena.h"
#include "plumbline/learn/child.h"
#include "plumbline/learn/feature_file.h"
#include "plumbline/learn/text.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAYLOAD_MAX = 256 << 20 }; /* bytes of one item: larger than any image file allowed */

struct extraction {
    struct learn_extractor    x;
    char                     *path;
    struct learn_text        *text;
    struct learn_dictionary  *dictionary;
    struct learn_picture     *picture;
    struct learn_file_writer *file; /* NULL until the dictionary is known */
    unsigned char *sample;          /* images for the dictionary          */
    size_t         n_sample;
    unsigned char *pixels;          /* one image                          */
    float         *vector;
    struct buf     seen;            /* RESULT payloads waiting for a flush */
};

static size_t image_bytes(const struct learn_extractor *x)
{
    return (size_t)x->side * x->side * 3;
}

static void extraction_release(struct extraction *e)
{
    struct error ignored = {0};

    if (e->file)
        learn_file_close(e->file, &ignored);
    learn_text_free(e->text);
    learn_picture_free(e->picture);
    learn_dictionary_free(e->dictionary);
    free(e->path);
    free(e->sample);
    free(e->pixels);
    free(e->vector);
    buf_release(&e->seen);
}

static bool open_file(struct extraction *e, size_t *rows_there, struct error *err)
{
    e->file = learn_file_append(e->path, &e->x, e->dictionary, rows_there, err);
    if (e->file && e->dictionary)
        e->picture = learn_picture_new(e->dictionary);
    return e->file != NULL;
}

/* OPEN: what to extract and where to; answers READY. */
static bool handle_open(struct extraction *e, const struct buf *payload, int out_fd,
                        struct error *err)
{
    struct cursor c = cursor_of(payload);
    size_t rows_there = 0;
    char ready[12];
    uint32_t needs;
    uint64_t rows;

    if (!cursor_take(&c, &e->x, sizeof e->x) || c.at == c.end)
        return error_set(err, 500, "learn.protocol", "", "The first frame is cut short.");
    if (!learn_extractor_check(&e->x, err))
        return false;
    e->path = must_alloc((size_t)(c.end - c.at) + 1);
    memcpy(e->path, c.at, (size_t)(c.end - c.at));
    e->text = learn_text_new();
    e->vector = must_alloc(e->x.columns * sizeof *e->vector);
    if (e->x.kind == LEARN_IMAGE) {
        struct error damaged = {0};

        e->pixels = must_alloc(image_bytes(&e->x));
        e->dictionary = learn_file_dictionary(e->path, &e->x, &damaged);
    }
    needs = e->x.kind == LEARN_IMAGE && !e->dictionary;
    if (!needs && !open_file(e, &rows_there, err))
        return false;
    rows = rows_there;
    memcpy(ready, &rows, sizeof rows);
    memcpy(ready + sizeof rows, &needs, sizeof needs);
    return frame_write(out_fd, FRAME_READY, ready, sizeof ready, NULL, 0, err);
}

/* SAMPLE: an image for the dictionary; one that cannot be decoded is passed over. */
static void handle_sample(struct extraction *e, const struct buf *payload)
{
    struct error ignored = {0};

    if (e->x.kind != LEARN_IMAGE || e->file || e->n_sample >= LEARN_SAMPLE_IMAGES ||
        !learn_picture_decode(&e->x, payload->data, payload->size, e->pixels, &ignored))
        return;
    e->sample = must_realloc(e->sample, e->n_sample + 1, image_bytes(&e->x));
    memcpy(e->sample + e->n_sample++ * image_bytes(&e->x), e->pixels, image_bytes(&e->x));
}

/* DICTIONARY: of an earlier model, whose features these are to be; instead of a sample. */
static bool handle_dictionary(struct extraction *e, const struct buf *payload, struct error *err)
{
    size_t ignored;

    if (e->x.kind != LEARN_IMAGE || e->file)
        return error_set(err, 500, "learn.protocol", "", "The dictionary comes too late.");
    e->dictionary = learn_dictionary_read(&e->x, payload->data, payload->size, err);
    return e->dictionary && open_file(e, &ignored, err);
}

/* Before the first item of a new image file: the dictionary, from the sample or, when none of it
 * could be decoded, from one grey image, so that the file exists and good items can be added. */
static bool need_file(struct extraction *e, struct error *err)
{
    size_t ignored;

    if (e->file)
        return true;
    if (e->n_sample == 0) {
        e->sample = must_alloc(image_bytes(&e->x));
        memset(e->sample, 128, image_bytes(&e->x));
        e->n_sample = 1;
    }
    e->dictionary = learn_dictionary_learn(&e->x, e->sample, e->n_sample, err);
    free(e->sample);
    e->sample = NULL;
    return e->dictionary && open_file(e, &ignored, err);
}

static bool read_vector(struct extraction *e, const void *bytes, size_t size, struct error *err)
{
    if (size != e->x.columns * sizeof *e->vector)
        return error_invalid(err, "embedding", "The vector has %zu numbers; this job's have %u.",
                             size / sizeof *e->vector, e->x.columns);
    memcpy(e->vector, bytes, size);
    for (uint32_t i = 0; i < e->x.columns; i++)
        if (!isfinite(e->vector[i]))
            return error_invalid(err, "embedding", "Number %u of the vector is not finite.", i + 1);
    return true;
}

static bool extract(struct extraction *e, const void *bytes, size_t size, struct learn_row *row,
                    struct error *err)
{
    *row = (struct learn_row){.data = e->vector, .n = e->x.columns};
    if (e->x.kind == LEARN_TEXT)
        return learn_text_extract(e->text, bytes, size, row, err);
    if (e->x.kind == LEARN_VECTOR)
        return read_vector(e, bytes, size, err);
    if (!learn_picture_decode(&e->x, bytes, size, e->pixels, err))
        return false;
    learn_picture_extract(e->picture, e->pixels, e->vector);
    return true;
}

static bool handle_item(struct extraction *e, const struct buf *payload, struct error *err)
{
    struct cursor c = cursor_of(payload);
    struct learn_row features;
    struct error why = {0};
    uint32_t head[2], seen[3];

    if (!cursor_take(&c, head, sizeof head))
        return error_set(err, 500, "learn.protocol", "", "An item is cut short.");
    if (!need_file(e, err))
        return false;
    if (!extract(e, c.at, (size_t)(c.end - c.at), &features, &why))
        features = (struct learn_row){0};
    seen[0] = head[0];
    seen[1] = features.data != NULL;
    seen[2] = (uint32_t)strlen(why.message);
    buf_add(&e->seen, seen, sizeof seen);
    buf_add(&e->seen, why.message, seen[2]);
    return learn_file_add(e->file, head[0], &features, err);
}

static bool handle_flush(struct extraction *e, int out_fd, struct error *err)
{
    struct cursor c = cursor_of(&e->seen);
    uint32_t seen[3];

    if (e->file && !learn_file_flush(e->file, err))
        return false;
    while (cursor_take(&c, seen, sizeof seen)) {
        const void *reason = cursor_skip(&c, seen[2]);

        if (!frame_write(out_fd, FRAME_RESULT, seen, 2 * sizeof *seen, reason, seen[2], err))
            return false;
    }
    buf_clear(&e->seen);
    return frame_write(out_fd, FRAME_FLUSHED, NULL, 0, NULL, 0, err);
}

static bool handle(struct extraction *e, uint32_t type, const struct buf *payload, int out_fd,
                   struct error *err)
{
    if ((type == FRAME_OPEN) != (e->path == NULL))
        return error_set(err, 500, "learn.protocol", "", "The first frame must say what to do.");
    switch (type) {
    case FRAME_OPEN:
        return handle_open(e, payload, out_fd, err);
    case FRAME_SAMPLE:
        handle_sample(e, payload);
        return true;
    case FRAME_DICTIONARY:
        return handle_dictionary(e, payload, err);
    case FRAME_ITEM:
        return handle_item(e, payload, err);
    case FRAME_FLUSH:
        return handle_flush(e, out_fd, err);
    default:
        return error_set(err, 500, "learn.protocol", "", "Frame %u is not for this child.", type);
    }
}

int learn_child_features(int in_fd, int out_fd)
{
    struct extraction e = {0};
    struct error err = {0};
    struct buf payload;
    uint32_t type = 0;
    bool ok = true;

    signal(SIGPIPE, SIG_IGN);
    buf_init(&payload, PAYLOAD_MAX);
    buf_init(&e.seen, SIZE_MAX / 2);
    while (ok && type != FRAME_END) {
        ok = frame_read(in_fd, &type, &payload, &err);
        if (ok && type != FRAME_END)
            ok = handle(&e, type, &payload, out_fd, &err);
    }
    if (!ok)
        frame_write_error(out_fd, &err);
    extraction_release(&e);
    buf_release(&payload);
    return ok ? 0 : 1;
}
