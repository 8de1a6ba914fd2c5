/* test_image.c - pictures of every kind that browsers show come out upright, scaled and right. */
#include "../check.h"
#include "fixtures.h"

enum { FILE_MAX = 64 << 20 };

static struct image decode(const struct buf *file, int max_side)
{
    struct error err = {0};
    struct image out = {0};

    if (!image_decode(file->data, file->size, max_side, &out, &err))
        printf("# decode: %s: %s\n", err.code, err.message);
    return out;
}

static double mean_difference(const struct image *a, const struct image *b)
{
    int n = a->width * a->height * a->channels;
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += abs(a->pixels[i] - b->pixels[i]);
    return sum / n;
}

static void test_round_trip(void)
{
    struct error err = {0};

    for (int channels = 1; channels <= 3; channels += 2) {
        struct image in = fixture_picture(67, 41, channels), out;
        struct buf file;

        buf_init(&file, FILE_MAX);
        CHECK("PNG is written", image_write_png(&in, &file, &err));
        out = decode(&file, 0);
        CHECK_INT("PNG is lossless", fixture_difference(&in, &out), 0);
        image_release(&out);
        buf_clear(&file);
        CHECK("JPEG is written", image_write_jpeg(&in, 95, &file, &err));
        out = decode(&file, 0);
        CHECK("JPEG is close", mean_difference(&in, &out) < 3);
        CHECK_NEAR("JPEG in the middle", fixture_pixel(&out, 50, 30)[0],
                   fixture_pixel(&in, 50, 30)[0], 4);
        image_release(&out);
        buf_release(&file);
        image_release(&in);
    }
}

static void test_write_limits(void)
{
    struct image in = fixture_picture(300, 300, 3), wide = {70000, 1, 1, NULL};
    struct error err = {0};
    struct buf file;

    buf_init(&file, 50);
    buf_puts(&file, "kept");
    CHECK("JPEG too large for the buffer", !image_write_jpeg(&in, 90, &file, &err));
    CHECK_TEXT("its code", err.code, "image.too_large");
    CHECK_TEXT("what was in the buffer stays", file.data, "kept");
    file.overflow = false;
    CHECK("PNG too large for the buffer", !image_write_png(&in, &file, &err));
    CHECK_TEXT("and stays again", file.data, "kept");
    wide.pixels = must_alloc(70000);
    CHECK("JPEG's sides end at 65500", !image_write_jpeg(&wide, 90, &file, &err));
    CHECK_TEXT("side code", err.code, "image.too_large");
    image_release(&wide);
    image_release(&in);
    buf_release(&file);
}

/* One orientation in both formats, both byte orders, full and scaled. */
static void test_orientation(int orientation)
{
    struct image scene = fixture_picture(48, 32, 3), stored = fixture_stored(&scene, orientation);
    struct image half, out;
    struct image_info info;
    struct buf file;
    struct error err = {0};

    image_resize(&scene, 24, 16, &half);
    buf_init(&file, FILE_MAX);
    for (int big = 0; big < 2; big++) {
        buf_clear(&file);
        fixture_jpeg(&file, stored.pixels, stored.width, stored.height,
                     (struct jpeg_kind){JCS_RGB, JCS_YCbCr, 3, false, false, orientation, big});
        CHECK("probe", image_probe(file.data, file.size, &info, &err));
        CHECK_INT("orientation", info.orientation, orientation);
        CHECK("upright size", info.width == 48 && info.height == 32);
        CHECK_INT("stored width", info.stored_width, orientation >= 5 ? 32 : 48);
        out = decode(&file, 0);
        CHECK("JPEG is upright", fixture_difference(&scene, &out) <= 6);
        image_release(&out);
        out = decode(&file, 24);
        CHECK("JPEG scaled is upright", fixture_difference(&half, &out) <= 30);
        image_release(&out);
    }
    buf_clear(&file);
    fixture_png(&file, stored.pixels, (size_t)stored.width * 3, stored.width, stored.height,
                (struct png_kind){.colour = PNG_COLOR_TYPE_RGB,
                                  .depth = 8,
                                  .interlaced = orientation % 2,
                                  .orientation = orientation});
    out = decode(&file, 0);
    CHECK_INT("PNG is upright", fixture_difference(&scene, &out), 0);
    image_release(&out);
    out = decode(&file, 24);
    CHECK_INT("PNG scaled is upright", fixture_difference(&half, &out), 0);
    image_release(&out);
    buf_release(&file);
    image_release(&half);
    image_release(&stored);
    image_release(&scene);
}

