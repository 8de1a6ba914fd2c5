/* buf.h - a growing byte buffer, born with its maximum size.
 *
 * Invariants: data is NULL or holds `size` bytes followed by a NUL; size <= max. A write that would
 * pass max sets `overflow` and changes nothing else; check it once at the end. Memory that the
 * system refuses ends the process.
 */
#ifndef PLUMBLINE_BASE_BUF_H
#define PLUMBLINE_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
    char  *data;
    size_t size, capacity, max;
    bool   overflow;
};

void  buf_init(struct buf *b, size_t max); /* no allocation, cannot fail        */
void  buf_release(struct buf *b);          /* frees the content, not b          */
void  buf_clear(struct buf *b);            /* size 0, keeps the memory          */
bool  buf_add(struct buf *b, const void *bytes, size_t count); /* false: overflow */
bool  buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool  buf_int(struct buf *b, int64_t value); /* decimal */
bool  buf_fixed(struct buf *b, double value, int decimals); /* as "%.*f" writes it, up to 6 decimals */
bool  buf_json_text(struct buf *b, const char *utf8); /* as a quoted JSON string    */
char *buf_take(struct buf *b); /* the content, NUL-terminated, now the caller's to free; b is empty */

/* Here, so that the length of a constant is known when it is compiled. */
static inline bool buf_puts(struct buf *b, const char *text)
{
    return buf_add(b, text, strlen(text));
}

#endif
