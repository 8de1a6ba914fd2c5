/* name_key.c - names compared as people mean them. */
#include "name_key.h"

#include "plumbline/base/arena.h"

#include <utf8proc.h>

char *name_key(const char *name)
{
    utf8proc_uint8_t *key = utf8proc_NFKC_Casefold((const utf8proc_uint8_t *)name);

    return key ? (char *)key : must_strdup(name);
}
