/* fixtures.h - pictures for the tests of media/, made by the libraries' own encoders with settings
 * that the product itself never writes (CMYK, interlaced, palette, ...). */
#ifndef FIXTURES_H
#define FIXTURES_H

#include "plumbline/base/arena.h"
#include "plumbline/media/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

/* An asymmetric picture: every corner differs, and red and green grow along the axes. */
static inline struct image fixture_picture(int width, int height, int channels)
{
    struct image p = {width, height, channels, NULL};
    unsigned char *at = p.pixels = must_alloc((size_t)width * (size_t)height * (size_t)channels);

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            *at++ = (unsigned char)(255 * x / width);
            if (channels == 3) {
                *at++ = (unsigned char)(255 * y / height);
                *at++ = x < width / 2 && y < height / 2 ? 220 : 20;
            }
        }
    return p;
}

static inline const unsigned char *fixture_pixel(const struct image *p, int x, int y)
{
    return p->pixels + ((size_t)y * (size_t)p->width + (size_t)x) * (size_t)p->channels;
}

/* Largest difference of any sample; 999 when the shapes differ. */
static inline int fixture_difference(const struct image *a, const struct image *b)
{
    int worst = 0;

    if (a->width != b->width || a->height != b->height || a->channels != b->channels)
        return 999;
    for (int i = 0; i < a->width * a->height * a->channels; i++)
        if (abs(a->pixels[i] - b->pixels[i]) > worst)
            worst = abs(a->pixels[i] - b->pixels[i]);
    return worst;
}

/* The picture as a file with this orientation stores it, straight from EXIF's words: which side of
 * the scene the 0th row and the 0th column are. */
static inline struct image fixture_stored(const struct image *scene, int orientation)
{
    static const char *const sides[9] = {"", "TL", "TR", "BR", "BL", "LT", "RT", "RB", "LB"};
    const char *side = sides[orientation];
    bool turned = orientation >= 5;
    struct image p = {turned ? scene->height : scene->width, turned ? scene->width : scene->height,
                      scene->channels, NULL};
    size_t n = (size_t)p.channels;

    p.pixels = must_alloc((size_t)p.width * (size_t)p.height * n);
    for (int r = 0; r < p.height; r++)
        for (int c = 0; c < p.width; c++) {
            int x = 0, y = 0;

            for (int i = 0; i < 2; i++) {
                int v = i == 0 ? r : c;

                switch (side[i]) {
                case 'T':
                    y = v;
                    break;
                case 'B':
                    y = scene->height - 1 - v;
                    break;
                case 'L':
                    x = v;
                    break;
                default:
                    x = scene->width - 1 - v;
                    break;
                }
            }
            memcpy(p.pixels + ((size_t)r * (size_t)p.width + (size_t)c) * n,
                   fixture_pixel(scene, x, y), n);
        }
    return p;
}

/* A TIFF structure that says nothing but the orientation; 26 bytes. */
static inline void fixture_tiff(unsigned char out[26], int orientation, bool big)
{
    static const unsigned char intel[26] = "II*\0\10\0\0\0\1\0\x12\1\3\0\1\0\0\0\0\0\0";
    static const unsigned char motorola[26] = "MM\0*\0\0\0\10\0\1\1\x12\0\3\0\0\0\1\0\0\0";

    memcpy(out, big ? motorola : intel, 26);
    out[big ? 19 : 18] = (unsigned char)orientation;
}

struct jpeg_kind {
    J_COLOR_SPACE in, stored;
    int channels;
    bool adobe, progressive;
    int orientation; /* 0: no EXIF */
    bool big_endian;
};

/* Encodes rows of `channels` samples with quality 100 and no subsampling. */
static inline void fixture_jpeg(struct buf *out, const unsigned char *pixels, int width, int height,
                                struct jpeg_kind kind)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr handlers;
    unsigned char *file = NULL, exif[32] = "Exif\0";
    unsigned long size = 0;

    jpeg.err = jpeg_std_error(&handlers);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &file, &size);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = kind.channels;
    jpeg.in_color_space = kind.in;
    jpeg_set_defaults(&jpeg);
    jpeg_set_colorspace(&jpeg, kind.stored);
    jpeg.write_Adobe_marker = kind.adobe;
    jpeg_set_quality(&jpeg, 100, TRUE);
    jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = 1;
    if (jpeg.num_components == 4)
        jpeg.comp_info[3].h_samp_factor = jpeg.comp_info[3].v_samp_factor = 1;
    if (kind.progressive)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    fixture_tiff(exif + 6, kind.orientation, kind.big_endian);
    if (kind.orientation)
        jpeg_write_marker(&jpeg, JPEG_APP0 + 1, exif, sizeof exif);
    for (int y = 0; y < height; y++) {
        JSAMPROW row = (JSAMPROW)(pixels + (size_t)y * (size_t)width * (size_t)kind.channels);

        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    buf_add(out, file, size);
    free(file);
}

struct png_kind {
    int colour, depth;
    bool interlaced;
    int orientation;  /* 0: no eXIf */
    int palette;      /* entries, with PNG_COLOR_TYPE_PALETTE: (20 i, 255 - 20 i, 10 i) */
    bool transparent; /* palette: entry 0 is; grey and RGB: the value 0 is */
};

static inline void fixture_png_bytes(png_structp png, png_bytep bytes, size_t count)
{
    buf_add(png_get_io_ptr(png), bytes, count);
}

/* Rows are packed as the file has them: depth 16 big-endian, below 8 several samples a byte. */
static inline void fixture_png(struct buf *out, const unsigned char *rows, size_t row_bytes,
                               int width, int height, struct png_kind kind)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_bytepp table = must_alloc((size_t)height * sizeof *table);
    png_color palette[256];
    png_color_16 key = {0};
    png_byte clear = 0, tiff[26];

    png_set_write_fn(png, out, fixture_png_bytes, NULL);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, kind.depth, kind.colour,
                 kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
    for (int i = 0; i < kind.palette; i++)
        palette[i] = (png_color){(png_byte)(20 * i), (png_byte)(255 - 20 * i), (png_byte)(10 * i)};
    if (kind.palette)
        png_set_PLTE(png, info, palette, kind.palette);
    if (kind.transparent)
        png_set_tRNS(png, info, kind.palette ? &clear : NULL, 1, &key);
    fixture_tiff(tiff, kind.orientation, true);
    if (kind.orientation)
        png_set_eXIf_1(png, info, sizeof tiff, tiff);
    for (int y = 0; y < height; y++)
        table[y] = (png_bytep)(rows + (size_t)y * row_bytes);
    png_set_rows(png, info, table);
    png_write_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
    png_destroy_write_struct(&png, &info);
    free(table);
}

#endif
