/* test_pump.c - everything arrives, in order and hashed, by one thread or two; and a sink that fails is
 * heard of, whenever it fails. */
#include "../../../server/exchange/pump.h"
#include "../check.h"
#include "plumbline/base/arena.h"

#include <stdlib.h>

struct drain {
    char  *bytes;
    size_t size;
    int    writes, fail_at; /* 0: never */
};

static bool take(void *ctx, const void *bytes, size_t size, struct error *err)
{
    struct drain *d = ctx;

    if (++d->writes == d->fail_at)
        return error_set(err, 507, "storage.full", "", "No room for piece %d.", d->writes);
    memcpy(d->bytes + d->size, bytes, size);
    d->size += size;
    return true;
}

static void hash(const char *bytes, size_t size, char out[SHA256_TEXT_SIZE])
{
    struct sha256 *sha = sha256_new();

    sha256_add(sha, bytes, size);
    sha256_text(sha, out);
    sha256_free(sha);
}

/* In pieces of all sizes, from one byte to more than all blocks together. */
static void test_size(size_t size)
{
    char *all = must_alloc(size + 1), got[SHA256_TEXT_SIZE], wanted[SHA256_TEXT_SIZE];
    struct drain d = {.bytes = must_alloc(size + 1)};
    struct export_sink sink = {&d, take};
    struct error err = {0};
    size_t piece = 1, left = size;
    int64_t bytes = -1;
    struct pump p;

    for (size_t i = 0; i < size; i++)
        all[i] = (char)(i * 31 + i / 251);
    pump_init(&p, &sink);
    while (left > 0) {
        size_t n = piece < left ? piece : left;

        CHECK("put", pump_put(&p, all + size - left, n, &err));
        left -= n;
        piece = piece > (3 << 20) ? 1 : piece * 3 + 1;
    }
    CHECK("finish", pump_finish(&p, &bytes, got, &err));
    pump_release(&p);
    hash(all, size, wanted);
    CHECK_TEXT("the digest", got, wanted);
    CHECK("the bytes", (size_t)bytes == size && d.size == size && memcmp(all, d.bytes, size) == 0);
    free(all);
    free(d.bytes);
}

static void test_failure(int fail_at, int blocks)
{
    struct drain d = {.bytes = must_alloc((size_t)blocks * PUMP_BLOCK), .fail_at = fail_at};
    struct export_sink sink = {&d, take};
    char *block = must_alloc(PUMP_BLOCK), sha[SHA256_TEXT_SIZE];
    struct error err = {0};
    bool ok = true;
    int64_t bytes;
    struct pump p;

    pump_init(&p, &sink);
    for (int i = 0; ok && i < blocks; i++)
        ok = pump_put(&p, block, PUMP_BLOCK, &err);
    ok = ok && pump_finish(&p, &bytes, sha, &err);
    pump_release(&p);
    CHECK("the sink's failure is told", !ok && err.status == 507 &&
                                            strstr(err.message, "No room for piece") != NULL);
    CHECK_INT("nothing is written behind it", d.size, (fail_at - 1) * PUMP_BLOCK);
    free(block);
    free(d.bytes);
}

int main(void)
{
    test_size(0);
    test_size(100);
    test_size(PUMP_BLOCK);
    test_size(PUMP_BLOCK + 1);
    test_size((PUMP_BLOCKS + 3) * PUMP_BLOCK + 77);
    test_size(20 << 20);
    for (int at = 1; at <= 12; at++)
        test_failure(at, 12);
    return check_done();
}
