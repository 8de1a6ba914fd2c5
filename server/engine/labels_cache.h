/* labels_cache.h - label sets by (job, version), parsed once; private to engine/. Versions are
 * frozen, so an entry is never wrong. */
#ifndef ENGINE_LABELS_CACHE_H
#define ENGINE_LABELS_CACHE_H

struct label_cache;

struct label_cache *label_cache_new(void);
void                label_cache_free(struct label_cache *c); /* NULL is fine */

#endif
