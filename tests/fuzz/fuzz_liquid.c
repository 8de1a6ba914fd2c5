/* fuzz_liquid.c - any bytes as a template, and as the input of a task: rendered within the limits,
 * into valid UTF-8, with an error entry whenever something was left out; the same bytes twice. */
#include "plumbline/aws/liquid.h"
#include "plumbline/base/utf8.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUTPUT_MAX = 1 << 16 };

static char *granted(void *ctx, const char *uri)
{
    (void)ctx;
    return strlen(uri) % 2 ? strdup("https://host/a?b=c&d") : NULL;
}

static bool render(const char *p, size_t size, struct buf *out, json_t *errors)
{
    static const char input[] =
        "{\"a\":[1,2.5,\"x<y\",null,true,{\"b-c\":\"d\",\"0\":[[]]}],\"s\":\"s3://b/k\","
        "\"labels\":[\"one\",\"two & three\"],\"t\":\"\\u00e9 word word\"}";
    struct liquid_options options = {.grant_read_access = granted,
                                     .now = 1000000000,
                                     .output_max = OUTPUT_MAX,
                                     .steps_max = 100000};
    const char *split = memchr(p, '\0', size);

    if (split) /* the template, then its input */
        return liquid_render_task(p, (size_t)(split - p), split + 1, size - (size_t)(split - p) - 1,
                                  &options, out, errors);
    return liquid_render_task(p, size, input, sizeof input - 1, &options, out, errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *errors = json_array(), *again = json_array();
    struct buf out, second;
    bool ok;

    buf_init(&out, 1 << 20);
    buf_init(&second, 1 << 20);
    ok = render((const char *)data, size, &out, errors);
    assert(ok == (json_array_size(errors) == 0));
    assert(json_array_size(errors) <= LIQUID_ERRORS_MAX + 1);
    assert(out.size <= OUTPUT_MAX && !out.overflow);
    assert(utf8_is_valid(out.data ? out.data : "", out.size));
    render((const char *)data, size, &second, again);
    assert(json_equal(errors, again) && out.size == second.size);
    assert(out.size == 0 || memcmp(out.data, second.data, out.size) == 0);
    buf_release(&out);
    buf_release(&second);
    json_decref(errors);
    json_decref(again);
    return 0;
}
