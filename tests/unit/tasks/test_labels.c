/* test_labels.c - label sets: checks, versions, and that a class keeps its index whatever happens.
 */
#include "../check.h"

#include "plumbline/tasks/labels.h"

#include <stdlib.h>

static struct arena arena;

static bool create(const char *json, struct label_set *out, struct error *err)
{
    json_t *list = json_loads(json, 0, NULL);
    bool ok = label_set_create(list, &arena, out, err);

    json_decref(list);
    return ok;
}

static bool update(const struct label_set *old, const char *json, struct label_set *out,
                   struct error *err)
{
    json_t *list = json_loads(json, 0, NULL);
    bool ok = label_set_update(old, list, &arena, out, err);

    json_decref(list);
    return ok;
}

static const char *shown(const struct label_set *set, bool hidden)
{
    json_t *list = label_set_json(set, hidden);
    char *text = json_dumps(list, JSON_COMPACT);
    const char *kept = arena_strdup(&arena, text);

    free(text);
    json_decref(list);
    return kept;
}

static void test_create(void)
{
    struct label_set set;
    struct error err = {0};

    CHECK("a list becomes version 1",
          create("[{\"name\":\" apple \",\"hot_key\":\"1\"},"
                 "{\"name\":\"pear\\u3000\",\"color\":\"#ABCDEF\",\"description\":\"d\"}]",
                 &set, &err) &&
              set.version == 1 && set.n == 2);
    CHECK_TEXT(
        "shown with defaults", shown(&set, false),
        "[{\"id\":\"label_1\",\"name\":\"apple\",\"color\":\"#308cf6\",\"hot_key\":\"1\"},"
        "{\"id\":\"label_2\",\"name\":\"pear\",\"description\":\"d\",\"color\":\"#abcdef\"}]");
    CHECK_INT("found by name", label_set_find(&set, "pear"), 1);
    CHECK_INT("found by id", label_set_find_id(&set, "label_1"), 0);
    CHECK_INT("not found", label_set_find(&set, "Pear"), -1);
    CHECK_TEXT("the thirteenth colour is the first", label_color(12), label_color(0));
    CHECK_TEXT("the twelfth", label_color(11), "#006666");
}

static void test_refused(void)
{
    static const struct {
        const char *name, *list, *field;
    } bad[] = {
        {"one label", "[{\"name\":\"a\"}]", "labels"},
        {"no list", "{}", "labels"},
        {"no name", "[{\"name\":\"a\"},{}]", "labels[1].name"},
        {"blank name", "[{\"name\":\"a\"},{\"name\":\" \\t\"}]", "labels[1].name"},
        {"line break", "[{\"name\":\"a\"},{\"name\":\"b\\nc\"}]", "labels[1].name"},
        {"same name after trimming", "[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\" a\"}]",
         "labels[2].name"},
        {"same id", "[{\"name\":\"a\",\"id\":\"x\"},{\"name\":\"b\",\"id\":\"x\"}]",
         "labels[1].id"},
        {"colour", "[{\"name\":\"a\",\"color\":\"red\"},{\"name\":\"b\"}]", "labels[0].color"},
        {"short colour", "[{\"name\":\"a\",\"color\":\"#12345\"},{\"name\":\"b\"}]",
         "labels[0].color"},
        {"hot key", "[{\"name\":\"a\",\"hot_key\":\"10\"},{\"name\":\"b\"}]", "labels[0].hot_key"},
        {"letter key", "[{\"name\":\"a\",\"hot_key\":\"Shift+x\"},{\"name\":\"b\"}]",
         "labels[0].hot_key"},
        {"same hot key",
         "[{\"name\":\"a\",\"hot_key\":\"Shift+1\"},{\"name\":\"b\",\"hot_key\":\"Shift+1\"}]",
         "labels[1].hot_key"},
        {"unknown field", "[{\"name\":\"a\",\"colour\":\"x\"},{\"name\":\"b\"}]",
         "labels[0].colour"},
        {"hidden ones do not count", "[{\"name\":\"a\"},{\"name\":\"b\",\"hidden\":true}]",
         "labels"},
    };
    char long_name[257 * 2 + 1], *text;
    struct label_set set;

    for (size_t i = 0; i < COUNT(bad); i++) {
        struct error err = {0};

        CHECK(bad[i].name, !create(bad[i].list, &set, &err) && err.status == 422);
        CHECK_TEXT("  names the field", err.field, bad[i].field);
    }
    for (size_t i = 0; i < 257; i++)
        memcpy(long_name + 2 * i, "\xC3\xA4", 3);
    text = arena_printf(&arena, "[{\"name\":\"b\"},{\"name\":\"%s\"}]", long_name);
    CHECK("257 code points are too many", !create(text, &set, NULL));
    long_name[512] = '\0';
    text = arena_printf(&arena, "[{\"name\":\"b\"},{\"name\":\"%s\"}]", long_name);
    CHECK("256 are not", create(text, &set, NULL));
}

