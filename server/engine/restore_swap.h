/* restore_swap.h - the moment of a restore; private to engine/. See restore.c. */
#ifndef ENGINE_RESTORE_SWAP_H
#define ENGINE_RESTORE_SWAP_H

#include "plumbline/base/error.h"

#include <stdbool.h>

/* Puts the checked content of `fresh` in place of that of `data_dir`. there: a database is there and is
 * kept in `aside` (PATH_MAX bytes; "" when nothing had to be kept). The folder is locked. */
bool restore_swap(const char *fresh, const char *data_dir, bool there, char *aside,
                  struct error *err);

#endif
