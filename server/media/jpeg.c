/* jpeg.c - reading JPEG: the only file but jpeg_write.c that includes <jpeglib.h>.
 *
 * libjpeg reports errors by a callback that must not return. Ours jumps back into guarded(), the
 * only function here with setjmp; everything that lives across the jump is in struct reader, which
 * the caller owns, so no local is changed behind the compiler's back. libjpeg fills up a file that
 * ends early with grey and calls that a warning; here it is an error. Thread-safe: no globals.
 */
#include "canvas.h"
#include "formats.h"
#include "plumbline/base/arena.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

/* Real progressive files have about ten scans. Each costs a pass over all coefficients and can be
 * a few bytes long, so without a limit a small file could keep a decoder busy for hours. */
enum { SCANS_MAX = 100 };

struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr handlers;
    struct jpeg_progress_mgr progress;
    jmp_buf back;
    char why[JMSG_LENGTH_MAX + 64];
    bool too_large; /* why: the side is over libjpeg's own limit */

    const unsigned char *bytes;
    size_t size;
    struct image_info *probe; /* probing: where the answer goes               */
    int max_side;             /* decoding                                     */
    int orientation;
    struct canvas canvas;
    struct image *out;
    unsigned char *row;
};

static void fail(j_common_ptr jpeg)
{
    struct reader *r = jpeg->client_data;

    r->too_large = jpeg->err->msg_code == JERR_IMAGE_TOO_BIG;
    jpeg->err->format_message(jpeg, r->why);
    longjmp(r->back, 1);
}

static void warn(j_common_ptr jpeg, int level)
{
    struct reader *r = jpeg->client_data;
    int code = jpeg->err->msg_code;

    if (level >= 0 || (code != JWRN_JPEG_EOF && code != JWRN_HIT_MARKER))
        return;
    snprintf(r->why, sizeof r->why, "%s",
             code == JWRN_JPEG_EOF ? "the file is cut off" : "the picture data end too early");
    longjmp(r->back, 1);
}

