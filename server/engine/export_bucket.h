/* export_bucket.h - a finished export on its way into a bucket; private to engine/. */
#ifndef ENGINE_EXPORT_BUCKET_H
#define ENGINE_EXPORT_BUCKET_H

#include "plumbline/engine/service.h"

/* Sends the file at `path` (of export format `format`) to the URI: one object, or the files of a tree
 * below it, output.manifest last. Errors of blob/s3.h, after the client's own retries. */
bool export_bucket_put(struct service *s, const char *path, int format, const char *uri,
                       struct error *err);

#endif
