/* name_key.h - the form of a name by which two names are the same; private to store/. */
#ifndef STORE_NAME_KEY_H
#define STORE_NAME_KEY_H

#include <stdlib.h>

/* Unicode NFKC with case folding, so that "Ana", "ANA" and a full-width "Ａna" are one. The caller
 * frees. Text that is not UTF-8 is returned as it is. */
char *name_key(const char *name);

#endif
