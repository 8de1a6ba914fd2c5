/* image.h - PNG and JPEG, in and out.
 *
 * Pictures arrive from outside, so nothing in them is trusted: the header is read and judged before
 * any pixel is, and a picture that promises more than it holds is refused. All functions are pure:
 * bytes in, pixels or bytes out, the same on every run. They may be called from several threads at
 * once. What libpng or libjpeg itself may still get wrong is contained by calling them in a child
 * process (child.h).
 *
 * Errors, all of status 422, with a sentence for people:
 *   image.unknown    the bytes are neither PNG nor JPEG; says what they look like
 *   image.too_large  more pixels than the limit; names the measured size and the limit
 *   image.broken     it begins like a PNG or JPEG and is cut off, corrupt or of a forbidden kind
 */
#ifndef PLUMBLINE_MEDIA_IMAGE_H
#define PLUMBLINE_MEDIA_IMAGE_H

#include "plumbline/base/buf.h"
#include "plumbline/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    IMAGE_PIXELS_MAX = 40 * 1000 * 1000, /* the default limit: width x height              */
    IMAGE_JPEG_QUALITY = 85,             /* of thumbnails and previews                     */
    IMAGE_THUMBNAIL_SIDE = 160,          /* pixels of the longer side in lists and grids   */
    IMAGE_PREVIEW_SIDE = 1600,           /* pixels of the longer side on the labelling page */
};

enum image_format { IMAGE_JPEG = 1, IMAGE_PNG = 2 };

/* What a header says. Orientation is that of EXIF (CIPA DC-008, tag 0x0112): 1 as stored, 2..8 the
 * flips and turns that bring the stored picture upright; 5..8 swap width and height. */
struct image_info {
    enum image_format format;
    int stored_width, stored_height; /* pixels, as the file has them                      */
    int width, height;               /* pixels, upright: what people see                  */
    int orientation;                 /* 1..8; 1 when the file does not say                */
    int channels;  /* stored: 1 grey, 2 grey + alpha, 3 colour or palette, 4 with alpha or CMYK */
    int bit_depth; /* bits a sample (of a palette: bits an index): 1, 2, 4, 8, 16         */
};

/* Pixels: interleaved rows from the top, 8 bit, 1 channel (grey) or 3 (red, green, blue), upright,
 * without padding: sample c of pixel (x, y) is pixels[(y * width + x) * channels + c]. */
struct image {
    int width, height, channels;
    unsigned char *pixels; /* owned; image_release() */
};

/* "jpeg" or "png"; borrowed, for ever. */
const char *image_format_name(enum image_format format);

/* Reads the header alone; fills *out on success. The second form takes a limit other than
 * IMAGE_PIXELS_MAX (0 means that default). */
bool image_probe(const void *bytes, size_t size, struct image_info *out, struct error *err);
bool image_probe_within(const void *bytes, size_t size, int64_t max_pixels, struct image_info *out,
                        struct error *err);

/* Decodes to upright pixels; the caller releases *out. max_side 0 gives the full size, otherwise
 * the longer side comes down to max_side at the most (a smaller picture keeps its size). Scaled
 * decoding needs memory for a few rows and the result, not for the whole picture, but for
 * progressive JPEG, which libjpeg holds whole. Grey stays one channel; palette, CMYK and YCCK
 * become RGB; 16 bit becomes 8; alpha is laid on white. The second form takes a limit of pixels as
 * above. */
bool image_decode(const void *bytes, size_t size, int max_side, struct image *out,
                  struct error *err);
bool image_decode_within(const void *bytes, size_t size, int max_side, int64_t max_pixels,
                         struct image *out, struct error *err);

/* Resamples to width x height (both at least 1) by area: each new pixel is the mean of what it
 * covers, in exact integer weights. The caller releases *out; `in` and `out` must differ. */
void image_resize(const struct image *in, int width, int height, struct image *out);

/* Frees the pixels and clears the struct; safe on a zeroed one. */
void image_release(struct image *image);

/* Appends the encoded picture to *out. quality is 1..100 (libjpeg's scale). The PNG is made for
 * speed on flat pictures such as masks: level 6, run-length matching, no row filter (2-3 times
 * faster and smaller there than zlib's default). Fails with 500 internal, or 422 image.too_large
 * when *out overflows or a side is over the format's own limit. */
bool image_write_jpeg(const struct image *in, int quality, struct buf *out, struct error *err);
bool image_write_png(const struct image *in, struct buf *out, struct error *err);

/* Decodes scaled and appends an upright JPEG, longer side at most max_side, to *jpeg. */
bool image_thumbnail(const void *bytes, size_t size, int max_side, struct buf *jpeg,
                     struct error *err);

#endif
