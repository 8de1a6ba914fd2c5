/* fuzz_media_reply.c - any bytes as the answer of the picture decoder. */
#include "plumbline/media/child.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct media_reply reply;
    struct error err = {0};

    if (!media_reply_decode(data, size, &reply, &err))
        assert(err.status == 502);
    else if (!reply.ok)
        assert(reply.error.status >= 400);
    else
        assert(reply.info.width > 0 && reply.thumbnail.size > 0);
    media_reply_release(&reply);
    return 0;
}