static void be_silent(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void watch_scans(j_common_ptr jpeg)
{
    struct reader *r = jpeg->client_data;

    if (r->jpeg.input_scan_number <= SCANS_MAX)
        return;
    snprintf(r->why, sizeof r->why, "it has more than %d scans", SCANS_MAX);
    longjmp(r->back, 1);
}

static bool guarded(struct reader *r, void (*work)(struct reader *))
{
    if (setjmp(r->back))
        return false;
    work(r);
    return true;
}

static void read_header(struct reader *r)
{
    static const char exif[6] = "Exif\0";

    jpeg_create_decompress(&r->jpeg);
    r->jpeg.client_data = r;
    r->jpeg.progress = &r->progress;
    jpeg_mem_src(&r->jpeg, r->bytes, r->size);
    jpeg_save_markers(&r->jpeg, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(&r->jpeg, TRUE);
    r->orientation = 1;
    for (jpeg_saved_marker_ptr m = r->jpeg.marker_list; m; m = m->next)
        if (m->data_length > sizeof exif && memcmp(m->data, exif, sizeof exif) == 0) {
            r->orientation =
                media_exif_orientation(m->data + sizeof exif, m->data_length - sizeof exif);
            return;
        }
}

static void probe(struct reader *r)
{
    struct image_info *info = r->probe;

    read_header(r);
    info->format = IMAGE_JPEG;
    info->stored_width = (int)r->jpeg.image_width;
    info->stored_height = (int)r->jpeg.image_height;
    info->orientation = r->orientation;
    info->channels = r->jpeg.num_components;
    info->bit_depth = r->jpeg.data_precision;
}

/* The smallest n/8 whose result still covers tw x th: the decoder then skips the rest. */
static void choose_scale(struct reader *r, int tw, int th)
{
    r->jpeg.scale_denom = 8;
    for (r->jpeg.scale_num = 1; r->jpeg.scale_num < 8; r->jpeg.scale_num++) {
        jpeg_calc_output_dimensions(&r->jpeg);
        if ((int)r->jpeg.output_width >= tw && (int)r->jpeg.output_height >= th)
            break;
    }
}

/* CMYK to RGB in place. Adobe's programs store the inks inverted (255 = none) and mark the file. */
static void cmyk_to_rgb(unsigned char *row, unsigned width, bool inverted)
{
    unsigned char *to = row;
    unsigned flip = inverted ? 0 : 255;

    for (const unsigned char *from = row; width > 0; width--, from += 4, to += 3) {
        unsigned black = from[3] ^ flip;

        for (int i = 0; i < 3; i++)
            to[i] = (unsigned char)(((from[i] ^ flip) * black + 127) / 255);
    }
}

static void choose_colour(struct reader *r)
{
    switch (r->jpeg.jpeg_color_space) {
    case JCS_GRAYSCALE:
        r->jpeg.out_color_space = JCS_GRAYSCALE;
        return;
    case JCS_RGB:
    case JCS_YCbCr:
        r->jpeg.out_color_space = JCS_RGB;
        return;
    case JCS_CMYK:
    case JCS_YCCK:
        r->jpeg.out_color_space = JCS_CMYK;
        return;
    default:
        snprintf(r->why, sizeof r->why, "its %d components are no known kind of colour",
                 r->jpeg.num_components);
        longjmp(r->back, 1);
    }
}

static void decode(struct reader *r)
{
    int tw, th;
    bool cmyk;

    read_header(r);
    choose_colour(r);
    cmyk = r->jpeg.out_color_space == JCS_CMYK;
    canvas_fit((int)r->jpeg.image_width, (int)r->jpeg.image_height, r->max_side, &tw, &th);
    choose_scale(r, tw, th);
    jpeg_start_decompress(&r->jpeg);
    canvas_open(&r->canvas, (int)r->jpeg.output_width, (int)r->jpeg.output_height, tw, th,
                r->jpeg.output_components == 1 ? 1 : 3, r->orientation, false, r->out);
    r->row = must_alloc((size_t)r->jpeg.output_width * (size_t)r->jpeg.output_components);
    for (int y = 0; y < r->canvas.sh; y++) {
        jpeg_read_scanlines(&r->jpeg, &r->row, 1);
        if (cmyk)
            cmyk_to_rgb(r->row, r->jpeg.output_width, r->jpeg.saw_Adobe_marker);
        canvas_row(&r->canvas, y, r->row);
    }
    jpeg_finish_decompress(&r->jpeg);
}

static bool run(struct reader *r, const unsigned char *bytes, size_t size,
                void (*work)(struct reader *), struct error *err)
{
    bool ok;

    r->bytes = bytes;
    r->size = size;
    r->jpeg.err = jpeg_std_error(&r->handlers);
    r->jpeg.client_data = r;
    r->handlers.error_exit = fail;
    r->handlers.emit_message = warn;
    r->handlers.output_message = be_silent;
    r->progress.progress_monitor = watch_scans;
    ok = guarded(r, work);
    jpeg_destroy_decompress(&r->jpeg);
    if (ok)
        return true;
    if (r->too_large)
        return error_set(err, 422, "image.too_large", "", "the JPEG cannot be read: %s", r->why);
    return error_set(err, 422, "image.broken", "", "the JPEG is broken: %s", r->why);
}

bool media_jpeg_probe(const unsigned char *bytes, size_t size, int64_t max_pixels,
                      struct image_info *info, struct error *err)
{
    struct reader r = {.probe = info};

    return run(&r, bytes, size, probe, err) &&
           media_check_size("JPEG", info->stored_width, info->stored_height, max_pixels, err);
}

bool media_jpeg_decode(const unsigned char *bytes, size_t size, int max_side, struct image *out,
                       struct error *err)
{
    struct reader r = {.max_side = max_side, .out = out};
    bool ok = run(&r, bytes, size, decode, err);

    canvas_release(&r.canvas);
    free(r.row);
    if (!ok)
        image_release(out);
    return ok;
}