static void test_cmyk(void)
{
    /* Inks C M Y K where 255 is full: cyan, half black, orange. */
    static const struct {
        unsigned char ink[4], rgb[3];
    } cases[] = {
        {{255, 0, 0, 0}, {0, 255, 255}},
        {{0, 0, 0, 128}, {127, 127, 127}},
        {{0, 100, 255, 20}, {235, 143, 0}},
    };
    static const struct {
        const char *name;
        J_COLOR_SPACE stored;
        bool adobe;
    } kinds[] = {
        {"CMYK without Adobe", JCS_CMYK, false},
        {"CMYK of Adobe", JCS_CMYK, true},
        {"YCCK of Adobe", JCS_YCCK, true},
    };

    for (size_t k = 0; k < COUNT(kinds); k++)
        for (size_t i = 0; i < COUNT(cases); i++) {
            unsigned char pixels[16 * 16 * 4];
            struct buf file;
            struct image out;

            for (size_t j = 0; j < sizeof pixels; j++)
                pixels[j] = (unsigned char)(kinds[k].adobe ? 255 - cases[i].ink[j % 4]
                                                           : cases[i].ink[j % 4]);
            buf_init(&file, FILE_MAX);
            fixture_jpeg(
                &file, pixels, 16, 16,
                (struct jpeg_kind){JCS_CMYK, kinds[k].stored, 4, kinds[k].adobe, false, 0, false});
            for (int side = 0; side <= 8; side += 8) {
                out = decode(&file, side);
                CHECK_INT(kinds[k].name, out.channels, 3);
                for (int c = 0; c < 3 && out.pixels; c++)
                    CHECK_NEAR(kinds[k].name, fixture_pixel(&out, 5, 5)[c], cases[i].rgb[c], 3);
                image_release(&out);
            }
            buf_release(&file);
        }
}

/* Each row: a PNG of 2 x 1 pixels, and what must come out. */
static void test_png_kinds(void)
{
    static const struct {
        const char *name;
        struct png_kind kind;
        unsigned char row[16];
        int channels, want[6];
    } cases[] = {
        {"grey 16 bit",
         {PNG_COLOR_TYPE_GRAY, 16, false, 0, 0, false},
         {0x80, 0x00, 0xFF, 0xFF},
         1,
         {128, 255}},
        {"RGB 16 bit",
         {PNG_COLOR_TYPE_RGB, 16, false, 0, 0, false},
         {0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0x10, 0x10, 0, 0x40, 0, 0xC0},
         3,
         {0, 127, 255, 16, 0, 1}},
        {"grey and alpha",
         {PNG_COLOR_TYPE_GRAY_ALPHA, 8, false, 0, 0, false},
         {0, 0, 100, 128},
         1,
         {255, 177}},
        {"RGB and alpha",
         {PNG_COLOR_TYPE_RGB_ALPHA, 8, false, 0, 0, false},
         {10, 20, 30, 255, 0, 255, 0, 51},
         3,
         {10, 20, 30, 204, 255, 204}},
        {"RGB and alpha, 16 bit",
         {PNG_COLOR_TYPE_RGB_ALPHA, 16, false, 0, 0, false},
         {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 255, 255},
         3,
         {255, 255, 255, 1, 2, 3}},
        {"palette 8 bit",
         {PNG_COLOR_TYPE_PALETTE, 8, false, 0, 5, false},
         {1, 4},
         3,
         {20, 235, 10, 80, 175, 40}},
        {"palette 2 bit",
         {PNG_COLOR_TYPE_PALETTE, 2, false, 0, 4, false},
         {0x40 | 0x30},
         3,
         {20, 235, 10, 60, 195, 30}},
        {"palette with a clear entry",
         {PNG_COLOR_TYPE_PALETTE, 8, false, 0, 5, true},
         {0, 1},
         3,
         {255, 255, 255, 20, 235, 10}},
        {"grey 1 bit", {PNG_COLOR_TYPE_GRAY, 1, false, 0, 0, false}, {0x40}, 1, {0, 255}},
        {"grey 4 bit", {PNG_COLOR_TYPE_GRAY, 4, false, 0, 0, false}, {0x3F}, 1, {51, 255}},
        {"grey with a clear value",
         {PNG_COLOR_TYPE_GRAY, 8, false, 0, 0, true},
         {0, 7},
         1,
         {255, 7}},
        {"RGB with a clear value",
         {PNG_COLOR_TYPE_RGB, 8, false, 0, 0, true},
         {0, 0, 0, 0, 0, 1},
         3,
         {255, 255, 255, 0, 0, 1}},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        for (int interlaced = 0; interlaced < 2; interlaced++) {
            struct png_kind kind = cases[i].kind;
            struct buf file;
            struct image out;

            kind.interlaced = interlaced;
            buf_init(&file, FILE_MAX);
            fixture_png(&file, cases[i].row, 16, 2, 1, kind);
            out = decode(&file, 0);
            CHECK_INT(cases[i].name, out.channels, cases[i].channels);
            for (int j = 0; out.pixels && j < 2 * cases[i].channels; j++)
                CHECK_INT(cases[i].name, out.pixels[j], cases[i].want[j]);
            image_release(&out);
            buf_release(&file);
        }
}

/* Adam7 leaves out whole passes of small pictures; scaled it comes in any order. */
static void test_interlaced(void)
{
    int wrong = 0;

    for (int w = 1; w <= 17; w++)
        for (int h = 1; h <= 17; h++) {
            struct image in = fixture_picture(w, h, 3), plain, woven;
            struct buf a, b;

            buf_init(&a, FILE_MAX);
            buf_init(&b, FILE_MAX);
            fixture_png(&a, in.pixels, (size_t)w * 3, w, h,
                        (struct png_kind){.colour = PNG_COLOR_TYPE_RGB, .depth = 8});
            fixture_png(
                &b, in.pixels, (size_t)w * 3, w, h,
                (struct png_kind){.colour = PNG_COLOR_TYPE_RGB, .depth = 8, .interlaced = true});
            for (int side = 0; side <= 10; side += 5) {
                plain = decode(&a, side);
                woven = decode(&b, side);
                wrong += !plain.pixels || fixture_difference(&plain, &woven) != 0;
                image_release(&plain);
                image_release(&woven);
            }
            image_release(&in);
            buf_release(&a);
            buf_release(&b);
        }
    CHECK_INT("interlaced equals plain in every small size", wrong, 0);
}

static void test_resize(void)
{
    static const int sizes[][2] = {{1, 1}, {7, 5}, {13, 40}, {100, 1}, {64, 48}, {200, 150}};
    struct image in = fixture_picture(64, 48, 1), out, flat = fixture_picture(30, 20, 3);
    unsigned char four[] = {10, 20, 30, 41, 50, 61, 70, 80};
    struct image small = {4, 2, 1, four};
    double mean = 0;

    for (int i = 0; i < 64 * 48; i++)
        mean += in.pixels[i] / (64.0 * 48.0);
    memset(flat.pixels, 77, 30 * 20 * 3);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        double got = 0;
        int n = sizes[i][0] * sizes[i][1], off = 0;

        image_resize(&in, sizes[i][0], sizes[i][1], &out);
        for (int j = 0; j < n; j++)
            got += (double)out.pixels[j] / n;
        CHECK_NEAR("the mean stays", got, mean, 0.51);
        image_release(&out);
        image_resize(&flat, sizes[i][0], sizes[i][1], &out);
        for (int j = 0; j < 3 * n; j++)
            off += out.pixels[j] != 77;
        CHECK_INT("a flat picture stays flat", off, 0);
        image_release(&out);
    }
    image_resize(&small, 2, 1, &out);
    CHECK("halved by hand", out.pixels[0] == 35 && out.pixels[1] == 55);
    image_release(&out);
    image_resize(&small, 3, 1, &out); /* weights 3:1, 2:2, 1:3 of two rows */
    CHECK("4 to 3 by hand", out.pixels[0] == 33 && out.pixels[1] == 45 && out.pixels[2] == 58);
    image_release(&out);
    image_resize(&small, 4, 2, &out);
    CHECK_INT("same size is a copy", fixture_difference(&small, &out), 0);
    image_release(&out);
    image_release(&in);
    image_release(&flat);
}

