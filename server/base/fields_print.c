/* fields_print.c - a struct as JSON text, straight from its table: what nearly every reply is made by. */
#include "plumbline/base/clock.h"
#include "plumbline/base/fields.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void print_integer(struct buf *out, int64_t value)
{
    char text[24], *at = text + sizeof text;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        *--at = '-';
    buf_add(out, at, (size_t)(text + sizeof text - at));
}

/* The shortest of the usual precisions that reads back as the same number. */
static void print_real(struct buf *out, double value)
{
    char text[40];
    int n = 0;

    if (!isfinite(value)) { /* JSON has no such number */
        buf_add(out, "null", 4);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        n = snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buf_add(out, text, (size_t)n);
    for (int i = 0; i < n; i++)
        if (text[i] == '.' || text[i] == 'e')
            return;
    buf_add(out, ".0", 2); /* clients that tell whole numbers from others see what it is */
}

static void print_time(struct buf *out, int64_t us)
{
    char text[CLOCK_TEXT_SIZE];

    buf_json_text(out, clock_text(us, text));
}

static void print_texts(struct buf *out, const struct texts *list)
{
    buf_add(out, "[", 1);
    for (size_t i = 0; i < list->n; i++) {
        if (i > 0)
            buf_add(out, ",", 1);
        buf_json_text(out, list->v[i]);
    }
    buf_add(out, "]", 1);
}

static void print_objects(struct buf *out, const struct field *f, const struct objects *list)
{
    buf_add(out, "[", 1);
    for (size_t i = 0; i < list->n; i++) {
        if (i > 0)
            buf_add(out, ",", 1);
        fields_print(f->fields, (const char *)list->v + i * f->size, out);
    }
    buf_add(out, "]", 1);
}

static void print_any(struct buf *out, const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

    buf_puts(out, text ? text : "null");
    free(text);
}

/* False: the field is left out. */
static bool is_there(const struct field *f, const void *in, const void *member)
{
    if (f->present && !*(const bool *)((const char *)in + f->present - 1))
        return false;
    switch (f->kind) {
    case FIELD_TEXT:
        return f->required || *(const char *const *)member;
    case FIELD_TIME:
        return *(const int64_t *)member != 0;
    case FIELD_ANY:
        return f->required || *(json_t *const *)member;
    default:
        return true;
    }
}

static void print_value(struct buf *out, const struct field *f, const void *member)
{
    const char *text;

    switch (f->kind) {
    case FIELD_TEXT:
        text = *(const char *const *)member;
        buf_json_text(out, text ? text : "");
        break;
    case FIELD_INT:
        print_integer(out, *(const int64_t *)member);
        break;
    case FIELD_REAL:
        print_real(out, *(const double *)member);
        break;
    case FIELD_BOOL:
        buf_puts(out, *(const bool *)member ? "true" : "false");
        break;
    case FIELD_ENUM:
        buf_json_text(out, f->choices[*(const int *)member]);
        break;
    case FIELD_TIME:
        print_time(out, *(const int64_t *)member);
        break;
    case FIELD_TEXTS:
        print_texts(out, member);
        break;
    case FIELD_ANY:
        print_any(out, *(json_t *const *)member);
        break;
    case FIELD_OBJECT:
        fields_print(f->fields, member, out);
        break;
    case FIELD_OBJECTS:
        print_objects(out, f, member);
        break;
    case FIELD_NONE:
        break;
    }
}

void fields_print(const struct field *spec, const void *in, struct buf *out)
{
    const char *before = "{\"";

    for (const struct field *f = spec; f->kind != FIELD_NONE; f++) {
        const void *member = (const char *)in + f->at;

        if (!is_there(f, in, member))
            continue;
        buf_puts(out, before);
        buf_puts(out, f->name);
        buf_add(out, "\":", 2);
        print_value(out, f, member);
        before = ",\"";
    }
    buf_puts(out, before[0] == '{' ? "{}" : "}");
}
