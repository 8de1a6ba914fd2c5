/* import_fetch.h - an import's source is brought from a bucket to DIR/uploads; private to engine/. */
#ifndef ENGINE_IMPORT_FETCH_H
#define ENGINE_IMPORT_FETCH_H

#include "plumbline/engine/service.h"
#include "plumbline/store/transfers.h"

/* Whether the row's source is in a bucket. */
bool import_is_remote(const struct import_row *row);

/* Makes row->path: the object, or, where the URI ends in '/', a manifest of the objects below it
 * that suit the job. Does nothing when it is there. Broken off it goes on where it was, as long as
 * the object is the same. `told` is called now and then. 422 source.invalid, 409 source.changed
 * (after lines of it were read), 503 import.interrupted (the service stops), errors of blob/s3.h
 * and base/disk.h. */
bool import_fetch(struct service *s, const struct import_row *row, enum task_media media,
                  void (*told)(void *context), void *context, struct error *err);

/* The object that a source-ref of the manifest leads to: s3://bucket/key, in the arena. `base` is
 * the manifest's own URI, or NULL: then a path leads nowhere, 422 line.file. 422 line.scheme for
 * what is in no bucket that can be read. */
bool import_object(struct service *s, const char *base, const char *ref, struct arena *a,
                   const char **uri, struct error *err);

#endif
