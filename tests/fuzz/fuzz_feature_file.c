/* fuzz_feature_file.c - bytes as a feature file; every row it gives must lie inside the bytes. */
#include "plumbline/learn/feature_file.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 64, HEADER = 16 + sizeof(struct learn_extractor), CRC_AT = 12 };

static void use(const struct learn_file *f, const uint8_t *bytes, size_t size)
{
    const struct learn_rows *rows = learn_file_rows(f);

    for (size_t i = 0; i < rows->n; i++) {
        const uint8_t *at = rows->row[i].data;

        if (!at)
            continue;
        assert(at >= bytes && at + rows->row[i].n * 4 <= bytes + size);
        for (size_t k = 0; k < rows->row[i].n; k++) {
            uint32_t entry;

            memcpy(&entry, at + 4 * k, sizeof entry);
            assert(entry >> LEARN_COUNT_BITS < 1u << LEARN_TEXT_BITS);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = aligned_alloc(8, (size + 16) & ~(size_t)7);
    struct error err = {0};
    struct learn_file *f;

    memcpy(copy, data, size);
    if (size >= HEADER) { /* a header of text with the right sum, so that records are reached */
        struct learn_extractor x = learn_extractor_text();
        uint32_t crc;

        memcpy(copy, "PLFEAT1\n\0\0\0\0\0\0\0\0", 16);
        memcpy(copy + 16, &x, sizeof x);
        crc = (uint32_t)crc32_z(0, copy, HEADER);
        memcpy(copy + CRC_AT, &crc, sizeof crc);
    }
    f = learn_file_open_bytes(copy, size, ROWS, &err);
    if (f)
        use(f, copy, size);
    learn_file_close_reader(f);
    free(copy);
    return 0;
}
