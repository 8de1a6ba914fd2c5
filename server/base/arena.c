/* arena.c - blocks in a list, the newest first; large requests get a block of their own. */
#include "plumbline/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 4096 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char data[];
};

static void die_of_hunger(void)
{
    fputs("plumbline: out of memory\n", stderr);
    abort();
}

void *must_alloc(size_t bytes)
{
    void *p = calloc(1, bytes ? bytes : 1);

    if (!p)
        die_of_hunger();
    return p;
}

void *must_realloc(void *old, size_t count, size_t size)
{
    void *p;

    if (size && count > SIZE_MAX / size)
        die_of_hunger();
    p = realloc(old, count > 0 && size > 0 ? count * size : 1);
    if (!p)
        die_of_hunger();
    return p;
}

char *must_strdup(const char *text)
{
    size_t n = strlen(text) + 1;

    return memcpy(must_alloc(n), text, n);
}

void arena_init(struct arena *a)
{
    a->head = NULL;
}

void arena_release(struct arena *a)
{
    while (a->head) {
        struct arena_block *next = a->head->next;

        free(a->head);
        a->head = next;
    }
}

static struct arena_block *block_new(size_t size)
{
    struct arena_block *b = must_alloc(sizeof *b + size);

    b->size = size;
    return b;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    struct arena_block *b = a->head;
    void *p;

    if (bytes > SIZE_MAX / 2)
        die_of_hunger();
    bytes = (bytes + align - 1) / align * align;
    if (bytes > BLOCK_BYTES / 2) { /* its own block, behind the current one, which stays in use */
        struct arena_block *own = block_new(bytes);

        own->used = bytes;
        if (b) {
            own->next = b->next;
            b->next = own;
        } else {
            a->head = own;
        }
        return own->data;
    }
    if (!b || b->size - b->used < bytes) {
        b = block_new(BLOCK_BYTES);
        b->next = a->head;
        a->head = b;
    }
    p = b->data + b->used;
    b->used += bytes;
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        die_of_hunger();
    return arena_alloc(a, count * size);
}

char *arena_strndup(struct arena *a, const char *text, size_t bytes)
{
    char *copy = arena_alloc(a, bytes + 1);

    memcpy(copy, text, bytes);
    return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
    return text ? arena_strndup(a, text, strlen(text)) : NULL;
}

char *arena_id(struct arena *a, const char *prefix, int64_t id)
{
    char digits[24], *at = digits + sizeof digits;
    uint64_t rest = (uint64_t)id;
    size_t n = strlen(prefix), size;
    char *text;

    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    size = (size_t)(digits + sizeof digits - at);
    text = arena_alloc(a, n + size + 2);
    memcpy(text, prefix, n);
    text[n] = '_';
    memcpy(text + n + 1, at, size);
    return text;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    int n;
    char *text;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        die_of_hunger();
    text = arena_alloc(a, (size_t)n + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)n + 1, format, args);
    va_end(args);
    return text;
}
