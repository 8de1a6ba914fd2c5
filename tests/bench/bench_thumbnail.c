/* bench_thumbnail.c - a thumbnail of a 12-megapixel JPEG, against libjpeg's scaled decoding alone.
 *
 * The picture is made up here. The yardstick decodes it at the smallest of libjpeg's scales that is
 * still as large as the thumbnail, and throws the pixels away: no resampling, no encoding. Prints
 * one line of JSON: CPU milliseconds of both, medians of alternating runs. */
#include "plumbline/base/buf.h"
#include "plumbline/base/clock.h"
#include "plumbline/media/image.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

enum { WIDTH = 4000, HEIGHT = 3000, RUNS = 9 };

static void make_picture(struct buf *out)
{
    struct image image = {.width = WIDTH, .height = HEIGHT, .channels = 3};
    struct error err = {0};
    uint32_t noise = 1;

    image.pixels = malloc((size_t)WIDTH * HEIGHT * 3);
    if (!image.pixels)
        exit(1);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            unsigned char *p = image.pixels + ((size_t)y * WIDTH + (size_t)x) * 3;

            noise = noise * 1664525 + 1013904223;
            p[0] = (unsigned char)(110 + 90 * sin(x * 0.01) + (double)(noise >> 28));
            p[1] = (unsigned char)(110 + 90 * sin(y * 0.013) + (double)(noise >> 28));
            p[2] = (unsigned char)(110 + 90 * sin((x + y) * 0.007));
        }
    }
    if (!image_write_jpeg(&image, 90, out, &err)) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    image_release(&image);
}

static void decode_scaled(const struct buf *jpeg, int side)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr errors;
    JSAMPROW row;

    d.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, (const unsigned char *)jpeg->data, jpeg->size);
    jpeg_read_header(&d, TRUE);
    d.scale_denom = 8;
    for (d.scale_num = 1; d.image_width * d.scale_num / 8 < (unsigned)side; d.scale_num++)
        ;
    jpeg_start_decompress(&d);
    row = malloc((size_t)d.output_width * 3);
    if (!row)
        exit(1);
    while (d.output_scanline < d.output_height)
        jpeg_read_scanlines(&d, &row, 1);
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
    free(row);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(void)
{
    double ours[RUNS], bare[RUNS];
    struct buf jpeg, thumbnail;

    buf_init(&jpeg, 64 << 20);
    make_picture(&jpeg);
    for (int i = 0; i < RUNS; i++) {
        struct error err = {0};
        double start = clock_cpu_seconds();

        buf_init(&thumbnail, 1 << 20);
        if (!image_thumbnail(jpeg.data, jpeg.size, IMAGE_THUMBNAIL_SIDE, &thumbnail, &err)) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
        buf_release(&thumbnail);
        ours[i] = (clock_cpu_seconds() - start) * 1e3;
        start = clock_cpu_seconds();
        decode_scaled(&jpeg, IMAGE_THUMBNAIL_SIDE);
        bare[i] = (clock_cpu_seconds() - start) * 1e3;
    }
    buf_release(&jpeg);
    qsort(ours, RUNS, sizeof *ours, ascending);
    qsort(bare, RUNS, sizeof *bare, ascending);
    printf("{\"media.thumbnail\": {\"value\": %.2f, \"unit\": \"ms\", \"yardstick\": %.2f, "
           "\"ratio\": %.3f}}\n", ours[RUNS / 2], bare[RUNS / 2], ours[RUNS / 2] / bare[RUNS / 2]);
    return 0;
}
