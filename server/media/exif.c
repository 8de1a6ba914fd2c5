/* exif.c - the one thing that is read of EXIF: which way is up.
 *
 * EXIF (CIPA DC-008) is a TIFF file inside the picture: a byte order, an offset to the first
 * directory, and in it entries of 12 bytes: tag, type, count, value. */
#include "formats.h"

#include <string.h>

enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, ENTRY_SIZE = 12 };

static unsigned read_2(const unsigned char *p, bool big)
{
    return big ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static uint32_t read_4(const unsigned char *p, bool big)
{
    uint32_t first = read_2(p, big), second = read_2(p + 2, big);

    return big ? first << 16 | second : second << 16 | first;
}

int media_exif_orientation(const unsigned char *tiff, size_t size)
{
    size_t at, count;
    bool big;

    if (size < 8 || (memcmp(tiff, "II*\0", 4) != 0 && memcmp(tiff, "MM\0*", 4) != 0))
        return 1;
    big = tiff[0] == 'M';
    at = read_4(tiff + 4, big);
    if (at > size - 2)
        return 1;
    count = read_2(tiff + at, big);
    at += 2;
    for (size_t i = 0; i < count && size - at >= ENTRY_SIZE; i++, at += ENTRY_SIZE) {
        unsigned value;

        if (read_2(tiff + at, big) != TAG_ORIENTATION || read_2(tiff + at + 2, big) != TYPE_SHORT)
            continue;
        value = read_2(tiff + at + 8, big);
        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}
