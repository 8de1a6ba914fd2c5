/* The label category configuration file: what is read, and what is refused by which words. */
#include "../check.h"

#include "plumbline/exchange/label_categories.h"
#include "plumbline/exchange/template.h"
#include "plumbline/tasks/labels.h"

#include <stdlib.h>

static struct arena arena;

static bool read_file(const char *text, struct label_categories *c, struct error *err)
{
    *err = (struct error){0};
    return label_categories_read(text, strlen(text), &arena, c, err);
}

static const char *name_at(const struct label_categories *c, size_t i, const char *key)
{
    return json_string_value(json_object_get(json_array_get(c->labels, i), key));
}

static void test_read(void)
{
    struct label_categories c;
    struct label_set set;
    struct error err;

    CHECK("a plain file", read_file("{\"document-version\":\"2018-11-28\",\"labels\":"
                                    "[{\"label\":\"pear\"},{\"label\":\" apple\\u00a0\"}]}",
                                    &c, &err));
    CHECK_INT("its labels", json_array_size(c.labels), 2);
    CHECK_TEXT("in their order", name_at(&c, 0, "name"), "pear");
    CHECK_TEXT("trimmed", name_at(&c, 1, "name"), "apple");
    CHECK("no instructions", !*c.short_instructions && !*c.full_instructions && !c.short_names[0]);
    CHECK("a label set takes it", label_set_create(c.labels, &arena, &set, &err) && set.n == 2 &&
                                      label_set_find(&set, "apple") == 1);
    label_categories_release(&c);

    CHECK("display names, instructions, other version, byte order mark, keys of our own",
          read_file("\xEF\xBB\xBF{\"documentVersion\":\"2020-03-01\",\"x\":1,\"labels\":["
                    "{\"label\":\"variety\",\"shortDisplayName\":\"var\",\"fullDisplayName\":"
                    "\"Variety of apple\","
                    "\"color\":\"red\"},{\"label\":\"place\",\"fullDisplayName\":\"place\"}],"
                    "\"frameAttributes\":[],\"auditLabelAttributeName\":\"\",\"instructions\":"
                    "{\"shortInstruction\":\"<p>Mark "
                    "<b>varieties</b>.</p>\",\"fullInstruction\":\"<ul><li>Longest.</ul>\"}}",
                    &c, &err));
    CHECK_TEXT("the full name describes", name_at(&c, 0, "description"), "Variety of apple");
    CHECK("but not when it is the name", name_at(&c, 1, "description") == NULL);
    CHECK_TEXT("the short name", c.short_names[0], "var");
    CHECK_TEXT("short instructions", c.short_instructions, "Mark **varieties**.");
    CHECK_TEXT("full instructions", c.full_instructions, "- Longest.");
    label_categories_release(&c);

    CHECK("one label is enough", read_file("{\"labels\":[{\"label\":\"a\"}]}", &c, &err));
    label_categories_release(&c);
}

static void check_refused(const char *text, const char *field, const char *message)
{
    struct label_categories c;
    struct error err;

    CHECK(text, !read_file(text, &c, &err));
    CHECK_TEXT("the code", err.code, "label_categories.invalid");
    CHECK_TEXT("the field", err.field, field);
    if (message)
        CHECK_TEXT("the sentence", err.message, message);
}

static void test_refused(void)
{
    char text[1000], name[300];

    check_refused("", "", NULL);
    check_refused("{\"labels\":\n[}", "",
                  "Not valid JSON: unexpected token near '}' (line 2, column 2).");
    check_refused("[]", "", "The label category file holds one JSON object.");
    check_refused("{}", "labels", "The file needs \"labels\", a list.");
    check_refused("{\"labels\":{}}", "labels", NULL);
    check_refused("{\"labels\":[]}", "labels", "There are 1 to 1000 labels, not 0.");
    check_refused("{\"labels\":[{\"label\":\"a\"},\"b\"]}", "labels[1]", NULL);
    check_refused("{\"labels\":[{\"label\":\"a\"},{\"name\":\"b\"}]}", "labels[1].label",
                  "A label needs a name, its \"label\".");
    check_refused("{\"labels\":[{\"label\":3}]}", "labels[0].label",
                  "\"labels[0].label\" must be a text.");
    check_refused("{\"labels\":[{\"label\":\"a\\u0000b\"}]}", "labels[0].label", NULL);
    check_refused("{\"labels\":[{\"label\":\"a\\nb\"}]}", "labels[0].label", NULL);
    check_refused("{\"labels\":[{\"label\":\" \"}]}", "labels[0].label", "A label needs a name.");
    check_refused("{\"labels\":[{\"label\":\"a\"},{\"label\":\"b\"},{\"label\":\"a \"}]}",
                  "labels[2].label", "'a' is the name of labels[0] already.");
    check_refused("{\"labels\":[{\"label\":\"a\",\"shortDisplayName\":[]}]}",
                  "labels[0].shortDisplayName", NULL);
    check_refused("{\"labels\":[{\"label\":\"a\",\"categoryAttributes\":[{\"name\":\"x\"}]}]}",
                  "labels[0].categoryAttributes", NULL);
    check_refused(
        "{\"labels\":[{\"label\":\"a\"}],\"annotationType\":\"Polygon\"}", "annotationType",
        "\"annotationType\" is of video and 3D tasks; image and text tasks do not have it.");
    check_refused("{\"labels\":[{\"label\":\"a\"}],\"instructions\":\"x\"}", "instructions", NULL);
    check_refused("{\"labels\":[{\"label\":\"a\"}],\"instructions\":{\"fullInstruction\":1}}",
                  "instructions.fullInstruction", NULL);
    memset(name, 'n', 257);
    name[257] = '\0';
    snprintf(text, sizeof text, "{\"labels\":[{\"label\":\"%s\"}]}", name);
    check_refused(text, "labels[0].label",
                  "A label's name has at most 256 characters, this one 257.");
}

static void test_many(void)
{
    struct label_categories c;
    struct error err;
    char *text = malloc(50000);
    size_t at = (size_t)snprintf(text, 50000, "{\"labels\":[");

    for (int i = 0; i < 1000; i++)
        at += (size_t)snprintf(text + at, 50000 - at, "%s{\"label\":\"l%d\"}", i ? "," : "", i);
    snprintf(text + at, 50000 - at, "%s", "]}");
    CHECK("1000 labels", read_file(text, &c, &err));
    label_categories_release(&c);
    snprintf(text + at, 50000 - at, "%s", ",{\"label\":\"x\"}]}");
    CHECK("1001 are too many", !read_file(text, &c, &err));
    CHECK_TEXT("and that is said", err.message, "There are 1 to 1000 labels, not 1001.");
    free(text);
}

int main(void)
{
    arena_init(&arena);
    test_read();
    test_refused();
    test_many();
    arena_release(&arena);
    return check_done();
}
