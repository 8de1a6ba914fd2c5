/* fetch.h - pictures of open items are fetched ahead of people; private to engine/. */
#ifndef ENGINE_FETCH_H
#define ENGINE_FETCH_H

#include "plumbline/engine/service.h"

void *fetch_new(void);
void  fetch_free(void *own); /* NULL is fine */

/* Fetches some; false when there is nothing to fetch now. */
bool fetch_next(struct service *s, void *own);

#endif