static void test_scaled(void)
{
    static const struct {
        int w, h, side, tw, th;
    } cases[] = {
        {640, 480, 160, 160, 120}, {480, 640, 160, 120, 160}, {640, 480, 639, 639, 479},
        {100, 80, 160, 100, 80},   {2000, 3, 100, 100, 1},    {641, 333, 77, 77, 40},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct image in = fixture_picture(cases[i].w, cases[i].h, 3), want, out;
        struct error err = {0};
        struct buf file, small;

        buf_init(&file, FILE_MAX);
        buf_init(&small, FILE_MAX);
        image_resize(&in, cases[i].tw, cases[i].th, &want);
        image_write_png(&in, &file, &err);
        out = decode(&file, cases[i].side);
        CHECK_INT("PNG scaled while read equals resized", fixture_difference(&want, &out), 0);
        image_release(&out);
        CHECK("thumbnail", image_thumbnail(file.data, file.size, cases[i].side, &small, &err));
        out = decode(&small, 0);
        CHECK("its size", out.width == cases[i].tw && out.height == cases[i].th);
        image_release(&out);
        for (int progressive = 0; progressive < 2; progressive++) {
            buf_clear(&file);
            fixture_jpeg(&file, in.pixels, in.width, in.height,
                         (struct jpeg_kind){JCS_RGB, JCS_YCbCr, 3, false, progressive, 0, false});
            out = decode(&file, cases[i].side);
            CHECK("JPEG scaled has the size",
                  out.width == cases[i].tw && out.height == cases[i].th);
            if (out.pixels)
                CHECK_NEAR("and the colour", fixture_pixel(&out, out.width * 3 / 4, 0)[0],
                           fixture_pixel(&want, out.width * 3 / 4, 0)[0], 4);
            image_release(&out);
        }
        buf_release(&file);
        buf_release(&small);
        image_release(&in);
        image_release(&want);
    }
}

int main(void)
{
    test_round_trip();
    test_write_limits();
    for (int orientation = 1; orientation <= 8; orientation++)
        test_orientation(orientation);
    test_cmyk();
    test_png_kinds();
    test_interlaced();
    test_resize();
    test_scaled();
    return check_done();
}
