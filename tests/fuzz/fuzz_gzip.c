/* fuzz_gzip.c - a manifest that may be gzipped, from a file: bad bytes are told, never fatal. */
#include "plumbline/exchange/manifest.h"

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool on_item(void *ctx, const struct manifest_item *item, struct error *err)
{
    int64_t *consumed = ctx;

    (void)err;
    assert(item->consumed >= *consumed);
    *consumed = item->consumed;
    return true;
}

static bool on_bad(void *ctx, const struct manifest_bad *bad, struct error *err)
{
    (void)ctx, (void)err;
    assert(bad->message[0] != '\0');
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t consumed = 0;
    struct manifest_sink sink = {&consumed, on_item, on_bad};
    struct manifest_options options = {.line_max = 200, .text_max = 100};
    struct error err = {0};
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    assert(fd >= 0 && write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
    if (manifest_read_fd(fd, "lines.jsonl.gz", &options, &sink, NULL, &err))
        assert(consumed <= (int64_t)size);
    else
        assert(err.status == 422);
    close(fd);
    return 0;
}
