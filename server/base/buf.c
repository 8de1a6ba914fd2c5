/* buf.c - the growing buffer. */
#include "plumbline/base/buf.h"

#include "plumbline/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

bool buf_puts(struct buf *b, const char *text)
{
    return buf_add(b, text, strlen(text));
}

bool buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0 || !reserve(b, (size_t)n))
        return false;
    va_start(args, format);
    vsnprintf(b->data + b->size, (size_t)n + 1, format, args);
    va_end(args);
    b->size += (size_t)n;
    return true;
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
