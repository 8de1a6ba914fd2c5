/* fuzz_splice.c - any bytes as a line to be spliced: no read past the end, and for a real object
 * the same members that a JSON parser finds. */
#include "../../server/exchange/splice.h"

#include <assert.h>
#include <jansson.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *object = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    struct buf out;
    size_t members;
    bool ok;

    buf_init(&out, 1 << 20);
    ok = line_splice((const char *)data, size, "l", &out, &members);
    if (json_is_object(object)) {
        json_t *rest;

        assert(ok);
        json_object_del(object, "l");
        json_object_del(object, "l-metadata");
        buf_puts(&out, "}");
        rest = json_loadb(out.data, out.size, 0, NULL);
        assert(json_equal(rest, object) && members == json_object_size(object));
        json_decref(rest);
    }
    json_decref(object);
    buf_release(&out);
    return 0;
}
