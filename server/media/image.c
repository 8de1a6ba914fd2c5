/* image.c - what a picture is, judged by its first bytes, and the way to its decoder. */
#include "plumbline/media/image.h"

#include "formats.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const char *image_format_name(enum image_format format)
{
    return format == IMAGE_PNG ? "png" : "jpeg";
}

bool media_check_size(const char *format, int64_t width, int64_t height, int64_t max_pixels,
                      struct error *err)
{
    if (width < 1 || height < 1)
        return error_set(err, 422, "image.broken", "", "the %s says it is %lld x %lld pixels",
                         format, (long long)width, (long long)height);
    if (width > max_pixels / height)
        return error_set(err, 422, "image.too_large", "",
                         "the %s is %lld x %lld pixels (%.1f megapixels), over the limit of %.1f "
                         "megapixels",
                         format, (long long)width, (long long)height,
                         (double)width * (double)height / 1e6, (double)max_pixels / 1e6);
    return true;
}

/* What people try to upload, by how it begins. */
static const struct {
    size_t at, length;
    const char *bytes, *name;
} kinds[] = {
    {0, 4, "GIF8", "a GIF"},
    {8, 4, "WEBP", "a WebP picture"},
    {4, 8, "ftypavif", "an AVIF picture"},
    {4, 8, "ftypheic", "a HEIC picture"},
    {4, 8, "ftypmif1", "a HEIF picture"},
    {4, 4, "ftyp", "a video or other ISO media file"},
    {0, 4, "II*\0", "a TIFF"},
    {0, 4, "MM\0*", "a TIFF"},
    {0, 2, "BM", "a BMP"},
    {0, 4, "8BPS", "a Photoshop file"},
    {0, 4, "\0\0\1\0", "an icon file"},
    {0, 8, "\0\0\0\fjP  ", "a JPEG 2000 picture"},
    {0, 8, "\0\0\0\fJXL ", "a JPEG XL picture"},
    {0, 2, "\xff\x0a", "a JPEG XL picture"},
    {0, 4, "%PDF", "a PDF"},
    {0, 4, "PK\3\4", "a ZIP archive"},
    {0, 2, "\x1f\x8b", "a gzip file"},
    {0, 7, "\x89PNG\n\x1a\n", "a PNG whose line ends were changed on the way"},
};

/* As above, for text: after white space and without regard to case. */
static const struct {
    const char *text, *name;
} texts[] = {
    {"<!doctype html", "an HTML page"},
    {"<html", "an HTML page"},
    {"<svg", "an SVG drawing"},
    {"<?xml", "XML"},
    {"{", "JSON"},
    {"[", "JSON"},
};

/* Quotes the first bytes of what is neither. */
static void describe_bytes(const unsigned char *p, size_t size, char *out, size_t room)
{
    size_t shown = size < 12 ? size : 12, used;
    bool text = true;

    for (size_t i = 0; i < shown; i++)
        text = text && isprint(p[i]);
    if (text) {
        snprintf(out, room, "it begins with the text \"%.*s\"", (int)shown, (const char *)p);
        return;
    }
    used = (size_t)snprintf(out, room, "it begins with the bytes");
    for (size_t i = 0; i < shown && used < room; i++)
        used += (size_t)snprintf(out + used, room - used, " %02x", p[i]);
}

static bool refuse_unknown(const unsigned char *p, size_t size, struct error *err)
{
    static const char frame[] = "it looks like %s";
    char what[96];
    size_t blank = 0;

    if (size == 0)
        return error_set(err, 422, "image.unknown", "", "not a PNG or JPEG: it is empty");
    describe_bytes(p, size, what, sizeof what);
    while (blank < size && isspace(p[blank]))
        blank++;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t n = strlen(texts[i].text);

        if (size - blank >= n && strncasecmp((const char *)p + blank, texts[i].text, n) == 0) {
            snprintf(what, sizeof what, frame, texts[i].name);
            break;
        }
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (size >= kinds[i].at + kinds[i].length &&
            memcmp(p + kinds[i].at, kinds[i].bytes, kinds[i].length) == 0) {
            snprintf(what, sizeof what, frame, kinds[i].name);
            break;
        }
    return error_set(err, 422, "image.unknown", "", "not a PNG or JPEG: %s", what);
}

bool image_probe(const void *bytes, size_t size, struct image_info *out, struct error *err)
{
    return image_probe_within(bytes, size, 0, out, err);
}

bool image_probe_within(const void *bytes, size_t size, int64_t max_pixels, struct image_info *out,
                        struct error *err)
{
    const unsigned char *p = bytes;
    struct image_info info = {.orientation = 1};
    bool turned;

    if (max_pixels <= 0)
        max_pixels = IMAGE_PIXELS_MAX;
    if (size >= 3 && memcmp(p, "\xff\xd8\xff", 3) == 0) {
        if (!media_jpeg_probe(p, size, max_pixels, &info, err))
            return false;
    } else if (size >= 8 && memcmp(p, "\x89PNG\r\n\x1a\n", 8) == 0) {
        if (!media_png_probe(p, size, max_pixels, &info, err))
            return false;
    } else {
        return refuse_unknown(p, size, err);
    }
    turned = info.orientation >= 5;
    info.width = turned ? info.stored_height : info.stored_width;
    info.height = turned ? info.stored_width : info.stored_height;
    *out = info;
    return true;
}

bool image_decode(const void *bytes, size_t size, int max_side, struct image *out,
                  struct error *err)
{
    return image_decode_within(bytes, size, max_side, 0, out, err);
}

bool image_decode_within(const void *bytes, size_t size, int max_side, int64_t max_pixels,
                         struct image *out, struct error *err)
{
    struct image_info info;

    memset(out, 0, sizeof *out);
    if (!image_probe_within(bytes, size, max_pixels, &info, err))
        return false;
    if (info.format == IMAGE_PNG)
        return media_png_decode(bytes, size, max_side, out, err);
    return media_jpeg_decode(bytes, size, max_side, out, err);
}

bool image_thumbnail(const void *bytes, size_t size, int max_side, struct buf *jpeg,
                     struct error *err)
{
    struct image small;
    bool ok;

    if (!image_decode(bytes, size, max_side, &small, err))
        return false;
    ok = image_write_jpeg(&small, IMAGE_JPEG_QUALITY, jpeg, err);
    image_release(&small);
    return ok;
}
