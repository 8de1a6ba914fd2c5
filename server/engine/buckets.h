/* buckets.h - how the buckets that are read from have been lately; private to engine/. */
#ifndef ENGINE_BUCKETS_H
#define ENGINE_BUCKETS_H

#include "plumbline/base/error.h"

#include <stdint.h>

struct buckets;
struct buckets *buckets_new(void);
void            buckets_free(struct buckets *b); /* NULL is fine */

/* True while the bucket of s3://bucket/… rests; *err is why. */
bool buckets_rests(struct buckets *b, const char *uri, struct error *err);
/* What became of a call: err->status 0 is success. */
void buckets_tell(struct buckets *b, const char *uri, const struct error *err);

bool buckets_worked(struct buckets *b, const char *uri); /* within the last ten minutes */
bool buckets_troubled(struct buckets *b, const char *uri); /* when last it was asked */
int  buckets_seconds_left(struct buckets *b, const char *uri); /* of its rest, at least 1 */

#endif
