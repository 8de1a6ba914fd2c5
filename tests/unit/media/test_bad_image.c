/* test_bad_image.c - what is no picture, or only half of one, or a bomb, is refused with a reason.
 */
#include "../check.h"
#include "fixtures.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILE_MAX = 64 << 20 };

static void test_unknown(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } cases[] = {
        {"", 0, "empty"},
        {"GIF89a\1\0\1\0", 10, "a GIF"},
        {"RIFF\x10\0\0\0WEBPVP8 ", 16, "a WebP"},
        {"\0\0\0\x1c"
         "ftypavif\0",
         13, "an AVIF"},
        {"BM\x36\0\0\0\0\0", 8, "a BMP"},
        {"II*\0\10\0\0\0", 8, "a TIFF"},
        {"%PDF-1.7\n", 9, "a PDF"},
        {"  \n<!DOCTYPE HTML><title>", 25, "an HTML page"},
        {"<html><body>404", 15, "an HTML page"},
        {"<svg xmlns=", 11, "an SVG"},
        {"{\"error\":1}", 11, "JSON"},
        {"\x89PNG\n\x1a\n\0\0\0", 10, "line ends"},
        {"hello, world", 12, "\"hello, world\""},
        {"\1\2\3", 3, "bytes 01 02 03"},
        {"\xff\xd8", 2, "bytes ff d8"},
        {"\x89PNG", 4, "bytes 89 50 4e 47"},
    };
    struct image_info info;
    struct image out;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error err = {0};

        CHECK("refused", !image_probe(cases[i].bytes, cases[i].size, &info, &err));
        CHECK_TEXT("code", err.code, "image.unknown");
        CHECK_INT("status", err.status, 422);
        if (!CHECK(cases[i].says, strstr(err.message, cases[i].says) != NULL))
            printf("# says: %s\n", err.message);
        CHECK("not decoded either", !image_decode(cases[i].bytes, cases[i].size, 0, &out, &err));
    }
}

/* Every beginning of a good file is an error, and never a picture. */
static void test_truncated(const char *name, const struct buf *file)
{
    int decoded = 0, other = 0;

    for (size_t size = 0; size < file->size; size++) {
        unsigned char *copy = must_alloc(size); /* of its exact size, for the sanitizer */
        struct error err = {0};
        struct image out;

        memcpy(copy, file->data, size);
        for (int side = 0; side <= 16; side += 16) {
            if (image_decode(copy, size, side, &out, &err))
                decoded++;
            else if (strcmp(err.code, size < 8 ? err.code : "image.broken") != 0)
                other++;
            image_release(&out);
        }
        free(copy);
    }
    CHECK_INT(name, decoded, 0);
    CHECK_INT("all are image.broken", other, 0);
}

static void test_all_truncated(void)
{
    struct image in = fixture_picture(40, 24, 3);
    struct error err = {0};
    struct buf file;

    buf_init(&file, FILE_MAX);
    image_write_jpeg(&in, 50, &file, &err);
    test_truncated("no part of a JPEG is a picture", &file);
    buf_clear(&file);
    fixture_jpeg(&file, in.pixels, in.width, in.height,
                 (struct jpeg_kind){JCS_RGB, JCS_YCbCr, 3, false, true, 6, false});
    test_truncated("no part of a progressive JPEG is a picture", &file);
    buf_clear(&file);
    image_write_png(&in, &file, &err);
    test_truncated("no part of a PNG is a picture", &file);
    buf_clear(&file);
    fixture_png(&file, in.pixels, 120, 40, 24,
                (struct png_kind){.colour = PNG_COLOR_TYPE_RGB, .depth = 8, .interlaced = true});
    test_truncated("no part of an interlaced PNG is a picture", &file);
    image_release(&in);
    buf_release(&file);
}

/* Cut in the middle and closed with an end marker: libjpeg would paint the rest grey. */
static void test_cut_and_closed(void)
{
    struct image in = fixture_picture(200, 200, 3), out;
    struct error err = {0};
    struct buf file;

    buf_init(&file, FILE_MAX);
    image_write_jpeg(&in, 80, &file, &err);
    file.size /= 2;
    buf_add(&file, "\xff\xd9", 2);
    CHECK("cut and closed", !image_decode(file.data, file.size, 0, &out, &err));
    CHECK_TEXT("code", err.code, "image.broken");
    CHECK("no pixels are left", out.pixels == NULL);
    image_release(&in);
    buf_release(&file);
}

static void put_be(unsigned char *p, unsigned value, int count)
{
    for (int i = 0; i < count; i++)
        p[i] = (unsigned char)(value >> 8 * (count - 1 - i));
}

