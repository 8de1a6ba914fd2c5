/* fuzz_splice.c - any bytes as a line to be spliced: no read past the end, and for a real object
 * the same members that a JSON parser finds; likewise for members looked up by name. */
#include "../../server/exchange/splice.h"

#include <assert.h>
#include <jansson.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A member is found where the parser has one, and its bytes mean the same. */
static void check_members(const uint8_t *data, size_t size, const json_t *object)
{
    struct member m[] = {{.name = "l"}, {.name = "source"}, {.name = "id"}};
    bool ok = line_members((const char *)data, size, m, 3);

    for (int i = 0; json_is_object(object) && i < 3; i++) {
        json_t *wanted = json_object_get(object, m[i].name), *got;

        assert(ok && (m[i].value != NULL) == (wanted != NULL));
        if (!wanted)
            continue;
        got = json_loadb(m[i].value, m[i].size, JSON_DECODE_ANY, NULL);
        assert(json_equal(got, wanted));
        json_decref(got);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *object = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    struct buf out;
    size_t members;
    bool ok;

    buf_init(&out, 1 << 20);
    check_members(data, size, object);
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
