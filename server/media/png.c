/* png.c - PNG in and out: the only file that includes <png.h>.
 *
 * libpng reports errors by a callback that must not return. Ours jumps back into guarded(), the
 * only function with setjmp; all that lives across the jump is in struct job, owned by the caller.
 * Chunks that do not change the pixels are skipped unread, above all the compressed ones (iCCP,
 * zTXt, iTXt) that are the usual decompression bombs. Rows pass one by one; those of an interlaced
 * file are scattered as they come, so no whole picture is held when it is scaled. Thread-safe: no
 * globals.
 */
#include "canvas.h"
#include "formats.h"
#include "plumbline/base/arena.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>
#include <zlib.h>

enum { HEADER_SIZE = 33 }; /* signature 8, IHDR: length 4, name 4, data 13, check sum 4 */

struct job {
    png_structp png;
    png_infop info;
    jmp_buf back;
    char why[160];

    const unsigned char *bytes; /* reading */
    size_t size, at;
    struct image_info *probe;
    int max_side, orientation;
    struct canvas canvas;
    struct image *out;
    unsigned char *row;

    const struct image *in; /* writing */
    struct buf *file;
};

static void fail(png_structp png, png_const_charp message)
{
    struct job *j = png_get_error_ptr(png);

    snprintf(j->why, sizeof j->why, "%s", message);
    longjmp(j->back, 1);
}

