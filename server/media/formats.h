/* formats.h - what image.c asks of the two files behind which libpng and libjpeg stand. */
#ifndef MEDIA_FORMATS_H
#define MEDIA_FORMATS_H

#include "plumbline/media/image.h"

/* Fill all of *info but the upright size. `max_pixels` is checked before anything is allocated for
 * the picture. */
bool media_png_probe(const unsigned char *bytes, size_t size, int64_t max_pixels,
                     struct image_info *info, struct error *err);
bool media_jpeg_probe(const unsigned char *bytes, size_t size, int64_t max_pixels,
                      struct image_info *info, struct error *err);

/* Decode what was probed, scaled and upright; on failure *out is released. */
bool media_png_decode(const unsigned char *bytes, size_t size, int max_side, struct image *out,
                      struct error *err);
bool media_jpeg_decode(const unsigned char *bytes, size_t size, int max_side, struct image *out,
                       struct error *err);

/* 422 image.too_large when width x height is over max_pixels. */
bool media_check_size(const char *format, int64_t width, int64_t height, int64_t max_pixels,
                      struct error *err);

/* The orientation 1..8 in a TIFF structure as EXIF has it (without JPEG's "Exif\0\0"); 1 when it
 * says nothing or nothing sensible. */
int media_exif_orientation(const unsigned char *tiff, size_t size);

#endif
