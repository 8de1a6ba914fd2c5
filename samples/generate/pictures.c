/* pictures.c - 600 pictures of a tree, a house, a boat or a car, JPEG and PNG, 64 to 900 pixels.
 *
 *     pictures OUT-DIRECTORY [SEED]
 *
 * Writes picture-NNN.jpg or .png, pictures.jsonl (one {"id", "source-ref"} a line) and
 * pictures.truth.csv (item,label). The thing is turned, shifted, of any colour and partly hidden,
 * and stands among others' shapes; some pictures are grey, some noisy, some JPEGs are stored turned
 * and say so in EXIF, as a telephone does. The same seed gives the same bytes.
 */
#include "plumbline/base/arena.h"
#include "things.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PICTURES = 600, SIDE_MIN = 64, SIDE_MAX = 900, FILE_MAX = 16 << 20 };

static void fail(const char *path, const char *why)
{
    fprintf(stderr, "pictures: %s: %s\n", path, why);
    exit(1);
}

static struct image picture_new(struct random *r)
{
    double longer = SIDE_MIN * pow((double)SIDE_MAX / SIDE_MIN, pow(random_real(r), 1.4));
    double shorter = fmax(SIDE_MIN, longer * random_between(r, 0.62, 1));
    bool upright = random_chance(r, 0.4);
    struct image p = {(int)(upright ? shorter : longer), (int)(upright ? longer : shorter), 3,
                      NULL};

    p.pixels = must_alloc((size_t)p.width * (size_t)p.height * 3);
    return p;
}

/* A shape that means nothing: behind the thing, or in front of a part of it. */
static void draw_clutter(struct image *on, struct random *r, double size)
{
    struct colour ink = colour_random(r);
    double x = random_real(r) * on->width, y = random_real(r) * on->height;
    double scale = fmin(on->width, on->height) * size * random_between(r, 0.4, 1);
    struct pose pose = pose_make(x, y, scale, random_between(r, 0, 360), false);
    const double triangle[] = {-1, 0.8, 1, 0.8, random_between(r, -1, 1), -0.9};

    switch (random_below(r, 3)) {
    case 0:
        draw_circle(on, &pose, ink, 0, 0, 0.8);
        break;
    case 1:
        draw_rectangle(on, &pose, ink, -1, -0.5, 1, 0.5);
        break;
    default:
        draw_polygon(on, &pose, ink, triangle, 3);
        break;
    }
}

/* Mostly a sky over grass, sand or stone; sometimes anything. */
static void draw_background(struct image *on, struct random *r)
{
    struct pose whole = pose_make(0, 0, 1, 0, false);
    double horizon = random_between(r, 0.5, 0.9) * on->height;
    struct colour sky = colour_between(r, 0.5, 0.66, 0, 0.6, 0.6, 1);
    struct colour haze = colour_between(r, 0, 1, 0.15, 0.15, 0.75, 1);
    struct colour ground = colour_between(r, 0.08, 0.4, 0.05, 0.6, 0.3, 0.85);

    if (random_chance(r, 0.2)) {
        sky = colour_random(r);
        haze = colour_random(r);
        ground = colour_random(r);
    }
    draw_gradient(on, sky, haze);
    if (random_chance(r, 0.7))
        draw_rectangle(on, &whole, ground, -2, horizon, on->width + 2, on->height + 2);
    for (int n = random_below(r, 4); n > 0; n--)
        draw_clutter(on, r, 0.16);
}

static void make_grey(struct image *p)
{
    unsigned char *to = p->pixels, *from = p->pixels;

    for (int n = p->width * p->height; n > 0; n--, from += 3)
        *to++ = (unsigned char)((77 * from[0] + 150 * from[1] + 29 * from[2]) >> 8);
    p->channels = 1;
}

static struct image picture_draw(enum thing thing, struct random *r, bool clean)
{
    struct image p = picture_new(r);
    double side = fmin(p.width, p.height), scale = side * random_between(r, 0.37, 0.5);
    double room = 0.55 * (0.5 - 0.9 * scale / side);
    double x = p.width * (0.5 + room * random_between(r, -1, 1));
    double y = p.height * (0.5 + room * random_between(r, -1, 1));
    double turn = random_between(r, -10, 10);
    struct pose pose = pose_make(x, y, scale, turn, random_chance(r, 0.5));