static void test_bombs(void)
{
    static const struct {
        unsigned w, h;
        const char *code, *says;
    } cases[] = {
        {60000, 60000, "image.too_large", "60000 x 60000"},
        {2147483647, 2147483647, "image.too_large", "2147483647 x 2147483647"},
        {4294967295u, 1, "image.too_large", "4294967295 x 1"},
        {40000001, 1, "image.too_large", "limit of 40.0 megapixels"},
        {0, 5, "image.broken", "0 x 5"},
    };
    unsigned char png[45] = "\x89PNG\r\n\x1a\n\0\0\0\15IHDR";
    struct image in = fixture_picture(16, 16, 1), out;
    struct image_info info;
    struct error err;
    struct buf file;

    png[24] = 8;
    for (size_t i = 0; i < COUNT(cases); i++) {
        memset(&err, 0, sizeof err);
        put_be(png + 16, cases[i].w, 4);
        put_be(png + 20, cases[i].h, 4);
        CHECK("PNG bomb", !image_decode(png, sizeof png, 160, &out, &err));
        CHECK_TEXT("code", err.code, cases[i].code);
        if (!CHECK(cases[i].says, strstr(err.message, cases[i].says) != NULL))
            printf("# says: %s\n", err.message);
    }
    buf_init(&file, FILE_MAX);
    image_write_jpeg(&in, 80, &file, &err);
    for (size_t i = 0; i + 9 < file.size; i++)
        if (memcmp(file.data + i, "\xff\xc0\0", 3) == 0)
            put_be((unsigned char *)file.data + i + 5, 60000u << 16 | 60000u, 4);
    CHECK("JPEG bomb", !image_probe(file.data, file.size, &info, &err));
    CHECK_TEXT("its code", err.code, "image.too_large");
    CHECK("its size is named", strstr(err.message, "60000 x 60000") != NULL);
    buf_clear(&file);
    image_write_png(&in, &file, &err);
    CHECK("a limit of one's own", !image_probe_within(file.data, file.size, 255, &info, &err));
    CHECK("just within it", image_probe_within(file.data, file.size, 256, &info, &err));
    image_release(&in);
    buf_release(&file);
}

/* A progressive file with one of its scans repeated: each costs a pass over the picture. It is the
 * one that gives the lowest bit of the means (spectrum 0 to 0, bit 1 to 0): a bit a block, whatever
 * came before, so that the file stays without fault. */
static void test_scans(void)
{
    static const char head[] = "\xff\xda\0\10\1\1\0\0\0\20";
    struct image in = fixture_picture(32, 32, 1), out;
    struct error err = {0};
    struct buf file, many;
    size_t from = 0, to;

    buf_init(&file, FILE_MAX);
    buf_init(&many, FILE_MAX);
    fixture_jpeg(&file, in.pixels, 32, 32,
                 (struct jpeg_kind){JCS_GRAYSCALE, JCS_GRAYSCALE, 1, false, true, 0, false});
    while (from + 10 < file.size && memcmp(file.data + from, head, 10) != 0)
        from++;
    for (to = from + 2; to + 1 < file.size; to++)
        if (file.data[to] == '\xff' && file.data[to + 1] != 0)
            break;
    for (int extra = 50; extra <= 150; extra += 100) {
        buf_clear(&many);
        buf_add(&many, file.data, to);
        for (int i = 0; i < extra; i++)
            buf_add(&many, file.data + from, to - from);
        buf_add(&many, file.data + to, file.size - to);
        CHECK_INT("50 scans more pass, 150 do not",
                  image_decode(many.data, many.size, 0, &out, &err), extra == 50);
        image_release(&out);
    }
    if (!CHECK("and the reason is named", strstr(err.message, "scans") != NULL))
        printf("# says: %s\n", err.message);
    buf_release(&file);
    buf_release(&many);
    image_release(&in);
}

/* Peak memory in KB that a thumbnail of `file` adds, measured in a process of its own. */
static long thumbnail_peak(const struct buf *file)
{
    int channel[2];
    long peak = -1;
    pid_t child;

    if (pipe(channel) != 0)
        return -1;
    child = fork();
    if (child == 0) {
        struct rusage before, after;
        struct buf small;
        bool ok;

        buf_init(&small, FILE_MAX);
        getrusage(RUSAGE_SELF, &before);
        ok = image_thumbnail(file->data, file->size, 160, &small, NULL);
        getrusage(RUSAGE_SELF, &after);
        peak = ok ? after.ru_maxrss - before.ru_maxrss : -1;
        _exit(write(channel[1], &peak, sizeof peak) != sizeof peak);
    }
    if (child < 0 || read(channel[0], &peak, sizeof peak) != sizeof peak)
        peak = -1;
    close(channel[0]);
    close(channel[1]);
    waitpid(child, NULL, 0);
    return peak;
}

static void test_memory(void)
{
    enum { SIDE = 4000 }; /* 48 MB of pixels */
    size_t row = (size_t)SIDE * 3;
    unsigned char *pixels = must_alloc(SIDE * row);

    for (int interlaced = 0; interlaced < 2; interlaced++) {
        struct buf file;
        long peak;

        buf_init(&file, FILE_MAX);
        fixture_png(
            &file, pixels, row, SIDE, SIDE,
            (struct png_kind){.colour = PNG_COLOR_TYPE_RGB, .depth = 8, .interlaced = interlaced});
        peak = thumbnail_peak(&file);
        printf("# a thumbnail of 16 megapixels takes %ld KB\n", peak);
        CHECK("memory stays flat", peak >= 0 && peak < 16 * 1024);
        buf_release(&file);
    }
    free(pixels);
}

int main(void)
{
    test_memory(); /* first, while the process is small */
    test_unknown();
    test_all_truncated();
    test_cut_and_closed();
    test_bombs();
    test_scans();
    return check_done();
}
