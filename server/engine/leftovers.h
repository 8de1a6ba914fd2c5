/* leftovers.h - tidying up after a crash; private to engine/. */
#ifndef ENGINE_LEFTOVERS_H
#define ENGINE_LEFTOVERS_H

#include "plumbline/engine/service.h"

/* For the moment when the folder is locked and nothing runs yet. */
bool leftovers_remove(const struct service *s, struct error *err);

#endif
