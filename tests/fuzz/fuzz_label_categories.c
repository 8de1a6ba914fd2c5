/* fuzz_label_categories.c - any bytes as a label category file: read, and then a label set takes
 * it, or refused with a reason. */
#include "plumbline/exchange/label_categories.h"
#include "plumbline/tasks/labels.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct label_categories c;
    struct error err = {0};
    struct label_set set;
    struct arena a;

    arena_init(&a);
    if (label_categories_read((const char *)data, size, &a, &c, &err)) {
        size_t n = json_array_size(c.labels);

        assert(n >= 1 && n <= LABELS_MAX && c.short_instructions && c.full_instructions);
        assert(n < LABELS_MIN || (label_set_create(c.labels, &a, &set, &err) && set.n == n));
        label_categories_release(&c);
    } else {
        assert(err.status == 422 && strcmp(err.code, "label_categories.invalid") == 0);
    }
    arena_release(&a);
    return 0;
}
