/* fuzz_task.c - any bytes as a label set, an answer, the label of a line and a class map. What is
 * accepted must survive being written and read again. */
#include "plumbline/exchange/manifest.h"
#include "plumbline/tasks/task.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void labels(json_t *list, struct arena *a)
{
    struct label_set set, back;
    struct buf text, again;

    if (!label_set_create(list, a, &set, NULL))
        return;
    buf_init(&text, 1 << 20);
    buf_init(&again, 1 << 20);
    assert(label_set_freeze(&set, &text));
    if (!label_set_thaw(text.data, text.size, a, &back, NULL) || !label_set_freeze(&back, &again))
        assert(false);
    assert(strcmp(text.data, again.data) == 0);
    if (label_set_update(&set, list, a, &back, NULL))
        assert(back.n >= set.n && back.version == 2);
    buf_release(&text);
    buf_release(&again);
}

static void answers(const struct label_set *set, json_t *answer, struct arena *a)
{
    size_t n;
    const struct task_type *const *types = task_types(&n);

    for (size_t i = 0; i < n; i++) {
        struct error err = {0};
        struct task_classes c;
        struct texts names;
        bool found;

        if (task_answer_check(types[i], set, answer, false, a, &c, &err)) {
            struct buf out;

            buf_init(&out, 1 << 16);
            assert(types[i]->multi_label ? c.n <= set->n : c.n == 1);
            assert(task_answer_json(types[i], set, &c, &out));
            buf_release(&out);
        } else {
            assert(strcmp(err.code, "answer.invalid") == 0);
        }
        task_label_parse(answer, "label", set, a, &names, &found, NULL);
        task_label_classes(types[i], set, answer, "label", a, &c, &found, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct label v[] = {{.id = "label_1", .name = "a", .color = "#000000"},
                                     {.id = "label_2", .name = "b", .color = "#ffffff"}};
    const struct label_set set = {v, 2, 1};
    struct class_map map;
    struct arena a;
    json_t *json = json_loadb((const char *)data, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    arena_init(&a);
    labels(json, &a);
    answers(&set, json, &a);
    class_map_parse((const char *)data, size, &a, &map, NULL);
    json_decref(json);
    arena_release(&a);
    return 0;
}
