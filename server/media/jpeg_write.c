/* jpeg_write.c - writing JPEG into a growing buffer.
 *
 * The same rules as in jpeg.c: one setjmp, in guarded(), and nothing of ours changes across it. */
#include "plumbline/media/image.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

enum { CHUNK = 16384 };

struct writer {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr handlers;
    struct jpeg_destination_mgr target;
    jmp_buf back;
    char why[JMSG_LENGTH_MAX];
    const struct image *in;
    int quality;
    struct buf *out;
    JOCTET chunk[CHUNK];
};

static void fail(j_common_ptr jpeg)
{
    struct writer *w = jpeg->client_data;

    jpeg->err->format_message(jpeg, w->why);
    longjmp(w->back, 1);
}

static void be_silent(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void start_chunk(j_compress_ptr jpeg)
{
    struct writer *w = jpeg->client_data;

    w->target.next_output_byte = w->chunk;
    w->target.free_in_buffer = CHUNK;
}

/* Called when the chunk is full; the counters do not matter then, says libjpeg. */
static boolean flush_chunk(j_compress_ptr jpeg)
{
    struct writer *w = jpeg->client_data;

    buf_add(w->out, w->chunk, CHUNK);
    start_chunk(jpeg);
    return TRUE;
}

static void flush_rest(j_compress_ptr jpeg)
{
    struct writer *w = jpeg->client_data;

    buf_add(w->out, w->chunk, CHUNK - w->target.free_in_buffer);
}

static void encode(struct writer *w)
{
    size_t row = (size_t)w->in->width * (size_t)w->in->channels;

    jpeg_create_compress(&w->jpeg);
    w->jpeg.client_data = w;
    w->jpeg.dest = &w->target;
    w->jpeg.image_width = (JDIMENSION)w->in->width;
    w->jpeg.image_height = (JDIMENSION)w->in->height;
    w->jpeg.input_components = w->in->channels;
    w->jpeg.in_color_space = w->in->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&w->jpeg);
    jpeg_set_quality(&w->jpeg, w->quality, TRUE);
    jpeg_start_compress(&w->jpeg, TRUE);
    while (w->jpeg.next_scanline < w->jpeg.image_height) {
        JSAMPROW at = w->in->pixels + w->jpeg.next_scanline * row;

        jpeg_write_scanlines(&w->jpeg, &at, 1);
    }
    jpeg_finish_compress(&w->jpeg);
}

static bool guarded(struct writer *w)
{
    if (setjmp(w->back))
        return false;
    encode(w);
    return true;
}

bool image_write_jpeg(const struct image *in, int quality, struct buf *out, struct error *err)
{
    struct writer w = {.in = in, .quality = quality, .out = out};
    size_t before = out->size;
    bool ok;

    if (in->width > JPEG_MAX_DIMENSION || in->height > JPEG_MAX_DIMENSION)
        return error_set(err, 422, "image.too_large", "",
                         "%d x %d pixels do not fit into a JPEG, whose sides end at %ld", in->width,
                         in->height, JPEG_MAX_DIMENSION);
    w.jpeg.err = jpeg_std_error(&w.handlers);
    w.jpeg.client_data = &w;
    w.handlers.error_exit = fail;
    w.handlers.output_message = be_silent;
    w.target.init_destination = start_chunk;
    w.target.empty_output_buffer = flush_chunk;
    w.target.term_destination = flush_rest;
    ok = guarded(&w);
    jpeg_destroy_compress(&w.jpeg);
    if (ok && !out->overflow)
        return true;
    out->size = before;
    if (out->overflow)
        return error_set(err, 422, "image.too_large", "", "the JPEG is larger than %zu bytes",
                         out->max);
    return error_internal(err, "writing a JPEG: %s", w.why);
}
