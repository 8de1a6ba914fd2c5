/* exports.h - the files of finished exports. */
#ifndef PLUMBLINE_ENGINE_EXPORTS_H
#define PLUMBLINE_ENGINE_EXPORTS_H

#include "plumbline/engine/service.h"
#include "plumbline/store/transfers.h"

/* Opens a finished export's file; the caller closes *fd. 404 export.gone when it was removed. */
bool exports_open(const struct service *s, const struct export_row *row, int *fd,
                  struct error *err);

/* Where an export of that format goes that is to go to `to`: as an object it is `to` itself or, where
 * that is a bucket or ends in a slash, a file in it named after the job; a tree goes below it. In the
 * arena; 422 s3.uri with field "to". */
bool exports_destination(struct service *s, const char *to, int format, const char *job,
                         struct arena *a, const char **uri, struct error *err);

#endif
