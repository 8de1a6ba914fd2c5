/* exports.h - the files of finished exports. */
#ifndef PLUMBLINE_ENGINE_EXPORTS_H
#define PLUMBLINE_ENGINE_EXPORTS_H

#include "plumbline/engine/service.h"
#include "plumbline/store/transfers.h"

/* Opens a finished export's file; the caller closes *fd. 404 export.gone when it was removed. */
bool exports_open(const struct service *s, const struct export_row *row, int *fd,
                  struct error *err);

#endif
