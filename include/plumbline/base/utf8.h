/* utf8.h - text as it arrives from outside. Offsets given to people and stored are in Unicode code
 * points; bytes are only a matter of this room. */
#ifndef PLUMBLINE_BASE_UTF8_H
#define PLUMBLINE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Byte offset of the first byte that is not valid UTF-8 (overlong forms, surrogates and values over
 * U+10FFFF are invalid), or `size` when all is well. */
size_t utf8_valid_prefix(const char *text, size_t size);
bool   utf8_is_valid(const char *text, size_t size);

/* Code points in valid UTF-8. */
size_t utf8_length(const char *text, size_t size);

/* Byte offset of code point number `index` in valid UTF-8, `size` when past the end. */
size_t utf8_offset(const char *text, size_t size, size_t index);

#endif