static bool create_many(size_t n, struct label_set *set)
{
    json_t *list = json_array();
    bool ok;

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:o}", "name", json_sprintf("c%zu", i)));
    ok = label_set_create(list, &arena, set, NULL);
    json_decref(list);
    return ok;
}

static void test_update(void)
{
    struct label_set one, two, three, back;
    struct error err = {0};
    struct buf text, again;

    create("[{\"name\":\"a\",\"hot_key\":\"1\"},{\"name\":\"b\"},{\"name\":\"c\"}]", &one, &err);
    CHECK("rename, remove, add, reorder",
          update(&one,
                 "[{\"name\":\"d\"},{\"id\":\"label_3\",\"name\":\"c2\"},"
                 "{\"id\":\"label_1\",\"name\":\"a\"}]",
                 &two, &err));
    CHECK_TEXT("classes stay where they were", shown(&two, true),
               "[{\"id\":\"label_1\",\"name\":\"a\",\"color\":\"#308cf6\"},"
               "{\"id\":\"label_2\",\"name\":\"b\",\"color\":\"#eadd24\",\"hidden\":true},"
               "{\"id\":\"label_3\",\"name\":\"c2\",\"color\":\"#9f0c54\"},"
               "{\"id\":\"label_4\",\"name\":\"d\",\"color\":\"#f48cae\"}]");
    CHECK_INT("the next version", two.version, 2);
    CHECK("a removed label comes back by its name",
          update(&two, "[{\"name\":\"b\"},{\"id\":\"label_1\",\"name\":\"a\"}]", &three, &err) &&
              !three.v[1].hidden && three.v[2].hidden && three.n == 4);
    CHECK_TEXT("  with its id", three.v[1].id, "label_2");
    CHECK("an unknown id", !update(&one, "[{\"id\":\"x\",\"name\":\"a\"}]", &three, &err));
    CHECK_TEXT("  is named", err.field, "labels[0].id");
    CHECK("a label twice", !update(&one,
                                   "[{\"id\":\"label_1\",\"name\":\"a\"},"
                                   "{\"id\":\"label_1\",\"name\":\"z\"}]",
                                   &three, &err));
    CHECK("a hidden label's name cannot be taken by another",
          !update(&two, "[{\"id\":\"label_1\",\"name\":\"b\"},{\"id\":\"label_3\",\"name\":\"c\"}]",
                  &three, &err));

    buf_init(&text, 1 << 20);
    buf_init(&again, 1 << 20);
    CHECK("frozen and thawed", label_set_freeze(&two, &text) &&
                                   label_set_thaw(text.data, text.size, &arena, &back, &err) &&
                                   label_set_freeze(&back, &again));
    CHECK_TEXT("  is the same", again.data, text.data);
    CHECK_INT("  with its version", back.version, 2);
    CHECK("cut text is refused", !label_set_thaw(text.data, text.size - 1, &arena, &back, &err));
    buf_release(&text);
    buf_release(&again);
}

int main(void)
{
    struct label_set set;

    arena_init(&arena);
    test_create();
    test_refused();
    test_update();
    CHECK("a thousand labels", create_many(1000, &set) && set.n == 1000);
    CHECK("a thousand and one", !create_many(1001, &set));
    arena_release(&arena);
    return check_done();
}
