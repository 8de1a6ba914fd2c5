/* picture_decode.c - an image file to the small square the dictionary works on. */
#include "plumbline/learn/picture.h"

#include "plumbline/media/image.h"

#include <string.h>

bool learn_picture_decode(const struct learn_extractor *x, const void *bytes, size_t size,
                          unsigned char *pixels, struct error *err)
{
    struct image decoded = {0}, small = {0};
    int side = (int)x->side;
    size_t n = (size_t)x->side * x->side;

    /* Twice the side is enough to average from; decoding to that is several times cheaper. */
    if (!image_decode(bytes, size, 2 * side, &decoded, err))
        return false;
    if (decoded.width == side && decoded.height == side) {
        small = decoded;
        decoded = (struct image){0};
    } else {
        image_resize(&decoded, side, side, &small);
    }
    if (small.channels == 3) {
        memcpy(pixels, small.pixels, 3 * n);
    } else {
        for (size_t i = 0; i < n; i++)
            memset(pixels + 3 * i, small.pixels[i], 3);
    }
    image_release(&decoded);
    image_release(&small);
    return true;
}
