/* content.h - what an item shows: its text, or where its picture is. */
#ifndef PLUMBLINE_ENGINE_CONTENT_H
#define PLUMBLINE_ENGINE_CONTENT_H

#include "plumbline/engine/service.h"
#include "plumbline/store/items.h"

/* The text of a text item, from its line or from the file kept beside it; lives in the arena. */
bool content_text(struct service *s, const struct payload *p, struct arena *a, const char **text,
                  size_t *size, struct error *err);

/* The bytes that features are made of: the text, or the picture's file, fetched where it lies in a
 * bucket (then it may block for long). The caller frees. Empty for an item that has none. */
bool content_bytes(struct service *s, enum task_media media, const struct payload *p,
                   void **bytes, size_t *size, struct error *err);

/* Whether, after this error, the same call may work later. */
bool content_may_come(struct service *s, const struct payload *p, const struct error *err);

#endif
