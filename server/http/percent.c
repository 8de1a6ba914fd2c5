/* percent.c - %41 and query strings.
 *
 * What comes out is always UTF-8 without control characters, so no later code meets a NUL in the
 * middle of a name or a line break in a log line. RFC 3986 2.1 for the escapes; the plus sign as
 * space is the HTML form encoding and holds in queries only.
 */
#include "internal.h"

#include "plumbline/base/utf8.h"

#include <string.h>

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool percent_decode(char *text, size_t size, bool plus_is_space)
{
    size_t out = 0;

    for (size_t i = 0; i < size; i++) {
        char c = text[i];

        if (c == '%') {
            if (size - i < 3 || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0)
                return false;
            c = (char)(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if ((unsigned char)c < 0x20 || c == 0x7f)
            return false;
        text[out++] = c;
    }
    text[out] = '\0';
    return utf8_is_valid(text, out);
}

bool query_next(char **rest, const char **name, const char **value, bool *bad)
{
    char *pair, *end, *equals;

    *bad = false;
    do { /* "a=1&&b=2": an empty pair is nothing */
        pair = *rest;
        if (!pair || !*pair)
            return false;
        end = pair + strcspn(pair, "&");
        *rest = *end ? end + 1 : end;
    } while (end == pair);
    *end = '\0';
    equals = strchr(pair, '=');
    if (equals)
        *equals = '\0';
    *name = pair;
    *value = equals ? equals + 1 : end;
    *bad = !percent_decode(pair, strlen(pair), true) ||
           (equals && !percent_decode(equals + 1, strlen(equals + 1), true));
    return !*bad;
}