static void be_silent(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static bool guarded(struct job *j, void (*work)(struct job *))
{
    if (setjmp(j->back))
        return false;
    work(j);
    return true;
}

static void take_bytes(png_structp png, png_bytep to, size_t count)
{
    struct job *j = png_get_io_ptr(png);

    if (count > j->size - j->at)
        png_error(png, "the file is cut off");
    memcpy(to, j->bytes + j->at, count);
    j->at += count;
}

static void read_header(struct job *j)
{
    png_uint_32 size = 0;
    png_bytep exif = NULL;

    j->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, j, fail, be_silent);
    if (j->png)
        j->info = png_create_info_struct(j->png);
    if (!j->info) {
        snprintf(j->why, sizeof j->why, "libpng does not start");
        longjmp(j->back, 1);
    }
    png_set_read_fn(j->png, j, take_bytes);
    png_set_user_limits(j->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* checked already */
    png_set_keep_unknown_chunks(j->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_keep_unknown_chunks(j->png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep) "eXIf", 1);
    png_read_info(j->png, j->info);
    j->orientation = 1;
    if (png_get_eXIf_1(j->png, j->info, &size, &exif) && exif)
        j->orientation = media_exif_orientation(exif, size);
}

static void probe(struct job *j)
{
    struct image_info *info = j->probe;

    read_header(j);
    info->format = IMAGE_PNG;
    info->stored_width = (int)png_get_image_width(j->png, j->info);
    info->stored_height = (int)png_get_image_height(j->png, j->info);
    info->orientation = j->orientation;
    info->bit_depth = png_get_bit_depth(j->png, j->info);
    info->channels = png_get_channels(j->png, j->info);
    if (png_get_color_type(j->png, j->info) == PNG_COLOR_TYPE_PALETTE)
        info->channels = png_get_valid(j->png, j->info, PNG_INFO_tRNS) ? 4 : 3;
}

/* Lays pixels with alpha on white, in place, and drops the alpha: 2 channels to 1, 4 to 3. */
static void flatten(unsigned char *row, int count, int channels)
{
    unsigned char *to = row;
    int n = channels - 1;

    for (const unsigned char *from = row; count > 0; count--, from += channels, to += n) {
        unsigned alpha = from[n];

        for (int i = 0; i < n; i++)
            to[i] = (unsigned char)((from[i] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
}

static void read_rows(struct job *j, int channels)
{
    for (int y = 0; y < j->canvas.sh; y++) {
        png_read_row(j->png, j->row, NULL);
        if (channels % 2 == 0)
            flatten(j->row, j->canvas.sw, channels);
        canvas_row(&j->canvas, y, j->row);
    }
}

/* Adam7: seven passes, each a coarse grid of the picture. */
static void read_passes(struct job *j, int channels)
{
    for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++) {
        int columns = (int)PNG_PASS_COLS((png_uint_32)j->canvas.sw, pass);
        int rows = (int)PNG_PASS_ROWS((png_uint_32)j->canvas.sh, pass);

        for (int i = 0; columns > 0 && i < rows; i++) {
            int y = (int)PNG_ROW_FROM_PASS_ROW(i, pass);

            png_read_row(j->png, j->row, NULL);
            if (channels % 2 == 0)
                flatten(j->row, columns, channels);
            canvas_scatter(&j->canvas, y, (int)PNG_PASS_START_COL(pass),
                           (int)PNG_PASS_COL_OFFSET(pass), columns, j->row);
        }
    }
    canvas_finish(&j->canvas);
}

static void decode(struct job *j)
{
    int width, height, tw, th, channels;
    bool interlaced;

    read_header(j);
    width = (int)png_get_image_width(j->png, j->info);
    height = (int)png_get_image_height(j->png, j->info);
    interlaced = png_get_interlace_type(j->png, j->info) == PNG_INTERLACE_ADAM7;
    png_set_expand(j->png);
    png_set_scale_16(j->png);
    png_read_update_info(j->png, j->info);
    channels = png_get_channels(j->png, j->info);
    canvas_fit(width, height, j->max_side, &tw, &th);
    canvas_open(&j->canvas, width, height, tw, th, channels <= 2 ? 1 : 3, j->orientation,
                interlaced, j->out);
    j->row = must_alloc(png_get_rowbytes(j->png, j->info));
    if (interlaced)
        read_passes(j, channels);
    else
        read_rows(j, channels);
    png_read_end(j->png, NULL);
}

/* A PNG says its size in the first bytes: it is judged before libpng sees it. */
static bool check_header(const unsigned char *bytes, size_t size, int64_t max_pixels,
                         struct error *err)
{
    if (size < HEADER_SIZE)
        return error_set(err, 422, "image.broken", "",
                         "the PNG is broken: it is cut off after %zu bytes", size);
    if (memcmp(bytes + 12, "IHDR", 4) != 0)
        return error_set(err, 422, "image.broken", "", "the PNG is broken: it has no header");
    return media_check_size("PNG", png_get_uint_32(bytes + 16), png_get_uint_32(bytes + 20),
                            max_pixels, err);
}

static bool read_job(struct job *j, const unsigned char *bytes, size_t size,
                     void (*work)(struct job *), struct error *err)
{
    bool ok;

    j->bytes = bytes;
    j->size = size;
    ok = guarded(j, work);
    png_destroy_read_struct(&j->png, &j->info, NULL);
    return ok || error_set(err, 422, "image.broken", "", "the PNG is broken: %s", j->why);
}

bool media_png_probe(const unsigned char *bytes, size_t size, int64_t max_pixels,
                     struct image_info *info, struct error *err)
{
    struct job j = {.probe = info};

    return check_header(bytes, size, max_pixels, err) && read_job(&j, bytes, size, probe, err);
}

bool media_png_decode(const unsigned char *bytes, size_t size, int max_side, struct image *out,
                      struct error *err)
{
    struct job j = {.max_side = max_side, .out = out};
    bool ok = read_job(&j, bytes, size, decode, err);

    canvas_release(&j.canvas);
    free(j.row);
    if (!ok)
        image_release(out);
    return ok;
}

static void give_bytes(png_structp png, png_bytep from, size_t count)
{
    struct job *j = png_get_io_ptr(png);

    buf_add(j->file, from, count);
}

static void flush_nothing(png_structp png)
{
    (void)png;
}

static void encode(struct job *j)
{
    size_t row = (size_t)j->in->width * (size_t)j->in->channels;

    j->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, j, fail, be_silent);
    if (j->png)
        j->info = png_create_info_struct(j->png);
    if (!j->info) {
        snprintf(j->why, sizeof j->why, "libpng does not start");
        longjmp(j->back, 1);
    }
    png_set_write_fn(j->png, j, give_bytes, flush_nothing);
    png_set_user_limits(j->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(j->png, j->info, (png_uint_32)j->in->width, (png_uint_32)j->in->height, 8,
                 j->in->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(j->png, 6);
    png_set_compression_strategy(j->png, Z_RLE);
    png_set_filter(j->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_write_info(j->png, j->info);
    for (int y = 0; y < j->in->height; y++)
        png_write_row(j->png, j->in->pixels + (size_t)y * row);
    png_write_end(j->png, NULL);
}

bool image_write_png(const struct image *in, struct buf *out, struct error *err)
{
    struct job j = {.in = in, .file = out};
    size_t before = out->size;
    bool ok = guarded(&j, encode);

    png_destroy_write_struct(&j.png, &j.info);
    if (ok && !out->overflow)
        return true;
    out->size = before;
    if (out->data)
        out->data[before] = '\0';
    if (out->overflow)
        return error_set(err, 422, "image.too_large", "", "the PNG is larger than %zu bytes",
                         out->max);
    return error_internal(err, "writing a PNG: %s", j.why);
}
