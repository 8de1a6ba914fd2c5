/* fuzz_learn_model.c - bytes as a model; what is accepted must predict and write itself again. The
 * checksum would keep the fuzzer out, so the harness sets it right. */
#include "plumbline/learn/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CRC_AT = 12, SIZE_AT = 16, BODY_AT = 24 };

static void use(const struct learn_model *m)
{
    static const uint32_t entries[] = {1 << LEARN_COUNT_BITS | 1, 900 << LEARN_COUNT_BITS | 3};
    const struct learn_extractor *x = learn_model_extractor(m);
    struct learn_row row = {.data = entries, .n = 2};
    float *p = calloc(learn_model_classes(m), sizeof *p);
    float *v = calloc(x->kind == LEARN_TEXT ? 1 : x->columns, sizeof *v);
    struct buf again;

    if (x->kind != LEARN_TEXT)
        row = (struct learn_row){.data = v, .n = x->columns};
    learn_model_predict(m, &row, p);
    buf_init(&again, (size_t)1 << 30);
    assert(learn_model_write(m, &again));
    buf_release(&again);
    free(v);
    free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    struct error err = {0};
    struct learn_model *m;

    memcpy(copy, data, size);
    if (size >= BODY_AT) {
        uint32_t crc = (uint32_t)crc32_z(0, copy + BODY_AT, size - BODY_AT);
        uint64_t whole = size;

        memcpy(copy + CRC_AT, &crc, sizeof crc);
        memcpy(copy + SIZE_AT, &whole, sizeof whole);
        memcpy(copy, "PLMODEL1\1\0\0\0", CRC_AT);
    }
    m = learn_model_read(copy, size, &err);
    if (m)
        use(m);
    else
        assert(err.status == 422);
    learn_model_free(m);
    free(copy);
    return 0;
}
