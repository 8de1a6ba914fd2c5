/* buf.c - the growing buffer. */
#include "plumbline/base/buf.h"

#include "plumbline/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRINT_ROOM = 64 };

void buf_init(struct buf *b, size_t max)
{
    memset(b, 0, sizeof *b);
    b->max = max;
}

void buf_release(struct buf *b)
{
    free(b->data);
    buf_init(b, b->max);
}

void buf_clear(struct buf *b)
{
    b->size = 0;
    b->overflow = false;
    if (b->data)
        b->data[0] = '\0';
}

static bool reserve(struct buf *b, size_t more)
{
    size_t wanted;

    if (b->overflow || more > b->max || b->size > b->max - more) {
        b->overflow = true;
        return false;
    }
    if (b->capacity > b->size + more)
        return true;
    wanted = b->capacity ? b->capacity * 2 : 256;
    while (wanted < b->size + more + 1)
        wanted *= 2;
    b->data = must_realloc(b->data, wanted, 1);
    b->capacity = wanted;
    return true;
}

bool buf_add(struct buf *b, const void *bytes, size_t count)
{
    if (!reserve(b, count))
        return false;
    if (count)
        memcpy(b->data + b->size, bytes, count);
    b->size += count;
    b->data[b->size] = '\0';
    return true;
}

/* Nearly all that is printed is short: it is tried in place, and measured only when it did not fit. */
bool buf_printf(struct buf *b, const char *format, ...)
{
    size_t room = b->max - b->size < PRINT_ROOM ? b->max - b->size : PRINT_ROOM;
    va_list args;
    int n;

    if (!reserve(b, room))
        return false;
    room = b->capacity - b->size;
    va_start(args, format);
    n = vsnprintf(b->data + b->size, room, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < room && (size_t)n <= b->max - b->size) {
        b->size += (size_t)n;
        return true;
    }
    b->data[b->size] = '\0';
    if (n < 0 || !reserve(b, (size_t)n))
        return false;
    va_start(args, format);
    vsnprintf(b->data + b->size, (size_t)n + 1, format, args);
    va_end(args);
    b->size += (size_t)n;
    return true;
}

bool buf_int(struct buf *b, int64_t value)
{
    char text[24], *p = text + sizeof text;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

    do
        *--p = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *--p = '-';
    return buf_add(b, p, (size_t)(text + sizeof text - p));
}

/* printf takes ten times as long, since it works with exact integers of any length. Where the first
 * digit left out is so near to a tie that the two could differ, it is asked. */
bool buf_fixed(struct buf *b, double value, int decimals)
{
    static const double powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    double scaled = value * powers[decimals], rest;
    char text[24], *p = text + sizeof text;
    int64_t whole;

    if (!(value >= 0 && value < 1e6))
        return buf_printf(b, "%.*f", decimals, value);
    whole = (int64_t)scaled;
    rest = scaled - (double)whole;
    if (rest > 0.499 && rest < 0.501)
        return buf_printf(b, "%.*f", decimals, value);
    whole += rest > 0.5;
    for (int i = 0; i <= decimals || whole > 0; i++, whole /= 10) {
        if (i == decimals && i > 0)
            *--p = '.';
        *--p = (char)('0' + whole % 10);
    }
    return buf_add(b, p, (size_t)(text + sizeof text - p));
}

bool buf_json_text(struct buf *b, const char *utf8)
{
    const char *from = utf8;

    buf_add(b, "\"", 1);
    for (const char *p = utf8; *p; p++) {
        unsigned char c = (unsigned char)*p;

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(b, from, (size_t)(p - from));
        from = p + 1;
        if (c == '"' || c == '\\')
            buf_printf(b, "\\%c", c);
        else
            buf_printf(b, "\\u%04x", c);
    }
    buf_puts(b, from);
    return buf_add(b, "\"", 1);
}

char *buf_take(struct buf *b)
{
    char *text = b->data ? b->data : must_alloc(1);

    b->data = NULL;
    buf_init(b, b->max);
    return text;
}
