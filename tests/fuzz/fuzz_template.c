/* fuzz_template.c - any bytes as a worker template and as HTML for Markdown: read or refused with a
 * reason; what comes out is UTF-8 within its limit, and says the same when it is read again. */
#include "plumbline/base/utf8.h"
#include "plumbline/exchange/template.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    assert(utf8_is_valid(text, strlen(text)));
    assert(utf8_length(text, strlen(text)) <= TEMPLATE_MARKDOWN_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct worker_template t, again;
    struct error err = {0};
    struct arena a;
    char *text;

    arena_init(&a);
    if (worker_template_read((const char *)data, size, &a, &t, &err)) {
        text = worker_template_instructions(&t, &a);
        check_text(text);
        check_text(t.header);
        for (size_t i = 0; i < t.label_count; i++)
            assert(*t.labels[i]);
        assert(worker_template_read((const char *)data, size, &a, &again, &err));
        assert(strcmp(text, worker_template_instructions(&again, &a)) == 0);
    } else {
        assert(err.status == 422 && strncmp(err.code, "template.", 9) == 0 && *err.message);
    }
    text = html_to_markdown((const char *)data, size, &a, &err);
    if (text)
        check_text(text);
    arena_release(&a);
    return 0;
}