    draw_background(&p, r);
    thing_draw(thing, &p, &pose, r);
    for (int n = random_below(r, 3); n > 0; n--)
        draw_clutter(&p, r, 0.1);
    if (!clean)
        draw_noise(&p, r, random_between(r, 0, 14));
    if (random_chance(r, 0.12))
        make_grey(&p);
    return p;
}

/* As a telephone held upright stores it: rows run down the scene's right side (orientation 6) or up
 * its left (8), or from the bottom (3). */
static void store_turned(struct image *p, int orientation)
{
    struct image out = {p->height, p->width, p->channels, NULL};
    size_t n = (size_t)p->channels;

    if (orientation == 3)
        out.width = p->width, out.height = p->height;
    out.pixels = must_alloc((size_t)p->width * (size_t)p->height * n);
    for (int row = 0; row < out.height; row++)
        for (int column = 0; column < out.width; column++) {
            int x = orientation == 3   ? p->width - 1 - column
                    : orientation == 6 ? p->width - 1 - row
                                       : row;
            int y = orientation == 3   ? p->height - 1 - row
                    : orientation == 6 ? column
                                       : p->height - 1 - column;

            memcpy(out.pixels + ((size_t)row * (size_t)out.width + (size_t)column) * n,
                   p->pixels + ((size_t)y * (size_t)p->width + (size_t)x) * n, n);
        }
    image_release(p);
    *p = out;
}

static void write_bytes(FILE *file, const char *path, const void *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, file) != size)
        fail(path, strerror(errno));
}

/* JPEG's start marker, then an APP1 segment with EXIF's orientation, then the rest. */
static void write_with_exif(FILE *file, const char *path, const struct buf *jpeg, int orientation)
{
    unsigned char head[38] = "\xff\xd8\xff\xe1\0\x22"
                             "Exif\0\0"
                             "MM\0*\0\0\0\10\0\1"
                             "\1\x12\0\3\0\0\0\1\0\0\0\0\0\0\0\0";

    head[31] = (unsigned char)orientation;
    write_bytes(file, path, head, sizeof head);
    write_bytes(file, path, jpeg->data + 2, jpeg->size - 2);
}

static void picture_write(struct image *p, const char *path, bool png, struct random *r)
{
    static const int turns[] = {3, 6, 6, 8};
    int orientation = !png && random_chance(r, 0.2) ? turns[random_below(r, 4)] : 1;
    struct error err = {0};
    struct buf bytes;
    FILE *file;

    buf_init(&bytes, FILE_MAX);
    if (orientation != 1)
        store_turned(p, orientation);
    if (!(png ? image_write_png(p, &bytes, &err)
              : image_write_jpeg(p, 60 + random_below(r, 35), &bytes, &err)))
        fail(path, err.message);
    file = fopen(path, "wb");
    if (!file)
        fail(path, strerror(errno));
    if (orientation != 1)
        write_with_exif(file, path, &bytes, orientation);
    else
        write_bytes(file, path, bytes.data, bytes.size);
    if (fclose(file) != 0)
        fail(path, strerror(errno));
    buf_release(&bytes);
}

static FILE *create(const char *folder, const char *name)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "wb");
    if (!file)
        fail(path, strerror(errno));
    return file;
}

int main(int argc, char **argv)
{
    struct random r = {argc > 2 ? strtoull(argv[2], NULL, 10) : 1};
    FILE *items, *truth;

    if (argc < 2) {
        fprintf(stderr, "usage: pictures OUT-DIRECTORY [SEED]\n");
        return 2;
    }
    items = create(argv[1], "pictures.jsonl");
    truth = create(argv[1], "pictures.truth.csv");
    fputs("item,label\n", truth);
    for (int i = 0; i < PICTURES; i++) {
        enum thing thing = (enum thing)random_below(&r, THINGS);
        bool png = random_chance(&r, 0.4); /* lossless noise would only be large: mostly clean */
        struct image p = picture_draw(thing, &r, png && random_chance(&r, 0.9));
        char path[4096];

        snprintf(path, sizeof path, "%s/picture-%03d.%s", argv[1], i, png ? "png" : "jpg");
        picture_write(&p, path, png, &r);
        image_release(&p);
        fprintf(items, "{\"id\":\"picture-%03d\",\"source-ref\":\"picture-%03d.%s\"}\n", i, i,
                png ? "png" : "jpg");
        fprintf(truth, "picture-%03d,%s\n", i, thing_names[thing]);
    }
    return fclose(items) != 0 || fclose(truth) != 0;
}
