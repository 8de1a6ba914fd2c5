/* fuzz_image.c - any bytes as a picture: probed, decoded full and scaled. Small pictures only, so
 * that a round is short. */
#include "plumbline/media/image.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PIXELS_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int sides[] = {0, 20};
    struct image_info info;
    struct error err = {0};

    if (!image_probe_within(data, size, PIXELS_MAX, &info, &err)) {
        assert(err.status == 422 && err.message[0]);
        return 0;
    }
    assert(info.width > 0 && info.height > 0 && info.orientation >= 1 && info.orientation <= 8);
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        struct image out;

        if (image_decode_within(data, size, sides[i], PIXELS_MAX, &out, &err)) {
            assert(sides[i] ? out.width <= 20 && out.height <= 20 : out.width == info.width);
            assert(out.channels == 1 || out.channels == 3);
        } else {
            assert(err.status == 422 && !out.pixels);
        }
        image_release(&out);
    }
    return 0;
}
