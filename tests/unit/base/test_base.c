/* test_base.c - arena, buffer, UTF-8, clock and the JSON field tables. */
#include "../check.h"
#include "plumbline/base/arena.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/fields.h"
#include "plumbline/base/utf8.h"

#include <stdlib.h>

static void test_memory(void)
{
    struct arena a;
    struct buf b;
    char *big;

    arena_init(&a);
    big = arena_alloc(&a, 100000);
    big[99999] = 1;
    CHECK_TEXT("arena_printf", arena_printf(&a, "%d-%s", 7, "x"), "7-x");
    CHECK("aligned", (size_t)arena_alloc(&a, 3) % 16 == 0);
    arena_release(&a);

    buf_init(&b, 8);
    CHECK("fits", buf_puts(&b, "12345678"));
    CHECK("overflow is refused", !buf_puts(&b, "9") && b.overflow && b.size == 8);
    buf_release(&b);
    buf_init(&b, 100);
    buf_json_text(&b, "a\"b\\c\n\xc3\xa9");
    CHECK_TEXT("JSON text", b.data, "\"a\\\"b\\\\c\\u000a\xc3\xa9\"");
    buf_release(&b);
}

static void test_utf8(void)
{
    static const struct { const char *name, *text; size_t prefix; } cases[] = {
        {"ASCII", "plain text of some length", 25},
        {"emoji", "\xf0\x9f\x91\x8d ok", 7},
        {"overlong", "ab\xc0\x80", 2},
        {"surrogate", "a\xed\xa0\x80", 1},
        {"too large", "\xf4\x90\x80\x80", 0},
        {"cut", "abc\xe2\x82", 3},
        {"lone continuation", "\x80", 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        CHECK_INT(cases[i].name, utf8_valid_prefix(cases[i].text, strlen(cases[i].text)),
                  cases[i].prefix);
    CHECK_INT("code points", utf8_length("\xf0\x9f\x91\x8dx\xc3\xa9", 7), 3);
    CHECK_INT("offset", utf8_offset("\xf0\x9f\x91\x8dx\xc3\xa9", 7, 2), 5);
}

struct sample {
    const char *name;
    int64_t count;
    bool counted;
    double share;
    int colour;
    struct texts tags;
};

static const char *const colours[] = {"red", "green", NULL};
static const struct field sample_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct sample, name), .required = true,
     .min = 1, .max = 5},
    {.name = "count", .kind = FIELD_INT, .at = offsetof(struct sample, count),
     .present = AT(struct sample, counted), .min = 1, .max = 9},
    {.name = "share", .kind = FIELD_REAL, .at = offsetof(struct sample, share), .max = 1},
    {.name = "colour", .kind = FIELD_ENUM, .at = offsetof(struct sample, colour),
     .choices = colours},
    {.name = "tags", .kind = FIELD_TEXTS, .at = offsetof(struct sample, tags), .max = 2},
    FIELD_END};

/* Printed straight or by way of JSON values, it is the same. */
static void check_printed(json_t *tree, const struct sample *s)
{
    struct buf text;
    json_t *back;

    buf_init(&text, 65536);
    fields_print(sample_fields, s, &text);
    back = json_loads(text.data, 0, NULL);
    CHECK("printed straight it is the same", back && json_equal(back, tree));
    json_decref(back);
    buf_release(&text);
}

static const struct field number_fields[] = {
    {.name = "n", .kind = FIELD_REAL, .at = 0}, FIELD_END};

static void test_numbers(void)
{
    static const struct {
        double      n;
        const char *text;
    } cases[] = {{0.1, "{\"n\":0.1}"}, {3, "{\"n\":3.0}"}, {1e300, "{\"n\":1e+300}"},
                 {1.0 / 3, "{\"n\":0.3333333333333333}"}, {0.1 + 0.2, "{\"n\":0.30000000000000004}"},
                 {-0.5, "{\"n\":-0.5}"}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf text;

        buf_init(&text, 100);
        fields_print(number_fields, &cases[i].n, &text);
        CHECK_TEXT("a number has as many digits as it needs", text.data, cases[i].text);
        buf_release(&text);
    }
}

static void test_fields(void)
{
    static const struct { const char *name, *body, *code, *field; } cases[] = {
        {"good", "{\"name\":\"\xc3\xa9t\xc3\xa9\",\"count\":3,\"tags\":[\"a\"]}", "", ""},
        {"missing", "{}", "field.invalid", "name"},
        {"empty", "{\"name\":\"\"}", "field.invalid", "name"},
        {"too long", "{\"name\":\"abcdef\"}", "field.invalid", "name"},
        {"wrong type", "{\"name\":7}", "field.invalid", "name"},
        {"unknown", "{\"name\":\"a\",\"nmae\":1}", "field.invalid", "nmae"},
        {"out of range", "{\"name\":\"a\",\"count\":10}", "field.invalid", "count"},
        {"real for int", "{\"name\":\"a\",\"count\":1.5}", "field.invalid", "count"},
        {"bad choice", "{\"name\":\"a\",\"colour\":\"blue\"}", "field.invalid", "colour"},
        {"list too long", "{\"name\":\"a\",\"tags\":[\"a\",\"b\",\"c\"]}", "field.invalid", "tags"},
        {"list entry", "{\"name\":\"a\",\"tags\":[\"a\",2]}", "field.invalid", "tags[1]"},
        {"NUL", "{\"name\":\"a\\u0000b\"}", "field.invalid", "name"},
        {"not an object", "[1]", "field.invalid", ""},
        {"not JSON", "{", "json.malformed", ""},
        {"not UTF-8", "{\"name\":\"\xff\"}", "json.malformed", ""},
        {"twice", "{\"name\":\"a\",\"name\":\"b\"}", "json.malformed", ""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error err = {0};
        struct sample s = {0};
        struct arena a;
        json_t *root;

        arena_init(&a);
        root = json_parse(cases[i].body, strlen(cases[i].body), &err);
        if (root)
            fields_read(sample_fields, root, &s, &a, &err);
        CHECK_TEXT(cases[i].name, err.code, cases[i].code);
        CHECK_TEXT(cases[i].name, err.field, cases[i].field);
        if (!*err.code) {
            json_t *again = fields_write(sample_fields, &s);

            CHECK("present is set", s.counted && s.count == 3);
            CHECK_INT("writes what it read", json_integer_value(json_object_get(again, "count")), 3);
            check_printed(again, &s);
            json_decref(again);
        }
        json_decref(root);
        arena_release(&a);
    }
}

int main(void)
{
    char text[CLOCK_TEXT_SIZE];

    test_memory();
    test_utf8();
    test_fields();
    test_numbers();
    CHECK_TEXT("RFC 3339", clock_text(1793607330120000, text), "2026-11-02T08:15:30.120Z");
    CHECK_TEXT("manifest time", clock_text_manifest(1793607330120000, text),
               "2026-11-02T08:15:30.120000");
    return check_done();
}
